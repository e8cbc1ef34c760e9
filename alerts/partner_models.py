"""Partners that are told, and what waits to be told to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.engine import only_where
from db.sealed import Sealed


class Partner(Base):
    """An agency that is told by webhook, as far as the agreements of cases allow.

    `last_sequence` numbers its notices in the order of commits. `leased_until`: one process sends to it at a time, so
    that the order holds. A secret that was replaced signs beside the new one until `old_secret_until`.
    """

    __tablename__ = "partners"

    force: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    url: Mapped[str]
    secret_sealed: Mapped[bytes]
    old_secret_sealed: Mapped[bytes | None]
    old_secret_until: Mapped[datetime | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    leased_until: Mapped[datetime | None]

    secret = Sealed()
    old_secret = Sealed()


class PartnerNotice(Base):
    """A notice of the outbox: written with the change that it tells of, sent until it arrives, in its order.

    `said` is how the alert stood at this change (JSON). Its body is made, sealed, when it is first sent, the same at
    each try, and gone when it has arrived.
    """

    __tablename__ = "partner_notices"

    force: Mapped[str] = mapped_column(primary_key=True)
    partner: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    id: Mapped[UUID]
    alert_id: Mapped[UUID]
    version: Mapped[int]
    kind: Mapped[str]
    audience: Mapped[str]
    said: Mapped[str]
    made_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    failed_with: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    body_sealed: Mapped[bytes | None]

    body = Sealed()

    __table_args__ = (
        ForeignKeyConstraint(["force", "partner"], ["partners.force", "partners.name"]),
        UniqueConstraint("force", "id"),
        Index("ix_partner_notices_waiting", "force", "partner", "sequence", **only_where("state = 'waiting'")),
        Index("ix_partner_notices_force_alert_id", "force", "alert_id"),
    )
