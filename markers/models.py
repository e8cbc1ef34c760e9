"""Markers, their targets, and the keys by which targets are found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.engine import clustered, only_where
from db.sealed import Sealed


class Marker(Base):
    """A safeguarding flag. Its status is derived from dates, `suspended_at` and `withdrawn_at`: never stored.

    `audience` is `open`, or the closed circle of a covert marker's desk; a `reference` is unique within force and
    audience. `provisional_until`: somebody of the room placed it, and an officer has to confirm it by then. `mark` is a
    keyed mark over the plain columns that decide whether it fires. `placed_ordinal` keeps the order of markers placed
    in one transaction.
    """

    __tablename__ = "markers"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    audience: Mapped[str]
    reference: Mapped[str | None]
    category: Mapped[str]
    category_as_written: Mapped[str | None]
    subject_role: Mapped[str]
    risk: Mapped[str]
    sensitivity: Mapped[str]
    queue: Mapped[str | None]
    case_reference: Mapped[str | None]
    instruction_sealed: Mapped[bytes]
    narrative_sealed: Mapped[bytes | None]
    response_grade: Mapped[str | None]
    response_call_back: Mapped[str | None]
    response_code_word_sealed: Mapped[bytes | None]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    review_due: Mapped[datetime | None]
    provisional_until: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    placed_ordinal: Mapped[int] = mapped_column(default=0)
    erased_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    mark: Mapped[bytes]

    instruction = Sealed()
    narrative = Sealed()
    response_code_word = Sealed()

    __table_args__ = (
        UniqueConstraint("force", "audience", "reference"),
        Index("ix_markers_force_placed", "force", "placed_at", "placed_ordinal", "id"),
        Index("ix_markers_force_category", "force", "category"),
        Index("ix_markers_force_case_reference", "force", "case_reference"),
        Index("ix_markers_force_review_due", "force", "review_due"),
        Index("ix_markers_force_placed_by", "force", "placed_by"),
        Index("ix_markers_force_valid_from", "force", "valid_from"),
        Index(
            "ix_markers_running",
            "force",
            "valid_until",
            **only_where("suspended_at IS NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_markers_suspended", "force", "suspended_at", **only_where("suspended_at IS NOT NULL")),
        Index("ix_markers_withdrawn", "force", "withdrawn_at", **only_where("withdrawn_at IS NOT NULL")),
    )


class Target(Base):
    """One number, address, area or thing of a marker: what was given, sealed; `keys_version` says how it was keyed.

    One that is out of use does not fire, and keeps its keys: it may come back.

    `proven_at`: a drill last showed that it fires; forgotten as soon as one shows that it does not. `known` is what the
    gazetteer knew of an address when that was keyed: UPRN, parent, place and words (JSON).
    """

    __tablename__ = "targets"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    marker_id: Mapped[UUID]
    ordinal: Mapped[int]
    kind: Mapped[str]
    given_sealed: Mapped[bytes]
    keys_version: Mapped[int]
    known_sealed: Mapped[bytes | None]
    out_of_use_since: Mapped[datetime | None]
    proven_at: Mapped[datetime | None]

    given = Sealed()
    known = Sealed()

    __table_args__ = (
        ForeignKeyConstraint(["force", "marker_id"], ["markers.force", "markers.id"]),
        Index("ix_targets_force_marker_id", "force", "marker_id"),
    )


class MatchKey(Base):
    """A keyed digest of a match key, and a target that has it. Its key begins with the digest and not with the force:
    a marker fires whichever force takes the call.

    Clustered by its key on SQLite, so that the rows of one target do not lie in one run.
    """

    __tablename__ = "match_keys"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    force: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["force", "target_id"], ["targets.force", "targets.id"], ondelete="CASCADE"),
        Index("ix_match_keys_force_target_id", "force", "target_id"),
        clustered(),
    )


class ReferenceAddress(Base):
    """A gazetteer's address. No force owns it, and it says nothing of anybody: it is everybody's list of all doors."""

    __tablename__ = "gazetteer"

    uprn: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    parent_uprn: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str]
    postcode: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    imported_at: Mapped[datetime] = mapped_column(index=True)


class ReferenceKey(Base):
    """A key by which a gazetteer's address is found (`matching/reference.py`)."""

    __tablename__ = "gazetteer_keys"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    uprn: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    __table_args__ = (Index("ix_gazetteer_keys_uprn", "uprn"), clustered())


class Category(Base):
    """A category's periods in days: until a new marker is looked at again, and from its end until it is erased."""

    __tablename__ = "categories"

    force: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    review_days: Mapped[int | None]
    delete_after_days: Mapped[int | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class MarkerCount(Base):
    """How many markers there were of a kind (`count_of`), in a month: kept, so that a year can be looked back at."""

    __tablename__ = "marker_counts"

    force: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    count_of: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    risk: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class LookBack(Base):
    """A marker that is to look back at what came before it, from `due_at` on, by whichever service comes first.

    `rounds` counts how often it was: the second round finds what was being stored during the first.
    """

    __tablename__ = "look_backs"

    force: Mapped[str] = mapped_column(primary_key=True)
    marker_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    rounds: Mapped[int]
