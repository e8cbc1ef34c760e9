"""`heed markers`: bring a force's markers in from a file, and write them out to one."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated
from uuid import UUID

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from access.people import people_of_the_room
from access.roles import Caller, Role
from access.trail import Act, Operation, Outcome, Recorder
from db.clock import DatabaseClock
from db.ids import new_ids
from db.session import Database
from heed.commands.ground import FINDING, database, private_file, recording, who_runs_this
from heed.commands.import_files import CsvFile, Keeping, Report, progress_bar, read_categories
from heed.commands.marker_report import markers_report
from heed.settings import Settings, read_settings
from markers.importing import Importer
from markers.listing import MarkerFilter, markers_page
from markers.matcher import Reading as Matching
from markers.models import Marker
from markers.queries import with_targets
from markers.rows import Fate
from markers.standing import status_at
from markers.things import thing_of
from markers.words import Status
from web.bodies.cells import cells_of, with_apostrophe
from web.bodies.csv_lines import CsvLines
from web.bodies.markers import as_given
from web.bodies.rows import COLUMNS, MORE, Reading, csv_rows

app = typer.Typer(help="Markers in bulk.", no_args_is_help=True)
app.command("report")(markers_report)
EXPORTED_AT_ONCE = 200


class NoSuchOfficer(ValueError):
    """Nobody of this name is an officer of this force."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no officer named {name!r} is known here: `heed token create` or `heed user create` makes one"
        )


@app.command("import")
def markers_import(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would happen, and keep nothing.")] = False,
    officer: Annotated[str | None, typer.Option(help="The officer who places them; else whoever runs this.")] = None,
    categories: Annotated[
        Path | None, typer.Option(help="A CSV file: a force's own category names, and ours.", exists=True)
    ] = None,
    refused: Annotated[Path | None, typer.Option(help="Where refused rows go; else FILE.refused.csv.")] = None,
    encoding: Annotated[str, typer.Option(help="The file's encoding: utf-8, cp1252, latin-1.")] = "utf-8",
) -> None:
    """Place or amend a marker for each row, known again by its reference; refused rows do not stop the others."""
    settings = read_settings()
    reading = Reading(read_categories(categories) if categories else {})
    rows = CsvFile.of(file, encoding)
    report = Report.beside(rows, refused)
    with database(settings) as db, recording(db, settings.force) as recorder:
        importer = Importer(
            db=db, clock=DatabaseClock(), recorder=recorder, ids=new_ids(), caller=_officer(db, settings, officer),
            reading=Matching(settings.numbering, settings.near_m), reason=f"a file, by {who_runs_this()}",
            dry_run=dry_run,
        )  # fmt: skip
        try:
            _run(importer, rows, reading, report)
        finally:
            report.close()
    report.show(Console(), dry_run=dry_run)
    if report.fates[Fate.REFUSED]:
        raise typer.Exit(FINDING)


def _run(importer: Importer, rows: CsvFile, reading: Reading, report: Report) -> None:
    with rows.opened() as opened, progress_bar(Console(stderr=True)) as progress:
        records = CsvLines(opened)
        records.header()
        reader = Keeping(records)
        task = progress.add_task("bringing markers in", total=rows.lines, told="")
        for chunk in importer.take(csv_rows(rows.header, reader, reading)):
            report.take(chunk, reader)
            progress.update(task, completed=reader.line_num, told=report.counted())


def _officer(db: Database, settings: Settings, name: str | None) -> Caller:
    """Whom the register takes for the one who places: an officer who is known here, or whoever runs the command."""
    if name is None:
        return Caller(name=who_runs_this(), role=Role.OFFICER, force=settings.force, token_id=UUID(int=0))
    with db.reading() as session:
        people = people_of_the_room(session, settings.force, DatabaseClock().now(session))
    found = next((person for person in people if person.name == name and person.role is Role.OFFICER), None)
    if found is None:
        raise NoSuchOfficer(name)
    return Caller(name=name, role=Role.OFFICER, force=settings.force, token_id=found.id, desks=found.desks)


@app.command("export")
def markers_export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; else standard output.")] = None,
    officer: Annotated[str | None, typer.Option(help="The officer for whom; else whoever runs this.")] = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Withdrawn markers, too.")] = False,
) -> None:
    """Write markers as CSV that can be brought in again; each is recorded as disclosed before it is written."""
    settings = read_settings()
    with database(settings) as db, recording(db, settings.force) as recorder, _written(file) as handle:
        writer = csv.writer(handle, quoting=csv.QUOTE_ALL)
        writer.writerow([*COLUMNS, *MORE])
        count = 0
        for lines in _pages(db, recorder, _officer(db, settings, officer), withdrawn=withdrawn):
            writer.writerows(lines)
            count += len(lines)
    typer.echo(f"written: {count} markers{f' to {file.name}' if file else ''}", err=True)


@contextmanager
def _written(file: Path | None) -> Iterator[IO[str]]:
    """A new file that only its owner reads, since it holds everything in plain; or standard output."""
    if file is None:
        yield sys.stdout
        return
    with private_file(file) as handle:
        yield handle


def _pages(db: Database, recorder: Recorder, caller: Caller, *, withdrawn: bool) -> Iterator[list[list[str]]]:
    after = None
    while True:
        with db.reading() as session:
            now = DatabaseClock().now(session)
            page = markers_page(session, caller, MarkerFilter(), now, (after, EXPORTED_AT_ONCE))
            shown = [row for row in page.rows if withdrawn or status_at(row, now) is not Status.WITHDRAWN]
            lines = _lines(session, shown, now)
        things = [thing_of(row) for row in shown]
        act = Act(
            operation=Operation.DISCLOSURE, action="export_markers", outcome=Outcome.SHOWN, objects=things, search=True,
            reason=f"to a file, by {who_runs_this()}",
        )  # fmt: skip
        with db.transaction() as session:
            recorder.record(session, caller, act, DatabaseClock().now(session))
        yield lines
        if page.last is None:
            return
        after = page.last


def _lines(session: Session, markers: list[Marker], now: datetime) -> list[list[str]]:
    lines = []
    for marker, targets in with_targets(session, markers).values():
        cells = cells_of(as_given(marker, targets), status_at(marker, now).value)
        lines.append([with_apostrophe(cells.get(name, "")) for name in (*COLUMNS, *MORE)])
    return lines
