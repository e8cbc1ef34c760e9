"""What can go wrong with the storage, in our words.

A database's own message may print the row that it refuses (`Failing row contains (…)`): it stays in this room. What
leaves it has the SQLSTATE (or SQLite's error name) and the constraint's name, and nothing else.
"""

import re

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StorageError(Exception):
    """Something went wrong in the storage; `code` is its SQLSTATE or SQLite's name for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StorageUnavailable(StorageError):
    """The database is gone, hanging, full or not taking writes: what was asked may have happened or not."""


class Contended(StorageUnavailable):
    """Another transaction was in the way; asked again, it may well succeed."""


class StorageFull(StorageUnavailable):
    """There is no space, or writing fails: asking again at once does not help."""


class DataRefused(StorageError):
    """The database refuses these very data; asked again, it would again. `constraint` names which rule."""

    def __init__(self, code: str, constraint: str = "") -> None:
        super().__init__(code)
        self.constraint = constraint


_KINDS: tuple[tuple[tuple[str, ...], type[StorageError]], ...] = (
    (("53100", "53200", "58030", "SQLITE_FULL", "SQLITE_IOERR"), StorageFull),
    (("40001", "40P01", "55P03", "57014", "25P03", "SQLITE_BUSY", "SQLITE_LOCKED"), Contended),
    (("08", "57P", "53", "XX001", "XX002", "25006"), StorageUnavailable),
    (("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_NOTADB", "SQLITE_CORRUPT"), StorageUnavailable),
)
"""What a code begins with → what it means; the first that fits.

Any other code is about these very data (a key too long for its index is an `OperationalError`, too): taken for an
outage, one such event would keep its whole group waiting, again and again.
"""


_NO_SCHEMA = ("42P01", "42703", "3F000")
_NO_SUCH = ("no such table", "no such column", "table ")
"""A table or column is missing: the schema is not this version's, and no statement of ours is wrong by itself."""


def translated(error: SQLAlchemyError) -> Exception:
    """`error` in our words; raise it `from None`, or its own text goes along in the traceback."""
    if isinstance(error, PoolTimeout):
        return Contended("pool_timeout")
    if not isinstance(error, DBAPIError):
        return error
    code = _code_of(error)
    if code in _NO_SCHEMA or (code == "SQLITE_ERROR" and str(error.orig).startswith(_NO_SUCH)):
        return StorageUnavailable("schema")
    kind = next((kind for begins, kind in _KINDS if code.startswith(begins)), None)
    if kind is not None:
        return kind(code)
    # A failed connect has no code at all, and `connection_invalidated` is false for it.
    if error.connection_invalidated or (isinstance(error, OperationalError) and not code):
        return StorageUnavailable(code or "connection")
    return DataRefused(code or type(error.orig).__name__, _constraint_of(error))


def _code_of(error: DBAPIError) -> str:
    for name in ("sqlstate", "sqlite_errorname"):
        code = getattr(error.orig, name, None)
        if code:
            return str(code)
    return ""


def _constraint_of(error: DBAPIError) -> str:
    """The constraint's name; SQLite names the columns of a unique key instead (`markers.force, markers.reference`)."""
    named = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if named:
        return str(named)
    found = re.search(r"UNIQUE constraint failed: ([\w., ]+)", str(error.orig))
    return found.group(1) if found else ""
