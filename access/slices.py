"""The trail chained: each process seals, after commit and from its own memory, what it committed.

One chain row in every transaction would make all writers wait for one another (at a commit time of 5 ms it cost 43 %
of the intake); so each process chains its own entries, each second, at 512 of them and at its end. A slice names its
members, their Merkle root (RFC 6962) and the seal of the slice before, under a keyed mark. Since it is made from
memory, an entry that a trigger removed behind our back is missed. What a killed process left, another adopts.
"""

import hashlib
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.models import Entry, Head, Pending, Slice
from db.clock import Clock
from db.keyring import KeyRing, Use
from db.sealed import keys_of
from db.session import Database

AT_MOST = 512
"""Entries of one slice."""
ADOPTED_AFTER = timedelta(seconds=10)
"""An entry that lies unsealed for so long has lost the process that wrote it."""
ADOPTED_WITHIN = timedelta(hours=1)
"""So far back a process that was away looks whether others sealed its entries meanwhile."""
NONE_BEFORE = bytes(32)
"""`previous` of a writer's first slice."""
_GONE = bytes(32)
"""Stands for the mark of an entry that is not there: its slice will never fit."""


class Member(NamedTuple):
    """An entry of a slice, and its mark."""

    force: str
    id: UUID
    mark: bytes


class Ledger:
    """What this process has committed and not sealed yet; `writer` is the name under which it seals."""

    def __init__(self, writer: str) -> None:
        self.writer = writer
        self.is_full = threading.Event()
        self._waiting: list[Member] = []
        self._lock = threading.Lock()

    def note(self, members: Iterable[Member]) -> None:
        """These are stored now."""
        with self._lock:
            self._waiting += members
            if len(self._waiting) >= AT_MOST:
                self.is_full.set()

    def take(self) -> list[Member]:
        """All that wait to be sealed; give back what could not be."""
        with self._lock:
            taken, self._waiting = self._waiting, []
            self.is_full.clear()
            return taken

    def give_back(self, members: Sequence[Member]) -> None:
        """These could not be sealed, and come first the next time."""
        with self._lock:
            self._waiting = [*members, *self._waiting]


def seal_waiting(db: Database, clock: Clock, ledger: Ledger) -> int:
    """Seal all that this process has committed, one slice for each force and 512 entries; answers how many entries."""
    waiting = ledger.take()
    done = 0
    try:
        for force in sorted({member.force for member in waiting}):
            own = [member for member in waiting if member.force == force]
            for start in range(0, len(own), AT_MOST):
                with db.transaction() as session:
                    _seal_own(session, ledger.writer, own[start : start + AT_MOST], clock.now(session))
                done += len(own[start : start + AT_MOST])
                sealed = {member.id for member in own[start : start + AT_MOST]}
                waiting = [member for member in waiting if member.id not in sealed]
    finally:
        ledger.give_back(waiting)
    return done


def _seal_own(session: Session, writer: str, members: Sequence[Member], now: datetime) -> None:
    """Seal what this process remembers, but for what others have adopted while it was away."""
    force = members[0].force
    left = _no_longer_pending(session, force, [member.id for member in members])
    missed = {member.id for member in members} - left
    if missed:
        missed &= _sealed_already(session, force, writer, now - ADOPTED_WITHIN)
    kept = [member for member in members if member.id not in missed]
    if kept:
        _add_slice(session, writer, kept, now, adopted=False)


def _no_longer_pending(session: Session, force: str, ids: Sequence[UUID]) -> set[UUID]:
    """Take these off the list of what waits; answers those that stood there."""
    these = (Pending.force == force, Pending.entry_id.in_(ids))
    return set(session.scalars(delete(Pending).where(*these).returning(Pending.entry_id)))


def _sealed_already(session: Session, force: str, writer: str, since: datetime) -> set[UUID]:
    """What others have adopted lately, and this writer's last slice, whose commit may have been taken for lost."""
    adopted = select(Slice.members).where(Slice.force == force, Slice.adopted, Slice.at >= since)
    of_writer = (Slice.force == force, Slice.writer == writer)
    last = select(Slice.members).where(*of_writer).order_by(Slice.n.desc()).limit(1)
    found = [*session.scalars(adopted), *session.scalars(last)]
    return {entry_id for members in found for entry_id in ids_in(members)}


def adopt(db: Database, clock: Clock, writer: str) -> int:
    """Seal what a process that is no more left unsealed, as adopted; answers how many entries."""
    with db.transaction() as session:
        now = clock.now(session)
        left = (
            select(Pending.force, Pending.entry_id)
            .where(Pending.at < now - ADOPTED_AFTER)
            .order_by(Pending.force, Pending.at)
            .limit(AT_MOST)
            .with_for_update(skip_locked=True)
        )
        found: dict[str, list[UUID]] = {}
        for force, entry_id in session.execute(left):
            found.setdefault(force, []).append(entry_id)
        for force, ids in found.items():
            these = (Entry.force == force, Entry.id.in_(ids))
            marks = {row.id: row.mark for row in session.execute(select(Entry.id, Entry.mark).where(*these))}
            _no_longer_pending(session, force, ids)
            members = [Member(force, entry_id, marks.get(entry_id, _GONE)) for entry_id in ids]
            _add_slice(session, writer, members, now, adopted=True)
    return sum(map(len, found.values()))


def _add_slice(session: Session, writer: str, members: Sequence[Member], now: datetime, *, adopted: bool) -> None:
    ring, force = keys_of(session), members[0].force
    head = session.get(Head, (force, writer), with_for_update=True)
    added = Slice(
        force=force, writer=writer, n=head.n + 1 if head else 1, at=now, adopted=adopted,
        members=b"".join(member.id.bytes for member in members),
        root=root_of([leaf_of(member.id, member.mark) for member in members]),
        previous=head.seal if head else NONE_BEFORE,
    )  # fmt: skip
    added.seal = seal_of(ring, added)
    session.add(added)
    if head is None:
        head = Head(force=force, writer=writer)
        session.add(head)
    head.n, head.seal = added.n, added.seal
    head.mark = head_mark(ring, head)
    session.flush()


def ids_in(members: bytes) -> list[UUID]:
    """The ids of a slice's members."""
    return [UUID(bytes=members[start : start + 16]) for start in range(0, len(members) - 15, 16)]


def leaf_of(entry_id: UUID, mark: bytes) -> bytes:
    """The leaf of one entry: its mark stands for all its bytes."""
    return hashlib.sha256(b"\x00" + entry_id.bytes + mark).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over leaves that are hashed already (RFC 6962, 2.1)."""
    if len(leaves) == 1:
        return leaves[0]
    if not leaves:
        return hashlib.sha256(b"").digest()
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:left]) + root_of(leaves[left:])).digest()


def seal_of(ring: KeyRing, of: Slice) -> bytes:
    """The keyed mark over a slice and, by the seal before, over all before it."""
    parts = (
        of.force.encode(), of.writer.encode(), str(of.n).encode(), of.at.astimezone(UTC).isoformat().encode(),
        b"adopted" if of.adopted else b"own", of.members, of.root, of.previous,
    )  # fmt: skip
    return ring.mark_of(Use.TRAIL_SEAL, b"".join(len(part).to_bytes(4, "big") + part for part in parts))


def head_mark(ring: KeyRing, head: Head) -> bytes:
    """The keyed mark over where a writer's chain stands."""
    parts = (head.force.encode(), head.writer.encode(), str(head.n).encode(), head.seal)
    return ring.mark_of(Use.TRAIL_HEAD, b"".join(len(part).to_bytes(4, "big") + part for part in parts))
