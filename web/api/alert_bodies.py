"""Alerts as bodies, and what the moves on them take."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from alerts.rules.words import Breach, Outcome, Priority, State
from alerts.seen import AlertSeen, EventSeen
from web.bodies.cases import PatternTold
from web.bodies.shapes import MomentOut, Told


class AlertMatchTold(Told):
    """A marker that the alert is about, by one of its targets, at the best level so far."""

    marker: UUID
    marker_version: int
    reference: str | None
    level: str
    score: float
    category: str
    risk: str
    subject_role: str
    instruction: str | None
    evidence: list[str]


class EventTold(Told):
    """An event that the alert shows."""

    event: UUID
    type: str
    occurred_at: MomentOut
    received_at: MomentOut
    source: str
    channel: Any = None
    silent_solution: Any = False
    abandoned: Any = False
    line: Any = None
    phones: list[Any]
    locations: list[Any]
    summary: Any = None
    operator_note: Any = None
    via: Any = Field(None, description="Through whom he turned to her, where it was not himself")

    @classmethod
    def of(cls, event: EventSeen) -> Self:
        """The event with those parts that people of the room see."""
        told = {name: event.payload.get(name) for name in ("channel", "line", "summary", "operator_note", "via")}
        flags = {name: event.payload.get(name, False) for name in ("silent_solution", "abandoned")}
        lists = {name: value if isinstance(value := event.payload.get(name), list) else [] for name in _LISTS}
        return cls(
            event=event.event,
            type=event.type,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            source=event.source,
            **told,
            **flags,
            **lists,
        )


_LISTS = ("phones", "locations")


class LineTold(Told):
    """A line of the alert's history."""

    version: int
    at: MomentOut
    by: str
    change: str
    note: str | None
    details: dict[str, Any]


class ResponseTold(Told):
    """The most demanding response that the markers of the alert require."""

    grade: str | None
    call_back: str | None
    code_word: str | None


class AwaitingTold(Told):
    """What somebody asked for, and a second person has to agree to."""

    what: str = Field(description="`regrade` or `resolve`")
    by: str
    at: MomentOut
    because: str = Field(description="Why one person is not enough")
    reason: str | None
    priority: Priority | None = None
    outcome: Outcome | None = None
    follow_up_at: MomentOut | None = None
    breach: Breach | None = None


class ConditionTold(Told):
    """A condition of an order: found by events, or one that nobody watches (`finding` null, `watched` false)."""

    order: UUID
    reference: str
    condition: str
    text: str | None
    watched: bool
    means: str
    finding: str | None
    service: str
    days_left: int | None
    consequence: str
    hours: str
    evidence: list[str]


class OrderTold(Told):
    """An order of the alert's case."""

    order: UUID
    version: int
    reference: str
    kind: str
    name: str
    in_force: bool
    expires_on: date | None
    days_left: int | None
    service: str
    service_told: str
    wanted_since: date | None
    consequence: str
    consequence_told: str
    breaches: int
    evidence: list[str]


class AlertTold(Told):
    """An alert as it stands. In lists and stream messages `events` holds the newest 20, and `history` is left out."""

    id: UUID
    number: str = Field(description="Rising within its audience", examples=["1042", "c17"])
    version: int
    state: State
    priority: Priority
    because: list[str]
    response: ResponseTold | None
    queue: str
    escalated_to: list[str]
    escalation_level: int
    incident: str | None
    call: str | None
    case: str | None
    raised_at: MomentOut
    due_at: MomentOut
    shelved_until: MomentOut | None
    acknowledged_by: str | None
    acknowledged_at: MomentOut | None
    assigned_to: str | None
    resolved_at: MomentOut | None
    outcome: Outcome | None
    breach: Breach | None
    follow_up_at: MomentOut | None
    awaiting_confirmation: AwaitingTold | None
    orders: list[OrderTold]
    conditions: list[ConditionTold]
    pattern: PatternTold | None
    matches: list[AlertMatchTold]
    related: list[UUID]
    previous: UUID | None
    group: str | None = Field(description="Equal for a desk's alerts of one case or one caller: one move is for all")
    event_count: int
    events: list[EventTold]

    @classmethod
    def of(cls, seen: AlertSeen) -> Self:
        """The alert as a body."""
        return cls(**_fields(seen))


class EarlierTold(Told):
    """A happening that came before in the same run of events, and the alert that it raised."""

    at: MomentOut
    voiceless: bool
    breach: bool
    alert: UUID | None
    number: str | None
    state: State | None
    outcome: Outcome | None


class WholeAlertTold(AlertTold):
    """An alert with all its events and its whole history; `earlier` are the newest 20 of the run that it belongs to."""

    earlier: list[EarlierTold]
    history: list[LineTold]

    @classmethod
    def of(cls, seen: AlertSeen) -> Self:
        """The whole alert as a body."""
        lines = [LineTold(**_as_dict(line)) for line in seen.history or ()]
        earlier = [EarlierTold(**_as_dict(one)) for one in seen.earlier]
        return cls(history=lines, earlier=earlier, **_fields(seen))


def _as_dict(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _fields(seen: AlertSeen) -> dict[str, Any]:
    row = seen.row
    plain = (
        "id", "version", "state", "priority", "queue", "escalation_level", "raised_at", "due_at", "shelved_until",
        "acknowledged_by", "acknowledged_at", "assigned_to", "resolved_at", "outcome", "breach", "follow_up_at",
        "event_count",
    )  # fmt: skip
    return {name: getattr(row, name) for name in plain} | {
        "number": seen.number,
        "because": list(seen.because),
        "response": ResponseTold(**_as_dict(seen.response)) if seen.response else None,
        "awaiting_confirmation": _awaiting(seen),
        "orders": [OrderTold(**_as_dict(order)) for order in seen.orders],
        "conditions": [ConditionTold(**_as_dict(condition)) for condition in seen.conditions],
        "pattern": PatternTold.of(seen.pattern),
        "escalated_to": list(seen.escalated_to),
        "incident": seen.incident,
        "call": seen.call,
        "case": seen.case,
        "matches": [AlertMatchTold(**_as_dict(match)) for match in seen.matches],
        "related": list(seen.related),
        "previous": row.previous_id,
        "group": row.grouped_by,
        "events": [EventTold.of(event) for event in seen.events],
    }


def _awaiting(seen: AlertSeen) -> AwaitingTold | None:
    wanted = seen.awaiting
    if wanted is None:
        return None
    return AwaitingTold(
        what=wanted.what, by=wanted.by, at=wanted.at, because=wanted.because, reason=seen.awaiting_reason,
        priority=wanted.to, outcome=wanted.outcome, follow_up_at=wanted.follow_up_at,
        breach=Breach(wanted.breach) if wanted.breach else None,
    )  # fmt: skip


class AlertsTold(Told):
    """A page of alerts; `position` is the feed's at the first page, from which a stream goes on."""

    items: list[AlertTold]
    next_cursor: str | None
    position: str
