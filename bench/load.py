"""A load of POSTs over keep-alive connections, as a process of its own: what it costs is not the service's.

Reads from standard input one JSON object `{"host", "port", "path", "method", "token", "connections", "seconds",
"matching"}` and prints `{"answers": {status: count}, "seconds", "latencies_ms": [sorted]}`.
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


def body_of(index: int, matching: int) -> bytes:
    """An event: one in `matching` is from a marked number, each is a call of its own."""
    marked = matching and index % matching == 0
    number = number_of(index % NUMBERS if marked else NUMBERS + index)
    event = {
        "source": "bench", "id": f"{time.time_ns()}-{index}", "type": "call", "call": f"B-{time.time_ns()}",
        "occurred_at": "2026-11-24T10:15:00Z", "phones": [{"number": number, "role": "caller"}],
        "locations": [{"role": "caller", "address": f"{index % 300 + 1} Example Street", "postcode": "LS1 4DS"}],
    }  # fmt: skip
    return json.dumps(event).encode()


async def connection(asked: dict[str, Any], indexes: Any, until: float, told: dict[str, Any]) -> None:
    """One client: the next request when the last was answered."""
    reader, writer = await asyncio.open_connection(asked["host"], asked["port"])
    head = f"{asked['method']} {asked['path']} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {asked['token']}\r\n"
    while time.perf_counter() < until:
        body = body_of(next(indexes), asked["matching"]) if asked["method"] == "POST" else b""
        entity = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
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
