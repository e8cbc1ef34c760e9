"""Work that one process of all does: whoever takes the turn first does it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.engine import upsert


class Turn(Base):
    """When a piece of regular work was last begun, by whichever process."""

    __tablename__ = "turns"

    work: Mapped[str] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]


def take_turn(session: Session, work: str, now: datetime, within: timedelta) -> bool:
    """Is it this process's turn? Not where another has begun this work `within` the time before `now`."""
    table = Turn.__table__
    insert = upsert(session, table).values(work=work, taken_at=now)
    statement = insert.on_conflict_do_update(
        index_elements=["work"], set_={"taken_at": now}, where=table.c.taken_at <= now - within
    ).returning(table.c.work)
    return session.execute(statement).first() is not None


def was_done(session: Session, work: str, now: datetime, within: timedelta) -> bool:
    """Was this work done `within` the time before `now`, by whichever process?"""
    done = session.get(Turn, work)
    return done is not None and done.taken_at > now - within
