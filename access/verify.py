"""Is the trail as it was written? Every entry is read again: heads alone would call a file edited by hand consistent.

Changed, removed, added, exchanged and reordered entries and slices are found, whoever has the database but not the
keys. A whole writer removed with all that is its own, a writer's end cut off with an older copy of its head put back,
or everything put back to an older copy, is not: that takes a copy of the heads kept elsewhere.
"""

import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from access.models import Entry, Head, Pending, Slice, Term, Token
from access.slices import NONE_BEFORE, head_mark, ids_in, leaf_of, root_of, seal_of
from access.trail import MARKED, NOT_INDEXED, mark_of, object_term, terms_in
from db.keyring import KeyRing, Use
from db.sealed import SealBroken, keys_of

_PAGE = 500
_UNREADABLE = (ValueError, TypeError, AttributeError)
"""What a driver raises over a moment or an id that is none: somebody has written there by hand."""
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
    slices: int = 0
    adopted: int = 0
    pending: int = 0
    first: tuple[bytes, UUID | None, str] | None = None
    marks: dict[UUID, bytes] = field(default_factory=dict)
    told: "_Sum" = field(default_factory=lambda: _Sum(secrets.token_bytes(32)))
    terms: int = 0

    def finds(self, entry_id: UUID | None, what: str, order: bytes | None = None) -> None:
        """Something is broken; the first in time counts (ids begin with theirs)."""
        place = order if order is not None else entry_id.bytes if entry_id else b"\xff"
        if self.first is None or place < self.first[0]:
            self.first = (place, entry_id, what)

    def read(self, force: str, ids: Sequence[UUID]) -> bool:
        """Read these entries, and hold each against its mark; are all there, as they were written?"""
        self.marks, good = {}, True
        for start in range(0, len(ids), _PAGE):
            good &= self._page(force, ids[start : start + _PAGE])
        for entry_id in ids:
            self.told.add(force, entry_id)
            if entry_id not in self.marks:
                self.finds(entry_id, "is gone")
                good = False
        return good

    def _page(self, force: str, ids: Sequence[UUID]) -> bool:
        these = and_(Entry.force == force, Entry.id.in_(ids))
        try:
            rows = [dict(row) for row in self.session.execute(select(*_COLUMNS).where(these)).mappings()]
        except _UNREADABLE:
            if len(ids) > 1:
                middle = len(ids) // 2
                first, second = self._page(force, ids[:middle]), self._page(force, ids[middle:])
                return first and second
            self.finds(ids[0], "can't be read: it is not as it was written")
            self.marks[ids[0]] = b""
            return False
        terms = self._terms_of(force, ids)
        good = True
        for row in rows:
            self.marks[row["id"]] = row["mark"]
            if not _fits(mark_of(self.ring, row), row["mark"]):
                self.finds(row["id"], "is not as it was written")
                good = False
            elif not self._is_found_by(row, terms.get(row["id"], set())):
                self.finds(row["id"], "is not found by what it speaks of, or by more than that")
        return good

    def _terms_of(self, force: str, ids: Sequence[UUID]) -> dict[UUID, set[bytes]]:
        found: dict[UUID, set[bytes]] = {}
        of = select(Term.entry_id, Term.digest).where(Term.force == force, Term.entry_id.in_(ids))
        for entry_id, digest in self.session.execute(of):
            found.setdefault(entry_id, set()).add(digest)
            self.terms += 1
        return found

    def _is_found_by(self, row: dict[str, Any], digests: set[bytes]) -> bool:
        """An auditor asks by digests: they have to be those of the entry's own objects and terms."""
        things = [object_term(key) for kind, key, _ in json.loads(row["objects"]) if kind not in NOT_INDEXED]
        try:
            asked = terms_in(self.ring, row)
        except SealBroken:
            # A key that is no longer here: what the entry was asked for can't be told, but nothing may be lacking.
            return {self.ring.digest_of(Use.TRAIL_TERM, text) for text in things} <= digests
        return {self.ring.digest_of(Use.TRAIL_TERM, text) for text in (*things, *asked)} == digests


class _Sum:
    """A sum over entries that is the same for the same ones, each as often; nobody can foresee its key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.total = 0
        self.count = 0

    def add(self, force: str, entry_id: UUID) -> None:
        """One more."""
        told = hashlib.blake2b(entry_id.bytes + force.encode(), key=self._key, digest_size=32).digest()
        self.total = (self.total + int.from_bytes(told)) % (1 << 256)
        self.count += 1

    def of_all(self, entries: Iterable[tuple[str, UUID]]) -> "_Sum":
        """The same sum over other entries."""
        other = _Sum(self._key)
        for force, entry_id in entries:
            other.add(force, entry_id)
        return other


def _fits(mark: bytes, stored: object) -> bool:
    return isinstance(stored, bytes) and hmac.compare_digest(mark, stored)


def verify(session: Session) -> Verdict:
    """Read every entry, slice and head again, in the one snapshot that `session` sees."""
    reading = _Reading(session, keys_of(session))
    entries = session.scalar(select(func.count()).select_from(Entry)) or 0
    try:
        _read_all(reading)
    except _UNREADABLE:
        reading.finds(None, "a slice, a head or an id can't be read: it is not as it was written")
    if not entries and session.scalar(select(Token.id).limit(1)) is not None:
        reading.finds(None, "every entry is gone: somebody was given a token, and that stands in the trail")
    first = reading.first
    return Verdict(
        entries, reading.slices, reading.pending, reading.adopted,
        broken=first[1] if first else None, what=first[2] if first else None,
    )  # fmt: skip


def _read_all(reading: _Reading) -> None:
    session = reading.session
    heads = {(head.force, head.writer): head for head in session.scalars(select(Head))}
    for chain, slices in groupby(_all_slices(session), key=lambda one: (one.force, one.writer)):
        _follow(reading, slices, heads.pop(chain, None))
    for head in heads.values():
        reading.finds(None, f"all slices of {head.writer} are gone")
    _read_pending(reading)
    stored = reading.told.of_all(_all_ids(session))
    if (stored.count, stored.total) != (reading.told.count, reading.told.total):
        _name_strays(reading)
    if (session.scalar(select(func.count()).select_from(Term)) or 0) != reading.terms and reading.first is None:
        reading.finds(None, "some entry is found by what it does not speak of")


def _follow(reading: _Reading, slices: Iterator[Slice], head: Head | None) -> None:
    """One writer's chain, from its first slice to where its head says that it ends."""
    n, seal, writer = 0, NONE_BEFORE, ""
    for one in slices:
        writer = one.writer
        ids = ids_in(one.members)
        order = ids[0].bytes if ids else None
        if one.n != n + 1 or one.previous != seal:
            reading.finds(None, f"slices between {n} and {one.n} of {writer} are gone, or were exchanged", order)
        if not _fits(seal_of(reading.ring, one), one.seal):
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
    elif not _fits(head_mark(reading.ring, head), head.mark):
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


def _all_ids(session: Session) -> Iterator[tuple[str, UUID]]:
    order = (Entry.force, Entry.id)
    behind: ColumnElement[bool] | None = None
    while True:
        page = select(Entry.force, Entry.id).order_by(*order).limit(_PAGE)
        rows = session.execute(page if behind is None else page.where(behind)).all()
        yield from ((row.force, row.id) for row in rows)
        if len(rows) < _PAGE:
            return
        behind = tuple_(*order) > tuple_(rows[-1].force, rows[-1].id)


def _name_strays(reading: _Reading) -> None:
    """An entry is told of by no slice, or by two: somebody put it there, or hid that it waits."""
    session = reading.session
    known = Counter((one.force, entry_id) for one in _all_slices(session) for entry_id in ids_in(one.members))
    known.update((row.force, row.entry_id) for row in session.execute(select(Pending.force, Pending.entry_id)))
    for force, entry_id in _all_ids(session):
        if (force, entry_id) not in known:
            reading.finds(entry_id, "stands in no slice")
    for (_, entry_id), times in known.items():
        if times > 1:
            reading.finds(entry_id, "is told of twice")
