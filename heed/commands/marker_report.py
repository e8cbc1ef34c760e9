"""`heed markers report`: how the register stands, each count with its definition, and month by month."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from access.trail import Act, Operation, Outcome
from alerts.marker_report import DEFINITIONS, MOST_AT_THE_TOP, Report, report, series
from db.clock import DatabaseClock
from heed.commands.ground import database, recording
from heed.commands.import_files import progress_bar
from heed.settings import read_settings


def markers_report(
    months: Annotated[int, typer.Option(min=1, max=120, help="Months of the stored series to show.")] = 12,
    as_json: Annotated[bool, typer.Option("--json", help="For machines: counts, definitions and series.")] = False,
    force: Annotated[str | None, typer.Option(help="Whose register; else HEED_FORCE.")] = None,
) -> None:
    """Count the register: held, provisional, lapsed, overdue, unproven …, by category and risk, and month by month."""
    settings = read_settings()
    of = force or settings.force
    with database(settings) as db, recording(db, of) as recorder:
        with db.reading() as session, progress_bar(Console(stderr=True)) as bar:
            task = bar.add_task("addresses read", total=None, told="")
            found = report(session, of, DatabaseClock().now(session), lambda count: bar.advance(task, count))
            kept = series(session, of, months)
        act = Act(operation=Operation.CONSULTATION, action="markers_report", outcome=Outcome.SHOWN, search=True)
        with db.transaction() as session:
            recorder.record(session, None, act, DatabaseClock().now(session))
    if as_json:
        typer.echo(json.dumps(_for_machines(found, kept), indent=2))
        return
    _show(found, kept)


def _for_machines(found: Report, kept: Mapping[str, Counter[str]]) -> dict[str, Any]:
    counts = [{"of": one.of, "category": one.category, "risk": one.risk, "number": one.number} for one in found.counts]
    return {
        "definitions": dict(DEFINITIONS), "counts": counts, "share_at_the_top": found.share_at_the_top,
        "series": {month: dict(of) for month, of in kept.items()},
    }  # fmt: skip


def _show(found: Report, kept: Mapping[str, Counter[str]]) -> None:
    console = Console()
    table = Table("count", "number", "what it counts", title="The register (open audience)")
    for name, definition in DEFINITIONS.items():
        table.add_row(name, f"{found.of(name):,}", definition)
    console.print(table)
    by = Table("category", "risk", *(name for name in DEFINITIONS if name not in _OF_ALL), title="By category and risk")
    for category, risk in dict.fromkeys((one.category, one.risk) for one in found.counts if one.category):
        mine = {one.of: one.number for one in found.counts if (one.category, one.risk) == (category, risk)}
        by.add_row(category, risk, *(str(mine.get(name, 0)) for name in DEFINITIONS if name not in _OF_ALL))
    console.print(by)
    if found.share_at_the_top > MOST_AT_THE_TOP:
        console.print(
            f"{found.share_at_the_top:.0%} of the held markers are of high risk or ask for an immediate response: "
            "over 5 %, the top says less and less"
        )
    if kept:
        months = Table("month", *DEFINITIONS, title="Month by month")
        for month, counted in kept.items():
            months.add_row(month, *(f"{counted[name]:,}" for name in DEFINITIONS))
        console.print(months)


_OF_ALL = ("targets", "premises", "buildings")
