"""Logs: which keys may be logged is a list, so that nothing personal passes by accident."""

import logging
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog

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
