"""A version of an alert is a line of its history and a position of its feed: written together, last of all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.models import Alert, FeedChange, HistoryLine
from alerts.outbox import put_out
from alerts.rules.words import Change, Move
from db.base import table_of
from db.positions import Feed, Taken, Wanted, take
from db.sealed import Place, keys_of, seal


@dataclass(frozen=True, slots=True)
class Of:
    """Which alert a line belongs to, and in which feed it counts."""

    force: str
    alert_id: UUID
    feed: Feed


@dataclass(slots=True)
class Line:
    """A line of history to be written, with the version that it made. `note` is sealed; `details` hold no text."""

    version: int
    by: str
    change: Change | Move
    details: dict[str, Any] = field(default_factory=dict)
    note: str | None = None
    request_digest: bytes | None = None


def feed_of(audience: str) -> Feed:
    """The feed in which an alert's changes and number count."""
    return Feed.OPEN if audience == OPEN_AUDIENCE else Feed.CIRCLE


def record(session: Session, lines: Sequence[tuple[Alert, Line]], now: datetime) -> None:
    """Write the changes of standing alerts: their rows first, then the counters, then lines and positions."""
    if not lines:
        return
    session.flush()
    named = [(Of(alert.force, alert.id, feed_of(alert.audience)), line) for alert, line in lines]
    wanted: dict[tuple[str, Feed], Wanted] = {}
    for of, _ in named:
        wanted[of.force, of.feed] = wanted.get((of.force, of.feed), Wanted()) + Wanted(changes=1)
    insert_lines(session, named, take(session, wanted), now)


def insert_lines(
    session: Session, lines: Sequence[tuple[Of, Line]], taken: dict[tuple[str, Feed], Taken], now: datetime
) -> None:
    """Lines and positions, in the order given, for counters that are taken already."""
    ring = keys_of(session)
    history: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for of, line in lines:
        mine = {"force": of.force, "alert_id": of.alert_id, "version": line.version, "at": now}
        place = Place("alert_history", "note", f"{of.alert_id}/{line.version}")
        history.append(
            mine
            | {
                "by": line.by,
                "change": line.change.value,
                "details": json.dumps(line.details) if line.details else None,
                "note_sealed": seal(ring, place, line.note) if line.note else None,
                "request_digest": line.request_digest,
            }
        )
        changes.append(mine | {"feed": of.feed.value, "position": taken[of.force, of.feed].position()})
    if history:
        session.execute(insert(table_of(HistoryLine)), history)
        session.execute(insert(table_of(FeedChange)), changes)
        put_out(session, [((of.force, of.alert_id), line) for of, line in lines], now)
