"""What a named person is to look at again: asked once for each occasion, answered by somebody who is named."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from access.roles import Caller, Role
from db.base import table_of
from db.engine import upsert
from db.ids import Ids
from markers.case_models import Case, Condition, Order, Review
from markers.cases.queries import (
    cases_by_id,
    conditions_of,
    is_in_force,
    orders_by_id,
    orders_expiring,
    reviews_readable_by,
)
from markers.cases.refusals import ReviewDone
from markers.cases.rules.law import DutyFacts, first_due, law_of
from markers.cases.rules.words import Jurisdiction, Means, OrderKind, ReviewKind, Service
from markers.models import Marker
from markers.words import SERVICE

ANY_OFFICER = "an officer"
"""Whose work it is where no case names anybody: it stands in every officer's list."""
LATE_AFTER = timedelta(days=1)
"""Due now is not yet late."""
DEPUTY_AFTER, TEAM_AFTER = timedelta(days=2), timedelta(days=4)
"""How late a review is when it goes to the deputy, and to the team."""
EXPIRY_TOLD_AT = (28, 7, 1, 0)
"""Days before an order or a marker ends at which its officer is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something to be looked at again. `occasion` makes it one; `said` holds no name, number or address."""

    kind: ReviewKind
    occasion: str
    about: tuple[str, UUID]
    said: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who is asked, of which force and audience, and in which case if in any."""

    force: str
    audience: str
    case_id: UUID | None
    for_whom: str


def ask_for(session: Session, case: Case, asks: Sequence[Ask], ids: Ids, now: datetime) -> None:
    """Ask the case's officer; what was asked on the same occasion before is not asked again."""
    officer = Addressee(force=case.force, audience=case.audience, case_id=case.id, for_whom=case.officer)
    ask(session, officer, asks, ids, now)


def ask(session: Session, of: Addressee, asks: Sequence[Ask], ids: Ids, now: datetime) -> None:
    """Ask somebody; what was asked on the same occasion before is not asked again."""
    rows = [
        {
            "force": of.force, "id": ids(), "audience": of.audience, "kind": one.kind.value, "occasion": one.occasion,
            "about_kind": one.about[0], "about_id": one.about[1], "case_id": of.case_id, "said": one.said,
            "for_whom": of.for_whom, "due_at": one.due_at, "state": "open", "made_at": now,
        }
        for one in asks
    ]  # fmt: skip
    if rows:
        session.execute(upsert(session, table_of(Review)).on_conflict_do_nothing(), rows)


def asks_of_order(
    order: Order, conditions: Sequence[Condition], beside: frozenset[OrderKind], now: datetime
) -> list[Ask]:
    """What an order as it stands asks for: its tasks, his duties, that service is recorded, that it ends."""
    today = now.date()
    asks = [
        Ask(
            kind=ReviewKind.TASK_DUE, occasion=f"task:{order.id}:{one.number}:{one.due_on}", about=("order", order.id),
            said=f"condition {one.number} of {order.reference} is due: was it done?",
            due_at=_moment_of(one.due_on, now),
        )
        for one in conditions if one.means == Means.TASK and one.due_on is not None
    ]  # fmt: skip
    asks += _duties(order, beside, now)
    if order.service_state == Service.NOT_RECORDED:
        told = f"service of {order.reference} is not recorded: does he know of the order?"
        occasion = f"service:{order.id}"
        asks.append(
            Ask(
                kind=ReviewKind.SERVICE_NOT_RECORDED,
                occasion=occasion,
                about=("order", order.id),
                said=told,
                due_at=now,
            )
        )
    return asks + expiry_asks(order, today, now)


def _moment_of(day: date, now: datetime) -> datetime:
    """The moment at which what is due on a day is due: its first one, in the time of `now`."""
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def _duties(order: Order, beside: frozenset[OrderKind], now: datetime) -> list[Ask]:
    law = law_of(Jurisdiction(order.jurisdiction), OrderKind(order.kind))
    facts = DutyFacts(
        made_on=order.made_on, service=Service(order.service_state), served_on=order.service_on, beside=beside,
        replaced=OrderKind(order.replaces_kind) if order.replaces_kind else None,
    )  # fmt: skip
    asks = []
    for place, duty in enumerate(law.duties):
        due = first_due(duty, facts)
        if due is not None:
            said = f"{order.reference}: he has to {duty.what} by now; was it done?"
            occasion = f"duty:{order.id}:{place}:first:{due}"
            about = ("order", order.id)
            asks.append(
                Ask(
                    kind=ReviewKind.DUTY_DUE, occasion=occasion, about=about, said=said, due_at=_moment_of(due, now)
                )
            )  # fmt: skip
    return asks


def settle(session: Session, order: Order, asks: Sequence[Ask], now: datetime) -> None:
    """What an order no longer asks for, since it was amended, served or ended, is nobody's to look at any more."""
    still = {ask.occasion for ask in asks}
    mine = (Review.force == order.force, Review.about_id == order.id, Review.state == "open")
    is_over = not is_in_force(order, now.date()) and order.made_on <= now.date()
    for review in session.scalars(select(Review).where(*mine).with_for_update()):
        if is_over or (review.occasion not in still and not _comes_again(review)):
            review.state, review.done_by, review.done_at = "done", SERVICE, now
            review.note = "no longer asked: the order has changed"


def close(session: Session, force: str, occasion: str, by: str, now: datetime) -> None:
    """What was asked on an occasion was done by doing it."""
    this = (Review.force == force, Review.occasion == occasion, Review.state == "open")
    for review in session.scalars(select(Review).where(*this).with_for_update()):
        review.state, review.done_by, review.done_at = "done", by, now


def _comes_again(review: Review) -> bool:
    """What he has to tell anew, and a task that was done before, are asked for by themselves."""
    first = review.occasion.split(":")[3:4] == ["first"]
    if review.kind == ReviewKind.DUTY_DUE:
        return not first
    return review.kind == ReviewKind.STILL_COVERS or review.said.endswith(_AGAIN)


_AGAIN = "is due again: was it done?"


def duties_again(order: Order, now: datetime) -> list[Ask]:
    """His name or home has changed: what he has to tell begins anew, so many days from today."""
    law = law_of(Jurisdiction(order.jurisdiction), OrderKind(order.kind))
    return [
        Ask(
            kind=ReviewKind.DUTY_DUE, occasion=f"duty:{order.id}:{place}:{order.version}", about=("order", order.id),
            said=f"{order.reference}: he has to {duty.what} again ({duty.again}); was it done?",
            due_at=_moment_of(now.date() + timedelta(days=duty.within_days), now),
        )
        for place, duty in enumerate(law.duties)
    ]  # fmt: skip


def step_before(end: date, today: date) -> int | None:
    """The step before an end that has come (of `EXPIRY_TOLD_AT`); `None` before the first one."""
    return min((step for step in EXPIRY_TOLD_AT if (end - today).days <= step), default=None)


def told_of_end(end: date, today: date) -> str:
    """How far away an end is, in words."""
    left = (end - today).days
    return "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"


def expiry_asks(order: Order, today: date, now: datetime) -> list[Ask]:
    """That it ends: at each of the steps that has come, and is not over."""
    if order.expires_on is None or not is_in_force(order, today):
        return []
    step = step_before(order.expires_on, today)
    if step is None:
        return []
    said = f"{order.reference} ends {told_of_end(order.expires_on, today)}: is another one needed?"
    occasion = f"expiry:{order.id}:{order.expires_on}:{step}"
    return [Ask(kind=ReviewKind.ORDER_EXPIRING, occasion=occasion, about=("order", order.id), said=said, due_at=now)]


def ask_of_expiring(session: Session, ids: Ids, now: datetime) -> int:
    """One day's round over all orders that end within four weeks; answers how many there are. Harmless twice."""
    today = now.date()
    orders = orders_expiring(session, today + timedelta(days=max(EXPIRY_TOLD_AT)), today)
    cases = cases_by_id(session, {one.force for one in orders}, {one.case_id for one in orders})
    for order in orders:
        ask_for(session, cases[order.case_id], expiry_asks(order, today, now), ids, now)
    return len(orders)


def ask_again(session: Session, ids: Ids, now: datetime) -> None:
    """Tasks that come again (`every_days`): when one was done, the next one is asked for."""
    done = select(Review).where(Review.kind == ReviewKind.TASK_DUE, Review.state == "done", Review.done_at <= now)
    for row in session.scalars(done.where(Review.occasion.like("task:%")).order_by(Review.force, Review.id)):
        order = orders_by_id(session, {row.force}, {row.about_id}).get(row.about_id)
        if order is None or not is_in_force(order, now.date()):
            continue
        number = row.occasion.removeprefix(f"task:{row.about_id}:").rpartition(":")[0]
        found = [one for one in conditions_of(session, {row.force}, {order.id})[order.id] if one.number == number]
        every = found[0].every_days if found else None
        case = cases_by_id(session, {row.force}, {order.case_id})[order.case_id]
        if every is None:
            continue
        due = row.due_at.date() + timedelta(days=every)
        ask = Ask(
            kind=ReviewKind.TASK_DUE, occasion=f"task:{order.id}:{number}:{due}", about=("order", order.id),
            said=f"condition {number} of {order.reference} {_AGAIN}", due_at=_moment_of(due, now),
        )  # fmt: skip
        ask_for(session, case, [ask], ids, now)


def send_up(session: Session, now: datetime) -> int:
    """What nobody has looked at in time goes to the case's deputy, and then to its team; without a case, to
    every officer. Answers how many went up.
    """
    late = select(Review).where(Review.state == "open", Review.due_at <= now - DEPUTY_AFTER)
    rows = session.scalars(late.order_by(Review.force, Review.id).with_for_update()).all()
    cases = cases_by_id(session, {row.force for row in rows}, {row.case_id for row in rows if row.case_id})
    sent = 0
    for row in rows:
        case = cases[row.case_id] if row.case_id else None
        is_very_late = row.due_at <= now - TEAM_AFTER
        last = case.team if case else ANY_OFFICER
        to = last if is_very_late or case is None else case.deputy
        if to and row.escalated_to not in (to, last):
            row.escalated_to = to
            sent += 1
    return sent


def still_covered(markers: Sequence[Marker], orders: Sequence[Order], case: Case, now: datetime) -> list[Ask]:
    """Somebody's address, number or name has changed: does each marker and order still cover it?"""
    told = "a name, number or address on its case has changed: does it still cover?"
    asks = [
        Ask(
            kind=ReviewKind.STILL_COVERS, occasion=f"covers:{marker.id}:{case.version}", about=("marker", marker.id),
            said=f"marker {marker.reference or marker.id}: {told}", due_at=now,
        )
        for marker in markers
    ]  # fmt: skip
    asks += [
        Ask(
            kind=ReviewKind.STILL_COVERS, occasion=f"covers:{order.id}:{case.version}", about=("order", order.id),
            said=f"order {order.reference}: {told}", due_at=now,
        )
        for order in orders
    ]  # fmt: skip
    return asks


def meant_for(name: str, role: Role, desks: Collection[str]) -> ColumnElement[bool]:
    """The reviews that somebody is asked: by name, as one of all officers, or as one of the team (a desk of theirs)."""
    names = {name, *desks, *([ANY_OFFICER] if role is Role.OFFICER else [])}
    return or_(Review.for_whom.in_(names), Review.escalated_to.in_(names))


def review_readable_by(session: Session, caller: Caller, review_id: UUID) -> Review | None:
    """One review, locked to be answered, as far as it exists for this caller."""
    statement = select(Review).where(reviews_readable_by(caller), Review.id == review_id)
    return session.scalars(statement.with_for_update()).one_or_none()


def finish(review: Review, by: str, note: str | None, now: datetime) -> bool:
    """It was looked at; the same person may say so twice. True when that is news."""
    if review.state == "done":
        if review.done_by == by:
            return False
        raise ReviewDone(review.done_by or "")
    review.state, review.done_by, review.done_at, review.note = "done", by, now, note
    return True
