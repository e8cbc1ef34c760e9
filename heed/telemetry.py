"""Logs and metrics: which keys may be logged is a list, so that nothing personal passes by accident.

Closed circles are left out of every series; label values come from fixed lists.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from access.roles import OPEN_AUDIENCE
from alerts.events import OtherContent, Posted, Receipt
from alerts.intake import Result
from alerts.raising import Outcome

ALLOWED_KEYS = frozenset(
    """
    event event_id level timestamp logger operation status ms reason contended kind place constraint alerts result
    seconds events escalated unshelved keys removed port host job streams entries
    """.split()
)
"""What a log line may hold beside its message. Everything else is dropped: a processor that fails closed."""

_TALKATIVE = ("alembic", "apscheduler")
"""They tell each step at `INFO`; what matters of it is told by us."""
_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio")


def _only_allowed(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in line.items() if key in ALLOWED_KEYS}


def _without_traceback(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's words may hold what was sent: its kind is enough to find the place."""
    found = line.pop("exc_info", None)
    if found:
        kind = found[0] if isinstance(found, tuple) else type(found)
        line["kind"] = getattr(kind, "__name__", "unknown")
    line.pop("stack_info", None)
    return line


def set_up_logs(log_format: str, level: int = logging.INFO) -> None:
    """One line a record to standard error: JSON for machines, or coloured text for people."""
    renderer: Any = structlog.dev.ConsoleRenderer() if log_format == "console" else structlog.processors.JSONRenderer()
    shared: Sequence[Any] = (
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_traceback,
            _only_allowed,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Its lines hold paths; ours (`heed.access`) hold the route's template.
    logging.getLogger("uvicorn.access").disabled = True


class Metrics:
    """The series of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter("heed_events", "Events by what became of them", ["result"], registry=self.registry)
        self.raised = Counter(
            "heed_alerts_raised", "Alerts raised in the open audience", ["priority"], registry=self.registry
        )
        self.group = Histogram(
            "heed_intake_group_events", "Events in one transaction", registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
        )  # fmt: skip
        self.seconds = Histogram(
            "heed_intake_group_seconds", "Seconds of one transaction", registry=self.registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
        )  # fmt: skip
        self.streams = Gauge("heed_streams", "Streams that are open", registry=self.registry)
        self.writer_beat = Gauge(
            "heed_writer_beat_seconds", "Since the writer last showed that it lives", registry=self.registry
        )
        self.watch_beat = Gauge(
            "heed_watch_beat_seconds", "Since the watch last showed that it lives", registry=self.registry
        )


log = logging.getLogger("heed.intake")


class IntakeWatcher:
    """Counts what went through the intake, and logs a line for each event: its id and what became of it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def group_stored(self, results: Sequence[tuple[Posted, Result]], outcome: Outcome | None, seconds: float) -> None:
        """A group was stored; what covert alerts it raised is neither counted nor logged."""
        self._metrics.group.observe(len(results))
        self._metrics.seconds.observe(seconds)
        for posted, result in results:
            if posted.notice:
                continue  # the service's own word: what it says may be a circle's
            self._metrics.events.labels(_word_for(result)).inc()
            if isinstance(result, Receipt):
                told = {"event_id": str(result.event), "result": _word_for(result), "alerts": len(result.alerts)}
                log.info("event taken", extra=told)
        for draft in outcome.drafts if outcome else ():
            if draft.is_new and draft.claim.audience == OPEN_AUDIENCE:
                self._metrics.raised.labels(draft.priority.value).inc()


def _word_for(result: Result) -> str:
    if isinstance(result, OtherContent):
        return "conflict"
    return "replayed" if result.replayed else "taken"
