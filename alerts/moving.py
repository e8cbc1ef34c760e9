"""What each move does to an alert, once the corridor (`handling.py`) has let it through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.people import people_of_the_room
from access.roles import OPEN_AUDIENCE, Caller, Role, circle_of
from alerts.models import Alert, AlertDesk
from alerts.queries import give_up_claim
from alerts.rules.ladder import Ladder, next_step
from alerts.rules.moves import REOPEN_WITHIN, MoveNotAllowed
from alerts.rules.words import Move, Outcome, Priority, State


class AlreadyAcknowledged(Exception):
    """Somebody else answers for this alert."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has this alert")
        self.by = by


class PersonUnknown(Exception):
    """Nobody of this name may read the alert."""

    def __init__(self) -> None:
        super().__init__("nobody of this name answers for this alert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A move as it was asked for. `digest` is that of the move with its body; `if_match` the version seen, if said."""

    caller: Caller
    alert_id: UUID
    move: Move
    digest: bytes
    note: str | None = None
    to: str | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    if_match: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A move under way: the row is locked, everything but the state was checked."""

    session: Session
    alert: Alert
    asked: Asked
    ladder: Ladder
    now: datetime


def _acknowledge(turn: Turn) -> dict[str, Any]:
    turn.alert.acknowledged_by, turn.alert.acknowledged_at = turn.asked.caller.name, turn.now
    return {}


def _release(turn: Turn) -> dict[str, Any]:
    alert, caller = turn.alert, turn.asked.caller
    if alert.acknowledged_by != caller.name and caller.role is not Role.SUPERVISOR:
        raise AlreadyAcknowledged(alert.acknowledged_by or "")
    had = alert.acknowledged_by
    alert.acknowledged_by = alert.acknowledged_at = None
    alert.due_at = turn.ladder.due_at(Priority(alert.priority), turn.now)
    return {"from": had}


def readers_of(session: Session, alert: Alert, now: datetime) -> set[str]:
    """The names of those who answer alerts and may read this one: it can be handed to them."""
    return {
        person.name
        for person in people_of_the_room(session, alert.force, now)
        if alert.audience == OPEN_AUDIENCE or alert.audience in map(circle_of, person.desks)
    }


def _assign(turn: Turn) -> dict[str, Any]:
    alert = turn.alert
    if turn.asked.to not in readers_of(turn.session, alert, turn.now):
        raise PersonUnknown
    alert.assigned_to = turn.asked.to
    return {"to": turn.asked.to}


def _escalate(turn: Turn) -> dict[str, Any]:
    return climb(turn.session, turn.alert, turn.ladder, turn.now)


def climb(session: Session, alert: Alert, ladder: Ladder, now: datetime) -> dict[str, Any]:
    """One step up the ladder. A covert alert climbs inside its circle: no desk outside is ever added."""
    step = next_step(ladder, Priority(alert.priority), alert.escalation_level, now)
    alert.escalation_level = step.level
    if alert.state == State.RAISED:
        alert.due_at = step.due_at
    desk = step.desk if alert.audience == OPEN_AUDIENCE else None
    if desk:
        known = session.get(AlertDesk, (alert.force, alert.id, desk))
        if known is None:
            session.add(AlertDesk(force=alert.force, alert_id=alert.id, desk=desk, level=step.level))
    return {"level": step.level} | ({"desk": desk} if desk else {})


def _shelve(turn: Turn) -> dict[str, Any]:
    assert turn.asked.until is not None
    turn.alert.shelved_until = turn.asked.until
    return {"until": turn.asked.until.isoformat()}


def _unshelve(turn: Turn) -> dict[str, Any]:
    if turn.alert.shelved_until is None:
        raise MoveNotAllowed(Move.UNSHELVE, "not shelved")
    take_off_shelf(turn.alert, turn.ladder, turn.now)
    return {}


def take_off_shelf(alert: Alert, ladder: Ladder, now: datetime) -> None:
    """Back where it was; one that nobody had acknowledged is due anew from now."""
    alert.shelved_until = None
    if alert.state == State.RAISED:
        alert.due_at = ladder.due_at(Priority(alert.priority), now)


def _resolve(turn: Turn) -> dict[str, Any]:
    alert, outcome = turn.alert, turn.asked.outcome
    assert outcome is not None
    if alert.acknowledged_by is None:
        # Who resolves it at once has answered for it.
        alert.acknowledged_by, alert.acknowledged_at = turn.asked.caller.name, turn.now
    alert.resolved_at, alert.outcome, alert.shelved_until = turn.now, outcome.value, None
    give_up_claim(turn.session, alert)
    return {"outcome": outcome.value}


def _reopen(turn: Turn) -> dict[str, Any]:
    alert = turn.alert
    if alert.resolved_at is None or turn.now - alert.resolved_at > REOPEN_WITHIN:
        minutes = int(REOPEN_WITHIN.total_seconds() // 60)
        raise MoveNotAllowed(Move.REOPEN, f"resolved for more than {minutes} minutes")
    alert.resolved_at = alert.outcome = alert.acknowledged_by = alert.acknowledged_at = None
    alert.due_at = turn.ladder.due_at(Priority(alert.priority), turn.now)
    return {}


def _note(_turn: Turn) -> dict[str, Any]:
    return {}


MOVES: dict[Move, Callable[[Turn], dict[str, Any]]] = {
    Move.ACKNOWLEDGE: _acknowledge,
    Move.RELEASE: _release,
    Move.ASSIGN: _assign,
    Move.ESCALATE: _escalate,
    Move.SHELVE: _shelve,
    Move.UNSHELVE: _unshelve,
    Move.RESOLVE: _resolve,
    Move.REOPEN: _reopen,
    Move.NOTE: _note,
}
