"""How often something may be tried: GCRA in one statement, so that all processes agree and a burst is exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.orm import Session

from access.models import Rate
from db.base import table_of
from db.engine import upsert
from db.keyring import Use
from db.sealed import keys_of


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` tries at once; then one every `every`."""

    what: str
    burst: int
    every: timedelta


BY_NAME = Limit("name", 8, timedelta(minutes=1))
"""Tries for one name: a tired person's, and not a guesser's."""
BY_ADDRESS = Limit("address", 40, timedelta(seconds=10))
"""Tries from one address: a whole control room may stand behind it at the change of a shift."""


def try_once(session: Session, limit: Limit, whose: str, now: datetime) -> bool:
    """Count a try; is it still within the limit?"""
    cost, at = _micro(limit.every), _moment(now)
    table = table_of(Rate)
    spent = table.c.spent_until
    add = upsert(session, table).values(digest=_digest(session, limit, whose), spent_until=at + cost)
    counted = add.on_conflict_do_update(
        index_elements=["digest"],
        set_={"spent_until": case((spent > at, spent), else_=at) + cost},
        where=spent <= at + (limit.burst - 1) * cost,
    ).returning(spent)
    return session.execute(counted).first() is not None


def forgive(session: Session, limit: Limit, whose: str) -> None:
    """Who got it right has tried nothing."""
    session.execute(delete(Rate).where(Rate.digest == _digest(session, limit, whose)))


def forget_spent(session: Session, now: datetime) -> int:
    """Drop what limits nobody any more; how many."""
    gone = session.scalars(delete(Rate).where(Rate.spent_until < _moment(now)).returning(Rate.digest))
    found: Sequence[bytes] = gone.all()
    return len(found)


def _digest(session: Session, limit: Limit, whose: str) -> bytes:
    return keys_of(session).digest_of(Use.RATE, f"{limit.what}\x00{whose.casefold()}")


def _micro(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


def _moment(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
