"""`heed doctor`: is everything as it must be? It looks at the database, the keys, the disk, and at what services left.

That a watch or a schedule is silent shows in the database, whichever process should have worked: a late alert that
nobody sent up, entries that nobody chained, a night without its work.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from access.models import Pending
from alerts.models import Alert
from alerts.rules.words import State
from alerts.unstored import unstored
from db.engine import database_time, safety_of, sqlite_file, url_of
from db.errors import StorageError
from db.keycheck import WrongKeys, has_keys, hold_against
from db.keyring import BadKeys
from db.session import Database
from db.turns import Turn
from heed.commands.ground import FINDING
from heed.keys import MissingKeys, find_keys, key_file_of
from heed.nightly import WORK
from heed.schema import is_at_head
from heed.settings import Settings, read_settings
from heed.watch import LOOKING

DISK_FREE_AT_LEAST = 1024**3
"""Bytes: with less, a busy night may end it."""
CLOCKS_APART_AT_MOST = timedelta(seconds=2)
LATE_AT_MOST = timedelta(seconds=30)
UNSEALED_AT_MOST = timedelta(minutes=1)
UNSEEN_AT_MOST = timedelta(minutes=1)
A_NIGHT = timedelta(hours=36)

app = typer.Typer()


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it must be (`None`: it can't be said), and what was found."""

    what: str
    good: bool | None
    told: str


def _right(what: str, told: str) -> Finding:
    return Finding(what, good=True, told=told)


def _wrong(what: str, told: str) -> Finding:
    return Finding(what, good=False, told=told)


@app.command()
def doctor(
    url: Annotated[list[str] | None, typer.Option(help="A running service to ask, too; may be repeated.")] = None,
) -> None:
    """Look at everything that has to be right; exit 0 when all of it is, 1 when something is not."""
    settings = read_settings()
    findings = [*examined(settings), *(one for base in url or () for one in asked(base))]
    table = Table("looked at", "", "found")
    for one in findings:
        mark = {True: "ok", False: "WRONG", None: "-"}[one.good]
        table.add_row(one.what, mark, one.told, style="bold" if one.good is False else "")
    Console().print(table)
    if any(one.good is False for one in findings):
        raise typer.Exit(FINDING)


def examined(settings: Settings) -> Iterator[Finding]:
    """What can be seen from this host: keys, disk, database."""
    yield _disk(settings)
    file = sqlite_file(url_of(settings.database_url))
    if file is not None and not file.exists():
        yield _wrong("database", f"there is none here ({file.name})")
        return
    try:
        keys = find_keys(settings, may_make=False).keys
    except StorageError as error:
        yield _wrong("database", f"it can't be reached ({error.code})")
        return
    except MissingKeys:
        yield _wrong("keys", f"there are none here ({key_file_of(settings).name} is missing, and no setting has them)")
        return
    except BadKeys as error:
        yield _wrong("keys", str(error))
        return
    db = Database(settings.database_url, keys)
    try:
        yield from _database(db, settings)
    except StorageError as error:
        yield _wrong("database", f"it can't be used ({error.code})")
    finally:
        db.close()


def _disk(settings: Settings) -> Finding:
    file = sqlite_file(url_of(settings.database_url))
    free = shutil.disk_usage((file.parent if file else Path()).resolve()).free
    return Finding("disk", free >= DISK_FREE_AT_LEAST, f"{free / 1024**3:.1f} GiB free where the files are")


def _database(db: Database, settings: Settings) -> Iterator[Finding]:
    with db.reading() as session:
        connection = session.connection()
        yield _right("database", "reachable")
        at_head = is_at_head(connection)
        yield Finding("schema", at_head, "at head" if at_head else "not this version's: run `heed db upgrade`")
        wrong = safety_of(connection)
        yield Finding("storage", not wrong, "; ".join(wrong) or "what is answered survives a power cut")
        if not at_head:
            return
        yield from _clock(session)
        yield from _watched(session)
        yield _unstored(session)
    yield from _keys(db, settings)


def _keys(db: Database, settings: Settings) -> Iterator[Finding]:
    file = None if settings.sealing_keys else key_file_of(settings)
    open_to_others = file is not None and bool(file.stat().st_mode & 0o077)
    where = "in the settings" if file is None else file.name
    try:
        with db.reading() as session:
            missing = hold_against(session, db.keys)
            is_used = has_keys(session)
    except WrongKeys as error:
        yield _wrong("keys", f"{where}: {error}")
        return
    if open_to_others:
        yield _wrong("keys", f"{where} can be read by others: mode 0600 is wanted")
    elif not is_used:
        yield Finding("keys", None, f"{where}: nothing was written under any key yet")
    elif missing:
        yield _wrong("keys", f"{where}: {len(missing)} older keys are missing, some text can't be opened")
    else:
        yield _right("keys", f"{where}, this database's own")


def _clock(session: Session) -> Iterator[Finding]:
    there = database_time(session)
    if there is None:
        yield Finding("clock", None, "the database has this host's")
        return
    apart = abs(there - datetime.now(UTC))
    yield Finding("clock", apart <= CLOCKS_APART_AT_MOST, f"{apart.total_seconds():.1f} s from the database's")


def _watched(session: Session) -> Iterator[Finding]:
    """What the threads of running services leave undone when they are silent."""
    now = database_time(session) or datetime.now(UTC)
    waiting = (Alert.state == State.RAISED.value, Alert.shelved_until.is_(None), Alert.due_at < now - LATE_AT_MOST)
    late = session.scalar(select(func.count()).select_from(Alert).where(*waiting)) or 0
    looked = session.scalar(select(Turn.taken_at).where(Turn.work == LOOKING))
    if late:
        yield _wrong("watch", "alerts are late, and nobody sent them up: is any service running?")
    elif looked is None:
        yield Finding("watch", None, "no service has watched over this database yet")
    else:
        told = f"a service last looked at {looked:%Y-%m-%d %H:%M:%S} UTC"
        yield Finding("watch", now - looked < UNSEEN_AT_MOST, told)
    left = session.scalar(select(func.count()).select_from(Pending).where(Pending.at < now - UNSEALED_AT_MOST)) or 0
    told = f"{left} entries of the trail are not chained: is any service running?" if left else "the trail is chained"
    yield Finding("sealer", not left, told)
    last = session.scalar(select(Turn.taken_at).where(Turn.work == WORK))
    if last is None:
        yield Finding("schedule", None, "no night's work has been done yet")
    else:
        yield Finding("schedule", now - last < A_NIGHT, f"the last night's work began {last:%Y-%m-%d %H:%M} UTC")


def _unstored(session: Session) -> Finding:
    left = unstored(session)
    if not left:
        return _right("events", "every one was stored")
    sources = ", ".join(sorted({one.source for one in left}))
    last = max(one.last_at for one in left)
    told = f"{len(left)} could not be stored (from {sources}), the last at {last:%Y-%m-%d %H:%M} UTC"
    return _wrong("events", f"{told}: see `heed events unstored`")


def asked(base: str) -> Iterator[Finding]:
    """What a running service says of itself."""
    try:
        answer = httpx2.get(f"{base.rstrip('/')}/readyz", timeout=5)
        parts = answer.json()
        if not isinstance(parts, dict) or answer.status_code not in (200, 503):
            parts = {}
        if parts.get("type") == "try-again":
            yield _wrong(f"service {base}", f"it can't answer now: {parts.get('title', 'no reason given')}")
            return
        if "ready" not in parts:
            yield _wrong(f"service {base}", "no Heed answers here")
            return
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        yield _wrong(f"service {base}", "it does not answer")
        return
    silent = sorted(name for name, good in parts.items() if good is False and name != "ready")
    yield Finding(f"service {base}", not silent, f"not well: {', '.join(silent)}" if silent else "ready")
