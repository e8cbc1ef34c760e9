"""Every desk at a glance: who is there, what waits, since when, and by when it has to be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from access.roles import Caller
from access.sessions import seats
from alerts.desks import circles_of, desks_named, fallbacks_in, sits_at
from alerts.models import Alert, AlertDesk
from alerts.queries import IS_OPEN, readable_by
from alerts.rules.words import State


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSeen:
    """A desk as it stands. `open` counts what is not resolved; `waiting` what nobody has and is on no shelf.

    `people` is how many are there; `present` names them at the caller's own desks, and at those of the settings: at any
    other one, which may be a closed circle, who is there is nobody else's to know.
    """

    desk: str
    fallback: str | None
    people: int
    present: Sequence[str]
    open: int
    waiting: int
    oldest_waiting_at: datetime | None
    next_due_at: datetime | None


def desks_seen(session: Session, caller: Caller, plain: Sequence[str], now: datetime) -> list[DeskSeen]:
    """The desks of a force: those of the settings (`plain`, the default one first), those that were set, are routed to
    or have open alerts, and the caller's own. What is counted is what the caller reads: a circle's alerts name its desk
    to its own people alone.
    """
    force = caller.force
    figures = _figures(session, caller)
    fallbacks = fallbacks_in(session, force)
    named = {*plain, *figures, *desks_named(session, force)}
    named |= caller.desks
    taken = seats(session, force, now)
    # At a closed circle of others nobody is seen, as at a desk that nobody sits at.
    hidden = circles_of(session, force) - caller.desks
    here = {
        desk: sorted({name for name, desks in taken if desk not in hidden and sits_at(desks, desk, plain[0])})
        for desk in named
    }
    named_to = {*plain, *caller.desks}
    nothing = {"open": 0, "waiting": 0, "oldest_waiting_at": None, "next_due_at": None}
    return [
        DeskSeen(
            desk=desk, fallback=fallbacks.get(desk), people=len(here[desk]),
            present=here[desk] if desk in named_to else (), **figures.get(desk, nothing),
        )
        for desk in sorted(named)
    ]  # fmt: skip


def _figures(session: Session, caller: Caller) -> dict[str, dict[str, Any]]:
    waits = (Alert.state == State.RAISED.value) & Alert.shelved_until.is_(None)
    asked = (
        select(
            AlertDesk.desk, func.count(), func.sum(case((waits, 1), else_=0)),
            func.min(case((waits, Alert.raised_at))), func.min(case((waits, Alert.due_at))),
        )
        .join(Alert, (Alert.force == AlertDesk.force) & (Alert.id == AlertDesk.alert_id))
        .where(readable_by(caller), IS_OPEN)
        .group_by(AlertDesk.desk)
    )  # fmt: skip
    return {
        desk: {"open": count, "waiting": waiting or 0, "oldest_waiting_at": oldest, "next_due_at": due}
        for desk, count, waiting, oldest, due in session.execute(asked)
    }
