"""Tokens, people and their sessions, and the audit trail: its entries, and the slices that chain them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.engine import only_where
from db.sealed import Sealed


class Token(Base):
    """A bearer token: kept as a hash only, with who holds it and what they may."""

    __tablename__ = "tokens"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    desks: Mapped[str] = mapped_column(default="[]")
    sources: Mapped[str] = mapped_column(default="[]")
    secret_hash: Mapped[bytes] = mapped_column(index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        # A name stands for one person or system: revoked, it may be given again.
        Index("uq_tokens_force_name", "force", "name", unique=True, **only_where("revoked_at IS NULL")),
    )


class User(Base):
    """Somebody who signs in to the console: the password is kept as an Argon2id hash only."""

    __tablename__ = "users"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    desks: Mapped[str] = mapped_column(default="[]")
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    choices: Mapped[str] = mapped_column(default="{}")
    signed_in_at: Mapped[datetime | None]
    email_sealed: Mapped[bytes | None]

    email = Sealed()

    __table_args__ = (Index("uq_users_force_name", "force", "name", unique=True, **only_where("disabled_at IS NULL")),)


class SignedIn(Base):
    """Somebody's session in the console: its secret, which a cookie holds, is kept as a hash only.

    `good_until` moves on with each use, never past `ends_at`; `kind` is `person` or `kiosk`. `looking_at` is the alert
    whose page was opened last, for who else opens it.
    """

    __tablename__ = "sessions"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(index=True)
    user_id: Mapped[UUID]
    kind: Mapped[str]
    desk: Mapped[str | None]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    good_until: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    looking_at: Mapped[UUID | None]
    previous_at: Mapped[datetime | None]

    __table_args__ = (ForeignKeyConstraint(["force", "user_id"], ["users.force", "users.id"]),)


class KeptForm(Base):
    """What somebody had typed when their session ended, sealed, until they are back: gone after half an hour."""

    __tablename__ = "kept_forms"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(index=True)
    user_id: Mapped[UUID]
    path: Mapped[str]
    kept_at: Mapped[datetime] = mapped_column(index=True)
    form_sealed: Mapped[bytes | None]

    form = Sealed()


class Rate(Base):
    """How often something was tried, as a GCRA keeps it: one moment (microseconds) per keyed digest."""

    __tablename__ = "rates"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    spent_until: Mapped[int] = mapped_column(BigInteger)


class Entry(Base):
    """One line of the audit trail: append-only, written in the transaction that it records.

    `mark` is a keyed mark over all the other columns (`trail.py`): a row changed by SQL is found. Texts are sealed or
    digests; JSON columns hold canonical JSON, so that the same bytes are marked and checked.
    """

    __tablename__ = "trail_entries"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    writer: Mapped[str]
    who: Mapped[str]
    role: Mapped[str]
    desks: Mapped[str]
    token_id: Mapped[UUID | None]
    operation: Mapped[str]
    action: Mapped[str]
    outcome: Mapped[str]
    objects: Mapped[str]
    audience: Mapped[str]
    in_hand_sealed: Mapped[bytes | None]
    reason_sealed: Mapped[bytes | None]
    terms_sealed: Mapped[bytes | None]
    unopened: Mapped[str]
    mark: Mapped[bytes]

    in_hand = Sealed()
    reason = Sealed()

    __table_args__ = (
        Index("ix_trail_entries_force_at_id", "force", "at", "id"),
        Index("ix_trail_entries_force_who_at_id", "force", "who", "at", "id"),
    )


class Term(Base):
    """What an entry speaks of, as a keyed digest: a term asked for, or an object (its id, where it is not an event's).

    So "who asked for this number" and "who looked at this marker" are one indexed question each.
    """

    __tablename__ = "trail_terms"

    force: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (ForeignKeyConstraint(["force", "entry_id"], ["trail_entries.force", "trail_entries.id"]),)


class Pending(Base):
    """An entry that no slice holds yet. What a killed process leaves here, another adopts."""

    __tablename__ = "trail_pending"

    force: Mapped[str] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Slice(Base):
    """What one process committed within about a second, chained to its slice before (`slices.py`).

    `members` are the entries' ids, 16 bytes each, in the order of the leaves under `root`; `seal` is a keyed mark over
    all of it and the seal before. `adopted`: another process wrote these entries, and was killed before it sealed them.
    """

    __tablename__ = "trail_slices"

    force: Mapped[str] = mapped_column(primary_key=True)
    writer: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    adopted: Mapped[bool]
    members: Mapped[bytes]
    root: Mapped[bytes]
    previous: Mapped[bytes]
    seal: Mapped[bytes]

    __table_args__ = (Index("ix_trail_slices_adopted_at", "at", **only_where("adopted")),)


class Head(Base):
    """The last slice of a writer, under a keyed mark of its own: slices cut off the end are missed."""

    __tablename__ = "trail_heads"

    force: Mapped[str] = mapped_column(primary_key=True)
    writer: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[bytes]
    mark: Mapped[bytes]
