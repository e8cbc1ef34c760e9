"""Markers brought in by the thousand: the same reference again amends, what is unchanged is left alone.

In chunks of about 50 ms, each a transaction of its own, so that live posts do not wait. What is wrong with a row is
named and the others are kept; a chunk that can't be stored is split by halves until the row is found that is the cause.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from access.roles import Caller
from access.trail import Act, Operation, Outcome, Recorder
from db.clock import Clock
from db.errors import DataRefused, StorageFull, StorageUnavailable
from db.ids import Ids
from db.session import Database
from markers.drafts import Desk
from markers.matcher import Reading
from markers.matching.values import Problem
from markers.models import Marker, Target
from markers.queries import readable_markers, with_targets
from markers.refusals import CircleTooSmall, MarkerNotUnderstood, ReferenceTaken, StandingNotAllowed
from markers.register import amend, place_all, problems_of
from markers.rows import Fate, Row, Told, draft_of, merged_with
from markers.standing import status_at
from markers.things import thing_of
from markers.words import Sensitivity, Status

CHUNK_S = 0.05
"""Seconds that one chunk should take: as long may a post have to wait for it."""
FIRST_CHUNK, LARGEST_CHUNK = 10, 200
PATIENCE_S = 60.0
"""Seconds for which a chunk is tried again while the database is busy or away."""
_AGAIN_S = 0.25
_STANDS_NOT = frozenset({Status.SUSPENDED.value, Status.WITHDRAWN.value})


@dataclass(slots=True)
class Importer:
    """Takes rows into the register for one officer; with `dry_run` everything is done, and undone."""

    db: Database
    clock: Clock
    recorder: Recorder
    ids: Ids
    reading: Reading
    caller: Caller
    reason: str
    dry_run: bool = False
    _chunk: int = FIRST_CHUNK
    _seen: set[int] = field(default_factory=set)

    def take(self, rows: Iterable[Row | Told]) -> Iterator[list[Told]]:
        """What became of the rows, chunk by chunk; a line that could not be read at all is passed on as it is told."""
        left = iter(rows)
        if self.dry_run:
            # That somebody tried what is there, once; of the rest a dry run leaves nothing.
            act = Act(
                operation=Operation.CONSULTATION, action="try_import", outcome=Outcome.SHOWN, search=True,
                reason=self.reason,
            )  # fmt: skip
            with self.db.transaction() as session:
                self.recorder.record(session, self.caller, act, self.clock.now(session))
        while True:
            batch = list(islice(left, self._chunk))
            if not batch:
                return
            yield self._batch(batch)

    def _batch(self, batch: Sequence[Row | Told]) -> list[Told]:
        told = [one for one in batch if isinstance(one, Told)]
        good: list[Row] = []
        for row in batch:
            if isinstance(row, Row):
                # Before anything is locked: most of what is wrong with a row can be said without the database.
                problems = problems_of(row.draft, self.reading.numbering)
                if problems:
                    told.append(_refused(row, problems))
                else:
                    good.append(row)
        began = time.monotonic()
        for group in _without_doubles(good):
            told += [_refused(row, [_TWICE]) for row in group if _known_by(row) in self._seen]
            fresh = [row for row in group if _known_by(row) not in self._seen]
            told += self._noted(fresh, self._group(fresh)) if fresh else []
        self._pace(len(good), time.monotonic() - began)
        return sorted(told, key=lambda one: one.line)

    def _noted(self, rows: Sequence[Row], told: list[Told]) -> list[Told]:
        """Whoever says a reference twice in one file would have the second row undo the first, every time."""
        refused = {one.line for one in told if one.fate is Fate.REFUSED}
        self._seen.update(_known_by(row) for row in rows if row.line not in refused)
        return told

    def _pace(self, rows: int, seconds: float) -> None:
        """As many rows as fit into a chunk's time."""
        if rows:
            fitting = int(rows * CHUNK_S / max(seconds, 0.001))
            self._chunk = max(1, min(LARGEST_CHUNK, 2 * self._chunk, fitting))

    def _group(self, rows: Sequence[Row]) -> list[Told]:
        try:
            return self._with_retries(rows)
        except _REFUSALS as refusal:
            if len(rows) == 1:
                return [_refused(rows[0], _said(refusal, rows[0]))]
            middle = len(rows) // 2
            return self._group(rows[:middle]) + self._group(rows[middle:])

    def _with_retries(self, rows: Sequence[Row]) -> list[Told]:
        deadline, met = time.monotonic() + PATIENCE_S, 0
        while True:
            try:
                return self._once(rows)
            except ReferenceTaken:
                # Somebody else placed one between our two questions: asked anew, it stands, and is amended.
                met += 1
                if met > len(rows) or time.monotonic() > deadline:
                    raise
            except StorageFull:
                raise
            except StorageUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_AGAIN_S)
            except DataRefused as refusal:
                # Somebody else placed one of these references in the same moment: now it stands, and is amended.
                if "reference" not in refusal.constraint or time.monotonic() > deadline:
                    raise

    def _once(self, rows: Sequence[Row]) -> list[Told]:
        with self.db.rehearsal() if self.dry_run else self.db.transaction() as session:
            return self._stored(session, rows)

    def _stored(self, session: Session, rows: Sequence[Row]) -> list[Told]:
        now = self.clock.now(session)
        desk = Desk(caller=self.caller, now=now, ids=self.ids, reading=self.reading)
        standing = _standing(session, self.caller, rows)
        fresh = [row for row in rows if row.reference not in standing]
        gone = next((row for row in fresh if row.status in _STANDS_NOT), None)
        if gone:
            raise MarkerNotUnderstood([Problem("status", "does_not_stand", _DOES_NOT_STAND)])
        placed = place_all(session, [row.draft for row in fresh], desk)
        amended, fates = [], {row.reference: Fate.PLACED for row in fresh}
        for row in rows:
            if row.reference in standing:
                marker, targets = standing[row.reference]
                _must_stand(marker, row, now)
                merged, changed = merged_with(row, draft_of(marker, targets))
                fates[row.reference] = Fate.AMENDED if changed else Fate.UNCHANGED
                if changed:
                    amended.append(amend(session, marker, merged, changed, desk))
        things = [(Operation.COLLECTION, placed), (Operation.ALTERATION, amended)]
        acts = [
            Act(
                operation=operation, action="import_markers", outcome=Outcome.DONE, reason=self.reason,
                objects=[thing_of(marker) for marker in markers],
            )
            for operation, markers in things
            if markers
        ]  # fmt: skip
        self.recorder.record_all(session, [(self.caller, act) for act in acts], now)
        return [Told(line=row.line, fate=fates[row.reference]) for row in rows]


def _must_stand(marker: Marker, row: Row, now: datetime) -> None:
    """A row that says nothing of it would be told as taken, and its marker would not fire."""
    status = status_at(marker, now)
    if status.value in _STANDS_NOT and row.status != status.value:
        told = (
            f"this marker is {status.value} here, and does not fire: reinstate it, or place it under another reference"
        )
        raise MarkerNotUnderstood([Problem("reference", status.value, told)])


_REFUSALS = (CircleTooSmall, DataRefused, MarkerNotUnderstood, ReferenceTaken, StandingNotAllowed)
_DOES_NOT_STAND = "it was suspended or withdrawn where it comes from, and would fire here: leave it out"


_TWICE = Problem(
    "reference", "reference_twice", "an earlier line of this file has this reference: say all of the marker in one line"
)


def _known_by(row: Row) -> int:
    """What a line is known again by within its file; a number, since a hundred thousand of them are kept."""
    return hash((row.reference, row.draft.sensitivity is Sensitivity.COVERT))


def _refused(row: Row, problems: Sequence[Problem]) -> Told:
    placed = [replace(problem, at=_column(problem.at, row.places)) for problem in problems]
    return Told(line=row.line, fate=Fate.REFUSED, problems=placed)


def _column(at: str, places: Sequence[str]) -> str:
    """Where in the line a problem stands: the n-th target's own column."""
    if not at.startswith("targets["):
        return at
    index = int(at[len("targets[") :].partition("]")[0])
    return places[index] if index < len(places) else "targets"


def _said(refusal: Exception, row: Row) -> Sequence[Problem]:
    if isinstance(refusal, MarkerNotUnderstood):
        return refusal.problems
    if isinstance(refusal, StandingNotAllowed):
        return [Problem("reference", "not_allowed", str(refusal))]
    if isinstance(refusal, CircleTooSmall):
        return [Problem("queue", "circle_too_small", str(refusal))]
    if isinstance(refusal, ReferenceTaken):
        return [Problem("reference", "reference_taken", str(refusal))]
    return [Problem("row", "not_stored", f"the database refused line {row.line}")]


def _without_doubles(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Groups in which no reference stands twice: whether the second is one too many depends on the first."""
    group: list[Row] = []
    references: set[str] = set()
    for row in rows:
        if row.reference in references:
            yield group
            group, references = [], set()
        group.append(row)
        references.add(row.reference)
    if group:
        yield group


def _standing(session: Session, caller: Caller, rows: Sequence[Row]) -> dict[str, tuple[Marker, list[Target]]]:
    """Reference → the marker that this officer may read by it, locked; of two audiences the open one."""
    statement = readable_markers(caller).where(Marker.reference.in_({row.reference for row in rows}))
    markers = session.scalars(statement.order_by(Marker.audience.desc(), Marker.id).with_for_update()).all()
    found = with_targets(session, markers)
    wanted = {row.reference: row.draft.sensitivity is Sensitivity.COVERT for row in rows}
    chosen: dict[str, tuple[Marker, list[Target]]] = {}
    for marker, targets in found.values():
        reference = marker.reference or ""
        is_meant = (marker.sensitivity == Sensitivity.COVERT) == wanted[reference]
        if is_meant or reference not in chosen:
            chosen[reference] = (marker, targets)
    return chosen
