"""Events, how each is known again, and what they share: happenings.

Every table that a force owns is keyed by `force` first. Events will be partitioned by month.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.sealed import Sealed


class EventKey(Base):
    """That an event came: once by (`source`, `id`), with the digest of its content and the receipt it was given.

    `receipt` is null where it says nothing but the event's id and time. A replay touches `seen_at`, so that its own
    commit waits behind the first one's.
    """

    __tablename__ = "event_keys"

    force: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    id_digest: Mapped[bytes] = mapped_column(primary_key=True)
    content_digest: Mapped[bytes]
    event_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime]
    receipt: Mapped[str | None]


class Event(Base):
    """What was posted, sealed whole. `faint_sealed` holds matches that raised nothing by themselves.

    `ordinal` keeps the order of events stored in one transaction. `asked_keys` are the beginnings of the keyed digests
    that it was looked up by, in a row, for as long as markers placed later look back at it: no index has them.
    """

    __tablename__ = "events"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    happening_id: Mapped[UUID]
    ordinal: Mapped[int]
    source: Mapped[str]
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    voiceless: Mapped[bool]
    payload_sealed: Mapped[bytes]
    faint_sealed: Mapped[bytes | None]
    asked_keys: Mapped[bytes | None]

    payload = Sealed()
    faint = Sealed()

    __table_args__ = (Index("ix_events_force_happening_id", "force", "happening_id"),)


class Happening(Base):
    """What events share: the facts that are those of all of them. Locked while events join it.

    `raised` speaks of its own force's open audience alone: what a closed circle was told decides nothing that others
    see; `has_alerts` speaks of all. `caller` is a keyed digest of the number that called, where it may be somebody's.
    One that became part of another says so in `merged_into`: its events moved there, and its alerts, of circles and
    other forces only, stay keyed by it.
    """

    __tablename__ = "happenings"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    voiceless: Mapped[bool]
    raised: Mapped[bool]
    has_alerts: Mapped[bool]
    merged_into: Mapped[UUID | None]
    begun_at: Mapped[datetime]
    caller: Mapped[bytes | None]

    __table_args__ = (Index("ix_happenings_force_merged_into", "force", "merged_into"),)


class HappeningRef(Base):
    """A reference (`call`, `incident`) as a keyed digest, and the happening that it leads to now."""

    __tablename__ = "happening_refs"

    force: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    happening_id: Mapped[UUID]
    seen_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_happening_refs_force_happening_id", "force", "happening_id"),)


class Contact(Base):
    """That a happening was about a case or a marker, in one audience: patterns are counted from these rows.

    `kind` is `contact` where it raised, else what it was (`alerts/rules/patterns.py`). `number` and `place` are keyed
    digests. `is_false`: it was found to be a false match.
    """

    __tablename__ = "contacts"

    force: Mapped[str] = mapped_column(primary_key=True)
    happening_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    hour: Mapped[int]
    voiceless: Mapped[bool]
    breach: Mapped[bool]
    is_false: Mapped[bool]
    number: Mapped[bytes | None]
    place: Mapped[bytes | None]

    __table_args__ = (
        Index(
            "ix_contacts_run", "force", "subject", "audience", "kind", "at", "is_false", "voiceless", "breach", "hour",
            "number", "place",
        ),
        Index("ix_contacts_at", "at"),
    )  # fmt: skip


class ContactMark(Base):
    """A number or a place (`kind`) that a run has ever had: told apart once, and not at each counting of a year.

    Never changed, so that two who add to one run wait for each other only where both bring a new one.
    """

    __tablename__ = "contact_marks"

    force: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)


class Source(Base):
    """A feed that is expected to be heard of: by an event or a heartbeat, every so many seconds. `None`: it is not.

    `told_at` is when its silence was last told; it is forgotten as soon as the source speaks.
    """

    __tablename__ = "sources"

    force: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    expected_every_s: Mapped[int | None]
    queue: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
