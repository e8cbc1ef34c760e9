"""Bringing markers in from a file: what would become of each line, and lines that are refused mended where they stand.

The file stands in the page, and nowhere else until it is brought in: nothing of it is kept by the service.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from access.roles import Caller
from markers.importing import Importer
from markers.rows import Fate, Row, Told
from web.bodies.cells import LONG
from web.bodies.csv_lines import CsvLines, Record
from web.bodies.rows import Header, Reading, csv_rows
from web.caller import TheHouse
from web.console.forms import Form
from web.console.pages import Page, show
from web.console.session import PlacesAtScreen, TheForm
from web.console.words import gettext as _
from web.console.words import sentence
from web.errors import BadHeader, ImportsRunning
from web.house import House

router = APIRouter(include_in_schema=False)
MOST_LINES, MOST_MENDED = 1000, 50
"""Lines that are brought in while somebody waits, and of those refused, how many are mended on one page."""
WHOLE = "row"
"""What is wrong with a line as a whole, and not with one of its columns."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of markers as a table: its columns, and its records with their lines."""

    names: Sequence[str]
    records: Sequence[Record]

    @classmethod
    def read(cls, text: str) -> "Sheet":
        """A text as CSV, or `BadHeader`."""
        lines = CsvLines(io.StringIO(text.removeprefix("\ufeff").replace("\r\n", "\n") + "\n", newline=""))
        names = Header.read(lines.header()).names
        return cls(names, [one for one in lines if one.problem or any(cell.strip() for cell in one.cells)])

    def mended(self, form: Form) -> "Sheet":
        """With what was written into the fields of refused lines in the place of what stood there."""
        return Sheet(self.names, [self._mended(one, form) for one in self.records])

    def _mended(self, record: Record, form: Form) -> Record:
        whole = form[f"cell_{record.line}_{WHOLE}"]
        if whole:
            cells = next(csv.reader([whole]), [])
            fits = len(cells) == len(self.names)
            return Record(record.line, cells) if fits else Record(record.line, [whole], record.problem)
        if record.problem:
            return record
        cells = list(record.cells)
        for place, name in enumerate(self.names):
            field_name = f"cell_{record.line}_{name}"
            if field_name in form:
                cells[place] = form[field_name]
        return Record(record.line, cells)

    def only(self, lines: set[int]) -> "Sheet":
        """These lines alone."""
        return Sheet(self.names, [one for one in self.records if one.line in lines])

    def written(self) -> str:
        """As CSV once more; a line that is none stays as it came."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.names)
        for one in self.records:
            if one.problem and len(one.cells) == 1:
                out.write(one.cells[0] + "\n")
            else:
                writer.writerow(one.cells)
        return out.getvalue()

    def rows(self) -> Iterator[Row | Told]:
        """Its lines, as the importer takes them."""
        return csv_rows(Header(self.names), self.records, Reading())


@dataclass(frozen=True, slots=True)
class Mend:
    """A field of a refused line: its column, what stands in it, and what is wrong with it, if that is why."""

    name: str
    column: str
    value: str
    wrong: str
    is_long: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was refused, and the fields by which it is mended."""

    line: int
    name: str
    mends: Sequence[Mend]


@dataclass(slots=True)
class Report:
    """What became of the lines, or would become."""

    fates: Counter[Fate] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    text: str = ""
    is_kept: bool = False


@router.get("/import", operation_id="import_page")
def import_page(request: Request, _caller: PlacesAtScreen) -> Response:
    """A place for a file."""
    return show(request, _page({}, None, {}))


def _page(typed: Mapping[str, str], report: Report | None, wrong: Mapping[str, str], status: int = 200) -> Page:
    holds = {
        "typed": typed, "report": report, "wrong": wrong, "most": MOST_LINES, "most_mended": MOST_MENDED,
        "fates": {Fate.PLACED: "placed", Fate.AMENDED: "amended", Fate.UNCHANGED: "as they were"},
    }  # fmt: skip
    return Page("import.html", holds, status)


@router.post("/import", operation_id="import_at_screen")
async def import_at_screen(request: Request, caller: PlacesAtScreen, house: TheHouse, form: TheForm) -> Response:
    """Try the file, or bring it in; then the refused lines are left, to be mended where they stand."""
    try:
        sheet = Sheet.read(form["file"]).mended(form)
    except BadHeader as error:
        return show(request, _page(dict(form.items()), None, {"file": sentence(str(error))}, 422))
    wrong = ""
    if not sheet.records:
        wrong = _("There is no line behind the header")
    elif len(sheet.records) > MOST_LINES:
        wrong = _("At most {most} lines at a screen: more are brought in by “heed markers import”").format(
            most=MOST_LINES
        )
    if wrong:
        return show(request, _page(dict(form.items()), None, {"file": wrong}, 422))
    if house.importing.available_tokens < 1:
        raise ImportsRunning
    is_kept = form["act"] == "import"
    work = partial(_brought_in, house, caller, sheet, is_kept=is_kept)
    try:
        report = await anyio.to_thread.run_sync(work, limiter=house.importing)
    finally:
        house.under_way.pop(caller.token_id, None)
    return show(request, _page({"file": report.text}, report, {}))


def _brought_in(house: House, caller: Caller, sheet: Sheet, *, is_kept: bool) -> Report:
    importer = Importer(
        db=house.db, clock=house.clock, recorder=house.recorder, ids=house.ids, reading=house.reading, caller=caller,
        reason="a file at a screen", dry_run=not is_kept,
    )  # fmt: skip
    report = Report(is_kept=is_kept)
    refused: list[Told] = []
    for chunk in importer.take(sheet.rows()):
        report.fates.update(told.fate for told in chunk)
        refused += [told for told in chunk if told.fate is Fate.REFUSED]
        house.under_way[caller.token_id] = (report.fates.total(), len(sheet.records))
    left = sheet.only({one.line for one in refused}) if is_kept else sheet
    report.text = left.written()
    # What is left is read anew: its lines have other numbers than they had among all.
    lines = dict(zip([one.line for one in left.records], Sheet.read(report.text).records, strict=True))
    report.refused = [_refused(told, lines[told.line], sheet.names) for told in refused[:MOST_MENDED]]
    return report


def _refused(told: Told, record: Record, names: Sequence[str]) -> Refused:
    wrong = {problem.at: sentence(problem.detail) for problem in told.problems}
    if record.problem or WHOLE in wrong:
        text = record.cells[0] if len(record.cells) == 1 else _as_line(record.cells)
        mend = Mend(f"cell_{record.line}_{WHOLE}", _("the whole line"), text, next(iter(wrong.values())), is_long=True)
        return Refused(record.line, "", [mend])
    cells = dict(zip(names, record.cells, strict=True))
    # A column that is named and stands in the file is mended there; what names none, at the reference.
    at = {name if name in cells else "reference": detail for name, detail in wrong.items()}
    mends = [Mend(f"cell_{record.line}_{one}", one, cells[one], detail, one in LONG) for one, detail in at.items()]
    return Refused(record.line, cells.get("reference", ""), mends)


def _as_line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


@router.get("/import/progress", operation_id="import_progress")
def import_progress(caller: PlacesAtScreen, house: TheHouse) -> dict[str, int]:
    """How far the file of this session has come; nothing of it is known in another process."""
    done, of = house.under_way.get(caller.token_id, (0, 0))
    return {"done": done, "of": of}
