"""What somebody has and nobody works on: it stands raised again.

Somebody took it and did nothing with it; or its owner signed out, was disabled, or has no token any more. Claims
expire, or an alert that was answered for is the one that nobody looks at.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select
from sqlalchemy.orm import Session

from access.models import SignedIn, User
from access.people import people_of_the_room
from access.sessions import PERSON, signed_in
from alerts.changes import Line, record
from alerts.models import Alert
from alerts.queries import lock_alerts
from alerts.rules.ladder import Ladder
from alerts.rules.words import Change, Priority, State
from markers.words import SERVICE

HAD = and_(
    Alert.state == literal(State.ACKNOWLEDGED.value, literal_execute=True), Alert.shelved_until.is_(None)
)  # fmt: skip
"""What somebody has, and is on no shelf; written as its index has it, as `IS_OPEN` is."""


def raise_again(session: Session, now: datetime, ladder: Ladder) -> list[Alert]:
    """Raise what has been idle for too long, and what its owner has left; answers which."""
    idle = dict.fromkeys(_idle(session, now, ladder), "idle")
    wanted = idle | {key: why for key, why in _left(session, now) if key not in idle}
    if not wanted:
        return []
    lines: list[tuple[Alert, Line]] = []
    rows = lock_alerts(session, {force for force, _, _ in wanted}, [alert_id for _, alert_id, _ in wanted])
    for (_, alert_id, had), why in wanted.items():
        alert = rows[alert_id]
        if (alert.state, alert.acknowledged_by, alert.shelved_until) != (State.ACKNOWLEDGED.value, had, None):
            continue  # somebody was quicker
        put_back(alert, ladder, now)
        alert.version += 1
        lines.append((alert, Line(alert.version, SERVICE, Change.RAISED_AGAIN, {"from": had, "because": why})))
    record(session, lines, now)
    return [alert for alert, _ in lines]


def put_back(alert: Alert, ladder: Ladder, now: datetime) -> None:
    """It is nobody's again, and due anew from now."""
    alert.state = State.RAISED.value
    alert.acknowledged_by = alert.acknowledged_at = alert.moved_at = None
    alert.due_at = ladder.due_at(Priority(alert.priority), now)


_Had = tuple[str, UUID, str]


def _rows(session: Session, *these: ColumnElement[bool]) -> Iterable[_Had]:
    asked = select(Alert.force, Alert.id, Alert.acknowledged_by).where(HAD, Alert.awaiting.is_(None), *these)
    return [(row.force, row.id, row.acknowledged_by or "") for row in session.execute(asked.order_by(Alert.id))]


def _idle(session: Session, now: datetime, ladder: Ladder) -> Iterable[_Had]:
    late = [and_(Alert.priority == one.value, Alert.moved_at <= now - ladder.idle[one]) for one in Priority]
    # The bound on all of them is what the index is asked for.
    return _rows(session, Alert.moved_at <= now - min(ladder.idle.values()), or_(*late))


def _left(session: Session, now: datetime) -> Iterable[tuple[_Had, str]]:
    """What is had by somebody who is no longer there: they were signed in when they last moved it, and are not now."""
    owners: dict[str, set[str]] = {}
    for force, name in session.execute(
        select(Alert.force, Alert.acknowledged_by).where(HAD, Alert.moved_at <= now).distinct()
    ):
        owners.setdefault(force, set()).add(name or "")
    for force, names in owners.items():
        known = {person.name for person in people_of_the_room(session, force, now)}
        here = {person.name for person in signed_in(session, force, now)}
        for key in _rows(session, Alert.force == force, Alert.acknowledged_by.in_(names - known)):
            yield key, "gone"
        was_here = exists().where(
            User.force == Alert.force, User.name == Alert.acknowledged_by, SignedIn.force == User.force,
            SignedIn.user_id == User.id, SignedIn.kind == PERSON, SignedIn.began_at <= Alert.moved_at,
            SignedIn.good_until >= Alert.moved_at,
        )  # fmt: skip
        away = names & known - here
        for key in _rows(session, Alert.force == force, Alert.acknowledged_by.in_(away), was_here) if away else ():
            yield key, "signed_out"
