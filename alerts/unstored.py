"""Events that the service itself failed to store: kept aside, sealed, so that a person can see what was sent.

Its sender was told, and asks again; once the event is stored, its row here is settled, and no longer told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from alerts.event_models import EventKey
from alerts.events import Posted, key_digest_of
from db.base import Base, table_of
from db.engine import upsert
from db.ids import Ids
from db.sealed import Place, Sealed, keys_of, seal


class UnstoredEvent(Base):
    """An event by its key, how often it was tried, and why it failed: the kind of error only, never its words."""

    __tablename__ = "unstored_events"

    force: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    id_digest: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]
    reason: Mapped[str]
    payload_sealed: Mapped[bytes]

    payload = Sealed()


@dataclass(frozen=True, slots=True)
class Unstored:
    """One that is still not stored."""

    id: UUID
    source: str
    first_at: datetime
    last_at: datetime
    times: int
    reason: str


def keep_aside(session: Session, event: Posted, reason: str, now: datetime, ids: Ids) -> None:
    """Keep an event that could not be stored; the same one again is counted."""
    table, row_id = table_of(UnstoredEvent), ids()
    row = {
        "force": event.by.force, "source": event.source, "id_digest": key_digest_of(session, event), "id": row_id,
        "first_at": now, "last_at": now, "times": 1, "reason": reason,
        "payload_sealed": seal(keys_of(session), Place(table.name, "payload", str(row_id)), event.payload),
    }  # fmt: skip
    insert = upsert(session, table).values(row)
    again = {"last_at": now, "reason": reason, "times": table.c.times + 1}
    session.execute(insert.on_conflict_do_update(index_elements=["force", "source", "id_digest"], set_=again))


def unstored(session: Session) -> Sequence[Unstored]:
    """What was kept aside and is still not stored, the oldest first."""
    told = (getattr(UnstoredEvent, one.name) for one in fields(Unstored))
    rows = session.execute(select(*told).where(~_is_stored()).order_by(UnstoredEvent.first_at))
    return [Unstored(**row) for row in rows.mappings()]


def body_of(session: Session, row_id: UUID) -> str | None:
    """What was sent, as JSON; `None` where no event of this id was kept aside."""
    row = session.scalar(select(UnstoredEvent).where(UnstoredEvent.id == row_id))
    return row.payload if row else None


def _is_stored() -> ColumnElement[bool]:
    mine = (getattr(EventKey, name) == getattr(UnstoredEvent, name) for name in ("force", "source", "id_digest"))
    return exists().where(*mine)
