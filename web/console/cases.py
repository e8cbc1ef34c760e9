"""Cases for who keeps them: people, how the risk was graded, markers, orders, and what happened over all of them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from alerts.queries import moments_of_run
from alerts.runs import Run, pattern_of
from alerts.seen import happened_in
from markers.case_models import Case
from markers.cases.listing import cases_page
from markers.cases.queries import markers_of_case, orders_of_cases
from markers.cases.rules.words import Trigger
from markers.cases.things import thing_of_case
from markers.standing import status_at
from markers.words import Risk
from web.caller import TheHouse
from web.casework import CaseRegistry, OrderRegistry
from web.console.bearing import hours_drawn, windows_told
from web.console.forms import KEY, key_in
from web.console.order_words import ORDER_KINDS
from web.console.pages import Page, show
from web.console.people_form import ROLES, lines_of
from web.console.register import STATUSES
from web.console.session import ReadsCasesAtScreen
from web.console.timeline import SPAN, plot_of
from web.console.words import gettext as _
from web.house import House

router = APIRouter(include_in_schema=False)
MOST = 50
RISKS = {Risk.HIGH: "high", Risk.MEDIUM: "medium", Risk.STANDARD: "standard"}
TRIGGERS = {
    Trigger.ARREST: "arrest", Trigger.CHARGE: "charge", Trigger.BAIL: "bail", Trigger.TRIAL: "trial",
    Trigger.SENTENCE: "sentence", Trigger.RELEASE: "release", Trigger.PRISON_RELEASE: "release from prison",
    Trigger.CHILD_CONTACT: "a hearing about contact with the children", Trigger.NEW_RELATIONSHIP: "a new relationship",
}  # fmt: skip
"""What somebody says at a screen; that an order was made or ends, the order says by itself."""


class CasesQuery(BaseModel):
    """Whose cases, and behind which one the page begins."""

    model_config = ConfigDict(hide_input_in_errors=True)

    whose: Literal["mine", "all"] = "mine"
    after: str = Field("", pattern=KEY)


@router.get("/cases", operation_id="cases_page")
def cases_at_screen(
    request: Request, caller: ReadsCasesAtScreen, house: TheHouse, wanted: Annotated[CasesQuery, Query()]
) -> Response:
    """One's own cases, or all that one may read, in the order in which they were opened."""
    officer = caller.name if wanted.whose == "mine" else None
    with house.db.reading() as session:
        registry = CaseRegistry(house, session, caller)
        page = cases_page(session, caller, officer, (key_in(wanted.after), MOST))
        rows = [(told, told.risk[-1].grade if told.risk else None) for told in registry.told_of(page.rows)]
    act = Act(
        operation=Operation.CONSULTATION, action="list_cases", search=True, outcome=Outcome.SHOWN,
        objects=[thing_of_case(case) for case in page.rows],
    )  # fmt: skip
    house.record(caller, act, session)
    holds = {"rows": rows, "wanted": wanted, "next": " ".join(page.last) if page.last else None}
    return show(request, Page("cases.html", holds))


@router.get("/cases/{name}", operation_id="case_page")
def case_page(request: Request, caller: ReadsCasesAtScreen, house: TheHouse, name: str) -> Response:
    """One case: who, how high the risk, what is marked, what a court ordered, and what happened."""
    return show(request, Page("case.html", case_shown(house, caller, name)))


def case_shown(house: House, caller: Caller, name: str) -> dict[str, Any]:
    """What the page of a case holds for this caller; the look is recorded."""
    with house.db.reading() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=False)
        told = registry.told(case)
        now = registry.desk.now
        orders = orders_of_cases(session, {case.force}, {case.id})[case.id]
        markers = [(one, status_at(one, now)) for one in markers_of_case(session, case)]
        holds = {
            "case": told, "now": now, "people": [lines_of(one, "") for one in told.people], "markers": markers,
            "orders": OrderRegistry(house, session, caller).told(orders), "statuses": STATUSES,
            "order_kinds": ORDER_KINDS, "roles": ROLES, "risks": RISKS, "triggers": TRIGGERS,
            "risk_choices": [(risk.value, _(words)) for risk, words in RISKS.items()],
            "trigger_choices": [(what.value, _(words)) for what, words in TRIGGERS.items()],
            "typed": {}, "wrong": {}, "tried": "",
        } | run_shown(session, case, now, house.console.zone)  # fmt: skip
    act = Act(
        operation=Operation.CONSULTATION, action="read_case", outcome=Outcome.SHOWN, objects=[thing_of_case(case)]
    )  # fmt: skip
    house.record(caller, act, session)
    return holds


def run_shown(session: Session, case: Case, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """The run of events of a case, over all its numbers and places: windows, hours of the day, and the newest ones."""
    run = Run(case.force, f"case:{case.reference}", case.audience)
    pattern = pattern_of(session, run, now)
    return {
        "pattern": pattern, "windows": windows_told(pattern), "hours": hours_drawn(pattern),
        "happened": happened_in(session, run),
        "plot": plot_of(moments_of_run(session, run, now - SPAN), now, zone),
    }  # fmt: skip
