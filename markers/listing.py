"""Markers page by page, in the order in which they were placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import tuple_
from sqlalchemy.orm import Session

from access.roles import Caller
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


@dataclass(frozen=True, slots=True)
class MarkerPage:
    """A page of markers, and the key behind which the next one begins (`None` when there is none)."""

    rows: Sequence[Marker]
    last: list[Any] | None


def markers_page(
    session: Session, caller: Caller, wanted: MarkerFilter, now: datetime, start: tuple[list[Any] | None, int]
) -> MarkerPage:
    """The markers that a caller may read; `start` is the key to begin behind, and how many at most."""
    after, limit = start
    order = (Marker.placed_at, Marker.placed_ordinal, Marker.id)
    statement = readable_markers(caller).order_by(*order).limit(limit + 1)
    if wanted.status is not None:
        statement = statement.where(status_is(wanted.status, now))
    if wanted.category is not None:
        statement = statement.where(Marker.category == wanted.category)
    if wanted.case is not None:
        statement = statement.where(Marker.case_reference == wanted.case)
    if wanted.review_due_before is not None:
        statement = statement.where(Marker.review_due < wanted.review_due_before)
    if after is not None:
        placed_at, ordinal, marker_id = after
        behind = (datetime.fromisoformat(placed_at), int(ordinal), UUID(marker_id))
        statement = statement.where(tuple_(*order) > tuple_(*behind))
    rows = session.scalars(statement).all()
    if len(rows) <= limit:
        return MarkerPage(rows, None)
    last = rows[limit - 1]
    return MarkerPage(rows[:limit], [last.placed_at.isoformat(), last.placed_ordinal, str(last.id)])
