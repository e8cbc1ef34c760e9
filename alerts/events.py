"""What was posted, and that it is taken once: by (`source`, `id`), with the same content or a conflict.

The key table is asked and written in one statement, which locks in the order of the digests and settles every race
between processes. A replay writes too (`seen_at`): its own commit then waits behind the first one's, so that nothing
is acknowledged that a standby does not have.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from access.roles import Caller, Role
from alerts.event_models import EventKey
from alerts.rules.words import Priority
from db.engine import upsert
from db.ids import Ids
from db.keyring import Use
from db.sealed import keys_of
from markers.matching.values import Part, Problem
from markers.words import SERVICE

KEPT = timedelta(days=90)
"""How long the same (`source`, `id`) is known again."""

AHEAD_AT_MOST = timedelta(minutes=5)
"""A sender's clock that is further ahead is wrong: the time of receipt is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the service itself has to say to a desk: it always raises an alert, of this subject, and `because` of this.

    In a closed circle's audience only that circle learns of it.
    """

    subject: str
    queue: str
    audience: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An event as it was posted: understood as far as it could be, with what could not be named in `problems`.

    `content` is the canonical form of the body (RFC 8785), by which a replay is known; `payload` is what is kept.
    `occurred_at` is `None` where it could not be read. `queue` and `priority` are a concern's. `has_failed`: the
    service itself failed on a part of it, so that a person has to look. `notice` is the service's own word.
    """

    by: Caller
    source: str
    id: str
    kind: str
    occurred_at: datetime | None
    call: str | None
    incident: str | None
    voiceless: bool
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    content: str
    payload: str
    queue: str | None = None
    priority: Priority | None = None
    channel: str | None = None
    has_failed: bool = False
    notice: Notice | None = None

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """What it shares with other events of its happening: (kind, text)."""
        pairs = (("call", self.call), ("incident", self.incident))
        return tuple((kind, text) for kind, text in pairs if text)


def told_by_service(force: str, source: str, event_id: str, summary: str, notice: Notice) -> Posted:
    """The service's own word, as an event: it is stored, joined and raised like any other."""
    payload = {"source": source, "id": event_id, "type": "concern", "summary": summary}
    return Posted(
        by=Caller(name=SERVICE, role=Role.ADMIN, force=force, token_id=UUID(int=0)), source=source, id=event_id,
        kind="concern", occurred_at=None, call=None, incident=None, voiceless=False, parts=(), problems=(),
        content=json.dumps(payload, sort_keys=True), payload=json.dumps(payload), notice=notice,
    )  # fmt: skip


def objects_in(payload: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list in an event as it was sent; whatever else stands there is passed over."""
    found = payload.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def reference_in(value: Any) -> str | None:
    """A call's or an incident's reference as it was sent: text, or a whole number; anything else is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert that an event raised or was added to, as its sender may see it."""

    alert: UUID
    created: bool
    priority: str
    queue: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told, the same again whenever it asks; covert alerts never stand in it."""

    event: UUID
    received_at: datetime
    problems: tuple[Problem, ...] = ()
    alerts: tuple[RaisedAlert, ...] = ()
    replayed: bool = False

    def written(self) -> str | None:
        """What is kept of it; `None` where it says nothing but the event's id and time."""
        if not (self.problems or self.alerts):
            return None
        return json.dumps(
            {
                "problems": [[problem.at, problem.code, problem.detail] for problem in self.problems],
                "alerts": [[str(alert.alert), alert.created, alert.priority, alert.queue] for alert in self.alerts],
            }
        )

    @classmethod
    def read(cls, event: UUID, received_at: datetime, kept: str | None) -> "Receipt":
        """The receipt of a replay."""
        body: dict[str, Any] = json.loads(kept) if kept else {"problems": [], "alerts": []}
        problems = tuple(Problem(*problem) for problem in body["problems"])
        alerts = tuple(RaisedAlert(UUID(alert), *rest) for alert, *rest in body["alerts"])
        return cls(event, received_at, problems, alerts, replayed=True)


class OtherContent(Exception):
    """This source has sent an event of this id before, and it said something else."""

    def __init__(self) -> None:
        super().__init__("an event with this source and id was taken before, with other content")


@dataclass(slots=True)
class Fresh:
    """An event that is new, with the id and the time that it was given."""

    posted: Posted
    event_id: UUID
    received_at: datetime
    occurred_at: datetime
    problems: list[Problem] = field(default_factory=list)
    asked_keys: bytes | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The same event a second time in one group: it is answered with the receipt of the one at `first`."""

    first: int


Remembered = Fresh | Again | Receipt | OtherContent


def remember(session: Session, events: Sequence[Posted], now: datetime, ids: Ids) -> list[Remembered]:
    """For each event: fresh, or answered before (in this group or earlier), or a conflict. All keys stay locked."""
    ring = keys_of(session)
    keys = [_key_of(event) for event in events]
    contents = [ring.digest_of(Use.EVENT_CONTENT, event.content) for event in events]
    proposed: dict[_Key, _Row] = {}
    for key, content in zip(keys, contents, strict=True):
        if key not in proposed:
            proposed[key] = _Row(_digest_of(session, key), content, ids())
    known = _ask(session, proposed, now)
    answers: list[Remembered] = []
    first: dict[_Key, int] = {}
    for place, (key, event, content) in enumerate(zip(keys, events, contents, strict=True)):
        row = known[key]
        if row.content_digest != content:
            answers.append(OtherContent())
        elif row.event_id != proposed[key].event_id:
            answers.append(Receipt.read(row.event_id, row.received_at, row.receipt))
        elif key in first:
            answers.append(Again(first[key]))
        else:
            first[key] = place
            answers.append(_fresh(event, row.event_id, now))
    return answers


_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    id_digest: bytes
    content_digest: bytes
    event_id: UUID


def _key_of(event: Posted) -> _Key:
    """What is known again. A person's ids are their own: nobody in the room can take one that a platform will use."""
    own = f"{event.by.name}\x00" if event.by.is_of_the_room else ""
    return (event.by.force, event.source, own + event.id)


def _digest_of(session: Session, key: _Key) -> bytes:
    """A sender's id may be anything, a number included: only its digest is kept in plain."""
    return keys_of(session).digest_of(Use.EVENT_KEY, f"{key[1]}\x00{key[2]}")


def key_digest_of(session: Session, event: Posted) -> bytes:
    """What an event is known again by, within its source."""
    return _digest_of(session, _key_of(event))


def _ask(session: Session, proposed: dict[_Key, _Row], now: datetime) -> Any:
    """Insert every key, or touch the one that stands; answers the row that stands now, by key."""
    table = EventKey.__table__
    rows = [
        {
            "force": force, "source": source, "id_digest": row.id_digest, "content_digest": row.content_digest,
            "event_id": row.event_id, "received_at": now, "seen_at": now,
        }
        for (force, source, _), row in sorted(proposed.items(), key=lambda item: (*item[0][:2], item[1].id_digest))
    ]  # fmt: skip
    insert = upsert(session, table)
    gone = table.c.received_at < now - KEPT

    def unless_gone(name: str) -> Any:
        return case((gone, insert.excluded[name]), else_=table.c[name])

    statement = insert.on_conflict_do_update(
        index_elements=["force", "source", "id_digest"],
        set_={
            "seen_at": insert.excluded.seen_at,
            "receipt": case((gone, None), else_=table.c.receipt),
            **{name: unless_gone(name) for name in ("content_digest", "event_id", "received_at")},
        },
    ).returning(*(table.c[name] for name in _ANSWERED))
    found = {(row.force, row.source, row.id_digest): row for row in session.execute(statement, rows)}
    return {key: found[key[0], key[1], row.id_digest] for key, row in proposed.items()}


_ANSWERED = ("force", "source", "id_digest", "content_digest", "event_id", "received_at", "receipt")


def _fresh(event: Posted, event_id: UUID, now: datetime) -> Fresh:
    occurred_at, problems = event.occurred_at, list(event.problems)
    if occurred_at is not None and occurred_at > now + AHEAD_AT_MOST:
        occurred_at = None
        told = "more than five minutes ahead: the time of receipt was used"
        problems.append(Problem("occurred_at", "occurred_at_ahead", told))
    return Fresh(event, event_id, now, occurred_at or now, problems)


def keep_receipts(session: Session, receipts: Iterable[tuple[Posted, Receipt]]) -> None:
    """Store what the receipts say, for replays; one that says nothing more is made from its key's own row."""
    for event, receipt in receipts:
        written = receipt.written()
        if written is not None:
            mine = (EventKey.force == event.by.force, EventKey.source == event.source)
            this = update(EventKey).where(*mine, EventKey.id_digest == key_digest_of(session, event))
            session.execute(this.values(receipt=written))
