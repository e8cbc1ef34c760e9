"""One's own: theme, density, sounds, keys; sessions, to end the others; the password; and the wall screen."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from access import people, sessions
from access.models import User
from access.people import BadPassword
from access.roles import Caller
from access.trail import Act, Operation
from web.caller import TheHouse
from web.console import session as screen
from web.console.choices import ACTIONS, DENSITIES, THEMES, BadKeysChosen, Choices, keys_chosen
from web.console.forms import Form, read_form, whole
from web.console.pages import Page, show
from web.console.queue import desks_of
from web.console.session import AnyoneSignedIn, SeesQueue, TheForm, visit_of
from web.console.sign_in import checked, end_session, remember_theme
from web.console.words import gettext as _
from web.errors import SignInFailed, TooManyTries
from web.house import House
from web.ids import read_id

router = APIRouter(include_in_schema=False)


@router.get("/me", operation_id="me_page")
def me_page(request: Request, _: AnyoneSignedIn, house: TheHouse) -> Response:
    """My screens, my keys, my sessions."""
    return show(request, Page("me.html", _holds(house, request)))


def _holds(house: House, request: Request) -> dict[str, Any]:
    visit = visit_of(request)
    with house.db.reading() as session:
        mine = sessions.of_person(session, visit.caller.force, visit.user_id, house.clock.now(session))
        return {
            "sessions": [
                (row.id, row.kind, row.desk, row.began_at, row.seen_at, row.id == visit.session_id) for row in mine
            ],
            "themes": THEMES, "densities": DENSITIES, "desks": desks_of(house, visit.caller),
            "shortest": people.SHORTEST_PASSWORD,
        }  # fmt: skip


@router.post("/me/choices", operation_id="choose")
def choose(request: Request, caller: AnyoneSignedIn, house: TheHouse, form: TheForm) -> Response:
    """Keep what was chosen."""
    try:
        keys = keys_chosen({action: form[f"key_{action}"] for action in ACTIONS})
    except BadKeysChosen as error:
        holds = _holds(house, request) | {"wrong": {"keys": str(error)}, "typed": dict(form.items())}
        return show(request, Page("me.html", holds, 422))
    chosen = Choices(
        theme=form["theme"] if form["theme"] in THEMES else "system",
        density=form["density"] if form["density"] in DENSITIES else "normal",
        has_keys=form["has_keys"] == "yes", has_sound=form["has_sound"] == "yes",
        routine_sound=form["routine_sound"] == "yes",
        volume=60 if (loud := whole(form["volume"], 100)) is None else loud, keys=keys,
    )  # fmt: skip
    with house.db.transaction() as session:
        session.get_one(User, (caller.force, visit_of(request).user_id)).choices = chosen.written()
    response = RedirectResponse("/me", 303)
    remember_theme(response, chosen)
    return response


@router.post("/me/sessions/end", operation_id="end_sessions")
def end_sessions(request: Request, caller: AnyoneSignedIn, house: TheHouse, form: TheForm) -> Response:
    """End one of my other sessions, or all of them."""
    visit = visit_of(request)
    with house.db.transaction() as session:
        now = house.clock.now(session)
        if form["session"] == "others":
            sessions.end_others(session, caller.force, visit.user_id, visit.session_id, now)
        elif wanted := read_id(form["session"]):
            sessions.end(session, caller.force, visit.user_id, wanted, now)
        act = Act(operation=Operation.SIGN_IN, action="end_sessions")
        house.recorder.record(session, caller, act, now)
    return RedirectResponse("/me", 303)


@router.post("/me/password", operation_id="change_password")
async def change_password(
    request: Request, caller: AnyoneSignedIn, house: TheHouse, form: Annotated[Form, Depends(read_form)]
) -> Response:
    """A new password, by the old one; all other sessions end."""
    wrong: dict[str, str] = {}
    if form["new_password"] != form["new_password_again"]:
        wrong["new_password_again"] = _("The two are not the same")
    else:
        try:
            await checked(request, caller.name, form["password"])
            await run_in_threadpool(_change, house, request, form["new_password"])
        except SignInFailed:
            wrong["password"] = _("This is not your password")
        except TooManyTries as error:
            wrong["password"] = str(error)
        except BadPassword as error:
            wrong["new_password"] = str(error)
    if wrong:
        holds = await run_in_threadpool(_holds, house, request)
        return show(request, Page("me.html", holds | {"wrong": wrong}, 422))
    return RedirectResponse("/me", 303)


def _change(house: House, request: Request, password: str) -> None:
    visit = visit_of(request)
    with house.db.transaction() as session:
        now = house.clock.now(session)
        people.set_password(session.get_one(User, (visit.caller.force, visit.user_id)), password)
        sessions.end_others(session, visit.caller.force, visit.user_id, visit.session_id, now)
        act = Act(operation=Operation.ALTERATION, action="change_password")
        house.recorder.record(session, visit.caller, act, now)


@router.post("/kiosk", operation_id="begin_kiosk")
def begin_kiosk(request: Request, caller: SeesQueue, house: TheHouse, form: TheForm) -> Response:
    """Make this screen a wall screen: it stays, shows one desk's queue, and does nothing without a name."""
    visit = visit_of(request)
    desks = desks_of(house, caller)
    desk = form["desk"] if form["desk"] in desks else desks[0]
    with house.db.transaction() as session:
        now = house.clock.now(session)
        user = session.get_one(User, (caller.force, visit.user_id))
        made = sessions.begin_kiosk(session, user, desk, (now, house.ids, house.randomness))
        house.recorder.record(session, caller, Act(operation=Operation.SIGN_IN, action="begin_kiosk"), now)
    end_session(house, caller, visit.user_id)
    response = RedirectResponse("/queue", 303)
    screen.remember(response, made.secret)
    return response


@router.post("/kiosk/end", operation_id="end_kiosk")
async def end_kiosk(
    request: Request, caller: SeesQueue, house: TheHouse, form: Annotated[Form, Depends(read_form)]
) -> Response:
    """Take the wall screen down: by anybody of the room, by name."""
    try:
        user = await checked(request, form["name"], form["password"])
    except (SignInFailed, TooManyTries) as error:
        return show(request, Page("kiosk_end.html", {"wrong": {"name": str(error)}}, 401))
    # In the trail under the name of who took it down, not of who set it up.
    await run_in_threadpool(_end, house, sessions.caller_for(user, caller.token_id), request)
    response = RedirectResponse("/sign-in", 303)
    screen.forget(response)
    return response


def _end(house: House, caller: Caller, request: Request) -> None:
    end_session(house, caller, visit_of(request).user_id)


@router.get("/kiosk/end", operation_id="end_kiosk_page")
def end_kiosk_page(request: Request, _: SeesQueue) -> Response:
    """Who takes it down?"""
    return show(request, Page("kiosk_end.html"))
