"""The guard: sees that every part of this process still beats, and ends the process when one has died.

A thread that dies alone leaves a service that answers and does half of its work. What is silent shows in `/readyz`
after five seconds; after thirty the process ends, so that its supervisor starts a whole one. A database that does not
answer explains silence: then nothing is ended, for a new process would find the same.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

SILENT_AFTER_S = 5.0
"""A part that has not shown itself for so long is not ready."""
ENDS_AFTER_S = 30.0
"""A part that stays silent for so long ends the process."""
EVERY_S = 1.0
GRACE_S = 10.0
"""So long the rest of the process has to end in order, before it is ended where it stands."""
CLOCK_STEP_S = 2.0
BROKEN = 70
"""Exit status of a process that ended itself: a part of it had died (`EX_SOFTWARE` of sysexits.h)."""

log = logging.getLogger("heed.guard")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that has to beat. `revive`, where there is one, may wake it."""

    name: str
    seconds_since_beat: Callable[[], float]
    revive: Callable[[], None] | None = None

    def is_silent(self) -> bool:
        """Has it not shown itself for too long?"""
        return self.seconds_since_beat() > SILENT_AFTER_S


class Guard:
    """A thread that looks at all parts once a second."""

    def __init__(
        self,
        parts: Sequence[Part],
        database_answers: Callable[[], bool],
        clock_was_set: Callable[[float], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._parts = parts
        self._database_answers = database_answers
        self._clock_was_set = clock_was_set
        self._monotonic = monotonic
        self._wall = wall
        self._silent_for: dict[str, float] = {}
        self._looked = monotonic()
        self._apart = wall() - monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._guard, name="heed-guard", daemon=True)
        self._end: Callable[[], None] | None = None
        self.gave_up_on: str | None = None

    def end_by(self, end: Callable[[], None]) -> None:
        """How this process is told to end in order; without it, the guard only tells."""
        self._end = end

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """The process ends: look no more."""
        self._stop.set()

    def beating(self) -> Mapping[str, bool]:
        """Each part, and whether it shows itself."""
        return {part.name: not part.is_silent() for part in self._parts}

    def look(self) -> str | None:
        """One look; the part whose silence ends the process, if there is one."""
        self._look_at_the_clock()
        # What this thread itself has slept through, the others have slept through, too.
        passed = min(self._monotonic() - self._looked, 2 * EVERY_S)
        self._looked = self._monotonic()
        for part in self._parts:
            if not part.is_silent():
                self._silent_for.pop(part.name, None)
                continue
            if part.name not in self._silent_for:
                log.error("a part is silent", extra={"job": part.name})
            self._silent_for[part.name] = self._silent_for.get(part.name, 0.0) + passed
            if part.revive:
                part.revive()
        lasting = [name for name, seconds in self._silent_for.items() if seconds >= ENDS_AFTER_S - SILENT_AFTER_S]
        if lasting and self._database_answers():
            return lasting[0]
        return None

    def _look_at_the_clock(self) -> None:
        apart = self._wall() - self._monotonic()
        if abs(apart - self._apart) > CLOCK_STEP_S:
            log.warning("the clock was set", extra={"seconds": round(apart - self._apart)})
            self._clock_was_set(apart - self._apart)
            for part in self._parts:
                if part.revive:
                    part.revive()
        self._apart = apart

    def _guard(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                self.gave_up_on = self.look()
            except Exception as error:  # noqa: BLE001  a guard that has died guards nothing
                log.error("the guard failed", extra={"kind": type(error).__name__})
            if self.gave_up_on is not None and self._end is not None:
                log.critical("a part has died: this process ends", extra={"job": self.gave_up_on})
                self._end()
                # Whatever holds it up: nothing more is to be hoped for from this process.
                time.sleep(GRACE_S)
                os._exit(BROKEN)
