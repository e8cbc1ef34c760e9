"""Moves by the form of a page: down the same corridor as the API's, answered with the row as it stands then.

On a wall screen nobody is signed in: each move says who makes it, by name and password, and is theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from access import sessions
from access.roles import Caller
from alerts import handling
from alerts.handling import AlertNotFound, NotYourDesk, StaleVersion
from alerts.moving import AlreadyAcknowledged, Asked
from alerts.queries import alert_numbered
from alerts.rules.moves import MoveNotAllowed
from alerts.rules.words import Breach, Move, Priority
from alerts.rules.words import Outcome as Result
from alerts.seen import alerts_seen
from db.keyring import Use
from markers.matching.values import Problem
from web.caller import TheHouse
from web.console.alert import gathered, until_of
from web.console.forms import Form, read_form, whole
from web.console.pages import Page, show, wants_page
from web.console.rows import Renderer
from web.console.session import MovesAtScreen, visit_of
from web.console.sign_in import checked
from web.console.words import gettext as _
from web.errors import BadBody, NotPermitted, SignInFailed, TooManyTries
from web.house import House, house_of
from web.moved import act_of

router = APIRouter(include_in_schema=False)
MOST_TOGETHER = 200
LONGEST_WORDS = 2000
LONGEST_REFERENCE = 200
MOST_VERSION = 10**9 - 1
SAID = {
    Move.ACKNOWLEDGE: "Acknowledged. You have alert {number}",
    Move.RELEASE: "Given back. Nobody has alert {number}",
    Move.ASSIGN: "Alert {number} is handed on",
    Move.ESCALATE: "Alert {number} was sent up",
    Move.SHELVE: "Alert {number} is shelved and comes back by itself",
    Move.UNSHELVE: "Alert {number} is back",
    Move.RESOLVE: "Alert {number} is resolved",
    Move.REOPEN: "Alert {number} is open again",
    Move.REGRADE: "Alert {number} has another priority",
    Move.CONFIRM: "Agreed: alert {number}",
    Move.REFUSE: "Refused: alert {number} stays as it was",
    Move.INCIDENT: "Alert {number} has its incident",
    Move.NOTE: "The note stands on alert {number}",
}
NEEDS_WORDS = {
    Move.SHELVE: "Say why it can wait",
    Move.REOPEN: "Say why it is opened again",
    Move.REGRADE: "Say why",
    Move.NOTE: "Write the note",
}
WAITS = "Alert {number} waits for a second person, who has to agree"
REFUSED = (AlreadyAcknowledged, StaleVersion, MoveNotAllowed, NotYourDesk)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A move as a form asks for it; `wrong` says which field of it can't be used, and why."""

    asked: Asked
    wrong: Mapping[str, str]


async def _acting(request: Request, caller: Caller, form: Form) -> Caller:
    """Who makes the move: who is signed in, or who says so at a wall screen."""
    visit = visit_of(request)
    if not visit.is_kiosk:
        return caller
    user = await checked(request, form["name"], form["password"])
    acting = sessions.caller_for(user, caller.token_id)
    if not acting.is_of_the_room:
        raise NotPermitted
    request.state.caller = acting
    return acting


@router.post("/alerts/together/acknowledge", operation_id="acknowledge_together")
async def acknowledge_together(
    request: Request, caller: MovesAtScreen, house: TheHouse, form: Annotated[Form, Depends(read_form)]
) -> Response:
    """One move for all alerts about one case or number: each is taken, and those that another has are named."""
    acting = await _acting(request, caller, form)
    numbers = form["numbers"].split()[:MOST_TOGETHER]
    taken, refused = await run_in_threadpool(_take_all, house, (caller, acting), numbers)
    told = _("{count} alerts are yours").format(count=len(taken))
    if refused:
        told += ". " + _("Not taken: {numbers}").format(numbers=", ".join(refused))
    back = f"/queue?refused={'.'.join(refused)}" if refused else "/queue"
    return _answered(request, back, told, taken)


def _take_all(
    house: House, screen_and_person: tuple[Caller, Caller], numbers: Sequence[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    screen, acting = screen_and_person
    taken: list[dict[str, Any]] = []
    refused: list[str] = []
    for number in numbers:
        try:
            asked = replace(_plain(house, screen, number, Move.ACKNOWLEDGE), caller=acting)
            taken.append(_done(house, asked))
        except (AlertNotFound, *REFUSED):
            refused.append(number)
    return taken, refused


def _plain(house: House, caller: Caller, number: str, move: Move) -> Asked:
    with house.db.reading() as session:
        alert = alert_numbered(session, caller, number)
    if alert is None:
        raise AlertNotFound
    digest = house.db.keys.digest_of(Use.REQUEST, f"{alert.id} {move}")
    return Asked(caller=caller, alert_id=alert.id, move=move, digest=digest)


@router.post("/alerts/{number}/{move}", operation_id="move_at_screen")
async def move_at_screen(
    request: Request, caller: MovesAtScreen, house: TheHouse, number: str, move: Move,
    form: Annotated[Form, Depends(read_form)],
) -> Response:  # fmt: skip
    """Acknowledge, give back, hand on, send up, shelve, resolve, reopen, note."""
    try:
        acting = await _acting(request, caller, form)
    except (SignInFailed, TooManyTries) as error:
        return await run_in_threadpool(_again, request, (number, move), {"name": str(error)}, form)
    # Found as the screen may see it, made by who makes it: a wall screen reaches no closed circle by anybody's name.
    asked = replace(await run_in_threadpool(_plain, house, caller, number, move), caller=acting)
    wanted = await run_in_threadpool(_wanted, house, asked, form)
    if wanted.wrong:
        if not wants_page(request):
            raise BadBody([Problem(field, "required", said) for field, said in wanted.wrong.items()])
        return await run_in_threadpool(_again, request, (number, move), wanted.wrong, form)
    message = await run_in_threadpool(_done, house, wanted.asked)
    back = "/queue" if form["back"] == "queue" else f"/alerts/{number}"
    said = WAITS if message["awaiting"] and move in (Move.RESOLVE, Move.REGRADE) else SAID[move]
    return _answered(request, back, _(said).format(number=number), [message])


def _wanted(house: House, asked: Asked, form: Form) -> Wanted:
    """The move with what its form says, or which of its fields is wrong."""
    words = form["note"] or form["reason"]
    wrong: dict[str, str] = {}
    if asked.move in NEEDS_WORDS and not words:
        wrong["reason" if asked.move is not Move.NOTE else "note"] = _(NEEDS_WORDS[asked.move])
    if len(words) > LONGEST_WORDS:
        wrong["note"] = _("At most {most} characters").format(most=LONGEST_WORDS)
    until: datetime | None = None
    if asked.move is Move.SHELVE:
        until = until_of(form["minutes"], house.now())
        if until is None:
            wrong["minutes"] = _("Say for how long")
    result = form["outcome"] if form["outcome"] in set(Result) else None
    if asked.move is Move.RESOLVE and result is None:
        wrong["outcome"] = _("Say what came of it")
    if asked.move is Move.ASSIGN and not form["to"]:
        wrong["to"] = _("Say to whom")
    priority = form["priority"] if form["priority"] in set(Priority) else None
    if asked.move is Move.REGRADE and priority is None:
        wrong["priority"] = _("Say to which priority")
    breach = form["breach"] if form["breach"] in set(Breach) else None
    follow_up = until_of(form["follow_up"], house.now()) if asked.move is Move.RESOLVE else None
    if asked.move is Move.INCIDENT and not 0 < len(form["incident"]) <= LONGEST_REFERENCE:
        wrong["incident"] = _("Write the reference")
    seen = whole(form["seen"], MOST_VERSION) if asked.move is Move.RESOLVE else None
    complete = replace(
        asked, note=words or None, to=form["to"] or None, until=until, outcome=Result(result) if result else None,
        priority=Priority(priority) if priority else None, breach=Breach(breach) if breach else None,
        follow_up_at=follow_up, incident=form["incident"] or None, if_match=seen,
    )  # fmt: skip
    return Wanted(complete, wrong)


def _done(house: House, asked: Asked) -> dict[str, Any]:
    """Do it; what the page's row says afterwards."""
    with house.db.transaction() as session:
        now = house.clock.now(session)
        done = handling.act(session, asked, handling.Room(house.ladder, house.ids), now)
        session.flush()
        [seen] = alerts_seen(session, [done.alert], now)
        house.recorder.record(session, asked.caller, act_of(asked, done, seen.incident or seen.call), now)
        return Renderer(house.console).message(seen)


def _answered(request: Request, back: str, said: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """To a script what happened, with the rows; to a browser without one, the page that it came from."""
    if not wants_page(request):
        return JSONResponse({"said": said, "rows": list(rows)})
    return RedirectResponse(back, 303)


def _again(request: Request, what: tuple[str, Move], wrong: Mapping[str, str], form: Form) -> Response:
    """The alert's page with what is wrong named, its form open, and nothing that was typed lost."""
    number, move = what
    holds, has_tiles = gathered(house_of(request), request, number)
    holds |= {"wrong": wrong, "tried": move.value, "typed": dict(form.items()) | {"password": ""}}
    return show(request, Page("alert.html", holds, 422, has_tiles=has_tiles))
