"""The nightly drill: every active marker is played through the matching path; one that would not fire raises an alert.

At a gentle rate, so that nobody's event waits: some markers at a time, in a short snapshot of their own. What has
failed is told to the marker's own desk by an alert of the marker's own audience, once, until that one is resolved.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from alerts.events import Notice, Posted, told_by_service
from alerts.intake import Intake
from alerts.queries import is_open_about
from db.clock import Clock
from db.ids import Ids
from db.session import Database
from db.turns import take_turn, was_done
from markers.drill import Drilled, drill, mark_proven, news_of
from markers.keeping import ask_of_failed_drill
from markers.matcher import Reading
from markers.models import Marker
from markers.queries import status_is, targets_of, with_targets
from markers.words import Status

AT_ONCE = 50
PAUSE_S = 0.25
"""Between them, so that 100,000 markers take some ten minutes."""
ANSWERED_WITHIN_S = 30.0
WORK = "nightly_drill"
DONE = "nightly_drill_done"
ONCE_IN = timedelta(hours=12)
LEASE = timedelta(hours=1)
"""A drill whose process died is begun anew by another after this."""
SOURCE = "heed/nightly-drill"
BECAUSE = "the nightly drill: this marker would no longer fire"
log = logging.getLogger("heed.nightly")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the drill works with."""

    db: Database
    clock: Clock
    intake: Intake
    reading: Reading
    default_queue: str
    ids: Ids


def drill_all(ground: Ground, pause: Callable[[float], object] = time.sleep) -> int:
    """One night's drill, by the first process that takes the turn; answers how many markers were drilled."""
    with ground.db.transaction() as session:
        now = ground.clock.now(session)
        if was_done(session, DONE, now, ONCE_IN) or not take_turn(session, WORK, now, LEASE):
            return 0
    count = 0
    after: tuple[str, UUID] | None = None
    while True:
        with ground.db.reading() as session:
            markers = _active_after(session, after, ground)
            notices, news = _drilled(session, markers, ground)
        _keep(ground, news)
        for answer in ground.intake.take(notices):
            answer.result(ANSWERED_WITHIN_S)
        count += len(markers)
        if len(markers) < AT_ONCE:
            with ground.db.transaction() as session:
                take_turn(session, DONE, ground.clock.now(session), timedelta(0))
            # How many failed is told by their alerts: some may be a circle's.
            log.info("the nightly drill has ended")
            return count
        after = (markers[-1].force, markers[-1].id)
        pause(PAUSE_S)


def _active_after(session: Session, after: tuple[str, UUID] | None, ground: Ground) -> Sequence[Marker]:
    order = (Marker.force, Marker.id)
    statement = select(Marker).where(status_is(Status.ACTIVE, ground.clock.now(session))).order_by(*order)
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    return session.scalars(statement.limit(AT_ONCE)).all()


_News = dict[tuple[str, UUID], Sequence[Drilled]]
"""A marker's force and id → what became of its targets, where one failed, or that is not what is kept of them."""


def _drilled(session: Session, markers: Sequence[Marker], ground: Ground) -> tuple[list[Posted], _News]:
    """What desks are to be told, and what is to be kept."""
    now = ground.clock.now(session)
    notices: list[Posted] = []
    news: _News = {}
    for force in dict.fromkeys(marker.force for marker in markers):
        own = with_targets(session, [marker for marker in markers if marker.force == force])
        for marker_id, drilled in drill(session, own, ground.reading, now).items():
            marker, targets = own[marker_id]
            failed = [one for one in drilled if one.fails]
            if failed or news_of(targets, drilled):
                news[force, marker_id] = drilled
            if failed and not is_open_about(session, force, _subject(marker), marker.audience):
                notices.append(_notice(marker, failed, ground.default_queue, f"{marker_id}:{now.isoformat()}"))
    return notices, news


def _keep(ground: Ground, news: _News) -> None:
    if not news:
        return
    with ground.db.transaction() as session:
        now = ground.clock.now(session)
        for (force, marker_id), drilled in sorted(news.items()):
            mark_proven(targets_of(session, force, [marker_id])[marker_id], drilled, now)
            failed = [one.index for one in drilled if one.fails]
            if failed:
                marker = session.get_one(Marker, (force, marker_id))
                ask_of_failed_drill(session, marker, failed, ground.ids, now)


def _subject(marker: Marker) -> str:
    return f"drill:{marker.id}"


def _notice(marker: Marker, failed: Sequence[Drilled], default_queue: str, event_id: str) -> Posted:
    """What the desk is told: which marker and which of its targets, and never a number or an address."""
    named = marker.reference or f"with the id {marker.id}"
    which = ", ".join(str(one.index + 1) for one in failed)
    told = "its text can't be opened" if any(one.cannot_fire for one in failed) else "it was not found"
    summary = f"The marker {named} would no longer fire. Drilled, target {which}: {told}. Tell its officer."
    queue = marker.queue or default_queue
    notice = Notice(subject=_subject(marker), queue=queue, audience=marker.audience, because=BECAUSE)
    return told_by_service(marker.force, SOURCE, event_id, summary, notice)
