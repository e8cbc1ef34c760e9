"""Handing over in one move: whoever goes home leaves what they answer for to somebody who may read it.

Each alert is judged by itself: what can't be moved is named with the reason, and stays with who has it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from access.people import Person, people_of_the_room
from access.roles import Caller, Role
from alerts.changes import Line, record
from alerts.models import Alert, AlertDesk
from alerts.moving import PersonUnknown
from alerts.queries import desks_of, lock_alerts, readable_by
from alerts.rules.words import Change, State

MOST_AT_ONCE = 500
GONE = "it is resolved, or somebody else has it"
MAY_NOT_READ = "that person may not read it"
NOT_AT_THIS_DESK = "that person is at none of the desks that answer for it"


class NotYoursToHandOver(Exception):
    """Somebody else's alerts are handed over by a supervisor."""

    def __init__(self) -> None:
        super().__init__("what somebody else answers for is handed over by a supervisor")


class OwnerUnknown(Exception):
    """Nobody of this name answers for anything, or could."""

    def __init__(self) -> None:
        super().__init__("nobody of this name has alerts to hand over")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Who hands over whose alerts to whom; without `alerts` all that they answer for."""

    caller: Caller
    whose: str
    to: str
    note: str | None = None
    alerts: Collection[UUID] = ()
    key: str | None = None
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The alerts that have another owner now, and those that were named and don't, with the reason."""

    moved: Sequence[Alert]
    left: Sequence[tuple[UUID, str]]


def _answered_for(caller: Caller, whose: str) -> tuple[ColumnElement[bool], ...]:
    return (readable_by(caller), Alert.state == State.ACKNOWLEDGED.value, Alert.acknowledged_by == whose)


def answered_for_by(session: Session, caller: Caller, whose: str) -> Sequence[Alert]:
    """What somebody answers for, as far as this caller reads it, the most pressing first."""
    order = (Alert.priority_rank, Alert.raised_at, Alert.number)
    return session.scalars(
        select(Alert).where(*_answered_for(caller, whose)).order_by(*order).limit(MOST_AT_ONCE)
    ).all()


def owners(session: Session, caller: Caller) -> set[str]:
    """Everybody who answers for an alert that this caller reads."""
    had = (readable_by(caller), Alert.state == State.ACKNOWLEDGED.value, Alert.acknowledged_by.is_not(None))
    return {name for name in session.scalars(select(Alert.acknowledged_by).where(*had).distinct()) if name}


def hand_over(session: Session, wanted: HandOver, now: datetime) -> HandedOver:
    """Move them in one transaction; `PersonUnknown` where nobody of the room has this name."""
    caller = wanted.caller
    if wanted.whose != caller.name and caller.role is not Role.SUPERVISOR:
        raise NotYoursToHandOver
    room = people_of_the_room(session, caller.force, now)
    named = [person for person in room if person.name == wanted.to]
    if not named:
        raise PersonUnknown
    # Whoever has alerts is somebody, though their account is gone.
    if wanted.whose not in {person.name for person in room} | owners(session, caller):
        raise OwnerUnknown
    asked = select(Alert.id).where(*_answered_for(caller, wanted.whose)).order_by(Alert.id).limit(MOST_AT_ONCE)
    if wanted.alerts:
        asked = asked.where(Alert.id.in_(wanted.alerts))
    rows = lock_alerts(session, {caller.force}, session.scalars(asked).all())
    desks = desks_of(session, {caller.force}, rows)
    moved: list[Alert] = []
    left = [(one, GONE) for one in dict.fromkeys(wanted.alerts) if one not in rows]
    for alert in rows.values():
        if alert.state != State.ACKNOWLEDGED or alert.acknowledged_by != wanted.whose:
            left.append((alert.id, GONE))  # seen before it was locked, and another was quicker
        elif not any(person.reads(alert.audience) for person in named):
            left.append((alert.id, MAY_NOT_READ))
        elif not any(_is_at(person, desks[alert.id]) for person in named):
            left.append((alert.id, NOT_AT_THIS_DESK))
        elif wanted.to != wanted.whose:
            moved.append(alert)
    record(session, [_given(alert, wanted, now) for alert in moved], now)
    return HandedOver(moved, left)


def _is_at(person: Person, desks: Sequence[AlertDesk]) -> bool:
    """Is this person at one of them? Without desks of their own they are at all."""
    return not person.desks or any(one.desk in person.desks for one in desks)


def _given(alert: Alert, wanted: HandOver, now: datetime) -> tuple[Alert, Line]:
    alert.acknowledged_by = alert.assigned_to = wanted.to
    alert.moved_at = now
    alert.version += 1
    details = {"from": wanted.whose, "to": wanted.to}
    return alert, Line(alert.version, wanted.caller.name, Change.HANDED_OVER, details, wanted.note)
