"""Statements about markers, each named for its question. Reads that people see start at `readable_by`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE, Caller, Role, audiences_of
from db.base import table_of
from db.engine import any_of, found_first, upsert
from db.keyring import Use
from db.sealed import keys_of
from markers.case_models import Case
from markers.models import LookBack, Marker, MatchKey, Target
from markers.words import Status

_AT_ONCE = 5_000


def readable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition under which a marker exists for this caller.

    A covert one has its case's officer and deputy among its readers: those that the circle's own case names.
    """
    theirs = Marker.audience.in_(sorted(audiences_of(caller)))
    standing = and_(Marker.force == caller.force, Marker.erased_at.is_(None))
    if caller.role is not Role.OFFICER:
        return and_(standing, theirs)
    named = (
        Case.force == Marker.force, Case.audience == Marker.audience, Case.reference == Marker.case_reference,
        is_named_on(Case, caller),
    )  # fmt: skip
    return and_(standing, or_(theirs, exists().where(*named)))


def is_named_on(case: type[Case], caller: Caller) -> ColumnElement[bool]:
    """Is this caller the officer or the deputy of a case?"""
    return or_(case.officer == caller.name, case.deputy == caller.name)


def readable_markers(caller: Caller) -> Select[Marker]:
    """The markers that exist for this caller."""
    return select(Marker).where(readable_by(caller))


def marker_readable_by(session: Session, caller: Caller, marker_id: UUID, *, to_change: bool = False) -> Marker | None:
    """One marker as this caller may see it; locked until the transaction ends when it is to be changed."""
    statement = readable_markers(caller).where(Marker.id == marker_id)
    return session.scalars(statement.with_for_update() if to_change else statement).one_or_none()


def status_is(status: Status, now: datetime) -> ColumnElement[bool]:
    """The condition under which a marker has this status at `now`; `status_at` says the same of one marker."""
    standing = and_(Marker.withdrawn_at.is_(None), Marker.suspended_at.is_(None))
    not_lapsed = or_(Marker.valid_until.is_(None), Marker.valid_until > now)
    return {
        Status.WITHDRAWN: Marker.withdrawn_at.is_not(None),
        Status.SUSPENDED: and_(Marker.withdrawn_at.is_(None), Marker.suspended_at.is_not(None)),
        Status.LAPSED: and_(standing, Marker.valid_until <= now),
        Status.SCHEDULED: and_(standing, not_lapsed, Marker.valid_from > now),
        Status.ACTIVE: and_(standing, not_lapsed, Marker.valid_from <= now),
    }[status]


def active_count(session: Session, caller: Caller, now: datetime) -> int:
    """How many markers that this caller may read would fire now."""
    asked = select(func.count()).select_from(Marker).where(readable_by(caller), status_is(Status.ACTIVE, now))
    return session.scalar(asked) or 0


def targets_of(session: Session, force: str, marker_ids: Collection[UUID]) -> dict[UUID, list[Target]]:
    """Marker → its targets in their order."""
    found: dict[UUID, list[Target]] = {marker_id: [] for marker_id in marker_ids}
    of_these = (Target.force == force, Target.marker_id.in_(marker_ids))
    statement = select(Target).where(*of_these).order_by(Target.ordinal)
    for target in session.scalars(statement):
        found[target.marker_id].append(target)
    return found


def with_targets(session: Session, markers: Sequence[Marker]) -> dict[UUID, tuple[Marker, list[Target]]]:
    """Id → marker and its targets, for markers of one force."""
    if not markers:
        return {}
    targets = targets_of(session, markers[0].force, [marker.id for marker in markers])
    return {marker.id: (marker, targets[marker.id]) for marker in markers}


def markers_by_id(session: Session, forces: Collection[str], marker_ids: Collection[UUID]) -> dict[UUID, Marker]:
    """Id → marker, whoever may read it: for alerts, which stand in their marker's own audience."""
    if not marker_ids:
        return {}
    these = (Marker.force.in_(forces), Marker.id.in_(marker_ids))
    return {row.id: row for row in session.scalars(select(Marker).where(*these))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A target that shares a key with what was asked, and the plain facts of its marker."""

    digest: bytes
    target_id: UUID
    ordinal: int
    kind: str
    given_sealed: bytes
    known_sealed: bytes | None
    marker_id: UUID
    placed_at: datetime
    placed_ordinal: int
    force: str
    audience: str
    queue: str | None
    case_reference: str | None
    category: str
    risk: str
    response_grade: str | None
    valid_from: datetime
    valid_until: datetime | None


def candidates_for(
    session: Session, digests: Collection[bytes], readable: ColumnElement[bool] | None = None
) -> list[Candidate]:
    """The one question of matching: all targets, of whatever force, desk and audience, that have one of these keys.

    `readable` narrows it to what a caller may see, before anything is opened or counted: for lookups, never for
    events. Suspended and withdrawn markers are left out; dates are judged per event by the caller.

    An event's keys, targets and markers are asked table by table, each by its primary key: no lack of statistics can
    lead that astray (in one join, a database just filled began with every marker there is: 55 ms in place of 0.3 ms),
    and mostly there is nothing behind the first. A lookup is always one join: what is hidden must take the time of
    what is absent.
    """
    asked = sorted(digests)
    found: list[Candidate] = []
    for start in range(0, len(asked), _AT_ONCE):
        has_key = any_of(session, MatchKey.digest, asked[start : start + _AT_ONCE])
        if readable is None:
            found += _table_by_table(session, has_key)
        else:
            # Asked first, whatever a planner thinks best: from the caller's side it would begin with every marker
            # that they may see (SQLite, a million targets: 630 ms in place of 12).
            keys = table_of(MatchKey).c
            touched = select(keys.digest, keys.force, keys.target_id).where(has_key).cte("touched")
            touched = touched.prefix_with("MATERIALIZED")
            statement = select(touched.c.digest, *_OF_TARGET, *_OF_MARKER).where(
                *_joined_to(session, touched), readable
            )
            found += [Candidate(**row) for row in session.execute(statement).mappings()]
    return found


FAINT_AT_MOST = 50
"""So many of the targets that a vague position touches are looked at, for the open audience and for circles apart."""


def faint_candidates_for(
    session: Session, digests: Collection[bytes], readable: ColumnElement[bool] | None = None
) -> list[Candidate]:
    """Some of the targets that have one of these keys: what they match raises nothing, but may stand on an alert.

    Those of closed circles are counted apart, so that they push out nothing that others see.
    """
    if not digests:
        return []
    has_key = any_of(session, MatchKey.digest, sorted(digests))
    # Asked first, whatever a planner without statistics thinks best: there may be none, and there are never all.
    touched = select(MatchKey.force, MatchKey.target_id).where(has_key).distinct().cte("touched")
    touched = touched.prefix_with("MATERIALIZED")
    is_open = Marker.audience == OPEN_AUDIENCE
    found: list[Candidate] = []
    for audience in (is_open, ~is_open) if readable is None else (readable,):
        statement = select(*_OF_TARGET, *_OF_MARKER).where(*_joined_to(session, touched), audience)
        rows = session.execute(statement.order_by(Target.id).limit(FAINT_AT_MOST)).mappings()
        found += [Candidate(digest=b"", **row) for row in rows]
    return found


def _table_by_table(session: Session, has_key: ColumnElement[bool]) -> list[Candidate]:
    hits = session.execute(select(MatchKey.digest, MatchKey.force, MatchKey.target_id).where(has_key)).all()
    if not hits:
        return []
    forces = sorted({hit.force for hit in hits})
    target_ids = sorted({hit.target_id for hit in hits})
    of_these = (Target.force.in_(forces), Target.id.in_(target_ids), Target.out_of_use_since.is_(None))
    rows = session.execute(select(*_OF_TARGET, Target.marker_id.label("of_marker")).where(*of_these)).mappings()
    targets = {row["target_id"]: row for row in rows}
    marker_ids = sorted({row["of_marker"] for row in targets.values()})
    of_them = (Marker.force.in_(forces), Marker.id.in_(marker_ids), *_STANDING)
    markers = {row["marker_id"]: row for row in session.execute(select(*_OF_MARKER).where(*of_them)).mappings()}
    found = []
    for hit in hits:
        target = dict(targets.get(hit.target_id, {}))
        marker = markers.get(target.pop("of_marker", None))
        if marker is not None:
            found.append(Candidate(digest=hit.digest, **target, **marker))
    return found


_OF_TARGET = (Target.id.label("target_id"), Target.ordinal, Target.kind, Target.given_sealed, Target.known_sealed)
_OF_MARKER = (
    Marker.id.label("marker_id"),
    Marker.placed_at,
    Marker.placed_ordinal,
    Marker.force,
    Marker.audience,
    Marker.queue,
    Marker.case_reference,
    Marker.category,
    Marker.risk,
    Marker.response_grade,
    Marker.valid_from,
    Marker.valid_until,
)
_STANDING = (Marker.suspended_at.is_(None), Marker.withdrawn_at.is_(None))


def _joined_to(session: Session, touched: CTE) -> tuple[ColumnElement[bool], ...]:
    """Targets that were touched, and their markers, as far as they stand."""
    return (
        *found_first(session, Target.force, select(touched.c.force)),
        *found_first(session, Target.id, select(touched.c.target_id)),
        *(touched.c.force == Target.force, touched.c.target_id == Target.id),
        *(Target.force == Marker.force, Target.marker_id == Marker.id, Target.out_of_use_since.is_(None)),
        *_STANDING,
    )


def store_keys(session: Session, force: str, keys: Sequence[tuple[UUID, str]]) -> None:
    """Keep (target, key) pairs as keyed digests, set-based."""
    ring = keys_of(session)
    rows = {(ring.digest_of(Use.MATCH, key), target_id) for target_id, key in keys}
    if rows:
        values = [{"digest": digest, "target_id": target, "force": force} for digest, target in sorted(rows)]
        session.execute(insert(MatchKey), values)


def drop_targets(session: Session, force: str, marker_id: UUID) -> None:
    """Remove a marker's targets, and with them their keys, before others take their place."""
    session.execute(delete(Target).where(Target.force == force, Target.marker_id == marker_id))


def references_taken(session: Session, force: str, audience: str, references: Collection[str]) -> bool:
    """Does a marker of this force and audience have one of these references?"""
    of_these = (Marker.force == force, Marker.audience == audience, Marker.reference.in_(references))
    return session.scalars(select(Marker.id).where(*of_these).limit(1)).first() is not None


def ask_to_look_back(session: Session, markers: Iterable[Marker], now: datetime) -> None:
    """These markers look back at what came before them, from now on; one that was asked already begins anew."""
    rows: list[dict[str, Any]] = [
        {"force": one.force, "marker_id": one.id, "due_at": now, "rounds": 0} for one in markers
    ]
    if rows:
        rows.sort(key=lambda row: (row["force"], row["marker_id"]))
        add = upsert(session, table_of(LookBack))
        anew = {"due_at": add.excluded.due_at, "rounds": 0}
        session.execute(add.on_conflict_do_update(index_elements=["force", "marker_id"], set_=anew), rows)


def take_look_backs(session: Session, now: datetime, until: datetime, limit: int) -> list[LookBack]:
    """Markers whose turn it is, taken `until` then: if whoever took them dies, another takes them."""
    due = select(LookBack).where(LookBack.due_at <= now).order_by(LookBack.due_at).limit(limit)
    rows = list(session.scalars(due.with_for_update(skip_locked=True)))
    for row in rows:
        row.due_at = until
    session.flush()
    session.expunge_all()
    return rows


def looked_back(session: Session, taken: Sequence[LookBack], again_at: datetime | None) -> None:
    """They looked back: once more at `again_at`, or that is all. One that was asked anew meanwhile stays as it is."""
    for row in taken:
        this = (LookBack.force == row.force, LookBack.marker_id == row.marker_id, LookBack.due_at == row.due_at)
        if again_at is None:
            session.execute(delete(LookBack).where(*this))
        else:
            session.execute(update(LookBack).where(*this).values(due_at=again_at, rounds=row.rounds + 1))
