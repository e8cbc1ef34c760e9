"""One group of events, one transaction: remember, match, join, raise, store; and how long it was in each room."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from access.tokens import TokenEnded, ended_among
from access.trail import Act, Operation, Recorder, Thing
from alerts.desks import PassingOn, routing_of
from alerts.events import Again, Fresh, OtherContent, Posted, Receipt, Remembered, keep_receipts, remember
from alerts.happenings import happenings_for
from alerts.present_forces import present_forces
from alerts.raising import Outcome, Raised, raise_alerts
from alerts.rules.ladder import Ladder
from alerts.setting import UTC_ZONE, Room
from alerts.storing import store
from db.clock import Clock
from db.ids import Ids
from markers.cases.watching import signs_for
from markers.keeping import ask_of_lapsed
from markers.matcher import Asked, Found, NotMatched, Reading, answers_to, keyed
from markers.matching.values import Problem

Result = Receipt | OtherContent | TokenEnded
log = logging.getLogger("heed.intake")

ROOMS = ("begin", "remember", "match", "join", "raise", "store", "commit")
"""Where a group spends its time, in this order."""


class Laps:
    """How long a group was in each room."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, room: str) -> None:
        """It leaves this room now."""
        now = time.monotonic()
        self.seconds[room] = now - self._last
        self._last = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that the writer works with. `looks_back`: markers placed later look back at what came before."""

    clock: Clock
    ids: Ids
    recorder: Recorder
    reading: Reading
    ladder: Ladder
    default_queue: str
    zone: ZoneInfo = UTC_ZONE
    channels: frozenset[str] = frozenset()
    looks_back: bool = True


def store_group(
    session: Session, events: Sequence[Posted], desk: Desk, laps: Laps
) -> tuple[list[Result], Outcome | None]:
    """One transaction's work: remember, match, join, raise, store; the receipts are true once it has ended.

    A token that has ended meanwhile is refused here, where it counts: who was asked a moment ago is not asked by each
    request.
    """
    now = desk.clock.now(session)
    ended = ended_among(session, {one.by for one in events if one.notice is None}, now)
    if not ended:
        return _taken(session, events, desk, laps, now)
    left = [one for one in events if one.by not in ended]
    taken, outcome = _taken(session, left, desk, laps, now) if left else ([], None)
    results = iter(taken)
    return [TokenEnded() if one.by in ended else next(results) for one in events], outcome


def _taken(
    session: Session, events: Sequence[Posted], desk: Desk, laps: Laps, now: datetime
) -> tuple[list[Result], Outcome | None]:
    remembered = remember(session, events, now, desk.ids)
    fresh = [one for one in remembered if isinstance(one, Fresh)]
    laps.lap("remember")
    room = Room(
        now, desk.ids, desk.ladder, desk.default_queue, desk.zone, desk.channels, desk.reading,
        present_forces(session, now), PassingOn(session, now, desk.default_queue), routing_of(session),
    )  # fmt: skip
    outcome = _take_fresh(session, fresh, desk, room, laps) if fresh else None
    receipts = {id(raised.fresh): _receipt(raised) for raised in outcome.raised} if outcome else {}
    results = [_result(one, remembered, receipts) for one in remembered]
    return results, outcome


def _take_fresh(session: Session, fresh: Sequence[Fresh], desk: Desk, room: Room, laps: Laps) -> Outcome:
    asked = [Asked(one.posted.parts, (one.occurred_at, one.received_at)) for one in fresh]
    # Asked before anything of the happenings is locked: others wait for these rows until we commit.
    questions = keyed(session, asked, desk.reading)
    lapsed: list[Found] = []
    answers = answers_to(session, questions, desk.reading, lapsed=lapsed)
    for one, question, answer in zip(fresh, questions, answers, strict=True):
        one.asked_keys = question.packed if desk.looks_back else None
        if isinstance(answer, NotMatched):
            log.error("event not matched", extra={"event_id": str(one.event_id), "reason": str(answer)})
            one.problems.append(
                Problem("body", "not_matched", "the service could not match this event; a person was told")
            )
    shown = signs_for(session, questions, desk.reading)
    signs = {one.event_id: found for one, found in zip(fresh, shown, strict=True) if found}
    laps.lap("match")
    ground = happenings_for(session, fresh, room.now, room.ids)
    laps.lap("join")
    outcome = raise_alerts(session, ground, list(zip(fresh, answers, strict=True)), room, signs)
    laps.lap("raise")
    keep_receipts(session, [(raised.fresh.posted, _receipt(raised)) for raised in outcome.raised])
    _record(session, fresh, desk, room)
    store(session, ground, outcome, room)
    if lapsed:
        ask_of_lapsed(session, {one.candidate.marker_id: one.candidate.force for one in lapsed}, room.ids, room.now)
    laps.lap("store")
    return outcome


def _receipt(raised: Raised) -> Receipt:
    fresh = raised.fresh
    return Receipt(fresh.event_id, fresh.received_at, tuple(fresh.problems), tuple(raised.alerts))


def _result(one: Remembered, remembered: Sequence[Remembered], receipts: dict[int, Receipt]) -> Result:
    if isinstance(one, Fresh):
        return receipts[id(one)]
    if isinstance(one, Again):
        return replace(receipts[id(remembered[one.first])], replayed=True)
    return one


def _record(session: Session, fresh: Sequence[Fresh], desk: Desk, room: Room) -> None:
    """One entry for the group and each token in it, naming its events."""
    by_token: dict[object, list[Fresh]] = {}
    for one in fresh:
        by_token.setdefault(one.posted.by, []).append(one)
    acts = [
        (
            None if events[0].posted.notice else events[0].posted.by,
            Act(
                operation=Operation.COLLECTION,
                action="post_events",
                objects=[Thing("event", one.event_id, 1, _audience_of(one)) for one in events],
                force=events[0].posted.by.force,
            ),
        )
        for events in by_token.values()
    ]
    desk.recorder.record_all(session, acts, room.now)


def _audience_of(fresh: Fresh) -> str:
    return fresh.posted.notice.audience if fresh.posted.notice else OPEN_AUDIENCE
