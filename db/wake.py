"""Waking those who wait for changes. A wake-up only says "look": what is sent is read from the tables.

PostgreSQL: `NOTIFY` takes a database-wide lock at commit (inside every intake transaction it cut the rate up to 3.8
times), so it is sent outside, from a thread of its own, gathered. SQLite: only this process is woken; others look by
themselves every two seconds, as everybody does who may have missed a ring.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from db.engine import bell_engine

CHANNEL = "heed_changed"
_GATHER_S = 0.005
_PATIENCE_S = 1.0
_AGAIN_S = 1.0


class Bell:
    """Rung after a commit that changed a feed; whoever listens in this process is called, from any thread."""

    def __init__(self) -> None:
        self._listeners: set[Callable[[], None]] = set()
        self._mutex = threading.Lock()

    def ring(self) -> None:
        """Say "look" to everybody who listens."""
        self._call()

    def _call(self) -> None:
        with self._mutex:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    @contextlib.contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` at each ring, for as long as the block lasts; it must neither wait nor raise."""
        with self._mutex:
            self._listeners.add(listener)
        try:
            yield
        finally:
            with self._mutex:
                self._listeners.discard(listener)

    def open(self) -> None:
        """Start hearing other processes, where the database can tell of them."""

    def close(self) -> None:
        """Stop hearing them."""

    def seconds_since_beat(self) -> float:
        """How long ago it last showed that it lives; here no thread is needed for it."""
        return 0.0


class NotifyingBell(Bell):
    """A bell heard in every process of one PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._beats: dict[Callable[[Any], None], float] = {}

    def ring(self) -> None:
        """Here at once; to the others gathered, a few milliseconds later."""
        self._call()
        self._rung.set()

    def open(self) -> None:
        """Start the two threads: one tells, one hears."""
        for work in (self._tell, self._hear):
            self._beats[work] = time.monotonic()
            thread = threading.Thread(
                target=self._for_ever, args=(work,), name=f"heed-bell{work.__name__}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """End both threads."""
        self._stopping.set()
        self._rung.set()
        if self._threads:
            # Rung once more, so that the thread that hears need not wait for its patience to end.
            with contextlib.suppress(Exception), self._engine.connect() as connection:
                connection.execute(text(f"NOTIFY {CHANNEL}"))
        for thread in self._threads:
            thread.join(2 * _PATIENCE_S)
        self._engine.dispose()

    def seconds_since_beat(self) -> float:
        """How long ago the more silent of the two threads showed that it lives, connected or not."""
        return time.monotonic() - min(self._beats.values(), default=time.monotonic())

    def _for_ever(self, work: Callable[[Any], None]) -> None:
        """A lost connection is made again: until then, others look by themselves."""
        while not self._stopping.is_set():
            self._beats[work] = time.monotonic()
            try:
                with self._engine.connect() as connection:
                    work(connection)
            except Exception:  # noqa: BLE001  the driver's own errors have no common base with SQLAlchemy's
                # What was rung and not told stays rung.
                self._rung.set()
                self._stopping.wait(_AGAIN_S)

    def _tell(self, connection: Any) -> None:
        while not self._stopping.is_set():
            self._beats[self._tell] = time.monotonic()
            if self._rung.wait(_PATIENCE_S) and not self._stopping.is_set():
                self._rung.clear()
                connection.execute(text(f"NOTIFY {CHANNEL}"))
                self._stopping.wait(_GATHER_S)

    def _hear(self, connection: Any) -> None:
        connection.execute(text(f"LISTEN {CHANNEL}"))
        driver = connection.connection.driver_connection
        while not self._stopping.is_set():
            self._beats[self._hear] = time.monotonic()
            for _ in driver.notifies(timeout=_PATIENCE_S, stop_after=1):
                self._call()


def bell_for(url: URL) -> Bell:
    """The bell of this database."""
    engine = bell_engine(url)
    return NotifyingBell(engine) if engine else Bell()
