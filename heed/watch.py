"""The watch: late alerts go up and shelved ones come back, by a thread on the monotonic clock.

APScheduler went silent when the wall clock stepped back, and skips what a suspended machine delayed (both tried); this
must do neither. What is late is judged by the database's time, and claimed there: any number of processes may watch.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from access.roles import OPEN_AUDIENCE
from alerts.desks import pass_on_unstaffed
from alerts.lateness import escalate_late, follow_up, move_due_times, unshelve_due
from alerts.models import Alert
from alerts.raised_again import raise_again
from alerts.rules.ladder import Ladder
from alerts.sweeping import sweep
from db.clock import Clock
from db.engine import database_time
from db.errors import StorageError
from db.session import Database
from db.turns import take_turn
from heed.schema import is_at_head

EVERY_S = 1.0
LOOKING = "watch"
NOTED_EVERY = timedelta(seconds=10)
log = logging.getLogger("heed.watch")


class Watch:
    """Looks once a second, in every process."""

    def __init__(
        self, db: Database, clock: Clock, ladder: Ladder, default_queue: str = "control-room", every_s: float = EVERY_S
    ) -> None:
        self._db = db
        self._clock = clock
        self._ladder = ladder
        self._default_queue = default_queue
        self._every_s = every_s
        self.fits = True
        """Is the database at this version's schema? As of the last look."""
        self._stop = threading.Event()
        self._beat = self._next_note = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name="heed-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the look under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def seconds_since_beat(self) -> float:
        """How long ago the watch last finished a look, or tried to."""
        return time.monotonic() - self._beat

    def _watch(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.look()
            except StorageError as error:
                log.warning("could not look for late alerts", extra={"reason": error.code})
            except Exception as error:  # noqa: BLE001  a watch that has died watches nothing
                log.error("the watch failed", extra={"kind": type(error).__name__})
            self._beat = time.monotonic()

    def clock_was_set(self, seconds: float) -> None:
        """This host's clock was set: on SQLite it is the one by which alerts are due; PostgreSQL has its own."""
        try:
            with self._db.transaction() as session:
                if database_time(session) is None:
                    moved = move_due_times(session, timedelta(seconds=seconds))
                    log.warning("due times were moved with the clock", extra={"alerts": moved})
        except StorageError as error:
            log.error("due times could not be moved with the clock", extra={"reason": error.code})

    def look(self) -> None:
        """One look, in short transactions. Where the schema is another version's nothing is touched."""
        with self._db.reading() as session:
            fits = is_at_head(session.connection())
        was_fit, self.fits = self.fits, fits
        if not fits:
            if was_fit:
                log.error("the schema is another version's: the API answers 503")
            return
        if not was_fit:
            log.warning("the schema is this version's again")
        with self._db.transaction() as session:
            escalated = escalate_late(session, self._clock.now(session), self._ladder)
        with self._db.transaction() as session:
            now = self._clock.now(session)
            again = raise_again(session, now, self._ladder)
            passed = pass_on_unstaffed(session, now, self._default_queue)
        with self._db.transaction() as session:
            swept = sweep(session, self._clock.now(session), self._ladder)
        with self._db.transaction() as session:
            unshelved = unshelve_due(session, self._clock.now(session), self._ladder)
            followed = follow_up(session, self._clock.now(session), self._ladder)
            if time.monotonic() >= self._next_note:
                # For `heed doctor`: some process watches over this database.
                take_turn(session, LOOKING, self._clock.now(session), NOTED_EVERY)
                self._next_note = time.monotonic() + NOTED_EVERY.total_seconds()
        # What happens in a closed circle is told by no log.
        acted = {
            "escalated": escalated, "unshelved": unshelved, "to_follow_up": followed, "raised_again": again,
            "passed_on": passed, "swept": swept,
        }  # fmt: skip
        told = {name: _openly(alerts) for name, alerts in acted.items()}
        if any(told.values()):
            log.info("the watch acted", extra=told)


def _openly(alerts: Sequence[Alert]) -> int:
    return sum(alert.audience == OPEN_AUDIENCE for alert in alerts)
