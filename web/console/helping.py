"""Help: the keys, what to do when, and the API's pages, from this machine alone."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.console.choices import ACTIONS
from web.console.pages import Page, show
from web.console.session import AnyoneSignedIn

router = APIRouter(include_in_schema=False)


@router.get("/help", operation_id="help_page")
def help_page(request: Request, _: AnyoneSignedIn) -> Response:
    """The keys, and how things are done here."""
    return show(request, Page("help.html", {"all_actions": ACTIONS}))


@router.get("/docs", operation_id="api_pages")
def api_pages(request: Request, _: AnyoneSignedIn) -> Response:
    """The API, to read and to try."""
    return show(request, Page("docs.html"))
