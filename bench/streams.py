"""From the post of a call to its alert on a hundred screens."""

import asyncio
import json
import time
from typing import Any

from bench.ground import share
from bench.load import NUMBERS, event_of, number_of

STREAMS = 100
POSTS = 60
EVERY_S = 0.25


def latency(port: int, sender: str, reader: str) -> list[str]:
    """Streams, messages, and the quantiles in ms."""
    found = asyncio.run(_measure(port, sender, reader))
    return [str(STREAMS), str(len(found)), f"{share(found, 0.5):.1f}", f"{share(found, 0.99):.1f}"]


async def _measure(port: int, sender: str, reader: str) -> list[float]:
    arrived: list[float] = []
    posted: dict[str, float] = {}
    begun = asyncio.Semaphore(0)
    readers = [asyncio.ensure_future(_follow(port, reader, arrived, posted, begun)) for _ in range(STREAMS)]
    for _ in readers:
        await begun.acquire()
    for number in range(POSTS):
        call = f"S-{time.time_ns()}"
        event = event_of(NUMBERS + number, 0) | {"call": call}
        event["phones"] = [{"number": number_of(number), "role": "caller"}]
        posted[call] = time.perf_counter()
        await _post(port, sender, json.dumps(event).encode())
        await asyncio.sleep(EVERY_S)
    await asyncio.sleep(1)
    for one in readers:
        one.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    if len(arrived) != STREAMS * POSTS:
        raise RuntimeError(f"{len(arrived)} messages arrived of {STREAMS * POSTS}")
    return sorted(arrived)


async def _post(port: int, token: str, body: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    answer = await reader.read()
    if b" 201 " not in answer[:20]:
        raise RuntimeError(answer[:20].decode())
    writer.close()


async def _follow(
    port: int, token: str, arrived: list[float], posted: dict[str, float], begun: asyncio.Semaphore
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(f"GET /v1/alerts/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    while line := await reader.readline():
        if line.startswith(b"event: beat"):
            begun.release()
        if line.startswith(b"data: {") and b'"S-' in line:
            alert: dict[str, Any] = json.loads(line[6:])
            arrived.append((time.perf_counter() - posted[alert["call"]]) * 1000)
