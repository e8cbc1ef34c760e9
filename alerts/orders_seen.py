"""What stands on an alert of the orders that it touches: those of its case that are in force, and what was found."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.found_orders import evidence_of
from alerts.models import Alert, AlertCondition
from alerts.rules.words import Breach
from alerts.runs import run_of
from markers.case_models import Case, Condition, Order
from markers.cases.queries import conditions_of, days_left, is_in_force, orders_by_id, orders_of_cases
from markers.cases.rules.hours import read_hours
from markers.cases.rules.hours import told as hours_told
from markers.cases.rules.law import consequence_of, law_of, told_of_service
from markers.cases.rules.words import Finding, Jurisdiction, Means, OrderKind, Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSeen:
    """A condition on an alert: watched and found, or only ever reported. `finding` is `None` for the latter."""

    order: UUID
    reference: str
    condition: str
    text: str | None
    watched: bool
    means: str
    finding: str | None
    service: str
    days_left: int | None
    consequence: str
    hours: str
    evidence: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSeen:
    """An order that stands on an alert, and what a breach of it is. `breaches` counts all alerts of the order."""

    order: UUID
    version: int
    reference: str
    kind: str
    name: str
    in_force: bool
    expires_on: date | None
    days_left: int | None
    service: str
    service_told: str
    wanted_since: date | None
    consequence: str
    consequence_told: str
    breaches: int
    evidence: Sequence[str]


Seen = tuple[list[OrderSeen], list[ConditionSeen]]


def orders_on(session: Session, alerts: Sequence[Alert], now: datetime) -> dict[UUID, Seen]:
    """Alert → the orders on it, and their conditions: those found first, then what nobody watches."""
    of_case = [(alert, named) for alert in alerts if (named := case_named(alert))]
    if not of_case:
        return {}
    cases = _cases(session, of_case)
    found = _findings(session, [alert for alert, _ in of_case])
    forces = {case.force for case in cases.values()} | {one.order_force for rows in found.values() for one in rows}
    listed = orders_of_cases(session, forces, {case.id for case in cases.values()})
    orders = {one.id: one for rows in listed.values() for one in rows}
    orders |= orders_by_id(session, forces, {one.order_id for rows in found.values() for one in rows} - orders.keys())
    conditions = conditions_of(session, forces, orders)
    counted = breaches_of(session, forces, list(orders))
    today = now.date()
    seen: dict[UUID, Seen] = {}
    for alert, _ in of_case:
        case, mine = cases.get(alert.id), found.get(alert.id, [])
        touched = {one.order_id for one in mine}
        of_it = [
            order for order in orders.values()
            if order.id in touched or (case and order.case_id == case.id and is_in_force(order, today))
        ]  # fmt: skip
        if of_it:
            seen[alert.id] = _seen(of_it, mine, conditions, today, counted)
    return seen


def case_named(alert: Alert) -> tuple[str, str] | None:
    """The force and the reference of the case that an alert is about."""
    run = run_of(alert.force, alert.subject, alert.audience)
    return (run.force, run.subject.removeprefix("case:")) if run and run.subject.startswith("case:") else None


def _cases(session: Session, named: Sequence[tuple[Alert, tuple[str, str]]]) -> dict[UUID, Case]:
    """Alert → its case: the one of its own audience, else the open one."""
    forces, references = {force for _, (force, _) in named}, {reference for _, (_, reference) in named}
    rows = session.scalars(select(Case).where(Case.force.in_(forces), Case.reference.in_(references))).all()
    by_name = {(row.force, row.reference, row.audience): row for row in rows}
    found = {}
    for alert, (force, reference) in named:
        own = by_name.get((force, reference, alert.audience)) or by_name.get((force, reference, OPEN_AUDIENCE))
        if own is not None:
            found[alert.id] = own
    return found


def _findings(session: Session, alerts: Sequence[Alert]) -> dict[UUID, list[AlertCondition]]:
    these = (
        AlertCondition.force.in_({alert.force for alert in alerts}),
        AlertCondition.alert_id.in_([alert.id for alert in alerts]),
    )
    found: dict[UUID, list[AlertCondition]] = {}
    for row in session.scalars(select(AlertCondition).where(*these).order_by(AlertCondition.weight.desc())):
        found.setdefault(row.alert_id, []).append(row)
    return found


def _seen(
    orders: Sequence[Order], found: Sequence[AlertCondition], conditions: Mapping[UUID, Sequence[Condition]],
    today: date, counted: Mapping[UUID, Mapping[str, int]],
) -> Seen:  # fmt: skip
    of_orders, watched, reported = [], [], []
    for order in orders:
        by_number = {one.condition: one for one in found if one.order_id == order.id}
        of_orders.append(_order(order, by_number.get(""), today, counted[order.id]["possible"]))
        for row in conditions[order.id]:
            if row.number in by_number:
                watched.append((by_number[row.number].weight, _condition(order, row, by_number[row.number], today)))
            elif row.means == Means.REPORTED:
                reported.append(_condition(order, row, None, today))
    watched.sort(key=lambda one: -one[0])
    return of_orders, [*(one for _, one in watched), *reported]


def _order(order: Order, wanted: AlertCondition | None, today: date, breaches: int) -> OrderSeen:
    law = law_of(Jurisdiction(order.jurisdiction), OrderKind(order.kind))
    return OrderSeen(
        order=order.id, version=order.version, reference=order.reference, kind=order.kind, name=law.name,
        in_force=is_in_force(order, today), expires_on=order.expires_on, days_left=days_left(order, today),
        service=order.service_state, service_told=told_of_service(Service(order.service_state)),
        wanted_since=order.wanted_since, consequence=law.breach.value, consequence_told=law.breach_told,
        breaches=breaches, evidence=evidence_of(wanted.evidence) if wanted else (),
    )  # fmt: skip


def _condition(order: Order, row: Condition, found: AlertCondition | None, today: date) -> ConditionSeen:
    law = law_of(Jurisdiction(order.jurisdiction), OrderKind(order.kind))
    return ConditionSeen(
        order=order.id, reference=order.reference, condition=row.number, text=row.text,
        watched=row.means == Means.WATCHED, means=row.means, finding=found.finding if found else None,
        service=order.service_state, days_left=days_left(order, today),
        consequence=consequence_of(law, power_of_arrest=row.power_of_arrest).value,
        hours=hours_told(read_hours(row.hours)),
        evidence=evidence_of(found.evidence) if found else (),
    )  # fmt: skip


def breaches_of(session: Session, forces: Collection[str], order_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Order → how many of its alerts show a possible breach, and how many were confirmed."""
    counted: dict[UUID, dict[str, int]] = {order_id: {"possible": 0, "confirmed": 0} for order_id in order_ids}
    if not counted:
        return counted
    of_alert = and_(Alert.force == AlertCondition.force, Alert.id == AlertCondition.alert_id)
    these = (
        AlertCondition.force.in_(forces), AlertCondition.force == AlertCondition.order_force,
        AlertCondition.order_id.in_(counted),
        or_(AlertCondition.finding == Finding.POSSIBLE_BREACH.value, Alert.breach == Breach.CONFIRMED.value),
        or_(Alert.breach.is_(None), Alert.breach != Breach.NOT_A_BREACH.value),
    )  # fmt: skip
    asked = select(AlertCondition.order_id, Alert.breach, func.count(Alert.id.distinct())).join(Alert, of_alert)
    for order_id, breach, count in session.execute(asked.where(*these).group_by(AlertCondition.order_id, Alert.breach)):
        counted[order_id]["possible"] += count
        if breach == Breach.CONFIRMED:
            counted[order_id]["confirmed"] += count
    return counted
