"""What every answer carries, and a line of the log for each, by the route's template and never by the path."""

import logging
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.problems import ProblemResponse

log = logging.getLogger("heed.access")

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_STORE = (b"cache-control", b"no-store")
KEPT_FOR_EVER = (b"cache-control", b"private, max-age=31536000, immutable")
ASSETS = "/assets/"
"""Scripts and styles, each under the name of its build."""
OK = 200
AT_MOST = 32 * 1024
"""Bytes of all headers of a request."""
_TOO_LONG = ProblemResponse({"type": "headers-too-large", "title": "The headers are too large", "status": 431}, 431)
_QUIET = frozenset({"healthz", "readyz", "metrics"})


class Manners:
    """Adds the headers, and logs what was answered how fast."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        answered: MutableMapping[str, Any] = {"status": 0}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered["status"] = message["status"]
                is_asset = scope["path"].startswith(ASSETS) and message["status"] == OK
                wanted = (*HEADERS, KEPT_FOR_EVER if is_asset else NO_STORE)
                ours = {name for name, _ in wanted}
                # Whatever a library says of caching (`no-cache` on a stream): nothing here is to be kept.
                message["headers"] = [*(pair for pair in message["headers"] if pair[0] not in ours), *wanted]
            await send(message)

        # h11 limits a head only while it is incomplete: one that arrives at once may be as long as a read (tried).
        is_too_long = sum(len(name) + len(value) for name, value in scope["headers"]) > AT_MOST
        try:
            await (_TOO_LONG if is_too_long else self._app)(scope, receive, with_headers)
        finally:
            operation = getattr(scope.get("route"), "operation_id", None) or "none"
            if operation not in _QUIET:
                milliseconds = round((time.monotonic() - began) * 1000, 1)
                told = {"operation": operation, "status": answered["status"], "ms": milliseconds}
                log.info("answered", extra=told)
