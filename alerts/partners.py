"""Partners: whom to tell and where; what waits for each, what arrived, and what was given up."""

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from access.roles import Caller, audiences_of
from alerts.outbox import DEAD, SENT, WAITING
from alerts.partner_models import Partner, PartnerNotice
from db.ids import Ids, Randomness

SECRET_BYTES = 32
OLD_SECRET_SIGNS_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=90)
"""For how long it is listed that a notice arrived, or was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSeen:
    """A partner with what waits for it; `oldest_waiting_at` says since when."""

    partner: str
    url: str
    enabled: bool
    set_by: str
    set_at: datetime
    waiting: int
    sent: int
    dead: int
    oldest_waiting_at: datetime | None
    last_sent_at: datetime | None


def new_partner_secret(randomness: Randomness) -> str:
    """A signing secret as Standard Webhooks writes it: 32 random bytes behind `whsec_`."""
    return "whsec_" + base64.b64encode(randomness(SECRET_BYTES)).decode()


def set_partner(
    session: Session, caller: Caller, wanted: tuple[str, str, bool], secret: str, moment: tuple[datetime, Ids]
) -> tuple[Partner, bool]:
    """Tell a partner at this address from now on, or (not enabled) no longer; true where it is new, with `secret`."""
    (name, url, enabled), (now, ids) = wanted, moment
    row = session.get(Partner, (caller.force, name), with_for_update=True)
    is_new = row is None
    if row is None:
        row = Partner(force=caller.force, name=name, id=ids(), last_sequence=0)
        session.add(row)
        row.secret = secret
    row.url, row.set_by, row.set_at = url, caller.name, now
    row.disabled_at = None if enabled else (row.disabled_at or now)
    session.flush()
    return row, is_new


def renew_secret(session: Session, force: str, name: str, secret: str, now: datetime) -> Partner | None:
    """Sign with a new secret; the old one signs beside it for a day, so that nothing is refused meanwhile."""
    row = session.get(Partner, (force, name), with_for_update=True)
    if row is not None:
        row.old_secret, row.old_secret_until = row.secret, now + OLD_SECRET_SIGNS_FOR
        row.secret = secret
        session.flush()
    return row


def partners_seen(session: Session, caller: Caller) -> list[PartnerSeen]:
    """The partners of the caller's force, by name, with what waits for each, as far as the caller reads of it."""
    figures = _figures(session, caller)
    rows = session.scalars(select(Partner).where(Partner.force == caller.force).order_by(Partner.name)).all()
    nothing = {WAITING: (0, None, None), SENT: (0, None, None), DEAD: (0, None, None)}
    told = []
    for row in rows:
        mine = nothing | figures.get(row.name, {})
        told.append(
            PartnerSeen(
                partner=row.name, url=row.url, enabled=row.disabled_at is None, set_by=row.set_by, set_at=row.set_at,
                waiting=mine[WAITING][0], sent=mine[SENT][0], dead=mine[DEAD][0], oldest_waiting_at=mine[WAITING][1],
                last_sent_at=mine[SENT][2],
            )
        )  # fmt: skip
    return told


_Figures = dict[str, tuple[int, datetime | None, datetime | None]]


def _readable_by(caller: Caller) -> ColumnElement[bool]:
    """What a circle tells a partner is counted and listed in the circle alone."""
    return and_(PartnerNotice.force == caller.force, PartnerNotice.audience.in_(sorted(audiences_of(caller))))


def _figures(session: Session, caller: Caller) -> dict[str, _Figures]:
    columns = (
        PartnerNotice.partner, PartnerNotice.state, func.count(), func.min(PartnerNotice.made_at),
        func.max(PartnerNotice.ended_at),
    )  # fmt: skip
    asked = select(*columns).where(_readable_by(caller)).group_by(PartnerNotice.partner, PartnerNotice.state)
    found: dict[str, _Figures] = {}
    for partner, state, count, oldest, newest in session.execute(asked):
        found.setdefault(partner, {})[state] = (count, oldest, newest)
    return found


def notices_of(session: Session, caller: Caller, name: str, state: str | None, limit: int) -> Sequence[PartnerNotice]:
    """A partner's notices in their order, of one state or all; the newest `limit` of them."""
    asked = select(PartnerNotice).where(_readable_by(caller), PartnerNotice.partner == name)
    if state is not None:
        asked = asked.where(PartnerNotice.state == state)
    rows = session.scalars(asked.order_by(PartnerNotice.sequence.desc()).limit(limit)).all()
    return list(reversed(rows))


def replay(session: Session, caller: Caller, name: str, ids: Collection[UUID] | None, now: datetime) -> int:
    """Send again what was given up: these, or all of a partner's; answers how many. Each keeps its id and its place."""
    dead = and_(_readable_by(caller), PartnerNotice.partner == name, PartnerNotice.state == DEAD)
    these = dead if ids is None else and_(dead, PartnerNotice.id.in_(ids))
    again = update(PartnerNotice).where(these).values(
        state=WAITING, attempts=0, made_at=now, next_at=now, ended_at=None, failed_with=None
    )  # fmt: skip
    return len(session.scalars(again.returning(PartnerNotice.id)).all())


def forget_notices(session: Session, before: datetime) -> int:
    """Drop what arrived, or was given up, before then; answers how many."""
    gone = delete(PartnerNotice).where(PartnerNotice.ended_at < before)
    return len(session.scalars(gone.returning(PartnerNotice.id)).all())


def partner_names(session: Session, force: str) -> set[str]:
    """The partners that a force tells by webhook: what a case says of any other one tells nobody anything."""
    return set(session.scalars(select(Partner.name).where(Partner.force == force)))
