"""The sealer: chains, each second, what this process wrote into the trail, and adopts what a killed one left."""

import logging
import threading
import time

from access.slices import Ledger, adopt, seal_waiting
from db.clock import Clock
from db.errors import StorageError
from db.session import Database

EVERY_S = 1.0
ADOPT_EVERY_S = 10.0
log = logging.getLogger("heed.sealer")


class Sealer:
    """A thread beside the writer; each slice is a short transaction of its own. A command's seals its own only."""

    def __init__(self, db: Database, clock: Clock, ledger: Ledger, *, adopts: bool = True) -> None:
        self._adopts = adopts
        self._db = db
        self._clock = clock
        self._ledger = ledger
        self._stop = threading.Event()
        self._beat = time.monotonic()
        self._next_adoption = time.monotonic() + ADOPT_EVERY_S
        self._thread = threading.Thread(target=self._seal, name="heed-sealer", daemon=True)

    def start(self) -> None:
        """Begin to seal."""
        self._thread.start()

    def stop(self) -> None:
        """Seal what is left, and end."""
        self._stop.set()
        self._ledger.is_full.set()
        if self._thread.is_alive():
            self._thread.join()
        self.look()

    def seconds_since_beat(self) -> float:
        """How long ago the sealer last finished a slice, or tried to."""
        return time.monotonic() - self._beat

    def _seal(self) -> None:
        while not self._stop.is_set():
            self._ledger.is_full.wait(EVERY_S)
            self.look()
            self._beat = time.monotonic()
            if self._adopts and not self._stop.is_set() and self._beat > self._next_adoption:
                self._next_adoption = self._beat + ADOPT_EVERY_S
                self._adopt()

    def look(self) -> None:
        """Seal what waits; what can't be sealed now waits on."""
        try:
            seal_waiting(self._db, self._clock, self._ledger)
        except StorageError as error:
            log.warning("the trail could not be sealed: tried again", extra={"reason": error.code})
            # Not at once: a full ledger would ask without a pause.
            self._stop.wait(EVERY_S)
        except Exception as error:  # noqa: BLE001  a sealer that has died seals nothing
            log.error("the sealer failed", extra={"kind": type(error).__name__})
            self._stop.wait(EVERY_S)

    def _adopt(self) -> None:
        try:
            entries = adopt(self._db, self._clock, self._ledger.writer)
        except StorageError as error:
            log.warning("left entries could not be adopted", extra={"reason": error.code})
        except Exception as error:  # noqa: BLE001  as above
            log.error("the sealer failed", extra={"kind": type(error).__name__})
        else:
            if entries:
                log.warning("entries that a killed process left were adopted", extra={"entries": entries})
