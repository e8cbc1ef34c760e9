"""Statements about cases, orders and reviews, each named for its question. Reads that people see start here."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE, Caller, Role, audiences_of, circle_of
from db.base import table_of
from db.keyring import Use
from db.sealed import keys_of
from markers.case_models import (
    Case,
    CaseKey,
    CaseNote,
    CasePart,
    CaseRisk,
    Condition,
    Order,
    OrderSign,
    Review,
)
from markers.models import Marker
from markers.queries import is_named_on


def cases_readable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition under which a case exists for this caller: its audience is theirs, or it names them."""
    theirs = Case.audience.in_(sorted(audiences_of(caller)))
    is_theirs = or_(theirs, is_named_on(Case, caller)) if caller.role is Role.OFFICER else theirs
    return and_(Case.force == caller.force, is_theirs)


def case_readable_by(session: Session, caller: Caller, name: UUID | str, *, to_change: bool = False) -> Case | None:
    """One case by id or reference, as far as it exists for this caller; of two of one name, the circle's own."""
    this = Case.id == name if isinstance(name, UUID) else Case.reference == name
    statement = select(Case).where(cases_readable_by(caller), this).order_by(Case.audience == OPEN_AUDIENCE).limit(1)
    return session.scalars(statement.with_for_update() if to_change else statement).first()


def orders_readable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition under which an order exists for this caller."""
    return and_(Order.force == caller.force, Order.audience.in_(sorted(audiences_of(caller))))


def order_readable_by(session: Session, caller: Caller, name: UUID | str, *, to_change: bool = False) -> Order | None:
    """One order by id or reference, as far as it exists for this caller."""
    this = Order.id == name if isinstance(name, UUID) else Order.reference == name
    statement = select(Order).where(orders_readable_by(caller), this).order_by(Order.audience == OPEN_AUDIENCE).limit(1)
    return session.scalars(statement.with_for_update() if to_change else statement).first()


def case_of(session: Session, force: str, audience: str, reference: str) -> Case | None:
    """The case that a marker of this audience speaks of: its circle's own, else the open one."""
    these = (Case.force == force, Case.reference == reference, Case.audience.in_({audience, OPEN_AUDIENCE}))
    return session.scalars(select(Case).where(*these).order_by(Case.audience == OPEN_AUDIENCE).limit(1)).first()


def is_circle(session: Session, force: str, desk: str) -> bool:
    """Is this desk a closed circle? It is from its first covert marker on."""
    theirs = (Marker.force == force, Marker.audience == circle_of(desk))
    return session.scalars(select(Marker.id).where(*theirs).limit(1)).first() is not None


def cases_by_id(session: Session, forces: Collection[str], ids: Collection[UUID]) -> dict[UUID, Case]:
    """Id → case, whoever may read it: alerts stand in their case's own audience."""
    if not ids:
        return {}
    rows = session.scalars(select(Case).where(Case.force.in_(forces), Case.id.in_(ids)))
    return {row.id: row for row in rows}


def orders_by_id(session: Session, forces: Collection[str], ids: Collection[UUID]) -> dict[UUID, Order]:
    """Id → order, as above."""
    if not ids:
        return {}
    rows = session.scalars(select(Order).where(Order.force.in_(forces), Order.id.in_(ids)))
    return {row.id: row for row in rows}


def orders_of_cases(session: Session, forces: Collection[str], case_ids: Collection[UUID]) -> dict[UUID, list[Order]]:
    """Case → its orders, in the order in which they were recorded."""
    found: dict[UUID, list[Order]] = {case_id: [] for case_id in case_ids}
    if found:
        these = (Order.force.in_(forces), Order.case_id.in_(found))
        for row in session.scalars(select(Order).where(*these).order_by(Order.recorded_at, Order.id)):
            found[row.case_id].append(row)
    return found


def conditions_of(
    session: Session, forces: Collection[str], order_ids: Collection[UUID]
) -> dict[UUID, list[Condition]]:
    """Order → its conditions, as they stand in it."""
    found: dict[UUID, list[Condition]] = {order_id: [] for order_id in order_ids}
    if found:
        these = (Condition.force.in_(forces), Condition.order_id.in_(found))
        for row in session.scalars(select(Condition).where(*these).order_by(Condition.ordinal)):
            found[row.order_id].append(row)
    return found


def markers_of_case(session: Session, case: Case) -> Sequence[Marker]:
    """The markers of a case that whoever reads the case may know of, as they were placed."""
    mine = (Marker.force == case.force, Marker.case_reference == case.reference, Marker.audience == case.audience)
    return session.scalars(select(Marker).where(*mine).order_by(Marker.placed_at, Marker.id)).all()


def in_force_on(day: date) -> ColumnElement[bool]:
    """The condition under which an order is in force on a day; without an end it is until further order."""
    ends = or_(Order.expires_on.is_(None), Order.expires_on >= day)
    return and_(Order.made_on <= day, ends, or_(Order.ended_on.is_(None), Order.ended_on > day))


def is_in_force(order: Order, day: date) -> bool:
    """The same of one order."""
    over = order.expires_on is not None and order.expires_on < day
    return order.made_on <= day and not over and (order.ended_on is None or order.ended_on > day)


def days_left(order: Order, day: date) -> int | None:
    """How many days after this one it ends; `None` where no end is set."""
    return (order.expires_on - day).days if order.expires_on else None


def risks_of(session: Session, case: Case) -> Sequence[CaseRisk]:
    """A case's risk grades, the earliest first."""
    mine = (CaseRisk.force == case.force, CaseRisk.case_id == case.id)
    return session.scalars(select(CaseRisk).where(*mine).order_by(CaseRisk.ordinal)).all()


def notes_of(session: Session, case: Case) -> Sequence[CaseNote]:
    """A case's notes, the earliest first."""
    mine = (CaseNote.force == case.force, CaseNote.case_id == case.id)
    return session.scalars(select(CaseNote).where(*mine).order_by(CaseNote.ordinal)).all()


def drop_parts(session: Session, force: str, of: ColumnElement[bool]) -> None:
    """Remove parts, and with them their keys, before others take their place."""
    session.execute(delete(CasePart).where(CasePart.force == force, of))


def store_part_keys(session: Session, force: str, keys: Iterable[tuple[UUID, str]]) -> None:
    """Keep (part, key) pairs as keyed digests."""
    ring = keys_of(session)
    rows = sorted({(ring.digest_of(Use.MATCH, key), part) for part, key in keys})
    if rows:
        values = [{"digest": digest, "part_id": part, "force": force} for digest, part in rows]
        session.execute(insert(table_of(CaseKey)), values)


def reviews_readable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition under which a review exists for this caller."""
    return and_(Review.force == caller.force, Review.audience.in_(sorted(audiences_of(caller))))


def orders_expiring(session: Session, until: date, after: date) -> Sequence[Order]:
    """Orders that end between two days (both in it), of every force."""
    these = (Order.expires_on >= after, Order.expires_on <= until, Order.ended_on.is_(None))
    return session.scalars(select(Order).where(*these).order_by(Order.force, Order.id)).all()


def forget_signs(session: Session, before: datetime) -> int:
    """Drop what events showed so long ago that none joins them any more; how many."""
    gone = delete(OrderSign).where(OrderSign.at <= before).returning(OrderSign.event_id)
    return len(session.scalars(gone).all())
