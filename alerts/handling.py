"""What people do with alerts: acknowledge, release, assign, escalate, shelve, unshelve, resolve, reopen, note.

One corridor: the alert is found as this person may see it, its desk has to be theirs, its row is locked, a repeated
request is known again, the version seen has to be the one that stands, and the state has to allow the move.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE, Caller, Role, circle_of
from access.tokens import people_of_the_room
from alerts.changes import Line, record
from alerts.models import Alert, AlertDesk, HistoryLine, MoveKey, OpenAlert
from alerts.queries import alert_readable_by, desks_of, give_up_claim, lock_alerts
from alerts.rules.ladder import Ladder, next_step
from alerts.rules.moves import LONGEST_SHELF, REOPEN_WITHIN, MoveNotAllowed, after
from alerts.rules.words import Move, Outcome, Priority, State
from db.engine import upsert
from db.ids import Ids
from db.keyring import Use
from db.sealed import keys_of


class AlertNotFound(Exception):
    """There is no such alert for this caller: absent and hidden are one answer."""

    def __init__(self) -> None:
        super().__init__("there is no such alert")


class NotYourDesk(Exception):
    """The alert can be read, but other desks answer for it."""

    def __init__(self) -> None:
        super().__init__("another desk answers for this alert")


class AlreadyAcknowledged(Exception):
    """Somebody else answers for this alert."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has this alert")
        self.by = by


class StaleVersion(Exception):
    """The alert has changed since the caller saw it."""

    def __init__(self, version: int, acknowledged_by: str | None) -> None:
        super().__init__("the alert has changed since you saw it")
        self.version = version
        self.acknowledged_by = acknowledged_by


class KeyReused(Exception):
    """The same `Idempotency-Key` came with another request."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request")


class PersonUnknown(Exception):
    """Nobody of this name may read the alert."""

    def __init__(self) -> None:
        super().__init__("nobody of this name answers for this alert")


class ShelfTime(Exception):
    """The time to shelve until has passed or is too far away."""

    def __init__(self) -> None:
        super().__init__(f"a time in the future, at most {LONGEST_SHELF.days} days away")


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
class Replayed:
    """The answer that this very request was given before."""

    answer: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A move under way: the row is locked, everything but the state was checked."""

    session: Session
    alert: Alert
    asked: Asked
    ladder: Ladder
    now: datetime


def act(session: Session, asked: Asked, ladder: Ladder, now: datetime) -> Alert | Replayed:
    """Do what was asked, or say why not; the alert as it stands afterwards."""
    if asked.until is not None and not now < asked.until <= now + LONGEST_SHELF:
        raise ShelfTime
    alert = _find(session, asked)
    replayed = _answered_before(session, asked)
    if replayed or _is_done_already(session, alert, asked):
        return replayed or alert
    state = after(State(alert.state), asked.move)
    details = _MOVES[asked.move](Turn(session, alert, asked, ladder, now))
    alert.state = state.value
    alert.version += 1
    line = Line(alert.version, asked.caller.name, asked.move, details, asked.note, asked.digest)
    record(session, [(alert, line)], now)
    return alert


def _find(session: Session, asked: Asked) -> Alert:
    """The alert, as this person may see and move it, locked; claims first, in the one order of locks."""
    seen = alert_readable_by(session, asked.caller, asked.alert_id)
    if seen is None:
        raise AlertNotFound
    desks = frozenset(desk.desk for desk in desks_of(session, [seen.id])[seen.id])
    if not asked.caller.answers_at(desks):
        raise NotYourDesk
    if asked.move is Move.RESOLVE:
        session.execute(select(OpenAlert).where(*_claim_of(seen)).with_for_update()).all()
    elif asked.move is Move.REOPEN and seen.state == State.RESOLVED:
        _claim_again(session, seen)
    return lock_alerts(session, [seen.id])[seen.id]


def _is_done_already(session: Session, alert: Alert, asked: Asked) -> bool:
    """Is this what the person has done before? A version that has passed otherwise, or another's alert, is told."""
    if asked.if_match is not None and asked.if_match != alert.version:
        if _was_theirs(session, alert, asked):
            return True
        raise StaleVersion(alert.version, alert.acknowledged_by)
    if asked.move is Move.ACKNOWLEDGE and alert.state == State.ACKNOWLEDGED:
        if alert.acknowledged_by == asked.caller.name:
            return True
        raise AlreadyAcknowledged(alert.acknowledged_by or "")
    return False


def keep_answer(session: Session, asked: Asked, answer: str, now: datetime, ids: Ids) -> None:
    """Keep what a move with an `Idempotency-Key` was answered, in the move's own transaction."""
    if asked.key is None:
        return
    row = MoveKey(force=asked.caller.force, who=asked.caller.name, key_digest=_key_digest(session, asked.key))
    row.id, row.at, row.request_digest = ids(), now, asked.digest
    session.add(row)
    row.answer = answer


def _key_digest(session: Session, key: str) -> bytes:
    return keys_of(session).digest_of(Use.REQUEST, f"key\x00{key}")


def _answered_before(session: Session, asked: Asked) -> Replayed | None:
    if asked.key is None:
        return None
    caller = asked.caller
    row = session.get(MoveKey, (caller.force, caller.name, _key_digest(session, asked.key)))
    if row is None:
        return None
    if row.request_digest != asked.digest:
        raise KeyReused
    return Replayed(row.answer or "")


def _was_theirs(session: Session, alert: Alert, asked: Asked) -> bool:
    """The version that followed the one seen was made by this very request: an answer was lost, nothing else."""
    assert asked.if_match is not None
    line = session.get(HistoryLine, (alert.force, alert.id, asked.if_match + 1))
    return line is not None and line.by == asked.caller.name and line.request_digest == asked.digest


def _claim_of(alert: Alert) -> tuple[Any, ...]:
    return (OpenAlert.force == alert.force, OpenAlert.alert_id == alert.id)


def _claim_again(session: Session, alert: Alert) -> None:
    """A reopened alert is again what its happening's events join, unless a newer one is."""
    claim = {
        "force": alert.force, "happening_id": alert.happening_id, "subject": alert.subject, "queue": alert.queue,
        "audience": alert.audience,
    }  # fmt: skip
    add = upsert(session, OpenAlert.__table__).values(**claim, alert_id=alert.id)
    standing = session.scalar(
        add.on_conflict_do_update(index_elements=list(claim), set_={"alert_id": OpenAlert.alert_id}).returning(
            OpenAlert.alert_id
        )
    )
    if standing != alert.id:
        raise MoveNotAllowed(Move.REOPEN, "resolved, and followed by a newer open one,")


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


def _assign(turn: Turn) -> dict[str, Any]:
    alert = turn.alert
    people = people_of_the_room(turn.session, alert.force, turn.now)
    readers = {
        person.name
        for person in people
        if alert.audience == OPEN_AUDIENCE or alert.audience in map(circle_of, person.desks)
    }
    if turn.asked.to not in readers:
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


_MOVES: dict[Move, Callable[[Turn], dict[str, Any]]] = {
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
