"""`heed gazetteer`: load the list of all doors, so that addresses have a property reference and a place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from db.clock import DatabaseClock
from db.session import Database
from heed.commands.ground import FINDING, database
from heed.commands.import_files import SHOWN_REFUSALS, BadFile, codec_of, progress_bar, show_refusals
from heed.settings import Settings, read_settings
from markers.gazetteer import Entry, keep, keyed, older_than, remove
from markers.gazetteer_rows import Removed, read_header, read_row
from markers.matching.values import Problem
from markers.rekeying import key_anew, wants_anew
from web.bodies.csv_lines import CsvLines

app = typer.Typer(help="The gazetteer: reference addresses.", no_args_is_help=True)
AT_ONCE = 500
"""Rows of one transaction: a running service waits for no longer than one takes."""


@app.callback()
def gazetteer() -> None:
    """The gazetteer: reference addresses."""


@dataclass(slots=True)
class _Tally:
    kept: int = 0
    removed: int = 0
    refused: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: int, problems: list[Problem]) -> None:
        """Count a line that can't be used, and say why of the first ones."""
        self.refused += 1
        if len(self.shown) < SHOWN_REFUSALS:
            self.shown.append((line, "; ".join(f"{one.at}: {one.detail}" for one in problems)))

    def counted(self) -> str:
        """The counts so far, in a line."""
        counts = (("kept", self.kept), ("removed", self.removed), ("refused", self.refused))
        return " · ".join(f"{count:,} {name}" for name, count in counts if count) or "no rows"


@app.command("import")
def gazetteer_import(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header.", exists=True, dir_okay=False)],
    replace: Annotated[
        bool, typer.Option("--replace", help="The file is a full supply: addresses that it lacks are taken out.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="The file's encoding: utf-8, cp1252, latin-1.")] = "utf-8",
) -> None:
    """Load reference addresses, known again by their UPRN; markers are then resolved anew. May be run at any time."""
    settings = read_settings()
    tally = _Tally()
    with database(settings) as db, progress_bar(Console(stderr=True)) as progress:
        try:
            _load(db, file, codec_of(encoding), tally, progress, replace=replace)
        except (UnicodeDecodeError, LookupError):
            told = f"{file.name} is not {encoding}: save it as CSV UTF-8, or say --encoding cp1252"
            raise BadFile(f"{told} (what stood before that line was kept: {tally.counted()})") from None
        finally:
            # Also where the file ended in an error: what was kept of it counts.
            if tally.kept or tally.removed:
                _resolve_markers(db, settings, progress)
    _show(tally)
    if tally.refused:
        raise typer.Exit(FINDING)


def _load(db: Database, file: Path, encoding: str, tally: _Tally, progress: Progress, *, replace: bool) -> None:
    with db.reading() as session:
        began = DatabaseClock().now(session)
    task = progress.add_task("loading addresses", total=file.stat().st_size, told="")
    with file.open("rb") as raw:
        lines = CsvLines(TextIOWrapper(raw, encoding=encoding, newline=""))
        rows = _rows(lines, read_header(lines.header()), tally)
        while chunk := list(islice(rows, AT_ONCE)):
            # Understood and keyed before others are kept waiting.
            kept = [keyed(row) for row in chunk if isinstance(row, Entry)]
            with db.transaction() as session:
                keep(session, kept, DatabaseClock().now(session))
                tally.removed += remove(session, [row.uprn for row in chunk if isinstance(row, Removed)])
            tally.kept += len(kept)
            progress.update(task, completed=raw.tell(), told=tally.counted())
    if replace:
        _take_out_the_rest(db, began, tally)


def _rows(lines: CsvLines, names: tuple[str, ...], tally: _Tally) -> Iterator[Entry | Removed]:
    for record in lines:
        if record.problem:
            tally.refuse(record.line, [record.problem])
        elif any(cell.strip() for cell in record.cells):
            row = read_row(dict(zip(names, record.cells, strict=True)))
            if isinstance(row, list):
                tally.refuse(record.line, row)
            else:
                yield row


def _take_out_the_rest(db: Database, began: datetime, tally: _Tally) -> None:
    if not tally.kept:
        raise BadFile("the file has no address: nothing was taken out, for it can't be a full supply")
    if tally.refused:
        raise BadFile(f"rows were refused, so nothing was taken out ({tally.counted()}): mend them, and load it again")
    while True:
        with db.transaction() as session:
            gone = remove(session, older_than(session, began))
        if not gone:
            return
        tally.removed += gone


def _resolve_markers(db: Database, settings: Settings, progress: Progress) -> None:
    with db.transaction() as session:
        wanted = wants_anew(session)
    task = progress.add_task("resolving markers", total=wanted, told="")
    key_anew(db, settings.numbering, lambda done: progress.update(task, completed=done))


def _show(tally: _Tally) -> None:
    console = Console()
    if tally.shown:
        show_refusals(console, tally.shown, tally.refused)
    console.print(f"done: {tally.counted()}")
