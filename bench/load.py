"""A load over keep-alive connections, as a process of its own: what it costs is not the service's.

Reads from standard input one JSON object `{"host", "port", "method", "path", "token", "connections", "seconds",
"matching", "lines", "look_up"}` and prints `{"answers": {status: count}, "seconds", "latencies_ms": [sorted]}`. With
`lines`, each request is a batch of so many events; with `look_up`, a look-up.
"""

import asyncio
import json
import sys
import time
from itertools import count
from typing import Any

NUMBERS = 20_000


def number_of(index: int) -> str:
    """A number that is marked (the first 20,000), or none that is."""
    return f"+4477009{index:05}" if index < NUMBERS else f"+4477119{index % NUMBERS:05}"


def parts_of(index: int, matching: int) -> dict[str, Any]:
    """A number and an address: one in `matching` is a marked number."""
    marked = matching and index % matching == 0
    number = number_of(index % NUMBERS if marked else NUMBERS + index)
    return {
        "phones": [{"number": number, "role": "caller"}],
        "locations": [{"role": "caller", "address": f"{index % 300 + 1} Example Street", "postcode": "LS1 4DS"}],
    }


def event_of(index: int, matching: int) -> dict[str, Any]:
    """An event that is a call of its own."""
    head = {
        "source": "bench", "id": f"{time.time_ns()}-{index}", "type": "call", "call": f"B-{time.time_ns()}",
        "occurred_at": "2026-11-24T10:15:00Z",
    }  # fmt: skip
    return head | parts_of(index, matching)


def body_of(index: int, matching: int) -> bytes:
    """An event's body."""
    return json.dumps(event_of(index, matching)).encode()


def request_of(asked: dict[str, Any], indexes: Any) -> tuple[str, bytes]:
    """The next request's content type and body."""
    if asked["method"] == "GET":
        return "", b""
    if asked.get("look_up"):
        return "application/json", json.dumps(parts_of(next(indexes), asked["matching"])).encode()
    if asked.get("lines"):
        lines = [body_of(next(indexes), asked["matching"]) for _ in range(asked["lines"])]
        return "application/x-ndjson", b"\n".join(lines)
    return "application/json", body_of(next(indexes), asked["matching"])


async def connection(asked: dict[str, Any], indexes: Any, until: float, told: dict[str, Any]) -> None:
    """One client: the next request when the last was answered."""
    reader, writer = await asyncio.open_connection(asked["host"], asked["port"])
    head = f"{asked['method']} {asked['path']} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {asked['token']}\r\n"
    while time.perf_counter() < until:
        kind, body = request_of(asked, indexes)
        entity = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
        began = time.perf_counter()
        writer.write(f"{head}{entity}\r\n".encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        told["latencies_ms"].append((time.perf_counter() - began) * 1000)
        status = answer[9:12].decode()
        told["answers"][status] = told["answers"].get(status, 0) + 1
    writer.close()


async def run(asked: dict[str, Any]) -> dict[str, Any]:
    """The whole load."""
    told: dict[str, Any] = {"answers": {}, "latencies_ms": []}
    began = time.perf_counter()
    until, indexes = began + asked["seconds"], count()
    await asyncio.gather(*(connection(asked, indexes, until, told) for _ in range(asked["connections"])))
    told["seconds"] = time.perf_counter() - began
    told["latencies_ms"].sort()
    return told


if __name__ == "__main__":
    json.dump(asyncio.run(run(json.load(sys.stdin))), sys.stdout)
