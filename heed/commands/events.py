"""`heed events`: what became of events, for whoever runs the service."""

from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from access.roles import CannotBeDone
from access.trail import Act, Operation, Outcome, Thing
from alerts.unstored import body_of, unstored
from db.clock import DatabaseClock
from heed.commands.ground import database, recording
from heed.settings import read_settings

app = typer.Typer(help="Events that the service failed to store.", no_args_is_help=True)


class NoSuchEvent(CannotBeDone):
    """No event of this id was kept aside."""

    def __init__(self) -> None:
        super().__init__("no event of this id was kept aside: `heed events unstored` lists them")


@app.callback()
def events() -> None:
    """Events that the service failed to store."""


@app.command("unstored")
def events_unstored(
    show: Annotated[UUID | None, typer.Option(help="Print what was sent, of this one; recorded as disclosed.")] = None,
) -> None:
    """List events that could not be stored, and still are not; their senders were told, and ask again."""
    settings = read_settings()
    with database(settings) as db, recording(db, settings.force) as recorder:
        if show is None:
            with db.reading() as session:
                rows = unstored(session)
            table = Table("id", "source", "first", "last", "times", "kind of error")
            for row in rows:
                times = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in (row.first_at, row.last_at))
                table.add_row(str(row.id), row.source, *times, str(row.times), row.reason)
            Console().print(table if rows else "every event was stored")
            return
        with db.transaction() as session:
            body = body_of(session, show)
            if body is None:
                raise NoSuchEvent
            act = Act(
                operation=Operation.DISCLOSURE, action="show_unstored_event", outcome=Outcome.SHOWN,
                objects=[Thing("event", show, 1)],
            )  # fmt: skip
            recorder.record(session, None, act, DatabaseClock().now(session))
    typer.echo(body)
