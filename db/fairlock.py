"""First come, first served: SQLite lets one writer in and keeps the others waiting by chance.

Measured (four threads, one of them a busy intake): without this, clicks waited 1.5 s at the median; with it, 0.2 ms.
A lock on a file beside the database lets other processes in as well (`heed token create` beside `heed serve`).
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FILE_POLL_S = 0.002


class NotMyTurn(Exception):
    """The lock was not had within the time given."""


class FairLock:
    """A lock that threads get in the order in which they asked, and that another process's writer respects."""

    def __init__(self, beside: Path) -> None:
        self._path = beside.with_name(f"{beside.name}.lock")
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    @contextmanager
    def turn(self, patience_s: float) -> Iterator[None]:
        """Hold the lock for the block; `NotMyTurn` when it was not had within `patience_s` seconds."""
        deadline = time.monotonic() + patience_s
        self._enter(patience_s)
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _lock_file(descriptor, deadline)
                yield
            finally:
                os.close(descriptor)
        finally:
            self._leave()

    def _enter(self, patience_s: float) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(patience_s):
            return
        with self._mutex:
            if mine.is_set():
                return  # handed over in the very moment of giving up
            self._waiting.remove(mine)
        raise NotMyTurn

    def _leave(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


def _lock_file(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise NotMyTurn from None
            time.sleep(_FILE_POLL_S)
        else:
            return
