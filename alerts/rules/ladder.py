"""When an alert that nobody answers goes up, and to whom: one step each time it is late, for ever.

The first step is the supervisors'; then the desk's own fallback, that one's, and the rest. What somebody has, and does
nothing with, stands raised again.
"""

from collections.abc import Mapping, Sequence
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
IDLE: Mapping[Priority, timedelta] = MappingProxyType(
    {
        Priority.IMMEDIATE: timedelta(minutes=15),
        Priority.URGENT: timedelta(hours=1),
        Priority.ROUTINE: timedelta(hours=1),
    }
)
"""How long somebody may have an alert and do nothing with it."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a control room: how long each priority waits, and the desks that each level adds.

    `last` is the desk behind all others, where whoever has no desk sits: also what came to a desk that nobody has is
    seen by somebody. A covert alert climbs inside its circle: no desk outside is added, and its steps are people.
    """

    patience: Mapping[Priority, timedelta] = field(default_factory=lambda: PATIENCE)
    desks: tuple[str, ...] = ()
    idle: Mapping[Priority, timedelta] = field(default_factory=lambda: IDLE)
    last: str | None = None

    def due_at(self, priority: Priority, since: datetime) -> datetime:
        """When an alert of `priority`, waiting since `since`, is to be acknowledged by."""
        return since + self.patience[priority]

    def rungs(self, queue: str, fallbacks: Sequence[str] = ()) -> tuple[str, ...]:
        """The desks that answer from level 1 on, for an alert of `queue` with these fallbacks."""
        steps = (*self.desks[:1], *fallbacks, *self.desks[1:], *([self.last] if self.last else ()))
        return tuple(dict.fromkeys(desk for desk in steps if desk != queue))


@dataclass(frozen=True, slots=True)
class Step:
    """One step up: the new level, the desk that now answers too (if any), and when the next step is due."""

    level: int
    desk: str | None
    due_at: datetime


def next_step(ladder: Ladder, priority: Priority, level: int, now: datetime, rungs: Sequence[str]) -> Step:
    """What happens to an alert at `level` that is late at `now`; the last of its `rungs` stays the last."""
    desk = rungs[min(level, len(rungs) - 1)] if rungs else None
    return Step(level + 1, desk, ladder.due_at(priority, now))
