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
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import anyio
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from access import welcome
from access.roles import Caller
from access.trail import Act, Operation, Outcome, Recorder
from alerts.feed import Glimpse, Position, View, begin_at, changes_after, where_now
from alerts.seen import things_on
from db.clock import Clock
from db.errors import StorageError, StorageUnavailable
from db.ids import Randomness
from db.positions import reached
from db.sealed import unopened_in
from db.session import Database
from web.readers import Face, Look, Reader, Sent

BEAT_S = 5.0
SLOW_POLL_S = 2.0
"""A lost wake-up costs at most this."""
SHARED_FOR_S = 0.25
"""A look is shared this long at most, and never past the next ring of the bell."""
PROBE_S = 1.0
TRAIL_EVERY_S = 60.0
NOTED_AT_ONCE = 20
SOONEST_BACK_MS, LATEST_BACK_MS = 200, 2000
"""When a screen that was told goodbye comes back."""


@dataclass(slots=True)
class _Shared:
    look: "asyncio.Task[Look]"
    generation: int
    since: float


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
        self._readers: set[Reader] = set()

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._readers)

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
        """Read the feed as a stream would, also while nobody listens: `/readyz` must not find out from a screen.

        And ask of everybody who listens whether they still may, in one question: asked by each stream for itself, two
        hundred screens kept a change waiting for a third of a second (measured).
        """
        next_check = 0.0
        while not self._over.is_set():
            with contextlib.suppress(StorageError):
                await run_in_threadpool(self._ask_how_far)
                self._beat = time.monotonic()
                if self._beat >= next_check:
                    await self._send_away()
                    next_check = self._beat + BEAT_S
                await self._note_shown()
            await _wait(self._over, PROBE_S)

    def _ask_how_far(self) -> None:
        with self._db.reading() as session:
            reached(session, "")

    async def _send_away(self) -> None:
        readers = list(self._readers)
        gone = await run_in_threadpool(self._no_longer, {reader.view.caller for reader in readers})
        for reader in readers:
            reader.is_welcome = reader.view.caller not in gone
        if gone:
            self._wake()

    async def _note_shown(self) -> None:
        """What streams have shown for a minute goes into the trail, some at a time: two hundred began together."""
        before = time.monotonic() - TRAIL_EVERY_S
        due = [reader for reader in self._readers if reader.sent.since < before and reader.sent.shown][:NOTED_AT_ONCE]
        if due:
            shown = [(reader.view.caller, reader.sent) for reader in due]
            for reader in due:
                reader.sent = Sent()
            await run_in_threadpool(self._record, shown)

    def _no_longer(self, callers: set[Caller]) -> set[Caller]:
        with self._db.reading() as session:
            return welcome.no_longer(session, callers, self._clock.now(session))

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
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._record, [(view.caller, reader.sent)])

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
            glimpse = changes_after(session, view, position, self._clock.now(session))
            told = [
                format_sse_event(event=face.event, id=str(one.position), data_str=face.render(one.alert, view))
                for one in glimpse.messages
            ]
            if glimpse.is_reset:
                data = json.dumps({"position": str(glimpse.upto)})
                told.insert(0, format_sse_event(event="reset", data_str=data))
            return Look(
                wire=b"".join(told),
                beat=_beat(glimpse, self._clock.now(session)),
                shows={thing.id: thing for one in glimpse.messages for thing in things_on(one.alert)},
                upto=glimpse.upto,
                is_whole=glimpse.is_whole,
                unopened=tuple(unopened_in(session)),
            )

    async def stream(self, reader: Reader) -> AsyncIterator[bytes]:
        """What one reader is sent, until they go, their token or session ends, or the service stops."""
        next_beat = time.monotonic()
        while reader.is_welcome:
            rung = self._rung
            if self.stopping:
                yield self._bye()
                return
            try:
                look = await self.look(reader)
            except StorageUnavailable:
                # No beat without a look: a silent line shows the reader that the list may not be whole.
                await _wait(rung, 1.0)
                continue
            reader.sent.unopened.update(look.unopened)
            reader.sent.shown.update(look.shows)
            reader.position = look.upto
            beats = look.is_whole and time.monotonic() >= next_beat
            if beats:
                next_beat = time.monotonic() + BEAT_S
            if look.wire or beats:
                yield look.wire + (look.beat if beats else b"")
            if look.is_whole:
                await _wait(rung, min(SLOW_POLL_S, max(0.0, next_beat - time.monotonic())))

    def _bye(self) -> bytes:
        # Spread, or all screens come back in one instant.
        spread = int.from_bytes(self._randomness(2)) % (LATEST_BACK_MS - SOONEST_BACK_MS)
        return format_sse_event(event="bye", data_str="{}", retry=SOONEST_BACK_MS + spread)

    def _record(self, shown: Sequence[tuple[Caller, Sent]]) -> None:
        """A stream's entry names what it has shown since the last; nothing shown, nothing written."""
        acts = [
            (caller, Act(operation=Operation.CONSULTATION, action="stream_alerts", outcome=Outcome.SHOWN,
                         objects=list(sent.shown.values())))
            for caller, sent in shown if sent.shown
        ]  # fmt: skip
        if not acts:
            return
        with contextlib.suppress(StorageUnavailable), self._db.transaction() as session:
            unopened_in(session).extend(sorted({name for _, sent in shown for name in sent.unopened}))
            self._recorder.record_all(session, acts, self._clock.now(session))


async def _wait(rung: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(rung.wait(), seconds)


def _beat(glimpse: Glimpse, now: datetime) -> bytes:
    at = now.isoformat().replace("+00:00", "Z")
    data = {"at": at, "position": str(glimpse.upto), "open": glimpse.open}
    return format_sse_event(event="beat", data_str=json.dumps(data))
