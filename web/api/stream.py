"""The live queue as Server-Sent Events: `GET /v1/alerts/stream`."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from alerts.feed import View
from web.api.alert_bodies import AlertTold
from web.api.describe import problems
from web.caller import ReadsAlerts, TheHouse
from web.events_out import EventsOut
from web.paging import FilterText
from web.readers import Face, Reader

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
Queue = Annotated[FilterText | None, Query(description="One desk's alerts; else those of your desks")]

FACE = Face("alert", lambda seen, _: AlertTold.of(seen).model_dump_json())


async def _reader(
    caller: ReadsAlerts,
    house: TheHouse,
    queue: Queue = None,
    after: Annotated[str | None, Query(max_length=60, description="Go on behind this position")] = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=60)] = None,
) -> AsyncIterator[Reader]:
    """Where the stream starts; `Last-Event-ID`, which a browser sends by itself, beats `after`."""
    async with house.hub.reading(View(caller, queue), last_event_id or after, FACE) as reader:
        yield reader


@router.get(
    "/stream", operation_id="stream_alerts", summary="The live queue",
    response_class=EventsOut, responses=problems(401, 403, 422, 503),
)  # fmt: skip
async def stream_alerts(
    caller: ReadsAlerts,  # noqa: ARG001  the permission is asked for first, as on every route
    house: TheHouse,
    reader: Annotated[Reader, Depends(_reader)],
) -> EventsOut:
    """Each change of an alert as it is made: `alert`, `beat`, `reset`, `bye`, with positions to resume from."""
    return EventsOut(house.hub.stream(reader))
