"""What the database holds, opened with its keys, for the checker."""

import json
from datetime import timedelta

from sqlalchemy import select

from access.models import Entry
from access.slices import Ledger, adopt
from access.verify import Verdict, verify
from alerts.event_models import Event
from alerts.models import Alert, AlertEvent, FeedChange, HistoryLine, OpenAlert
from db.clock import DatabaseClock
from db.positions import Counter as FeedCounter
from db.session import Database
from tests.builders import FixedClock
from tests.survival.checker import Rows, StoredAlert, StoredChange, StoredEvent, StoredLine


def content_of(body: object) -> str:
    """A body's text, by which what was sent is compared with what is stored."""
    return json.dumps(body, sort_keys=True)


def read_rows(db: Database) -> Rows:
    """Everything that the invariants speak of, in one snapshot."""
    rows = Rows()
    with db.reading() as session:
        for event in session.scalars(select(Event)):
            body = json.loads(event.payload or "")
            rows.events.append(
                StoredEvent(str(event.id), event.source, body["id"], body.get("call", body["id"]), content_of(body))
            )
        story_of = {event.event: event.story for event in rows.events}
        events: dict[str, set[str]] = {}
        for alert_id, event_id in session.execute(select(AlertEvent.alert_id, AlertEvent.event_id)):
            events.setdefault(str(alert_id), set()).add(str(event_id))
        for alert in session.scalars(select(Alert)):
            mine = frozenset(events.get(str(alert.id), ()))
            rows.alerts.append(
                StoredAlert(
                    str(alert.id), story_of.get(next(iter(mine), ""), ""), alert.state, alert.version,
                    alert.event_count, mine, alert.acknowledged_by,
                )
            )  # fmt: skip
        rows.open_alerts = [str(alert_id) for alert_id in session.scalars(select(OpenAlert.alert_id))]
        rows.changes = [
            StoredChange(change.feed, change.position, str(change.alert_id), change.version)
            for change in session.scalars(select(FeedChange))
        ]
        rows.lines = [
            StoredLine(str(line.alert_id), line.version, line.by, line.change)
            for line in session.scalars(select(HistoryLine))
        ]
        rows.counters = {counter.feed: counter.position for counter in session.scalars(select(FeedCounter))}
        for entry in session.scalars(select(Entry)):
            for kind, key, _ in json.loads(entry.objects):
                if (kind, entry.action) == ("event", "post_events"):
                    rows.in_trail[key] += 1
                elif kind == "alert":
                    rows.moves_in_trail[entry.who, entry.action.removesuffix("_alert"), key] += 1
    return rows


def verify_with_what_was_left(db: Database) -> tuple[Verdict, int]:
    """The trail's verdict after what killed processes left unsealed was adopted; and how many entries that were."""
    with db.reading() as session:
        left = verify(session).pending
        later = FixedClock(DatabaseClock().now(session) + timedelta(minutes=1))
    adopted = 0
    while found := adopt(db, later, Ledger("checker").writer):
        adopted += found
    assert adopted == left
    with db.reading() as session:
        return verify(session), adopted
