"""All tables of all packages, and the migrations that make them.

Alembic's configuration is built here in code, so that it runs from any folder and from the wheel; its scripts get the
connection and the tables handed over and import nothing of ours.
"""

import os
import time
from collections.abc import MutableMapping
from functools import cache
from importlib.resources import files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, select
from sqlalchemy.exc import SQLAlchemyError

import access.models
import alerts.desk_models
import alerts.event_models
import alerts.models
import alerts.partner_models
import alerts.unstored
import db.keycheck
import db.migrations
import db.positions
import db.turns
import markers.case_models
import markers.models
from db.base import Base
from db.engine import FOR_MIGRATIONS, FOR_REQUESTS, hold_migration_lock, make_engine, sqlite_file, url_of
from db.errors import Contended, translated
from heed.settings import Settings

# Named so that the imports above are plainly wanted: each brings its tables into the metadata.
TABLES_OF = (
    access.models,
    alerts.desk_models,
    alerts.event_models,
    alerts.models,
    alerts.partner_models,
    alerts.unstored,
    db.keycheck,
    db.positions,
    db.turns,
    markers.case_models,
    markers.models,
)


MIGRATION_PATIENCE_S = 60.0
"""Seconds for which a migration that stands in others' way, or they in its, is tried again."""
_AGAIN_S = 0.5


class NotAtHead(Exception):
    """The database's schema is not the one that this version of Heed wants."""


def metadata() -> MetaData:
    """The tables of all packages."""
    return Base.metadata


def configuration(connection: Connection | None) -> Config:
    """Alembic's configuration for one connection; without one, for what stands in the scripts alone."""
    config = Config()
    config.set_main_option("script_location", str(files(db.migrations)))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata()
    return config


def migrate(url: str, to: str = "head") -> None:
    """Bring the database at `url` to a revision; one process at a time, however many start together.

    A table that is in use is waited for a second at a time, and then asked for again: who waits longer makes all others
    wait behind it.
    """
    _make_file(url)
    engine = make_engine(url_of(url), FOR_MIGRATIONS, pool_size=1)
    deadline = time.monotonic() + MIGRATION_PATIENCE_S
    try:
        while not _migrated(engine, to, is_last_try=time.monotonic() > deadline):
            time.sleep(_AGAIN_S)
    finally:
        engine.dispose()


def _make_file(url: str) -> None:
    """An SQLite file that only its owner reads, from its first moment; those beside it get its mode."""
    file = sqlite_file(url_of(url))
    if file is not None and not file.exists():
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _migrated(engine: Engine, to: str, *, is_last_try: bool) -> bool:
    try:
        with engine.begin() as connection:
            hold_migration_lock(connection)
            going_up = to == "head" or to not in _revisions_of(connection)
            (command.upgrade if going_up else command.downgrade)(configuration(connection), to)
    except SQLAlchemyError as error:
        told = translated(error)
        if is_last_try or not isinstance(told, Contended):
            raise told from None
        return False
    return True


def _revisions_of(connection: Connection) -> set[str]:
    """The revisions that the database has been through, its own included."""
    script = ScriptDirectory.from_config(configuration(connection))
    current = MigrationContext.configure(connection).get_current_revision()
    passed = {step.revision for step in script.iterate_revisions(current, "base")} if current else set()
    return passed | {"base"}


def is_unused(url: str) -> bool:
    """Does the database at `url` hold nothing: neither tables of others nor a row in ours?"""
    file = sqlite_file(url_of(url))
    if file is not None and not file.exists():
        return True
    engine = make_engine(url_of(url), FOR_REQUESTS, pool_size=1)
    try:
        with engine.connect() as connection:
            found = set(inspect(connection).get_table_names()) - {"alembic_version"}
            ours = metadata().tables
            return found <= ours.keys() and not any(
                connection.execute(select(ours[name]).limit(1)).first() for name in found
            )
    except SQLAlchemyError as error:
        raise translated(error) from None
    finally:
        engine.dispose()


def is_at_head(connection: Connection) -> bool:
    """Is the schema the one that this version wants?"""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    """The newest revision that this version knows; read once, for this is asked every second."""
    return ScriptDirectory.from_config(configuration(None)).get_current_head()


def for_alembic(attributes: MutableMapping[str, Any]) -> None:
    """Hand Alembic's own command line (for those who write migrations) what its scripts need."""
    engine = make_engine(url_of(Settings().database_url), FOR_MIGRATIONS, pool_size=1)
    attributes["connection"] = engine.connect()
    attributes["metadata"] = metadata()
