"""The database knows its keys again: with other keys Heed refuses to start, and it never makes new ones for it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.base import Base
from db.keyring import KeyRing


class WrongKeys(Exception):
    """These keys are not the ones that this database was written with."""


class KeyCheck(Base):
    """One key's check value, kept when the key was first used here."""

    __tablename__ = "key_checks"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    since: Mapped[datetime]


def has_keys(session: Session) -> bool:
    """Was anything ever written here under some keys?"""
    return session.scalars(select(KeyCheck.key_id).limit(1)).first() is not None


def hold_against(session: Session, keys: KeyRing) -> list[str]:
    """Hold `keys` against the database's check values, and change nothing.

    Answers the ids of sealing keys that are missing from the ring: text sealed under them can't be opened, and says so
    where it would stand. Another digest key, another key under a known id, or no known sealing key: `WrongKeys`.
    """
    return _missing(_known(session), keys.check_values())


def check_keys(session: Session, keys: KeyRing, now: datetime) -> list[str]:
    """`hold_against`, and keep the check values of keys that the database has not seen."""
    known, ours = _known(session), keys.check_values()
    missing = _missing(known, ours)
    for kind, key_id in ours.keys() - known.keys():
        session.add(KeyCheck(kind=kind, key_id=key_id, value=ours[kind, key_id], since=now))
    return missing


_Values = Mapping[tuple[str, str], bytes]
"""Kind and id of a key → its check value."""


def _known(session: Session) -> _Values:
    return {(row.kind, row.key_id): row.value for row in session.scalars(select(KeyCheck))}


def _missing(known: _Values, ours: _Values) -> list[str]:
    other = sorted(name for name, value in ours.items() if known.get(name, value) != value)
    if other:
        raise WrongKeys(f"the {other[0][0]} key {other[0][1]!r} is not the one that this database was written with")
    missing = sorted(key_id for kind, key_id in known if kind == "sealing" and (kind, key_id) not in ours)
    if known and len(missing) == sum(kind == "sealing" for kind, _ in known):
        raise WrongKeys("none of the sealing keys is one that this database was written with")
    return missing
