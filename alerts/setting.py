"""What raising alerts needs to know of the control room, and of this moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.rules.ladder import Ladder
from db.ids import Ids
from markers.matcher import Reading

UTC_ZONE = ZoneInfo("UTC")


def _nowhere_else(_force: str, _case: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Room:
    """The control room at a moment.

    `zone` is that of the clock on its wall. `channels` are numbers (E.164) of relays and alarm companies, which speak
    for many. `reading` is how things are read.
    `present` tells, for a force and a case of its own, the
    other force where she is now, if people answer there.
    """

    now: datetime
    ids: Ids
    ladder: Ladder
    default_queue: str
    zone: ZoneInfo = UTC_ZONE
    channels: frozenset[str] = frozenset()
    reading: Reading = field(default_factory=Reading)
    present: Callable[[str, str], str | None] = _nowhere_else
