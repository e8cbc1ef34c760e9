"""When an alert that nobody answers goes up, and to whom. The plain ladder: one step each time it is late, for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from alerts.rules.words import Priority

PATIENCE: Mapping[Priority, timedelta] = MappingProxyType(
    {
        Priority.IMMEDIATE: timedelta(seconds=30),
        Priority.URGENT: timedelta(minutes=2),
        Priority.ROUTINE: timedelta(minutes=15),
    }
)
"""How long an alert may stand without an answer before it goes up, and again before the next step."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a control room: how long each priority waits, and the desks that each level adds.

    A covert alert climbs inside its circle: its level rises and is seen there, and no desk outside is added.
    """

    patience: Mapping[Priority, timedelta] = field(default_factory=lambda: PATIENCE)
    desks: tuple[str, ...] = ()

    def due_at(self, priority: Priority, since: datetime) -> datetime:
        """When an alert of `priority`, waiting since `since`, is to be acknowledged by."""
        return since + self.patience[priority]

    def desk_at(self, level: int) -> str | None:
        """The desk that answers from `level` (1 is the first step up); the last one stays the last."""
        return self.desks[min(level, len(self.desks)) - 1] if self.desks else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step up: the new level, the desk that now answers too (if any), and when the next step is due."""

    level: int
    desk: str | None
    due_at: datetime


def next_step(ladder: Ladder, priority: Priority, level: int, now: datetime) -> Step:
    """What happens to an alert at `level` that is late at `now`."""
    return Step(level + 1, ladder.desk_at(level + 1), ladder.due_at(priority, now))
