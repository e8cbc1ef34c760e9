"""Events in bulk: `POST /v1/events/batch`, a line each. A bad line never stops the others."""

import asyncio
import json
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from alerts.events import Posted, Receipt
from markers.matching.values import Numbering
from web.api.describe import problems
from web.api.event_body import read_event
from web.api.events import ReceiptTold, check_sender
from web.body import LIMIT, parse_object, read_bytes
from web.caller import PostsBatches, TheHouse, late_comer
from web.errors import TooLarge
from web.house import House
from web.problems import ANSWERS, problem_of
from web.settling import settled

router = APIRouter(prefix="/v1/events", tags=["events"])
NDJSON = "application/x-ndjson"
BATCH_LIMIT = 16 * 1024 * 1024
"""Bytes of one batch; each of its lines is limited as a single event is."""
LINES_AT_MOST = 1_000
PATIENCE = 10
"""So many times as long as a single event a batch may wait: it is stored in a few groups."""
log = logging.getLogger("heed.web")

Line = tuple[int, Posted | Exception]
"""The line's number, and its event or why it is none."""


async def _lines(request: Request) -> list[tuple[int, bytes]]:
    data = await read_bytes(request, (NDJSON,), BATCH_LIMIT)
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), start=1) if line.strip()]
    if len(lines) > LINES_AT_MOST:
        raise TooLarge(LINES_AT_MOST, "lines")
    return lines


@router.post(
    "/batch", status_code=200, operation_id="post_events_batch", summary="Post many events",
    openapi_extra={"requestBody": {"required": True, "content": {NDJSON: {"schema": {"type": "string"}}}}},
    responses=problems(401, 403, 413, 415, 422, 503)
    | {200: {"description": "A line for each line, in order", "content": {NDJSON: {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def post_events_batch(
    caller: PostsBatches, house: TheHouse, lines: Annotated[list[tuple[int, bytes]], Depends(_lines)]
) -> Response:
    """Take up to 1,000 events, one a line; each line is answered as the single event would be, with its status."""
    read = await run_in_threadpool(_read, lines, caller, house.reading.numbering)
    events = [one for _, one in read if isinstance(one, Posted)]
    answers = iter(house.intake.take(events)) if events else iter(())
    waiting = [(number, next(answers) if isinstance(one, Posted) else one) for number, one in read]
    told = await asyncio.gather(*(_told(number, one, house) for number, one in waiting))
    if any(line["status"] == 403 for line in told):
        await run_in_threadpool(_record_refusal, house, caller)
    if any(line["status"] == 401 for line in told):
        await run_in_threadpool(late_comer, house, caller)
    return Response("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in told), media_type=NDJSON)


def _read(lines: Sequence[tuple[int, bytes]], caller: Caller, numbering: Numbering) -> list[Line]:
    return [(number, _event_or_error(line, caller, numbering)) for number, line in lines]


def _event_or_error(line: bytes, caller: Caller, numbering: Numbering) -> Posted | Exception:
    if len(line) > LIMIT:
        return TooLarge(LIMIT)
    try:
        event = read_event(parse_object(line), caller, numbering)
        check_sender(event, caller)
    except Exception as error:  # noqa: BLE001  one line's failure must not be its neighbours'
        return error
    return event


async def _told(number: int, waiting: Future[Receipt] | Exception, house: House) -> dict[str, Any]:
    """What became of one line, as a single event would be answered."""
    if isinstance(waiting, Exception):
        return {"line": number} | _problem(waiting)
    try:
        receipt = await settled(waiting, PATIENCE * house.intake_deadline_s)
    except Exception as error:  # noqa: BLE001  as above
        return {"line": number} | _problem(error)
    told = ReceiptTold.of(receipt).model_dump(mode="json")
    return {"line": number, "status": 200 if receipt.replayed else 201} | told


def _problem(error: Exception) -> dict[str, Any]:
    if isinstance(error, tuple(ANSWERS)):
        return problem_of(error)
    # Its words may hold what was posted.
    log.error("unexpected error", extra={"kind": type(error).__name__})
    return {"type": "internal", "title": "The service failed", "status": 500}


def _record_refusal(house: House, caller: Caller) -> None:
    act = Act(operation=Operation.REFUSAL, action="post_events_batch", outcome=Outcome.REFUSED)
    house.record(caller, act)
