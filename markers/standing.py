"""Where a marker stands: derived from its dates and from what officers did to it, never stored.

The plain columns that it is derived from carry a keyed mark, so that a date or a status changed by SQL can be found.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.keyring import Use
from db.sealed import keys_of
from markers.models import Marker
from markers.words import Status


def status_at(marker: Marker, now: datetime) -> Status:
    """The marker's status at a moment."""
    if marker.withdrawn_at is not None:
        return Status.WITHDRAWN
    if marker.suspended_at is not None:
        return Status.SUSPENDED
    if marker.valid_until is not None and marker.valid_until <= now:
        return Status.LAPSED
    return Status.SCHEDULED if marker.valid_from > now else Status.ACTIVE


def row_mark(session: Session, marker: Marker) -> bytes:
    """A keyed mark over the plain columns that decide whether and for whom a marker fires."""
    plain: Mapping[str, Any] = {
        name: value.isoformat() if isinstance(value := getattr(marker, name), datetime) else str(value)
        for name in _MARKED
    }
    return keys_of(session).mark_of(Use.ROW_MARK, json.dumps(plain, sort_keys=True).encode())


_MARKED = (
    "id", "force", "audience", "sensitivity", "queue", "case_reference", "risk", "response_grade", "valid_from",
    "valid_until", "suspended_at", "withdrawn_at", "version",
)  # fmt: skip
