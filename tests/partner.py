"""A partner's endpoint, with the faults that real ones have: down, slow, answering 500, or twice."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

OK, GONE = "HTTP/1.1 204 No Content", "HTTP/1.1 410 Gone"


@dataclass
class Endpoint:
    """What it answers next, one word a request (the last one stays): `ok`, `500`, `503 60`, `410`, `302`, `hang`,
    `drip`, `drop`, `twice`; and what it was sent.
    """

    url: str = ""
    answers: list[str] = field(default_factory=lambda: ["ok"])
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def answer_to(self, line: socket.socket) -> None:
        request = _read(line)
        if request is None:
            return
        self.got.append(request)
        word = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if word == "drip":
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(30):
                line.sendall(b"x")
                time.sleep(0.2)
        elif word == "hang":
            time.sleep(3)
        elif word != "drop":
            line.sendall(_written(word))


def _read(line: socket.socket) -> tuple[dict[str, str], str] | None:
    received = b""
    while b"\r\n\r\n" not in received:
        more = line.recv(65536)
        if not more:
            return None
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    pairs = (one.split(": ", 1) for one in head.decode().split("\r\n")[1:])
    headers = {name.lower(): value for name, value in pairs}
    while len(body) < int(headers.get("content-length", "0")):
        body += line.recv(65536)
    return headers, body.decode()


def _written(word: str) -> bytes:
    status, _, more = word.partition(" ")
    first = {"ok": OK, "twice": OK, "410": GONE}.get(status, f"HTTP/1.1 {status} Said")
    extra = f"Retry-After: {more}\r\n" if more else ""
    extra += "Location: https://elsewhere.example/\r\n" if status == "302" else ""
    whole = f"{first}\r\n{extra}Content-Length: 0\r\n\r\n" if first != OK else f"{first}\r\n{extra}\r\n"
    return whole.encode() * (2 if word == "twice" else 1)


@contextmanager
def an_endpoint() -> Iterator[Endpoint]:
    """One on loopback, a thread a request."""
    endpoint = Endpoint()
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint.url = f"http://127.0.0.1:{server.getsockname()[1]}/hooks"

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    threading.Thread(target=answer, args=(line,), daemon=True).start()

        def answer(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError):
                endpoint.answer_to(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield endpoint
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
