"""The trail, read: who did what to which objects, newest first, as an auditor may see it.

An entry belongs to an audience: of what a closed circle did nobody reads outside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from access.models import Entry, Term
from access.roles import Caller, audiences_of
from access.trail import Operation, object_term
from db.keyring import Use
from db.sealed import keys_of

EVENT_TOLD_WITHIN = timedelta(minutes=5)
"""So far from the moment in an event's id its entry is looked for: it is made as the event is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted; what is `None` does not narrow. `object` is an id (or one of `also`), `since` included,
    `until` not.
    """

    who: str | None = None
    object: str | None = None
    also: frozenset[str] = frozenset()
    operation: Operation | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of entries, and the key behind which the next one begins (`None` when there is none)."""

    rows: Sequence[Entry]
    last: list[Any] | None


def entries_page(
    session: Session, caller: Caller, wanted: EntryFilter, start: tuple[list[Any] | None, int]
) -> EntryPage:
    """The entries that a caller may read; `start` is the key to begin behind, and how many at most."""
    after, limit = start
    order = (Entry.at, Entry.id)
    these: list[ColumnElement[bool]] = [
        Entry.force == caller.force,
        Entry.audience.in_(sorted(audiences_of(caller))),
    ]
    if wanted.who is not None:
        these.append(Entry.who == wanted.who)
    if wanted.operation is not None:
        these.append(Entry.operation == wanted.operation.value)
    if wanted.since is not None:
        these.append(Entry.at >= wanted.since)
    if wanted.until is not None:
        these.append(Entry.at < wanted.until)
    if wanted.object is not None:
        asked = (_speaks_of(session, caller.force, one) for one in (wanted.object, *sorted(wanted.also)))
        these.append(or_(*asked))
    if after is not None:
        at, entry_id = after
        these.append(tuple_(*order) < tuple_(datetime.fromisoformat(at), UUID(entry_id)))
    statement = select(Entry).where(*these).order_by(Entry.at.desc(), Entry.id.desc()).limit(limit + 1)
    rows = session.scalars(statement).all()
    shown = rows[:limit]
    last = [shown[-1].at.isoformat(), str(shown[-1].id)] if len(rows) > limit else None
    return EntryPage(shown, last)


def _speaks_of(session: Session, force: str, object_id: str) -> ColumnElement[bool]:
    """The object's digest stands beside the entry; an event's does not: it is found by the moment in its id."""
    digest = keys_of(session).digest_of(Use.TRAIL_TERM, object_term(object_id))
    named = Entry.id.in_(select(Term.entry_id).where(Term.force == force, Term.digest == digest))
    moment = _moment_of(object_id)
    if moment is None:
        return named
    near = and_(Entry.at >= moment - EVENT_TOLD_WITHIN, Entry.at < moment + EVENT_TOLD_WITHIN)
    return or_(named, and_(near, Entry.objects.contains(f'["event","{UUID(object_id)}",', autoescape=True)))


def _moment_of(object_id: str) -> datetime | None:
    """The moment in an id of ours (UUIDv7); `None` for what is none."""
    try:
        found = UUID(object_id)
        return datetime.fromtimestamp((found.int >> 80) / 1000, UTC) if found.version == 7 else None
    except (ValueError, OverflowError):
        return None
