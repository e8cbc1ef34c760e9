"""Where the keys come from: the settings, else a key file; made only for a database that has none.

The file holds the two settings as `.env` would: whoever has it and the database can read everything, so it is kept
apart from the database's backups.
"""

import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from db.clock import Clock
from db.engine import sqlite_file, url_of
from db.ids import Randomness
from db.keycheck import check_keys, has_keys
from db.keyring import BadKeys, KeyRing
from db.session import Database
from heed.settings import KEY_FILE_NAME, Settings

log = logging.getLogger("heed.keys")


class MissingKeys(Exception):
    """There are no keys, and none may be made."""


@dataclass(frozen=True, slots=True)
class Found:
    """The keys, and the file that was made for them (`None` when they were there)."""

    keys: KeyRing
    made: Path | None = None


def key_file_of(settings: Settings) -> Path:
    """Where the keys lie when the settings do not hold them: beside the SQLite file, else in the working folder."""
    if settings.key_file:
        return settings.key_file
    file = sqlite_file(url_of(settings.database_url))
    return file.with_name(KEY_FILE_NAME) if file else Path(KEY_FILE_NAME)


def find_keys(settings: Settings, *, may_make: bool, randomness: Randomness = secrets.token_bytes) -> Found:
    """The keys of the settings or of the key file; where there are none, new ones if the database has none either."""
    if settings.sealing_keys or settings.digest_key:
        if not (settings.sealing_keys and settings.digest_key):
            raise BadKeys("HEED_SEALING_KEYS and HEED_DIGEST_KEY belong together: one of them is missing")
        sealing, digest = settings.sealing_keys.get_secret_value(), settings.digest_key.get_secret_value()
        return Found(KeyRing.parse(sealing, digest))
    file = key_file_of(settings)
    if file.exists():
        return Found(_read(file))
    if _database_has_keys(settings):
        raise MissingKeys(f"this database was written with keys that are not here ({file.name} is missing)")
    if not may_make:
        raise MissingKeys(
            "bound off loopback, keys are not made by themselves: set HEED_SEALING_KEYS and HEED_DIGEST_KEY, "
            "or HEED_KEY_FILE"
        )
    keys = KeyRing.new(randomness)
    if not _write(file, keys):
        # Another process that started in the same moment was first: its keys are everybody's.
        return Found(_read(file))
    return Found(keys, made=file)


def _read(file: Path) -> KeyRing:
    if file.stat().st_mode & 0o077:
        log.warning("the key file can be read by others: it should have mode 0600")
    values = dotenv_values(file, interpolate=False)
    sealing, digest = values.get("HEED_SEALING_KEYS"), values.get("HEED_DIGEST_KEY")
    if not (sealing and digest):
        raise BadKeys(f"{file.name}: HEED_SEALING_KEYS and HEED_DIGEST_KEY are wanted in it")
    return KeyRing.parse(sealing, digest)


def _write(file: Path, keys: KeyRing) -> bool:
    """Put the whole file there at once; `False` where one is there already, which is left as it is."""
    sealing, digest = keys.written()
    text = (
        "# Heed's keys. Whoever has these and the database can read every marker. Keep them apart from its backups;\n"
        "# without them nobody can.\n"
        f"HEED_SEALING_KEYS={sealing}\nHEED_DIGEST_KEY={digest}\n"
    )
    # Made with its mode from the first moment, and never over one that is there.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _database_has_keys(settings: Settings) -> bool:
    """Asked without any keys: the check values need none."""
    file = sqlite_file(url_of(settings.database_url))
    if file is not None and not file.exists():
        return False
    db = Database(settings.database_url, KeyRing({}, "", b""))
    try:
        with db.reading() as session:
            return has_keys(session)
    finally:
        db.close()


def hold_against_database(db: Database, clock: Clock) -> None:
    """Refuse keys that are not the database's; warn of text that can't be opened with these."""
    with db.transaction() as session:
        missing = check_keys(session, db.keys, clock.now(session))
    if missing:
        log.warning("some sealed text can't be opened: its keys are missing", extra={"keys": len(missing)})
