"""Text that the database keeps without being able to read it: AES-256-GCM, bound to its place.

The additional data of each value are its format, key id, table, column and row id, so that a ciphertext moved to
another row or column by SQL is not opened there. What can't be opened says so in its place, and is named.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from sqlalchemy.orm import Session, object_session

from db.keyring import KeyRing

FORMAT = 1
_NONCE_BYTES = 12

CANNOT_BE_OPENED = "[this sealed text cannot be opened]"
"""Stands where the text would; an alert that needs it is raised all the same."""


class SealBroken(Exception):
    """A sealed value was moved, changed, or its key is missing; says where, never what."""

    def __init__(self, place: "Place", reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value belongs: it opens nowhere else."""

    table: str
    column: str
    row_id: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}:{self.row_id}"


def seal(keys: KeyRing, place: Place, text: str) -> bytes:
    """`text` sealed under the current key, for this place only: format, key id, nonce (96 random bits), ciphertext."""
    key_id = keys.current.encode()
    header = bytes((FORMAT, len(key_id))) + key_id
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = keys.cipher(keys.current)
    assert cipher is not None
    plain = text.encode("utf-8", "surrogatepass")
    return header + nonce + cipher.encrypt(nonce, plain, _bound_to(header, place))


def unseal(keys: KeyRing, place: Place, blob: bytes) -> str:
    """The text, or `SealBroken` when it was not sealed for this place, was changed, or its key is not in the ring."""
    if len(blob) < 2 or blob[0] != FORMAT:
        raise SealBroken(place, "unknown format")
    header, rest = blob[: 2 + blob[1]], blob[2 + blob[1] :]
    cipher = keys.cipher(header[2:].decode("utf-8", "replace"))
    if cipher is None:
        raise SealBroken(place, "its key is missing")
    try:
        plain = cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound_to(header, place))
    except (InvalidTag, ValueError):
        raise SealBroken(place, "not sealed for this place, or changed") from None
    return plain.decode("utf-8", "surrogatepass")


def _bound_to(header: bytes, place: Place) -> bytes:
    parts = (place.table.encode(), place.column.encode(), place.row_id.encode())
    return header + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def keys_of(session: Session) -> KeyRing:
    """The key ring that this session seals and opens with."""
    ring: KeyRing = session.info["keys"]
    return ring


def open_or_say(session: Session, place: Place, blob: bytes | None) -> str | None:
    """The text; where it can't be opened, words that say so, and the place is noted for the trail."""
    if blob is None:
        return None
    try:
        return unseal(keys_of(session), place, blob)
    except SealBroken as broken:
        unopened_in(session).append(str(broken.place))
        return CANNOT_BE_OPENED


def read_json(text: str | None, otherwise: Any) -> Any:
    """What sealed JSON says; `otherwise` where there is none or it can't be opened."""
    return otherwise if text is None or text == CANNOT_BE_OPENED else json.loads(text)


def unopened_in(session: Session) -> list[str]:
    """The places whose text this session could not open, for the trail to name."""
    places: list[str] = session.info.setdefault("unopened", [])
    return places


class Sealed:
    """A mapped class's text that is kept sealed: `instruction = Sealed()` over `instruction_sealed: Mapped[bytes]`.

    Reading opens only what is read. Setting seals at once, so the object has to be in a session (its keys seal it)
    and to have its id.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed": ...
    @overload
    def __get__(self, row: Any, owner: type) -> str | None: ...
    def __get__(self, row: Any | None, owner: type) -> "Sealed | str | None":
        if row is None:
            return self
        return open_or_say(_session_of(row), self._place(row), getattr(row, f"{self._name}_sealed"))

    def __set__(self, row: Any, text: str | None) -> None:
        blob = None if text is None else seal(keys_of(_session_of(row)), self._place(row), text)
        setattr(row, f"{self._name}_sealed", blob)

    def _place(self, row: Any) -> Place:
        return Place(row.__tablename__, self._name, str(row.id))


def _session_of(row: Any) -> Session:
    session = object_session(row)
    if session is None:
        raise LookupError("a row's sealed text is set and read inside a session, whose keys seal it")
    return session
