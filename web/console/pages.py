"""Pages: templates under the strict policy, with what every page has in common."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import govuk_frontend_jinja
from fastapi import Request
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, select_autoescape
from starlette.responses import HTMLResponse

from access.roles import Permission
from access.sessions import Visit
from web.console import assets, words
from web.console.choices import ACTIONS, THEMES, Choices
from web.console.script_words import WORDS
from web.house import Console, house_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


WORKS = (
    Permission.READ_CASES, Permission.KEEP_DESKS, Permission.KEEP_SOURCES, Permission.READ_MEASURES,
    Permission.READ_TRAIL, Permission.READ_PEOPLE, Permission.READ_SETTINGS,
)  # fmt: skip
"""Who may any of these has pages of work beside the queue."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which template, with what in it, and with which status."""

    template: str
    holds: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    has_tiles: bool = False


def policy_of(console: Console, *, has_tiles: bool = False) -> str:
    """What the browser may fetch: ourselves alone, and the tiles' host on a page with a map."""
    tiles = ""
    if has_tiles and console.tile_url:
        parts = urlsplit(console.tile_url)
        tiles = f" {parts.scheme}://{parts.netloc}"
    return POLICY.format(tiles=tiles)


@cache
def environment() -> Environment:
    """Our templates, and the library's macros."""
    found = Environment(
        loader=PrefixLoader(
            {"govuk_frontend_jinja": PackageLoader(govuk_frontend_jinja.__name__), "ours": PackageLoader("web.console")}
        ),
        autoescape=select_autoescape(default=True),
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["zip_same"] = lambda words: [(word, word) for word in words]
    found.filters["sentence"] = words.sentence
    found.globals |= {"_": words.gettext, "asset": assets.address, "actions": ACTIONS}
    return found


THEME_COOKIE = "heed-theme"
"""The theme chosen last on this browser: for the pages before sign-in and for errors, which know nobody."""


def theme_of(kept: str | None) -> str:
    """A theme by its name; anything else is the machine's."""
    return kept if kept in THEMES else "system"


def rendered(console: Console, template: str, **holds: Any) -> str:
    """A template, or a part of a page, as text."""
    times = words.times_in(console.zone)
    return environment().get_template(f"ours/{template}").render(**times, **holds)


@cache
def _script_words() -> str:
    """What scripts say, in the console's language: the same for every page."""
    return json.dumps({name: words.gettext(text) for name, text in WORDS.items()})


def wants_page(request: Request) -> bool:
    """Does somebody look at it? Scripts and programs do not ask for HTML."""
    return "text/html" in request.headers.get("accept", "")


def show(request: Request, page: Page) -> HTMLResponse:
    """A page for whoever asks; somebody who is signed in has the bar with their pages."""
    console = house_of(request).console
    visit: Visit | None = getattr(request.state, "visit", None)
    choices = Choices.read(visit.choices) if visit else Choices(theme=theme_of(request.cookies.get(THEME_COOKIE)))
    common = {
        "visit": visit,
        "me": visit.me if visit else "",
        "kiosk": visit.is_kiosk if visit else False,
        "choices": choices,
        "script_words": _script_words(),
        "settings": json.dumps(choices.for_scripts()),
        "supervisor_phone": console.supervisor_phone,
        "here": request.url.path,
        "may": {one.value: visit.caller.may(one) for one in Permission} if visit else {},
        "has_work": visit is not None and any(visit.caller.may(one) for one in WORKS),
        "idle_s": console.patience.idle.total_seconds(),
    }
    text = rendered(console, page.template, **(common | page.holds))
    return HTMLResponse(text, page.status, {"Content-Security-Policy": policy_of(console, has_tiles=page.has_tiles)})


def part(request: Request, template: str, **holds: Any) -> HTMLResponse:
    """A part of a page that a script asked for."""
    console = house_of(request).console
    return HTMLResponse(rendered(console, template, **holds), headers={"Content-Security-Policy": policy_of(console)})
