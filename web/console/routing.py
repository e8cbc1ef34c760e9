"""The rules that name desks, as a form: all of them together, as the table that they are; and a category's periods."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from alerts.desks import RoutingChanged, routing_table
from markers.matching.values import Problem
from markers.retention import categories_of
from markers.words import Risk
from web.bodies.routing import RoutingBody, wrong_with
from web.body import validated
from web.caller import TheHouse
from web.console.conditions_form import known_lines, place_in
from web.console.forms import Form, whole
from web.console.pages import Page, show
from web.console.people_form import index_in
from web.console.queue import desks_known_to
from web.console.session import KeepsDesksAtScreen, TheForm
from web.console.words import gettext as _
from web.console.words import sentence
from web.console.written import OVERTAKEN
from web.errors import BadBody
from web.house import House
from web.registry import Room

router = APIRouter(include_in_schema=False)
LISTS = ("categories", "channels", "postcodes", "desks")
MOST_ROWS, BLANK = 60, 1
MOST_DAYS, LONGEST_NAME, MOST_VERSION = 36_525, 200, 10**9 - 1


@router.get("/routing", operation_id="routing_page")
def routing_page(request: Request, caller: KeepsDesksAtScreen, house: TheHouse) -> Response:
    """The rules as a form."""
    with house.db.reading() as session:
        rules, version = routing_table(session, caller.force)
    house.record(caller, Act(operation=Operation.CONSULTATION, action="read_routing", outcome=Outcome.SHOWN))
    typed = standing(rules) | {"seen": str(version)}
    return show(request, Page("routing.html", _holds(house, caller, typed)))


def standing(rules: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The rules, as their form has them."""
    told: dict[str, str] = {}
    for index, rule in enumerate(rules):
        told |= {f"r{index}_{name}": ", ".join(map(str, rule.get(name, ()))) for name in LISTS}
        told |= {f"r{index}_{risk}": "yes" for risk in rule.get("risks", ())}
        told[f"r{index}_name"] = told[f"r{index}_stood"] = str(rule["name"])
        told[f"r{index}_areas"] = "\n".join(_areas(rule))
    return told


def _areas(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Each area of a rule as a line, and what was recorded for it."""
    return known_lines({"zones": [{"area": one} for one in rule.get("areas", ())]})


def _holds(house: House, caller: Caller, typed: Mapping[str, str]) -> dict[str, Any]:
    rows = [n for n in range(MOST_ROWS) if typed.get(f"r{n}_name") or typed.get(f"r{n}_desks")]
    desks = sorted(desks_known_to(house, caller))
    return {
        "typed": typed, "wrong": {}, "rows": min(MOST_ROWS, max(rows, default=-1) + 1 + BLANK), "known": desks,
        "risks": [(Risk.HIGH.value, _("high")), (Risk.MEDIUM.value, _("medium")), (Risk.STANDARD.value, _("standard"))],
        "default_queue": house.default_queue, "changed": (),
    }  # fmt: skip


@router.post("/routing", operation_id="set_routing_at_screen")
def set_routing_at_screen(request: Request, caller: KeepsDesksAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Put these rules in the place of all that stood, unless somebody else did so meanwhile."""
    wrong: dict[str, str] = {}
    status, seen = 422, form["seen"]
    changed: Sequence[str] = ()
    if form["act"] == "more":
        status = 200
    else:
        with house.db.reading() as session:
            was, _version = routing_table(session, caller.force)
        rules, prefixes = rules_in(form, {str(one["name"]): one for one in was})
        version = whole(seen, MOST_VERSION)
        try:
            body = validated(RoutingBody, {"rules": rules})
            problems: Sequence[Problem] = [*wrong_with(body), *_unknown_desks(house, caller, body)]
            if version is None:
                problems = [Problem("rules", "not_opened", "open the rules first: this form does not say what it saw")]
            if not problems:
                with house.db.transaction() as session:
                    given = [rule.model_dump(mode="json", exclude_defaults=True) for rule in body.rules]
                    Room(house, session, caller).set_routing(given, version)
                return RedirectResponse("/desks", 303)
        except BadBody as error:
            problems = error.problems
        except RoutingChanged as error:
            problems, status, seen = (), 409, str(error.version)
            wrong = {OVERTAKEN: _("Somebody has changed the rules since you opened them")}
            changed = tuple(f"{one['name']}: {', '.join(one['desks'])}" for one in was)
        wrong |= {_field(problem.at, prefixes): sentence(_(problem.detail)) for problem in reversed(problems)}
    holds = _holds(house, caller, dict(form.items()) | {"seen": seen}) | {"wrong": wrong, "changed": changed}
    return show(request, Page("routing.html", holds, status))


def rules_in(form: Form, was: Mapping[str, Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The rules that a form names, as the contract has them, and the prefix of each one's fields."""
    rules, prefixes = [], []
    for index in range(MOST_ROWS):
        prefix = f"r{index}_"
        if not (form[f"{prefix}name"] or form[f"{prefix}desks"]) or form[f"{prefix}gone"] == "yes":
            continue
        rule: dict[str, Any] = {"name": form[f"{prefix}name"]}
        rule |= {name: _list(form[prefix + name]) for name in LISTS}
        rule["risks"] = [risk.value for risk in Risk if form[prefix + risk.value] == "yes"]
        known = _areas(was.get(form[f"{prefix}stood"], {}))
        lines = [line.strip() for line in form[f"{prefix}areas"].split("\n") if line.strip()]
        rule["areas"] = [(known.get(line) or place_in(line)).get("area", {}) for line in lines]
        rules.append(rule)
        prefixes.append(prefix)
    return rules, prefixes


def _unknown_desks(house: House, caller: Caller, body: RoutingBody) -> list[Problem]:
    """A desk that nobody has, and that was never made, is a name misspelt: what goes there is seen by nobody."""
    known = desks_known_to(house, caller)
    told = "{desk!r} is no desk here: make it first, by saying where it passes on"
    return [
        Problem(f"rules[{place}].desks", "unknown_desk", told.format(desk=desk))
        for place, rule in enumerate(body.rules) for desk in rule.desks if desk not in known
    ]  # fmt: skip


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _field(at: str, prefixes: Sequence[str]) -> str:
    """The form's field that a problem at `rules[1].areas[0].circle` is about."""
    index, rest = index_in(at)
    if index is None or index >= len(prefixes):
        return "r0_name"
    name = rest.lstrip(".").partition("[")[0].partition(".")[0]
    return prefixes[index] + (name if name in (*LISTS, "name", "areas") else "name")


@router.get("/categories", operation_id="categories_page")
def categories_page(request: Request, caller: KeepsDesksAtScreen, house: TheHouse) -> Response:
    """The categories that have periods of their own."""
    return show(request, Page("categories.html", _categories(house, caller)))


def _categories(house: House, caller: Caller) -> dict[str, Any]:
    with house.db.reading() as session:
        rows = list(categories_of(session, caller.force))
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_categories", outcome=Outcome.SHOWN))
    return {"rows": rows, "typed": {}, "wrong": {}, "review_days": house.review_days}


@router.post("/categories", operation_id="set_category_at_screen")
def set_category_at_screen(request: Request, caller: KeepsDesksAtScreen, house: TheHouse, form: TheForm) -> Response:
    """When markers of a category are looked at again, and when those that ended are to be erased."""
    wrong: dict[str, str] = {}
    periods = []
    for name in ("review_days", "delete_after_days"):
        days = whole(form[name], MOST_DAYS) if form[name] else None
        if form[name] and not days:
            wrong[name] = _("Days from 1 to {most}; nothing: none of its own").format(most=MOST_DAYS)
        periods.append(days)
    if not 0 < len(form["category"]) <= LONGEST_NAME:
        wrong["category"] = _("Between 1 and {most} characters").format(most=LONGEST_NAME)
    if wrong:
        holds = _categories(house, caller) | {"typed": dict(form.items()), "wrong": wrong}
        return show(request, Page("categories.html", holds, 422))
    with house.db.transaction() as session:
        Room(house, session, caller).set_category(form["category"], (periods[0], periods[1]))
    return RedirectResponse("/categories", 303)
