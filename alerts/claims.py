"""An alert's claim on its happening: what there is one open alert of, taken again when it is open again."""

from sqlalchemy.orm import Session

from alerts.models import Alert, OpenAlert
from db.base import table_of
from db.engine import upsert


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
