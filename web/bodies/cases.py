"""Cases as bodies: what comes in becomes a draft, what goes out depends on who reads."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, field_validator, model_validator

from access.roles import Caller
from access.sight import sees_risk_notes
from alerts.runs import Pattern
from db.sealed import read_json
from markers.case_models import Case, CaseNote, CaseRisk, Order, Review
from markers.cases.casebook import CaseDraft, RiskGiven, is_complete
from markers.cases.rules.words import Trigger
from markers.cases.triggers import read_trigger
from markers.models import Marker
from markers.words import Risk, SubjectRole, is_lower
from web.bodies.shapes import Given, LongText, Moment, MomentOut, Name, ShortText, Told, without
from web.bodies.targets import AddressGiven, IdentifierGiven


class NumberGiven(Given):
    """A telephone number as it is written."""

    number: ShortText = Field(examples=["07700 900123"])


class SomebodyGiven(Given):
    """A person, as far as is known."""

    name: ShortText | None = None
    phones: list[NumberGiven] = Field(default=[], max_length=20)
    addresses: list[AddressGiven] = Field(default=[], max_length=20)
    identifiers: list[IdentifierGiven] = Field(default=[], max_length=20)


class PersonBody(SomebodyGiven):
    """Somebody of a case, in their role (DPA 2018 s. 38)."""

    role: SubjectRole


class RiskBody(Given):
    """A risk grade, as it was given."""

    grade: Risk
    as_written: ShortText | None = Field(None, description="The grade in the force's own words")
    model: ShortText | None = Field(None, examples=["S-DASH"])
    version: ShortText | None = Field(None, examples=["2009"])
    assessed_at: Moment | None = None
    by: ShortText | None = None
    reason: LongText | None = None

    _as_read = model_validator(mode="before")(without("recorded_by", "recorded_at", "lowers"))

    def given(self) -> RiskGiven:
        """The grade as the casebook takes it."""
        return RiskGiven(**{name: getattr(self, name) for name in type(self).model_fields})


class PartnerBody(Given):
    """A partner agency, and what it may be told."""

    partner: ShortText = Field(examples=["housing"])
    may_receive: list[Literal["alert", "instruction", "location", "order", "outcome"]] = Field(max_length=5)

    _as_read = model_validator(mode="before")(without("told"))


class CaseBody(Given):
    """A case as an officer opens it."""

    reference: Name = Field(examples=["SPO-17"])
    queue: Name | None = None
    officer: ShortText
    deputy: ShortText
    team: ShortText
    force: Name | None = Field(None, description="The force that owns it: yours")
    present_force: Name | None = Field(None, description="The force where she is now, if it is another")
    people: list[PersonBody] = Field(default=[], max_length=50)
    risk: list[RiskBody] = Field(default=[], max_length=200)
    partners: list[PartnerBody] = Field(default=[], max_length=50)

    def draft(self) -> CaseDraft:
        """What the casebook opens."""
        return CaseDraft(
            reference=self.reference, officer=self.officer, deputy=self.deputy, team=self.team, queue=self.queue,
            present_force=self.present_force,
            people=[one.model_dump(mode="json", exclude_none=True) for one in self.people],
            partners=[one.model_dump(mode="json") for one in self.partners],
            risk=[one.given() for one in self.risk],
        )  # fmt: skip


class NoteBody(Given):
    """Words for the case's notes."""

    note: LongText


def _says_itself(kind: Trigger) -> Trigger:
    if kind in (Trigger.ORDER_MADE, Trigger.ORDER_EXPIRING):
        raise ValueError("an order says so by itself: record it")
    return kind


class TriggerBody(Given):
    """Something that asks for a new risk assessment, and its day."""

    kind: Trigger
    _not_an_order = field_validator("kind")(_says_itself)
    on: date = Field(examples=["2026-12-01"])


class TriggerTold(Told):
    """A trigger point, and what became of it."""

    kind: str
    on: str
    due_at: MomentOut
    done_by: str | None
    done_at: MomentOut | None


class RiskTold(Told):
    """A risk grade; where it lowered the one before, `lowers` says who had set that, when and why."""

    grade: Risk
    as_written: str | None
    model: str | None
    version: str | None
    assessed_at: MomentOut
    by: str
    reason: str | None
    recorded_by: str
    recorded_at: MomentOut
    lowers: dict[str, Any] | None


class NoteTold(Told):
    """A note."""

    at: MomentOut
    by: str
    note: str | None


class WindowTold(Told):
    """What came in so many days."""

    days: int
    events: int
    voiceless: int
    numbers: int
    places: int
    breaches: int


class PatternTold(Told):
    """The run of events of a case or a marker; `hours` counts four weeks by the hour of the wall clock."""

    windows: list[WindowTold]
    first_at: MomentOut
    last_at: MomentOut
    hours: dict[str, int]
    because: list[str]

    @classmethod
    def of(cls, pattern: Pattern | None) -> "PatternTold | None":
        """The pattern as a body."""
        if pattern is None:
            return None
        windows = [WindowTold(**asdict(one)) for one in pattern.windows]
        return cls(
            windows=windows, first_at=pattern.first_at, last_at=pattern.last_at,
            hours={str(hour): count for hour, count in pattern.hours}, because=list(pattern.because),
        )  # fmt: skip


class CaseTold(Told):
    """A case as its reader may see it: `null` stands where a field is not for them."""

    id: UUID
    version: int
    reference: str
    is_complete: bool = Field(description="False while it is no more than the reference that a marker named")
    queue: str | None
    officer: str
    deputy: str | None
    team: str | None
    force: str
    present_force: str | None
    people: list[dict[str, Any]]
    risk: list[RiskTold]
    partners: list[dict[str, Any]]
    notes: list[NoteTold] | None
    markers: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    pattern: PatternTold | None
    trigger_points: list[TriggerTold]
    opened_by: str
    opened_at: MomentOut
    changed_at: MomentOut


class CasesTold(Told):
    """A page of cases."""

    items: list[CaseTold]
    next_cursor: str | None


def case_told(
    case: Case, risks: Sequence[CaseRisk], notes: Sequence[CaseNote], holds: "Holds", seen_by: Caller
) -> CaseTold:
    """What this caller may read of a case."""
    in_full = sees_risk_notes(seen_by)
    return CaseTold(
        id=case.id, version=case.version, reference=case.reference, is_complete=is_complete(case), queue=case.queue,
        officer=case.officer, deputy=case.deputy, team=case.team, force=case.force, present_force=case.present_force,
        people=read_json(case.people, []) or [],
        partners=[one | {"told": one["partner"] in holds.partners} for one in read_json(case.partners, []) or []],
        risk=_risks(risks, in_full=in_full),
        notes=[NoteTold(at=one.at, by=one.by, note=one.text) for one in notes] if in_full else None,
        markers=[{"id": str(one.id), "reference": one.reference, "risk": one.risk} for one in holds.markers],
        orders=[{"id": str(one.id), "reference": one.reference, "kind": one.kind} for one in holds.orders],
        pattern=PatternTold.of(holds.pattern), trigger_points=[_trigger(one) for one in holds.triggers],
        opened_by=case.opened_by, opened_at=case.opened_at, changed_at=case.changed_at,
    )  # fmt: skip


class Holds:
    """What a case gathers: markers, orders, its run of events, its trigger points, and who is told by webhook."""

    def __init__(
        self, markers: Sequence[Marker], orders: Sequence[Order], pattern: Pattern | None, triggers: Sequence[Review],
        partners: Collection[str],
    ) -> None:  # fmt: skip
        self.markers = markers
        self.orders = orders
        self.pattern = pattern
        self.triggers = triggers
        self.partners = partners


def _trigger(review: Review) -> TriggerTold:
    what, on = read_trigger(review)
    return TriggerTold(kind=what, on=on, due_at=review.due_at, done_by=review.done_by, done_at=review.done_at)


def _risks(rows: Sequence[CaseRisk], *, in_full: bool) -> list[RiskTold]:
    told: list[RiskTold] = []
    for place, row in enumerate(rows):
        before = rows[place - 1] if place else None
        lowers = None
        if before is not None and is_lower(Risk(row.grade), Risk(before.grade)):
            lowers = {
                "grade": before.grade, "by": before.by, "assessed_at": before.assessed_at.isoformat(),
                "reason": before.reason if in_full else None,
            }  # fmt: skip
        told.append(
            RiskTold(
                grade=Risk(row.grade), as_written=row.as_written, model=row.model, version=row.model_version,
                assessed_at=row.assessed_at, by=row.by, reason=row.reason if in_full else None,
                recorded_by=row.recorded_by, recorded_at=row.recorded_at, lowers=lowers,
            )
        )  # fmt: skip
    return told


def case_as_given(case: Case, risks: Sequence[CaseRisk]) -> dict[str, Any]:
    """A case as the body that would open it: what a merge patch is merged into."""
    body: dict[str, Any] = {
        "reference": case.reference, "queue": case.queue, "officer": case.officer, "deputy": case.deputy,
        "team": case.team, "present_force": case.present_force,
        "people": read_json(case.people, []) or [], "partners": read_json(case.partners, []) or [],
        "risk": [
            {
                "grade": row.grade, "as_written": row.as_written, "model": row.model, "version": row.model_version,
                "assessed_at": row.assessed_at.isoformat(), "by": row.by, "reason": row.reason,
            }
            for row in risks
        ],
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}
