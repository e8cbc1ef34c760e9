"""The page at `/`: until the console is built, a plain one that takes a pasted token and shows the live queue.

The token stays in the page's memory: never in an address, a cookie or the browser's storage.
"""

from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

import web

router = APIRouter(include_in_schema=False)
_STATIC = files(web) / "static"
_FILES = {
    "queue.html": "text/html; charset=utf-8",
    "queue.js": "text/javascript; charset=utf-8",
    "queue.css": "text/css; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def _file(name: str) -> Response:
    content = (_STATIC / name).read_bytes()
    return Response(content, media_type=_FILES[name], headers={"Content-Security-Policy": POLICY})


@router.get("/", operation_id="queue_page")
def queue_page(_request: Request) -> Response:
    """The live queue, for whoever pastes a token into it."""
    return _file("queue.html")


@router.get("/static/queue.js", operation_id="queue_script")
def queue_script() -> Response:
    """The page's script."""
    return _file("queue.js")


@router.get("/static/queue.css", operation_id="queue_style")
def queue_style() -> Response:
    """The page's style."""
    return _file("queue.css")
