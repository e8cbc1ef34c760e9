"""An order is recorded and amended: who, what the court said, and what of each condition is watched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from access.roles import OPEN_AUDIENCE, Caller
from access.trail import Operation
from db.sealed import read_json
from markers.case_models import Case, Order
from markers.cases import orders
from markers.cases.casebook import open_for
from markers.cases.queries import conditions_of
from markers.cases.refusals import CaseNotUnderstood, CaseReferenceTaken
from markers.cases.things import thing_of_order
from markers.matching.values import Problem
from web.bodies.orders import OrderBody, order_as_given
from web.body import validated
from web.caller import TheHouse
from web.casework import OrderRegistry, case_named
from web.console import order_words as words_of
from web.console.conditions_form import KEPT, MOST_CONDITIONS, PARTS, WATCHES, conditions_in
from web.console.conditions_form import lines_of as condition_lines
from web.console.forms import Form, day_in
from web.console.pages import Page, show
from web.console.people_form import PARTS as OF_PERSON
from web.console.people_form import index_in, lines_of, person_in
from web.console.session import KeepsCasesAtScreen, TheForm
from web.console.words import gettext as _
from web.console.words import sentence
from web.console.written import NOT_YET, OPENED, Came, opened_with, overtaken
from web.errors import BadBody
from web.house import House

router = APIRouter(include_in_schema=False)
MOST_PROTECTED, BLANK = 10, 2
TEXTS = ("reference", "kind", "jurisdiction", "court", "court_reference", "made_by", "replaces_kind")
DAYS = ("made_on", "expires_on", "ended_on", "wanted_since")
SAYS = {
    "reference": "Reference", "kind": "Kind", "jurisdiction": "Courts of", "court": "Court",
    "court_reference": "The court's reference", "made_by": "Made", "replaces_kind": "It replaces",
    "made_on": "Made on", "expires_on": "Ends on", "ended_on": "Discharged on", "wanted_since": "Wanted since",
    "until_further_order": "Until further order", "service": "How he knows of it", "service_on": "Since",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as the contract's body, the fields its parts came from, and what can't be read of it."""

    given: dict[str, Any]
    wrong: dict[str, str]
    conditions: Sequence[str]
    protected: Sequence[str]

    def field_of(self, at: str) -> str:
        """The form's field that a problem of the contract is about."""
        first = at.partition("[")[0].partition(".")[0]
        index, rest = index_in(at)
        part = rest.lstrip(".").partition("[")[0].partition(".")[0]
        if first == "conditions" and index is not None and index < len(self.conditions):
            return self.conditions[index] + PARTS.get(part, "text")
        if first == "protected" and index is not None and index < len(self.protected):
            return self.protected[index] + OF_PERSON.get(part, "name")
        if first == "respondent":
            return "r_" + OF_PERSON.get(at.partition(".")[2].partition("[")[0].partition(".")[0], "name")
        return {"service": "service", "case": "case"}.get(first, first if first in SAYS else "reference")

    def told(self, problems: Sequence[Problem]) -> dict[str, str]:
        """Field → what is wrong with it."""
        return {
            (name := self.field_of(one.at)): _("{field}: this is required").format(field=told_of(name))
            if one.code == "required"
            else sentence(_(one.detail))
            for one in reversed(problems)
        }


@router.get("/orders/new", operation_id="new_order_page")
def new_order_page(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, case: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The empty form, of a case where it was opened there: its people stand in it already."""
    typed = {"jurisdiction": "england_and_wales", "made_by": "application", "service": "not_recorded"}
    with house.db.reading() as session:
        named = case_named(session, caller, case) if case else None
        if named is not None:
            typed |= _of_case(named)
    return show(request, Page("order_form.html", _holds(None, typed)))


def _of_case(case: Case) -> dict[str, str]:
    """The people of a case in their places: who is suspected or convicted as the respondent, victims as protected."""
    people = read_json(case.people, []) or []
    typed = {"case": case.reference}
    his = next((one for one in people if one.get("role") in ("suspect", "convicted")), None)
    if his is not None:
        typed |= lines_of(his, "r_")
    for place, one in enumerate([one for one in people if one.get("role") == "victim"][:MOST_PROTECTED]):
        typed |= lines_of(one, f"q{place}_")
    return typed


def _holds(order: Order | None, typed: Mapping[str, str]) -> dict[str, Any]:
    conditions = [n for n in range(MOST_CONDITIONS) if typed.get(f"c{n}_text") or typed.get(f"c{n}_what")]
    protected = [n for n in range(MOST_PROTECTED) if typed.get(f"q{n}_name") or typed.get(f"q{n}_numbers")]
    return {
        "order": order, "typed": typed, "wrong": {}, "stands": (),
        "conditions": max(conditions, default=-1) + 1 + BLANK, "protected": max(protected, default=-1) + 2,
        "kinds": [(one.value, _(told)) for one, told in words_of.ORDER_KINDS.items()],
        "jurisdictions": [(one.value, _(told)) for one, told in words_of.JURISDICTIONS.items()],
        "made_by": [(one.value, _(told)) for one, told in words_of.MADE_BY.items()],
        "services": [(one.value, _(told)) for one, told in words_of.SERVICES.items()],
        "condition_kinds": [(one.value, _(told)) for one, told in words_of.CONDITION_KINDS.items()],
        "means": [(one.value, f"{words_of.MARKS[one]} {_(told)}") for one, told in words_of.MEANS_TOLD.items()],
        "watches": [("", _("nothing")), *((name, _(told)) for name, told in WATCHES.items())], "kept": KEPT,
    }  # fmt: skip


def filled_in(form: Form, was: Mapping[str, Any]) -> Filled:
    """A form as the body that it stands for, over what `was` recorded."""
    wrong: dict[str, str] = {}
    given: dict[str, Any] = {name: form[name] for name in TEXTS if form[name]}
    for name in DAYS:
        day = day_in(form[name])
        if form[name] and day is None:
            wrong[name] = _("Give a day, such as 1 December 2026")
        elif day is not None:
            given[name] = day.isoformat()
    given["until_further_order"] = form["until_further_order"] == "yes"
    given["service"] = {"state": form["service"] or "not_recorded"}
    if form["service_on"]:
        served = day_in(form["service_on"])
        given["service"] |= {"on": served.isoformat()} if served else {}
        wrong |= {} if served else {"service_on": _("Give a day, such as 1 December 2026")}
    given["respondent"] = person_in(form, "r_", was.get("respondent"))
    protected = [
        (f"q{place}_", person_in(form, f"q{place}_", one))
        for place, one in enumerate([*was.get("protected", ()), *([None] * MOST_PROTECTED)][:MOST_PROTECTED])
        if form[f"q{place}_gone"] != "yes"
    ]
    protected = [(prefix, one) for prefix, one in protected if one]
    given["protected"] = [one for _prefix, one in protected]
    given["conditions"], conditions = conditions_in(form, was.get("conditions", ()), wrong)
    return Filled(given, wrong, conditions, [prefix for prefix, _one in protected])


@router.post("/orders/new", operation_id="record_order_at_screen")
def record_order_at_screen(request: Request, caller: KeepsCasesAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Record it; what is wrong stands at its field, and nothing typed is lost."""
    came = NOT_YET if form["act"] == "more" else _recorded(house, caller, form)
    if came.wrong is None:
        return RedirectResponse(f"/orders/{came.found}", 303)
    return show(request, Page("order_form.html", _holds(None, dict(form.items())) | {"wrong": came.wrong}, came.status))


def _recorded(house: House, caller: Caller, form: Form) -> Came:
    filled = filled_in(form, {})
    if filled.wrong:
        return Came(wrong=filled.wrong)
    try:
        body = validated(OrderBody, filled.given | ({"case": form["case"]} if form["case"] else {}))
        with house.db.transaction() as session:
            registry = OrderRegistry(house, session, caller)
            case = case_named(session, caller, body.case) or open_for(session, body.case, OPEN_AUDIENCE, registry.desk)
            order = orders.record_order(session, body.draft(), case, registry.desk)
            registry.record(Operation.COLLECTION, "record_order", thing_of_order(order))
            return Came(str(order.id))
    except (BadBody, CaseNotUnderstood) as error:
        return Came(wrong=filled.told(error.problems))
    except CaseReferenceTaken:
        return Came(wrong={"reference": _("Another order has this reference")}, status=409)


@router.get("/orders/{name}/amend", operation_id="amend_order_page")
def amend_order_page(request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str) -> Response:
    """The form, with what stands."""
    with house.db.reading() as session:
        registry = OrderRegistry(house, session, caller)
        order, case = registry.find(name, to_change=False)
        stands = standing(_as_given(registry, order, case))
        typed = stands | {"seen": str(order.version), OPENED: opened_with(stands)}
        holds = _holds(order, typed)
    return show(request, Page("order_form.html", holds))


def _as_given(registry: OrderRegistry, order: Order, case: Case) -> dict[str, Any]:
    conditions = conditions_of(registry.session, {order.force}, {order.id})[order.id]
    return order_as_given(order, case, conditions)


def standing(given: Mapping[str, Any]) -> dict[str, str]:
    """What an order says, as its form has it."""
    told = {name: str(given.get(name) or "") for name in (*TEXTS, *DAYS, "case")}
    told["until_further_order"] = "yes" if given.get("until_further_order") else ""
    told["service"] = str(given["service"]["state"])
    told["service_on"] = str(given["service"].get("on") or "")
    told |= lines_of(given["respondent"], "r_")
    for place, person in enumerate(given["protected"]):
        told |= lines_of(person, f"q{place}_")
    for place, condition in enumerate(given["conditions"]):
        told |= condition_lines(condition, f"c{place}_") | {f"c{place}_stood": str(condition["number"])}
    return told


@router.post("/orders/{name}/amend", operation_id="amend_order_at_screen")
def amend_order_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str, form: TheForm
) -> Response:
    """Save what was changed; who comes second is shown what stands now, beside what they wrote."""
    came = NOT_YET if form["act"] == "more" else _amended(house, caller, name, form)
    if came.wrong is None:
        return RedirectResponse(f"/orders/{came.found}", 303)
    with house.db.reading() as session:
        registry = OrderRegistry(house, session, caller)
        order, case = registry.find(name, to_change=False)
        typed = dict(form.items())
        if came.merged:
            stands = standing(_as_given(registry, order, case))
            typed = {**came.merged, "seen": str(order.version), OPENED: opened_with(stands)}
        holds = _holds(order, typed) | {"wrong": came.wrong, "stands": came.stands}
    return show(request, Page("order_form.html", holds, came.status))


def _amended(house: House, caller: Caller, name: str, form: Form) -> Came:
    filled = Filled({}, {}, (), ())
    try:
        with house.db.transaction() as session:
            registry = OrderRegistry(house, session, caller)
            order, case = registry.find(name, to_change=True)
            was = _as_given(registry, order, case)
            now = standing(was)
            if form["seen"] != str(order.version):
                return overtaken(now, form, told_of)
            filled = filled_in(form, was)
            if filled.wrong:
                return Came(wrong=filled.wrong)
            body = validated(OrderBody, filled.given | {"case": case.reference})
            if body != validated(OrderBody, was):
                orders.amend_order(session, order, body.draft(), case, registry.desk)
                registry.record(Operation.ALTERATION, "amend_order", thing_of_order(order))
            return Came(str(order.id))
    except (BadBody, CaseNotUnderstood) as error:
        return Came(wrong=filled.told(error.problems))
    except CaseReferenceTaken:
        return Came(wrong={"reference": _("Another order has this reference")}, status=409)


def told_of(field: str) -> str:
    """A field's name as somebody would say it."""
    if field in SAYS:
        return _(SAYS[field])
    place, _underscore, what = field.partition("_")
    whose = {"r": _("Respondent"), "q": _("Protected person"), "c": _("Condition")}.get(place[:1], "")
    number = f" {int(place[1:]) + 1}" if place[1:].isdigit() else ""
    return f"{whose}{number}: {what.replace('_', ' ')}"
