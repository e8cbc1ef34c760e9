"""Looking back: markers that were placed or changed are matched against what came before them, in the background.

A thread of each process; whose turn a marker is, is agreed on in the database. The route that places a marker asks for
the last two hours itself, before it answers: what happens now must not wait for a thread.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from access.trail import Act, Operation, Recorder, Thing
from alerts.desks import PassingOn, routing_of
from alerts.looking_back import RECENT, Hit, Ways, hits_of, recall, would_have_fired
from alerts.past import MarkerKey, scan, wanted_keys
from alerts.present_forces import present_forces
from alerts.raising import Outcome
from alerts.rules.ladder import Ladder
from alerts.setting import Room
from db.clock import Clock
from db.errors import Contended, StorageError
from db.ids import Ids
from db.session import Database
from markers.models import LookBack
from markers.queries import looked_back, markers_by_id, take_look_backs
from markers.things import thing_of

EVERY_S = 1.0
LEASE = timedelta(minutes=2)
"""Markers that were taken are another's after this, if whoever took them has died."""
AGAIN_IN = timedelta(seconds=15)
"""The second round: what was being stored during the first saw no marker, and was not seen by it."""
ROUNDS = 2
MARKERS_AT_ONCE = 2_000
EVENTS_AT_ONCE = 100
OLDER_AT_MOST = 500
"""So many older events, and up to a hundred more, are told of at once: an area's may be thousands."""
TRIES = 5
log = logging.getLogger("heed.looker")

_Raises = Callable[[Session, Sequence[Hit], Room], Outcome]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What looking back works with; `window` is how far it goes, and nought where it does not."""

    db: Database
    clock: Clock
    ids: Ids
    recorder: Recorder
    ways: Ways
    ladder: Ladder
    default_queue: str
    window: timedelta

    def room(self, session: Session, now: datetime) -> Room:
        """The control room at this moment."""
        return Room(
            now, self.ids, self.ladder, self.default_queue, present=present_forces(session, now),
            passes=PassingOn(session, now, self.default_queue), routing=routing_of(session),
        )  # fmt: skip


class Looker:
    """Looks back for the markers whose turn it is, once a second and when it is rung."""

    def __init__(self, ground: Ground, every_s: float = EVERY_S) -> None:
        self._ground = ground
        self._every_s = every_s
        self._rung = threading.Event()
        self._stopping = self._paused = False
        self._beat = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="heed-looker", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the events in hand."""
        self._stopping = True
        self._rung.set()
        if self._thread.is_alive():
            self._thread.join()

    def seconds_since_beat(self) -> float:
        """How long ago it last showed that it lives."""
        return time.monotonic() - self._beat

    def ring(self) -> None:
        """Markers were placed: look soon."""
        self._rung.set()

    def at_once(self, markers: Collection[MarkerKey]) -> None:
        """What happened in the last two hours, for markers just placed, before their officer is answered.

        Where that fails, the thread does it: the marker is stored, and its turn with it.
        """
        try:
            with self._ground.db.reading() as session:
                now = self._ground.clock.now(session)
            if self._ground.window:
                self._recent(markers, now)
        except Exception as error:  # noqa: BLE001  the marker stands; what is wrong is the thread's to meet again
            log.error("could not look back at once", extra={"kind": type(error).__name__})
        self.ring()

    def pause(self) -> None:
        """Look only when asked by `look`: for tests, whose clock stands still."""
        self._paused = True

    def _run(self) -> None:
        while not self._stopping:
            self._rung.wait(self._every_s)
            self._rung.clear()
            try:
                while not (self._stopping or self._paused) and self.look():
                    self._beat = time.monotonic()
            except StorageError as error:
                log.warning("could not look back", extra={"reason": error.code})
            except Exception as error:  # noqa: BLE001  one that has died looks no more
                log.error("looking back failed", extra={"kind": type(error).__name__})
            self._beat = time.monotonic()

    def look(self) -> int:
        """One turn: the markers that are due; how many there were."""
        ground = self._ground
        with ground.db.transaction() as session:
            now = ground.clock.now(session)
            taken = take_look_backs(session, now, now + LEASE, MARKERS_AT_ONCE)
        if not taken:
            return 0
        markers = [(row.force, row.marker_id) for row in taken]
        if ground.window:
            self._recent(markers, now)
        first = [row for row in taken if row.rounds == 0]
        if first and ground.window > RECENT:
            self._older([(row.force, row.marker_id) for row in first], now)
        self._done(taken, now)
        return len(taken)

    def _done(self, taken: Sequence[LookBack], now: datetime) -> None:
        with self._ground.db.transaction() as session:
            looked_back(session, [row for row in taken if row.rounds + 1 < ROUNDS], now + AGAIN_IN)
            looked_back(session, [row for row in taken if row.rounds + 1 >= ROUNDS], None)

    def _recent(self, markers: Collection[MarkerKey], now: datetime) -> None:
        # Beyond now: what comes while we look is received later than that.
        recent = min(RECENT, self._ground.window)
        for events in self._scanned(markers, (now - recent, now + LEASE)):
            self._raise(self._hits(events, markers, now), now, recall)

    def _older(self, markers: Collection[MarkerKey], now: datetime) -> None:
        """All of it is one alert, so it is gathered first, the newest first."""
        hits: list[Hit] = []
        for events in reversed(self._scanned(markers, (now - self._ground.window, now - RECENT))):
            hits = [*self._hits(events, markers, now), *hits]
            if len(hits) >= OLDER_AT_MOST:
                break
        self._raise(hits, now, would_have_fired)

    def _scanned(self, markers: Collection[MarkerKey], span: tuple[datetime, datetime]) -> list[list[tuple[str, UUID]]]:
        """The events of a span that share a key with one of the markers, some at a time."""
        with self._ground.db.reading() as session:
            wanted = wanted_keys(session, markers)
        found: list[tuple[str, UUID]] = []
        after: tuple[datetime, UUID] | None = None
        while wanted and not self._stopping:
            with self._ground.db.reading() as session:
                hits, after = scan(session, wanted, span, after)
            found += hits
            self._beat = time.monotonic()
            if after is None:
                break
        return [found[at : at + EVENTS_AT_ONCE] for at in range(0, len(found), EVENTS_AT_ONCE)]

    def _hits(self, events: Sequence[tuple[str, UUID]], markers: Collection[MarkerKey], now: datetime) -> list[Hit]:
        with self._ground.db.reading() as session:
            hits = hits_of(session, events, markers, self._ground.ways, now)
            session.expunge_all()
        self._beat = time.monotonic()
        return hits

    def _raise(self, hits: Sequence[Hit], now: datetime, raises: _Raises) -> None:
        ground = self._ground
        if not hits:
            return
        for left in reversed(range(TRIES)):
            try:
                with ground.db.transaction() as session:
                    outcome = raises(session, hits, ground.room(session, now))
                    self._record(session, hits, outcome, now)
            except Contended:
                if not left:
                    raise
            else:
                return

    def _record(self, session: Session, hits: Sequence[Hit], outcome: Outcome, now: datetime) -> None:
        """That markers and events were brought together stands in the trail, for each marker."""
        if not outcome.drafts:
            return
        found = [one.candidate for hit in hits for one in hit.found]
        stood = markers_by_id(session, {one.force for one in found}, {one.marker_id for one in found})
        by_force: dict[str, list[Thing]] = {}
        for marker in stood.values():
            by_force.setdefault(marker.force, []).append(thing_of(marker))
        acts = [
            (None, Act(operation=Operation.COMBINATION, action="look_back", objects=things, force=force))
            for force, things in by_force.items()
        ]
        self._ground.recorder.record_all(session, acts, now)
