"""The figures of one process, for Prometheus. Closed circles are left out of every series; label values are fixed."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from access.roles import OPEN_AUDIENCE
from access.tokens import TokenEnded
from alerts.events import OtherContent, Posted, Receipt
from alerts.group import ROOMS, Result
from alerts.queries import open_figures
from alerts.raising import Outcome
from alerts.rules.words import Priority
from db.clock import Clock
from db.engine import database_time, sqlite_file
from db.errors import StorageError
from db.session import Database

_MIB = 1024 * 1024
_SECONDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10)
log = logging.getLogger("heed.intake")


class Metrics:
    """The series of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter("heed_events", "Events by what became of them", ["result"], registry=self.registry)
        self.matched = Counter(
            "heed_events_alerted", "Events that raised an alert of the open audience, or joined one",
            registry=self.registry,
        )  # fmt: skip
        self.raised = Counter(
            "heed_alerts_raised", "Alerts raised in the open audience", ["priority"], registry=self.registry
        )
        self.group = Histogram(
            "heed_intake_group_events", "Events in one transaction", registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
        )  # fmt: skip
        self.seconds = Histogram(
            "heed_intake_group_seconds", "Seconds of one transaction", registry=self.registry, buckets=_SECONDS
        )
        self.rooms = Histogram(
            "heed_intake_room_seconds", "Seconds of a group in each room of the intake", ["room"],
            registry=self.registry, buckets=_SECONDS,
        )  # fmt: skip
        self.candidates = Histogram(
            "heed_match_candidates", "Open candidates that one event or look-up was compared with",
            registry=self.registry, buckets=(0, 1, 2, 5, 10, 20, 50, 100, 500),
        )  # fmt: skip
        self.capped = Counter(
            "heed_match_capped", "Vague positions that touched more than is looked at", registry=self.registry
        )
        self.streams = Gauge("heed_streams", "Streams that are open", registry=self.registry)
        self._beats = Gauge(
            "heed_beat_seconds", "Since a thread last showed that it lives", ["thread"], registry=self.registry
        )
        self.clock_steps = Counter(
            "heed_clock_steps", "Times that this host's clock was set by more than two seconds", registry=self.registry
        )
        # Every label's series is there from the beginning: a rate over one that is not yet is nothing.
        for result in ("taken", "replayed", "conflict", "failed", "refused"):
            self.events.labels(result)
        for priority in Priority:
            self.raised.labels(priority.value)
        for room in ROOMS:
            self.rooms.labels(room)

    def beat(self, thread: str, seconds: Callable[[], float]) -> None:
        """From now on the beat of a thread is told."""
        self._beats.labels(thread).set_function(seconds)

    def looked_up(self, candidates: int, *, capped: bool) -> None:
        """One question of matching was answered."""
        self.candidates.observe(candidates)
        if capped:
            self.capped.inc()


@dataclass(frozen=True, slots=True)
class State(Collector):
    """What is asked for when somebody looks: open alerts, who waits, connections, the write-ahead log.

    Where the database can't be asked, those series are missing, and `heed_database_up` says 0.
    """

    db: Database
    clock: Clock

    def describe(self) -> Iterator[Metric]:
        """Nothing: asking would need the database when the application is put together."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """The figures now."""
        pool = GaugeMetricFamily("heed_pool_connections", "Connections of requests in use")
        pool.add_metric([], getattr(self.db.engine.pool, "checkedout", lambda: 0)())
        yield pool
        file = sqlite_file(self.db.url)
        if file is not None:
            wal = file.with_name(f"{file.name}-wal")
            # In whole MiB: to the byte, it would tell what a single event has written.
            size = (wal.stat().st_size if wal.exists() else 0) // _MIB * _MIB
            yield GaugeMetricFamily("heed_wal_bytes", "Size of SQLite's write-ahead log", size)
        try:
            with self.db.reading() as session:
                counts, oldest = open_figures(session)
                now, there = self.clock.now(session), database_time(session)
        except StorageError:
            yield GaugeMetricFamily("heed_database_up", "Can the database be asked?", 0)
            return
        yield GaugeMetricFamily("heed_database_up", "Can the database be asked?", 1)
        if there is not None:
            off = (datetime.now(UTC) - there).total_seconds()
            yield GaugeMetricFamily("heed_clock_offset_seconds", "This host's clock, beside the database's", off)
        alerts = GaugeMetricFamily("heed_alerts_open", "Unresolved alerts of the open audience", labels=["priority"])
        for priority in Priority:
            alerts.add_metric([priority.value], counts.get(priority.value, 0))
        yield alerts
        waits = (now - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("heed_oldest_unacknowledged_seconds", "How long the oldest open alert waits", waits)


class IntakeWatcher:
    """Counts what went through the intake, and logs a line for each event: its id and what became of it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._openly: Mapping[str, float] = dict.fromkeys(ROOMS, 0.0)

    def group_stored(
        self, results: Sequence[tuple[Posted, Result]], outcome: Outcome | None, rooms: Mapping[str, float]
    ) -> None:
        """A group was stored; what covert alerts it raised is neither counted nor logged, nor timed.

        A group in which a closed circle had a part is told with the times of the one before it: a probe that comes
        alone would be told by its own time that a number has a hidden marker.
        """
        metrics = self._metrics
        if outcome is None or all(draft.claim.audience == OPEN_AUDIENCE for draft in outcome.drafts):
            self._openly = rooms
        rooms = self._openly
        # The service's own word is no event of anybody's, and what it says may be a circle's.
        told = [result for posted, result in results if posted.notice is None]
        if told:
            metrics.group.observe(len(told))
            metrics.seconds.observe(sum(rooms.values()))
            for room, seconds in rooms.items():
                metrics.rooms.labels(room).observe(seconds)
        for result in told:
            self._tell(result)
        for draft in outcome.drafts if outcome else ():
            if draft.is_new and draft.claim.audience == OPEN_AUDIENCE:
                metrics.raised.labels(draft.priority.value).inc()

    def event_not_stored(self) -> None:
        """It is kept aside, and counted."""
        self._metrics.events.labels("failed").inc()

    def _tell(self, result: Result) -> None:
        word = _word_for(result)
        self._metrics.events.labels(word).inc()
        if isinstance(result, Receipt):
            if result.alerts and not result.replayed:
                self._metrics.matched.inc()
            log.info("event taken", extra={"event_id": str(result.event), "result": word, "alerts": len(result.alerts)})


def _word_for(result: Result) -> str:
    if isinstance(result, TokenEnded):
        return "refused"
    if isinstance(result, OtherContent):
        return "conflict"
    return "replayed" if result.replayed else "taken"
