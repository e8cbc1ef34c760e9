"""A client that has gone is nobody's failure: a screen reloaded, a line lost in the middle of a body.

What a request ends with once nobody is there to be answered is told in one quiet line; as an error it would wake people
for nothing, and hide the errors that are.
"""

import logging

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("heed.access")


class Gone:
    """Lets a request whose client has gone end quietly."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_gone = False

        async def receiving() -> Message:
            nonlocal is_gone
            message = await receive()
            is_gone = is_gone or message["type"] == "http.disconnect"
            return message

        try:
            await self._app(scope, receiving, send)
        except Exception as error:
            if not (is_gone or isinstance(error, ClientDisconnect)):
                raise
            log.info("client gone", extra={"kind": type(error).__name__})
