"""Every desk at a glance, and where each passes on; the sources and their silence."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from alerts.desks import routing_table
from alerts.desks_seen import desks_seen
from alerts.measuring import measures_of
from alerts.rules.measures import FLOOD_BEGINS, Measures
from alerts.silence import Expected, heard_at, is_silent, sources_of
from web.caller import TheHouse
from web.console.forms import Form, whole
from web.console.pages import Page, show
from web.console.queue import desks_known_to
from web.console.session import KeepsDesksAtScreen, KeepsSourcesAtScreen, TheForm
from web.console.words import gettext as _
from web.house import House
from web.registry import Room

router = APIRouter(include_in_schema=False)
LONGEST_NAME, A_WEEK_S = 100, 7 * 24 * 3600
LATELY = timedelta(minutes=10)


@router.get("/desks", operation_id="desks_page")
def desks_page(request: Request, caller: KeepsDesksAtScreen, house: TheHouse) -> Response:
    """Who is where, what waits since when, by when it is to be answered, and where it goes on."""
    return show(request, Page("desks.html", _desks(house, caller)))


def _desks(house: House, caller: Caller) -> dict[str, Any]:
    with house.db.reading() as session:
        now = house.clock.now(session)
        desks = desks_seen(session, caller, house.plain_desks, now)
        rules, _version = routing_table(session, caller.force)
        lately = dict(measures_of(session, caller, None, (now - LATELY, now)))
        pressed = {one.desk: rate_at(lately.get(one.desk), one.people) for one in desks}
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_desks", outcome=Outcome.SHOWN), session)
    return {
        "desks": desks, "rules": rules, "now": now, "typed": {}, "wrong": {}, "pressed": pressed,
        "flood": FLOOD_BEGINS,
    }  # fmt: skip


def rate_at(measured: Measures | None, people: int) -> float:
    """Alerts of the last ten minutes for each person who is at a desk, or who answered at it."""
    return round(measured.alerts / max(people, measured.people, 1), 1) if measured else 0.0


@router.post("/desks", operation_id="set_desk_at_screen")
def set_desk_at_screen(request: Request, caller: KeepsDesksAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Where a desk passes on what comes while nobody is at it."""
    name, fallback = form["desk"].strip(), form["fallback"].strip()
    wrong = _wrong_names(form, ("desk",))
    if fallback and fallback == name:
        wrong["fallback"] = _("A desk does not pass on to itself")
    if len(fallback) > LONGEST_NAME:
        wrong["fallback"] = _("At most {most} characters").format(most=LONGEST_NAME)
    if fallback and not wrong and fallback not in desks_known_to(house, caller):
        wrong["fallback"] = _("This is no desk here: make it first, by saying where it passes on")
    if wrong:
        holds = _desks(house, caller) | {"typed": dict(form.items()), "wrong": wrong}
        return show(request, Page("desks.html", holds, 422))
    with house.db.transaction() as session:
        Room(house, session, caller).set_desk(name, fallback or None)
    return RedirectResponse("/desks", 303)


def _wrong_names(form: Form, names: tuple[str, ...]) -> dict[str, str]:
    """Names that are wanted, and missing or too long."""
    return {
        name: _("Between 1 and {most} characters").format(most=LONGEST_NAME)
        for name in names if not 0 < len(form[name].strip()) <= LONGEST_NAME
    }  # fmt: skip


@router.get("/sources", operation_id="sources_page")
def sources_page(request: Request, caller: KeepsSourcesAtScreen, house: TheHouse) -> Response:
    """The feeds that are expected, when each was heard of, and which are silent."""
    return show(request, Page("sources.html", _sources(house, caller)))


def _sources(house: House, caller: Caller) -> dict[str, Any]:
    with house.db.reading() as session:
        now = house.clock.now(session)
        rows = [
            (one, heard_at(session, one, now), is_silent(session, one, now))
            for one in sources_of(session, caller.force)
        ]
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_sources", outcome=Outcome.SHOWN), session)
    return {"rows": rows, "now": now, "default_queue": house.default_queue, "typed": {}, "wrong": {}}


@router.post("/sources", operation_id="expect_source_at_screen")
def expect_source_at_screen(request: Request, caller: KeepsSourcesAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Expect a source every so many seconds from now on; nothing written: it need not be heard of."""
    wrong = _wrong_names(form, ("source",))
    every = whole(form["every_s"], A_WEEK_S) if form["every_s"] else None
    if form["every_s"] and not every:
        wrong["every_s"] = _("Seconds, from 1 to a week; nothing where it need not be heard of")
    if len(form["queue"]) > LONGEST_NAME:
        wrong["queue"] = _("At most {most} characters").format(most=LONGEST_NAME)
    if wrong:
        holds = _sources(house, caller) | {"typed": dict(form.items()), "wrong": wrong}
        return show(request, Page("sources.html", holds, 422))
    source = form["source"].strip()
    wanted = Expected(source=source, every_s=every, queue=form["queue"].strip() or house.default_queue)
    with house.db.transaction() as session:
        Room(house, session, caller).expect(wanted)
    return RedirectResponse("/sources", 303)
