"""`heed serve`: the API and the console."""

import logging
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from db.alone import alone_on
from db.engine import sqlite_file, url_of
from db.keyring import BadKeys
from db.session import Database
from heed.app import create_app
from heed.commands.ground import database
from heed.schema import migrate
from heed.serving import Wire, bind
from heed.serving import serve as serve_one
from heed.settings import Settings, read_settings
from heed.telemetry import set_up_logs
from heed.workers import serve_many
from markers.rekeying import key_anew, to_be_keyed
from web.peer import is_loopback

app = typer.Typer()


class CannotListen(ValueError):
    """The address is in use, or is none of this machine's."""


class InTheClear(ValueError):
    """Off this machine, and nothing keeps who is on the way from reading passwords, names and numbers."""

    def __init__(self) -> None:
        super().__init__(
            "off loopback, passwords and addresses would travel in the clear: give --tls-cert and --tls-key, or say "
            "--behind-proxy where a proxy with TLS stands in front"
        )


@app.command()
def serve(  # noqa: PLR0913, PLR0917  a command's parameters are its options
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL.")] = 1,
    migrate_first: Annotated[bool, typer.Option("--migrate", help="Bring the schema to head first.")] = False,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy with TLS stands in front: its word about clients is taken.")
    ] = False,
    tls_cert: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="TLS of our own: the certificate.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="TLS of our own: its key.")] = None,
) -> None:
    """Serve the API and the console."""
    settings = read_settings()
    wire = Wire(settings.trusted_proxies if behind_proxy else (), tls_cert, tls_key)
    if not (wire.is_private or is_loopback(host)):
        raise InTheClear
    file = sqlite_file(url_of(settings.database_url))
    if workers > 1 and file:
        raise ValueError("on SQLite one process serves: for more workers use PostgreSQL (HEED_DATABASE_URL)")
    set_up_logs(settings.log_format)
    # Where there is none and none is to be made, nothing is left behind either.
    will_be_there = file is not None and (file.exists() or (migrate_first and file.parent.is_dir()))
    with alone_on(file) if file and will_be_there else nullcontext():
        _serve(settings, Listening(host, port, workers, wire), migrate_first=migrate_first)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and by how many processes."""

    host: str
    port: int
    workers: int
    wire: Wire


def _serve(settings: Settings, at: Listening, *, migrate_first: bool) -> None:
    if migrate_first:
        migrate(settings.database_url)
    with database(settings, may_make_keys=is_loopback(at.host)) as db:
        keys = db.keys
        _key_anew(db, settings)
    if keys.looks_chosen and not is_loopback(at.host):
        raise BadKeys(
            "a key is a text or a pattern that others may know: bound off loopback, each is 32 random bytes in base64 "
            "(`head -c 32 /dev/urandom | base64`)"
        )
    try:
        bound = bind(at.host, at.port)
    except OSError as error:
        raise CannotListen(f"can't listen on {at.host}:{at.port}: {error.strerror or error}") from None
    told = {"host": at.host, "port": bound.getsockname()[1]}
    logging.getLogger("heed.serve").info("listening", extra=told)
    scheme = "https" if at.wire.certificate else "http"
    typer.echo(f"Heed listens on {scheme}://{at.host}:{told['port']}", err=True)
    if at.workers > 1:
        serve_many(bound, at.workers, at.wire)
    else:
        serve_one(create_app(settings, keys=keys), bound, at.wire)


def _key_anew(db: Database, settings: Settings) -> None:
    """Targets that an older version keyed; told as it goes, for it may take minutes."""
    with db.reading() as session:
        wanted = to_be_keyed(session)
    if not wanted:
        return
    log = logging.getLogger("heed.serve")
    log.info("targets of an older version are keyed anew", extra={"keys": wanted})
    done = key_anew(db, settings.numbering, lambda so_far: typer.echo(f"keyed anew: {so_far} of {wanted}", err=True))
    log.info("targets were keyed anew", extra={"keys": done})
