"""Sources that are expected to be heard of, and have fallen silent: that is an alert itself.

The telephony feed had been down for an hour, and the queue looked calm. A source is heard by its events and by its
heartbeats; the alert says which of the two is missing for how long, and comes again while the silence lasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE, Caller
from alerts.event_models import EventKey, Source
from alerts.events import Notice, Posted, told_by_service
from alerts.queries import is_open_about
from db.base import table_of
from db.engine import upsert

SOURCE = "heed/sources"
TOLD_AGAIN_AFTER = timedelta(minutes=15)
"""A silence that lasts is told again so long after somebody has answered for it."""
LOOKED_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How often a source has to be heard of (`None`: not at all), and the desk that is told when it is not."""

    source: str
    every_s: int | None
    queue: str


def expect(session: Session, caller: Caller, wanted: Expected, now: datetime) -> Source:
    """Expect a source from now on, or no longer."""
    add = upsert(session, table_of(Source)).values(
        force=caller.force, source=wanted.source, expected_every_s=wanted.every_s, queue=wanted.queue,
        set_by=caller.name, set_at=now,
    )  # fmt: skip
    said = {name: add.excluded[name] for name in ("expected_every_s", "queue", "set_by", "set_at")}
    session.execute(add.on_conflict_do_update(index_elements=["force", "source"], set_=said | {"told_at": None}))
    return session.get_one(Source, (caller.force, wanted.source), populate_existing=True)


def beat(session: Session, force: str, source: str, now: datetime) -> Source | None:
    """A heartbeat came; `None` from a source that nobody expects."""
    this = (Source.force == force, Source.source == source)
    session.execute(update(Source).where(*this).values(beat_at=now, told_at=None))
    return session.scalars(select(Source).where(*this)).one_or_none()


def sources_of(session: Session, force: str) -> Sequence[Source]:
    """The sources that a force has spoken of."""
    return session.scalars(select(Source).where(Source.force == force).order_by(Source.source)).all()


def heard_at(session: Session, source: Source, now: datetime) -> datetime | None:
    """When it was last heard of, within a day; `None` where it was not."""
    these = (EventKey.force == source.force, EventKey.source == source.source)
    newest = select(EventKey.received_at).where(*these, EventKey.received_at > now - LOOKED_BACK)
    event = session.scalars(newest.order_by(EventKey.received_at.desc()).limit(1)).first()
    heard = [moment for moment in (event, source.beat_at) if moment is not None]
    return max(heard, default=None)


def is_silent(session: Session, source: Source, now: datetime) -> bool:
    """Has it not been heard of for longer than is expected? What was just set has its whole time."""
    if source.expected_every_s is None:
        return False
    since = now - timedelta(seconds=source.expected_every_s)
    if source.set_at > since or (source.beat_at is not None and source.beat_at > since):
        return False
    these = (EventKey.force == source.force, EventKey.source == source.source, EventKey.received_at > since)
    return session.scalars(select(EventKey.event_id).where(*these).limit(1)).first() is None


def silences(session: Session, now: datetime) -> list[tuple[Source, Posted]]:
    """The sources whose silence has to be told now, each with the word of the service."""
    told = []
    for source in session.scalars(select(Source).where(Source.expected_every_s.is_not(None))):
        if not is_silent(session, source, now):
            continue
        again = source.told_at is None or now - source.told_at >= TOLD_AGAIN_AFTER
        if again and not is_open_about(session, source.force, _subject(source), OPEN_AUDIENCE):
            told.append((source, _notice(source)))
    return told


def mark_told(session: Session, sources: Sequence[Source], now: datetime) -> None:
    """It was told; whoever told it at the same moment told the same."""
    for source in sources:
        this = (Source.force == source.force, Source.source == source.source)
        session.execute(update(Source).where(*this).values(told_at=now))


def speaking(session: Session, now: datetime) -> list[Source]:
    """Those whose silence was told, and which speak again."""
    told = session.scalars(select(Source).where(Source.told_at.is_not(None)))
    return [source for source in told if not is_silent(session, source, now)]


def forget_told(session: Session, sources: Sequence[Source]) -> None:
    """They are told of anew, the next time that they fall silent."""
    for source in sources:
        mark = (Source.force == source.force, Source.source == source.source, Source.told_at == source.told_at)
        session.execute(update(Source).where(*mark).values(told_at=None))


def _subject(source: Source) -> str:
    return f"source:{source.source.replace('/', ':')}"


def _notice(source: Source) -> Posted:
    last = max(moment for moment in (source.set_at, source.beat_at, source.told_at) if moment is not None)
    because = f"{source.source} has fallen silent: neither an event nor a heartbeat for {source.expected_every_s} s"
    notice = Notice(subject=_subject(source), queue=source.queue, audience=OPEN_AUDIENCE, because=because)
    return told_by_service(source.force, SOURCE, f"{source.source}:{last.isoformat()}", because, notice)
