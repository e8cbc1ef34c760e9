"""The command `heed`."""

import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from access.people import NoSuchUser, UserNameTaken
from access.tokens import NoSuchToken, TokenNameTaken
from db.engine import UnusableDatabase, sqlite_file, url_of
from db.errors import StorageError
from db.keycheck import WrongKeys
from db.keyring import BadKeys
from heed.app import create_app
from heed.commands import markers, people, tokens, trail
from heed.commands.doctor import doctor
from heed.commands.ground import FINDING, UNREACHABLE, USAGE, database
from heed.demo.run import DemoFailed, run_demo
from heed.keys import MissingKeys
from heed.schema import NotAtHead, migrate
from heed.serving import bind, is_loopback, make_server
from heed.settings import UnknownSetting, read_settings
from heed.telemetry import set_up_logs
from heed.workers import serve_many

app = typer.Typer(
    help="Safeguarding markers, matched against calls and incidents, raised as alerts that a person answers for.",
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
db_app = typer.Typer(help="The database's schema.", no_args_is_help=True)
app.add_typer(tokens.app, name="token")
app.add_typer(people.app, name="user")
app.add_typer(markers.app, name="markers")
app.add_typer(db_app, name="db")
app.add_typer(trail.app, name="audit")
app.command()(doctor)

_TOLD = (BadKeys, MissingKeys, NotAtHead, UnknownSetting, UnusableDatabase, WrongKeys, ValueError)


def main() -> None:
    """Run the command; an error that a person can mend is one line, and no traceback."""
    try:
        app()
    except StorageError as error:
        _give_up(f"the database can't be used ({error.code})", UNREACHABLE)
    except (TokenNameTaken, NoSuchToken, UserNameTaken, NoSuchUser, DemoFailed) as error:
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


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL.")] = 1,
    migrate_first: Annotated[bool, typer.Option("--migrate", help="Bring the schema to head first.")] = False,
) -> None:
    """Serve the API and the console."""
    settings = read_settings()
    if workers > 1 and sqlite_file(url_of(settings.database_url)):
        raise ValueError("on SQLite one process serves: for more workers use PostgreSQL (HEED_DATABASE_URL)")
    set_up_logs(settings.log_format)
    if migrate_first:
        migrate(settings.database_url)
    with database(settings, may_make_keys=is_loopback(host)) as db:
        keys = db.keys
    try:
        bound = bind(host, port)
    except OSError as error:
        raise CannotListen(f"can't listen on {host}:{port}: {error.strerror or error}") from None
    told = {"host": host, "port": bound.getsockname()[1]}
    logging.getLogger("heed.serve").info("listening", extra=told)
    typer.echo(f"Heed listens on http://{host}:{told['port']}", err=True)
    if workers > 1:
        serve_many(bound, workers)
    else:
        make_server(create_app(settings, keys=keys)).run(sockets=[bound])


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


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema to head."""
    settings = read_settings()
    migrate(settings.database_url)
    typer.echo("the schema is at head")
