"""Markers page by page, in the order in which they were placed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from access.roles import Caller
from markers.case_models import Case
from markers.models import Marker
from markers.queries import readable_markers, status_is
from markers.words import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerFilter:
    """Which markers are wanted; what is `None` does not narrow."""

    status: Status | None = None
    category: str | None = None
    case: str | None = None
    review_due_before: datetime | None = None
    kept_by: str | None = None
    """Who placed it, or is the officer or deputy of its case."""


@dataclass(frozen=True, slots=True)
class MarkerPage:
    """A page of markers, and the key behind which the next one begins (`None` when there is none)."""

    rows: Sequence[Marker]
    last: list[Any] | None


def _narrowed(asked: Select[Marker], wanted: MarkerFilter, now: datetime) -> Select[Marker]:
    """Only those that are wanted."""
    if wanted.status is not None:
        asked = asked.where(status_is(wanted.status, now))
    if wanted.category is not None:
        asked = asked.where(Marker.category == wanted.category)
    if wanted.case is not None:
        asked = asked.where(Marker.case_reference == wanted.case)
    if wanted.review_due_before is not None:
        asked = asked.where(Marker.review_due < wanted.review_due_before)
    if wanted.kept_by is not None:
        theirs = or_(Case.officer == wanted.kept_by, Case.deputy == wanted.kept_by)
        cases = select(Case.reference).where(
            Case.force == Marker.force, Case.reference == Marker.case_reference, theirs
        )
        asked = asked.where(or_(Marker.placed_by == wanted.kept_by, cases.exists()))
    return asked


MOST_COUNTED = 1000
"""Beyond this a count says no more than that there are many."""


def counts_of(session: Session, caller: Caller, wanted: MarkerFilter, now: datetime) -> dict[str, int]:
    """Status → how many that this caller may read would be shown under it, up to `MOST_COUNTED`; one look for all."""
    counts = [func.count().filter(status_is(status, now)).label(status.value) for status in Status]
    asked = _narrowed(readable_markers(caller), replace(wanted, status=None), now).with_only_columns(*counts)
    row = session.execute(asked).one()
    return {status.value: min(getattr(row, status.value), MOST_COUNTED) for status in Status}


def markers_page(
    session: Session, caller: Caller, wanted: MarkerFilter, now: datetime, start: tuple[list[Any] | None, int]
) -> MarkerPage:
    """The markers that a caller may read; `start` is the key to begin behind, and how many at most."""
    after, limit = start
    order = (Marker.placed_at, Marker.placed_ordinal, Marker.id)
    statement = readable_markers(caller).order_by(*order).limit(limit + 1)
    statement = _narrowed(statement, wanted, now)
    if after is not None:
        placed_at, ordinal, marker_id = after
        behind = (datetime.fromisoformat(placed_at), int(ordinal), UUID(marker_id))
        statement = statement.where(tuple_(*order) > tuple_(*behind))
    rows = session.scalars(statement).all()
    if len(rows) <= limit:
        return MarkerPage(rows, None)
    last = rows[limit - 1]
    return MarkerPage(rows[:limit], [last.placed_at.isoformat(), last.placed_ordinal, str(last.id)])
