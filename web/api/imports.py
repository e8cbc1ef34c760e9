"""Markers in bulk: `POST /v1/markers/import` takes a file of them (CSV or NDJSON) and answers a report."""

import asyncio
import io
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request

from access.roles import Caller
from alerts.intake import IntakeStopped
from markers.importing import Importer
from markers.matching.values import Problem
from markers.rows import Fate, Row, Told
from web.api.describe import problems
from web.bodies.csv_lines import CsvLines
from web.bodies.rows import Header, Reading, csv_rows, ndjson_rows
from web.bodies.shapes import ProblemBody
from web.bodies.shapes import Told as Body
from web.body import media_type_of, read_bytes
from web.caller import KeepsMarkers, TheHouse
from web.errors import BadBody, ImportsRunning, TooLarge
from web.house import House

router = APIRouter(prefix="/v1/markers", tags=["markers"])
LIMIT = 16 * 1024 * 1024
"""Bytes of one file."""
NOT_UTF_8 = Problem("body", "not_utf_8", "the file is not UTF-8: save it as CSV UTF-8")
ROWS_AT_MOST = 10_000
"""Lines of one request: more of them are brought in by the command, which shows how far it has come."""
LOOKS_EVERY_S = 1.0
"""Seconds between two looks whether whoever sent the file still waits."""
CSV, NDJSON = "text/csv", "application/x-ndjson"


class RefusedTold(Body):
    """A line that was refused, and why; `at` names the column."""

    line: int
    errors: list[ProblemBody]


class ReportTold(Body):
    """What became of a file's rows."""

    dry_run: bool
    rows: int
    placed: int
    amended: int
    unchanged: int
    refused: int
    refusals: list[RefusedTold]


async def _file(request: Request) -> tuple[str, bytes]:
    """The file, and which kind it is."""
    data = await read_bytes(request, (CSV, NDJSON), LIMIT)
    return media_type_of(request), data


@router.post(
    "/import", operation_id="import_markers", summary="Bring markers in, by the file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CSV: {"schema": {"type": "string"}}, NDJSON: {"schema": {"type": "string"}}},
        }
    },
    responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
async def import_markers(
    caller: KeepsMarkers,
    house: TheHouse,
    request: Request,
    file: Annotated[tuple[str, bytes], Depends(_file)],
    dry_run: Annotated[bool, Query(description="Do everything, tell what would happen, and keep nothing")] = False,  # noqa: FBT002
) -> ReportTold:
    """Place or amend a marker for each line, known again by its reference; a refused line does not stop the others."""
    # On threads of their own, and few: each takes minutes, and the room's requests must not wait for one.
    if house.importing.available_tokens < 1:
        raise ImportsRunning
    gone = threading.Event()
    work = partial(_imported, caller, house, file, gone, dry_run=dry_run)
    task = asyncio.ensure_future(anyio.to_thread.run_sync(work, limiter=house.importing))
    while not task.done():
        await asyncio.wait({task}, timeout=LOOKS_EVERY_S)
        if not task.done() and await request.is_disconnected():
            gone.set()
    return await task


def _imported(
    caller: Caller, house: House, file: tuple[str, bytes], gone: threading.Event, *, dry_run: bool
) -> ReportTold:
    rows = list(islice(_rows_of(*file), ROWS_AT_MOST + 1))
    if len(rows) > ROWS_AT_MOST:
        raise TooLarge(ROWS_AT_MOST, "lines")
    importer = Importer(
        db=house.db, clock=house.clock, recorder=house.recorder, ids=house.ids, reading=house.reading, caller=caller,
        reason="a file by the API", dry_run=dry_run,
    )  # fmt: skip
    return _report(importer, rows, lambda: house.hub.stopping or gone.is_set(), dry_run=dry_run)


def _rows_of(kind: str, data: bytes) -> Iterator[Row | Told]:
    if kind == NDJSON:
        return ndjson_rows(data.split(b"\n"), Reading())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadBody([NOT_UTF_8]) from None
    records = CsvLines(io.StringIO(text, newline=""))
    return csv_rows(Header.read(records.header()), records, Reading())


def _report(
    importer: Importer, rows: Sequence[Row | Told], is_over: Callable[[], bool], *, dry_run: bool
) -> ReportTold:
    fates: Counter[Fate] = Counter()
    refusals = []
    for chunk in importer.take(rows):
        fates.update(told.fate for told in chunk)
        refusals += [told for told in chunk if told.fate is Fate.REFUSED]
        # The service ends, or nobody waits for the answer: what was stored stands, and the file can come again.
        if is_over():
            raise IntakeStopped
    counts: Mapping[str, Any] = {fate.value: fates[fate] for fate in Fate}
    told = [
        RefusedTold(line=one.line, errors=[ProblemBody.of(problem) for problem in one.problems]) for one in refusals
    ]
    return ReportTold(dry_run=dry_run, rows=fates.total(), refusals=told, **counts)
