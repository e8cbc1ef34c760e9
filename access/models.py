"""Tokens, and the audit trail's entries."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.engine import only_where


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

    __table_args__ = (Index("ix_trail_entries_at_id", "at", "id"),)


class Term(Base):
    """What was asked for, as a keyed digest of its own: "who asked for this number" is one indexed question."""

    __tablename__ = "trail_terms"

    force: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (ForeignKeyConstraint(["force", "entry_id"], ["trail_entries.force", "trail_entries.id"]),)
