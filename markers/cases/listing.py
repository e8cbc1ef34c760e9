"""Cases, orders and reviews page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from access.roles import Caller
from markers.case_models import Case, Order, Review
from markers.cases.queries import cases_readable_by, in_force_on, orders_readable_by, reviews_readable_by
from markers.cases.reviews import meant_for

Row = TypeVar("Row", Case, Order, Review)
Start = tuple[list[Any] | None, int]
"""The key of the last row shown (`None` at the beginning), and how many at most."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, and the key behind which the next one begins (`None` when there is none)."""

    rows: Sequence[Any]
    last: list[Any] | None


NO_PAGE = Page((), None)


def cases_page(session: Session, caller: Caller, officer: str | None, start: Start) -> Page:
    """The cases that a caller may read, in the order in which they were opened."""
    asked = select(Case).where(cases_readable_by(caller))
    if officer is not None:
        asked = asked.where(Case.officer == officer)
    return _page(session, asked, (Case.opened_at, Case.id), start)


def orders_page(
    session: Session, caller: Caller, case_id: UUID | None, kind: str | None, start: Start,
    ending: tuple[date, timedelta] | None = None,
) -> Page:  # fmt: skip
    """The orders that a caller may read, in the order in which they were recorded; `ending` within so long of a day."""
    asked = select(Order).where(orders_readable_by(caller))
    if case_id is not None:
        asked = asked.where(Order.case_id == case_id)
    if kind is not None:
        asked = asked.where(Order.kind == kind)
    if ending is not None:
        day, within = ending
        asked = asked.where(in_force_on(day), Order.expires_on <= day + within)
    return _page(session, asked, (Order.recorded_at, Order.id), start)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Which reviews are wanted; what is `None` does not narrow."""

    for_whom: str | None = None
    state: str | None = None
    kind: str | None = None
    due_before: datetime | None = None
    done_since: datetime | None = None


def reviews_page(session: Session, caller: Caller, wanted: ReviewFilter, start: Start) -> Page:
    """The reviews that a caller may read, those due first before the others."""
    asked = select(Review).where(reviews_readable_by(caller))
    if wanted.for_whom is not None:
        own = wanted.for_whom == caller.name
        theirs = Review.for_whom == wanted.for_whom
        asked = asked.where(meant_for(caller.name, caller.role, caller.desks) if own else theirs)
    if wanted.state is not None:
        asked = asked.where(Review.state == wanted.state)
    if wanted.kind is not None:
        asked = asked.where(Review.kind == wanted.kind)
    if wanted.due_before is not None:
        asked = asked.where(Review.due_at < wanted.due_before)
    if wanted.done_since is not None:
        asked = asked.where(Review.done_at >= wanted.done_since)
    return _page(session, asked, (Review.due_at, Review.id), start)


def _page(session: Session, asked: Select[Row], order: tuple[Any, Any], start: Start) -> Page:
    after, limit = start
    if after is not None:
        asked = asked.where(tuple_(*order) > tuple_(datetime.fromisoformat(after[0]), UUID(after[1])))
    rows = session.scalars(asked.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    moment = getattr(last, order[0].key)
    return Page(rows[:limit], [moment.isoformat(), str(last.id)])
