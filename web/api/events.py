"""Events: `POST /v1/events`. Answered once the event and its alerts are durably stored, and not before."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from access.roles import POSTS_ANY_EVENT, Caller
from access.tokens import TokenEnded
from alerts.events import Posted, Receipt
from markers.matching.values import Numbering
from web.api.cloud_events import MEDIA_TYPE, SCHEMA, unwrapped
from web.api.describe import problems, takes
from web.api.event_body import read_event
from web.api.event_shape import EventBody
from web.bodies.shapes import MomentOut, ProblemBody, Told
from web.body import JSON, media_type_of, parse_object, read_bytes
from web.caller import POSTS_EVENTS, caller_of, late_comer
from web.errors import NotYourEventType, NotYourSource
from web.house import house_of
from web.settling import settled
from web.straight import Straight

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Straight)


class RaisedTold(Told):
    """An alert of the open audience that the event raised or was added to."""

    alert: UUID
    created: bool
    priority: str
    queue: str


class ReceiptTold(Told):
    """What became of an event; the same again whenever it is sent again."""

    event: UUID
    received_at: MomentOut
    replayed: bool = Field(description="It was taken before: this is the answer that it was given then")
    problems: list[ProblemBody]
    alerts: list[RaisedTold]

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptTold":
        """A receipt as the contract writes it."""
        return cls(
            event=receipt.event,
            received_at=receipt.received_at,
            replayed=receipt.replayed,
            problems=[ProblemBody.of(problem) for problem in receipt.problems],
            alerts=[
                RaisedTold(alert=one.alert, created=one.created, priority=one.priority, queue=one.queue)
                for one in receipt.alerts
            ],
        )


@router.post(
    "", status_code=201, operation_id="post_event", summary="Post an event",
    dependencies=[Depends(POSTS_EVENTS)], response_model=ReceiptTold,
    openapi_extra=takes(EventBody, also={MEDIA_TYPE: SCHEMA}),
    responses=problems(401, 403, 409, 413, 415, 422, 503)
    | {200: {"description": "The same event again: the same answer", "model": ReceiptTold}},
)  # fmt: skip
async def post_event(request: Request) -> Response:
    """Take a call, an incident or a concern: match it, raise or join alerts, and answer when that is stored."""
    house, caller = house_of(request), caller_of(request)
    try:
        event = await _read(request, caller, house.reading.numbering)
    except Exception:
        # Who has no good token any more is told that, and nothing of what is wrong with the event.
        await POSTS_EVENTS.again(request)
        raise
    [answer] = house.intake.take([event])
    try:
        receipt = await settled(answer, house.intake_deadline_s)
    except TokenEnded:
        await run_in_threadpool(late_comer, house, caller)
        raise
    return Response(ReceiptTold.of(receipt).model_dump_json(), 200 if receipt.replayed else 201, media_type=JSON)


async def _read(request: Request, caller: Caller, numbering: Numbering) -> Posted:
    sent = parse_object(await read_bytes(request, (JSON, MEDIA_TYPE)))
    if media_type_of(request) == MEDIA_TYPE:
        sent = unwrapped(sent)
    reads = partial(read_event, sent, caller, numbering)
    # A change of threads costs more than reading an event as they come; a large one must not stop the others.
    event = reads() if _is_small(request) else await run_in_threadpool(reads)
    check_sender(event, caller)
    return event


SMALL = 4096
"""Bytes of a body that is read where it arrives."""


def _is_small(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length.isdigit() and int(length) <= SMALL


def check_sender(event: Posted, caller: Caller) -> None:
    """A token posts under its own sources only, and people of the room post concerns only."""
    if caller.role not in POSTS_ANY_EVENT and event.kind != "concern":
        raise NotYourEventType
    if not caller.may_post_as(event.source):
        raise NotYourSource
