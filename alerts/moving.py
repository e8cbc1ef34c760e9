"""What each move does to an alert, once the corridor (`handling.py`) has let it through."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.roles import Caller, Role
from alerts.awaiting import AskedFor, agree, end
from alerts.climbing import climb, readers_of
from alerts.false_matches import take_back, tell_keepers
from alerts.models import Alert
from alerts.queries import give_up_claim
from alerts.rules.ladder import Ladder
from alerts.rules.moves import REOPEN_WITHIN, MoveNotAllowed
from alerts.rules.words import RANK, Breach, Move, Outcome, Priority, State
from alerts.runs import judge_contact, run_of
from db.ids import Ids


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
    priority: Priority | None = None
    breach: Breach | None = None
    follow_up_at: datetime | None = None
    incident: str | None = None
    if_match: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A move under way: the row is locked, everything but the state was checked."""

    session: Session
    alert: Alert
    asked: Asked
    ladder: Ladder
    ids: Ids
    now: datetime


def _acknowledge(turn: Turn) -> dict[str, Any]:
    _answered_by(turn.alert, turn.asked.caller.name, turn.now)
    return {}


def _answered_by(alert: Alert, name: str, now: datetime) -> None:
    """From now on it is theirs; how long it waited for anybody is measured by the first who took it."""
    alert.acknowledged_by, alert.acknowledged_at = name, now
    alert.first_answered_at = alert.first_answered_at or now


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
    if turn.asked.to not in {person.name for person in readers_of(turn.session, alert, turn.now)}:
        raise PersonUnknown
    alert.assigned_to = turn.asked.to
    return {"to": turn.asked.to}


def _escalate(turn: Turn) -> dict[str, Any]:
    return climb(turn.session, turn.alert, turn.ladder, turn.now)


def _shelve(turn: Turn) -> dict[str, Any]:
    assert turn.asked.until is not None
    if turn.alert.awaiting is not None:
        raise MoveNotAllowed(Move.SHELVE, "awaiting confirmation")
    turn.alert.shelved_until = turn.asked.until
    return {"until": turn.asked.until.isoformat()}


def _unshelve(turn: Turn) -> dict[str, Any]:
    if turn.alert.shelved_until is None:
        raise MoveNotAllowed(Move.UNSHELVE, "not shelved")
    take_off_shelf(turn.alert, turn.ladder, turn.now)
    return {}


def take_off_shelf(alert: Alert, ladder: Ladder, now: datetime) -> None:
    """Back where it was; one that nobody had is due anew from now, and whose owner has it has their time anew."""
    alert.shelved_until = None
    if alert.state == State.RAISED:
        alert.due_at = ladder.due_at(Priority(alert.priority), now)
    else:
        alert.moved_at = now


def _resolve(turn: Turn) -> dict[str, Any]:
    asked = turn.asked
    assert asked.outcome is not None
    wanted = AskedFor(
        what=Move.RESOLVE, by=asked.caller.name, at=turn.now, because="", outcome=asked.outcome, breach=asked.breach,
        follow_up_at=asked.follow_up_at,
    )  # fmt: skip
    return _end_with(turn, wanted)


def _end_with(turn: Turn, wanted: AskedFor) -> dict[str, Any]:
    """Resolved, as somebody wanted it, and where that took two of them, both have."""
    alert = turn.alert
    assert wanted.outcome is not None
    if alert.acknowledged_by is None:
        # Who resolves it at once has answered for it.
        _answered_by(alert, wanted.by, turn.now)
    alert.state = State.RESOLVED.value
    alert.resolved_at, alert.outcome, alert.shelved_until = turn.now, wanted.outcome.value, None
    alert.breach, alert.follow_up_at = wanted.breach, wanted.follow_up_at
    end(alert)
    give_up_claim(turn.session, alert)
    is_false = wanted.outcome is Outcome.FALSE_MATCH
    _count(turn, is_false=is_false)
    if is_false:
        tell_keepers(turn.session, alert, turn.ids, turn.now)
    told: dict[str, Any] = {"outcome": wanted.outcome.value}
    if wanted.breach:
        told["breach"] = wanted.breach
    if wanted.follow_up_at:
        told["follow_up_at"] = wanted.follow_up_at.isoformat()
    return told


def _count(turn: Turn, *, is_false: bool) -> None:
    """What was found out counts in the run that the alert belongs to."""
    alert = turn.alert
    run = run_of(alert.force, alert.subject, alert.audience)
    known = {Breach.CONFIRMED.value: True, Breach.NOT_A_BREACH.value: False}
    if run is not None:
        breach = known.get(alert.breach or "")
        judge_contact(turn.session, run, alert.happening_id, is_false=is_false, breach=breach)


def _regrade(turn: Turn) -> dict[str, Any]:
    to = turn.asked.priority
    assert to is not None
    if to == turn.alert.priority:
        raise MoveNotAllowed(Move.REGRADE, f"{to} already")
    return _set_priority(turn, to, turn.asked.caller.name)


def _set_priority(turn: Turn, to: Priority, by: str) -> dict[str, Any]:
    """Another priority by people's judgement: what the facts call for is kept, so that no update undoes it."""
    alert, before = turn.alert, Priority(turn.alert.priority)
    called_for = Priority(alert.settled_below or before)
    alert.settled_below = called_for.value if RANK[to] > RANK[called_for] else None
    alert.priority, alert.priority_rank = to.value, RANK[to]
    alert.because = json.dumps([*json.loads(alert.because), f"regraded from {before} to {to} by {by}"])
    if alert.state == State.RAISED:
        alert.due_at = turn.ladder.due_at(to, turn.now)
    end(alert)
    return {"priority": [before.value, to.value]}


def _confirm(turn: Turn) -> dict[str, Any]:
    wanted, unsupervised = _agreed(turn, Move.CONFIRM)
    if wanted.what == Move.RESOLVE:
        told = _end_with(turn, wanted)
    else:
        assert wanted.to is not None
        told = _set_priority(turn, wanted.to, f"{wanted.by}, confirmed by {turn.asked.caller.name}")
    return {"what": wanted.what, "asked_by": wanted.by} | told | unsupervised


def _refuse(turn: Turn) -> dict[str, Any]:
    wanted, unsupervised = _agreed(turn, Move.REFUSE)
    end(turn.alert)
    if turn.alert.state == State.RAISED:
        turn.alert.due_at = turn.ladder.due_at(Priority(turn.alert.priority), turn.now)
    return {"what": wanted.what, "asked_by": wanted.by} | unsupervised


def _agreed(turn: Turn, move: Move) -> tuple[AskedFor, dict[str, Any]]:
    if turn.alert.awaiting is None:
        raise MoveNotAllowed(move, "awaiting nobody")
    wanted, unsupervised = agree(turn.session, turn.alert, turn.asked.caller, turn.now)
    return wanted, {"no_supervisor_was_signed_in": True} if unsupervised else {}


def _reopen(turn: Turn) -> dict[str, Any]:
    alert = turn.alert
    if alert.resolved_at is None or turn.now - alert.resolved_at > REOPEN_WITHIN:
        minutes = int(REOPEN_WITHIN.total_seconds() // 60)
        raise MoveNotAllowed(Move.REOPEN, f"resolved for more than {minutes} minutes")
    if alert.outcome == Outcome.FALSE_MATCH:
        take_back(turn.session, alert, turn.now)
    open_again(alert, turn.ladder, turn.now)
    alert.breach = alert.follow_up_at = None
    _count(turn, is_false=False)
    return {}


def open_again(alert: Alert, ladder: Ladder, now: datetime) -> None:
    """What was resolved is nobody's again, has come to nothing yet, and is due from now."""
    alert.resolved_at = alert.outcome = alert.acknowledged_by = alert.acknowledged_at = None
    alert.due_at = ladder.due_at(Priority(alert.priority), now)


def _incident(turn: Turn) -> dict[str, Any]:
    """The command-and-control reference as somebody typed it: it stands on the alert, and in no line of its history."""
    turn.alert.incident = turn.asked.incident
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
    Move.REGRADE: _regrade,
    Move.CONFIRM: _confirm,
    Move.REFUSE: _refuse,
    Move.INCIDENT: _incident,
    Move.NOTE: _note,
}
