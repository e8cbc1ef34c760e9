"""The schema is made by migrations alone, and says what the models say, on both engines."""

import threading
import time
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, inspect, text

from db.base import Base
from db.engine import MIGRATION_LOCK
from db.session import Database
from heed.schema import configuration, is_at_head, metadata, migrate
from tests.builders import KEYS, a_marker, an_event, from_number
from tests.world import a_world

NOT_OWNED_BY_A_FORCE = {"case_keys", "gazetteer", "gazetteer_keys", "key_checks", "match_keys", "rates", "turns"}
"""The service's own keys and regular work; and what is found whichever force takes the call: markers and orders."""


def test_models_and_migrations_agree(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata()) == []
        assert is_at_head(connection)


def test_the_steps_are_one_line_without_branches(db: Database) -> None:
    with db.engine.connect() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
    assert len(script.get_heads()) == len(script.get_bases()) == 1


def test_every_unique_key_of_a_table_that_a_force_owns_begins_with_the_force() -> None:
    wrong = []
    for table in Base.metadata.sorted_tables:
        if table.name in NOT_OWNED_BY_A_FORCE:
            continue
        keys = [list(table.primary_key.columns)]
        keys += [list(unique.columns) for unique in table.constraints if isinstance(unique, UniqueConstraint)]
        keys += [list(index.columns) for index in table.indexes if index.unique]
        wrong += [(table.name, [column.name for column in key]) for key in keys if key[0].name != "force"]
    assert wrong == []


def test_every_constraint_has_a_name() -> None:
    unnamed = [
        (table.name, constraint) for table in Base.metadata.sorted_tables for constraint in table.constraints
        if not constraint.name
    ]  # fmt: skip
    assert unnamed == []


def test_the_schema_goes_up_down_and_up_again_with_data_in_it(engines: Any) -> None:
    with engines.fresh() as url:
        with a_world(url) as world:
            world.post("/v1/markers", a_marker(), "Owen")
            world.post("/v1/events", an_event(**from_number()), "Tess")
        migrate(url, "base")
        db = Database(url, KEYS)
        with db.engine.connect() as connection:
            left = set(inspect(connection).get_table_names())
        assert left == {"alembic_version"}
        migrate(url)
        with db.engine.connect() as connection:
            assert is_at_head(connection)
            assert connection.execute(text("SELECT count(*) FROM alerts")).scalar() == 0
        db.close()


@pytest.mark.parametrize(
    "holds", ["SELECT count(*) FROM alerts", f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"],
    ids=["a reader of a table that is to be changed", "another process that migrates"],
)  # fmt: skip
def test_a_migration_waits_for_whoever_is_there_and_keeps_nobody_waiting_for_long(
    postgres_server: Any, holds: str
) -> None:
    with postgres_server.fresh() as url:
        db = Database(url, KEYS)
        failures: list[BaseException] = []

        def go_down() -> None:
            try:
                migrate(url, "base")
            except BaseException as error:  # noqa: BLE001  told by the assertion below
                failures.append(error)

        migrating = threading.Thread(target=go_down)
        with db.engine.begin() as connection:
            connection.execute(text(holds))
            migrating.start()
            for _ in range(8):
                time.sleep(0.25)
                # It holds on to what it has: a connection that does nothing for five seconds is cut off.
                connection.execute(text("SELECT 1"))
                with db.reading() as session:
                    # Stands behind the waiting migration, and must be let through before its own time-out.
                    session.execute(text("SELECT count(*) FROM alerts"))
        migrating.join(20)
        assert failures == []
        with db.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
        db.close()


@pytest.mark.parametrize("name", ["event_keys", "happening_refs", "open_alerts", "feeds"])
def test_the_tables_that_settle_races_are_tables_of_their_own(name: str) -> None:
    assert name in Base.metadata.tables
