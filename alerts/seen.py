"""Alerts as a caller sees them: gathered in a few statements for a whole page, opened where they are shown."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.trail import Thing
from alerts.awaiting import AskedFor, asked_for
from alerts.event_models import Event
from alerts.models import Alert, AlertMatch, HistoryLine
from alerts.orders_seen import ConditionSeen, OrderSeen, case_named, orders_on
from alerts.queries import NEWEST_EVENTS, contacts_of, desks_of, history_of, matches_of, newest_events, related_to
from alerts.runs import Pattern, Run, run_of
from db.sealed import CANNOT_BE_OPENED, read_json
from markers.matching.evidence import STRENGTH, Level
from markers.models import Marker
from markers.queries import markers_by_id
from markers.words import CallBack, Grade

MOST_MATCHES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSeen:
    """One target that an alert is about, with what its marker says today."""

    marker: UUID
    marker_version: int
    reference: str | None
    level: str
    score: float
    category: str
    risk: str
    subject_role: str
    instruction: str | None
    evidence: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """One event that an alert shows."""

    event: UUID
    type: str
    occurred_at: datetime
    received_at: datetime
    source: str
    payload: Mapping[str, Any]


def written_in(place: Mapping[str, Any]) -> str:
    """A place's address as it was written, with its postcode; empty where there is none."""
    return ", ".join(str(place[name]) for name in ("address", "postcode") if place.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """One line of an alert's history."""

    version: int
    at: datetime
    by: str
    change: str
    note: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSeen:
    """The most demanding response that the markers of an alert require."""

    grade: str | None
    call_back: str | None
    code_word: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSeen:
    """A happening that came before in the same run; the alert that it raised, where that is this force's own."""

    at: datetime
    voiceless: bool
    breach: bool
    alert: UUID | None
    number: str | None
    state: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSeen:
    """An alert with everything that stands on it. `history` is `None` in lists and stream messages."""

    row: Alert
    number: str
    because: Sequence[str]
    call: str | None
    incident: str | None
    case: str | None
    response: ResponseSeen | None
    awaiting: AskedFor | None
    awaiting_reason: str | None
    orders: Sequence[OrderSeen]
    conditions: Sequence[ConditionSeen]
    pattern: Pattern | None
    earlier: Sequence[EarlierSeen]
    escalated_to: Sequence[str]
    matches: Sequence[MatchSeen]
    related: Sequence[UUID]
    events: Sequence[EventSeen]
    history: Sequence[LineSeen] | None


def alerts_seen(session: Session, alerts: Sequence[Alert], now: datetime, *, whole: bool = False) -> list[AlertSeen]:
    """Alerts that were found readable, as they stand at a moment: `whole` with all events and the history.

    What a reader of an alert may see of its markers is the same for all roles that read alerts (`access/sight.py`):
    the instruction, and never the narrative.
    """
    ids = [alert.id for alert in alerts]
    forces = {alert.force for alert in alerts}
    matches = matches_of(session, forces, ids)
    every = [match for rows in matches.values() for match in rows]
    markers = markers_by_id(session, {match.marker_force for match in every}, {match.marker_id for match in every})
    events = newest_events(session, forces, ids, None if whole else NEWEST_EVENTS)
    orders = orders_on(session, alerts, now)
    desks, related = desks_of(session, forces, ids), related_to(session, forces, ids)
    return [
        AlertSeen(
            row=alert,
            number=number_of(alert),
            because=json.loads(alert.because),
            call=alert.call,
            incident=alert.incident,
            case=_case(alert),
            response=_response(
                [markers[m.marker_id] for m in matches[alert.id] if m.raises and m.marker_id in markers]
            ),
            awaiting=asked_for(alert),
            awaiting_reason=alert.awaiting_reason,
            orders=orders.get(alert.id, ((), ()))[0],
            conditions=orders.get(alert.id, ((), ()))[1],
            pattern=Pattern.read(alert.pattern),
            earlier=earlier_than(session, alert) if whole else (),
            escalated_to=[desk.desk for desk in desks[alert.id] if desk.level],
            matches=_matches(matches[alert.id], markers),
            related=related[alert.id],
            events=[_event(event) for event in events[alert.id]],
            history=[_line(line) for line in history_of(session, alert)] if whole else None,
        )
        for alert in alerts
    ]


def number_of(alert: Alert) -> str:
    """The number by which people speak of an alert; a circle's own count begins with a c."""
    return f"c{alert.number}" if alert.feed == "circle" else str(alert.number)


def _case(alert: Alert) -> str | None:
    """The case that the alert is about; another force's is told by its own name."""
    named = case_named(alert)
    return named[1] if named else None


def earlier_than(session: Session, alert: Alert) -> list[EarlierSeen]:
    """The newest happenings of the alert's run beside its own, newest first."""
    run = run_of(alert.force, alert.subject, alert.audience)
    return happened_in(session, run, but=alert.happening_id) if run else []


def happened_in(session: Session, run: Run, *, but: UUID | None = None) -> list[EarlierSeen]:
    """The newest happenings of a run, newest first."""
    return [
        EarlierSeen(
            at=contact.at, voiceless=contact.voiceless, breach=contact.breach, alert=raised.id if raised else None,
            number=number_of(raised) if raised else None, state=raised.state if raised else None,
            outcome=raised.outcome if raised else None,
        )
        for contact, raised in contacts_of(session, run, but=but)
    ]  # fmt: skip


def _matches(rows: Sequence[AlertMatch], markers: Mapping[UUID, Marker]) -> list[MatchSeen]:
    best = sorted(rows, key=lambda row: (-STRENGTH[Level(row.level)], -row.score, row.ordinal))
    return [
        MatchSeen(
            marker=row.marker_id,
            marker_version=marker.version,
            reference=marker.reference,
            level=row.level,
            score=row.score,
            category=marker.category,
            risk=marker.risk,
            subject_role=marker.subject_role,
            instruction=marker.instruction,
            evidence=read_json(row.evidence, [CANNOT_BE_OPENED]),
        )
        for row in best[:MOST_MATCHES]
        if (marker := markers.get(row.marker_id))
    ]


def _response(markers: Collection[Marker]) -> ResponseSeen | None:
    grades = {marker.response_grade for marker in markers}
    call_backs = {marker.response_call_back for marker in markers}
    code_words = [marker.response_code_word for marker in markers if marker.response_code_word_sealed is not None]
    grade = next((grade.value for grade in Grade if grade in grades), None)
    call_back = next((word.value for word in CallBack if word in call_backs), None)
    if not (grade or call_back or code_words):
        return None
    return ResponseSeen(grade=grade, call_back=call_back, code_word=code_words[0] if code_words else None)


def _event(event: Event) -> EventSeen:
    return EventSeen(
        event=event.id,
        type=event.kind,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        source=event.source,
        payload=read_json(event.payload, {"summary": CANNOT_BE_OPENED}),
    )


def _line(line: HistoryLine) -> LineSeen:
    details = json.loads(line.details) if line.details else {}
    return LineSeen(version=line.version, at=line.at, by=line.by, change=line.change, note=line.note, details=details)


def thing_of(alert: Alert) -> Thing:
    """An alert as the trail names it."""
    return Thing("alert", alert.id, alert.version, alert.audience)


def things_on(seen: AlertSeen) -> list[Thing]:
    """What is shown with an alert: itself, and the markers whose words stand on it; they are of its own audience."""
    row = seen.row
    markers = dict.fromkeys((match.marker, match.marker_version) for match in seen.matches)
    return [
        thing_of(row),
        *(Thing("marker", marker, version, row.audience) for marker, version in markers),
        *(Thing("order", order.order, order.version, row.audience) for order in seen.orders),
    ]
