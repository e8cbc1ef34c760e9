"""What people do with alerts: acknowledge, release, assign, escalate, shelve, unshelve, resolve, reopen, note.

One corridor: the alert is found as this person may see it, its desk has to be theirs, its row is locked, a repeated
request is known again, the version seen has to be the one that stands, and the state has to allow the move.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.awaiting import AskedFor, ask, asked_for, rule_against
from alerts.changes import Line, record
from alerts.claims import claim_again, lead_to
from alerts.models import Alert, HistoryLine, OpenAlert
from alerts.moving import MOVES, AlreadyAcknowledged, Asked, Turn
from alerts.once import take_key, was_asked
from alerts.queries import alert_readable_by, desks_of, lock_alerts
from alerts.rules.ladder import Ladder
from alerts.rules.moves import LONGEST_FOLLOW_UP, LONGEST_SHELF, MoveNotAllowed, after
from alerts.rules.words import Change, Move, State
from alerts.runs import lock_contacts, run_of
from db.ids import Ids


class AlertNotFound(Exception):
    """There is no such alert for this caller: absent and hidden are one answer."""

    def __init__(self) -> None:
        super().__init__("there is no such alert")


class NotYourDesk(Exception):
    """The alert can be read, but other desks answer for it."""

    def __init__(self) -> None:
        super().__init__("another desk answers for this alert")


class StaleVersion(Exception):
    """The alert has changed since the caller saw it."""

    def __init__(self, version: int, acknowledged_by: str | None) -> None:
        super().__init__("the alert has changed since you saw it")
        self.version = version
        self.acknowledged_by = acknowledged_by


class ShelfTime(Exception):
    """The time to shelve until has passed or is too far away."""

    def __init__(self) -> None:
        super().__init__(f"a time in the future, at most {LONGEST_SHELF.days} days away")


class FollowUpTime(Exception):
    """The time to look again has passed or is too far away."""

    def __init__(self) -> None:
        super().__init__(f"a time in the future, at most {LONGEST_FOLLOW_UP.days} days away")


@dataclass(frozen=True, slots=True)
class Done:
    """The alert as it stands after a move.

    `is_repeated` says that this very request came before, and `answered` what it was told then (`None` when that can't
    be opened any more).
    """

    alert: Alert
    is_repeated: bool = False
    answered: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What moves need to know of the control room."""

    ladder: Ladder
    ids: Ids


def act(session: Session, asked: Asked, room: Room, now: datetime) -> Done:
    """Do what was asked, or say why not."""
    # A request asked again is answered as it was, also when the time that it named has passed meanwhile.
    if (late := _time_refused(asked, now)) and not was_asked(session, asked):
        raise late
    seen = _find(session, asked)
    key = take_key(session, asked, room.ids, now)
    if key is not None and key.is_repeated:
        return Done(seen, is_repeated=True, answered=key.answered)
    alert = _lock(session, asked, seen, now)
    if _is_done_already(session, alert, asked):
        return Done(alert)
    state = after(State(alert.state), asked.move)
    waits = _waits_for_another(session, alert, asked, now)
    change: Change | Move = Change.CONFIRMATION_ASKED if waits else asked.move
    if waits:
        details = ask(alert, waits, asked.note, room.ladder, now)
    else:
        alert.state = state.value
        details = MOVES[asked.move](Turn(session, alert, asked, room.ladder, room.ids, now))
    alert.moved_at = now if alert.state == State.ACKNOWLEDGED else None
    alert.version += 1
    line = Line(alert.version, asked.caller.name, change, details, asked.note, asked.digest)
    record(session, [(alert, line)], now)
    return Done(alert)


def _waits_for_another(session: Session, alert: Alert, asked: Asked, now: datetime) -> AskedFor | None:
    """What this move is kept as where one person is not enough for it."""
    if asked.move not in (Move.REGRADE, Move.RESOLVE):
        return None
    rule = rule_against(session, alert, asked.priority, asked.outcome)
    if rule is None:
        return None
    pending = asked_for(alert)
    if pending is not None and pending.by != asked.caller.name:
        # Who agrees has to know to what: one request is answered before the next.
        raise MoveNotAllowed(asked.move, "awaiting confirmation of what somebody else asked for")
    return AskedFor(
        what=asked.move, by=asked.caller.name, at=now, because=rule.because, to=asked.priority, outcome=asked.outcome,
        breach=asked.breach, follow_up_at=asked.follow_up_at,
    )  # fmt: skip


def _time_refused(asked: Asked, now: datetime) -> Exception | None:
    """A time that has passed or is too far away, for what is to come back by itself."""
    if asked.until is not None and not now < asked.until <= now + LONGEST_SHELF:
        return ShelfTime()
    if asked.follow_up_at is not None and not now < asked.follow_up_at <= now + LONGEST_FOLLOW_UP:
        return FollowUpTime()
    return None


def _find(session: Session, asked: Asked) -> Alert:
    """The alert, as this person may see and move it."""
    seen = alert_readable_by(session, asked.caller, asked.alert_id)
    if seen is None:
        raise AlertNotFound
    desks = frozenset(desk.desk for desk in desks_of(session, [seen.force], [seen.id])[seen.id])
    is_named = asked.caller.name in (seen.acknowledged_by, seen.assigned_to)
    if not (is_named or asked.caller.answers_at(desks)):
        raise NotYourDesk
    return seen


def _lock(session: Session, asked: Asked, seen: Alert, now: datetime) -> Alert:
    """The alert as it stands now, locked; its contact and claims first, in the one order of locks.

    What was seen before the lock decides nothing: a claim is asked for again whatever the state was a moment ago.
    """
    if asked.move is Move.INCIDENT and asked.incident is not None:
        # First of all locks: a log that comes with this reference belongs to this happening.
        lead_to(session, seen.force, ("incident", asked.incident), seen.happening_id, now)
    if asked.move in (Move.RESOLVE, Move.CONFIRM, Move.REOPEN):
        run = run_of(seen.force, seen.subject, seen.audience)
        lock_contacts(session, {run.force} if run else set(), {seen.happening_id})
    if asked.move in (Move.RESOLVE, Move.CONFIRM):
        session.execute(select(OpenAlert).where(*_claim_of(seen)).with_for_update()).all()
    elif asked.move is Move.REOPEN and not claim_again(session, seen):
        raise MoveNotAllowed(Move.REOPEN, "resolved, and followed by a newer open one,")
    return lock_alerts(session, [seen.force], [seen.id])[seen.id]


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


def _was_theirs(session: Session, alert: Alert, asked: Asked) -> bool:
    """The version that followed the one seen was made by this very request: an answer was lost, nothing else."""
    assert asked.if_match is not None
    line = session.get(HistoryLine, (alert.force, alert.id, asked.if_match + 1))
    return line is not None and line.by == asked.caller.name and line.request_digest == asked.digest


def _claim_of(alert: Alert) -> tuple[Any, ...]:
    return (OpenAlert.force == alert.force, OpenAlert.alert_id == alert.id)
