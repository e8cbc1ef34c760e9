"""What alerts keep of a marker that is erased: that it was matched, and at which level; the words of it go."""

import json

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alerts.models import AlertMatch
from alerts.partner_models import PartnerNotice
from markers.models import Marker
from markers.retention import ERASED


def forget_evidence(session: Session, marker: Marker) -> int:
    """Take the sentences about its targets off every alert, and off what waits to be told; answers how many matches."""
    these = (AlertMatch.marker_force == marker.force, AlertMatch.marker_id == marker.id)
    rows = session.scalars(select(AlertMatch).where(*these)).all()
    for row in rows:
        row.evidence = json.dumps([ERASED])
    told = update(PartnerNotice).where(PartnerNotice.alert_id.in_({row.alert_id for row in rows}))
    session.execute(told.values(body_sealed=None))
    return len(rows)
