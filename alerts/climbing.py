"""One step up the ladder: in the open from desk to desk, in a circle from person to person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.people import Person, people_of_the_room
from access.roles import OPEN_AUDIENCE, Role
from alerts.desks import chain_of, fallbacks_in
from alerts.models import Alert, AlertDesk
from alerts.rules.ladder import Ladder, next_step
from alerts.rules.words import Priority, State
from alerts.runs import run_of
from markers.cases.queries import case_of
from markers.models import Marker


def climb(session: Session, alert: Alert, ladder: Ladder, now: datetime) -> dict[str, Any]:
    """Take an alert one step up, due anew; answers what its history says of it."""
    is_open = alert.audience == OPEN_AUDIENCE
    chain = chain_of(fallbacks_in(session, alert.force), alert.queue) if is_open else ()
    rungs = ladder.rungs(alert.queue, chain)
    step = next_step(ladder, Priority(alert.priority), alert.escalation_level, now, rungs)
    alert.escalation_level = step.level
    if alert.state == State.RAISED or alert.awaiting is not None:
        alert.due_at = step.due_at
    if not is_open:
        return {"level": step.level} | _inside(session, alert, step.level, now)
    if step.desk and session.get(AlertDesk, (alert.force, alert.id, step.desk)) is None:
        session.add(AlertDesk(force=alert.force, alert_id=alert.id, desk=step.desk, level=step.level))
    return {"level": step.level} | ({"desk": step.desk} if step.desk else {})


def _inside(session: Session, alert: Alert, level: int, now: datetime) -> dict[str, Any]:
    """In a circle: who keeps it, then the deputy, then all of its officers, by name; nobody outside is ever named."""
    readers = readers_of(session, alert, now)
    names = {person.name for person in readers}
    to = [name for name in _keepers(session, alert) if name in names]
    if level <= len(to):
        alert.assigned_to = to[level - 1]
        return {"to": to[level - 1]}
    officers = sorted({person.name for person in readers if person.role is Role.OFFICER})
    return {"officers": officers} if officers else {}


def _keepers(session: Session, alert: Alert) -> Sequence[str]:
    run = run_of(alert.force, alert.subject, alert.audience)
    if run is None:
        return ()
    kind, _, name = run.subject.partition(":")
    if kind == "case":
        case = case_of(session, run.force, run.audience, name)
        keepers = (case.officer, case.deputy) if case else ()
        return [keeper for keeper in keepers if keeper]
    placed_by = session.scalar(select(Marker.placed_by).where(Marker.force == run.force, Marker.id == UUID(name)))
    return [placed_by] if placed_by else []


def readers_of(session: Session, alert: Alert, now: datetime) -> list[Person]:
    """Those who answer alerts and may read this one: it can be handed to them."""
    return [person for person in people_of_the_room(session, alert.force, now) if person.reads(alert.audience)]
