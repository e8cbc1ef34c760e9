"""The one way in for events: a writer that takes all that wait, stores them in one transaction, and then answers each.

A commit for each request spends the machine on round trips; an idle writer takes one event at once, a busy one up to
256. A group that fails is split by halves, so that one bad event does not harm its neighbours. What was accepted is
answered, also when the service is told to stop.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from alerts.events import Posted, Receipt
from alerts.group import Desk, Laps, Result, store_group
from alerts.raising import Outcome
from alerts.unstored import keep_aside
from db.errors import Contended, StorageError, StorageFull, StorageUnavailable
from db.session import Database

GROUP_AT_MOST = 256
WAITING_BYTES_AT_MOST = 64 * 1024 * 1024
"""All bodies that wait, together: five thousand of the largest would be a gigabyte."""
RETRY_FOR_S = 2.0
"""Seconds for which a group that was in another's way, or lost its connection, is tried again."""
_RETRY_EVERY_S = 0.05

log = logging.getLogger("heed.intake")


class IntakeFull(Exception):
    """More events wait than may: ask again in a moment."""

    def __init__(self) -> None:
        super().__init__("too many events are waiting")


class IntakeStopped(Exception):
    """The service is stopping and takes no more: ask another process."""

    def __init__(self) -> None:
        super().__init__("the service is stopping")


class EventNotStored(Exception):
    """This event could not be stored, and its neighbours were: the fault is the service's."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the event could not be stored ({reason})")


class Watcher(Protocol):
    """Who is told what went through: counters of the metrics, lines of the log."""

    def group_stored(
        self, results: Sequence[tuple[Posted, Result]], outcome: Outcome | None, rooms: Mapping[str, float]
    ) -> None:
        """A group was stored and is about to be answered; `rooms` says how many seconds it spent in each."""
        ...

    def event_not_stored(self) -> None:
        """The service failed on an event that came alone; its sender is told."""
        ...


@dataclass(slots=True)
class _Waiting:
    event: Posted
    answer: Future[Receipt] = field(default_factory=Future)


class Intake:
    """Takes events from many threads or tasks, and writes them with one thread of its own."""

    def __init__(self, db: Database, desk: Desk, watcher: Watcher, waiting_at_most: int) -> None:
        self._db = db
        self._desk = desk
        self._watcher = watcher
        self._at_most = waiting_at_most
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._beat = time.monotonic()
        self._thread = threading.Thread(target=self._write, name="heed-intake", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more, write and answer what was taken, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def take(self, events: Sequence[Posted]) -> list[Future[Receipt]]:
        """Hand events over; each future gives its receipt once it is durably stored, or why it is not."""
        waiting = [_Waiting(event) for event in events]
        size = sum(len(event.payload) for event in events)
        with self._changed:
            if self._stopping:
                raise IntakeStopped
            if len(self._waiting) + len(waiting) > self._at_most or self._bytes + size > WAITING_BYTES_AT_MOST:
                raise IntakeFull
            self._bytes += size
            self._waiting.extend(waiting)
            self._changed.notify()
        return [one.answer for one in waiting]

    def seconds_since_beat(self) -> float:
        """How long ago the writer last showed that it lives."""
        return time.monotonic() - self._beat

    def is_writing(self) -> bool:
        """Is the writer's thread there?"""
        return self._thread.is_alive()

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._stopping:
                    self._beat = time.monotonic()
                    self._changed.wait(1.0)
                if not self._waiting:
                    return
                group = [self._waiting.popleft() for _ in range(min(GROUP_AT_MOST, len(self._waiting)))]
                self._bytes -= sum(len(one.event.payload) for one in group)
            self._beat = time.monotonic()
            # Whoever stopped waiting may come again: then it is a replay.
            self._store(group)

    def _store(self, group: Sequence[_Waiting]) -> None:
        """Store a group and answer it; on an error of these very data, its halves apart."""
        try:
            results = self._with_retries([one.event for one in group])
        except StorageUnavailable as error:
            for one in group:
                _answer(one.answer, error)
        except Exception as error:  # noqa: BLE001  one event's failure must not be its neighbours'
            if len(group) > 1:
                middle = len(group) // 2
                self._store(group[:middle])
                self._store(group[middle:])
                return
            # The kind of error only: its words may hold what was posted.
            reason = error.code if isinstance(error, StorageError) else type(error).__name__
            log.error("event not stored", extra={"reason": reason})
            self._keep_aside(group[0].event, reason)
            _answer(group[0].answer, EventNotStored(reason))
        else:
            for one, result in zip(group, results, strict=True):
                _answer(one.answer, result)

    def _keep_aside(self, event: Posted, reason: str) -> None:
        """So that a person can see what was sent; that this fails too must not stop the writer."""
        self._watcher.event_not_stored()
        try:
            with self._db.transaction() as session:
                keep_aside(session, event, reason, self._desk.clock.now(session), self._desk.ids)
        except Exception as error:  # noqa: BLE001  whatever is wrong with it
            log.error("event not kept aside", extra={"kind": type(error).__name__})

    def _with_retries(self, events: Sequence[Posted]) -> list[Result]:
        """Every statement is idempotent by key, so that a group is tried again even where its commit was lost."""
        deadline = time.monotonic() + RETRY_FOR_S
        while True:
            try:
                return self._once(events)
            except StorageFull:
                raise
            except StorageUnavailable as error:
                if time.monotonic() > deadline:
                    raise
                log.warning(
                    "group tried again", extra={"reason": error.code, "contended": isinstance(error, Contended)}
                )
                time.sleep(_RETRY_EVERY_S)
                self._beat = time.monotonic()

    def _once(self, events: Sequence[Posted]) -> list[Result]:
        laps = Laps()
        with self._db.transaction() as session:
            laps.lap("begin")
            results, outcome = store_group(session, events, self._desk, laps)
        laps.lap("commit")
        self._watcher.group_stored(list(zip(events, results, strict=True)), outcome, laps.seconds)
        return results


def _answer(future: Future[Receipt], result: Result | Exception) -> None:
    if future.set_running_or_notify_cancel():
        if isinstance(result, Receipt):
            future.set_result(result)
        else:
            future.set_exception(result)
