"""An alert as a row of the queue: what a template writes, gathered once for all who see the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.events import objects_in
from alerts.feed import View
from alerts.rules.words import RANK, Priority, State
from alerts.seen import AlertSeen, EventSeen, ResponseSeen, written_in
from web.console.bearing import finding_of, flags_of
from web.console.pages import rendered
from web.console.words import gettext as _
from web.console.words import sentence
from web.house import Console

MARKS = {Priority.IMMEDIATE: "▲", Priority.URGENT: "◆", Priority.ROUTINE: "●"}
"""Shape, word and colour say the same: nobody has to see the colour."""

GRADES = {
    "immediate": "immediate response", "priority": "priority response", "scheduled": "scheduled response",
    "none": "no response by itself",
}  # fmt: skip
CALL_BACKS = {
    "never": "never ring back",
    "safe_number_only": "ring back the safe number only",
    "free": "may be rung back",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One alert in the list. `group` is equal for a desk's alerts of one case or number; `order` sorts as text."""

    number: str
    version: int
    state: str
    priority: str
    mark: str
    group: str
    about: str
    order: str
    raised_at: datetime
    due_at: datetime
    shelved_until: datetime | None
    instruction: str
    required: Sequence[str]
    why: str
    more: int
    where: str
    incident: str | None
    event_count: int
    by: str | None
    assigned_to: str | None
    escalated_to: Sequence[str]
    queue: str
    outcome: str | None
    flags: Sequence[str]
    awaiting: bool


def row_of(seen: AlertSeen) -> Row:
    """The alert as it stands in a list."""
    alert = seen.row
    priority = Priority(alert.priority)
    first = seen.matches[0] if seen.matches else None
    return Row(
        number=seen.number,
        version=alert.version,
        state=alert.state,
        priority=alert.priority,
        mark=MARKS[priority],
        group=alert.grouped_by or hashlib.sha256(f"{alert.queue}\x00{alert.subject}".encode()).hexdigest()[:20],
        about=seen.case or (first.reference if first and first.reference else _("this marker")),
        order=f"{RANK[priority]}{alert.raised_at.isoformat()}{alert.number:012}",
        raised_at=alert.raised_at,
        due_at=alert.due_at,
        shelved_until=alert.shelved_until,
        instruction=headline_of(seen),
        required=required_of(seen.response),
        why=why_of(seen),
        more=len({match.marker for match in seen.matches}) - 1,
        where=where_of(seen.events),
        incident=seen.incident or seen.call,
        event_count=alert.event_count,
        by=alert.acknowledged_by,
        assigned_to=alert.assigned_to,
        escalated_to=seen.escalated_to,
        queue=alert.queue,
        outcome=alert.outcome,
        flags=flags_of(seen),
        awaiting=seen.awaiting is not None,
    )


def headline_of(seen: AlertSeen) -> str:
    """What is to be done, of the strongest match; of a concern, what it says."""
    told = next((match.instruction for match in seen.matches if match.instruction), None)
    if told:
        return told
    found = next((one for one in seen.conditions if one.finding), None)
    if found:
        return f"{sentence(finding_of(found))}: {found.text}"
    said = next((event.payload.get("summary") for event in seen.events if event.payload.get("summary")), None)
    return str(said) if said else _("Read the alert")


def why_of(seen: AlertSeen) -> str:
    """Why it was raised: what the strongest match says, else what was found of an order, else its reason."""
    if seen.matches:
        return "; ".join(seen.matches[0].evidence)
    evidence = next((one.evidence for one in seen.conditions if one.finding), ())
    about = seen.row.subject.rpartition("/")[2].partition(":")[0]
    return "; ".join(evidence or (() if about == "event" else seen.because)) or _("a concern of the room")


def required_of(response: ResponseSeen | None) -> list[str]:
    """What the markers require, in words."""
    if response is None:
        return []
    said = [
        _(GRADES[response.grade]) if response.grade else "",
        _(CALL_BACKS[response.call_back]) if response.call_back else "",
        f"{_('code word')}: {response.code_word}" if response.code_word else "",
    ]
    return [words for words in said if words]


def where_of(events: Sequence[EventSeen]) -> str:
    """The place or number of what happened last: the incident's before the caller's."""
    for event in events:
        for place in sorted(objects_in(event.payload, "locations"), key=lambda place: place.get("role") != "incident"):
            if written := written_in(place):
                return written
    for event in events:
        for phone in objects_in(event.payload, "phones"):
            if phone.get("number"):
                return str(phone["number"])
        for place in objects_in(event.payload, "locations"):
            if isinstance(place.get("point"), Mapping):
                return _("a position, see the plan")
    return _("not known")


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes rows for the feed: the same bytes for all who share a view."""

    console: Console

    def __call__(self, seen: AlertSeen, _view: View) -> str:
        """A message of the feed."""
        return json.dumps(self.message(seen))

    def message(self, seen: AlertSeen) -> dict[str, Any]:
        """What a page needs to put a row in its place; the row itself is written here."""
        row = row_of(seen)
        return {
            "number": row.number, "version": row.version, "state": row.state, "priority": row.priority,
            "by": row.by, "events": row.event_count, "shelved": row.shelved_until is not None, "awaiting": row.awaiting,
            "html": rendered(self.console, "row.html", row=row),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sections:
    """The queue as a page groups it: `band` holds the immediate ones that nobody has.

    `takes`: the first row of each group that nobody has → the numbers that one move takes.
    """

    band: Sequence[Row]
    waiting: Sequence[Row]
    mine: Sequence[Row]
    others: Sequence[Row]
    shelved: Sequence[Row]
    takes: Mapping[str, Sequence[str]]


def sections_of(rows: Sequence[Row], me: str) -> Sections:
    """Rows in their places, alerts of one case or marker beside one another."""

    def those(name: str) -> list[Row]:
        return together([row for row in rows if section_of(row, me) == name])

    band, waiting = those("band"), those("waiting")
    groups: dict[str, list[str]] = {}
    for row in (*band, *waiting):
        groups.setdefault(row.group, []).append(row.number)
    takes = {numbers[0]: numbers for numbers in groups.values() if len(numbers) > 1}
    return Sections(band, waiting, those("mine"), those("others"), those("shelved"), takes)


def section_of(row: Row, me: str) -> str:
    """Where a row stands for somebody."""
    if row.shelved_until is not None:
        return "shelved"
    if row.state == State.RAISED:
        return "band" if row.priority == Priority.IMMEDIATE else "waiting"
    return "mine" if row.by == me else "others"


def together(rows: Sequence[Row]) -> list[Row]:
    """In order, those of one group that are as pressing at the place of their first."""
    first: dict[tuple[str, str], str] = {}
    for row in sorted(rows, key=lambda row: row.order):
        first.setdefault((row.priority, row.group), row.order)
    return sorted(rows, key=lambda row: (first[row.priority, row.group], row.order))
