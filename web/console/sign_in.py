"""Signing in and out. Limited by name and by address; an unknown name takes as long as a wrong password."""

import contextlib
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from access import kept, limits, people, sessions
from access.kept import Kept
from access.limits import BY_ADDRESS, BY_NAME
from access.models import User
from access.roles import OPEN_AUDIENCE, PERMITTED, Caller, Permission, Role
from access.trail import Act, Operation, Outcome, Thing
from alerts.handing_over import answered_for_by
from db.errors import StorageUnavailable
from web.console import session as screen
from web.console.choices import Choices
from web.console.forms import Form, read_form
from web.console.pages import THEME_COOKIE, Page, show
from web.console.session import KEPT_COOKIE, AnyoneSignedIn, TheForm, visit_of, visitor
from web.errors import SignInFailed, TooManyTries
from web.house import House, house_of

router = APIRouter(include_in_schema=False)
_OWN_PATH = re.compile(
    r"/(?:queue|look-up|me|help|docs|work|concerns/new|reviews|desks|routing|sources|measures|waiting|trail|import|people|"
    r"tokens|categories|settings|(?:markers|cases|orders|people)(?:/[0-9a-z-]{1,40}(?:/amend)?)?|alerts/c?\d{1,12})",
    re.ASCII,
)
_REOPENED = re.compile(r"/(?:(?:cases|orders|markers)/(?:new|[0-9a-f-]{36}/amend)|routing|import)", re.ASCII)
"""Forms of many fields: they are opened again as they stood, with everything that was typed."""
LONGEST_NAME = 200


@router.get("/", operation_id="front_page")
def front_page(request: Request) -> Response:
    """The queue for who is signed in, else the sign-in page."""
    return RedirectResponse("/queue", 303) if visitor(request) else sign_in_page(request)


@router.get("/sign-in", operation_id="sign_in_page")
def sign_in_page(request: Request, then: str = "") -> Response:
    """Name and password."""
    kept_for = request.cookies.get(KEPT_COOKIE) is not None
    return show(request, Page("sign_in.html", {"then": _own(then), "has_kept": kept_for}))


def _own(path: str) -> str:
    """A page of ours to go on to, or none: never another site's, and nothing that is no page."""
    return path if _OWN_PATH.fullmatch(path) else ""


@router.post("/sign-in", operation_id="sign_in")
async def sign_in(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
    """Begin a session; what was typed when the last one ended is there again."""
    house = house_of(request)
    try:
        user = await checked(request, form["name"], form["password"])
    except (SignInFailed, TooManyTries) as error:
        told = {"then": _own(form["then"]), "name": form["name"][:LONGEST_NAME], "wrong": str(error)}
        return show(request, Page("sign_in.html", told, 429 if isinstance(error, TooManyTries) else 401))
    made, given_back = await run_in_threadpool(_begin, house, user, request.cookies.get(KEPT_COOKIE, ""))
    if given_back is not None:
        holds: dict[str, Any] = {"kept": given_back, "reopens": _REOPENED.fullmatch(given_back.path) is not None}
        response: Response = show(request, Page("kept.html", holds))
    else:
        response = RedirectResponse(_own(form["then"]) or _home_of(user), 303)
    screen.remember(response, made)
    remember_theme(response, Choices.read(user.choices))
    screen.forget_kept(response)
    return response


def _home_of(user: User) -> str:
    """Where somebody begins: at the queue, or, who reads no alerts, at their own work."""
    return "/queue" if Role(user.role) in PERMITTED[Permission.READ_ALERTS] else "/work"


async def checked(request: Request, name: str, password: str) -> User:
    """The person whose name and password these are; each try counts, for the name and for the address."""
    house = house_of(request)
    address = request.client.host if request.client else ""
    name = name[:LONGEST_NAME]
    if not await run_in_threadpool(_counted, house, name, address):
        await run_in_threadpool(_record_refusal, house, name, "too_many_tries")
        raise TooManyTries
    user = await run_in_threadpool(_find, house, name)
    # Two at once: hashes take whole cores, and events must not wait for them.
    async with house.hashing:
        is_right = await run_in_threadpool(people.is_password_of, user, password)
    if user is None or not is_right or user.role == Role.INTEGRATION:
        await run_in_threadpool(_record_refusal, house, name, "sign_in")
        raise SignInFailed
    with contextlib.suppress(StorageUnavailable):
        await run_in_threadpool(_forgive, house, name)
    return user


def _counted(house: House, name: str, address: str) -> bool:
    with house.db.transaction() as session:
        now = house.clock.now(session)
        asked = [limits.try_once(session, BY_NAME, name, now), limits.try_once(session, BY_ADDRESS, address, now)]
    return all(asked)


def _find(house: House, name: str) -> User | None:
    with house.db.reading() as session:
        user = people.who_is(session, house.force, name)
        if user is not None:
            session.expunge(user)
        return user


def _forgive(house: House, name: str) -> None:
    with house.db.transaction() as session:
        limits.forgive(session, BY_NAME, name)


def _record_refusal(house: House, name: str, action: str) -> None:
    act = Act(operation=Operation.REFUSAL, action=action, outcome=Outcome.REFUSED, terms=[name], force=house.force)
    with contextlib.suppress(StorageUnavailable), house.db.transaction() as session:
        house.recorder.record(session, None, act, house.clock.now(session))


def _begin(house: House, user: User, kept_secret: str) -> tuple[str, Kept | None]:
    with house.db.transaction() as session:
        now = house.clock.now(session)
        mine = session.get_one(User, (user.force, user.id))
        made = sessions.begin(session, mine, house.console.patience, (now, house.ids, house.randomness))
        given_back = kept.give_back(session, mine.id, kept_secret, now) if kept_secret else None
        act = Act(operation=Operation.SIGN_IN, action="sign_in", objects=[Thing("user", user.id, 1, OPEN_AUDIENCE)])
        house.recorder.record(session, sessions.caller_for(mine, made.id), act, now)
    return made.secret, given_back


@router.post("/sign-out", operation_id="sign_out")
def sign_out(request: Request, caller: AnyoneSignedIn, form: TheForm) -> Response:
    """End the session; the browser forgets what it kept. Who has alerts is asked first: they would be raised again."""
    house, visit = house_of(request), visit_of(request)
    if form["anyway"] != "yes" and not visit.is_kiosk and caller.is_of_the_room:
        with house.db.reading() as session:
            left = len(answered_for_by(session, caller, caller.name))
        if left:
            return show(request, Page("sign_out.html", {"left": left}))
    end_session(house, caller, visit.user_id)
    response = RedirectResponse("/sign-in", 303)
    screen.forget(response)
    return response


def end_session(house: House, caller: Caller, user_id: Any) -> None:
    """End the session that the caller is in."""
    with house.db.transaction() as session:
        now = house.clock.now(session)
        sessions.end(session, caller.force, user_id, caller.token_id, now)
        act = Act(operation=Operation.SIGN_IN, action="sign_out")
        house.recorder.record(session, caller, act, now)


@router.post("/session/extend", operation_id="extend_session", status_code=204)
def extend_session(request: Request, _: AnyoneSignedIn) -> Response:
    """Somebody is there: good for as long again. Asking is enough (`session.py` notes it)."""
    house, visit = house_of(request), visit_of(request)
    with house.db.transaction() as session:
        sessions.touch(session, visit, house.console.patience, house.clock.now(session))
    return Response(status_code=204)


def remember_theme(response: Response, choices: Choices) -> None:
    """For the pages that know nobody: before sign-in, and errors. It says nothing of anybody."""
    response.set_cookie(THEME_COOKIE, choices.theme, path="/", secure=True, samesite="lax", max_age=400 * 24 * 3600)


@router.post("/session/keep", operation_id="keep_form", status_code=204)
async def keep_form(request: Request, _: AnyoneSignedIn, form: Annotated[Form, Depends(read_form)]) -> Response:
    """Before a session ends by itself: keep what stands in a half-filled form."""
    secret = await run_in_threadpool(screen.keep_form, house_of(request), request, (form["kept_path"], form))
    response = Response(status_code=204)
    if secret:
        screen.remember_kept(response, secret)
    return response
