"""What is left of a body is read before an error is answered, within bounds.

Answered while its body is still on the way, a client sees a broken line and not the answer: the server closes, and what
arrives afterwards is met with a reset (tried: a 401 was lost now and then).
"""

import asyncio
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_MOST = 1024 * 1024
"""Bytes that are read and thrown away."""
WITHIN_S = 1.0


class Unread:
    """Reads the rest of a body before an error's answer begins."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        is_whole = False

        async def receiving() -> Message:
            nonlocal is_whole
            message = await receive()
            is_whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400 and not is_whole:
                await _throw_away(receiving, lambda: is_whole)
            await send(message)

        await self._app(scope, receiving, sending)


def _has_body(scope: Scope) -> bool:
    names = {name for name, _ in scope["headers"]}
    return b"content-length" in names or b"transfer-encoding" in names


async def _throw_away(receive: Receive, is_whole: Callable[[], bool]) -> None:
    deadline, left = time.monotonic() + WITHIN_S, AT_MOST
    while not is_whole() and left > 0:
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                message = await receive()
        except TimeoutError:
            return
        left -= len(message.get("body", b""))
