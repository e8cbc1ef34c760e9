"""Placing a marker in a minute: what it says, where and who, until when; drilled before it is saved.

The check plays the real thing: the marker is placed, drilled, and the transaction is taken back.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from markers import register
from markers.drafts import Draft
from markers.drafts import Response as Required
from markers.drill import Drilled, drill
from markers.instructions import warnings_of
from markers.matcher import NotMatched
from markers.matching.box import understand_box
from markers.matching.parts import search_term
from markers.matching.values import Address, Phone
from markers.models import Marker
from markers.queries import with_targets
from markers.refusals import CircleTooSmall, MarkerNotUnderstood, ReferenceTaken
from markers.retention import categories_of
from markers.things import thing_of
from markers.words import CallBack, Grade, Risk, Sensitivity, SubjectRole
from web.caller import TheHouse
from web.casework import case_named
from web.console.forms import Form, whole
from web.console.look_up import LEVELS, worst_first
from web.console.marker_helps import SUGGESTED
from web.console.pages import Page, show
from web.console.queue import desks_of
from web.console.session import PlacesAtScreen, TheForm
from web.console.taken import Taken, offered_by
from web.console.targets_form import corners_of, taken_in, targets_in
from web.console.words import gettext as _
from web.house import House
from web.looking_up import Hit, act_of, looked_up
from web.registry import Registry

router = APIRouter(include_in_schema=False)
CATEGORIES = (
    "domestic abuse", "stalking", "stalking protection order", "honour-based abuse", "threats to life", "exploitation",
    "vulnerable adult", "missing from home", "witness", "hate crime", "violence to staff", "firearms", "repeat caller",
)  # fmt: skip
"""Suggested, and never the only ones."""
LASTS = ((30, "30 days"), (90, "3 months"), (183, "6 months"), (365, "1 year"), (0, "Until it is withdrawn"))
INSTRUCTION_AT_MOST = 2000
EMPTY = {"risk": "", "lasts": "365"}
CHOSEN: Mapping[str, Collection[str]] = {
    "subject_role": set(SubjectRole), "grade": set(Grade), "call_back": set(CallBack), "sensitivity": set(Sensitivity),
    "lasts": {str(days) for days, _words in LASTS},
}  # fmt: skip
MADE = re.compile(r"[0-9A-F]{6}", re.ASCII)
"""The end of a reference that was made with the form: the same form sent twice is the same marker."""
MOST_DAYS, LONGEST = 3650, 200
FIELDS = {
    "instruction": "instruction", "category": "category", "reference": "reference", "valid_until": "lasts",
    "queue": "queue", "sensitivity": "sensitivity",
}  # fmt: skip
"""Where the register speaks of a field, the form's own name of it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as a draft, or what is wrong with which field."""

    draft: Draft | None
    wrong: dict[str, str]
    fields: list[str]
    taken: Sequence[Taken] = ()


@router.get("/markers/new", operation_id="new_marker_page")
def new_marker_page(
    request: Request, caller: PlacesAtScreen, house: TheHouse, case: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The empty form; where it was opened at a case, that stands in it."""
    typed = dict(EMPTY)
    if case:
        with house.db.reading() as session:
            named = case_named(session, caller, case)
            typed |= {"case": named.reference} if named else {}
    return _shown(request, house, caller, typed)


def _shown(
    request: Request, house: House, caller: Caller, typed: Mapping[str, str], status: int = 200, **more: Any
) -> Response:
    holds = _holds(house, caller, typed) | more
    return show(request, Page("marker_form.html", holds, status, has_tiles=True))


def _holds(house: House, caller: Caller, typed: Mapping[str, str]) -> dict[str, Any]:
    offered: Sequence[Taken] = ()
    if typed.get("alert"):
        with house.db.reading() as session:
            now = house.clock.now(session)
            offered = offered_by(session, caller, typed["alert"].lstrip("#"), now)
            things = [one.thing for one in offered]
        act = Act(operation=Operation.CONSULTATION, action="read_alert", outcome=Outcome.SHOWN, objects=things)
        house.record(caller, act, session)
    return {
        "categories": CATEGORIES, "lasts": LASTS, "suggested": SUGGESTED, "desks": desks_of(house, caller),
        "typed": typed, "offered": offered, "made": _made(house),
        "may_hide": bool(caller.circles), "corners": corners_of(typed), "tile_url": house.console.tile_url or "",
        "map_start": house.console.map_start,
        "tile_attribution": house.console.tile_attribution,
    }  # fmt: skip


@router.post("/markers/new", operation_id="place_marker_at_screen")
def place_marker_at_screen(request: Request, caller: PlacesAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Check it, or place it; a look-up hands its text over to the form, and an alert what its events named."""
    typed = dict(form.items())
    if form["from"] == "look-up":
        return _shown(request, house, caller, EMPTY | from_look_up(form["box"], house))
    if form["from"] == "alert" or form["act"] == "offer":
        return _shown(request, house, caller, EMPTY | typed)
    holds = _holds(house, caller, typed)
    filled = draft_of(form, house, holds, house.now())
    wrong, status = filled.wrong, 422
    if filled.draft is not None:
        try:
            if form["act"] == "check":
                drilled = check(house, caller, filled.draft)
                told = {
                    "drilled": drilled, "levels": LEVELS, "warnings": warnings_of(form["instruction"]),
                    "already": marked_already(house, caller, filled.draft),
                }  # fmt: skip
                return show(request, Page("marker_form.html", holds | told, has_tiles=True))
            marker_id = place(house, caller, filled)
            house.look_back([(caller.force, marker_id)])
            return RedirectResponse(f"/markers/{marker_id}", 303)
        except MarkerNotUnderstood as error:
            wrong = {field_of(problem.at, filled.fields): problem.detail for problem in error.problems}
        except ReferenceTaken:
            wrong, status = {"reference": _("Another marker has this reference")}, 409
        except CircleTooSmall as error:
            wrong, status = {"queue": str(error)}, 409
    return show(request, Page("marker_form.html", holds | {"wrong": wrong}, status, has_tiles=True))


def from_look_up(text: str, house: House) -> dict[str, str]:
    """What was looked up, in the field that it belongs to."""
    parts = understand_box(text, house.reading.numbering).parts
    if any(isinstance(one.value, Phone) for one in parts):
        return {"number": text}
    return {"address": text} if any(isinstance(one.value, Address) for one in parts) else {}


def field_of(at: str, fields: list[str]) -> str:
    """The form's field that a problem of the register is about."""
    if at.startswith("targets["):
        index = int(at.partition("[")[2].partition("]")[0])
        return fields[index] if index < len(fields) else "number"
    return FIELDS.get(at.partition(".")[0], "instruction")


def says_wrong(form: Form, desks: Sequence[str]) -> dict[str, str]:
    """What is wrong with what a marker is to say, at its fields."""
    needed = {"category": _("Say what it is about"), "instruction": _("Say what the call handler must do")}
    wrong = {name: told for name, told in needed.items() if not form[name]}
    if len(form["instruction"]) > INSTRUCTION_AT_MOST:
        wrong["instruction"] = _("At most {most} characters").format(most=INSTRUCTION_AT_MOST)
    for name in ("category", "reference", "case", "code_word"):
        if len(form[name]) > LONGEST:
            wrong[name] = _("At most {most} characters").format(most=LONGEST)
    if form["risk"] not in set(Risk):
        wrong["risk"] = _("Say how high the risk is")
    for name, known in CHOSEN.items():
        if form[name] and form[name] not in known:
            wrong[name] = _("This is none of what may be chosen")
    if form["queue"] and form["queue"] not in desks:
        wrong["queue"] = _("This is none of the desks")
    return wrong


def subject_role_in(form: Form) -> SubjectRole:
    """What the person is to it; who says nothing: other."""
    return SubjectRole(form["subject_role"] or "other")


def required_in(form: Form) -> Required:
    """The response that it requires, as far as the form names one."""
    return Required(
        grade=Grade(form["grade"]) if form["grade"] else None,
        call_back=CallBack(form["call_back"]) if form["call_back"] else None,
        code_word=form["code_word"] or None,
    )


def draft_of(form: Form, house: House, holds: Mapping[str, Any], now: datetime) -> Filled:
    """The form as a draft of a marker: its alerts may go to one of the desks that it `holds`, and it may take over what
    the alert that it holds has offered.
    """
    wrong = says_wrong(form, holds["desks"])
    targets, fields = targets_in(form, wrong, house.reading.numbering)
    chosen = taken_in(form, holds["offered"])
    targets, fields = [*(one.target for one in chosen), *targets], [*("alert" for _one in chosen), *fields]
    if not targets and not wrong.keys() & {"number", "address", "radius", "lat_0"}:
        wrong["number"] = _("Give a number, an address or an area: without one it would never fire")
    if wrong:
        return Filled(None, wrong, fields, chosen)
    days = 365 if (lasts := whole(form["lasts"], MOST_DAYS)) is None else lasts
    draft = Draft(
        category=form["category"], risk=Risk(form["risk"]), instruction=form["instruction"], targets=targets,
        sensitivity=Sensitivity(form["sensitivity"] or Sensitivity.OPEN),
        subject_role=subject_role_in(form),
        reference=form["reference"] or f"MRK-{now:%Y}-{form['made'] if MADE.fullmatch(form['made']) else _made(house)}",
        narrative=form["narrative"] or None, queue=form["queue"] or None, case=form["case"] or None,
        response=required_in(form),
        valid_until=now + timedelta(days=days) if days else None,
        review_due=now + timedelta(days=min(days or house.review_days, house.review_days)),
    )  # fmt: skip
    return Filled(draft, {}, fields, chosen)


def _made(house: House) -> str:
    return house.randomness(3).hex().upper()


def marked_already(house: House, caller: Caller, drilled: Draft) -> list[Hit]:
    """The markers that stand on the same numbers and places, as far as this officer may read them; it is a look-up."""
    numbering = house.reading.numbering
    texts = [
        str(one.given.get("number") or one.given.get("text") or one.given.get("value") or "") for one in drilled.targets
    ]
    parts = [part for text in texts if text for part in understand_box(text, numbering).parts]
    if not parts:
        return []
    with house.db.reading() as session:
        found = looked_up(session, caller, parts, house.reading, house.clock.now(session))
        hits = [] if isinstance(found, NotMatched) else found
    house.record(caller, act_of(hits, map(search_term, parts), in_hand=None, reason=None), session)
    return worst_first(hits)


def check(house: House, caller: Caller, draft: Draft) -> list[Drilled]:
    """Place it, drill it, and take all of it back."""
    drilled: list[Drilled] = []
    with house.db.rehearsal() as session:
        marker, now = _placed(session, house, caller, draft)
        drilled += drill(session, with_targets(session, [marker]), house.reading, now)[marker.id]
    return drilled


def place(house: House, caller: Caller, filled: Filled) -> UUID:
    """Store it; answers its id. What was taken from events stays beside it in the trail."""
    assert filled.draft is not None
    with house.db.transaction() as session:
        marker, now = _placed(session, house, caller, filled.draft)
        things = [thing_of(marker), *dict.fromkeys(one.thing for one in filled.taken)]
        act = Act(operation=Operation.COLLECTION, action="place_marker", objects=things)
        house.recorder.record(session, caller, act, now)
        return marker.id


def _placed(session: Session, house: House, caller: Caller, draft: Draft) -> tuple[Marker, datetime]:
    desk = Registry(house, session, caller).desk
    # A category that has a period of its own says when a new marker is looked at again.
    if any(one.name == draft.category and one.review_days for one in categories_of(session, caller.force)):
        draft = replace(draft, review_due=None)
    return register.place(session, draft, desk), desk.now
