"""An alert as it is being raised or added to, in memory, before anything of it is written."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from alerts.changes import Line
from alerts.events import Fresh
from alerts.happenings import Claim
from alerts.models import Alert, AlertMatch
from alerts.rules.ladder import Ladder
from alerts.rules.priority import SAID_OF_MATCHES, Facts, judge
from alerts.rules.words import RANK, Change, Priority, State, higher
from alerts.runs import Pattern
from db.sealed import CANNOT_BE_OPENED, read_json
from markers.matcher import Found
from markers.matching.evidence import STRENGTH, Level
from markers.words import SERVICE, Grade, Risk

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


@dataclass(frozen=True, slots=True)
class Finding:
    """What events showed of an order's condition (its number; empty where he is wanted and no condition fitted)."""

    order_force: str
    order_id: UUID
    condition: str
    finding: str | None
    certain: bool
    evidence: Sequence[str]
    at: datetime

    @property
    def weight(self) -> int:
        """Grows with how telling it is: the most telling stands on the alert."""
        return 3 if self.finding == "possible_breach" else 2 if self.certain else 1


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
    is_settled: bool = False
    happened_anew: bool = False
    leasts: list[Least] = field(default_factory=list)
    findings: dict[tuple[UUID, str], Finding] = field(default_factory=dict)
    pattern: Pattern | None = None
    said_before: frozenset[str] = frozenset()
    officer: str | None = None
    caller: bytes | None = None
    passed_on: Sequence[str] = ()

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
            is_settled=row.settled_below is not None,
            said_before=frozenset(known.because if (known := Pattern.read(row.pattern)) else ()),
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

    def show_also(self, event: tuple[str, UUID]) -> None:
        """Show an event of another happening, that this alert adds up from."""
        if event not in self.events:
            self.events.insert(0, event)
            self.event_count += 1

    def match(self, found: Collection[KeptMatch]) -> None:
        """Add matches, or better what is known of their targets."""
        for new in found:
            known = self.matches.get(new.target_id)
            if known is None:
                self.matches[new.target_id] = self.touched[new.target_id] = new
            elif known.better(new):
                self.touched[known.target_id] = known

    def judge(self, *, voiceless: bool, least: Least | None = None, anew: bool = True) -> None:
        """Raise the priority to what the matches now ask for; it never falls.

        Where people have settled on a lower one, only what happens `anew` raises it: an event that itself matches, or
        on which nobody spoke.
        """
        if self.is_settled and not anew:
            return
        by_matches, told = judge((m.facts() for m in self.matches.values() if m.raises), voiceless=voiceless)
        leasts = [*([least] if least else []), *self.leasts]
        self.leasts = []
        priority = min((by_matches, *(one for one, _ in leasts)), key=RANK.__getitem__)
        more = tuple(because for _, because in sorted(leasts, key=lambda one: RANK[one[0]]))
        because = (*told, *more) if by_matches is priority else more
        # What rules say of matches is said anew with a higher priority; of orders and of what came before, it stays.
        before = tuple(one for one in self.because if one not in self.said_before or self.pattern is None)
        if not self.because or RANK[priority] < RANK[self.priority]:
            self.raised_anew = not self.is_new and RANK[priority] < RANK[self.priority]
            kept = tuple(one for one in before if one not in SAID_OF_MATCHES)
            self.because = tuple(dict.fromkeys((*because, *kept)))
            self.priority = higher(priority, self.priority)
        elif priority is self.priority:
            self.because = tuple(dict.fromkeys((*before, *because)))
        else:
            self.because = tuple(dict.fromkeys((*before, *more)))
        self.said_before = frozenset(self.pattern.because) if self.pattern else self.said_before

    def find(self, found: Collection[Finding]) -> None:
        """Add what was found of orders, or better what is known of a condition."""
        for new in found:
            known = self.findings.get((new.order_id, new.condition))
            if known is None or new.weight > known.weight:
                self.findings[new.order_id, new.condition] = new

    def see(self, pattern: Pattern) -> None:
        """The run that it belongs to, as it stands now."""
        self.pattern = pattern

    @property
    def grouped_by(self) -> str | None:
        """Equal for a desk's alerts of one case, or of one caller's number: one move is for all of them."""
        about = self.claim.subject
        if not about.rpartition("/")[2].startswith("case:"):
            if self.caller is None:
                return None
            about = f"number:{self.caller.hex()}"
        whole = f"{self.claim.audience}\x00{self.claim.queue}\x00{about}".encode()
        return blake2b(whole, digest_size=10).hexdigest()

    def pass_on(self, desks: Sequence[str]) -> None:
        """Nobody is at its desk: these answer, too, from the beginning."""
        self.passed_on = [desk for desk in desks if desk != self.claim.queue]
        if self.passed_on and self.lines:
            self.lines[0].details["passed_on_to"] = list(self.passed_on)

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
        if self.pattern is not None:
            row.pattern = self.pattern.written()
        if self.happened_anew and row.awaiting is not None:
            row.awaiting = row.awaiting_reason_sealed = None
        if self.raised_anew:
            row.settled_below = None
            row.priority, row.priority_rank = self.priority.value, RANK[self.priority]
            row.shelved_until = None
            due_at = ladder.due_at(self.priority, now)
            row.due_at = due_at if row.state == State.ACKNOWLEDGED else min(row.due_at, due_at)
            row.state = State.RAISED.value
            row.acknowledged_by = row.acknowledged_at = row.moved_at = None


def event_details(fresh: Fresh) -> dict[str, Any]:
    """What a line of history says of an event: no text of it."""
    return {"event": str(fresh.event_id), "type": fresh.posted.kind, "source": fresh.posted.source}
