"""Look up: one box, what was understood read back, the markers worst first; one key makes it a concern or a marker.

What is asked for travels in the body, never in an address; it is recorded as a consultation, as the API's look-ups are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from access.roles import Caller
from access.sight import sees_instruction, sees_targets
from access.trail import Act, Operation, Outcome, Thing
from markers.matcher import Asked, Found, NotMatched, matches_for
from markers.matching.box import LONGEST, NOTHING, understand_box
from markers.matching.evidence import IN_GENERAL, Level
from markers.matching.parts import Understood, read_back, search_term
from markers.matching.values import Address, Identifier, Phone, Point
from markers.models import Marker
from markers.queries import active_count, markers_by_id, readable_by
from web.caller import TheHouse
from web.console.pages import Page, part, show
from web.console.session import LooksUpAtScreen, TheForm
from web.console.words import gettext as _
from web.house import House

router = APIRouter(include_in_schema=False)
MOST = 50
_BACK = re.compile(r"/(?:[a-z0-9][a-z0-9/-]{0,60})?(?:#alert-c?\d{1,12})?", re.ASCII)
KINDS: dict[type, str] = {Phone: "number", Address: "address", Point: "position", Identifier: "mark or account"}
LEVELS = {
    Level.EXACT_NUMBER: "exact number", Level.IN_RANGE: "in a marked block of numbers",
    Level.EXACT_IDENTIFIER: "exact mark or account", Level.SAME_PREMISES: "same premises",
    Level.SAME_BUILDING: "same building", Level.POSSIBLE: "possible", Level.INSIDE: "inside the area",
    Level.MAY_BE_INSIDE: "may be inside the area", Level.NEAR: "near",
}  # fmt: skip
RISKS = {"high": 0, "medium": 1, "standard": 2}


@dataclass(frozen=True, slots=True)
class Hit:
    """A marker that was found, as this reader may see it."""

    reference: str
    category: str
    risk: str
    subject_role: str
    level: str
    instruction: str | None
    evidence: Sequence[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What a text was understood as: of what kind, and read back."""

    kind: str
    words: str


@router.get("/look-up", operation_id="look_up_page")
def look_up_page(request: Request, _caller: LooksUpAtScreen, back: str = "") -> Response:
    """The empty box; Esc goes `back`."""
    return show(request, Page("look_up.html", {"typed": {"back": _own(back)}, "longest": LONGEST}))


def _own(back: str) -> str:
    """A page of ours, with the row where somebody was."""
    return back if _BACK.fullmatch(back) else "/queue"


@router.post("/look-up/understood", operation_id="understood_so_far")
def understood_so_far(request: Request, _caller: LooksUpAtScreen, house: TheHouse, form: TheForm) -> Response:
    """What is understood of what was typed so far: nothing is looked up, and nothing recorded."""
    text = form["box"] or form["number"] or form["address"]
    understood = understand_box(text, house.reading.numbering) if text else Understood()
    return part(request, "understood.html", said=said_of(understood), wrong=_wrong(understood) if text else None)


@router.post("/look-up", operation_id="look_up_at_screen")
def look_up_at_screen(request: Request, caller: LooksUpAtScreen, house: TheHouse, form: TheForm) -> Response:
    """What is known of it, among the markers that this person may read."""
    understood = understand_box(form["box"], house.reading.numbering)
    holds: dict[str, Any] = {
        "typed": dict(form.items()) | {"back": _own(form["back"])},
        "said": said_of(understood),
        "wrong": _wrong(understood),
        "longest": LONGEST,
    }
    if not understood.parts:
        return show(request, Page("look_up.html", holds, 422))
    with house.db.reading() as session:
        hits, markers = found(house, session, caller, understood)
        searched = active_count(session, caller, house.clock.now(session))
    act = Act(
        operation=Operation.CONSULTATION, action="look_up", search=True, outcome=Outcome.SHOWN,
        objects=[Thing("marker", marker.id, marker.version, marker.audience) for marker in markers],
        in_hand=form["incident"] or None, reason=form["reason"] or None,
        terms=[search_term(one) for one in understood.parts],
    )  # fmt: skip
    house.record(caller, act, session)
    return show(request, Page("look_up.html", holds | {"hits": hits, "searched": searched, "asked_at": house.now()}))


def found(house: House, session: Session, caller: Caller, understood: Understood) -> tuple[list[Hit], list[Marker]]:
    """The markers that what was asked for means, worst first, and their rows."""
    now = house.clock.now(session)
    [answer] = matches_for(session, [Asked(understood.parts, (now,))], house.reading, readable_by(caller))
    matches = [] if isinstance(answer, NotMatched) else answer[:MOST]
    markers = markers_by_id(session, [caller.force], {one.candidate.marker_id for one in matches})
    best: dict[Any, Found] = {}
    for one in matches:
        best.setdefault(one.candidate.marker_id, one)
    hits = [(RISKS[markers[key].risk], _hit(one, markers[key], caller)) for key, one in best.items()]
    return [hit for _, hit in sorted(hits, key=lambda pair: pair[0])], list(markers.values())


def _hit(one: Found, marker: Marker, caller: Caller) -> Hit:
    sees = sees_instruction(caller, marker.sensitivity, on_alert=False)
    shows = sees_targets(caller, marker.sensitivity)
    return Hit(
        reference=marker.reference or _("without a reference"), category=marker.category, risk=marker.risk,
        subject_role=marker.subject_role, level=_(LEVELS[one.match.level]),
        instruction=marker.instruction if sees else None,
        evidence=list(one.match.evidence) if shows else [IN_GENERAL[one.match.level]],
    )  # fmt: skip


def said_of(understood: Understood) -> list[Said]:
    """Each reading, with its kind."""
    return [Said(_(KINDS[type(one.value)]), read_back(one)) for one in understood.parts]


def _wrong(understood: Understood) -> str | None:
    """Why nothing was understood, in words."""
    if understood.parts:
        return None
    return (understood.problems or (NOTHING,))[0].detail
