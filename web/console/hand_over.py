"""Handing over a shift: what somebody answers for on one sheet, that can be printed, and one move to give it on."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from access.people import people_of_the_room
from access.roles import Caller, Role
from access.trail import Act, Operation, Outcome
from alerts.handing_over import HandOver, NotYoursToHandOver, answered_for_by, hand_over, owners
from alerts.moving import PersonUnknown
from alerts.seen import alerts_seen, things_on
from web.caller import TheHouse
from web.console.pages import Page, show
from web.console.rows import row_of
from web.console.session import HandsOverAtScreen, TheForm
from web.console.words import gettext as _
from web.house import House
from web.moved import act_of_hand_over

router = APIRouter(include_in_schema=False)
LONGEST_WORDS = 4000


class HandOverQuery(BaseModel):
    """Whose alerts: one's own, or (for a supervisor) somebody else's."""

    model_config = ConfigDict(hide_input_in_errors=True)

    whose: str | None = Field(None, alias="from", max_length=200)


@router.get("/hand-over", operation_id="hand_over_page")
def hand_over_page(
    request: Request, caller: HandsOverAtScreen, house: TheHouse, wanted: Annotated[HandOverQuery, Query()]
) -> Response:
    """The sheet: what is handed over, in full, to be read, printed, and given on."""
    return show(request, Page("hand_over.html", _sheet(house, caller, wanted.whose or caller.name)))


def _sheet(house: House, caller: Caller, whose: str) -> dict[str, Any]:
    may_choose = caller.role is Role.SUPERVISOR
    if whose != caller.name and not may_choose:
        raise NotYoursToHandOver
    with house.db.reading() as session:
        now = house.clock.now(session)
        seen = alerts_seen(session, answered_for_by(session, caller, whose), now, whole=True)
        people = sorted({one.name for one in people_of_the_room(session, caller.force, now)} - {whose})
        keepers = sorted({caller.name, *owners(session, caller)}) if may_choose else []
        rows = [(row_of(one), _last_words(one.history)) for one in seen]
    things = list(dict.fromkeys(thing for one in seen for thing in things_on(one)))
    act = Act(
        operation=Operation.CONSULTATION, action="read_hand_over", search=True, outcome=Outcome.SHOWN, objects=things
    )  # fmt: skip
    house.record(caller, act, session)
    return {"rows": rows, "people": people, "whose": whose, "owners": keepers, "now": now, "typed": {}, "wrong": {}}


def _last_words(history: Any) -> str:
    """What was noted last, which is what the next one wants to know first."""
    return next((line.note for line in reversed(history or ()) if line.note), "")


@router.post("/hand-over", operation_id="hand_over_at_screen")
def hand_over_at_screen(request: Request, caller: HandsOverAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Give it all to somebody, in one move; the sheet stands as it was handed over, to be printed."""
    sheet = _sheet(house, caller, form["from"] or caller.name)
    wrong: dict[str, str] = {}
    if form["to"] not in sheet["people"]:
        wrong["to"] = _("Say who takes it")
    if len(form["note"]) > LONGEST_WORDS:
        wrong["note"] = _("At most {most} characters").format(most=LONGEST_WORDS)
    if not wrong:
        try:
            sheet |= _given(house, caller, sheet["whose"], form)
        except PersonUnknown as error:
            wrong["to"] = str(error)
    typed = {"to": form["to"], "note": form["note"]}
    return show(request, Page("hand_over.html", sheet | {"wrong": wrong, "typed": typed}, 422 if wrong else 200))


def _given(house: House, caller: Caller, whose: str, form: Any) -> dict[str, Any]:
    wanted = HandOver(caller=caller, whose=whose, to=form["to"], note=form["note"] or None)
    with house.db.transaction() as session:
        now = house.clock.now(session)
        done = hand_over(session, wanted, now)
        house.recorder.record(session, caller, act_of_hand_over(done), now)
        return {"moved": len(done.moved), "left": [because for _id, because in done.left], "to": wanted.to}
