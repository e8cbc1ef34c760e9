"""May streams go on? Asked for all that are open at once, of tokens and of sessions."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from access import sessions, tokens
from access.roles import Caller

AT_ONCE = 200
"""Callers in one statement."""


def no_longer(session: Session, callers: Collection[Caller], now: datetime) -> set[Caller]:
    """Those whose token or session has ended, or says something else than when their stream began."""
    gone: set[Caller] = set()
    for in_session, still_good in ((True, sessions.still_good), (False, tokens.still_good)):
        for some in _by(AT_ONCE, [caller for caller in callers if caller.in_session is in_session]):
            gone |= set(some) - still_good(session, some, now)
    return gone


def _by(size: int, callers: Sequence[Caller]) -> Iterator[list[Caller]]:
    rest = iter(callers)
    while some := list(islice(rest, size)):
        yield some
