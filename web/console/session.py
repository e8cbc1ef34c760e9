"""Who sits at the screen: known by a cookie, asked on every page, and never by anything that a script could read."""

import contextlib
import re
from typing import Annotated, Literal, TypedDict

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from access import kept, sessions
from access.kept import Kept
from access.roles import Caller, Permission
from access.sessions import TOUCH_EVERY, Visit
from access.tokens import new_secret
from db.errors import StorageUnavailable
from web.caller import May
from web.console.forms import Form, read_form
from web.console.pages import wants_page
from web.errors import BadBody, NotPermitted, SignedOut, TooLarge, UnsupportedMedia
from web.house import House, house_of
from web.problems import response_for

COOKIE = "__Host-heed"
KEPT_COOKIE = "__Host-heed-kept"
LONGEST_SECRET = 100


class _Attributes(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


_ATTRIBUTES: _Attributes = {"path": "/", "secure": True, "httponly": True, "samesite": "lax"}
SILENT = frozenset(
    {"/console/feed", "/queue/around", "/queue/list", "/queue/waiting", "/session/keep", "/import/progress"}
)
"""What a page asks by itself is no sign of a person: it does not keep a session alive."""


class AtScreen(May):
    """The dependency that lets in whose session is good and whose role has `permission`."""

    def __init__(self, permission: Permission, *, kiosk: bool = False) -> None:
        super().__init__(permission)
        self._kiosk = kiosk

    async def __call__(self, request: Request) -> Caller:
        """The caller, or `SignedOut` or `NotPermitted`; a kiosk only where it may."""
        visit = await run_in_threadpool(_visit, house_of(request), request)
        request.state.visit, request.state.caller = visit, visit.caller
        if not visit.caller.may(self.permission) or (visit.is_kiosk and not self._kiosk):
            raise NotPermitted
        return visit.caller


def _visit(house: House, request: Request) -> Visit:
    secret = request.cookies.get(COOKIE, "")
    if not 0 < len(secret) <= LONGEST_SECRET:
        raise SignedOut
    with house.db.reading() as session:
        now = house.clock.now(session)
        visit = sessions.known_by(session, secret, now)
    if visit is None:
        raise SignedOut
    if now - visit.seen_at >= TOUCH_EVERY and request.url.path not in SILENT:
        # That somebody is there is worth a note, and never worth a refusal.
        with contextlib.suppress(StorageUnavailable), house.db.transaction() as session:
            sessions.touch(session, visit, house.console.patience, house.clock.now(session))
    return visit


def visit_of(request: Request) -> Visit:
    """Who was let in."""
    visit: Visit = request.state.visit
    return visit


def visitor(request: Request) -> Visit | None:
    """Who it is, if somebody is signed in."""
    try:
        return _visit(house_of(request), request)
    except SignedOut:
        return None


def remember(response: Response, secret: str) -> None:
    """Put the session into the browser: to this host alone, over TLS or on this machine, out of reach of scripts.

    Lax and not Strict: a link from the command-and-control system has to open the alert, and no GET changes anything.
    """
    response.set_cookie(COOKIE, secret, **_ATTRIBUTES)


def forget(response: Response) -> None:
    """Take it out again, with everything that the browser kept of us."""
    response.delete_cookie(COOKIE, **_ATTRIBUTES)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


async def answer_signed_out(request: Request, error: Exception) -> Response:
    """To the sign-in page, and back to where they were; what was typed is kept for whoever typed it."""
    assert isinstance(error, SignedOut)
    if not wants_page(request):
        return response_for(error)
    response = RedirectResponse("/sign-in", 303)
    if request.method == "POST":
        with contextlib.suppress(BadBody, TooLarge, UnsupportedMedia, StorageUnavailable):
            form = await read_form(request)
            secret = await run_in_threadpool(keep_form, house_of(request), request, (request.url.path, form))
            if secret:
                remember_kept(response, secret)
    elif request.method == "GET" and request.url.path != "/":
        response = RedirectResponse(f"/sign-in?then={request.url.path}", 303)
    return response


KEPT_PATH = re.compile(
    r"/(?:alerts/c?\d{1,12}/[a-z]+|(?:markers|reviews|cases|orders)/[0-9a-f-]{36}/[a-z]+|(?:concerns|markers|cases|orders)/new|look-up|desks|sources|routing|categories|import)",
    re.ASCII,
)
"""Forms that somebody writes in; a button alone is pressed again."""
NOT_WRITTEN = frozenset({"id", "seen", "from", "back", "numbers", "act", "kept_path", "c0_number", "opened"})


def keep_form(house: House, request: Request, what: tuple[str, Form]) -> str | None:
    """Keep what was typed, for the person whose session this is or was; the secret by which it comes back.

    Of a session that never was, of a form that nobody writes in, and of an empty one nothing is kept.
    """
    (path, form), secret = what, request.cookies.get(COOKIE, "")
    plain = {name: value for name, value in form.items() if "password" not in name and name != "kept_path"}
    is_written = any(value for name, value in plain.items() if name not in NOT_WRITTEN)
    if not (0 < len(secret) <= LONGEST_SECRET and KEPT_PATH.fullmatch(path) and is_written):
        return None
    with house.db.transaction() as session:
        now = house.clock.now(session)
        owner = sessions.owner_of(session, secret)
        if owner is None:
            return None
        new = new_secret(house.randomness)
        kept.keep(session, owner, Kept(path, plain), new, (now, house.ids))
    return new


def remember_kept(response: Response, secret: str) -> None:
    """By this cookie the form comes back to whoever typed it."""
    response.set_cookie(KEPT_COOKIE, secret, **_ATTRIBUTES)


def forget_kept(response: Response) -> None:
    """It has come back, or nobody came for it."""
    response.delete_cookie(KEPT_COOKIE, **_ATTRIBUTES)


AnyoneSignedIn = Annotated[Caller, Depends(AtScreen(Permission.USE_CONSOLE))]
SeesQueue = Annotated[Caller, Depends(AtScreen(Permission.READ_ALERTS, kiosk=True))]
MovesAtScreen = Annotated[Caller, Depends(AtScreen(Permission.MOVE_ALERTS, kiosk=True))]
HandsOverAtScreen = Annotated[Caller, Depends(AtScreen(Permission.MOVE_ALERTS))]
ReadsCasesAtScreen = Annotated[Caller, Depends(AtScreen(Permission.READ_CASES))]
KeepsCasesAtScreen = Annotated[Caller, Depends(AtScreen(Permission.KEEP_CASES))]
KeepsDesksAtScreen = Annotated[Caller, Depends(AtScreen(Permission.KEEP_DESKS))]
KeepsSourcesAtScreen = Annotated[Caller, Depends(AtScreen(Permission.KEEP_SOURCES))]
KeepsPeopleAtScreen = Annotated[Caller, Depends(AtScreen(Permission.KEEP_PEOPLE))]
ReadsPeopleAtScreen = Annotated[Caller, Depends(AtScreen(Permission.READ_PEOPLE))]
ReadsSettingsAtScreen = Annotated[Caller, Depends(AtScreen(Permission.READ_SETTINGS))]
ReadsMeasuresAtScreen = Annotated[Caller, Depends(AtScreen(Permission.READ_MEASURES))]
ReadsTrailAtScreen = Annotated[Caller, Depends(AtScreen(Permission.READ_TRAIL))]
LooksUpAtScreen = Annotated[Caller, Depends(AtScreen(Permission.LOOK_UP))]
ReadsMarkersAtScreen = Annotated[Caller, Depends(AtScreen(Permission.READ_CASES))]
"""The register as a list is for who keeps or oversees it: a call handler looks up what she has in hand."""
PlacesAtScreen = Annotated[Caller, Depends(AtScreen(Permission.KEEP_MARKERS))]
RaisesConcerns = Annotated[Caller, Depends(AtScreen(Permission.POST_EVENTS))]
TheForm = Annotated[Form, Depends(read_form)]
