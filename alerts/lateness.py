"""What happens by itself when time passes: what nobody answered goes up, what was shelved comes back.

Rows are claimed in the database, judged again, changed and recorded in one transaction: any number of processes may do
this at once, and none escalates an alert twice.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.changes import Line, record
from alerts.models import Alert
from alerts.moving import climb, take_off_shelf
from alerts.queries import claim_late, claim_shelf_ended
from alerts.rules.ladder import Ladder
from alerts.rules.words import SERVICE, Change, State


def escalate_late(session: Session, now: datetime, ladder: Ladder) -> list[Alert]:
    """Send every alert that was not acknowledged by its time one step up; answers which."""
    lines: list[tuple[Alert, Line]] = []
    for alert in claim_late(session, now):
        late_by = now - alert.due_at
        details = climb(session, alert, ladder, now) | {"late_by_s": round(late_by.total_seconds(), 1)}
        alert.version += 1
        lines.append((alert, Line(alert.version, SERVICE, Change.ESCALATED_AS_LATE, details)))
    record(session, lines, now)
    return [alert for alert, _ in lines]


def move_due_times(session: Session, step: timedelta) -> int:
    """The clock by which they are due was set by `step`: they are due as long from now as they were; answers how many.

    Set back an hour, it would else be an hour until anybody is told of what is late. What somebody put on the shelf
    until a time of day comes back at that time.
    """
    raised = (Alert.state == State.RAISED.value, Alert.shelved_until.is_(None))
    alerts = session.scalars(select(Alert).where(*raised).order_by(Alert.id).with_for_update()).all()
    for alert in alerts:
        alert.due_at += step
    return len(alerts)


def unshelve_due(session: Session, now: datetime, ladder: Ladder) -> list[Alert]:
    """Bring back every alert whose time on the shelf has ended; answers which."""
    lines: list[tuple[Alert, Line]] = []
    for alert in claim_shelf_ended(session, now):
        take_off_shelf(alert, ladder, now)
        alert.version += 1
        lines.append((alert, Line(alert.version, SERVICE, Change.BACK_FROM_SHELF)))
    record(session, lines, now)
    return [alert for alert, _ in lines]
