"""`heed token`: bearer tokens for people and integrations."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from access import tokens
from access.roles import Role
from access.trail import Act, Operation, Thing
from db.clock import DatabaseClock
from db.ids import new_ids
from heed.commands.ground import database, joined, recording
from heed.settings import read_settings
from markers.names import a_name, a_persons_name

app = typer.Typer(help="Bearer tokens for people and integrations.", no_args_is_help=True)


@app.command("create")
def token_create(
    role: Annotated[Role, typer.Option(help="What its holder is.")],
    name: Annotated[str, typer.Option(help="Whose it is: the name that stands on alerts and in the trail.")],
    desk: Annotated[list[str] | None, typer.Option(help="A desk of theirs; may be repeated.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="A source that it posts as; may be repeated.")] = None,
    force: Annotated[str | None, typer.Option(help="The force it belongs to; else HEED_FORCE.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days that it is good for; else until revoked.")] = None,
) -> None:
    """Print a new bearer token, once, alone on the last line."""
    settings = read_settings()
    of = force or settings.force
    with database(settings) as db, recording(db, of) as recorder, db.transaction() as session:
        now = DatabaseClock().now(session)
        grant = tokens.Grant(
            name=a_persons_name(name), role=role, force=of, desks=frozenset(map(a_name, desk or ())),
            sources=frozenset(map(a_name, source or ())), expires_at=now + timedelta(days=days) if days else None,
        )  # fmt: skip
        made = tokens.create(session, grant, now, new_ids(), secrets.token_bytes)
        act = Act(operation=Operation.ALTERATION, action="create_token", objects=[Thing("token", made.id, 1)])
        recorder.record(session, None, act, now)
    typer.echo(made.secret)


@app.command("list")
def token_list() -> None:
    """Show all tokens, those in use first; their secrets are kept nowhere."""
    table = Table("name", "role", "force", "desks", "sources", "created", "last used", "expires", "state")
    with database(read_settings()) as db, db.reading() as session:
        now = datetime.now(UTC)
        for row in tokens.listed(session):
            gone = row.expires_at is not None and row.expires_at <= now
            state = "revoked" if row.revoked_at else "expired" if gone else "in use"
            moments = (row.created_at, row.last_used_at, row.expires_at)
            times = (f"{moment:%Y-%m-%d %H:%M}" if moment else "-" for moment in moments)
            table.add_row(row.name, row.role, row.force, joined(row.desks), joined(row.sources), *times, state)
    Console().print(table)


@app.command("revoke")
def token_revoke(
    name: Annotated[str, typer.Argument(help="Whose token.")],
    force: Annotated[str | None, typer.Option(help="The force it belongs to; else HEED_FORCE.")] = None,
) -> None:
    """End a token: the next request with it is refused, and its streams end within ten seconds."""
    settings = read_settings()
    of = force or settings.force
    with database(settings) as db, recording(db, of) as recorder, db.transaction() as session:
        now = DatabaseClock().now(session)
        revoked = tokens.revoke(session, name, of, now)
        act = Act(operation=Operation.ALTERATION, action="revoke_token", objects=[Thing("token", revoked, 1)])
        recorder.record(session, None, act, now)
    typer.echo(f"revoked: {name}")
