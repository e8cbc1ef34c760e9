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
from dataclasses import dataclass, field, replace
from typing import Protocol

from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from access.trail import Act, Operation, Recorder, Thing
from alerts.events import Again, Fresh, OtherContent, Posted, Receipt, Remembered, keep_receipts, remember
from alerts.happenings import happenings_for
from alerts.raising import Outcome, Raised, Room, raise_alerts
from alerts.rules.ladder import Ladder
from alerts.storing import store
from db.clock import Clock
from db.errors import Contended, StorageError, StorageFull, StorageUnavailable
from db.ids import Ids
from db.session import Database
from markers.matcher import Asked, NotMatched, Reading, matches_for
from markers.matching.values import Problem

GROUP_AT_MOST = 256
RETRY_FOR_S = 2.0
"""Seconds for which a group that was in another's way, or lost its connection, is tried again."""
_RETRY_EVERY_S = 0.05

Result = Receipt | OtherContent
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


ROOMS = ("begin", "remember", "match", "join", "raise", "store", "commit")
"""Where a group spends its time, in this order."""


class Laps:
    """How long a group was in each room."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, room: str) -> None:
        """It leaves this room now."""
        now = time.monotonic()
        self.seconds[room] = now - self._last
        self._last = now


class Watcher(Protocol):
    """Who is told what went through: counters of the metrics, lines of the log."""

    def group_stored(
        self, results: Sequence[tuple[Posted, Result]], outcome: Outcome | None, rooms: Mapping[str, float]
    ) -> None:
        """A group was stored and is about to be answered; `rooms` says how many seconds it spent in each."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that the writer works with."""

    clock: Clock
    ids: Ids
    recorder: Recorder
    reading: Reading
    ladder: Ladder
    default_queue: str


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
        with self._changed:
            if self._stopping:
                raise IntakeStopped
            if len(self._waiting) + len(waiting) > self._at_most:
                raise IntakeFull
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
            _answer(group[0].answer, EventNotStored(reason))
        else:
            for one, result in zip(group, results, strict=True):
                _answer(one.answer, result)

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


def store_group(
    session: Session, events: Sequence[Posted], desk: Desk, laps: Laps
) -> tuple[list[Result], Outcome | None]:
    """One transaction's work: remember, match, join, raise, store; the receipts are true once it has ended."""
    now = desk.clock.now(session)
    remembered = remember(session, events, now, desk.ids)
    fresh = [one for one in remembered if isinstance(one, Fresh)]
    laps.lap("remember")
    room = Room(now, desk.ids, desk.ladder, desk.default_queue)
    outcome = _take_fresh(session, fresh, desk, room, laps) if fresh else None
    receipts = {id(raised.fresh): _receipt(raised) for raised in outcome.raised} if outcome else {}
    results = [_result(one, remembered, receipts) for one in remembered]
    return results, outcome


def _take_fresh(session: Session, fresh: Sequence[Fresh], desk: Desk, room: Room, laps: Laps) -> Outcome:
    asked = [Asked(one.posted.parts, (one.occurred_at, one.received_at)) for one in fresh]
    # Asked before anything of the happenings is locked: others wait for these rows until we commit.
    answers = matches_for(session, asked, desk.reading)
    for one, answer in zip(fresh, answers, strict=True):
        if isinstance(answer, NotMatched):
            log.error("event not matched", extra={"event_id": str(one.event_id), "reason": str(answer)})
            one.problems.append(
                Problem("body", "not_matched", "the service could not match this event; a person was told")
            )
    laps.lap("match")
    ground = happenings_for(session, fresh, room.now, room.ids)
    laps.lap("join")
    outcome = raise_alerts(session, ground, list(zip(fresh, answers, strict=True)), room)
    laps.lap("raise")
    keep_receipts(session, [(raised.fresh.posted, _receipt(raised)) for raised in outcome.raised])
    _record(session, fresh, desk, room)
    store(session, ground, outcome, room)
    laps.lap("store")
    return outcome


def _receipt(raised: Raised) -> Receipt:
    fresh = raised.fresh
    return Receipt(fresh.event_id, fresh.received_at, tuple(fresh.problems), tuple(raised.alerts))


def _result(one: Remembered, remembered: Sequence[Remembered], receipts: dict[int, Receipt]) -> Result:
    if isinstance(one, Fresh):
        return receipts[id(one)]
    if isinstance(one, Again):
        return replace(receipts[id(remembered[one.first])], replayed=True)
    return one


def _record(session: Session, fresh: Sequence[Fresh], desk: Desk, room: Room) -> None:
    """One entry for the group and each token in it, naming its events."""
    by_token: dict[object, list[Fresh]] = {}
    for one in fresh:
        by_token.setdefault(one.posted.by, []).append(one)
    acts = [
        (
            None if events[0].posted.notice else events[0].posted.by,
            Act(
                operation=Operation.COLLECTION,
                action="post_events",
                objects=[Thing("event", one.event_id, 1, _audience_of(one)) for one in events],
                force=events[0].posted.by.force,
            ),
        )
        for events in by_token.values()
    ]
    desk.recorder.record_all(session, acts, room.now)


def _audience_of(fresh: Fresh) -> str:
    return fresh.posted.notice.audience if fresh.posted.notice else OPEN_AUDIENCE
