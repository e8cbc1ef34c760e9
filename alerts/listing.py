"""The queue page by page: the most pressing first, then those that wait longest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.models import Alert
from alerts.queries import IS_OPEN, in_view, readable_by
from alerts.rules.words import Priority, State
from alerts.seen import AlertSeen, alerts_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts are wanted; without `state`, those that are not resolved."""

    state: State | None = None
    queue: str | None = None
    priority: Priority | None = None
    assigned_to: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class AlertPage:
    """A page of alerts, and the key behind which the next one begins (`None` when there is none)."""

    items: Sequence[AlertSeen]
    last: list[Any] | None


def alerts_page(
    session: Session, caller: Caller, wanted: AlertFilter, start: tuple[list[Any] | None, int], now: datetime
) -> AlertPage:
    """The alerts in a caller's view, highest priority first, then oldest.

    `start` is the key to begin behind, and how many at most.
    """
    after, limit = start
    order = (Alert.priority_rank, Alert.raised_at, Alert.feed, Alert.number)
    # What stands under one's own name is one's own, at whatever desk.
    own = wanted.assigned_to == caller.name and wanted.queue is None
    seen = readable_by(caller) if own else in_view(caller, wanted.queue)
    statement = select(Alert).where(seen).order_by(*order).limit(limit + 1)
    statement = statement.where(IS_OPEN if wanted.state is None else Alert.state == wanted.state)
    if wanted.priority is not None:
        statement = statement.where(Alert.priority == wanted.priority)
    if wanted.assigned_to is not None:
        statement = statement.where(Alert.assigned_to == wanted.assigned_to)
    if wanted.group is not None:
        statement = statement.where(Alert.grouped_by == wanted.group)
    if after is not None:
        rank, raised_at, feed, number = after
        behind = (int(rank), datetime.fromisoformat(raised_at), str(feed), int(number))
        statement = statement.where(tuple_(*order) > tuple_(*behind))
    rows = session.scalars(statement).all()
    items = alerts_seen(session, rows[:limit], now)
    if len(rows) <= limit:
        return AlertPage(items, None)
    last = rows[limit - 1]
    return AlertPage(items, [last.priority_rank, last.raised_at.isoformat(), last.feed, last.number])
