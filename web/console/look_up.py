"""Look up: one box, what was understood read back, the markers worst first; one key makes it a concern or a marker.

What is asked for travels in the body, never in an address; it is recorded as a consultation, as the API's look-ups are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from markers.matcher import NotMatched
from markers.matching.box import LONGEST, NOTHING, understand_box
from markers.matching.evidence import Level
from markers.matching.parts import Understood, read_back, search_term
from markers.matching.values import Address, Identifier, Phone, Point
from markers.queries import active_count
from web.caller import TheHouse
from web.console.pages import Page, part, show
from web.console.session import LooksUpAtScreen, TheForm
from web.console.words import gettext as _
from web.looking_up import Hit, act_of, looked_up

router = APIRouter(include_in_schema=False)
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
        now = house.clock.now(session)
        found = looked_up(session, caller, understood.parts, house.reading, now)
        hits = [] if isinstance(found, NotMatched) else found
        searched = active_count(session, caller, now)
    terms = map(search_term, understood.parts)
    act = act_of(hits, terms, in_hand=form["incident"] or None, reason=form["reason"] or None)
    house.record(caller, act, session)
    told = {"hits": worst_first(hits), "searched": searched, "asked_at": now, "levels": LEVELS}
    return show(request, Page("look_up.html", holds | told))


def worst_first(hits: Sequence[Hit]) -> list[Hit]:
    """Each marker once, by its best target; the highest risk first."""
    best: dict[UUID, Hit] = {}
    for hit in hits:
        best.setdefault(hit.marker.id, hit)
    return sorted(best.values(), key=lambda hit: RISKS[hit.marker.risk])


def said_of(understood: Understood) -> list[Said]:
    """Each reading, with its kind."""
    return [Said(_(KINDS[type(one.value)]), read_back(one)) for one in understood.parts]


def _wrong(understood: Understood) -> str | None:
    """Why nothing was understood, in words."""
    if understood.parts:
        return None
    return (understood.problems or (NOTHING,))[0].detail
