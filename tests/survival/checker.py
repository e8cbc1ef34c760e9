"""Was a promise broken? `check` is a pure function of what clients recorded and what the database holds afterwards.

The invariants' numbers are those of the findings' first word: I1 acknowledged events are stored with their content, I2
once and by their first receipt, I3 nothing is invented, I4 one alert a marked call with all its events and none for
others, I5 positions without gap in the order of versions, I6 screens never go back, I7 moves are allowed ones with one
owner, I9 each stored event and each move that was answered stands in the trail.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.survival.record import Move, Post, Record, Told


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the database holds it."""

    event: str
    source: str
    id: str
    story: str
    content: str


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as the database holds it, its events by id."""

    alert: str
    story: str
    state: str
    version: int
    event_count: int
    events: frozenset[str]
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A position of a feed."""

    feed: str
    position: int
    alert: str
    version: int


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of an alert's history."""

    alert: str
    version: int
    by: str
    change: str


@dataclass
class Rows:
    """All that the checker asks of a database."""

    events: list[StoredEvent] = field(default_factory=list)
    alerts: list[StoredAlert] = field(default_factory=list)
    open_alerts: list[str] = field(default_factory=list)
    changes: list[StoredChange] = field(default_factory=list)
    lines: list[StoredLine] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    in_trail: Counter[str] = field(default_factory=Counter)
    moves_in_trail: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def check(record: Record, rows: Rows) -> list[str]:
    """What is broken, in words that begin with the invariant; empty when all holds."""
    return [
        *_events(record, rows),
        *_alerts(record, rows),
        *_positions(rows),
        *_screens(record, rows),
        *_moves(record, rows),
        *_trail(record, rows),
    ]


def _events(record: Record, rows: Rows) -> Iterator[str]:
    stored = defaultdict(list)
    for event in rows.events:
        stored[event.source, event.id].append(event)
    sent: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    receipts: dict[tuple[str, str], set[tuple[str | None, tuple[str, ...]]]] = defaultdict(set)
    for post in record.posts:
        key = (post.source, post.id)
        sent[key].add((post.story, post.content))
        if post.told is Told.OK:
            receipts[key].add((post.event, post.alerts))
            yield from _acknowledged(post, stored[key])
    for key, told in receipts.items():
        if len(told) > 1:
            yield f"I2 {key} was answered with {len(told)} different receipts"
    for key, events in stored.items():
        if len(events) > 1:
            yield f"I2 {key} is stored {len(events)} times"
        for event in events:
            if (event.story, event.content) not in sent[key]:
                yield f"I3 {key} was never sent as it is stored"


def _acknowledged(post: Post, events: list[StoredEvent]) -> Iterator[str]:
    if not events:
        yield f"I1 {post.source} {post.id} was acknowledged and is not stored"
    elif all((event.event, event.content) != (post.event, post.content) for event in events):
        yield f"I1 {post.source} {post.id} is stored with other content or another id"


def _alerts(record: Record, rows: Rows) -> Iterator[str]:
    marked = {post.story: post.marked for post in record.posts}
    events = defaultdict(set)
    for event in rows.events:
        events[event.story].add(event.event)
    by_story = defaultdict(list)
    for alert in rows.alerts:
        by_story[alert.story].append(alert)
    for story, stored in events.items():
        standing = [alert for alert in by_story[story] if alert.state != "resolved"]
        if not marked.get(story):
            if by_story[story]:
                yield f"I4 {story} has {len(by_story[story])} alerts and no marker"
        elif len(standing) > 1 or not by_story[story]:
            yield f"I4 {story} has {len(standing)} open alerts of {len(by_story[story])}, not one"
        elif set().union(*(alert.events for alert in by_story[story])) != stored:
            yield f"I4 {story}: its alerts do not name its {len(stored)} events"
    yield from _claims(rows)


def _claims(rows: Rows) -> Iterator[str]:
    for alert in rows.alerts:
        if alert.event_count != len(alert.events):
            yield f"I4 alert {alert.alert} counts {alert.event_count} events and names {len(alert.events)}"
    standing_ids = Counter(alert.alert for alert in rows.alerts if alert.state != "resolved")
    if standing_ids != Counter(rows.open_alerts):
        yield "I4 the claims on open alerts are not those of the open alerts"


def _positions(rows: Rows) -> Iterator[str]:
    by_feed = defaultdict(list)
    for change in rows.changes:
        by_feed[change.feed].append(change)
    for feed, changes in by_feed.items():
        positions = sorted(change.position for change in changes)
        if positions != list(range(1, rows.counters.get(feed, 0) + 1)):
            yield f"I5 the positions of {feed} are not 1 to {rows.counters.get(feed, 0)} without a gap"
        reached: dict[str, int] = {}
        for change in sorted(changes, key=lambda change: change.position):
            if change.version <= reached.get(change.alert, 0):
                yield f"I5 alert {change.alert} goes back to version {change.version} at {change.position}"
            reached[change.alert] = change.version


def _screens(record: Record, rows: Rows) -> Iterator[str]:
    versions = {alert.alert: alert.version for alert in rows.alerts}
    reached: dict[tuple[str, str], int] = {}
    for heard in record.heard:
        key = (heard.screen, heard.alert)
        if heard.version < reached.get(key, 0):
            yield f"I6 {heard.screen} was shown version {heard.version} of {heard.alert} after {reached[key]}"
        reached[key] = heard.version
    for screen in {heard.screen for heard in record.heard}:
        for alert, version in versions.items():
            if reached.get((screen, alert)) != version:
                yield f"I6 {screen} was last shown {reached.get((screen, alert))} of {alert}, which is at {version}"


def _moves(record: Record, rows: Rows) -> Iterator[str]:
    by_alert = defaultdict(list)
    for line in rows.lines:
        by_alert[line.alert].append(line)
    for alert in rows.alerts:
        lines = sorted(by_alert[alert.alert], key=lambda line: line.version)
        if [line.version for line in lines] != list(range(1, alert.version + 1)):
            yield f"I7 the history of {alert.alert} is not 1 to {alert.version}"
        yield from _owners(alert, lines)
    for move in record.moves:
        if move.told is Told.OK and not _is_in(by_alert[move.alert], move):
            yield f"I7 {move.who}'s {move.move} of {move.alert} was answered and is not in its history"


def _owners(alert: StoredAlert, lines: list[StoredLine]) -> Iterator[str]:
    """One owner at a time: a second acknowledgment only after it stood raised again."""
    owner: str | None = None
    for line in lines:
        if line.change == "acknowledge":
            if owner is not None:
                yield f"I7 {alert.alert} was acknowledged by {line.by} while {owner} had it"
            owner = line.by
        elif line.change in ("release", "reopen", "resolve"):
            owner = None
    if alert.state == "acknowledged" and owner != alert.owner:
        yield f"I7 {alert.alert} is {alert.owner}'s and its history says {owner}"


def _is_in(lines: list[StoredLine], move: Move) -> bool:
    return any((line.change, line.by) == (move.move, move.who) for line in lines)


def _trail(record: Record, rows: Rows) -> Iterator[str]:
    for event in rows.events:
        if rows.in_trail[event.event] != 1:
            yield f"I9 event {event.id} stands in {rows.in_trail[event.event]} entries of the trail, not one"
    for move in record.moves:
        if move.told is Told.OK and not rows.moves_in_trail[move.who, move.move, move.alert]:
            yield f"I9 {move.who}'s {move.move} of {move.alert} is not in the trail"
