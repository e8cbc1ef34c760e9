"""What leads to an alert's happening: its claim, taken again when it is open again, and a reference typed by hand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from alerts.event_models import HappeningRef
from alerts.models import Alert, OpenAlert
from db.base import table_of
from db.engine import upsert
from db.keyring import Use
from db.sealed import keys_of


def claim_again(session: Session, alert: Alert) -> bool:
    """An alert that is to be open again is again what its happening's events join; false where a newer one is.

    Locks the claim, which comes before the alert's own row.
    """
    claim = {
        "force": alert.force, "happening_id": alert.happening_id, "subject": alert.subject, "queue": alert.queue,
        "audience": alert.audience,
    }  # fmt: skip
    add = upsert(session, table_of(OpenAlert)).values(**claim, alert_id=alert.id)
    standing = session.scalar(
        add.on_conflict_do_update(index_elements=list(claim), set_={"alert_id": OpenAlert.alert_id}).returning(
            OpenAlert.alert_id
        )
    )
    return standing == alert.id


def lead_to(session: Session, force: str, reference: tuple[str, str], happening: UUID, now: datetime) -> None:
    """A reference that somebody typed leads to this happening, unless it is known to lead to another one."""
    kind, text = reference
    digest = keys_of(session).digest_of(Use.REFERENCE, f"{kind}\x00{text}")
    row = {"force": force, "digest": digest, "kind": kind, "happening_id": happening, "seen_at": now}
    session.execute(upsert(session, table_of(HappeningRef)).on_conflict_do_nothing(), [row])
