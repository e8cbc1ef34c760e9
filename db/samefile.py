"""Is the SQLite file still the one that our connections have open?

Moved away or replaced while the service runs, it goes on to take what is written, and nobody finds it again: SQLite
itself does not look in WAL mode. So it is looked at before each transaction and, before anybody is answered, after it.
"""

from collections.abc import Callable
from pathlib import Path

from db.errors import StorageUnavailable

Identity = tuple[int, int]
"""Device and inode."""


class SameFile:
    """The file at a path. `forget` lets go of the connections to one that is no longer there."""

    def __init__(self, path: Path, forget: Callable[[], None]) -> None:
        self._path = path
        self._forget = forget
        self._known: Identity | None = None

    def found(self) -> Identity:
        """The file that is there now; `StorageUnavailable` when there is none."""
        try:
            seen = self._path.stat()
        except OSError:
            raise StorageUnavailable("SQLITE_CANTOPEN") from None
        identity = (seen.st_dev, seen.st_ino)
        if self._known not in (None, identity):
            self._forget()
        self._known = identity
        return identity

    def is_still(self, identity: Identity) -> None:
        """What was just stored is in the file that whoever comes next will open; else nobody may be told so."""
        if self.found() != identity:
            raise StorageUnavailable("SQLITE_MOVED")
