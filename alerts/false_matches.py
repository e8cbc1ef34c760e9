"""A false match tells who keeps the marker, and is counted: a marker that cries wolf is put right, or ended."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.models import Alert, AlertMatch
from db.ids import Ids
from markers.keeping import ask_of_false_match, take_back_false_match
from markers.models import Marker


def tell_keepers(session: Session, alert: Alert, ids: Ids, now: datetime) -> None:
    """Ask the keeper of each marker that raised this alert whether the marker is right."""
    for marker in _raised_by(session, alert):
        ask_of_false_match(session, marker, _occasion(alert) + f"{alert.version}:{marker.id}", ids, now)


def take_back(session: Session, alert: Alert, now: datetime) -> None:
    """It was no false match after all: nobody need look, and it does not count."""
    for marker in _raised_by(session, alert):
        take_back_false_match(session, marker, _occasion(alert), now)


def _occasion(alert: Alert) -> str:
    return f"false:{alert.id}:"


def _raised_by(session: Session, alert: Alert) -> Sequence[Marker]:
    """In the order of their ids, so that two resolved at once wait for each other and don't lock each other out."""
    this = (AlertMatch.force == alert.force, AlertMatch.alert_id == alert.id, AlertMatch.raises)
    there = (Marker.force == AlertMatch.marker_force) & (Marker.id == AlertMatch.marker_id)
    found = select(Marker).join(AlertMatch, there).where(*this).distinct()
    return session.scalars(found.order_by(Marker.force, Marker.id)).all()
