"""Who is asking, and may their role do this? One declaration for each route, as a type in its signature.

A permission comes first in every signature, so that 401 and 403 are answered before a body is read.
"""

import contextlib
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from access import tokens
from access.roles import Caller, Permission
from access.trail import Act, Operation, Outcome
from db.errors import StorageUnavailable
from web.errors import NotPermitted, Unauthenticated
from web.house import House, house_of

LONGEST_TOKEN = 200


class May:
    """The dependency that lets in whose role has `permission`."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Caller:
        """The caller, or `Unauthenticated` or `NotPermitted`."""
        secret = _bearer(request)
        caller = await run_in_threadpool(_identify, house_of(request), secret)
        request.state.caller = caller
        if not caller.may(self.permission):
            raise NotPermitted
        return caller


class MayPost(May):
    """The same for events, which ask once more before they are stored: a feed is known for some seconds."""

    async def __call__(self, request: Request) -> Caller:
        """The caller, as they were a moment ago or are now."""
        house, secret = house_of(request), _bearer(request)
        caller = house.memory.get(secret)
        if caller is None:
            caller = await super().__call__(request)
            house.memory.keep(secret, caller)
        request.state.caller = caller
        return caller

    async def again(self, request: Request) -> None:
        """Ask the database now: before somebody is told what is wrong with what they sent."""
        house_of(request).memory.forget(caller_of(request))
        await super().__call__(request)


def caller_of(request: Request) -> Caller:
    """Who was let in."""
    caller: Caller = request.state.caller
    return caller


def late_comer(house: House, caller: Caller) -> None:
    """The token of somebody who was known a moment ago has ended."""
    house.memory.forget(caller)
    _record_late_comer(house, caller)


def _bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(secret.strip()) <= LONGEST_TOKEN:
        raise Unauthenticated
    return secret.strip()


def _identify(house: House, secret: str) -> Caller:
    with house.db.reading() as session:
        known = tokens.known_by(session, secret, house.clock.now(session))
    if known is None:
        raise Unauthenticated
    if not known.is_good:
        _record_late_comer(house, known.caller)
        raise Unauthenticated
    if known.to_touch:
        _touch(house, known.caller)
    return known.caller


def _record_late_comer(house: House, caller: Caller) -> None:
    """A token that was revoked or has expired tells whose it was: its use is a refusal that somebody should see."""
    act = Act(operation=Operation.REFUSAL, action="sign_in", outcome=Outcome.REFUSED)
    with contextlib.suppress(StorageUnavailable):
        house.record(caller, act)


def _touch(house: House, caller: Caller) -> None:
    """That a token was used is worth a note, and never worth a refusal."""
    try:
        with house.db.transaction() as session:
            tokens.touch(session, caller, house.clock.now(session))
    except StorageUnavailable:
        return


POSTS_EVENTS = MayPost(Permission.POST_EVENTS)
PostsBatches = Annotated[Caller, Depends(May(Permission.POST_EVENTS))]
ReadsMarkers = Annotated[Caller, Depends(May(Permission.READ_MARKERS))]
KeepsMarkers = Annotated[Caller, Depends(May(Permission.KEEP_MARKERS))]
LooksUp = Annotated[Caller, Depends(May(Permission.LOOK_UP))]
ReadsAlerts = Annotated[Caller, Depends(May(Permission.READ_ALERTS))]
MovesAlerts = Annotated[Caller, Depends(May(Permission.MOVE_ALERTS))]
ReadsCases = Annotated[Caller, Depends(May(Permission.READ_CASES))]
KeepsCases = Annotated[Caller, Depends(May(Permission.KEEP_CASES))]
KeepsSources = Annotated[Caller, Depends(May(Permission.KEEP_SOURCES))]
KeepsDesks = Annotated[Caller, Depends(May(Permission.KEEP_DESKS))]
KeepsPartners = Annotated[Caller, Depends(May(Permission.KEEP_PARTNERS))]
PostsHeartbeats = Annotated[Caller, Depends(May(Permission.POST_HEARTBEATS))]
ReadsMeasures = Annotated[Caller, Depends(May(Permission.READ_MEASURES))]
ReadsTrail = Annotated[Caller, Depends(May(Permission.READ_TRAIL))]


async def _the_house(request: Request) -> House:
    """Not a plain function: FastAPI would change threads for it, at every request."""
    return house_of(request)


TheHouse = Annotated[House, Depends(_the_house)]
