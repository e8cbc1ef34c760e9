"""What a notice says: an alert in CloudEvents, with those fields alone that the case's agreement allows."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts.models import Alert
from alerts.outbox import agreements_of, case_for
from alerts.partner_models import PartnerNotice
from alerts.rules.telling import Kind, MayReceive, is_agreed
from alerts.seen import AlertSeen, alerts_seen
from markers.case_models import Case


def written(session: Session, notice: PartnerNotice, now: datetime) -> tuple[str, Case, list[str]] | None:
    """The body, the case, and what its agreement allows; `None` where it allows nothing (any more)."""
    alert = session.get(Alert, (notice.force, notice.alert_id))
    case = case_for(session, alert) if alert is not None else None
    may = agreements_of(case).get(notice.partner, []) if case is not None else []
    if alert is None or case is None or not is_agreed(Kind(notice.kind), may):
        return None
    [seen] = alerts_seen(session, [alert], now)
    event = {
        "specversion": "1.0", "id": str(notice.id), "source": f"/heed/{notice.force}",
        "type": f"heed.alert.{notice.kind}", "time": notice.made_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json", "sequence": str(notice.sequence),
        "data": {"case": case.reference} | _allowed(seen, notice, may),
    }  # fmt: skip
    return json.dumps(event), case, may


def _allowed(seen: AlertSeen, notice: PartnerNotice, may: Collection[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if MayReceive.ALERT in may:
        row = seen.row
        told |= {
            "alert": str(row.id), "number": seen.number,
            "raised_at": row.raised_at.isoformat().replace("+00:00", "Z"),
        } | json.loads(notice.said)  # fmt: skip
    if MayReceive.INSTRUCTION in may:
        told["instructions"] = list(dict.fromkeys(match.instruction for match in seen.matches if match.instruction))
        told["required"] = (
            {"grade": seen.response.grade, "call_back": seen.response.call_back} if seen.response else None
        )
    if MayReceive.LOCATION in may:
        newest = next((event for event in seen.events if event.payload.get("locations")), None)
        told["locations"] = newest.payload["locations"] if newest else []
    if MayReceive.ORDER in may:
        told["conditions"] = [
            {"order": one.reference, "condition": one.condition, "text": one.text, "finding": one.finding}
            for one in seen.conditions if one.finding
        ]  # fmt: skip
    if MayReceive.OUTCOME in may and notice.kind == Kind.RESOLVED:
        told |= {"outcome": seen.row.outcome, "breach": seen.row.breach}
    return told
