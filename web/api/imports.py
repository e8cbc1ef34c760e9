"""Markers in bulk: `POST /v1/markers/import` takes a file of them (CSV or NDJSON) and answers a report."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from alerts.intake import IntakeStopped
from markers.importing import Importer
from markers.matching.values import Problem
from markers.rows import Fate, Row, Told
from web.api.csv_lines import CsvLines
from web.api.describe import problems
from web.api.marker_rows import Header, Reading, csv_rows, ndjson_rows
from web.api.shapes import ProblemBody
from web.api.shapes import Told as Body
from web.body import media_type_of, read_bytes
from web.caller import KeepsMarkers, TheHouse
from web.errors import BadBody, TooLarge
from web.house import House

router = APIRouter(prefix="/v1/markers", tags=["markers"])
LIMIT = 16 * 1024 * 1024
"""Bytes of one file."""
NOT_UTF_8 = Problem("body", "not_utf_8", "the file is not UTF-8: save it as CSV UTF-8")
ROWS_AT_MOST = 10_000
"""Lines of one request: more of them are brought in by the command, which shows how far it has come."""
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
def import_markers(
    caller: KeepsMarkers,
    house: TheHouse,
    file: Annotated[tuple[str, bytes], Depends(_file)],
    dry_run: Annotated[bool, Query(description="Do everything, tell what would happen, and keep nothing")] = False,  # noqa: FBT002
) -> ReportTold:
    """Place or amend a marker for each line, known again by its reference; a refused line does not stop the others."""
    rows = list(islice(_rows_of(*file), ROWS_AT_MOST + 1))
    if len(rows) > ROWS_AT_MOST:
        raise TooLarge(ROWS_AT_MOST, "lines")
    importer = Importer(
        db=house.db, clock=house.clock, recorder=house.recorder, ids=house.ids, reading=house.reading, caller=caller,
        reason="a file by the API", dry_run=dry_run,
    )  # fmt: skip
    return _report(importer, rows, house, dry_run=dry_run)


def _rows_of(kind: str, data: bytes) -> Iterator[Row | Told]:
    if kind == NDJSON:
        return ndjson_rows(data.split(b"\n"), Reading())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadBody([NOT_UTF_8]) from None
    records = CsvLines(io.StringIO(text, newline=""))
    return csv_rows(Header.read(records.header()), records, Reading())


def _report(importer: Importer, rows: Sequence[Row | Told], house: House, *, dry_run: bool) -> ReportTold:
    fates: Counter[Fate] = Counter()
    refusals = []
    for chunk in importer.take(rows):
        fates.update(told.fate for told in chunk)
        refusals += [told for told in chunk if told.fate is Fate.REFUSED]
        if house.hub.stopping:
            raise IntakeStopped
    counts: Mapping[str, Any] = {fate.value: fates[fate] for fate in Fate}
    told = [
        RefusedTold(line=one.line, errors=[ProblemBody.of(problem) for problem in one.problems]) for one in refusals
    ]
    return ReportTold(dry_run=dry_run, rows=fates.total(), refusals=told, **counts)
