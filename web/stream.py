"""The live queue: one message for each change, in the order of commit, resumed by position with nothing missed.

A stream holds a position and no queue: what it sends is read from the table when the last message was taken, so a
reader that is stuck costs nothing. Streams that show the same view at the same position share one look. A beat every
five seconds proves that the line is live and the list whole; it keeps its own time, so that a change hidden from a
reader leaves no trace. No session is held while a stream waits.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import anyio
from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from access import welcome
from access.roles import Caller
from access.trail import Act, Operation, Outcome, Recorder, Thing
from alerts.feed import Position, View, begin_at, changes_after, where_now
from alerts.seen import AlertSeen, things_on
from db.clock import Clock
from db.errors import StorageError, StorageUnavailable
from db.ids import Randomness
from db.positions import reached
from db.sealed import unopened_in
from db.session import Database

BEAT_S = 5.0
SLOW_POLL_S = 2.0
"""A lost wake-up costs at most this."""
SHARED_FOR_S = 0.25
"""A look is shared this long at most, and never past the next ring of the bell."""
PROBE_S = 1.0
TRAIL_EVERY_S = 60.0
SOONEST_BACK_MS, LATEST_BACK_MS = 200, 2000
"""When a screen that was told goodbye comes back."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the feed, rendered once for all streams that share it."""

    messages: tuple[tuple[str, str, Sequence[Thing]], ...]
    upto: Position
    is_whole: bool
    is_reset: bool
    open: int
    at: datetime
    unopened: tuple[str, ...]


@dataclass(slots=True)
class _Shared:
    look: "asyncio.Task[Look]"
    generation: int
    since: float


@dataclass(slots=True)
class _Sent:
    """What a stream has shown since its last entry in the trail."""

    shown: dict[UUID | str, Thing] = field(default_factory=dict)
    unopened: set[str] = field(default_factory=set)
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Face:
    """How alerts are told to one kind of reader: the name of the messages, and what each says.

    What it says may depend on the view's force, role, desks and desk, and on nothing else of its reader: readers with
    the same view share it.
    """

    event: str
    render: Callable[[AlertSeen, View], str]


@dataclass(slots=True)
class Reader:
    """Somebody who follows the queue: what they see, where they stand, and how they are told."""

    view: View
    position: Position
    face: Face
    sent: _Sent = field(default_factory=_Sent)


class Hub:
    """Wakes the streams of one process, and shares their looks at the feed."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        recorder: Recorder,
        randomness: Randomness,
    ) -> None:
        self._db = db
        self._randomness = randomness
        self._clock = clock
        self._recorder = recorder
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung = asyncio.Event()
        self._generation = 0
        self._looks: dict[tuple[Any, ...], _Shared] = {}
        self._asking: set[asyncio.Task[Look]] = set()
        self._beat = time.monotonic()
        self._probing: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self.stopping = False
        self.streams = 0

    @contextlib.contextmanager
    def listening(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Hear the bell for as long as the block lasts."""
        self._loop = loop

        def wake() -> None:
            loop.call_soon_threadsafe(self._wake)

        self._probing = loop.create_task(self._probe())
        with self._db.bell.listening(wake):
            yield

    def stop(self) -> None:
        """Tell every stream to say goodbye; may be called from any thread, and from a signal handler."""
        self.stopping = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    async def settle(self) -> None:
        """Wait for the looks under way: a reader may have gone while its look still holds a connection."""
        self._over.set()
        probing = [self._probing] if self._probing else []
        # Waited for and not cancelled: a cancelled wait would leave its thread behind, with a connection.
        await asyncio.gather(*self._asking, *probing, return_exceptions=True)

    def seconds_since_beat(self) -> float:
        """How long ago the loop last turned and the feed could be read."""
        return time.monotonic() - self._beat

    async def _probe(self) -> None:
        """Read the feed as a stream would, also while nobody listens: `/readyz` must not find out from a screen."""
        while not self._over.is_set():
            with contextlib.suppress(StorageError):
                await run_in_threadpool(self._ask_how_far)
                self._beat = time.monotonic()
            await _wait(self._over, PROBE_S)

    def _ask_how_far(self) -> None:
        with self._db.reading() as session:
            reached(session, "")

    def _wake(self) -> None:
        self._generation += 1
        self._looks.clear()
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    @contextlib.asynccontextmanager
    async def reading(self, view: View, after: str | None, face: Face) -> AsyncIterator[Reader]:
        """A stream's reader, behind `after` or at this very moment: asked before the head is sent.

        What was shown and stands in no entry yet is recorded when the block ends, which the request's own end sees to:
        a generator that nobody closes would be ended by chance, and after the database.
        """
        position = Position.read(after) if after is not None else None

        def ask() -> Position:
            with self._db.reading() as session:
                return begin_at(session, view, position) if position else where_now(session, view)

        reader = Reader(view, await run_in_threadpool(ask), face)
        self.streams += 1
        try:
            yield reader
        finally:
            self.streams -= 1
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._record, view.caller, reader.sent)

    async def look(self, reader: Reader) -> Look:
        """What is to be sent behind a position; asked once for all streams that stand there together."""
        view, position, face = reader.view, reader.position, reader.face
        key = (face.event, view.key(), position)
        shared = self._looks.get(key)
        now = time.monotonic()
        if shared is None or shared.generation != self._generation or now - shared.since > SHARED_FOR_S:
            task = asyncio.ensure_future(run_in_threadpool(self._read, view, position, face))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            shared = self._looks[key] = _Shared(task, self._generation, now)
        return await asyncio.shield(shared.look)

    def _read(self, view: View, position: Position, face: Face) -> Look:
        with self._db.reading() as session:
            glimpse = changes_after(session, view, position)
            messages = tuple(
                (str(message.position), face.render(message.alert, view), things_on(message.alert))
                for message in glimpse.messages
            )
            return Look(
                messages=messages,
                upto=glimpse.upto,
                is_whole=glimpse.is_whole,
                is_reset=glimpse.is_reset,
                open=glimpse.open,
                at=self._clock.now(session),
                unopened=tuple(unopened_in(session)),
            )

    async def stream(self, reader: Reader) -> AsyncIterator[ServerSentEvent]:
        """The messages of one reader, until they go, their token ends, or the service stops."""
        next_beat = next_check = time.monotonic()
        while True:
            rung = self._rung
            if self.stopping:
                yield self._bye()
                return
            if time.monotonic() >= next_check:
                if not await run_in_threadpool(self._is_welcome, reader.view.caller):
                    return
                next_check = time.monotonic() + BEAT_S
            try:
                look = await self.look(reader)
            except StorageUnavailable:
                # No beat without a look: a silent line shows the reader that the list may not be whole.
                await _wait(rung, 1.0)
                continue
            for message in _messages(look, reader):
                yield message
            reader.position = look.upto
            if look.is_whole and time.monotonic() >= next_beat:
                yield _beat(look)
                next_beat = time.monotonic() + BEAT_S
            if time.monotonic() - reader.sent.since > TRAIL_EVERY_S:
                shown, reader.sent = reader.sent, _Sent()
                await run_in_threadpool(self._record, reader.view.caller, shown)
            if look.is_whole:
                await _wait(rung, min(SLOW_POLL_S, max(0.0, next_beat - time.monotonic())))

    def _bye(self) -> ServerSentEvent:
        # Spread, or all screens come back in one instant.
        spread = int.from_bytes(self._randomness(2)) % (LATEST_BACK_MS - SOONEST_BACK_MS)
        return ServerSentEvent(event="bye", raw_data="{}", retry=SOONEST_BACK_MS + spread)

    def _is_welcome(self, caller: Caller) -> bool:
        try:
            with self._db.reading() as session:
                return welcome.is_still_good(session, caller, self._clock.now(session))
        except StorageUnavailable:
            return True

    def _record(self, caller: Caller, sent: _Sent) -> None:
        """A stream's entry names what it has shown since the last; nothing shown, nothing written."""
        if not sent.shown:
            return
        act = Act(
            operation=Operation.CONSULTATION,
            action="stream_alerts",
            outcome=Outcome.SHOWN,
            objects=list(sent.shown.values()),
        )
        with contextlib.suppress(StorageUnavailable), self._db.transaction() as session:
            unopened_in(session).extend(sorted(sent.unopened))
            self._recorder.record(session, caller, act, self._clock.now(session))


async def _wait(rung: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(rung.wait(), seconds)


def _messages(look: Look, reader: Reader) -> Iterator[ServerSentEvent]:
    """What a look has to say, each noted as shown to the reader."""
    reader.sent.unopened.update(look.unopened)
    if look.is_reset:
        yield ServerSentEvent(event="reset", raw_data=json.dumps({"position": str(look.upto)}))
    for message_id, body, things in look.messages:
        reader.sent.shown.update((thing.id, thing) for thing in things)
        yield ServerSentEvent(event=reader.face.event, id=message_id, raw_data=body)


def _beat(look: Look) -> ServerSentEvent:
    at = look.at.isoformat().replace("+00:00", "Z")
    return ServerSentEvent(event="beat", raw_data=json.dumps({"at": at, "position": str(look.upto), "open": look.open}))
