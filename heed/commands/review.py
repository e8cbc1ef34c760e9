"""`heed review`: what somebody is to look at again, those due first before the others."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from access.people import people_of_the_room
from access.roles import OPEN_AUDIENCE
from access.trail import Act, Operation, Outcome
from db.clock import DatabaseClock
from heed.commands.ground import database, recording
from heed.settings import read_settings
from markers.case_models import Review
from markers.cases.reviews import LATE_AFTER, meant_for
from markers.cases.rules.words import ReviewKind
from markers.cases.things import thing_of_review

app = typer.Typer()


@app.command("review")
def review(
    whose: Annotated[str | None, typer.Option("--for", help="Whose: by name, as any officer, or of a team.")] = None,
    kind: Annotated[ReviewKind | None, typer.Option(help="Of this kind alone.")] = None,
    due_before: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Due before this day.")] = None,
    done: Annotated[bool, typer.Option("--done", help="Those that are done, in place of those that are open.")] = False,
    force: Annotated[str | None, typer.Option(help="Of which force; else HEED_FORCE.")] = None,
) -> None:
    """List what is to be looked at again: reviews due, markers that end, orders, trigger points, deletions.

    Those of closed circles are shown to their own people alone, by the API and the console.
    """
    settings = read_settings()
    of = force or settings.force
    asked = select(Review).where(Review.force == of, Review.audience == OPEN_AUDIENCE)
    asked = asked.where(Review.state == ("done" if done else "open"))
    if kind is not None:
        asked = asked.where(Review.kind == kind.value)
    if due_before is not None:
        asked = asked.where(Review.due_at < due_before.replace(tzinfo=UTC))
    with database(settings) as db, recording(db, of) as recorder, db.transaction() as session:
        now = DatabaseClock().now(session)
        if whose is not None:
            asked = asked.where(_asked_of(session, of, whose, now))
        rows = session.scalars(asked.order_by(Review.due_at, Review.id)).all()
        act = Act(
            operation=Operation.CONSULTATION, action="list_reviews", outcome=Outcome.SHOWN, search=True,
            objects=[thing_of_review(row) for row in rows],
        )  # fmt: skip
        recorder.record(session, None, act, now)
        table = Table("due", "for", "passed on to", "kind", "what is asked")
        for row in rows:
            late = " LATE" if row.due_at < now - LATE_AFTER and row.state == "open" else ""
            due = f"{row.due_at:%Y-%m-%d}{late}"
            table.add_row(
                due, escape(row.for_whom), escape(row.escalated_to or ""), row.kind.replace("_", " "), escape(row.said)
            )  # fmt: skip
        count = len(rows)
    Console().print(table)
    typer.echo(f"{count} to be looked at" if not done else f"{count} done")


def _asked_of(session: Session, force: str, name: str, now: datetime) -> ColumnElement[bool]:
    """What somebody is asked; a name that nobody has here is one as the force writes it."""
    known = [person for person in people_of_the_room(session, force, now) if person.name == name]
    return or_(
        or_(Review.for_whom == name, Review.escalated_to == name),
        *(meant_for(person.name, person.role, person.desks) for person in known),
    )
