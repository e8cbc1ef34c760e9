"""Orders: `/v1/orders`. Officers record and read them; everybody else sees them where they stand on an alert."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from access.roles import OPEN_AUDIENCE
from access.trail import Act, Operation, Outcome
from markers.cases import orders
from markers.cases.casebook import open_for
from markers.cases.listing import NO_PAGE, orders_page
from markers.cases.queries import conditions_of
from markers.cases.refusals import CaseNotUnderstood
from markers.cases.rules.words import OrderKind
from markers.cases.things import thing_of_order
from markers.matching.values import Problem
from web.api.describe import problems, takes
from web.bodies.orders import OrderBody, OrdersTold, OrderTold, ServiceBody, order_as_given
from web.body import body_of
from web.caller import KeepsCases, TheHouse
from web.casework import OrderRegistry, case_named
from web.paging import FilterText, IfMatch, PageQuery, check_seen, etag_of
from web.patching import check_shape, patch_of, patched

router = APIRouter(prefix="/v1/orders", tags=["orders"])


class OrderQuery(PageQuery):
    """Which orders, and which page of them."""

    case: FilterText | None = None
    kind: OrderKind | None = None


@router.post(
    "", status_code=201, operation_id="record_order", summary="Record an order",
    openapi_extra=takes(OrderBody), responses=problems(401, 403, 409, 413, 415, 422, 503),
)  # fmt: skip
def record_order(
    caller: KeepsCases, house: TheHouse, body: Annotated[OrderBody, Depends(body_of(OrderBody))], response: Response
) -> OrderTold:
    """Record an order of a case. What is watched of it is watched from the moment that it is answered."""
    with house.db.transaction() as session:
        registry = OrderRegistry(house, session, caller)
        case = case_named(session, caller, body.case) or open_for(session, body.case, OPEN_AUDIENCE, registry.desk)
        order = orders.record_order(session, body.draft(), case, registry.desk)
        [told] = registry.told([order])
        registry.record(Operation.COLLECTION, "record_order", thing_of_order(order))
    response.headers["ETag"] = etag_of(told.version)
    response.headers["Location"] = f"/v1/orders/{told.id}"
    return told


@router.get("", operation_id="list_orders", summary="List orders", responses=problems(401, 403, 422, 503))
def list_orders(caller: KeepsCases, house: TheHouse, wanted: Annotated[OrderQuery, Query()]) -> OrdersTold:
    """The orders that you may read, in the order in which they were recorded."""
    keys = house.db.keys
    after = wanted.after(keys, "orders")
    with house.db.reading() as session:
        registry = OrderRegistry(house, session, caller)
        case = case_named(session, caller, wanted.case) if wanted.case else None
        if wanted.case and case is None:
            page = NO_PAGE
        else:
            page = orders_page(session, caller, case.id if case else None, wanted.kind, (after, wanted.limit))
        items = registry.told(page.rows)
    things = [thing_of_order(order) for order in page.rows]
    act = Act(
        operation=Operation.CONSULTATION, action="list_orders", search=True, outcome=Outcome.SHOWN, objects=things
    )  # fmt: skip
    house.record(caller, act, session)
    return OrdersTold(items=items, next_cursor=wanted.next_cursor(keys, "orders", page.last))


@router.get("/{name}", operation_id="read_order", summary="Read an order", responses=problems(401, 403, 404, 503))
def read_order(caller: KeepsCases, house: TheHouse, name: str, response: Response) -> OrderTold:
    """One order by its id or reference; its version is the `ETag`."""
    with house.db.reading() as session:
        registry = OrderRegistry(house, session, caller)
        order, _ = registry.find(name, to_change=False)
        [told] = registry.told([order])
    act = Act(
        operation=Operation.CONSULTATION, action="read_order", outcome=Outcome.SHOWN, objects=[thing_of_order(order)]
    )  # fmt: skip
    house.record(caller, act, session)
    response.headers["ETag"] = etag_of(told.version)
    return told


_harmless: dict[str, Any] = {
    "reference": "any", "case": "any", "kind": "other", "made_on": "2026-01-01", "respondent": {},
}  # fmt: skip


@router.patch(
    "/{name}", operation_id="amend_order", summary="Amend an order",
    openapi_extra=takes(OrderBody), responses=problems(401, 403, 404, 409, 412, 413, 415, 422, 428, 503),
)  # fmt: skip
def amend_order(
    caller: KeepsCases, house: TheHouse, name: str, patch: Annotated[dict[str, Any], Depends(patch_of)],
    response: Response, if_match: IfMatch = None,
) -> OrderTold:  # fmt: skip
    """Change what an order says, by JSON merge patch: a court varied it, he is wanted, an address is new."""
    check_shape(OrderBody, _harmless, patch)
    with house.db.transaction() as session:
        registry = OrderRegistry(house, session, caller)
        order, case = registry.find(name, to_change=True)
        check_seen(if_match, order.version, "order")
        standing = order_as_given(order, case, conditions_of(session, {order.force}, {order.id})[order.id])
        body = patched(OrderBody, standing, patch)
        if body.case not in (case.reference, str(case.id)):
            raise CaseNotUnderstood([Problem("case", "not_amendable", "an order stays with its case: record another")])
        if patch:
            orders.amend_order(session, order, body.draft(), case, registry.desk)
        [told] = registry.told([order])
        registry.record(Operation.ALTERATION, "amend_order", thing_of_order(order))
    response.headers["ETag"] = etag_of(told.version)
    return told


@router.post(
    "/{name}/service", operation_id="record_service", summary="Record service of an order",
    openapi_extra=takes(ServiceBody), responses=problems(401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
def record_service(
    caller: KeepsCases, house: TheHouse, name: str, body: Annotated[ServiceBody, Depends(body_of(ServiceBody))],
    response: Response,
) -> OrderTold:  # fmt: skip
    """Record in one act how he knows of the order; what he has to tell the police begins to count."""
    with house.db.transaction() as session:
        registry = OrderRegistry(house, session, caller)
        order, case = registry.find(name, to_change=True)
        orders.serve(session, order, body.state, body.on, case, registry.desk)
        [told] = registry.told([order])
        registry.record(Operation.ALTERATION, "record_service", thing_of_order(order))
    response.headers["ETag"] = etag_of(told.version)
    return told
