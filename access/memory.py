"""Who was asked for their token a moment ago: so that a feed's every event does not ask the database again.

Only for what is asked once more before it counts: the intake's transaction refuses a token that has ended meanwhile.
"""

import time
from collections.abc import Callable

from access.roles import Caller
from access.tokens import hash_of

REMEMBERED_S = 5.0
AT_MOST = 10_000
"""Tokens; more than so many at once are asked for again."""


class Memory:
    """Callers by their token's hash, for some seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[bytes, tuple[Caller, float]] = {}

    def get(self, secret: str) -> Caller | None:
        """Whose token this was, a moment ago."""
        found = self._known.get(hash_of(secret))
        return found[0] if found and self._monotonic() < found[1] else None

    def keep(self, secret: str, caller: Caller) -> None:
        """This token was good just now."""
        if len(self._known) >= AT_MOST:
            self._known.clear()
        self._known[hash_of(secret)] = (caller, self._monotonic() + REMEMBERED_S)

    def forget(self, caller: Caller) -> None:
        """It has ended."""
        for key in [key for key, (known, _) in self._known.items() if known.token_id == caller.token_id]:
            self._known.pop(key, None)
