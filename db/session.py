"""The one place where a transaction begins and ends.

What a block in `transaction()` did is stored when the block has ended, and undone when it raised; only then may an
answer be given. `reading()` sees one snapshot and stores nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from db.engine import FOR_REQUESTS, FOR_THE_WRITER, make_engine, reading_engine, sqlite_file, url_of
from db.errors import Contended, translated
from db.fairlock import FairLock, NotMyTurn
from db.keyring import KeyRing
from db.positions import changed_in
from db.samefile import SameFile
from db.wake import Bell, bell_for

WRITE_PATIENCE_S = 2.0
"""Seconds that a writer on SQLite waits for its turn before it is told to ask again."""


class _Undone(Exception):
    """A rehearsal's transaction is to leave nothing."""


class Database:
    """Where everything is kept. One per process; the intake's writer has a connection of its own (`for_writer`)."""

    def __init__(self, url: str, keys: KeyRing, *, pool_size: int = 10, beside: "Database | None" = None) -> None:
        self.url = url_of(url)
        self.keys = keys
        file = sqlite_file(self.url)
        self.bell: Bell = beside.bell if beside else bell_for(self.url)
        self.lock: FairLock | None = beside.lock if beside else (FairLock(file) if file else None)
        self._owns_bell = beside is None
        self.engine = make_engine(self.url, FOR_THE_WRITER if beside else FOR_REQUESTS, pool_size)
        self._same = SameFile(file, self.engine.dispose) if file else None
        info = {"keys": keys}
        self._writing = sessionmaker(self.engine, info=info, expire_on_commit=False)
        self._reading = sessionmaker(reading_engine(self.engine), info=info, expire_on_commit=False, autoflush=False)

    def for_writer(self) -> "Database":
        """The same database by a connection of its own, with the writer's time-outs, which no request can use up."""
        return Database(self.url.render_as_string(hide_password=False), self.keys, pool_size=1, beside=self)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One unit of work: stored when the block ends, undone when it raises; then, if alerts changed, the bell."""
        try:
            with self._turn(), self._in_the_same_file(), self._writing.begin() as session:
                yield session
        except NotMyTurn:
            raise Contended("write_lock") from None
        except SQLAlchemyError as error:
            raise translated(error) from None
        if changed_in(session):
            self.bell.ring()
        for act in _acts_after(session):
            act()

    @contextmanager
    def rehearsal(self) -> Iterator[Session]:
        """A unit of work that is done in earnest and then taken back: nothing of it stays, whatever happens."""
        with suppress(_Undone), self.transaction() as session:
            yield session
            raise _Undone

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One snapshot of everything, for as long as the block lasts: keep it short."""
        try:
            with self._in_the_same_file(), self._reading.begin() as session:
                yield session
        except SQLAlchemyError as error:
            raise translated(error) from None

    def _turn(self) -> AbstractContextManager[None]:
        return self.lock.turn(WRITE_PATIENCE_S) if self.lock else nullcontext()

    @contextmanager
    def _in_the_same_file(self) -> Iterator[None]:
        if self._same is None:
            yield
            return
        identity = self._same.found()
        yield
        self._same.is_still(identity)

    def close(self) -> None:
        """Give all connections back."""
        if self._owns_bell:
            self.bell.close()
        self.engine.dispose()


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Have `act` done once this session's transaction is stored; never, if it is undone."""
    _acts_after(session).append(act)


def _acts_after(session: Session) -> list[Callable[[], None]]:
    acts: list[Callable[[], None]] = session.info.setdefault("after_commit", [])
    return acts
