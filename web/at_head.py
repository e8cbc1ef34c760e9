"""Nothing is asked of a database, or written to it, whose schema is another version's.

While a new version migrates, the old one still runs: what it would read or store there, nobody has tried.
"""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import OtherSchema
from web.problems import response_for

STANDING = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})
"""What is answered whatever the schema is: it says how the service is, and reads nobody's data."""


class OnlyAtHead:
    """Answers 503 for the API and the console while the schema does not fit; by itself again once it does."""

    def __init__(self, app: ASGIApp, fits: Callable[[], bool]) -> None:
        self._app = app
        self._fits = fits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] in STANDING or self._fits():
            await self._app(scope, receive, send)
            return
        await response_for(OtherSchema())(scope, receive, send)
