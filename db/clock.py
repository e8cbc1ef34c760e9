"""What time is it? Asked of the database, so that many hosts have one time; a test brings its own clock."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from db.engine import database_time


class Clock(Protocol):
    """The moment at which something happens, in UTC."""

    def now(self, session: Session) -> datetime:
        """The moment, as this session's database tells it."""
        ...


class DatabaseClock:
    """The real clock: PostgreSQL's own; on SQLite the host's, where the database is."""

    def now(self, session: Session) -> datetime:
        """One question to the database on PostgreSQL; none on SQLite."""
        return database_time(session) or datetime.now(UTC)
