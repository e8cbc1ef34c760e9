"""An alert as it is being raised or added to, in memory, before anything of it is written."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from alerts.changes import Line
from alerts.events import Fresh
from alerts.happenings import Claim
from alerts.models import Alert, AlertMatch
from alerts.rules.ladder import Ladder
from alerts.rules.priority import Facts, judge
from alerts.rules.words import RANK, SERVICE, Change, Priority, State, higher
from db.sealed import CANNOT_BE_OPENED, read_json
from markers.matcher import Found
from markers.matching.evidence import STRENGTH, Level
from markers.words import Grade, Risk

Least = tuple[Priority, str]
"""A priority below which an alert may not stand, and why."""


@dataclass(slots=True)
class KeptMatch:
    """The best match so far of one target on an alert: level and evidence of the best, facts of any."""

    marker_force: str
    marker_id: UUID
    target_id: UUID
    ordinal: int
    level: str
    score: float
    evidence: Sequence[str]
    raises: bool
    certain: bool
    telling: bool
    raised_risk: bool
    wants_immediate: bool

    @classmethod
    def of(cls, found: Found, ordinal: int) -> "KeptMatch":
        """A match as an event brought it."""
        marker, match = found.candidate, found.match
        return cls(
            marker_force=marker.force,
            marker_id=marker.marker_id,
            target_id=marker.target_id,
            ordinal=ordinal,
            level=match.level.value,
            score=match.score,
            evidence=match.evidence,
            raises=match.raises,
            certain=match.certain,
            telling=match.telling,
            raised_risk=marker.risk != Risk.STANDARD,
            wants_immediate=marker.response_grade == Grade.IMMEDIATE,
        )

    @classmethod
    def stored(cls, row: AlertMatch) -> "KeptMatch":
        """A match as an alert has it."""
        names = [name for name in cls.__dataclass_fields__ if name != "evidence"]
        evidence = read_json(row.evidence, [CANNOT_BE_OPENED])
        return cls(evidence=evidence, **{name: getattr(row, name) for name in names})

    def better(self, other: "KeptMatch") -> bool:
        """Replace what is said by `other` where that is stronger; facts add up. True when anything changed."""
        before = (self.level, self.score, self.raises, self.certain, self.telling)
        if (STRENGTH[Level(other.level)], other.score) > (STRENGTH[Level(self.level)], self.score):
            self.level, self.score, self.evidence = other.level, other.score, other.evidence
        self.raises = self.raises or other.raises
        self.certain = self.certain or other.certain
        self.telling = self.telling or other.telling
        return before != (self.level, self.score, self.raises, self.certain, self.telling)

    def facts(self) -> Facts:
        """What its priority rests on; that nobody spoke is the happening's to say."""
        return Facts(
            certain=self.certain,
            telling=self.telling,
            raised_risk=self.raised_risk,
            voiceless=False,
            wants_immediate=self.wants_immediate,
        )


@dataclass(slots=True)
class Draft:
    """An open alert, new (`row` is `None` until it has its number) or standing."""

    claim: Claim
    id: UUID
    row: Alert | None
    matches: dict[UUID, KeptMatch]
    call: str | None = None
    incident: str | None = None
    previous: UUID | None = None
    priority: Priority = Priority.ROUTINE
    because: tuple[str, ...] = ()
    version: int = 0
    event_count: int = 0
    stored_events: int = 0
    events: list[tuple[str, UUID]] = field(default_factory=list)
    touched: dict[UUID, KeptMatch] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    links: list[UUID] = field(default_factory=list)
    linked: set[UUID] | None = None
    raised_anew: bool = False

    @classmethod
    def standing(cls, claim: Claim, row: Alert, matches: Collection[KeptMatch]) -> "Draft":
        """An alert that is open already; its row is locked."""
        return cls(
            claim=claim,
            id=row.id,
            row=row,
            matches={match.target_id: match for match in matches},
            priority=Priority(row.priority),
            because=tuple(json.loads(row.because)),
            version=row.version,
            event_count=row.event_count,
            stored_events=row.event_count,
        )

    @property
    def is_new(self) -> bool:
        """It was not there before this transaction."""
        return self.row is None

    def show(self, event: tuple[str, UUID], posted_call: str | None, posted_incident: str | None) -> None:
        """Add an event (its force, which may be another one, and its id) to those that the alert shows."""
        self.events.append(event)
        self.event_count += 1
        self.call = self.call or posted_call
        self.incident = self.incident or posted_incident

    def match(self, found: Collection[KeptMatch]) -> None:
        """Add matches, or better what is known of their targets."""
        for new in found:
            known = self.matches.get(new.target_id)
            if known is None:
                self.matches[new.target_id] = self.touched[new.target_id] = new
            elif known.better(new):
                self.touched[known.target_id] = known

    def judge(self, *, voiceless: bool, least: Least | None = None) -> None:
        """Raise the priority to what the matches now ask for; it never falls."""
        priority, because = judge((m.facts() for m in self.matches.values() if m.raises), voiceless=voiceless)
        if least:
            presses = RANK[least[0]] < RANK[priority]
            priority, because = (least[0], (least[1],)) if presses else (priority, (*because, least[1]))
        if not self.because or RANK[priority] < RANK[self.priority]:
            self.raised_anew = not self.is_new and RANK[priority] < RANK[self.priority]
            self.because = because
            self.priority = higher(priority, self.priority)
        elif priority is self.priority:
            self.because = tuple(dict.fromkeys((*self.because, *because)))

    def link(self, other: UUID) -> bool:
        """Name another alert; false when it is named already."""
        if self.linked is None:
            self.linked = set()
        if other in self.linked:
            return False
        self.linked.add(other)
        self.links.append(other)
        return True

    def record(self, by: str | None, change: Change, details: dict[str, Any]) -> None:
        """A further version, with its line of history."""
        self.version += 1
        self.lines.append(Line(self.version, by or SERVICE, change, details))

    def put_down(self, ladder: Ladder, now: datetime) -> None:
        """Write what changed to the standing row; a higher priority raises it anew, off the shelf and due anew."""
        row = self.row
        assert row is not None
        row.version = self.version
        row.event_count = self.event_count
        row.because = json.dumps(self.because)
        if self.call and row.call_sealed is None:
            row.call = self.call
        if self.incident and row.incident_sealed is None:
            row.incident = self.incident
        if self.raised_anew:
            row.priority, row.priority_rank = self.priority.value, RANK[self.priority]
            row.shelved_until = None
            due_at = ladder.due_at(self.priority, now)
            row.due_at = due_at if row.state == State.ACKNOWLEDGED else min(row.due_at, due_at)
            row.state = State.RAISED.value
            row.acknowledged_by = row.acknowledged_at = None


def event_details(fresh: Fresh) -> dict[str, Any]:
    """What a line of history says of an event: no text of it."""
    return {"event": str(fresh.event_id), "type": fresh.posted.kind, "source": fresh.posted.source}
