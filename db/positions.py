"""Counters of the feeds: gapless and in commit order.

A sequence numbers rows in the order of allocation, so that a reader who asks for "everything after 17" misses 16 for
ever if it commits later (tried: 8,418 of 20,456). A counter row keeps its lock until commit, so it is taken **last**:
every writer waits on it until we commit, and all lock in this order (rows by id, then `open`, then `circle`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.engine import upsert


class Feed(StrEnum):
    """`OPEN` is for everybody; `CIRCLE` counts what only closed circles see, so that nobody outside sees a gap."""

    OPEN = "open"
    CIRCLE = "circle"


class Counter(Base):
    """How far a force's feed has come: its last position, and the last alert's number."""

    __tablename__ = "feeds"

    force: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    number: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many positions and alert numbers a transaction needs of one feed."""

    changes: int = 0
    alerts: int = 0

    def __add__(self, other: "Wanted") -> "Wanted":
        return Wanted(self.changes + other.changes, self.alerts + other.alerts)


@dataclass(slots=True)
class Taken:
    """What was given: hand them out in order."""

    next_position: int
    next_number: int

    def position(self) -> int:
        """The next position of those taken."""
        self.next_position += 1
        return self.next_position - 1

    def number(self) -> int:
        """The next alert number of those taken."""
        self.next_number += 1
        return self.next_number - 1


def take(session: Session, wanted: Mapping[tuple[str, Feed], Wanted]) -> dict[tuple[str, Feed], Taken]:
    """Positions and numbers for (force, feed), held until this transaction ends; nothing but inserts may follow."""
    table = Counter.__table__
    taken = {}
    for (force, feed), wants in sorted(wanted.items(), key=lambda item: (item[0][1] is Feed.CIRCLE, item[0][0])):
        insert = upsert(session, table).values(
            force=force, feed=feed.value, position=wants.changes, number=wants.alerts
        )
        statement = insert.on_conflict_do_update(
            index_elements=["force", "feed"],
            set_={
                "position": table.c.position + insert.excluded.position,
                "number": table.c.number + insert.excluded.number,
            },
        ).returning(table.c.position, table.c.number)
        position, number = session.execute(statement).one()
        taken[force, feed] = Taken(position - wants.changes + 1, number - wants.alerts + 1)
    session.info["feeds_changed"] = True
    return taken


def reached(session: Session, force: str) -> dict[Feed, int]:
    """The last position of each of a force's feeds, as this session sees it."""
    found = session.execute(select(Counter.feed, Counter.position).where(Counter.force == force))
    positions = {Feed(feed): position for feed, position in found}
    return {feed: positions.get(feed, 0) for feed in Feed}


def changed_in(session: Session) -> bool:
    """Has this session's transaction changed a feed? Then somebody is to be woken after it."""
    return bool(session.info.pop("feeds_changed", False))
