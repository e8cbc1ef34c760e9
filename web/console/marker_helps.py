"""What a form of a marker says while it is being filled in: of the instruction, and of when a number was last heard."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from access.trail import Act, Operation, Outcome
from alerts.past import Named, last_named
from markers.instructions import warnings_of
from markers.matching.box import understand_box
from markers.matching.parts import search_term
from markers.matching.values import Phone
from web.caller import TheHouse
from web.console.pages import part
from web.console.session import PlacesAtScreen, TheForm
from web.console.targets_form import NUMBERS, is_typed_twice

router = APIRouter(include_in_schema=False)
SUGGESTED = 280
"""Characters that are read at a glance."""


@router.post("/markers/instruction", operation_id="instruction_so_far")
def instruction_so_far(request: Request, _caller: PlacesAtScreen, form: TheForm) -> Response:
    """What should be looked at again in an instruction as it is being written, and how long it has become."""
    text = form["instruction"]
    left = SUGGESTED - len(text)
    return part(request, "instruction_so_far.html", warnings=warnings_of(text) if text else (), left=left, text=text)


@router.post("/markers/last-event", operation_id="last_event_of_number")
def last_event_of_number(request: Request, caller: PlacesAtScreen, house: TheHouse, form: TheForm) -> Response:
    """When a number that was typed twice was last named by an event: asked of what came, and recorded as a look-up."""
    field = "number_2" if form["which"] == NUMBERS[1] else NUMBERS[0]
    typed, again = form[field], form[f"{field}_again"]
    numbering = house.reading.numbering
    parts = [one for one in understand_box(typed, numbering).parts if isinstance(one.value, Phone)]
    is_same = is_typed_twice(typed, again, numbering)
    named: Named | None = None
    if parts and is_same:
        with house.db.reading() as session:
            named = last_named(session, caller.force, parts)
        act = Act(
            operation=Operation.CONSULTATION, action="read_last_event", outcome=Outcome.SHOWN, search=True,
            terms=list(map(search_term, parts)),
        )  # fmt: skip
        house.record(caller, act, session)
    return part(
        request, "last_event.html", named=named, is_same=is_same, is_typed=bool(typed and again), is_number=bool(parts)
    )
