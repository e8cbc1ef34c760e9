"""The two engines, and all that differs between them. Nowhere else is a dialect named.

SQLite (WAL, `synchronous=FULL`) is the embedded default; PostgreSQL 15 or later is what a control room runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import (
    ColumnElement,
    Engine,
    FromClause,
    LargeBinary,
    Select,
    Table,
    bindparam,
    event,
    func,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.orm import QueryableAttribute, Session
from sqlalchemy.pool import NullPool

READING = "heed_reading"
"""Execution option of a transaction that only reads: it begins without asking for the write lock."""


class UnusableDatabase(ValueError):
    """The database URL names nothing that Heed can keep its data in."""


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """How long PostgreSQL lets a connection of ours hold others up, in milliseconds."""

    statement_ms: int
    lock_ms: int
    idle_in_transaction_ms: int


FOR_REQUESTS = TimeOuts(statement_ms=3000, lock_ms=1000, idle_in_transaction_ms=5000)
FOR_THE_WRITER = TimeOuts(statement_ms=5000, lock_ms=2000, idle_in_transaction_ms=3000)
FOR_MIGRATIONS = TimeOuts(statement_ms=0, lock_ms=1000, idle_in_transaction_ms=0)


def url_of(given: str) -> URL:
    """`sqlite:///FILE` or `postgresql://…` as SQLAlchemy wants it; anything else is refused."""
    try:
        url = make_url(given)
    except sqlalchemy.exc.ArgumentError:
        raise UnusableDatabase("the database URL is neither sqlite:///FILE nor postgresql://…") from None
    kind = url.get_backend_name()
    if kind == "postgresql" or url.drivername == "postgres":
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise UnusableDatabase("the database URL is neither sqlite:///FILE nor postgresql://…")


def sqlite_file(url: URL) -> Path | None:
    """The file that an SQLite database is; `None` for a server's."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def weighs_indexes(session: Session) -> bool:
    """Does the database know how many rows an index leaves? SQLite goes by what stands in the statement alone."""
    return _is_postgres(session.get_bind().dialect.name)


def make_engine(url: URL, timeouts: TimeOuts, pool_size: int) -> Engine:
    """A pool of connections, each with its time-outs (PostgreSQL) or its pragmas (SQLite) set."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool_size)
    try:
        return sqlalchemy.create_engine(
            url,
            connect_args=_connect_args(timeouts),
            pool_size=pool_size,
            max_overflow=2,
            pool_timeout=0.5,
            pool_recycle=1800,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except ModuleNotFoundError:
        raise UnusableDatabase("for PostgreSQL, install Heed with its extra: heed-service[postgres]") from None


def _connect_args(timeouts: TimeOuts) -> dict[str, Any]:
    """Neither keepalives nor the user time-out alone sees a cut line; both together do, in about four seconds."""
    options = {
        "statement_timeout": timeouts.statement_ms,
        "lock_timeout": timeouts.lock_ms,
        "idle_in_transaction_session_timeout": timeouts.idle_in_transaction_ms,
        "client_connection_check_interval": 1000,
        # The server's side of the line: it frees the locks of a host that is gone.
        "tcp_keepalives_idle": 5,
        "tcp_keepalives_interval": 1,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 5000,
        "timezone": "UTC",
    }
    return {
        "connect_timeout": 2,
        "keepalives": 1,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": 4000,
        "application_name": "heed",
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
    }


def _sqlite_engine(url: URL, pool_size: int) -> Engine:
    engine = sqlalchemy.create_engine(
        url, connect_args={"timeout": 1.0}, pool_size=pool_size, max_overflow=40, pool_timeout=0.5, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        # We begin transactions ourselves: the driver would begin them late, and not as writers.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "journal_size_limit=67108864",
            "trusted_schema=OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def reading_engine(engine: Engine) -> Engine:
    """The same pool, for transactions that see one snapshot and write nothing."""
    if _is_postgres(engine.dialect.name):
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(**{READING: True})


def bell_engine(url: URL) -> Engine | None:
    """Connections for LISTEN and NOTIFY, outside any transaction; `None` where the database knows neither."""
    if url.get_backend_name() == "sqlite":
        return None
    args = _connect_args(FOR_REQUESTS)
    return sqlalchemy.create_engine(url, connect_args=args, poolclass=NullPool, isolation_level="AUTOCOMMIT")


def database_time(session: Session) -> datetime | None:
    """The moment by PostgreSQL's clock; `None` on SQLite, whose clock is the host's."""
    if not _is_postgres(session.get_bind().dialect.name):
        return None
    moment: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def upsert(session: Session, table: FromClause) -> "postgresql.Insert | sqlite.Insert":
    """`INSERT` with `ON CONFLICT`, which both engines spell alike and SQLAlchemy keeps in two places."""
    assert isinstance(table, Table)
    if _is_postgres(session.get_bind().dialect.name):
        return postgresql.insert(table)
    return sqlite.insert(table)


def any_of(session: Session, column: QueryableAttribute[bytes], values: Sequence[bytes]) -> ColumnElement[bool]:
    """`column` is one of `values`: one array parameter on PostgreSQL, a parameter for each on SQLite."""
    if _is_postgres(session.get_bind().dialect.name):
        listed = bindparam(None, list(values), type_=postgresql.ARRAY(LargeBinary))
        return column == func.any(listed)
    return column.in_(values)


def found_first(session: Session, column: QueryableAttribute[Any], asked: "Select[Any]") -> list[ColumnElement[bool]]:
    """`column` is one of what `asked` finds, and that is found before anything is joined.

    PostgreSQL's planner, without statistics (a database just filled), reads a whole table beside a handful of rows; an
    array it takes for a few, and uses the key. SQLite reads a materialized query first by itself.
    """
    if _is_postgres(session.get_bind().dialect.name):
        return [column == func.any(func.array(asked.scalar_subquery()))]
    return []


def only_where(condition: str) -> dict[str, Any]:
    """Arguments that make an index hold only the rows for which `condition` is true."""
    return {f"{engine}_where": text(condition) for engine in ("postgresql", "sqlite")}


def clustered() -> dict[str, bool]:
    """Arguments that keep a table's rows in the order of its primary key, where the engine can (SQLite)."""
    return {"sqlite_with_rowid": False}


def safety_of(connection: Connection) -> Sequence[str]:
    """What is wrong with how the engine keeps a commit; empty when an acknowledged row survives a power cut."""
    if not _is_postgres(connection.dialect.name):
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        return [
            *(["journal_mode is not WAL"] if journal != "wal" else []),
            *(["synchronous is not FULL"] if synchronous < 2 else []),
        ]
    shown = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in _MUST_BE_ON}
    return [f"{name} is off" for name, value in shown.items() if value == "off"]


_MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")

MIGRATION_LOCK = 4_733_640_107_230_519
"""The advisory lock that one migrating process holds; a number of ours, the same everywhere."""


def hold_migration_lock(connection: Connection) -> None:
    """Wait for another process's migration to end (PostgreSQL; on SQLite the writer's lock does it).

    However long that one takes; a table's lock, asked for later, is waited for a second only, since everybody else
    would stand behind us.
    """
    if _is_postgres(connection.dialect.name):
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = {FOR_MIGRATIONS.lock_ms}"))


def _is_postgres(dialect: str) -> bool:
    return dialect == "postgresql"
