"""Every request is answered in time, whatever it waits for: a database that hangs holds threads, and no requests.

No time-out of a database ends every wait (a commit that waits for a standby, a server that is suspended), and a thread
that waits can't be ended. So the waiting itself is limited: past its deadline a request is answered 503, unknown, and
what it began is left to end by itself.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import WaitedTooLong
from web.problems import response_for

READS_S = 5.0
"""Seconds for everything that has no limit of its own; a statement has three."""


@dataclass(slots=True)
class _Underway:
    """A request: when it has to be answered, and how far it is. The clock stands while its body arrives."""

    limit_s: float
    deadline: float = field(init=False)
    is_reading: bool = False
    has_begun: bool = False
    is_abandoned: bool = False

    def __post_init__(self) -> None:
        self.wind_up()

    def wind_up(self) -> None:
        """The whole time is left."""
        self.deadline = time.monotonic() + self.limit_s

    def left(self) -> float:
        """Seconds that are left; `wind_up` starts anew while a body arrives, which has a limit of its own."""
        return self.limit_s if self.is_reading else self.deadline - time.monotonic()


class Deadline:
    """Answers 503 for requests that take too long to begin their answer. `limits` by path; `None` is no limit."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, float | None]) -> None:
        self._app = app
        self._limits = limits
        self._left_behind: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        limit_s = self._limits.get(scope.get("path", ""), READS_S)
        if scope["type"] != "http" or limit_s is None:
            await self._app(scope, receive, send)
            return
        underway = _Underway(limit_s)

        async def receiving() -> Message:
            underway.is_reading = True
            try:
                return await receive()
            finally:
                underway.is_reading = False
                underway.wind_up()

        async def sending(message: Message) -> None:
            if not underway.is_abandoned:
                underway.has_begun = True
                await send(message)

        task = asyncio.ensure_future(self._app(scope, receiving, sending))
        try:
            while not (task.done() or underway.has_begun or underway.left() <= 0):
                await asyncio.wait({task}, timeout=max(0.0, underway.left()))
            if task.done() or underway.has_begun:
                await task
                return
        except asyncio.CancelledError:
            # The server ends, and waits no longer: what the request has to put in order gets a moment.
            self._leave_behind(task)
            await asyncio.wait({task}, timeout=1.0)
            raise
        underway.is_abandoned = True
        self._leave_behind(task)
        await response_for(WaitedTooLong())(scope, receive, send)

    def _leave_behind(self, task: "asyncio.Task[None]") -> None:
        """It ends when its thread does; whatever it ends with is of no use to anybody."""
        task.cancel()
        self._left_behind.add(task)

        def ended(gone: "asyncio.Task[None]") -> None:
            self._left_behind.discard(gone)
            if not gone.cancelled():
                gone.exception()

        task.add_done_callback(ended)
