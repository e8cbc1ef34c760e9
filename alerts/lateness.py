"""What happens by itself when time passes: what nobody answered goes up, what was shelved comes back.

Rows are claimed in the database, judged again, changed and recorded in one transaction: any number of processes may do
this at once, and none escalates an alert twice.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.changes import Line, record
from alerts.claims import claim_again
from alerts.climbing import climb
from alerts.models import Alert
from alerts.moving import open_again, take_off_shelf
from alerts.queries import (
    WAITS_FOR_SOMEBODY,
    claim_late,
    claim_shelf_ended,
    follow_ups_due,
    give_up_claim,
    lock_alerts,
)
from alerts.rules.ladder import Ladder
from alerts.rules.words import Change, State
from markers.words import SERVICE


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
    alerts = session.scalars(select(Alert).where(WAITS_FOR_SOMEBODY).order_by(Alert.id).with_for_update()).all()
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


def follow_up(session: Session, now: datetime, ladder: Ladder) -> list[Alert]:
    """Bring back every resolved alert that somebody wanted to look at again by now; answers which.

    Where a newer one of the same is open, that one is looked at: the old one stays as it is.
    """
    due = sorted(follow_ups_due(session, now), key=lambda alert: (alert.force, alert.happening_id, alert.subject))
    mine = {alert.id for alert in due if claim_again(session, alert)}
    lines: list[tuple[Alert, Line]] = []
    for alert in lock_alerts(session, {alert.force for alert in due}, [alert.id for alert in due]).values():
        is_due = alert.follow_up_at is not None and alert.follow_up_at <= now and alert.state == State.RESOLVED
        if alert.id in mine and alert.state == State.RESOLVED and not is_due:
            give_up_claim(session, alert)  # somebody else was quicker
        if not is_due:
            continue
        alert.follow_up_at = None
        if alert.id in mine:
            alert.state = State.RAISED.value
            open_again(alert, ladder, now)
            alert.version += 1
            lines.append((alert, Line(alert.version, SERVICE, Change.BACK_TO_FOLLOW_UP)))
    record(session, lines, now)
    return [alert for alert, _ in lines]
