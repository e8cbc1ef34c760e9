"""Measures of desks and shifts: `GET /v1/measures` (supervisor), as JSON or CSV."""

import csv
import io
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from access.trail import Act, Operation, Outcome
from alerts.measuring import measures_of, spans
from markers.matching.values import Problem
from web.api.describe import problems
from web.bodies.cells import with_apostrophe
from web.bodies.shapes import Moment, MomentOut, Told
from web.caller import ReadsMeasures, TheHouse
from web.errors import BadBody
from web.paging import FilterText

router = APIRouter(prefix="/v1/measures", tags=["measures"])
A_SHIFT = timedelta(hours=12)
LONGEST = timedelta(days=31)
CSV = "text/csv"


Hours = Annotated[int, Query(ge=1, le=24 * 31, description="In parts of so many hours each, as shifts are")]


class MeasureQuery(BaseModel):
    """Which desk, and between which moments; without them, the last twelve hours of every desk."""

    model_config = ConfigDict(hide_input_in_errors=True)

    queue: FilterText | None = None
    since: Moment | None = None
    until: Moment | None = None
    every_hours: (
        Annotated[int, Query(ge=1, le=24 * 31, description="Parts of so many hours each, as shifts are")] | None
    ) = None


class MeasuresTold(Told):
    """The figures of one desk; `queue` is `null` for all of them together."""

    queue: str | None
    since: MomentOut
    until: MomentOut
    alerts: int
    people: int
    per_person_in_10_min: float
    most_in_10_min: float
    floods: int
    flooded_min: int
    share: dict[str, float]
    too_many_at_the_top: bool
    repeats: float
    escalated: int
    acknowledged: int
    median_s: float | None
    p95_s: float | None
    standing: int
    stale: int


class AllMeasuresTold(Told):
    """All desks together, and each apart."""

    items: list[MeasuresTold]


@router.get(
    "", operation_id="read_measures", summary="Measures of desks and shifts", response_model=AllMeasuresTold,
    responses=problems(401, 403, 422, 503) | {200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)  # fmt: skip
def read_measures(
    caller: ReadsMeasures, house: TheHouse, wanted: Annotated[MeasureQuery, Query()], request: Request
) -> Response:
    """What your desks went through, after EEMUA 191; as CSV where `Accept` asks for it."""
    with house.db.reading() as session:
        until = wanted.until or house.clock.now(session)
        since = wanted.since or until - A_SHIFT
        if not timedelta(0) < until - since <= LONGEST:
            told = f"`since` lies before `until`, at most {LONGEST.days} days"
            raise BadBody([Problem("since", "span", told)])
        every = timedelta(hours=wanted.every_hours) if wanted.every_hours else None
        items = [
            MeasuresTold(queue=name, since=part[0], until=part[1], **asdict(one))
            for part in spans((since, until), every)
            for name, one in measures_of(session, caller, wanted.queue, part)
        ]
    act = Act(operation=Operation.CONSULTATION, action="read_measures", outcome=Outcome.SHOWN, search=True)
    house.record(caller, act, session)
    if CSV in request.headers.get("accept", ""):
        return Response(_as_csv(items), media_type=f"{CSV}; charset=utf-8")
    return JSONResponse(AllMeasuresTold(items=items).model_dump(mode="json"))


def _as_csv(items: list[MeasuresTold]) -> str:
    file = io.StringIO()
    rows = [_flat(item) for item in items]
    writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _flat(item: MeasuresTold) -> dict[str, Any]:
    told = item.model_dump(mode="json")
    shares = {f"share_{name}": value for name, value in told.pop("share").items()}
    queue = told.pop("queue")
    return {"queue": "all" if queue is None else with_apostrophe(queue), **told, **shares}
