"""What is removed when its time has passed: never alerts or events, whose retention is a policy of its own."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from alerts.events import KEPT
from alerts.happenings import JOINS_FOR, is_openly_alerted
from alerts.models import EventKey, FeedChange, HappeningRef, MoveKey

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
