"""Markers page by page, in the order in which they were placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, func, literal, or_, select, tuple_, union
from sqlalchemy.orm import Session

from access.roles import Caller
from db.engine import weighs_indexes
from markers.case_models import Case
from markers.models import Marker, Target
from markers.queries import readable_by, readable_markers, status_is
from markers.words import Risk, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerFilter:
    """Which markers are wanted; what is `None` does not narrow."""

    status: Status | None = None
    category: str | None = None
    case: str | None = None
    review_due_before: datetime | None = None
    risk: Risk | None = None
    is_unproven: bool = False
    """One of its targets that are in use was never proven by a drill, or fails it now."""
    kept_by: str | None = None
    """Who placed it, or is the officer or deputy of its case."""


@dataclass(frozen=True, slots=True)
class MarkerPage:
    """A page of markers, and the key behind which the next one begins (`None` when there is none)."""

    rows: Sequence[Marker]
    last: list[Any] | None


FEW = 2000
"""So many markers of one person are found by who keeps them; of more, the newest are looked at one by one."""


def _ids_kept_by(force: str, name: str) -> CompoundSelect[Any]:
    """The ids of what somebody placed, and of what stands in a case of theirs: each part has an index."""
    placed = select(Marker.id).where(Marker.force == force, Marker.placed_by == name)
    of_case = and_(Case.force == Marker.force, Case.reference == Marker.case_reference)
    theirs = (
        select(Marker.id).join(Case, of_case).where(Case.force == force, whose == name)
        for whose in (Case.officer, Case.deputy)
    )
    return union(placed, *theirs)


def keeps_few(session: Session, force: str, name: str) -> bool:
    """Are somebody's markers so few that they are found by their ids?"""
    known = _ids_kept_by(force, name).limit(FEW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(known)) or 0) <= FEW


def _is_kept_by(force: str, name: str, *, are_few: bool) -> ColumnElement[bool]:
    """The condition under which a marker is somebody's, as it is found the soonest."""
    if are_few:
        return Marker.id.in_(_ids_kept_by(force, name))
    named = or_(Case.officer == name, Case.deputy == name)
    cases = select(Case.reference).where(Case.force == Marker.force, Case.reference == Marker.case_reference, named)
    return or_(Marker.placed_by == name, cases.exists())


def _due(wanted: MarkerFilter) -> ColumnElement[bool]:
    return Marker.review_due < wanted.review_due_before


def _few(session: Session, caller: Caller, these: ColumnElement[bool]) -> bool:
    """Are so few markers like this that they are put in order sooner than they are met on the way?"""
    found = select(literal(1)).select_from(Marker).where(Marker.force == caller.force, these).limit(FEW).subquery()
    return (session.scalar(select(func.count()).select_from(found)) or 0) < FEW


def _conditions(caller: Caller, wanted: MarkerFilter, *, are_few: bool) -> list[ColumnElement[bool]]:
    """What is wanted, but for its status."""
    found = []
    if wanted.category is not None:
        found.append(Marker.category == wanted.category)
    if wanted.case is not None:
        found.append(Marker.case_reference == wanted.case)
    if wanted.risk is not None:
        found.append(Marker.risk == wanted.risk.value)
    if wanted.is_unproven:
        of_marker = (Target.force == Marker.force, Target.marker_id == Marker.id)
        in_use = (Target.proven_at.is_(None), Target.out_of_use_since.is_(None))
        found.append(exists().where(*of_marker, *in_use))
    if wanted.review_due_before is not None:
        found.append(_due(wanted))
    if wanted.kept_by is not None:
        found.append(_is_kept_by(caller.force, wanted.kept_by, are_few=are_few))
    return found


def categories_in_use(session: Session, caller: Caller, limit: int = 100) -> Sequence[str]:
    """The categories of the markers that exist for this caller, found one after the other by their index."""
    found: list[str] = []
    while len(found) < limit:
        after = (Marker.category > found[-1],) if found else ()
        following = select(Marker.category).where(readable_by(caller), *after).order_by(Marker.category).limit(1)
        name = session.scalars(following).first()
        if name is None:
            break
        found.append(name)
    return found


LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


class Way(StrEnum):
    """By which index a list is found: ids that are known, a date that makes markers what they are, or their order."""

    IDS = "ids"
    DATE = "date"
    ORDER = "order"


def listed_as(session: Session, status: Status, now: datetime, way: Way) -> ColumnElement[bool]:
    """The same as `status_is`, written so that a list is found in the way that suits it, however many there are.

    SQLite takes an index for what it is compared with, and knows nothing of how many rows that leaves: what is wrapped
    here has none. PostgreSQL knows, and is left to it.
    """
    if weighs_indexes(session):
        return status_is(status, now)
    begun, ends = func.coalesce(Marker.valid_from, None), func.coalesce(Marker.valid_until, None)
    suspended, withdrawn = func.coalesce(Marker.suspended_at, None), func.coalesce(Marker.withdrawn_at, None)
    standing = and_(withdrawn.is_(None), suspended.is_(None))
    not_lapsed = or_(ends.is_(None), ends > now)
    if way is Way.DATE:
        # A partial index is taken where its own condition stands as it stands there.
        runs = and_(Marker.withdrawn_at.is_(None), Marker.suspended_at.is_(None))
        by_date = {
            Status.WITHDRAWN: Marker.withdrawn_at > LONG_AGO,
            Status.SUSPENDED: and_(withdrawn.is_(None), Marker.suspended_at > LONG_AGO),
            Status.LAPSED: and_(runs, Marker.valid_until <= now),
            Status.SCHEDULED: and_(standing, not_lapsed, Marker.valid_from > now),
        }
        if status in by_date:
            return by_date[status]
    return {
        Status.WITHDRAWN: withdrawn.is_not(None),
        Status.SUSPENDED: and_(withdrawn.is_(None), suspended.is_not(None)),
        Status.LAPSED: and_(standing, ends <= now),
        Status.SCHEDULED: and_(standing, not_lapsed, begun > now),
        Status.ACTIVE: and_(standing, not_lapsed, begun <= now),
    }[status]


MOST_COUNTED = 200
"""Beyond this a count says no more than that there are many."""


def counts_of(session: Session, caller: Caller, wanted: MarkerFilter, now: datetime) -> dict[str, int]:
    """Status → how many that this caller may read would be shown under it, up to `MOST_COUNTED`; one look for all.

    Each count ends at the bound: a list of many is counted in the time of a list of few.
    """
    are_few = wanted.kept_by is not None and keeps_few(session, caller.force, wanted.kept_by)
    these = _conditions(caller, wanted, are_few=are_few)
    way = Way.IDS if are_few else Way.DATE
    row = session.execute(select(*(_count(session, caller, these, (status, now, way)) for status in Status))).one()
    return {status.value: getattr(row, status.value) for status in Status}


def _count(
    session: Session, caller: Caller, these: Sequence[ColumnElement[bool]], what: tuple[Status, datetime, Way]
) -> ColumnElement[int]:
    status, now, way = what
    one = (
        select(literal(1)).select_from(Marker).where(readable_by(caller), *these, listed_as(session, status, now, way))
    )
    return select(func.count()).select_from(one.limit(MOST_COUNTED).subquery()).scalar_subquery().label(status.value)


def markers_page(
    session: Session, caller: Caller, wanted: MarkerFilter, now: datetime, start: tuple[list[Any] | None, int],
    *, newest_first: bool = False,
) -> MarkerPage:  # fmt: skip
    """The markers that a caller may read, in the order in which they were placed, or the newest first; `start` is the
    key to begin behind, and how many at most.
    """
    after, limit = start
    are_few = wanted.kept_by is not None and keeps_few(session, caller.force, wanted.kept_by)
    # What is found by its ids, or by when it is due, is not found by the order's own index: that would be walked past
    # everybody else's.
    has_own_index = are_few or (wanted.review_due_before is not None and _few(session, caller, _due(wanted)))
    placed_at = func.coalesce(Marker.placed_at, None) if has_own_index else Marker.placed_at
    order = (placed_at, Marker.placed_ordinal, Marker.id)
    told = [column.desc() for column in order] if newest_first else list(order)
    statement = readable_markers(caller).where(*_conditions(caller, wanted, are_few=are_few))
    if wanted.status is not None:
        way = Way.IDS if are_few else _way_to(session, caller, wanted.status, now)
        statement = statement.where(listed_as(session, wanted.status, now, way))
    if after is not None:
        moment, ordinal, marker_id = after
        behind = tuple_(*(datetime.fromisoformat(moment), int(ordinal), UUID(marker_id)))
        statement = statement.where(tuple_(*order) < behind if newest_first else tuple_(*order) > behind)
    rows = session.scalars(statement.order_by(*told).limit(limit + 1)).all()
    if len(rows) <= limit:
        return MarkerPage(rows, None)
    last = rows[limit - 1]
    return MarkerPage(rows[:limit], [last.placed_at.isoformat(), last.placed_ordinal, str(last.id)])


def _way_to(session: Session, caller: Caller, status: Status, now: datetime) -> Way:
    """Few of a standing are found by its date, and put in order; of many, the first of the order are found at once."""
    if status is Status.ACTIVE:
        return Way.ORDER
    return Way.DATE if _few(session, caller, listed_as(session, status, now, Way.DATE)) else Way.ORDER
