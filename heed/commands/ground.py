"""What the commands stand on: the database with its keys, who runs them, and how they end."""

import os
import pwd
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import typer

from access.slices import Ledger
from access.trail import Recorder
from db.clock import DatabaseClock
from db.engine import sqlite_file, url_of
from db.ids import new_ids
from db.session import Database
from heed.keys import find_keys, hold_against_database
from heed.schema import NotAtHead, is_at_head
from heed.sealer import Sealer
from heed.settings import Settings
from markers.names import COMMAND

FINDING, USAGE, UNREACHABLE = 1, 2, 3


@contextmanager
def database(settings: Settings, *, may_make_keys: bool = True) -> Iterator[Database]:
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


@contextmanager
def recording(db: Database, force: str) -> Iterator[Recorder]:
    """What a command does stands in the trail, by the user of this machine who ran it, and is sealed as it goes."""
    ledger = Ledger(f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
    sealer = Sealer(db, DatabaseClock(), ledger, adopts=False)
    sealer.start()
    try:
        yield Recorder(new_ids(), ledger, who_runs_this(), force)
    finally:
        sealer.stop()


def private_file(path: Path) -> IO[str]:
    """A file that only its owner reads, from its first moment, also where one that others read was there before."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    os.ftruncate(descriptor, 0)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")


def who_runs_this() -> str:
    """The user of this machine, as the trail names them."""
    return f"{pwd.getpwuid(os.getuid()).pw_name}{COMMAND}"


def joined(listed: str) -> str:
    """A stored list as a table shows it; an empty one stands for all."""
    return listed.strip("[]").replace('"', "") or "all"
