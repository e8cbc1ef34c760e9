"""`heed demo`: Heed at work, with example markers and a feed of example events."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from heed.demo.run import run_demo
from heed.telemetry import set_up_logs

app = typer.Typer()


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 0,
    once: Annotated[bool, typer.Option("--once", help="Play the feed, print the queue, check it, and end.")] = False,
    database_url: Annotated[str | None, typer.Option(help="An empty database, in place of a throw-away one.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where to keep the throw-away database.")] = None,
) -> None:
    """Show Heed at work: example markers, a feed of example events, and a live queue. Ends on Ctrl-C."""
    set_up_logs("console", logging.ERROR)
    run_demo(port=port, once=once, database_url=database_url, folder=folder)
