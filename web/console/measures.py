"""The measures of a shift and a desk: plots with a table beside each, that can be printed."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from access.trail import Act, Operation, Outcome
from alerts.measuring import measures_of, rates_of, spans
from alerts.rules.measures import BUCKET, FLOOD_BEGINS, MOST_AT_THE_TOP
from web.caller import TheHouse
from web.console.pages import Page, show
from web.console.session import ReadsMeasuresAtScreen

router = APIRouter(include_in_schema=False)
SHIFT = timedelta(hours=12)
CHOICES = ((12, False), (24, True), (168, True))
STEADY = 1
"""About so many alerts for each person in ten minutes are what people can answer well (EEMUA 191)."""
BUCKETS_IN_HOUR = int(timedelta(hours=1) / BUCKET)


class MeasuresQuery(BaseModel):
    """How many hours back, whether in shifts, and of which desk (none: of all)."""

    model_config = ConfigDict(hide_input_in_errors=True)

    hours: Annotated[int, Query(ge=1, le=24 * 31)] = 12
    shifts: bool = False
    desk: Annotated[str, Query(max_length=100)] = ""


@router.get("/measures", operation_id="measures_page")
def measures_page(
    request: Request, caller: ReadsMeasuresAtScreen, house: TheHouse, wanted: Annotated[MeasuresQuery, Query()]
) -> Response:
    """What each desk and shift went through, as plots and in figures; it can be printed."""
    with house.db.reading() as session:
        until = house.clock.now(session)
        span = (until - timedelta(hours=wanted.hours), until)
        told = [
            (part, name, asdict(one))
            for part in spans(span, SHIFT if wanted.shifts else None)
            for name, one in measures_of(session, caller, None, part)
        ]
        desks = sorted({name for _part, name, _one in told if name})
        desk = wanted.desk if wanted.desk in desks else None
        rates = rates_of(session, caller, desk, span)
    act = Act(operation=Operation.CONSULTATION, action="read_measures", outcome=Outcome.SHOWN, search=True)
    house.record(caller, act, session)
    shown = [row for row in told if not desk or row[1] == desk]
    answers = [(part[0], one) for part, name, one in shown if name == desk and one["median_s"] is not None]
    holds = {
        "told": shown, "wanted": wanted, "choices_of_time": CHOICES, "desks": desks, "desk_shown": desk,
        "top": MOST_AT_THE_TOP, "hours": hours_of(rates, span[0]), "flood": FLOOD_BEGINS,
        "zone": house.console.zone.key,
        "rate_plot": _rates(rates, span[0]), "answer_plot": _answers(answers) if len(answers) > 1 else None,
    }  # fmt: skip
    return show(request, Page("measures.html", holds))


def _rates(rates: Sequence[float], since: datetime) -> str:
    """The plot's columns: moments (seconds of the epoch), the rate, and the two lines that it is held against."""
    at = [round((since + place * BUCKET).timestamp()) for place in range(len(rates))]
    return json.dumps([at, list(rates), [STEADY] * len(rates), [FLOOD_BEGINS] * len(rates)])


def _answers(told: Sequence[tuple[datetime, dict[str, Any]]]) -> str:
    """Seconds to the answer, by shift: the median, and what 95 of 100 were under."""
    return json.dumps([
        [round(at.timestamp()) for at, _one in told], [one["median_s"] for _at, one in told],
        [one["p95_s"] for _at, one in told],
    ])  # fmt: skip


def hours_of(rates: Sequence[float], since: datetime) -> list[tuple[datetime, float, float]]:
    """Of each hour: its mean and its highest ten minutes, for each person; hours in which nothing came are left out."""
    told = []
    for place in range(0, len(rates), BUCKETS_IN_HOUR):
        part = rates[place : place + BUCKETS_IN_HOUR]
        if any(part):
            told.append((since + place * BUCKET, round(sum(part) / len(part), 2), max(part)))
    return told
