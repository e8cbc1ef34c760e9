"""What the rooms of the web are handed when the application is put together."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter
from fastapi import Request
from sqlalchemy.orm import Session

from access.memory import Memory
from access.roles import Caller
from access.sessions import Patience
from access.trail import Act, Recorder
from alerts.intake import Intake
from alerts.rules.ladder import Ladder
from db.clock import Clock
from db.ids import Ids, Randomness
from db.sealed import unopened_in
from db.session import Database
from markers.matcher import Reading
from web.stream import Hub

IMPORTS_AT_ONCE = 2
"""Files brought in by the API at one time, in one process."""


HASHES_AT_ONCE = 2
"""Passwords that are checked at one time: each takes a core for a tenth of a second, and events must not wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What the pages need to know."""

    patience: Patience
    zone: ZoneInfo
    tile_url: str | None = None
    tile_attribution: str = ""
    map_start: str = ""
    supervisor_phone: str = ""


@dataclass(frozen=True, kw_only=True)
class House:
    """The parts that routes work with; one per application, in `app.state.house`."""

    db: Database
    clock: Clock
    ids: Ids
    recorder: Recorder
    reading: Reading
    ladder: Ladder
    default_queue: str
    review_days: int
    provisional_for: timedelta
    intake_deadline_s: float
    intake: Intake
    hub: Hub
    look_back: Callable[[Collection[tuple[str, UUID]]], None]
    is_ready: Callable[[], dict[str, bool]]
    force: str
    randomness: Randomness
    console: Console
    settings_told: Sequence[tuple[str, str, str]] = ()
    """Each setting's name, what is in force, and what it is for."""
    hashing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(HASHES_AT_ONCE))
    importing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(IMPORTS_AT_ONCE))
    memory: Memory = field(default_factory=Memory)
    under_way: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    """Session → how many lines of its file are done, and of how many: for a bar, in this process alone."""

    @property
    def plain_desks(self) -> list[str]:
        """The desks of the settings, which everybody knows of: the default one first."""
        return [self.default_queue, *self.ladder.desks]

    def record(self, caller: Caller, act: Act, read_in: Session | None = None) -> None:
        """Write a read's entry, in a short transaction of its own, before it is answered.

        `read_in` is the session that read: what could not be opened there is named in the entry.
        """
        with self.db.transaction() as session:
            if read_in is not None:
                unopened_in(session).extend(unopened_in(read_in))
            self.recorder.record(session, caller, act, self.clock.now(session))

    def now(self) -> datetime:
        """The moment, where no transaction is at hand."""
        with self.db.reading() as session:
            return self.clock.now(session)


def house_of(request: Request) -> House:
    """The house that this request came to."""
    house: House = request.app.state.house
    return house
