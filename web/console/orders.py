"""Orders for who records them: conditions and what is watched of them, days left, and service in one tap."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from markers.cases import orders
from markers.cases.listing import orders_page
from markers.cases.rules.words import Service
from markers.cases.things import thing_of_order
from web.bodies.orders import OrderTold
from web.caller import TheHouse
from web.casework import OrderRegistry
from web.console import order_words as words_of
from web.console.conditions_form import lines_of as condition_lines
from web.console.forms import KEY, day_in, key_in
from web.console.pages import Page, show
from web.console.people_form import lines_of
from web.console.session import KeepsCasesAtScreen, TheForm
from web.console.words import gettext as _
from web.house import House

router = APIRouter(include_in_schema=False)
MOST = 50


class OrdersQuery(BaseModel):
    """Which orders, and behind which one the page begins."""

    model_config = ConfigDict(hide_input_in_errors=True)

    which: Literal["ending", "all"] = "all"
    after: str = Field("", pattern=KEY)


@router.get("/orders", operation_id="orders_page")
def orders_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, wanted: Annotated[OrdersQuery, Query()]
) -> Response:
    """The orders that one may read: those that end within 28 days, or all in the order in which they were recorded."""
    with house.db.reading() as session:
        registry = OrderRegistry(house, session, caller)
        today = registry.desk.now.astimezone(house.console.zone).date()
        until = (today, orders.SOON) if wanted.which == "ending" else None
        page = orders_page(session, caller, None, None, (key_in(wanted.after), MOST), ending=until)
        rows = registry.told(page.rows)
    act = Act(
        operation=Operation.CONSULTATION, action="list_orders", search=True, outcome=Outcome.SHOWN,
        objects=[thing_of_order(order) for order in page.rows],
    )  # fmt: skip
    house.record(caller, act, session)
    holds = {
        "rows": rows, "wanted": wanted, "order_kinds": words_of.ORDER_KINDS, "services": words_of.SERVICES,
        "next": " ".join(page.last) if page.last else None,
    }  # fmt: skip
    return show(request, Page("orders.html", holds))


@router.get("/orders/{name}", operation_id="order_page")
def order_page(request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str) -> Response:
    """One order: what it forbids, what of it is watched, how he knows of it, and how long it holds."""
    return show(request, Page("order.html", order_shown(house, caller, name)))


def order_shown(house: House, caller: Caller, name: str) -> dict[str, Any]:
    """What the page of an order holds; the look is recorded."""
    with house.db.reading() as session:
        registry = OrderRegistry(house, session, caller)
        order, case = registry.find(name, to_change=False)
        [told] = registry.told([order])
        case_id = case.id
    act = Act(
        operation=Operation.CONSULTATION, action="read_order", outcome=Outcome.SHOWN, objects=[thing_of_order(order)]
    )  # fmt: skip
    house.record(caller, act, session)
    return {
        "order": told, "case_id": case_id, "respondent": lines_of(told.respondent, ""),
        "protected": [lines_of(one, "") for one in told.protected], "conditions": conditions_of(told),
        "order_kinds": words_of.ORDER_KINDS, "jurisdictions": words_of.JURISDICTIONS, "made_by": words_of.MADE_BY,
        "services": words_of.SERVICES, "condition_kinds": words_of.CONDITION_KINDS, "means": words_of.MEANS,
        "marks": words_of.MARKS, "means_told": words_of.MEANS_TOLD, "breaches": words_of.BREACHES, "typed": {},
        "wrong": {}, "tried": "",
        "service_choices": [(one.value, _(told)) for one, told in words_of.SERVICES.items()],
    }  # fmt: skip


def conditions_of(told: OrderTold) -> list[tuple[Any, dict[str, str]]]:
    """Each condition, and what is watched of it and when as lines of text."""
    return [(one, condition_lines(one.model_dump(mode="json"), "")) for one in told.conditions]


@router.post("/orders/{name}/service", operation_id="record_service_at_screen")
def record_service_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, name: str, form: TheForm
) -> Response:
    """How he knows of it: by one button for today, or with another day."""
    on = day_in(form["on"]) if form["on"] else None
    wrong: dict[str, str] = {}
    if form["on"] and on is None:
        wrong["on"] = _("Give a day, such as 1 December 2026")
    if form["state"] not in set(Service):
        wrong["state"] = _("Choose how he knows of it")
    if wrong:
        holds = order_shown(house, caller, name) | {"tried": "service", "typed": dict(form.items()), "wrong": wrong}
        return show(request, Page("order.html", holds, 422))
    with house.db.transaction() as session:
        registry = OrderRegistry(house, session, caller)
        order, case = registry.find(name, to_change=True)
        today = registry.desk.now.astimezone(house.console.zone).date()
        orders.serve(session, order, Service(form["state"]), on or today, case, registry.desk)
        registry.record(Operation.ALTERATION, "record_service", thing_of_order(order))
    return RedirectResponse(f"/orders/{name}", 303)
