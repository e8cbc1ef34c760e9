"""Orders: recorded, amended, served. A date outside of the law's limits is warned of, and never refused."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.sealed import read_json
from markers.case_models import Case, CasePart, Condition, Order
from markers.cases.casebook import add_parts
from markers.cases.parts import PartGiven, PartValue, of_condition, of_person, understood
from markers.cases.queries import conditions_of, drop_parts, is_in_force, orders_of_cases
from markers.cases.refusals import CaseNotUnderstood, CaseReferenceTaken
from markers.cases.reviews import ask_for, asks_of_order, duties_again, settle
from markers.cases.rules.breach import Side
from markers.cases.rules.law import OrderDates, warnings_of
from markers.cases.rules.words import ConditionKind, Jurisdiction, MadeBy, Means, OrderKind, Service, Trigger
from markers.cases.triggers import trigger
from markers.drafts import Desk
from markers.matching.values import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionGiven:
    """A condition as it is recorded. `hours` and `watch` are the objects of the contract."""

    number: str
    kind: ConditionKind
    text: str
    means: Means
    watch: Mapping[str, Any] | None = None
    hours: Sequence[Mapping[str, Any]] = ()
    due_on: date | None = None
    every_days: int | None = None
    power_of_arrest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """All that an order says, before it is recorded."""

    reference: str
    kind: OrderKind
    jurisdiction: Jurisdiction
    made_on: date
    made_by: MadeBy
    court: str | None = None
    court_reference: str | None = None
    service: Service = Service.NOT_RECORDED
    service_on: date | None = None
    expires_on: date | None = None
    until_further_order: bool = False
    ended_on: date | None = None
    wanted_since: date | None = None
    replaces_kind: OrderKind | None = None
    respondent: Mapping[str, Any]
    protected: Sequence[Mapping[str, Any]] = ()
    conditions: Sequence[ConditionGiven] = ()


JUST_MADE = timedelta(days=28)
"""An order made longer ago than this asks for no new risk assessment when it is recorded."""


SOON = timedelta(days=28)
"""An order that ends within this is looked at before it does."""


def record_order(session: Session, draft: OrderDraft, case: Case, desk: Desk) -> Order:
    """Record an order of a case: its watched conditions are watched from the moment that this transaction ends."""
    _check_reference(session, draft.reference, case)
    order = Order(
        force=case.force, id=desk.ids(), audience=case.audience, case_id=case.id, recorded_by=desk.caller.name,
        recorded_at=desk.now, version=1,
    )  # fmt: skip
    session.add(order)
    _write(session, order, draft, case, desk)
    _ask(session, order, case, desk)
    if desk.now.date() - order.made_on <= JUST_MADE:
        trigger(session, case, Trigger.ORDER_MADE, order.made_on, desk, order.reference)
    return order


def amend_order(session: Session, order: Order, draft: OrderDraft, case: Case, desk: Desk) -> Order:
    """Put what `draft` says in an order's place: a court varied it, service was recorded, he is wanted."""
    if draft.reference != order.reference:
        _check_reference(session, draft.reference, case)
    before = read_json(order.respondent, {}) or {}
    order.version += 1
    _write(session, order, draft, case, desk)
    _ask(session, order, case, desk)
    if any(before.get(name) != draft.respondent.get(name) for name in ("name", "addresses")):
        ask_for(session, case, duties_again(order, desk.now), desk.ids, desk.now)
    return order


def serve(session: Session, order: Order, service: Service, on: date | None, case: Case, desk: Desk) -> Order:
    """Record in one act how he knows of it; what he has to tell begins to count."""
    order.service_state, order.service_on = service.value, on or desk.now.date()
    order.version += 1
    order.changed_at = desk.now
    session.flush()
    _ask(session, order, case, desk)
    return order


def warnings(order: Order, conditions: Sequence[Condition], today: date) -> Sequence[tuple[str, str]]:
    """What is unusual for an order of its kind, as of a day: (field, sentence)."""
    dates = OrderDates(
        jurisdiction=Jurisdiction(order.jurisdiction), kind=OrderKind(order.kind), made_by=MadeBy(order.made_by),
        made_on=order.made_on, expires_on=order.expires_on, until_further_order=order.until_further_order,
        served_on=order.service_on, today=today,
        has_requirements=any(one.kind == ConditionKind.REQUIREMENT for one in conditions),
    )  # fmt: skip
    return warnings_of(dates)


def _check_reference(session: Session, reference: str, case: Case) -> None:
    this = (Order.force == case.force, Order.audience == case.audience, Order.reference == reference)
    if session.scalars(select(Order.id).where(*this)).first() is not None:
        raise CaseReferenceTaken("order")


def _ask(session: Session, order: Order, case: Case, desk: Desk) -> None:
    orders = orders_of_cases(session, {case.force}, {case.id})[case.id]
    beside = frozenset(
        OrderKind(one.kind) for one in orders if one.id != order.id and is_in_force(one, desk.now.date())
    )
    conditions = conditions_of(session, {order.force}, {order.id})[order.id]
    asks = asks_of_order(order, conditions, beside, desk.now) if _asks_still(order, desk.now.date()) else []
    settle(session, order, asks, desk.now)
    ask_for(session, case, asks, desk.ids, desk.now)


def _asks_still(order: Order, today: date) -> bool:
    """An order that a court has ended asks for nothing more."""
    return order.ended_on is None or order.ended_on > today


def _write(session: Session, order: Order, draft: OrderDraft, case: Case, desk: Desk) -> None:
    known, problems = understood(list(_parts(draft)), desk.reading.numbering)
    # What can't be understood is named for itself, and not once more as what nothing could show.
    problems = problems or list(_unwatched(draft, known))
    if problems:
        raise CaseNotUnderstood(problems)
    with session.no_autoflush:
        order.reference, order.kind, order.jurisdiction = draft.reference, draft.kind.value, draft.jurisdiction.value
        order.court, order.court_reference = draft.court, draft.court_reference
        order.made_on, order.made_by = draft.made_on, draft.made_by.value
        order.service_state, order.service_on = draft.service.value, draft.service_on
        order.expires_on, order.until_further_order = draft.expires_on, draft.until_further_order
        order.ended_on, order.wanted_since = draft.ended_on, draft.wanted_since
        order.replaces_kind = draft.replaces_kind.value if draft.replaces_kind else None
        order.respondent = json.dumps(dict(draft.respondent))
        order.protected = json.dumps([dict(one) for one in draft.protected])
        order.changed_at = desk.now
        session.flush()
    mine = (Condition.force == order.force, Condition.order_id == order.id)
    session.execute(delete(Condition).where(*mine))
    _add_conditions(session, order, draft.conditions)
    drop_parts(session, order.force, CasePart.order_id == order.id)
    add_parts(session, case, order.id, known, desk)


def _add_conditions(session: Session, order: Order, given: Sequence[ConditionGiven]) -> None:
    for ordinal, one in enumerate(given):
        row = Condition(
            force=order.force, order_id=order.id, number=one.number, ordinal=ordinal, kind=one.kind.value,
            means=one.means.value, hours=json.dumps(list(one.hours)) if one.hours else None, due_on=one.due_on,
            every_days=one.every_days, power_of_arrest=one.power_of_arrest,
        )  # fmt: skip
        session.add(row)
        row.text = one.text
        row.watch = json.dumps(one.watch) if one.watch else None
    session.flush()


def _parts(draft: OrderDraft) -> Iterator[PartGiven]:
    yield from of_person("respondent", draft.respondent, Side.RESPONDENT)
    for index, person in enumerate(draft.protected):
        yield from of_person(f"protected[{index}]", person, Side.PROTECTED)
    hers = [phone for person in draft.protected for phone in person.get("phones") or ()]
    for index, condition in enumerate(draft.conditions):
        if condition.means is Means.WATCHED:
            yield from of_condition(f"conditions[{index}].watch", condition.number, condition.watch or {}, hers)


def _unwatched(draft: OrderDraft, known: Sequence[tuple[PartGiven, PartValue]]) -> Iterator[Problem]:
    """What is called watched, and would never be: nothing of the condition's own, or nothing to know him by."""
    sides = {(part.condition, part.side) for part, _ in known}
    him = any(part.side is Side.RESPONDENT for part, _ in known)
    numbers: set[str] = set()
    for index, condition in enumerate(draft.conditions):
        if condition.number in numbers:
            yield Problem(f"conditions[{index}].number", "given_twice", "another condition has this number")
        numbers.add(condition.number)
        if condition.means is not Means.WATCHED:
            continue
        if not any(number == condition.number for number, _ in sides):
            told = "it names nothing that an event could show: call it reported, or say what is watched"
            yield Problem(f"conditions[{index}].watch", "never_watched", told)
        elif not him:
            told = "nothing is known that he could be known by in an event: no number, no name, no vehicle or account"
            yield Problem("respondent", "never_watched", told)
            return
