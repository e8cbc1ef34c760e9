"""Cases, orders, conditions, the parts by which events are found to touch them, and what is to be looked at again."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.engine import clustered
from db.sealed import Sealed


class Case(Base):
    """One person's safety plan. `people` and `partners` are JSON of the contract, sealed.

    `audience` is `open`, or a closed circle for a case that only a covert marker opened; a reference is unique within
    force and audience. `present_force` is where she is now, if that is another force: its desk hears of it, too.
    """

    __tablename__ = "cases"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    audience: Mapped[str]
    reference: Mapped[str]
    queue: Mapped[str | None]
    officer: Mapped[str]
    deputy: Mapped[str | None]
    team: Mapped[str | None]
    present_force: Mapped[str | None]
    people_sealed: Mapped[bytes | None]
    partners_sealed: Mapped[bytes | None]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    people = Sealed()
    partners = Sealed()

    __table_args__ = (
        UniqueConstraint("force", "audience", "reference"),
        Index("ix_cases_force_opened", "force", "opened_at", "id"),
        Index("ix_cases_force_officer", "force", "officer"),
        Index("ix_cases_force_deputy", "force", "deputy"),
    )


def _of_case() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["force", "case_id"], ["cases.force", "cases.id"])


class CaseRisk(Base):
    """A risk grade as somebody wrote it; only added to, never changed."""

    __tablename__ = "case_risks"

    force: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    grade: Mapped[str]
    as_written: Mapped[str | None]
    model: Mapped[str | None]
    model_version: Mapped[str | None]
    assessed_at: Mapped[datetime]
    by: Mapped[str]
    reason_sealed: Mapped[bytes | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

    reason = Sealed()

    __table_args__ = (_of_case(),)

    @property
    def id(self) -> str:
        """What its sealed reason is bound to."""
        return f"{self.case_id}/{self.ordinal}"


class CaseNote(Base):
    """Words added to a case; never changed."""

    __tablename__ = "case_notes"

    force: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    text_sealed: Mapped[bytes]

    text = Sealed()

    __table_args__ = (_of_case(),)

    @property
    def id(self) -> str:
        """What its sealed text is bound to."""
        return f"{self.case_id}/{self.ordinal}"


class Order(Base):
    """An order of a court (or of the police) that protects somebody. Days are those of the order, without a time.

    `respondent` and `protected` are JSON of the contract, sealed. `ended_on`: a court discharged it before its end.
    `replaces_kind` is the kind of the order that this one took the place of, if it did.
    """

    __tablename__ = "orders"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    audience: Mapped[str]
    case_id: Mapped[UUID]
    reference: Mapped[str]
    kind: Mapped[str]
    jurisdiction: Mapped[str]
    court: Mapped[str | None]
    court_reference_sealed: Mapped[bytes | None]
    made_on: Mapped[date]
    made_by: Mapped[str]
    service_state: Mapped[str]
    service_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    until_further_order: Mapped[bool]
    ended_on: Mapped[date | None]
    wanted_since: Mapped[date | None]
    replaces_kind: Mapped[str | None]
    respondent_sealed: Mapped[bytes | None]
    protected_sealed: Mapped[bytes | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    court_reference = Sealed()
    respondent = Sealed()
    protected = Sealed()

    __table_args__ = (
        _of_case(),
        UniqueConstraint("force", "audience", "reference"),
        Index("ix_orders_force_case_id", "force", "case_id"),
        Index("ix_orders_force_recorded", "force", "recorded_at", "id"),
        Index("ix_orders_force_expires_on", "force", "expires_on"),
    )


class Condition(Base):
    """A condition of an order, by its number there. `watch` and `hours` are JSON; what is watched is sealed."""

    __tablename__ = "order_conditions"

    force: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]
    kind: Mapped[str]
    text_sealed: Mapped[bytes]
    means: Mapped[str]
    watch_sealed: Mapped[bytes | None]
    hours: Mapped[str | None]
    due_on: Mapped[date | None]
    every_days: Mapped[int | None]
    power_of_arrest: Mapped[bool]

    text = Sealed()
    watch = Sealed()

    __table_args__ = (ForeignKeyConstraint(["force", "order_id"], ["orders.force", "orders.id"]),)

    @property
    def id(self) -> str:
        """What its sealed texts are bound to."""
        return f"{self.order_id}/{self.number}"


class CasePart(Base):
    """A number, name, thing or place that a case or an order knows, and what it is there (`side`).

    It marks nothing and raises nothing by itself: events that name several of them are judged by the order's rules.
    """

    __tablename__ = "case_parts"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    order_id: Mapped[UUID | None]
    condition: Mapped[str | None]
    side: Mapped[str]
    kind: Mapped[str]
    given_sealed: Mapped[bytes]
    keys_version: Mapped[int]

    given = Sealed()

    __table_args__ = (
        _of_case(),
        Index("ix_case_parts_force_case_id", "force", "case_id"),
        Index("ix_case_parts_force_order_id", "force", "order_id"),
    )


class CaseKey(Base):
    """A keyed digest of a match key, and a part that has it; found whatever force takes the event."""

    __tablename__ = "case_keys"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    force: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["force", "part_id"], ["case_parts.force", "case_parts.id"], ondelete="CASCADE"),
        Index("ix_case_keys_force_part_id", "force", "part_id"),
        clustered(),
    )


class OrderSign(Base):
    """That an event named something that a case or an order knows: later events of its happening are judged with it."""

    __tablename__ = "order_signs"

    force: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(primary_key=True)
    happening_id: Mapped[UUID]
    role: Mapped[str]
    certain: Mapped[bool]
    said_sealed: Mapped[bytes]
    at: Mapped[datetime]

    said = Sealed()

    __table_args__ = (
        Index("ix_order_signs_force_happening_id", "force", "happening_id"),
        Index("ix_order_signs_at", "at"),
    )

    @property
    def id(self) -> str:
        """What its sealed sentence is bound to."""
        return f"{self.event_id}/{self.part_id}"


class Review(Base):
    """Something that a named person is to look at again. `occasion` makes it one: the same is not asked twice."""

    __tablename__ = "reviews"

    force: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    audience: Mapped[str]
    kind: Mapped[str]
    occasion: Mapped[str]
    about_kind: Mapped[str]
    about_id: Mapped[UUID]
    case_id: Mapped[UUID | None]
    said: Mapped[str]
    for_whom: Mapped[str]
    due_at: Mapped[datetime]
    state: Mapped[str]
    escalated_to: Mapped[str | None]
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    note_sealed: Mapped[bytes | None]

    note = Sealed()

    __table_args__ = (
        UniqueConstraint("force", "audience", "occasion"),
        Index("ix_reviews_force_due", "force", "due_at", "id"),
        Index("ix_reviews_force_for_whom", "force", "for_whom"),
        Index("ix_reviews_force_about_id", "force", "about_id"),
    )
