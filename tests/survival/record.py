"""What clients asked and were told, written down as it happens; the checker reads this and the database, no more.

An operation ends `ok` (a whole answer of 200 or 201), `fail` (an answer that says that nothing was stored) or `unknown`
(everything else: no answer, or 503). A 503 is unknown: what was not acknowledged may be there.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Told(StrEnum):
    """How an operation ended."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


def told_by(status: int) -> Told:
    """What a status says about what is stored."""
    if status in (200, 201):
        return Told.OK
    return Told.FAIL if status in (401, 403, 404, 409, 412, 413, 415, 422) else Told.UNKNOWN


@dataclass(frozen=True, slots=True)
class Post:
    """One event sent once: `story` is the call it belongs to, `marked` whether its number is."""

    client: str
    source: str
    id: str
    story: str
    marked: bool
    content: str
    told: Told
    status: int = 0
    event: str | None = None
    alerts: tuple[str, ...] = ()
    replayed: bool = False
    began: float = 0.0
    ended: float = 0.0
    retry_after: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A person's move on an alert."""

    who: str
    move: str
    alert: str
    told: Told
    status: int = 0
    version: int = 0
    has_it: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a stream: which alert, at which version, at which position."""

    screen: str
    alert: str
    version: int
    position: str


@dataclass
class Record:
    """All of it, in the order in which it ended; also as lines of a file, so that a failing run can be read later."""

    file: Path
    posts: list[Post] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, post: Post) -> None:
        """A post has ended."""
        self._keep("post", self.posts, post)

    def move(self, move: Move) -> None:
        """A move has ended."""
        self._keep("move", self.moves, move)

    def hear(self, heard: Heard) -> None:
        """A screen was told."""
        self._keep("heard", self.heard, heard)

    def _keep(self, kind: str, among: list[Any], one: Any) -> None:
        line = json.dumps({"kind": kind, "at": time.monotonic()} | asdict(one))
        with self._lock:
            among.append(one)
            with self.file.open("a") as file:
                file.write(line + "\n")

    def acknowledged(self) -> list[Post]:
        """Posts that were answered as stored."""
        with self._lock:
            return [post for post in self.posts if post.told is Told.OK]
