"""The sweeper: every open alert has a next step, or is given one.

Each part of the service sets its own times; one that was set wrongly (a clock that stepped, a fault, a row mended by
hand) would wait for ever, and nobody would know. What is found is put right, and said on the alert.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from alerts.changes import Line, record
from alerts.claims import claim_again
from alerts.models import Alert, AlertDesk, OpenAlert
from alerts.queries import IS_OPEN, WAITS_FOR_SOMEBODY, lock_alerts
from alerts.raised_again import put_back
from alerts.rules.ladder import Ladder
from alerts.rules.moves import LONGEST_SHELF
from alerts.rules.words import Change, Priority, State
from db.turns import take_turn
from markers.words import SERVICE

EVERY = timedelta(minutes=1)
SLACK = timedelta(minutes=5)
"""What a due time may lie further ahead than its ladder says: clocks of two machines differ."""
MOST_AT_ONCE = 500


def sweep(session: Session, now: datetime, ladder: Ladder) -> list[Alert]:
    """Look at every open alert, once a minute in all processes together; answers those that were put right."""
    if not take_turn(session, "sweep", now, EVERY):
        return []
    wrong = {
        "not_claimed": ~exists().where(OpenAlert.force == Alert.force, OpenAlert.alert_id == Alert.id),
        "no_desk": ~exists().where(
            AlertDesk.force == Alert.force, AlertDesk.alert_id == Alert.id, AlertDesk.level == 0
        ),
        "due_too_late": _due_too_late(now, ladder),
        "had_by_nobody": and_(
            Alert.state == State.ACKNOWLEDGED.value, or_(Alert.acknowledged_by.is_(None), Alert.moved_at.is_(None))
        ),
        "shelved_too_long": Alert.shelved_until > now + LONGEST_SHELF + SLACK,
    }
    columns = (Alert.force, Alert.id, *(condition.label(name) for name, condition in wrong.items()))
    found = session.execute(select(*columns).where(IS_OPEN, or_(*wrong.values())).limit(MOST_AT_ONCE)).all()
    told = {row.id: [name for name in wrong if getattr(row, name)] for row in found}
    if not told:
        return []
    # Claims come before alerts, in the one order of locks.
    unclaimed = [key for key, why in told.items() if "not_claimed" in why]
    for alert in session.scalars(select(Alert).where(Alert.id.in_(unclaimed)).order_by(Alert.id)):
        claim_again(session, alert)
    lines: list[tuple[Alert, Line]] = []
    for alert in lock_alerts(session, {row.force for row in found}, told).values():
        if alert.state == State.RESOLVED:
            continue
        for why in told[alert.id]:
            _put_right(session, alert, why, ladder, now)
        alert.version += 1
        lines.append((alert, Line(alert.version, SERVICE, Change.SWEPT, {"was": told[alert.id]})))
    record(session, lines, now)
    return [alert for alert, _ in lines]


def _due_too_late(now: datetime, ladder: Ladder) -> ColumnElement[bool]:
    ahead = [and_(Alert.priority == one.value, Alert.due_at > ladder.due_at(one, now) + SLACK) for one in Priority]
    return and_(WAITS_FOR_SOMEBODY, or_(*ahead))


def _put_right(session: Session, alert: Alert, why: str, ladder: Ladder, now: datetime) -> None:
    if why == "no_desk":
        session.add(AlertDesk(force=alert.force, alert_id=alert.id, desk=alert.queue, level=0))
    elif why == "due_too_late":
        alert.due_at = ladder.due_at(Priority(alert.priority), now)
    elif why == "had_by_nobody":
        put_back(alert, ladder, now)
    elif why == "shelved_too_long":
        alert.shelved_until = now
