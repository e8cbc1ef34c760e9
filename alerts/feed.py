"""The live queue as a table: what changed after a position, as a reader may see it.

A reader in no circle follows one feed (`17`); one who is in a circle follows both (`17.5`), sent in the order
(open, circle), the id being where both stand after the message. A desk becomes a circle with its first covert marker:
until then its people see nothing of other circles' counting. Positions are gapless within a feed and in commit
order; what a reader may not see, or has filtered out, is passed over without a trace.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from access.roles import Caller
from alerts.models import Alert, FeedChange
from alerts.queries import count_open, in_circle_since, in_view
from alerts.seen import AlertSeen, alerts_seen
from db.positions import Feed, reached

PAGE = 200


class BadPosition(ValueError):
    """This is no position of a feed."""

    def __init__(self) -> None:
        super().__init__("a position is a number, or two with a dot between them")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader stands in the open feed, and in the circles' where they follow it."""

    open: int
    circle: int | None = None

    @classmethod
    def read(cls, text: str) -> "Position":
        """From what a stream's `id:` said."""
        found = re.fullmatch(r"(\d{1,18})(?:\.(\d{1,18}))?", text, re.ASCII)
        if found is None:
            raise BadPosition
        return cls(int(found.group(1)), None if found.group(2) is None else int(found.group(2)))

    def __str__(self) -> str:
        return str(self.open) if self.circle is None else f"{self.open}.{self.circle}"


@dataclass(frozen=True, slots=True)
class View:
    """What a stream shows: whose eyes, and which desk if one was asked for. Equal views show the same."""

    caller: Caller
    queue: str | None = None

    def key(self) -> tuple[str, str, frozenset[str], str | None]:
        """What decides what is seen: readers with the same key are shown the same bytes."""
        return (self.caller.force, self.caller.role, self.caller.desks, self.queue)


@dataclass(frozen=True, slots=True)
class Message:
    """A change as it is sent: the alert as it stands now, and where the reader stands after it."""

    position: Position
    alert: AlertSeen


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One look at the feed, of one moment.

    `upto` is where the reader stands after the messages; `open` counts the unresolved alerts of the view at the moment
    when the feeds stood at `newest`; `is_reset` says that the position asked for is too old, or above the newest.
    """

    messages: Sequence[Message]
    upto: Position
    newest: Position
    open: int
    is_reset: bool = False

    @property
    def is_whole(self) -> bool:
        """Nothing is left to send: `open` speaks of exactly the changes sent so far."""
        return self.upto == self.newest


def where_now(session: Session, view: View) -> Position:
    """The newest position, as this reader counts."""
    now = reached(session, view.caller.force)
    return Position(now[Feed.OPEN], None if in_circle_since(session, view.caller) is None else now[Feed.CIRCLE])


def begin_at(session: Session, view: View, after: Position) -> Position:
    """Where a reader who names `after` begins; a circle that was left is dropped.

    A position without a circle is that of one who was in none when it was given. Was there no circle yet, all that it
    has raised is new to them; else they have come into it since, and it begins for them now.
    """
    since = in_circle_since(session, view.caller)
    if since is None:
        return Position(after.open)
    if after.circle is not None:
        return after
    at = _at(session, view.caller.force, after.open)
    if after.open == 0 or (at is not None and at < since):
        return Position(after.open, 0)
    return Position(after.open, reached(session, view.caller.force)[Feed.CIRCLE])


def _at(session: Session, force: str, position: int) -> datetime | None:
    """When a change of the open feed was made."""
    this = (FeedChange.force == force, FeedChange.feed == Feed.OPEN.value, FeedChange.position == position)
    return session.scalar(select(FeedChange.at).where(*this))


def changes_after(session: Session, view: View, after: Position, now: datetime, limit: int = PAGE) -> Glimpse:
    """What changed after a position, at most `limit` messages, with where the feeds and the count stand.

    All of it from one snapshot: the session has to be a reading one.
    """
    newest = where_now(session, view)
    if after.circle is None and newest.circle is not None:
        # Since the last look, the first covert marker of theirs was placed: all that circle's changes are new.
        after = Position(after.open, 0)
    condition = in_view(view.caller, view.queue)
    count = count_open(session, condition)
    if _is_out_of_reach(session, view, after, newest):
        return Glimpse((), newest, newest, count, is_reset=True)
    messages: list[Message] = []
    upto = after
    for feed in (Feed.OPEN, Feed.CIRCLE):
        at, to = (after.open, newest.open) if feed is Feed.OPEN else (after.circle, newest.circle)
        if at is None or to is None or at == to:
            continue
        changes = _changes(session, view, (feed, at), limit - len(messages) + 1, now)
        full = len(changes) > limit - len(messages)
        for position, alert in changes[: limit - len(messages)]:
            upto = Position(position, upto.circle) if feed is Feed.OPEN else Position(upto.open, position)
            messages.append(Message(upto, alert))
        if full:
            return Glimpse(messages, upto, newest, count)
        upto = Position(to, upto.circle) if feed is Feed.OPEN else Position(upto.open, to)
    return Glimpse(messages, upto, newest, count)


def _is_out_of_reach(session: Session, view: View, after: Position, newest: Position) -> bool:
    """Too old: changes after it are no longer kept. Above the newest: a failover took something back."""
    for feed, at, to in ((Feed.OPEN, after.open, newest.open), (Feed.CIRCLE, after.circle, newest.circle)):
        if at is None or to is None or at in (0, to):
            continue
        if at > to or at < _oldest(session, view.caller.force, feed, to) - 1:
            return True
    return False


def _oldest(session: Session, force: str, feed: Feed, newest: int) -> int:
    """The oldest position that is kept; one above the newest when none is."""
    mine = (FeedChange.force == force, FeedChange.feed == feed.value)
    oldest = session.scalar(select(func.min(FeedChange.position)).where(*mine))
    return newest + 1 if oldest is None else oldest


def _changes(
    session: Session, view: View, start: tuple[Feed, int], limit: int, now: datetime
) -> list[tuple[int, AlertSeen]]:
    feed, after = start
    rows = session.execute(
        select(FeedChange.position, Alert)
        .join(Alert, and_(Alert.force == FeedChange.force, Alert.id == FeedChange.alert_id))
        .where(
            FeedChange.force == view.caller.force,
            FeedChange.feed == feed.value,
            FeedChange.position > after,
            in_view(view.caller, view.queue),
        )
        .order_by(FeedChange.position)
        .limit(limit)
    ).all()
    alerts = list({alert.id: alert for _, alert in rows}.values())
    seen = {one.row.id: one for one in alerts_seen(session, alerts, now)}
    return [(position, seen[alert.id]) for position, alert in rows]
