"""What is removed when its time has passed: never alerts or events, whose retention is a policy of its own."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from alerts.event_models import Event, EventKey, HappeningRef
from alerts.events import KEPT
from alerts.happenings import JOINS_FOR, is_openly_alerted
from alerts.models import FeedChange, MoveKey
from db.base import rowcount_of

FORGOTTEN_WITHIN = timedelta(days=8)
"""How far back of the window keys are looked for that are to go."""
MOVE_KEYS_KEPT = timedelta(days=1)
"""An `Idempotency-Key` is for a request that is tried again, and not for the next day."""


def remove_expired(session: Session, now: datetime, feed_window: timedelta) -> dict[str, int]:
    """Remove event keys over 90 days, changes past the feed's window, references that join no more, and move keys."""
    no_alert_is_open = ~is_openly_alerted(HappeningRef)
    statements = {
        "event_keys": delete(EventKey).where(EventKey.received_at < now - KEPT),
        "feed_changes": delete(FeedChange).where(FeedChange.at < now - feed_window),
        "happening_refs": delete(HappeningRef).where(HappeningRef.seen_at < now - JOINS_FOR, no_alert_is_open),
        "move_keys": delete(MoveKey).where(MoveKey.at < now - MOVE_KEYS_KEPT),
    }
    return {
        name: session.execute(statement.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
        for name, statement in statements.items()
    }


def forget_keys(session: Session, before: datetime) -> int:
    """Events that no marker looks back at any more keep no keys; of how many they were taken.

    Found by when they were received, in the table that has an index of it. A week of nights may be made up for.
    """
    received = (EventKey.received_at >= before - FORGOTTEN_WITHIN, EventKey.received_at < before)
    forces, ids = (select(column).where(*received) for column in (EventKey.force, EventKey.event_id))
    these = (Event.force.in_(forces), Event.id.in_(ids), Event.asked_keys.is_not(None))
    statement = update(Event).where(*these).values(asked_keys=None)
    return rowcount_of(session.execute(statement.execution_options(synchronize_session=False)))
