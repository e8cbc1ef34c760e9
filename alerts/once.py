"""A request that carries an `Idempotency-Key` is done once: asked again, it is answered as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.models import MoveKey
from db.base import table_of
from db.engine import upsert
from db.ids import Ids
from db.keyring import Use
from db.sealed import keys_of, read_json


class KeyReused(Exception):
    """The same `Idempotency-Key` came with another request."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key was used for another request")


class Request(Protocol):
    """A request as it was asked: by whom, with which key, and the digest of all that it says."""

    @property
    def caller(self) -> Caller:
        """Whose request it is."""
        ...

    @property
    def key(self) -> str | None:
        """Its key, where it carries one."""
        ...

    @property
    def digest(self) -> bytes:
        """What it says, digested."""
        ...


@dataclass(frozen=True, slots=True)
class KeyTaken:
    """A key that this request has, or had before; then with what it was told (`None`: that can't be opened)."""

    is_repeated: bool
    answered: Mapping[str, Any] | None = None


def take_key(session: Session, asked: Request, ids: Ids, now: datetime) -> KeyTaken | None:
    """Take the key for this request, or find the request that has it.

    Before any other lock: of two requests with one key, the second waits here until the first is answered.
    """
    if asked.key is None:
        return None
    caller, digest = asked.caller, _key_digest(session, asked.key)
    whose = {"force": caller.force, "who": caller.name, "key_digest": digest}
    said = {"id": ids(), "request_digest": asked.digest, "at": now, "answer_sealed": b""}
    add = upsert(session, table_of(MoveKey)).values(**whose, **said)
    taken = add.on_conflict_do_nothing(index_elements=list(whose)).returning(MoveKey.id)
    if session.execute(taken).first() is not None:
        return KeyTaken(is_repeated=False)
    row = session.get_one(MoveKey, (caller.force, caller.name, digest))
    if row.request_digest != asked.digest:
        raise KeyReused
    return KeyTaken(is_repeated=True, answered=read_json(row.answer, None))


def was_asked(session: Session, asked: Request) -> bool:
    """Did this very request come before?"""
    if asked.key is None:
        return False
    row = session.get(MoveKey, (asked.caller.force, asked.caller.name, _key_digest(session, asked.key)))
    return row is not None and row.request_digest == asked.digest


def keep_answer(session: Session, asked: Request, answer: str) -> None:
    """Keep what the request was answered, in its own transaction."""
    if asked.key is not None:
        key = (asked.caller.force, asked.caller.name, _key_digest(session, asked.key))
        session.get_one(MoveKey, key).answer = answer


def _key_digest(session: Session, key: str) -> bytes:
    return keys_of(session).digest_of(Use.REQUEST, f"key\x00{key}")
