"""Is the trail as it was written? Every entry is read again: heads alone would call a file edited by hand consistent.

Changed, removed, added, exchanged and reordered entries and slices are found, by whoever has the database but not the
keys. A whole writer removed with its head, or everything put back to an older copy, is not: that takes a copy of the
heads kept elsewhere.
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from access.models import Entry, Head, Pending, Slice
from access.slices import NONE_BEFORE, head_mark, ids_in, leaf_of, root_of, seal_of
from access.trail import MARKED, mark_of
from db.keyring import KeyRing
from db.sealed import keys_of

_PAGE = 500
_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = tuple(getattr(Entry, name) for name in (*MARKED, "mark"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reading the whole trail found. `broken` is the first entry that is not as it was written, `what` says how;
    where only a slice tells of it, `broken` is `None`.
    """

    entries: int
    slices: int = 0
    pending: int = 0
    adopted: int = 0
    broken: UUID | None = None
    what: str | None = None

    @property
    def is_intact(self) -> bool:
        """Every entry is there, as it was written, and none besides."""
        return self.what is None


@dataclass(slots=True)
class _Reading:
    session: Session
    ring: KeyRing
    covered: int = 0
    slices: int = 0
    adopted: int = 0
    pending: int = 0
    first: tuple[bytes, UUID | None, str] | None = None
    marks: dict[UUID, bytes] = field(default_factory=dict)

    def finds(self, entry_id: UUID | None, what: str, order: bytes | None = None) -> None:
        """Something is broken; the first in time counts (ids begin with theirs)."""
        place = order if order is not None else entry_id.bytes if entry_id else b"\xff"
        if self.first is None or place < self.first[0]:
            self.first = (place, entry_id, what)

    def read(self, force: str, ids: Sequence[UUID]) -> bool:
        """Read these entries, and hold each against its mark; are all there, as they were written?"""
        self.marks, good = {}, True
        for start in range(0, len(ids), _PAGE):
            these = and_(Entry.force == force, Entry.id.in_(ids[start : start + _PAGE]))
            for row in self.session.execute(select(*_COLUMNS).where(these)).mappings():
                self.marks[row["id"]] = row["mark"]
                if not hmac.compare_digest(mark_of(self.ring, dict(row)), row["mark"]):
                    self.finds(row["id"], "is not as it was written")
                    good = False
        for entry_id in ids:
            if entry_id not in self.marks:
                self.finds(entry_id, "is gone")
                good = False
        self.covered += len(self.marks)
        return good


def verify(session: Session) -> Verdict:
    """Read every entry, slice and head again, in the one snapshot that `session` sees."""
    reading = _Reading(session, keys_of(session))
    heads = {(head.force, head.writer): head for head in session.scalars(select(Head))}
    for chain, slices in groupby(_all_slices(session), key=lambda one: (one.force, one.writer)):
        _follow(reading, slices, heads.pop(chain, None))
    for head in heads.values():
        reading.finds(None, f"all slices of {head.writer} are gone")
    _read_pending(reading)
    entries = session.scalar(select(func.count()).select_from(Entry)) or 0
    if entries != reading.covered:
        _name_strays(reading)
    first = reading.first
    return Verdict(
        entries, reading.slices, reading.pending, reading.adopted,
        broken=first[1] if first else None, what=first[2] if first else None,
    )  # fmt: skip


def _follow(reading: _Reading, slices: Iterator[Slice], head: Head | None) -> None:
    """One writer's chain, from its first slice to where its head says that it ends."""
    n, seal, writer = 0, NONE_BEFORE, ""
    for one in slices:
        writer = one.writer
        ids = ids_in(one.members)
        order = ids[0].bytes if ids else None
        if one.n != n + 1 or one.previous != seal:
            reading.finds(None, f"slices between {n} and {one.n} of {writer} are gone, or were exchanged", order)
        if not hmac.compare_digest(seal_of(reading.ring, one), one.seal):
            reading.finds(None, f"slice {one.n} of {writer} is not as it was sealed", order)
        # Where an entry is broken it is named, and not the slice that it makes unfit.
        if reading.read(one.force, ids):
            root = root_of([leaf_of(entry_id, reading.marks[entry_id]) for entry_id in ids])
            if root != one.root:
                reading.finds(None, f"the entries of slice {one.n} of {writer} are not those that were sealed", order)
        n, seal = one.n, one.seal
        reading.slices += 1
        reading.adopted += len(ids) if one.adopted else 0
    if head is None:
        reading.finds(None, f"the head of {writer} is gone")
    elif not hmac.compare_digest(head_mark(reading.ring, head), head.mark):
        reading.finds(None, f"the head of {writer} is not as it was written")
    elif (head.n, head.seal) != (n, seal):
        reading.finds(None, f"slices {n + 1} to {head.n} of {writer} are gone")


def _all_slices(session: Session) -> Iterator[Slice]:
    order = (Slice.force, Slice.writer, Slice.n)
    page = select(Slice).order_by(*order).limit(_PAGE)
    rows = session.scalars(page).all()
    while rows:
        yield from rows
        last = rows[-1]
        behind = tuple_(*order) > tuple_(last.force, last.writer, last.n)
        for row in rows:
            session.expunge(row)
        rows = session.scalars(page.where(behind)).all()


def _read_pending(reading: _Reading) -> None:
    """What no slice holds yet: the last second's, or a killed process's."""
    rows = reading.session.execute(select(Pending.force, Pending.entry_id).order_by(Pending.force)).all()
    for force, of_force in groupby(rows, key=lambda row: row.force):
        ids = [row.entry_id for row in of_force]
        reading.read(force, ids)
        reading.pending += len(ids)


def _name_strays(reading: _Reading) -> None:
    """There are more entries than slices tell of, or one twice: somebody put them there, or hid that they wait."""
    session = reading.session
    known = {entry_id for one in _all_slices(session) for entry_id in ids_in(one.members)}
    known |= set(session.scalars(select(Pending.entry_id)))
    order = (Entry.force, Entry.id)
    behind: ColumnElement[bool] | None = None
    named = False
    while True:
        page = select(Entry.force, Entry.id).order_by(*order).limit(_PAGE)
        rows = session.execute(page if behind is None else page.where(behind)).all()
        for row in rows:
            if row.id not in known:
                named = True
                reading.finds(row.id, "stands in no slice")
        if len(rows) < _PAGE:
            break
        behind = tuple_(*order) > tuple_(rows[-1].force, rows[-1].id)
    if not named:
        reading.finds(None, "some entry is told of twice")
