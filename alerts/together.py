"""One move for many alerts: each goes down the same corridor by itself, and what can't be moved says why.

Twenty voiceless calls in ten minutes stay twenty alerts; one person takes them all at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.awaiting import SecondPersonWanted
from alerts.handling import AlertNotFound, Done, NotYourDesk, StaleVersion
from alerts.models import Alert
from alerts.moving import AlreadyAcknowledged, Asked, PersonUnknown
from alerts.queries import IS_OPEN, in_view
from alerts.rules.moves import MoveNotAllowed

MOST_TOGETHER = 200
REFUSED = (
    AlertNotFound, NotYourDesk, StaleVersion, AlreadyAcknowledged, MoveNotAllowed, PersonUnknown, SecondPersonWanted,
)  # fmt: skip
"""What keeps one alert from a move that others are open to."""


@dataclass(frozen=True, slots=True)
class Together:
    """What became of each: the alerts as they stand after the move, and those that were not moved, with the reason."""

    moved: Sequence[Done]
    left: Sequence[tuple[UUID, str]]


def open_in_group(session: Session, caller: Caller, group: str) -> list[UUID]:
    """The open alerts of a group that stand in this caller's view, oldest first."""
    these = (in_view(caller, None), Alert.grouped_by == group, IS_OPEN)
    ordered = select(Alert.id).where(*these).order_by(Alert.raised_at, Alert.number)
    return list(session.scalars(ordered.limit(MOST_TOGETHER)))


def move_together(asked: Asked, alerts: Iterable[UUID], move: Callable[[Asked], Done]) -> Together:
    """Move each of `alerts` as `asked`; `move` does one of them, in a transaction of its own."""
    moved: list[Done] = []
    left: list[tuple[UUID, str]] = []
    for alert_id in dict.fromkeys(alerts):
        try:
            moved.append(move(replace(asked, alert_id=alert_id)))
        except REFUSED as error:
            left.append((alert_id, str(error)))
    return Together(moved, left)
