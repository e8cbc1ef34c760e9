"""Which stored events may mean a marker: those that share one of its keys, by the beginnings of the digests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session

from alerts.event_models import Event, EventKey
from db.keyring import Use
from db.sealed import keys_of
from markers.matcher import PACKED_BYTES
from markers.matching.values import Part, Phone
from markers.models import MatchKey, Target

SCANNED_AT_ONCE = 2_000

MarkerKey = tuple[str, UUID]
"""A marker's force and id."""


def wanted_keys(session: Session, markers: Collection[MarkerKey]) -> frozenset[bytes]:
    """The beginnings of the digests under which these markers' targets are kept."""
    of_these = select(MatchKey.digest).join(
        Target, and_(Target.force == MatchKey.force, Target.id == MatchKey.target_id)
    )
    wanted: set[bytes] = set()
    for force in {force for force, _ in markers}:
        ids = [marker_id for whose, marker_id in markers if whose == force]
        digests = session.scalars(of_these.where(Target.force == force, Target.marker_id.in_(ids)))
        wanted.update(digest[:PACKED_BYTES] for digest in digests)
    return frozenset(wanted)


def scan(
    session: Session, wanted: frozenset[bytes], span: tuple[datetime, datetime], after: tuple[datetime, UUID] | None
) -> tuple[list[tuple[str, UUID]], tuple[datetime, UUID] | None]:
    """Some of the events received within a span that share a key, oldest first; and where to go on, if there are more.

    `span` is half open: what came at its end is not in it.
    """
    order = (EventKey.received_at, EventKey.event_id)
    of_event = and_(Event.force == EventKey.force, Event.id == EventKey.event_id)
    statement = (
        select(EventKey.received_at, Event.force, Event.id, Event.asked_keys)
        .join(Event, of_event)
        .where(EventKey.received_at >= span[0], EventKey.received_at < span[1])
        .order_by(*order)
        .limit(SCANNED_AT_ONCE)
    )
    if after is not None:
        statement = statement.where(tuple_(*order) > tuple_(*after))
    rows = session.execute(statement).all()
    hits = [(row.force, row.id) for row in rows if row.asked_keys and _shares(row.asked_keys, wanted)]
    return hits, (rows[-1].received_at, rows[-1].id) if len(rows) == SCANNED_AT_ONCE else None


def _shares(packed: bytes, wanted: frozenset[bytes]) -> bool:
    return any(packed[at : at + PACKED_BYTES] in wanted for at in range(0, len(packed), PACKED_BYTES))


@dataclass(frozen=True, slots=True)
class Named:
    """How often a number was named by the newest events that were read (`read` of them, back to `since`), and last."""

    read: int
    since: datetime | None
    count: int = 0
    last: Event | None = None


READ_AT_MOST = 20_000
"""Events that are read for one question: a fraction of a second, while somebody waits."""


def last_named(session: Session, force: str, numbers: Collection[Part]) -> Named:
    """When a force's events last named one of these numbers, as far back as is read and as keys are kept."""
    ring = keys_of(session)
    exact = [f"tel:{one.value.e164}" for one in numbers if isinstance(one.value, Phone)]
    wanted = frozenset(ring.digest_of(Use.MATCH, key)[:PACKED_BYTES] for key in exact)
    newest = (
        select(EventKey.received_at, Event.id, Event.asked_keys)
        .join(Event, and_(Event.force == EventKey.force, Event.id == EventKey.event_id))
        .where(EventKey.force == force, Event.asked_keys.is_not(None))
        .order_by(EventKey.received_at.desc(), EventKey.event_id.desc())
        .limit(READ_AT_MOST)
    )
    rows = session.execute(newest).all()
    hits = [row.id for row in rows if _shares(row.asked_keys or b"", wanted)]
    last = session.get(Event, (force, hits[0])) if hits else None
    return Named(len(rows), rows[-1].received_at if rows else None, len(hits), last)
