"""Orders as bodies: what comes in becomes a draft, what goes out says what the law says of it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from db.sealed import read_json
from markers.case_models import Case, Condition, Order
from markers.cases.orders import ConditionGiven, OrderDraft
from markers.cases.queries import days_left, is_in_force
from markers.cases.rules.law import OrderLaw, consequence_of, law_of, told_of_service
from markers.cases.rules.words import (
    ConditionKind,
    Consequence,
    Day,
    Jurisdiction,
    MadeBy,
    Means,
    OrderKind,
    Service,
)
from web.bodies.cases import NumberGiven, SomebodyGiven
from web.bodies.law import LawTold
from web.bodies.shapes import Given, LongText, MomentOut, Name, ProblemBody, ShortText, Told, without
from web.bodies.targets import AddressGiven, AreaGiven


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), re.ASCII)):
        raise ValueError("a day is wanted (2026-06-01)")
    return date.fromisoformat(value.strip())


DayText = Annotated[date, BeforeValidator(_day), PlainSerializer(date.isoformat, return_type=str)]
"""A day without a time, as orders have them."""


def _clock(value: Any) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value.strip(), re.ASCII)):
        raise ValueError("a time of day is wanted (08:30)")
    return value.strip()


ClockText = Annotated[str, BeforeValidator(_clock)]


class HoursGiven(Given):
    """From a time until another by the wall clock, on some days (none named: on all)."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    from_: ClockText = Field(alias="from", examples=["08:00"])
    until: ClockText = Field(examples=["17:30"])
    days: list[Day] = Field(default=[], max_length=7)

    @model_validator(mode="after")
    def _some_time(self) -> "HoursGiven":
        if time.fromisoformat(self.from_) == time.fromisoformat(self.until):
            raise ValueError("it begins and ends at the same time: leave the hours out for all day")
        return self


class PlaceGiven(Given):
    """A place of a condition: an area or an address."""

    area: AreaGiven | None = None
    address: AddressGiven | None = None

    @model_validator(mode="after")
    def _one(self) -> "PlaceGiven":
        if (self.area is None) == (self.address is None):
            raise ValueError("a place is either an area or an address")
        return self


class ContactGiven(Given):
    """Whom he may not contact; without numbers, all whom the order protects."""

    phones: list[NumberGiven] = Field(default=[], max_length=20)


class OnlyGiven(Given):
    """What alone he may use."""

    phones: list[NumberGiven] = Field(default=[], max_length=20)
    vehicles: list[ShortText] = Field(default=[], max_length=20)


class WatchGiven(Given):
    """What events can show of a condition."""

    contact: ContactGiven | None = None
    zone: PlaceGiven | None = Field(None, description="Where he may not be")
    zones: list[PlaceGiven] = Field(default=[], max_length=20)
    stay_in: PlaceGiven | None = Field(None, description="Where he has to be (a curfew; give the hours)")
    only: OnlyGiven | None = None


class ConditionBody(Given):
    """A condition, as the order says it."""

    number: ShortText = Field(examples=["1"])
    kind: ConditionKind
    text: LongText
    means: Means = Field(description="`watched` by events, a `task` with a date, or `reported` by somebody")
    watch: WatchGiven | None = None
    hours: list[HoursGiven] | None = Field(None, max_length=20)
    due_on: DayText | None = None
    every_days: int | None = Field(None, strict=True, ge=1, le=366, description="A task that comes again")
    power_of_arrest: bool = Field(default=False, strict=True)

    _as_read = model_validator(mode="before")(without("watched", "consequence"))

    def given(self) -> ConditionGiven:
        """The condition as it is recorded."""
        watch = self.watch.model_dump(mode="json", exclude_none=True) if self.watch else None
        return ConditionGiven(
            number=self.number, kind=self.kind, text=self.text, means=self.means, watch=watch, due_on=self.due_on,
            hours=[one.model_dump(mode="json") for one in self.hours or ()], every_days=self.every_days,
            power_of_arrest=self.power_of_arrest,
        )  # fmt: skip


class ServiceBody(Given):
    """How he knows of the order, and since when."""

    state: Service
    on: DayText | None = None


class OrderBody(Given):
    """An order as an officer records it."""

    reference: Name = Field(examples=["ORD-2026-17"])
    case: Name = Field(examples=["SPO-17"])
    kind: OrderKind
    jurisdiction: Jurisdiction = Jurisdiction.ENGLAND_AND_WALES
    court: ShortText | None = None
    court_reference: ShortText | None = None
    made_on: DayText
    made_by: MadeBy = MadeBy.APPLICATION
    service: ServiceBody = ServiceBody(state=Service.NOT_RECORDED)
    expires_on: DayText | None = None
    until_further_order: bool = Field(default=False, strict=True)
    ended_on: DayText | None = Field(None, description="A court discharged it before its end")
    wanted_since: DayText | None = None
    replaces_kind: OrderKind | None = Field(None, description="The kind of the order that it took the place of")
    respondent: SomebodyGiven
    protected: list[SomebodyGiven] = Field(default=[], max_length=20)
    conditions: list[ConditionBody] = Field(default=[], max_length=60)

    def draft(self) -> OrderDraft:
        """What is recorded."""
        apart = ("case", "service", "respondent", "protected", "conditions")
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in apart}
        return OrderDraft(
            **plain,
            service=self.service.state,
            service_on=self.service.on,
            respondent=self.respondent.model_dump(mode="json", exclude_none=True),
            protected=[one.model_dump(mode="json", exclude_none=True) for one in self.protected],
            conditions=[one.given() for one in self.conditions],
        )


class ConditionTold(Told):
    """A condition; `watched` is true where events can show a breach, and never else."""

    number: str
    kind: ConditionKind
    text: str | None
    means: Means
    watched: bool
    watch: dict[str, Any] | None
    hours: list[dict[str, Any]] | None
    due_on: DayText | None
    every_days: int | None
    power_of_arrest: bool
    consequence: Consequence


class OrderTold(Told):
    """An order as it stands."""

    id: UUID
    version: int
    reference: str
    case: str
    kind: OrderKind
    jurisdiction: Jurisdiction
    court: str | None
    court_reference: str | None
    made_on: DayText
    made_by: MadeBy
    service: dict[str, Any]
    service_told: str
    expires_on: DayText | None
    until_further_order: bool
    ended_on: DayText | None
    wanted_since: DayText | None
    replaces_kind: OrderKind | None
    in_force: bool
    days_left: int | None
    respondent: dict[str, Any]
    protected: list[dict[str, Any]]
    conditions: list[ConditionTold]
    law: LawTold
    warnings: list[ProblemBody]
    breaches: dict[str, int]
    recorded_by: str
    recorded_at: MomentOut
    changed_at: MomentOut


class OrdersTold(Told):
    """A page of orders."""

    items: list[OrderTold]
    next_cursor: str | None


def order_told(
    order: Order, case: Case, conditions: Sequence[Condition], today: date,
    more: tuple[Sequence[tuple[str, str]], Mapping[str, int]],
) -> OrderTold:  # fmt: skip
    """An order as it stands today; `more` are its warnings, and its breaches counted."""
    law = law_of(Jurisdiction(order.jurisdiction), OrderKind(order.kind))
    plain = (
        "id", "version", "reference", "kind", "jurisdiction", "court", "court_reference", "made_on", "made_by",
        "expires_on", "until_further_order", "ended_on", "wanted_since", "replaces_kind", "recorded_by", "recorded_at",
        "changed_at",
    )  # fmt: skip
    warned, breaches = more
    return OrderTold(
        **{name: getattr(order, name) for name in plain},
        case=case.reference,
        service={"state": order.service_state, "on": order.service_on.isoformat() if order.service_on else None},
        service_told=told_of_service(Service(order.service_state)),
        in_force=is_in_force(order, today),
        days_left=days_left(order, today),
        respondent=read_json(order.respondent, {}) or {},
        protected=read_json(order.protected, []) or [],
        conditions=[_condition(one, law) for one in conditions],
        law=LawTold.of(law),
        warnings=[ProblemBody(at=at, code="unusual", detail=said) for at, said in warned],
        breaches=dict(breaches),
    )


def _condition(row: Condition, law: OrderLaw) -> ConditionTold:
    return ConditionTold(
        number=row.number, kind=ConditionKind(row.kind), text=row.text, means=Means(row.means),
        watched=row.means == Means.WATCHED, watch=read_json(row.watch, None),
        hours=read_json(row.hours, None), due_on=row.due_on, every_days=row.every_days,
        power_of_arrest=row.power_of_arrest, consequence=consequence_of(law, power_of_arrest=row.power_of_arrest),
    )  # fmt: skip


def order_as_given(order: Order, case: Case, conditions: Sequence[Condition]) -> dict[str, Any]:
    """An order as the body that would record it: what a merge patch is merged into."""
    names = (
        "reference", "kind", "jurisdiction", "court", "court_reference", "made_on", "made_by", "expires_on",
        "until_further_order", "ended_on", "wanted_since", "replaces_kind",
    )  # fmt: skip
    body: dict[str, Any] = {name: getattr(order, name) for name in names} | {
        "case": case.reference,
        "service": {"state": order.service_state} | ({"on": order.service_on} if order.service_on else {}),
        "respondent": read_json(order.respondent, {}) or {},
        "protected": read_json(order.protected, []) or [],
        "conditions": [_condition_as_given(one) for one in conditions],
    }
    return {name: value for name, value in body.items() if value is not None}


def _condition_as_given(row: Condition) -> dict[str, Any]:
    body: dict[str, Any] = {
        "number": row.number, "kind": row.kind, "text": row.text, "means": row.means,
        "watch": read_json(row.watch, None), "hours": read_json(row.hours, None), "due_on": row.due_on,
        "every_days": row.every_days, "power_of_arrest": row.power_of_arrest,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}
