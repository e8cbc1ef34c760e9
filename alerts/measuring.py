"""The alerts of a span as measures count them (`rules/measures.py`): of all desks that somebody reads, and of each."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.models import Alert
from alerts.queries import readable_by
from alerts.rules.measures import Measured, Measures, measure
from alerts.rules.words import Priority


def measures_of(
    session: Session, caller: Caller, queue: str | None, span: tuple[datetime, datetime]
) -> list[tuple[str | None, Measures]]:
    """(Desk, its measures) between two moments; all desks together (`None`) first, unless one is asked for."""
    since, until = span
    columns = (
        Alert.queue, Alert.raised_at, Alert.priority, Alert.acknowledged_by, Alert.acknowledged_at, Alert.resolved_at,
        Alert.event_count, Alert.escalation_level,
    )  # fmt: skip
    asked = select(*columns).where(readable_by(caller), Alert.raised_at >= since, Alert.raised_at < until)
    if queue is not None:
        asked = asked.where(Alert.queue == queue)
    every: list[Measured] = []
    by_queue: dict[str, list[Measured]] = {}
    for row in session.execute(asked.order_by(Alert.raised_at)):
        one = Measured(
            raised_at=row.raised_at, priority=Priority(row.priority), acknowledged_by=row.acknowledged_by,
            acknowledged_at=row.acknowledged_at, resolved_at=row.resolved_at, event_count=row.event_count,
            escalations=row.escalation_level,
        )  # fmt: skip
        every.append(one)
        by_queue.setdefault(row.queue, []).append(one)
    named = [(queue, every)] if queue else [(None, every), *by_queue.items()]
    return [(name, measure(listed, since, until)) for name, listed in named]
