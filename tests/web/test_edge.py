"""The server behind nothing: it trusts no header about the line, redirects nobody, and keeps its limits."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.served import Served, a_served


@pytest.fixture
def served(sqlite_files: Any) -> Iterator[Served]:
    with sqlite_files.fresh() as url, a_served(url) as running:
        yield running


def said_to(served: Served, text: bytes) -> bytes:
    """What comes back for these bytes, until the line ends or rests."""
    host, port = served.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=3) as line:
        line.sendall(text)
        answer = b""
        try:
            while data := line.recv(65536):
                answer += data
                if b"\r\n\r\n" in answer:
                    break
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_nobody_is_taken_for_another_by_a_forwarded_header(served: Served, header: str) -> None:
    """Who asks is who is at the end of the line: this machine reads metrics, whatever it says that it is."""
    value = "for=203.0.113.9" if header == "Forwarded" else "203.0.113.9"
    assert served.client.get("/metrics", headers={header: value}).status_code == 200


def test_a_forwarded_scheme_or_host_changes_no_answer(served: Served) -> None:
    plain = served.client.get("/healthz")
    told = served.client.get("/healthz", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
    assert (told.status_code, told.text) == (plain.status_code, plain.text)


@pytest.mark.parametrize("path", ["/v1/alerts/", "/v1/events/", "/healthz/", "//healthz", "/v1//alerts"])
def test_a_slash_too_many_is_404_and_no_redirect(served: Served, path: str) -> None:
    answer = said_to(served, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.split(b"\r\n")[0] == b"HTTP/1.1 404 Not Found"
    assert b"location:" not in answer.lower()


@pytest.mark.parametrize(
    "head",
    [
        b"X-Long: " + b"x" * 70_000 + b"\r\n",
        b"".join(b"X-%d: x\r\n" % number for number in range(20_000)),
        b"Authorization: Bearer " + b"x" * 70_000 + b"\r\n",
        b"Bad Header\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: gzip\r\n",
    ],
    ids=["a long one", "many", "a long token", "none at all", "a length below nothing", "an unknown encoding"],
)
def test_headers_beyond_reason_are_refused_and_the_service_goes_on(served: Served, head: bytes) -> None:
    answer = said_to(served, b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
    assert answer.split(b" ")[1:2] in ([b"400"], [b"431"], [b"501"]), answer[:100]
    assert served.client.get("/healthz").status_code == 200


def test_no_answer_says_what_serves_it(served: Served) -> None:
    assert "server" not in served.client.get("/healthz").headers
    assert "x-powered-by" not in served.client.get("/healthz").headers
