"""The audit trail: who did what to which objects, when, and what was available to them (DPA 2018 s. 62).

An entry is written in the transaction that it records; a read's, in a short one of its own before it is answered. Never
the text itself: objects are named by id and version, reasons and search terms are sealed. Each entry carries a keyed
mark over its bytes, so that a changed row is found; that none is missing, the slices show (`slices.py`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from access.models import Entry, Pending, Term
from access.roles import OPEN_AUDIENCE, Caller
from access.slices import Ledger, Member
from db.base import rowcount_of, table_of
from db.errors import StorageUnavailable
from db.ids import Ids
from db.keyring import KeyRing, Use
from db.sealed import Place, keys_of, seal, unopened_in, unseal
from db.session import after_commit


class Operation(StrEnum):
    """The words of DPA 2018 s. 62, with signing in and refusing."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    SIGN_IN = "sign_in"
    REFUSAL = "refusal"


class Outcome(StrEnum):
    """What the person got."""

    DONE = "done"
    SHOWN = "shown"
    REFUSED = "refused"
    ABSENT = "absent"


class Thing(NamedTuple):
    """What something was done to: a marker, an alert, an event, at a version, and who may know of it."""

    kind: str
    id: UUID | str
    version: int
    audience: str = OPEN_AUDIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is to be recorded; `action` says what it was, in a word of the route.

    An act on things of several audiences is an entry for each of them: of a closed circle's things nobody reads outside
    it, nor that there were any. So a `search` (a list, a look-up) has its entry for everybody also where all that it
    found is a circle's. `force` is whose entry it is where no caller says so.
    """

    operation: Operation
    action: str
    outcome: Outcome = Outcome.DONE
    objects: Sequence[Thing] = ()
    search: bool = False
    in_hand: str | None = None
    reason: str | None = None
    terms: Sequence[str] = ()
    force: str | None = None


class EntriesLost(StorageUnavailable):
    """The database took entries without a word, and does not have them: what they record must not be."""

    def __init__(self) -> None:
        super().__init__("trail_entries_lost")


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes entries for one process. Its `ledger` names it, and remembers what is stored until it is chained.

    `service` and `force` stand where no caller does: the service itself, or who runs a command.
    """

    ids: Ids
    ledger: Ledger
    service: str = "heed"
    force: str = ""

    def record(self, session: Session, caller: Caller | None, act: Act, now: datetime) -> None:
        """Add an entry for `act` by `caller` (`None`: the service, or who runs the command) to this transaction."""
        self.record_all(session, [(caller, act)], now)

    def record_all(self, session: Session, acts: Iterable[tuple[Caller | None, Act]], now: datetime) -> None:
        """Several entries in one statement; what this session could not open is named in the first."""
        ring = keys_of(session)
        unopened = list(dict.fromkeys(unopened_in(session)))
        rows, terms = [], []
        for caller, act in acts:
            for audience in _audiences_of(act):
                row = self._row(ring, caller, act, (audience, unopened), now)
                rows.append(row)
                digests = sorted({ring.digest_of(Use.TRAIL_TERM, text) for text in _spoken_of(act, audience)})
                terms += [{"digest": digest, "entry_id": row["id"], "force": row["force"]} for digest in digests]
                unopened = []
        unopened_in(session).clear()
        if rows:
            self._store(session, rows)
        if terms:
            session.execute(insert(table_of(Term)), terms)

    def _store(self, session: Session, rows: Sequence[dict[str, Any]]) -> None:
        # Asked for: SQLAlchemy tells no count of inserted rows by itself.
        stored = session.execute(insert(table_of(Entry)), rows, execution_options={"preserve_rowcount": True})
        if rowcount_of(stored) != len(rows):
            raise EntriesLost
        pending = [{"force": row["force"], "entry_id": row["id"], "at": row["at"]} for row in rows]
        session.execute(insert(table_of(Pending)), pending)
        members = [Member(row["force"], row["id"], row["mark"]) for row in rows]
        after_commit(session, lambda: self.ledger.note(members))

    def _row(
        self, ring: KeyRing, caller: Caller | None, act: Act, of: tuple[str, Sequence[str]], now: datetime
    ) -> dict[str, Any]:
        entry_id, (audience, unopened) = self.ids(), of
        objects = [[thing.kind, str(thing.id), thing.version] for thing in act.objects if thing.audience == audience]

        def sealed(column: str, text: str | None) -> bytes | None:
            return seal(ring, Place("trail_entries", column, str(entry_id)), text) if text else None

        row: dict[str, Any] = {
            "id": entry_id,
            "force": caller.force if caller else act.force or self.force,
            "at": now,
            "writer": self.ledger.writer,
            "who": caller.name if caller else self.service,
            "role": caller.role.value if caller else "service",
            "desks": _canonical(sorted(caller.desks) if caller else []),
            "token_id": caller.token_id if caller else None,
            "operation": act.operation.value,
            "action": act.action,
            "outcome": act.outcome.value,
            "objects": _canonical(objects),
            "audience": audience,
            "in_hand_sealed": sealed("in_hand", act.in_hand),
            "reason_sealed": sealed("reason", act.reason),
            "terms_sealed": sealed("terms", _canonical(list(act.terms)) if act.terms else None),
            "unopened": _canonical(unopened),
        }
        return row | {"mark": mark_of(ring, row)}


def terms_in(ring: KeyRing, row: Mapping[str, Any]) -> list[str]:
    """What an entry was asked for, of its columns; `SealBroken` where that can't be opened."""
    blob = row["terms_sealed"]
    if blob is None:
        return []
    terms: list[str] = json.loads(unseal(ring, Place("trail_entries", "terms", str(row["id"])), blob))
    return terms


def _audiences_of(act: Act) -> list[str]:
    """The audiences that an act is recorded for; one on nothing at all is everybody's."""
    found = {thing.audience for thing in act.objects}
    return sorted(found | {OPEN_AUDIENCE} if act.search or not found else found)


def object_term(object_id: object) -> str:
    """What an object's digest is made of, so that no term that was asked for has the same."""
    return f"object\x00{object_id}"


NOT_INDEXED = frozenset({"event"})
"""Objects that are found by their time: an entry of the intake names hundreds."""


def _spoken_of(act: Act, audience: str) -> Iterable[str]:
    things = (thing for thing in act.objects if thing.audience == audience and thing.kind not in NOT_INDEXED)
    return chain(act.terms, (object_term(thing.id) for thing in things))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


MARKED = (
    "id", "force", "at", "writer", "who", "role", "desks", "token_id", "operation", "action", "outcome", "objects",
    "audience", "in_hand_sealed", "reason_sealed", "terms_sealed", "unopened",
)  # fmt: skip


def mark_of(ring: KeyRing, row: dict[str, Any]) -> bytes:
    """The keyed mark over an entry's columns; each is told apart from its neighbours by its length."""
    data = b""
    for name in MARKED:
        value = row[name]
        if value is None:
            part = b"\x00"
        elif isinstance(value, bytes):
            part = b"\x01" + value
        elif isinstance(value, datetime):
            part = b"\x02" + value.astimezone(UTC).isoformat(timespec="microseconds").encode()
        else:
            part = b"\x03" + str(value).encode("utf-8", "surrogatepass")
        data += len(part).to_bytes(4, "big") + part
    return ring.mark_of(Use.TRAIL_MARK, data)
