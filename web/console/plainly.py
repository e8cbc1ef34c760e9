"""Errors as pages: whatever goes wrong for somebody who looks at a page is said in words, with what to do next.

The problem itself is made where all problems are; here it is only shown, so that a middleware's 503 and a route's 404
look alike. Scripts and programs get the problem.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.console.choices import Choices
from web.console.pages import THEME_COOKIE, policy_of, rendered, theme_of, wants_page
from web.house import Console

ADVICE = {
    "not-found": "It may have been renamed, or it is not for you to see. Go back to the queue and look from there.",
    "not-permitted": "Your role does not do this here. If it should, ask whoever keeps the list of people.",
    "already-acknowledged": "Nothing more for you to do, unless you agree with them to take it over.",
    "stale-version": "Open the alert again, see what is new, and decide then.",
    "not-your-desk": "Tell the desk that answers for it, or send it up.",
    "move-not-allowed": "Open the alert again to see where it stands now.",
    "try-again": "Nothing was lost. Wait a moment and try again; if it stays, ring the supervisor.",
    "foreign-request": "Open Heed itself and do it there.",
    "too-many-tries": "Wait a minute. If it was not you who tried, tell your supervisor.",
    "internal": "It was noted. Try again; if it stays, ring the supervisor.",
}


_ALERT = re.compile(r"/alerts/(c?\d{1,12})/")
FAILED = b'{"type": "internal", "title": "The service failed", "status": 500}'


class Plainly:
    """Shows problems as pages to whoever asked for a page."""

    def __init__(self, app: ASGIApp, console: Console) -> None:
        self._app = app
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"].startswith("/v1/") or not wants_page(Request(scope)):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] == "http.response.start" and _is_problem(message):
                held.append(message)
            elif not held:
                await send(message)
            else:
                held.append(message)
                if not message.get("more_body", False):
                    await self._show(held, scope, send)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            # Told and noted where all of them are, outside of here; this only shows it.
            if not has_begun:
                await self._show(
                    [{"type": "http.response.start", "status": 500, "headers": []}, {"body": FAILED}], scope, send
                )
            raise

    async def _show(self, held: list[Message], scope: Scope, send: Send) -> None:
        start, body = held[0], b"".join(message.get("body", b"") for message in held[1:])
        problem: Mapping[str, Any] = json.loads(body)
        holds = {
            "problem": problem, "advice": ADVICE.get(problem["type"], ""), "alert": _ALERT.match(scope["path"]),
            "choices": Choices(theme=theme_of(Request(scope).cookies.get(THEME_COOKIE))),
        }  # fmt: skip
        text = rendered(self._console, "error.html", **holds).encode()
        kept = [pair for pair in start["headers"] if pair[0] not in (b"content-type", b"content-length")]
        ours = {
            "content-type": "text/html; charset=utf-8",
            "content-length": str(len(text)),
            "content-security-policy": policy_of(self._console),
        }
        headers = [*kept, *((name.encode(), value.encode()) for name, value in ours.items())]
        await send(dict(start) | {"headers": headers})
        await send({"type": "http.response.body", "body": text})


def _is_problem(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"application/problem+json") for name, value in start["headers"]
    )
