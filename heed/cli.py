"""The command `heed`."""

import logging
import os
import pwd
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from access import tokens, trail
from access.roles import Role
from access.trail import Act, Operation, Recorder, Thing
from db.clock import DatabaseClock
from db.engine import UnusableDatabase, sqlite_file, url_of
from db.errors import StorageError
from db.ids import new_ids
from db.keycheck import WrongKeys
from db.keyring import BadKeys
from db.session import Database
from heed.app import create_app
from heed.demo.run import DemoFailed, run_demo
from heed.keys import MissingKeys, find_keys, hold_against_database, key_file_of
from heed.schema import NotAtHead, is_at_head, migrate
from heed.serving import bind, is_loopback, make_server
from heed.settings import Settings, UnknownSetting, read_settings
from heed.telemetry import set_up_logs

app = typer.Typer(
    help="Safeguarding markers, matched against calls and incidents, raised as alerts that a person answers for.",
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
token_app = typer.Typer(help="Bearer tokens for people and integrations.", no_args_is_help=True)
db_app = typer.Typer(help="The database's schema.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit trail.", no_args_is_help=True)
app.add_typer(token_app, name="token")
app.add_typer(db_app, name="db")
app.add_typer(audit_app, name="audit")

FINDING, USAGE, UNREACHABLE = 1, 2, 3
_TOLD = (BadKeys, MissingKeys, NotAtHead, UnknownSetting, UnusableDatabase, WrongKeys, ValueError)


def main() -> None:
    """Run the command; an error that a person can mend is one line, and no traceback."""
    try:
        app()
    except StorageError as error:
        _give_up(f"the database can't be used ({error.code})", UNREACHABLE)
    except (tokens.TokenNameTaken, tokens.NoSuchToken, DemoFailed) as error:
        _give_up(str(error), FINDING)
    except _TOLD as error:
        _give_up(str(error), USAGE)
    except OSError as error:
        # A port in use, a folder that is not there: the system's own words.
        _give_up(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", USAGE)


def _give_up(message: str, code: int) -> None:
    typer.echo(f"heed: {message}", err=True)
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("heed-service"))
        raise typer.Exit


@app.callback()
def heed(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Safeguarding markers, matched against calls and incidents, raised as alerts that a person answers for."""


class CannotListen(ValueError):
    """The address is in use, or is none of this machine's."""


@contextmanager
def _database(settings: Settings, *, may_make_keys: bool = True) -> Iterator[Database]:
    """The database with its keys, held against its check values; it has to be there and at head."""
    file = sqlite_file(url_of(settings.database_url))
    if file is not None and not file.exists():
        raise NotAtHead(f"there is no database here ({file}): `heed db upgrade` or `heed serve --migrate` makes one")
    found = find_keys(settings, may_make=may_make_keys)
    if found.made:
        typer.echo(
            f"heed: a key file was made ({found.made.name}): keep it apart from the database's backups", err=True
        )
    db = Database(settings.database_url, found.keys, pool_size=settings.pool_size)
    try:
        _require_head(db)
        hold_against_database(db, DatabaseClock())
        yield db
    finally:
        db.close()


def _require_head(db: Database) -> None:
    with db.reading() as session:
        at_head = is_at_head(session.connection())
    if not at_head:
        raise NotAtHead(
            "the database's schema is not this version's: run `heed db upgrade` (or `heed serve --migrate`)"
        )


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; more than one comes with a later version.")] = 1,
    migrate_first: Annotated[bool, typer.Option("--migrate", help="Bring the schema to head first.")] = False,
) -> None:
    """Serve the API and the console."""
    if workers != 1:
        raise ValueError("more than one worker comes with a later version: start more processes on one PostgreSQL")
    settings = read_settings()
    set_up_logs(settings.log_format)
    if migrate_first:
        migrate(settings.database_url)
    with _database(settings, may_make_keys=is_loopback(host)) as db:
        keys = db.keys
    try:
        bound = bind(host, port)
    except OSError as error:
        raise CannotListen(f"can't listen on {host}:{port}: {error.strerror or error}") from None
    application = create_app(settings, keys=keys)
    told = {"host": host, "port": bound.getsockname()[1]}
    logging.getLogger("heed.serve").info("listening", extra=told)
    typer.echo(f"Heed listens on http://{host}:{told['port']}", err=True)
    make_server(application).run(sockets=[bound])


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


@token_app.command("create")
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
    with _database(settings) as db, db.transaction() as session:
        now = DatabaseClock().now(session)
        grant = tokens.Grant(
            name=_name(name), role=role, force=force or settings.force, desks=frozenset(map(_name, desk or ())),
            sources=frozenset(map(_name, source or ())), expires_at=now + timedelta(days=days) if days else None,
        )  # fmt: skip
        made = tokens.create(session, grant, now, new_ids(), secrets.token_bytes)
        _record(session, "create_token", made.id, grant.force, now)
    typer.echo(made.secret)


def _record(session: Session, action: str, token_id: UUID, force: str, now: datetime) -> None:
    """Who gives rights and takes them stands in the trail: the user of this machine who ran the command."""
    user = pwd.getpwuid(os.getuid()).pw_name
    recorder = Recorder(new_ids(), f"{socket.gethostname()}:{os.getpid()}:command", f"{user} (command)", force)
    act = Act(operation=Operation.ALTERATION, action=action, objects=[Thing("token", token_id, 1)])
    recorder.record(session, None, act, now)


def _name(text: str) -> str:
    """A name that can stand on an alert: some printable characters, and not too many."""
    name = text.strip()
    if not (0 < len(name) <= 100 and name.isprintable()):
        raise ValueError("names, desks and sources are 1 to 100 printable characters")
    return name


@token_app.command("list")
def token_list() -> None:
    """Show all tokens, those in use first; their secrets are kept nowhere."""
    table = Table("name", "role", "force", "desks", "sources", "created", "last used", "expires", "state")
    with _database(read_settings()) as db, db.reading() as session:
        now = datetime.now(UTC)
        for row in tokens.listed(session):
            gone = row.expires_at is not None and row.expires_at <= now
            state = "revoked" if row.revoked_at else "expired" if gone else "in use"
            moments = (row.created_at, row.last_used_at, row.expires_at)
            times = (f"{moment:%Y-%m-%d %H:%M}" if moment else "-" for moment in moments)
            table.add_row(row.name, row.role, row.force, _joined(row.desks), _joined(row.sources), *times, state)
    Console().print(table)


def _joined(listed: str) -> str:
    return listed.strip("[]").replace('"', "") or "all"


@token_app.command("revoke")
def token_revoke(
    name: Annotated[str, typer.Argument(help="Whose token.")],
    force: Annotated[str | None, typer.Option(help="The force it belongs to; else HEED_FORCE.")] = None,
) -> None:
    """End a token: the next request with it is refused, and its streams end within ten seconds."""
    settings = read_settings()
    of = force or settings.force
    with _database(settings) as db, db.transaction() as session:
        now = DatabaseClock().now(session)
        _record(session, "revoke_token", tokens.revoke(session, name, of, now), of, now)
    typer.echo(f"revoked: {name}")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema to head."""
    settings = read_settings()
    migrate(settings.database_url)
    typer.echo("the schema is at head")


@audit_app.command("verify")
def audit_verify() -> None:
    """Read the whole trail; 0 when every entry is as it was written, 1 and the first broken one when not."""
    settings = read_settings()
    typer.echo(f"keys: {key_file_of(settings).name if not settings.sealing_keys else 'settings'}", err=True)
    with _database(settings) as db, db.reading() as session:
        verdict = trail.verify(session)
    if not verdict.is_intact:
        typer.echo(f"broken: entry {verdict.broken} is not as it was written ({verdict.entries} good ones before it)")
        raise typer.Exit(FINDING)
    typer.echo(f"intact: {verdict.entries} entries, each as it was written")
