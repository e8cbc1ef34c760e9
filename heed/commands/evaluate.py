"""`heed evaluate`: how well matching judges labelled pairs, a force's own or the developers'."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from heed.commands.ground import FINDING, USAGE
from heed.evaluation_page import figure, page
from markers.evaluation import BadPair, Evaluation, Pair, evaluate, read_pairs
from markers.neighbours import neighbours

app = typer.Typer(help="How well matching judges labelled pairs.")


@app.command("evaluate")
def evaluate_pairs(
    files: Annotated[list[Path], typer.Argument(help="Labelled pairs, one JSON object a line.", show_default=False)],
    report: Annotated[Path | None, typer.Option(help="Write a page with every error side by side.")] = None,
    without_postcode: Annotated[
        bool, typer.Option("--without-postcode", help="As callers who do not know their postcode.")
    ] = False,
    made_neighbours: Annotated[
        int, typer.Option("--neighbours", min=0, help="Store so many made neighbours beside them.")
    ] = 0,
) -> None:
    """Store every marker of the pairs in memory, look every event up against all of them, and hold it to its label.

    Exit status 0; 1 where an answer is one that its label does not accept.
    """
    try:
        pairs = [pair for file in files for pair in _pairs_of(file)]
    except BadPair as error:
        typer.echo(f"heed: {error}", err=True)
        raise typer.Exit(USAGE) from None
    if not pairs:
        typer.echo("heed: there are no labelled pairs in it", err=True)
        raise typer.Exit(USAGE)
    beside = neighbours([pair.marker for pair in pairs], made_neighbours)
    with Console(stderr=True).status("looking everything up"):
        done = evaluate(pairs, beside, without_postcode=without_postcode)
    console = Console()
    console.print(_figures(done))
    console.print(_kinds(done))
    if report is not None:
        report.write_text(page(done, [file.name for file in files]), encoding="utf-8")
        typer.echo(f"written: {report}")
    if not all(one.is_right for one in done.judged):
        raise typer.Exit(FINDING)


def _pairs_of(file: Path) -> Iterator[Pair]:
    with file.open(encoding="utf-8") as lines:
        yield from read_pairs(lines)


def _figures(done: Evaluation) -> Table:
    table = Table("", "", show_header=False)
    for name, value in done.figures().items():
        table.add_row(name, figure(value))
    return table


def _kinds(done: Evaluation) -> Table:
    table = Table("kind", "pairs", "right", "same premises", "same building", "possible", "none")
    for kind, judged in done.kinds().items():
        right = sum(one.is_right for one in judged)
        levels = [str(sum(one.level == level for one in judged)) for level in done.levels]
        table.add_row(kind, str(len(judged)), f"{right / len(judged):.3f}", *levels)
    return table
