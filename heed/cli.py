"""The command `heed`."""

import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from access.roles import CannotBeDone
from db.engine import UnusableDatabase
from db.errors import StorageError
from db.keycheck import WrongKeys
from db.keyring import BadKeys
from heed.commands.ground import FINDING, UNREACHABLE, USAGE
from heed.keys import MissingKeys
from heed.schema import NotAtHead
from heed.settings import UnknownSetting

COMMANDS = {
    "serve": "serve", "demo": "demo", "doctor": "doctor", "token": "tokens", "user": "people", "markers": "markers",
    "events": "events", "db": "schema", "audit": "trail", "evaluate": "evaluate", "gazetteer": "gazetteer",
    "review": "review",
}  # fmt: skip
"""Each command, or group of commands, with its module in `heed.commands`."""

_TOLD = (BadKeys, MissingKeys, NotAtHead, UnknownSetting, UnusableDatabase, WrongKeys, ValueError)


def make_command(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command with these of its commands. Others are not even imported: the whole service takes two seconds."""
    app = typer.Typer(
        help="Safeguarding markers, matched against calls and incidents, raised as alerts that a person answers for.",
        no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    )  # fmt: skip
    app.callback()(heed)
    for name in names:
        module = import_module(f"heed.commands.{COMMANDS[name]}")
        is_group = module.app.info.no_args_is_help is True
        app.add_typer(module.app, name=name if is_group else None)
    return app


def main() -> None:
    """Run the command; an error that a person can mend is one line, and no traceback."""
    asked = sys.argv[1:2]
    try:
        make_command(asked if asked and asked[0] in COMMANDS else COMMANDS)()
    except StorageError as error:
        _give_up(f"the database can't be used ({error.code})", UNREACHABLE)
    except CannotBeDone as error:
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


def heed(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Safeguarding markers, matched against calls and incidents, raised as alerts that a person answers for."""
