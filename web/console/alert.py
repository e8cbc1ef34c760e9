"""One alert: what is required first, then why it matched, where, the run of events, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from access import sessions
from access.trail import Act, Operation, Outcome
from alerts.climbing import readers_of
from alerts.events import objects_in
from alerts.feed import View, where_now
from alerts.handling import AlertNotFound
from alerts.queries import alert_numbered, alerts_by_id
from alerts.rules.moves import AFTER, LONGEST_SHELF
from alerts.rules.words import Change, Move, Priority, State
from alerts.seen import AlertSeen, EventSeen, LineSeen, alerts_seen, things_on, written_in
from alerts.whereabouts import Spot, whereabouts
from markers.matching.plan import Plan, in_words, lay_out
from web.caller import TheHouse
from web.console.bearing import (
    RESULTS,
    awaiting_told,
    finding_of,
    hours_drawn,
    orders_told,
    windows_told,
)
from web.console.forms import whole
from web.console.pages import Page, show
from web.console.rows import row_of
from web.console.session import SeesQueue, visit_of
from web.console.words import gettext as _
from web.house import House

router = APIRouter(include_in_schema=False)
WIDTH, HEIGHT = 640, 360
KINDS = {
    "caller": "Caller, located", "incident": "Incident", "mentioned": "Mentioned",
    "subscriber": "Caller's address", "marked": "Marked",
}  # fmt: skip
CHANGES = {
    "raised": "Raised", "event_added": "A further event", "related": "Linked to another alert",
    "looked_back": "Found by looking back", "escalated_as_late": "Sent up: nobody had answered in time",
    "back_from_shelf": "Back from the shelf", "acknowledge": "Acknowledged", "release": "Given back",
    "assign": "Handed on", "escalate": "Sent up", "shelve": "Shelved", "unshelve": "Brought back",
    "resolve": "Resolved", "reopen": "Reopened", "note": "Note", "regrade": "Regraded", "confirm": "Agreed to",
    "refuse": "Refused", "confirmation_asked": "Asked for a second person",
    "back_to_follow_up": "Back, to be looked at again", "handed_over": "Handed over", "incident": "Incident given",
    "passed_on": "Passed on: nobody was at its desk", "raised_again": "Raised again: nobody worked on it",
    "swept": "Put right by the service: it had no next step",
}  # fmt: skip
AGAIN = {
    "idle": "nothing happened for too long", "signed_out": "its owner signed out", "gone": "its owner is gone",
}  # fmt: skip
PRIORITIES = {
    Priority.IMMEDIATE: "immediate", Priority.URGENT: "urgent", Priority.ROUTINE: "routine",
}  # fmt: skip
FOLLOW_UP = (
    ("", "not again"), (60, "in an hour"), (240, "in 4 hours"), (1440, "in a day"), (4320, "in 3 days"),
    (10080, "in a week"),
)  # fmt: skip
SHELF_FOR = ((15, "15 minutes"), (60, "1 hour"), (240, "4 hours"), (1440, "1 day"))


@dataclass(frozen=True, slots=True)
class Told:
    """A place in words, and whether the plan shows it."""

    kind: str
    name: str
    words: str
    distance: str
    on_plan: int | None


def told(spots: Sequence[Spot]) -> list[Told]:
    """Each place with its distance, as somebody would say it."""
    lines, number = [], 0
    for spot in spots:
        number += spot.place is not None
        words = spot.words or _("a position") if spot.kind != "marked" else spot.words or _("the marked area")
        uncertainty = getattr(spot.place, "uncertainty_m", 0.0)
        off = f", {_('give or take')} {in_words(uncertainty)}" if uncertainty else ""
        lines.append(
            Told(
                spot.kind,
                _(KINDS.get(spot.kind, "Mentioned")),
                words + off,
                _distance(spot),
                number if spot.place else None,
            )
        )
    return lines


def _distance(spot: Spot) -> str:
    if spot.gap is None:
        return "" if spot.place is not None or not spot.is_somewhere else _("no position is known")
    if spot.gap.metres < 1:
        return _("here")
    return f"{in_words(spot.gap.metres)} {_(spot.gap.towards)}"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event in the run of events."""

    at: datetime
    title: str
    lines: Sequence[str]
    source: str


def run_of(events: Sequence[EventSeen]) -> list[Happened]:
    """What happened, newest first, in words."""
    return [Happened(event.occurred_at, _title(event), _lines(event), event.source) for event in events]


def _title(event: EventSeen) -> str:
    kinds = {"call": _("Call"), "incident": _("Incident"), "concern": _("Concern of the room")}
    said = [kinds.get(event.type, event.type)]
    payload = event.payload
    if payload.get("silent_solution") is True:
        said.append(_("55 was pressed"))
    if payload.get("abandoned") is True:
        said.append(_("nobody spoke"))
    line = {"silent": _("silent line"), "cleared": _("cleared"), "cut_off": _("cut off"), "open": _("open line")}
    if isinstance(payload.get("line"), str) and payload["line"] in line:
        said.append(line[payload["line"]])
    return ", ".join(said)


def _lines(event: EventSeen) -> list[str]:
    roles = {"caller": _("from"), "called": _("to"), "mentioned": _("mentioned")}
    lines = [
        f"{roles.get(str(phone.get('role')), _('from'))} {phone.get('number') or _('a withheld number')}"
        for phone in objects_in(event.payload, "phones")
    ]
    lines += [written_in(place) for place in objects_in(event.payload, "locations")]
    lines += [
        f"{person.get('role', '')}: {person['name']}".lstrip(": ")
        for person in objects_in(event.payload, "people")
        if person.get("name")
    ]
    lines += [str(thing["value"]) for thing in objects_in(event.payload, "identifiers") if thing.get("value")]
    lines += [str(event.payload[name]) for name in ("summary", "operator_note") if event.payload.get(name)]
    return [line for line in lines if line]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history as the page tells it; `times` for what repeats itself."""

    seen: LineSeen
    times: int


def folded(lines: Sequence[LineSeen]) -> list[Line]:
    """Newest first; steps up one after the other, with nothing between, are one line."""
    told: list[Line] = []
    for line in lines:
        repeats = told and line.change == Change.ESCALATED_AS_LATE == told[-1].seen.change
        if repeats:
            told[-1] = Line(line, told[-1].times + 1)
        else:
            told.append(Line(line, 1))
    return told[::-1]


def allowed(seen: AlertSeen, me: str) -> dict[str, bool]:
    """Which moves make sense now; the corridor decides again when one is asked for."""
    state = State(seen.row.state)
    can = {move.value: state in AFTER[move] for move in Move}
    is_shelved = seen.row.shelved_until is not None
    can |= {"shelve": can["shelve"] and not is_shelved, "unshelve": can["unshelve"] and is_shelved}
    # At a wall screen anybody may come up to it: the corridor asks whether it is theirs.
    return can | {"release": can["release"] and me in ("", seen.row.acknowledged_by)}


def gathered(house: House, request: Request, number: str) -> tuple[dict[str, Any], bool]:
    """All that the page shows, and whether it has a map; the look is recorded."""
    visit = visit_of(request)
    caller = visit.caller
    with house.db.reading() as session:
        alert = alert_numbered(session, caller, number)
        if alert is None:
            raise AlertNotFound
        now = house.clock.now(session)
        [seen] = alerts_seen(session, [alert], now, whole=True)
        spots = whereabouts(session, seen, house.reading.numbering)
        named = [*seen.related, *([alert.previous_id] if alert.previous_id else [])]
        others = [row_of(one) for one in alerts_seen(session, alerts_by_id(session, caller, named), now)]
        holds = {
            "seen": seen, "row": row_of(seen), "now": now, "spots": told(spots), "what_happened": run_of(seen.events),
            "history": folded(seen.history or ()), "changes": CHANGES, "again": AGAIN, "results": RESULTS,
            "can": allowed(seen, visit.me),
            "orders": orders_told(seen), "finding": finding_of, "awaiting": awaiting_told(seen),
            "windows": windows_told(seen.pattern), "hours": hours_drawn(seen.pattern), "follow_up": FOLLOW_UP,
            "regrades": [(one.value, _(PRIORITIES[one])) for one in Priority if one.value != alert.priority],
            "people": sorted({one.name for one in readers_of(session, alert, now)} - {caller.name}),
            "looking": sorted({*sessions.looking_at(session, caller.force, alert.id, now)} - {caller.name}),
            "others": others, "position": str(where_now(session, View(caller))), "shelf_for": SHELF_FOR,
        }  # fmt: skip
    act = Act(
        operation=Operation.CONSULTATION, action="read_alert", outcome=Outcome.SHOWN, objects=things_on(seen),
        in_hand=seen.incident or seen.call,
    )  # fmt: skip
    with house.db.transaction() as session:
        sessions.look_at(session, visit, alert.id)
        house.recorder.record(session, caller, act, now)
    plan = lay_out([spot.place for spot in spots if spot.place is not None], WIDTH, HEIGHT)
    console = house.console
    holds |= {"plan": plan, "tiles": tiles_of(plan, console.tile_url), "attribution": console.tile_attribution}
    return holds, bool(console.tile_url and plan)


def tiles_of(plan: Plan | None, url: str | None) -> list[tuple[str, float, float, float]]:
    """The map under a plan: address, left, top and side of each tile."""
    if plan is None or url is None:
        return []
    return [
        (url.replace("{z}", str(tile.zoom)).replace("{x}", str(tile.column)).replace("{y}", str(tile.row)),
         tile.x, tile.y, tile.side) for tile in plan.tiles
    ]  # fmt: skip


@router.get("/alerts/{number}", operation_id="alert_page")
def alert_page(request: Request, _: SeesQueue, house: TheHouse, number: str) -> Response:
    """One alert, by the number that people say."""
    holds, has_tiles = gathered(house, request, number)
    return show(request, Page("alert.html", holds, has_tiles=has_tiles))


def until_of(minutes: str, now: datetime) -> datetime | None:
    """When a shelf of so many minutes ends."""
    wanted = whole(minutes, _MOST_MINUTES)
    return now + timedelta(minutes=wanted) if wanted else None


_MOST_MINUTES = int(LONGEST_SHELF.total_seconds() // 60)
