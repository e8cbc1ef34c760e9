"""No other site acts for somebody who is signed in: what changes anything has to come from a page of ours.

Held before any route, so that none can forget it; what says nothing of where it comes from is refused. The API goes by
tokens, which no browser sends by itself.
"""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import ForeignRequest
from web.problems import response_for

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OwnPagesOnly:
    """Answers 403 to an unsafe request outside the API that no page of this host sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        is_ours = scope["type"] != "http" or scope["method"] in SAFE or scope["path"].startswith("/v1/")
        if is_ours or _comes_from_us(scope):
            await self._app(scope, receive, send)
            return
        await response_for(ForeignRequest())(scope, receive, send)


def _comes_from_us(scope: Scope) -> bool:
    """By what browsers say of themselves; an older one's `Origin` has to be this host. Neither: no."""
    headers: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get(b"origin", "")
    return bool(origin) and urlsplit(origin).netloc == headers.get(b"host")
