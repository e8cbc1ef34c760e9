"""Sources that are expected to be heard of: `/v1/sources` (supervisor, admin), `/v1/heartbeats` (integration)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy.orm import Session

from access.trail import Act, Operation, Outcome
from alerts.event_models import Source
from alerts.silence import Expected, beat, heard_at, is_silent, sources_of
from web.api.describe import problems, takes
from web.bodies.shapes import Given, MomentOut, Name, ShortText, Told
from web.body import body_of
from web.caller import KeepsSources, PostsHeartbeats, TheHouse
from web.errors import NotYourSource
from web.house import House
from web.registry import Room

router = APIRouter(prefix="/v1", tags=["sources"])
A_WEEK_S = 7 * 24 * 3600


class SourceBody(Given):
    """A source, and how often it has to be heard of; `null`: it need not be."""

    source: ShortText = Field(examples=["telephony/999"])
    expected_every_s: Annotated[int, Field(strict=True, ge=1, le=A_WEEK_S)] | None = Field(examples=[300])
    queue: Name | None = Field(None, description="The desk that is told when it falls silent")


class BeatBody(Given):
    """Whose heartbeat it is."""

    source: ShortText


class SourceTold(Told):
    """A source as it stands. `heard_at` is its last event or heartbeat, within a day."""

    source: str
    expected_every_s: int | None
    queue: str
    heard_at: MomentOut | None
    silent: bool
    set_by: str
    set_at: MomentOut


class SourcesTold(Told):
    """All sources that somebody has spoken of."""

    items: list[SourceTold]
    next_cursor: str | None = None


class BeatTold(Told):
    """A heartbeat was taken; `expected_every_s` is `null` where nobody expects this source."""

    source: str
    expected_every_s: int | None


def _told(house: House, session: Session, source: Source) -> SourceTold:
    now = house.clock.now(session)
    return SourceTold(
        source=source.source, expected_every_s=source.expected_every_s, queue=source.queue,
        heard_at=heard_at(session, source, now), silent=is_silent(session, source, now), set_by=source.set_by,
        set_at=source.set_at,
    )  # fmt: skip


@router.put(
    "/sources", operation_id="expect_source", summary="Expect a source",
    openapi_extra=takes(SourceBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def expect_source(
    caller: KeepsSources, house: TheHouse, body: Annotated[SourceBody, Depends(body_of(SourceBody))]
) -> SourceTold:
    """Expect a source to be heard of every so many seconds, or (`null`) no longer. Its silence is an alert."""
    wanted = Expected(source=body.source, every_s=body.expected_every_s, queue=body.queue or house.default_queue)
    with house.db.transaction() as session:
        return _told(house, session, Room(house, session, caller).expect(wanted))


@router.get("/sources", operation_id="list_sources", summary="The sources", responses=problems(401, 403, 503))
def list_sources(caller: KeepsSources, house: TheHouse) -> SourcesTold:
    """The sources that somebody has spoken of, and whether they are silent."""
    with house.db.reading() as session:
        items = [_told(house, session, source) for source in sources_of(session, caller.force)]
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_sources", outcome=Outcome.SHOWN), session)
    return SourcesTold(items=items)


@router.post(
    "/heartbeats", operation_id="post_heartbeat", summary="A source is there",
    openapi_extra=takes(BeatBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def post_heartbeat(
    caller: PostsHeartbeats, house: TheHouse, body: Annotated[BeatBody, Depends(body_of(BeatBody))]
) -> BeatTold:
    """A source that has no event to tell says that it is there."""
    if not caller.may_post_as(body.source):
        raise NotYourSource
    with house.db.transaction() as session:
        known = beat(session, caller.force, body.source, house.clock.now(session))
        every = known.expected_every_s if known else None
    return BeatTold(source=body.source, expected_every_s=every)
