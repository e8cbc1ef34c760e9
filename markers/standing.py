"""Where a marker stands: derived from its dates and from what officers did to it, never stored."""

from datetime import datetime

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
