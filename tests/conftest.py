"""Fixtures that all rooms share."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from db.session import Database
from tests.builders import KEYS, FixedClock
from tests.engines import PostgresServer, SqliteFiles
from tests.world import World, a_world

hypothesis_settings.register_profile("heed", deadline=None, derandomize=True, max_examples=200)
hypothesis_settings.load_profile("heed")


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with ExitStack() as stack:
        yield PostgresServer(stack)


@pytest.fixture(params=["sqlite", "postgres"])
def engines(request: pytest.FixtureRequest) -> Any:
    """Both engines, one after the other."""
    return request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_server")


@pytest.fixture
def url(engines: Any) -> Iterator[str]:
    """A migrated database of the test's own."""
    with engines.fresh() as fresh:
        yield fresh


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = Database(url, KEYS)
    yield database
    database.close()


@pytest.fixture
def world(url: str) -> Iterator[World]:
    """The service with its cast."""
    with a_world(url) as made:
        yield made
