"""The queue: the list that a call handler works with all night, its feed, and what it asks of itself."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from access import sessions
from access.roles import Caller
from access.trail import Act, Operation, Outcome
from alerts.desks import desks_known, desks_named
from alerts.feed import View, where_now
from alerts.listing import AlertFilter, alerts_page
from alerts.queries import count_open, in_view, last_event, pressing
from alerts.seen import number_of, things_on
from web.caller import TheHouse
from web.console.pages import Page, part, show
from web.console.rows import Renderer, row_of, sections_of
from web.console.session import SeesQueue, TheForm, visit_of
from web.events_out import EventsOut
from web.house import House
from web.readers import Face, Reader

router = APIRouter(include_in_schema=False)
MOST = 400
"""Rows of one page; a queue that is longer has other troubles, and says how many there are."""

Desk = Annotated[str | None, Query(max_length=100, description="One desk's alerts")]


def view_of(request: Request, desk: str | None) -> View:
    """Whose eyes, and which desk: the one asked for, else the one chosen, else all of theirs."""
    visit = visit_of(request)
    return View(visit.caller, desk or visit.desk)


def _list(house: House, request: Request, view: View) -> dict[str, Any]:
    """The list as it stands at a position of the feed; recorded as what it is, a look."""
    visit = visit_of(request)
    with house.db.reading() as session:
        position = where_now(session, view)
        now = house.clock.now(session)
        page = alerts_page(session, view.caller, AlertFilter(queue=view.queue), (None, MOST), now)
        total = count_open(session, in_view(view.caller, view.queue))
        holds = {
            "position": str(position), "total": total, "now": now, "most": MOST,
            "desk": view.queue, "desks": desks_of(house, view.caller), "people": _here(session, view.caller, now),
            "last_event": last_event(session, view.caller.force),
        }  # fmt: skip
        things = [thing for seen in page.items for thing in things_on(seen)]
        rows = [row_of(seen) for seen in page.items]
    act = Act(
        operation=Operation.CONSULTATION, action="list_alerts", search=True, outcome=Outcome.SHOWN,
        objects=list(dict.fromkeys(things)),
    )  # fmt: skip
    house.record(view.caller, act, session)
    return holds | {"sections": sections_of(rows, visit.me), "shown": len(rows), "me": visit.me}


def _here(session: Session, caller: Caller, now: datetime) -> list[str]:
    return [name for name in sessions.here(session, caller.force, now) if name != caller.name]


def desks_of(house: House, caller: Caller) -> list[str]:
    """The desks that somebody may choose from: their own, else those that the settings, fallbacks and rules name."""
    if caller.desks:
        return sorted(caller.desks)
    with house.db.reading() as session:
        return list(dict.fromkeys([*house.plain_desks, *desks_named(session, caller.force)]))


def desks_known_to(house: House, caller: Caller) -> set[str]:
    """The desks that rules and fallbacks may name: any other name is one misspelt, at which nobody would look."""
    with house.db.reading() as session:
        return desks_known(session, caller, house.plain_desks, house.clock.now(session))


class QueueQuery(BaseModel):
    """What of the queue is shown: one desk's, some of it only, on a wall; and what a move could not take."""

    model_config = ConfigDict(hide_input_in_errors=True)

    desk: str | None = Field(None, max_length=100)
    only: Literal["all", "mine", "immediate", "urgent"] = "all"
    kiosk: bool = False
    refused: str = Field("", pattern=r"^[c0-9.]{0,2000}$")


@router.get("/queue", operation_id="queue_page")
def queue_page(request: Request, _: SeesQueue, house: TheHouse, wanted: Annotated[QueueQuery, Query()]) -> Response:
    """The live queue; without scripts, the queue as it stands."""
    view = view_of(request, wanted.desk)
    holds = _list(house, request, view) | {
        "only": wanted.only, "kiosk": wanted.kiosk or visit_of(request).is_kiosk, "asked_desk": wanted.desk,
        "refused": wanted.refused.replace(".", ", "),
    }  # fmt: skip
    return show(request, Page("queue.html", holds))


@router.get("/queue/list", operation_id="queue_list")
def queue_list(request: Request, _: SeesQueue, house: TheHouse, desk: Desk = None) -> Response:
    """The list alone, for a page whose own is no longer whole."""
    return part(request, "list.html", visit=visit_of(request), **_list(house, request, view_of(request, desk)))


@router.get("/queue/around", operation_id="queue_around")
def queue_around(request: Request, caller: SeesQueue, house: TheHouse) -> Response:
    """Who is here, and what came last: asked by the page now and then."""
    with house.db.reading() as session:
        now = house.clock.now(session)
        people = _here(session, caller, now)
        latest = last_event(session, caller.force)
    return part(request, "around.html", people=people, last_event=latest, now=now)


@router.get("/queue/waiting", operation_id="queue_waiting")
def queue_waiting(request: Request, caller: SeesQueue, house: TheHouse) -> list[str]:
    """The numbers of immediate alerts that nobody has, for pages that show no queue."""
    with house.db.reading() as session:
        return [number_of(one) for one in pressing(session, caller, view_of(request, None).queue)]


@router.post("/desk", operation_id="choose_desk")
def choose_desk(request: Request, caller: SeesQueue, house: TheHouse, form: TheForm) -> Response:
    """Sit down at a desk, or at all of one's own."""
    visit = visit_of(request)
    wanted = form["desk"] if form["desk"] in desks_of(house, caller) else None
    with house.db.transaction() as session:
        sessions.sit_at(session, visit, wanted)
    return RedirectResponse("/queue", 303)


async def _reader(
    request: Request,
    _: SeesQueue,
    house: TheHouse,
    after: Annotated[str | None, Query(max_length=60)] = None,
    desk: Desk = None,
) -> AsyncIterator[Reader]:
    face = Face("row", Renderer(house.console))
    async with house.hub.reading(view_of(request, desk), after, face) as reader:
        yield reader


@router.get("/console/feed", operation_id="console_feed", response_class=EventsOut)
async def console_feed(_: SeesQueue, house: TheHouse, reader: Annotated[Reader, Depends(_reader)]) -> EventsOut:
    """Rows as they change, for one browser; its worker resumes by `after`."""
    return EventsOut(house.hub.stream(reader))
