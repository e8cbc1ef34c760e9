"""A case is opened, amended, graded, noted in: forms that keep what was typed and name the field that is wrong."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Operation
from db.sealed import read_json
from markers.case_models import Case
from markers.cases import casebook
from markers.cases.queries import risks_of
from markers.cases.refusals import CaseNotUnderstood, CaseReferenceTaken
from markers.cases.rules.words import Trigger
from markers.cases.things import thing_of_case
from markers.cases.triggers import trigger
from web.bodies.cases import CaseBody, NoteBody, PersonBody, RiskBody, case_as_given
from web.body import validated
from web.caller import TheHouse
from web.casework import CaseRegistry
from web.console.cases import case_shown
from web.console.forms import Form, day_in
from web.console.pages import Page, show
from web.console.people_form import MOST_PEOPLE, ROLES, by_field, lines_of, people_in
from web.console.queue import desks_of
from web.console.session import KeepsCasesAtScreen, TheForm
from web.console.words import gettext as _
from web.console.words import sentence
from web.console.written import NOT_YET, OPENED, Came, opened_with, overtaken
from web.errors import BadBody
from web.house import House

router = APIRouter(include_in_schema=False)
BLANK = 2
"""So many empty places for people stand behind those who are known."""
SAYS = {
    "officer": "Officer", "deputy": "Deputy", "team": "Team", "queue": "Alerts go to",
    "present_force": "The force where she is now",
}  # fmt: skip
FIELDS = {"reference": "reference", "queue": "queue", "officer": "officer", "deputy": "deputy", "team": "team",
          "present_force": "present_force", "risk": "grade"}  # fmt: skip


@router.get("/cases/new", operation_id="new_case_page")
def new_case_page(request: Request, caller: KeepsCasesAtScreen, house: TheHouse) -> Response:
    """The empty form: the case is the officer's own unless they write otherwise."""
    typed = {"officer": caller.name, "p0_role": "victim", "p1_role": "suspect"}
    return show(request, Page("case_form.html", _holds(house, caller, None) | {"typed": typed, "places": BLANK}))


def _holds(house: House, caller: Caller, case: Case | None) -> dict[str, Any]:
    return {
        "case": case, "desks": desks_of(house, caller), "wrong": {}, "stands": (),
        "role_choices": [(role.value, _(words)) for role, words in ROLES.items()],
        "risk_choices": [("", _("not graded yet")), ("high", _("high")), ("medium", _("medium")),
                         ("standard", _("standard"))],
    }  # fmt: skip


@router.post("/cases/new", operation_id="open_case_at_screen")
def open_case_at_screen(request: Request, caller: KeepsCasesAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Open it; what is wrong stands at its field, and nothing typed is lost."""
    people, prefixes = people_in(form, ())
    if form["act"] != "more":
        given: dict[str, Any] = {name: form[name] for name in ("reference", *SAYS) if form[name]}
        given |= {"people": people} | ({"risk": [_risk(form)]} if form["grade"] else {})
        came = _opened(house, caller, given, prefixes)
        if came.wrong is None:
            return RedirectResponse(f"/cases/{came.found}", 303)
    else:
        came = NOT_YET
    places = len(people) + BLANK
    holds = _holds(house, caller, None) | {"typed": dict(form.items()), "wrong": came.wrong, "places": places}
    return show(request, Page("case_form.html", holds, came.status))


def _risk(form: Form) -> dict[str, Any]:
    given = {"grade": form["grade"], "as_written": form["as_written"], "model": form["model"], "reason": form["reason"]}
    return {name: value for name, value in given.items() if value}


def _opened(house: House, caller: Caller, given: dict[str, Any], prefixes: Sequence[str]) -> Came:
    try:
        body = validated(CaseBody, given)
        with house.db.transaction() as session:
            registry = CaseRegistry(house, session, caller)
            case = casebook.open_case(session, body.draft(), registry.desk)
            registry.record(Operation.COLLECTION, "open_case", thing_of_case(case))
            return Came(str(case.id))
    except (BadBody, CaseNotUnderstood) as error:
        return Came(wrong=by_field(error.problems, FIELDS, prefixes))
    except CaseReferenceTaken:
        return Came(wrong={"reference": _("Another case has this reference")}, status=409)


def places_of(typed: Mapping[str, str]) -> int:
    """How many places for people are filled, up to the last one."""
    filled = [n for n in range(MOST_PEOPLE) if typed.get(f"p{n}_name") or typed.get(f"p{n}_numbers")]
    return max(filled, default=-1) + 1


@router.get("/cases/{name}/amend", operation_id="amend_case_page")
def amend_case_page(request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str) -> Response:
    """The form, with what stands."""
    with house.db.reading() as session:
        case = CaseRegistry(house, session, caller).find(name, to_change=False)
        stands = standing(case)
        places = len(read_json(case.people, []) or []) + BLANK
        typed = stands | {"seen": str(case.version), OPENED: opened_with(stands)}
        holds = _holds(house, caller, case) | {"typed": typed, "places": places}
    return show(request, Page("case_form.html", holds))


def standing(case: Case) -> dict[str, str]:
    """What a case says, as its form has it."""
    told = {name: str(getattr(case, name) or "") for name in SAYS}
    for index, person in enumerate(read_json(case.people, []) or []):
        told |= lines_of(person, f"p{index}_")
    return told


@router.post("/cases/{name}/amend", operation_id="amend_case_at_screen")
def amend_case_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str, form: TheForm
) -> Response:
    """Save what was changed; who comes second is shown what stands now, beside what they wrote."""
    came = NOT_YET if form["act"] == "more" else _amended(house, caller, name, form)
    if came.wrong is None:
        return RedirectResponse(f"/cases/{came.found}", 303)
    with house.db.reading() as session:
        case = CaseRegistry(house, session, caller).find(name, to_change=False)
        stands = standing(case)
        typed = stands | dict(form.items())
        if came.merged:
            typed = {**came.merged, "seen": str(case.version), OPENED: opened_with(stands)}
        places = max(len(read_json(case.people, []) or []), places_of(typed)) + BLANK
        holds = _holds(house, caller, case)
    holds |= {"typed": typed, "wrong": came.wrong, "stands": came.stands, "places": places}
    return show(request, Page("case_form.html", holds, came.status))


def _amended(house: House, caller: Caller, name: str, form: Form) -> Came:
    prefixes: list[str] = []
    try:
        with house.db.transaction() as session:
            registry = CaseRegistry(house, session, caller)
            case = registry.find(name, to_change=True)
            now = standing(case)
            if form["seen"] != str(case.version):
                return overtaken(now, form, _told)
            standing_people = read_json(case.people, []) or []
            people, prefixes = people_in(form, standing_people)
            given = case_as_given(case, risks_of(session, case)) | {"people": people}
            given |= {field: form[field] or None for field in SAYS}
            body = validated(CaseBody, {field: value for field, value in given.items() if value is not None})
            changed = {field for field in SAYS if now[field] != form[field]}
            if body.people != [PersonBody.model_validate(one) for one in standing_people]:
                changed.add("people")
            if changed:
                casebook.amend_case(session, case, body.draft(), frozenset(changed), registry.desk)
                registry.record(Operation.ALTERATION, "amend_case", thing_of_case(case))
            return Came(str(case.id))
    except (BadBody, CaseNotUnderstood) as error:
        return Came(wrong=by_field(error.problems, FIELDS, prefixes))


def _told(field: str) -> str:
    """A field's name as somebody would say it: of the third person the numbers."""
    if field in SAYS:
        return _(SAYS[field])
    place, _underscore, what = field.partition("_")
    words = {"role": _("role"), "name": _("name"), "numbers": _("numbers"), "addresses": _("addresses"),
             "things": _("other marks")}  # fmt: skip
    return _("Person {number}: {what}").format(number=int(place[1:]) + 1, what=words[what])


@router.post("/cases/{name}/risk", operation_id="grade_case_at_screen")
def grade_case_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str, form: TheForm
) -> Response:
    """Add a risk grade; one that lowers the last says why. What was graded before stays."""
    try:
        with house.db.transaction() as session:
            registry = CaseRegistry(house, session, caller)
            case = registry.find(name, to_change=True)
            casebook.grade(session, case, validated(RiskBody, _risk(form)).given(), registry.desk)
            registry.record(Operation.ALTERATION, "amend_case", thing_of_case(case))
    except (BadBody, CaseNotUnderstood) as error:
        wrong = {_of_risk(problem.at): sentence(_(problem.detail)) for problem in error.problems}
        return _again(request, house, caller, name, ("risk", form, wrong))
    return RedirectResponse(f"/cases/{name}", 303)


def _of_risk(at: str) -> str:
    """The field of the grade's form that a problem is about."""
    last = at.rpartition(".")[2]
    return last if last in ("grade", "as_written", "model") else "reason"


@router.post("/cases/{name}/note", operation_id="note_case_at_screen")
def note_case_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str, form: TheForm
) -> Response:
    """Add words; they are never changed."""
    try:
        note = validated(NoteBody, {"note": form["note"]}).note
    except BadBody as error:
        return _again(request, house, caller, name, ("note", form, {"note": sentence(_(error.problems[0].detail))}))
    with house.db.transaction() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=True)
        casebook.add_note(session, case, note, registry.desk)
        registry.record(Operation.ALTERATION, "note_case", thing_of_case(case))
    return RedirectResponse(f"/cases/{name}", 303)


@router.post("/cases/{name}/trigger", operation_id="trigger_case_at_screen")
def trigger_case_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str, form: TheForm
) -> Response:
    """Say what happens on a day that asks for a new risk assessment."""
    on = day_in(form["on"])
    wrong: dict[str, str] = {} if on else {"on": _("Give a day, such as 1 December 2026")}
    if form["kind"] not in set(Trigger):
        wrong["kind"] = _("Choose what happens")
    if on is None or wrong:
        return _again(request, house, caller, name, ("trigger", form, wrong))
    _triggered(house, caller, name, (Trigger(form["kind"]), on))
    return RedirectResponse(f"/cases/{name}", 303)


def _triggered(house: House, caller: Caller, name: str, what: tuple[Trigger, date]) -> None:
    with house.db.transaction() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=True)
        trigger(session, case, *what, registry.desk)
        registry.record(Operation.ALTERATION, "trigger_case", thing_of_case(case))


def _again(
    request: Request, house: House, caller: Caller, name: str, tried: tuple[str, Form, Mapping[str, str]]
) -> Response:
    """The case's page once more, with the form that was tried open, and what is wrong in it."""
    what, form, wrong = tried
    holds = case_shown(house, caller, name) | {"tried": what, "typed": dict(form.items()), "wrong": wrong}
    return show(request, Page("case.html", holds, 422))
