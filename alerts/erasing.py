"""What alerts keep of a marker that is erased: that it was matched, and at which level; the words of it go."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.models import AlertMatch
from markers.models import Marker
from markers.retention import ERASED


def forget_evidence(session: Session, marker: Marker) -> int:
    """Take the sentences about its targets off every alert; answers off how many matches."""
    these = (AlertMatch.marker_force == marker.force, AlertMatch.marker_id == marker.id)
    rows = session.scalars(select(AlertMatch).where(*these)).all()
    for row in rows:
        row.evidence = json.dumps([ERASED])
    return len(rows)
