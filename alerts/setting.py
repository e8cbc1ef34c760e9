"""What raising alerts needs to know of the control room, and of this moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.rules.ladder import Ladder
from alerts.rules.routing import Routing
from db.ids import Ids
from markers.matcher import Reading

UTC_ZONE = ZoneInfo("UTC")


def _nowhere_else(_force: str, _case: str) -> str | None:
    return None


def _nobody_else(_force: str, _desk: str) -> Sequence[str]:
    return ()


def _no_rules(_force: str) -> Sequence[Routing]:
    return ()


@dataclass(frozen=True, slots=True)
class Room:
    """The control room at a moment.

    `zone` is that of the clock on its wall. `channels` are numbers (E.164) of relays and alarm companies, which speak
    for many. `reading` is how things are read. `present` tells, for a force and a case of its own, the other force
    where she is now, if people answer there; `passes`, for a force and its desk, the desks that answer since nobody is
    at that one; `routing` a force's rules.
    """

    now: datetime
    ids: Ids
    ladder: Ladder
    default_queue: str
    zone: ZoneInfo = UTC_ZONE
    channels: frozenset[str] = frozenset()
    reading: Reading = field(default_factory=Reading)
    present: Callable[[str, str], str | None] = _nowhere_else
    passes: Callable[[str, str], Sequence[str]] = _nobody_else
    routing: Callable[[str], Sequence[Routing]] = _no_rules
