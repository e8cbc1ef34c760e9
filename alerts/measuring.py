"""The alerts of a span as measures count them (`rules/measures.py`): of all desks that somebody reads, and of each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.models import Alert, HistoryLine
from alerts.queries import readable_by
from alerts.rules.measures import Measured, Measures, measure, rates
from alerts.rules.words import Move, Priority


def measures_of(
    session: Session, caller: Caller, queue: str | None, span: tuple[datetime, datetime]
) -> list[tuple[str | None, Measures]]:
    """(Desk, its measures) between two moments; all desks together (`None`) first, unless one is asked for."""
    since, until = span
    every = _measured(session, caller, queue, span)
    by_queue: dict[str, list[Measured]] = {}
    for name, one in every:
        by_queue.setdefault(name, []).append(one)
    both = [one for _name, one in every]
    named = [(queue, both)] if queue else [(None, both), *by_queue.items()]
    return [(name, measure(listed, since, until)) for name, listed in named]


def rates_of(session: Session, caller: Caller, queue: str | None, span: tuple[datetime, datetime]) -> list[float]:
    """Alerts for each person in each ten minutes of a span, of one desk or of all."""
    return rates([one for _name, one in _measured(session, caller, queue, span)], *span)


def _measured(
    session: Session, caller: Caller, queue: str | None, span: tuple[datetime, datetime]
) -> list[tuple[str, Measured]]:
    """(Desk, alert) in the order in which they were raised."""
    since, until = span
    columns = (
        Alert.id, Alert.queue, Alert.raised_at, Alert.priority, Alert.first_answered_at, Alert.resolved_at,
        Alert.event_count, Alert.escalation_level,
    )  # fmt: skip
    these = [readable_by(caller), Alert.raised_at >= since, Alert.raised_at < until]
    if queue is not None:
        these.append(Alert.queue == queue)
    answered = _answered_by(session, these)
    return [
        (
            row.queue,
            Measured(
                raised_at=row.raised_at, priority=Priority(row.priority),
                answered_by=frozenset(answered.get(row.id, ())), acknowledged_at=row.first_answered_at,
                resolved_at=row.resolved_at, event_count=row.event_count, escalations=row.escalation_level,
            ),
        )
        for row in session.execute(select(*columns).where(*these).order_by(Alert.raised_at))
    ]  # fmt: skip


def _answered_by(session: Session, these: Sequence[ColumnElement[bool]]) -> dict[UUID, set[str]]:
    """Alert → everybody who ever took it: whoever has it now says nothing of who was there."""
    of_alert = (HistoryLine.force == Alert.force) & (HistoryLine.alert_id == Alert.id)
    asked = select(HistoryLine.alert_id, HistoryLine.by).join(Alert, of_alert)
    found: dict[UUID, set[str]] = {}
    for alert_id, name in session.execute(asked.where(*these, HistoryLine.change == Move.ACKNOWLEDGE.value)):
        found.setdefault(alert_id, set()).add(name)
    return found


def spans(span: tuple[datetime, datetime], every: timedelta | None) -> list[tuple[datetime, datetime]]:
    """A span in parts of one length, as shifts are; the last one may be shorter."""
    since, until = span
    if every is None:
        return [span]
    parts = []
    while since < until:
        parts.append((since, min(since + every, until)))
        since += every
    return parts
