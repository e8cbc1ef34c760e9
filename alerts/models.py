"""Alerts, what stands on them, and what keeps them apart.

Every table that a force owns is keyed by `force` first. Alerts name markers and events by id only: events will be
partitioned by month, and a marker's own row says what it says today.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.engine import only_where
from db.sealed import Sealed


class OpenAlert(Base):
    """One open alert per happening, subject, queue and audience: the row is the claim, and goes when it is resolved.

    `subject` is `case:…`, `marker:…` or `event:…`. No foreign key to alerts: a loser's prepared alert is never
    inserted.
    """

    __tablename__ = "open_alerts"

    force: Mapped[str] = mapped_column(primary_key=True)
    happening_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID]

    __table_args__ = (
        Index("ix_open_alerts_force_alert_id", "force", "alert_id"),
        Index("ix_open_alerts_happening_id", "happening_id"),
    )


class Alert(Base):
    """Something that a named person has to answer for. State, shelving and escalation stand apart from one another.

    `awaiting` is what waits for a second person (JSON, `alerts/awaiting.py`). `settled_below` is the priority that its
    facts call for, where people have settled on a lower one. `grouped_by` is equal for a desk's alerts about one case
    or of one caller's number; `moved_at` is when a person last did something with it, and
    `first_answered_at` when somebody first took it.
    """

    __tablename__ = "alerts"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    feed: Mapped[str]
    number: Mapped[int] = mapped_column(BigInteger)
    audience: Mapped[str]
    queue: Mapped[str]
    happening_id: Mapped[UUID] = mapped_column(index=True)
    subject: Mapped[str]
    state: Mapped[str]
    priority: Mapped[str]
    priority_rank: Mapped[int]
    because: Mapped[str]
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    shelved_until: Mapped[datetime | None]
    escalation_level: Mapped[int] = mapped_column(default=0)
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    assigned_to: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    breach: Mapped[str | None]
    follow_up_at: Mapped[datetime | None]
    awaiting: Mapped[str | None]
    awaiting_reason_sealed: Mapped[bytes | None]
    settled_below: Mapped[str | None]
    previous_id: Mapped[UUID | None]
    event_count: Mapped[int]
    pattern: Mapped[str | None]
    grouped_by: Mapped[str | None]
    moved_at: Mapped[datetime | None]
    first_answered_at: Mapped[datetime | None]
    version: Mapped[int]
    call_sealed: Mapped[bytes | None]
    incident_sealed: Mapped[bytes | None]

    call = Sealed()
    incident = Sealed()
    awaiting_reason = Sealed()

    __table_args__ = (
        UniqueConstraint("force", "feed", "number"),
        Index("ix_alerts_force_audience", "force", "audience"),
        Index("ix_alerts_force_subject", "force", "subject"),
        Index("ix_alerts_force_state_order", "force", "state", "priority_rank", "raised_at", "feed", "number"),
        # The queue itself, in its order: years of resolved alerts stand beside it.
        Index(
            "ix_alerts_open",
            "force",
            "priority_rank",
            "raised_at",
            "feed",
            "number",
            **only_where("state <> 'resolved'"),
        ),
        # What the watch asks each second, of every force: only what still waits stands in it.
        Index(
            "ix_alerts_due_at",
            "due_at",
            **only_where("(state = 'raised' OR awaiting IS NOT NULL) AND shelved_until IS NULL"),
        ),
        Index("ix_alerts_moved_at", "moved_at", **only_where("state = 'acknowledged' AND shelved_until IS NULL")),
        Index("ix_alerts_force_grouped_by", "force", "grouped_by"),
        Index("ix_alerts_follow_up_at", "follow_up_at", **only_where("follow_up_at IS NOT NULL")),
        Index("ix_alerts_shelved_until", "shelved_until", **only_where("shelved_until IS NOT NULL")),
    )


def _of_alert() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["force", "alert_id"], ["alerts.force", "alerts.id"], ondelete="CASCADE")


class AlertEvent(Base):
    """An event that an alert shows; `ordinal` counts from 1 in the order of joining. An event may be of another force:
    a marker fires whichever takes the call.
    """

    __tablename__ = "alert_events"

    force: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    event_force: Mapped[str]
    event_id: Mapped[UUID]

    __table_args__ = (_of_alert(), UniqueConstraint("force", "alert_id", "event_id"))


class AlertMatch(Base):
    """The best match so far of one target on an alert, with the facts that its priority rests on."""

    __tablename__ = "alert_matches"

    force: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    marker_force: Mapped[str]
    marker_id: Mapped[UUID]
    ordinal: Mapped[int]
    level: Mapped[str]
    score: Mapped[float]
    evidence_sealed: Mapped[bytes]
    raises: Mapped[bool]
    certain: Mapped[bool]
    telling: Mapped[bool]
    raised_risk: Mapped[bool]
    wants_immediate: Mapped[bool]

    evidence = Sealed()

    __table_args__ = (_of_alert(), Index("ix_alert_matches_marker_id", "marker_id"))

    @property
    def id(self) -> str:
        """What its sealed evidence is bound to."""
        return f"{self.alert_id}/{self.target_id}"


class AlertCondition(Base):
    """What an alert's events showed of an order's condition: the most telling so far. `condition` is its number; empty
    for an order under which he is wanted, where no condition fitted.
    """

    __tablename__ = "alert_conditions"

    force: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    condition: Mapped[str] = mapped_column(primary_key=True)
    order_force: Mapped[str]
    finding: Mapped[str | None]
    certain: Mapped[bool]
    weight: Mapped[int]
    evidence_sealed: Mapped[bytes]
    at: Mapped[datetime]

    evidence = Sealed()

    __table_args__ = (_of_alert(), Index("ix_alert_conditions_force_order_id", "force", "order_id"))

    @property
    def id(self) -> str:
        """What its sealed evidence is bound to."""
        return f"{self.alert_id}/{self.order_id}/{self.condition}"


class AlertDesk(Base):
    """A desk that answers for an alert: its own queue (level 0), and those it was escalated to."""

    __tablename__ = "alert_desks"

    force: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    desk: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int]

    __table_args__ = (_of_alert(), Index("ix_alert_desks_force_desk", "force", "desk"))


class AlertLink(Base):
    """Two alerts that name each other; a row for each direction."""

    __tablename__ = "alert_links"

    force: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    related_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (_of_alert(),)


class HistoryLine(Base):
    """What happened to an alert, one line a version; never capped, never changed."""

    __tablename__ = "alert_history"

    force: Mapped[str] = mapped_column(primary_key=True)
    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    change: Mapped[str]
    details: Mapped[str | None]
    note_sealed: Mapped[bytes | None]
    request_digest: Mapped[bytes | None]

    note = Sealed()

    __table_args__ = (_of_alert(),)

    @property
    def id(self) -> str:
        """What its sealed note is bound to."""
        return f"{self.alert_id}/{self.version}"


class FeedChange(Base):
    """That an alert changed, at a position of its feed: the feed is read from here, the body when it is sent."""

    __tablename__ = "feed_changes"

    force: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    alert_id: Mapped[UUID]
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class MoveKey(Base):
    """An `Idempotency-Key` that a person's move carried, and the answer that it was given, sealed."""

    __tablename__ = "move_keys"

    force: Mapped[str] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(primary_key=True)
    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    request_digest: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)
    answer_sealed: Mapped[bytes]

    answer = Sealed()
