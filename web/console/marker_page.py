"""One marker, as its reader may see it: what it says, what it is on, and whether it would fire now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from access.roles import Caller, Permission
from access.sight import sees_instruction, sees_narrative, sees_targets
from access.trail import Act, Operation, Outcome
from alerts.models import Alert
from alerts.queries import last_alert_by_target, last_alerts_of
from alerts.seen import number_of
from db.sealed import read_json
from markers.drill import Drilled, drill
from markers.instructions import warnings_of
from markers.matching.evidence import Level
from markers.matching.parts import read_back
from markers.matching.plan import in_words, lay_out
from markers.matching.values import Address, Circle, Identifier, Numbering, Part, Phone, Polygon, Role
from markers.models import Marker, Target
from markers.queries import marker_readable_by, with_targets
from markers.standing import status_at
from markers.targets import target_value
from markers.things import thing_of
from web.caller import TheHouse
from web.casework import case_named
from web.console.alert import HEIGHT, WIDTH, tiles_of
from web.console.look_up import LEVELS
from web.console.marker import LASTS
from web.console.pages import Page, show
from web.console.rows import CALL_BACKS, GRADES
from web.console.session import LooksUpAtScreen
from web.console.timeline import plot_of, timeline_of
from web.console.words import gettext as _
from web.errors import MarkerNotFound
from web.house import House
from web.ids import read_id

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """A target in words, and what a drill of it found just now."""

    kind: str
    words: str
    fired: bool
    told: str
    proven_at: datetime | None = None
    last: tuple[str, datetime] | None = None


@router.get("/markers/{marker_id}", operation_id="marker_page")
def marker_page(request: Request, caller: LooksUpAtScreen, house: TheHouse, marker_id: str) -> Response:
    """The marker, drilled as it is opened."""
    return show(request, Page("marker.html", marker_shown(house, caller, marker_id), has_tiles=True))


def marker_shown(house: House, caller: Caller, marker_id: str) -> dict[str, Any]:
    """What the page of a marker holds for this caller; the look is recorded."""
    wanted = read_id(marker_id)
    with house.db.reading() as session:
        marker = wanted and marker_readable_by(session, caller, wanted)
        if not marker:
            raise MarkerNotFound
        now = house.clock.now(session)
        both = with_targets(session, [marker])
        drilled = drill(session, both, house.reading, now)[marker.id]
        shows = sees_targets(caller, marker.sensitivity)
        rows = both[marker.id][1]
        on_sight = sees_instruction(caller, marker.sensitivity, on_alert=False)
        holds: dict[str, Any] = {
            "marker": marker, "status": status_at(marker, now), "grades": GRADES, "call_backs": CALL_BACKS,
            "instruction": marker.instruction if on_sight else None,
            "code_word": marker.response_code_word if on_sight else None,
            "narrative": marker.narrative if sees_narrative(caller) else None,
            "targets": _all_seen(session, caller, (marker, rows, drilled), house.reading.numbering) if shows else None,
            "lasts_of_days": [(str(days), _(words)) for days, words in LASTS], "typed": {}, "wrong": {}, "tried": "",
            "drilled_at": now,
            "warnings": warnings_of(marker.instruction or "") if sees_narrative(caller) else (),
        } | _what_became(session, caller, marker, house, now)  # fmt: skip
        holds |= _plan_of(rows, house) if shows else {}
    act = Act(operation=Operation.CONSULTATION, action="read_marker", outcome=Outcome.SHOWN, objects=[thing_of(marker)])
    house.record(caller, act, session)
    return holds


def _what_became(session: Session, caller: Caller, marker: Marker, house: House, now: datetime) -> dict[str, Any]:
    """Its timeline, as a list and as a picture; alerts as far as they exist for this caller."""
    alerts = last_alerts_of(session, caller, marker) if caller.may(Permission.READ_ALERTS) else []
    case = case_named(session, caller, marker.case_reference) if marker.case_reference else None
    return {
        "timeline": timeline_of(marker, alerts, now), "has_alerts": bool(alerts), "marker_case": case and case.id,
        "plot": plot_of([one.raised_at for one in alerts], now, house.console.zone),
    }  # fmt: skip


def _plan_of(rows: Sequence[Target], house: House) -> dict[str, Any]:
    """Its areas on a plan, and the map under it where there is one."""
    values = [target_value(row.kind, read_json(row.given, {}), house.reading.numbering) for row in rows]
    places = [one for one in values if isinstance(one, Circle | Polygon)]
    plan = lay_out(places, WIDTH, HEIGHT)
    console = house.console
    return {"plan": plan, "tiles": tiles_of(plan, console.tile_url), "attribution": console.tile_attribution}


_Drill = tuple[Marker, Sequence[Target], Sequence[Drilled]]


def _all_seen(session: Session, caller: Caller, drilled: _Drill, numbering: Numbering) -> list[TargetSeen]:
    marker, rows, found = drilled
    last = last_alert_by_target(session, caller, marker) if caller.may(Permission.READ_ALERTS) else {}
    return [_seen(row, one, last.get(row.id), numbering) for row, one in zip(rows, found, strict=True)]


def _seen(row: Target, drilled: Drilled, last: Alert | None, numbering: Numbering) -> TargetSeen:
    kind, words = in_words_of(row, numbering)
    if drilled.fired and drilled.level:
        told = f"{_('fires')}: {_(LEVELS[Level(drilled.level)])}"
    else:
        told = f"{_('cannot fire')}: {_((drilled.cannot_fire or 'not found').replace('_', ' '))}"
    fired_last = (number_of(last), last.raised_at) if last else None
    return TargetSeen(kind, words, drilled.fired, told, row.proven_at, fired_last)


def in_words_of(row: Target, numbering: Numbering) -> tuple[str, str]:
    """A target as somebody would say it."""
    given = read_json(row.given, {})
    value = target_value(row.kind, given, numbering) if given else None
    if isinstance(value, Phone | Address | Identifier):
        kinds = {Phone: _("number"), Address: _("address"), Identifier: _("mark or account")}
        return kinds[type(value)], read_back(Part("", Role.MENTIONED, value))
    if isinstance(value, Circle):
        return _("area"), f"{in_words(value.radius_m)} {_('around')} {value.latitude:.5f}, {value.longitude:.5f}"
    if isinstance(value, Polygon):
        return _("area"), _("an outline of {count} corners").format(count=len(value.rings[0]) - 1)
    block = given.get("range") if isinstance(given, dict) else None
    return _("numbers"), f"{block['from']} {_('to')} {block['to']}" if block else _("this cannot be opened")
