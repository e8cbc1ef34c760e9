"""`heed user`: people who sign in to the console."""

import re
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from access import people, sessions
from access.roles import Role
from access.trail import Act, Operation, Thing
from db.clock import DatabaseClock
from db.ids import new_ids
from heed.commands.ground import database, joined, recording
from heed.settings import read_settings
from markers.names import a_name, a_persons_name

app = typer.Typer(help="People who sign in to the console.", no_args_is_help=True)
OfForce = Annotated[str | None, typer.Option(help="The force they belong to; else HEED_FORCE.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


class NotAPersonsRole(ValueError):
    """Integrations sign in with tokens."""

    def __init__(self) -> None:
        super().__init__("an integration is no person: give it a token (`heed token create`)")


_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,250}")


class BadAddress(ValueError):
    """Neither an address nor its removal was given."""

    def __init__(self) -> None:
        super().__init__("give one address for mail (name@host), or --remove")


@app.command("create")
def user_create(
    role: Annotated[Role, typer.Option(help="What they are.")],
    name: Annotated[str, typer.Option(help="The name that stands on alerts and in the trail.")],
    desk: Annotated[list[str] | None, typer.Option(help="A desk of theirs; may be repeated.")] = None,
    force: OfForce = None,
    password_stdin: FromStdin = False,
) -> None:
    """Make somebody who may sign in; the password is asked for, and kept as a hash only."""
    settings = read_settings()
    if role is Role.INTEGRATION:
        raise NotAPersonsRole
    of = force or settings.force
    person = people.NewPerson(name=a_persons_name(name), role=role, force=of, desks=frozenset(map(a_name, desk or ())))
    with database(settings) as db, recording(db, of) as recorder:
        password = _password(from_stdin=password_stdin)
        with db.transaction() as session:
            now = DatabaseClock().now(session)
            made = people.create(session, person, password, now, new_ids())
            act = Act(operation=Operation.ALTERATION, action="create_user", objects=[Thing("user", made, 1)])
            recorder.record(session, None, act, now)
    typer.echo(f"created: {person.name}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


@app.command("password")
def user_password(
    name: Annotated[str, typer.Argument(help="Whose.")],
    force: OfForce = None,
    password_stdin: FromStdin = False,
) -> None:
    """Give somebody another password; all their sessions end."""
    settings = read_settings()
    of = force or settings.force
    with database(settings) as db, recording(db, of) as recorder:
        password = _password(from_stdin=password_stdin)
        with db.transaction() as session:
            now = DatabaseClock().now(session)
            user = people.who_is(session, of, name)
            if user is None:
                raise people.NoSuchUser(name)
            people.set_password(user, password)
            sessions.end_others(session, of, user.id, None, now)
            act = Act(operation=Operation.ALTERATION, action="change_password", objects=[Thing("user", user.id, 1)])
            recorder.record(session, None, act, now)
    typer.echo(f"changed: {name}")


@app.command("email")
def user_email(
    name: Annotated[str, typer.Argument(help="Whose.")],
    address: Annotated[str | None, typer.Argument(help="Where they are told each day what waits for them.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Tell them nothing by mail any more.")] = False,
    force: OfForce = None,
) -> None:
    """Give somebody an address for mail (where HEED_SMTP_URL is set), or take it away; it is kept sealed."""
    settings = read_settings()
    of = force or settings.force
    if remove == (address is not None):
        raise BadAddress
    if address is not None and not _ADDRESS.fullmatch(address):
        raise BadAddress
    with database(settings) as db, recording(db, of) as recorder, db.transaction() as session:
        user = people.who_is(session, of, name)
        if user is None:
            raise people.NoSuchUser(name)
        user.email = address
        act = Act(operation=Operation.ALTERATION, action="set_email", objects=[Thing("user", user.id, 1)])
        recorder.record(session, None, act, DatabaseClock().now(session))
    typer.echo(f"{'no mail' if remove else 'mail'}: {name}")


@app.command("list")
def user_list() -> None:
    """Show everybody, those who are enabled first."""
    table = Table("name", "role", "force", "desks", "created", "state")
    with database(read_settings()) as db, db.reading() as session:
        for row in people.listed(session):
            state = f"disabled {row.disabled_at:%Y-%m-%d %H:%M}" if row.disabled_at else "enabled"
            table.add_row(row.name, row.role, row.force, joined(row.desks), f"{row.created_at:%Y-%m-%d %H:%M}", state)
    Console().print(table)


@app.command("disable")
def user_disable(
    name: Annotated[str, typer.Argument(help="Who.")],
    force: OfForce = None,
) -> None:
    """From now on they are nobody here; what they did stays under their name."""
    settings = read_settings()
    of = force or settings.force
    with database(settings) as db, recording(db, of) as recorder, db.transaction() as session:
        now = DatabaseClock().now(session)
        disabled = people.disable(session, name, of, now)
        act = Act(operation=Operation.ALTERATION, action="disable_user", objects=[Thing("user", disabled, 2)])
        recorder.record(session, None, act, now)
    typer.echo(f"disabled: {name}")
