"""What every table shares: the names of constraints, times in UTC, and the types of columns."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name that a migration can speak of, the same on both engines."""


class NaiveTime(ValueError):
    """A time without an offset was about to be stored: nobody could say which moment it means."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, stored and read in UTC on both engines. A naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is written: the moment in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTime("a time without an offset cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """What is read: SQLite gives the time back without its offset, which is UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """The mapped classes of all packages."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        datetime: UtcTime,
        UUID: Uuid,
        bytes: LargeBinary,
        str: Text,
    }


def table_of(model: type[Base]) -> Table:
    """A mapped class's table: plain inserts into it cost less than the mapper's, and tell how many rows they made."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def rowcount_of(result: Any) -> int:
    """How many rows a plain statement made, changed or removed."""
    count: int = result.rowcount
    return count
