"""When single events add up: the pattern is the danger (fixated, obsessive, unwanted, repeated).

Counts come from `alerts/runs.py`, for one case (or one marker without a case) and one audience. The first rule that
holds raises the priority, and its sentence goes on the alert; rules that press less say nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alerts.rules.words import Priority

DAYS = (1, 7, 14, 28, 365)
"""The windows, in days: a day, a week, two weeks (past which intrusions go on for long), four, and a year (MARAC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What came in so many days: happenings, those on which nobody spoke, callers' numbers, places, breaches.

    A relay's or an alarm company's number is a channel, and counts as nobody's.
    """

    days: int
    events: int = 0
    voiceless: int = 0
    numbers: int = 0
    places: int = 0
    breaches: int = 0


Windows = Mapping[int, Window]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a pattern's rule may depend on: the windows, and whether what happens now may break an order itself."""

    windows: Windows
    breach_now: bool = False

    def __getitem__(self, days: int) -> Window:
        """What came in so many days."""
        return self.windows[days]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the policy: where `holds` is true, `priority` follows; the sentence counts what came in `days`."""

    priority: Priority
    days: int
    because: str
    holds: Callable[[Facts], bool]


RULES = (
    Rule(
        Priority.IMMEDIATE, 7, "an order was possibly broken three times in a week",
        lambda w: w.breach_now and w[7].breaches >= 3,
    ),
    Rule(Priority.URGENT, 28, "an order was possibly broken before", lambda w: w[28].breaches >= 2),
    Rule(Priority.URGENT, 7, "more than three times a week", lambda w: w[7].events >= 4),
    Rule(Priority.URGENT, 28, "more than one was silent", lambda w: w[28].voiceless >= 2 and w[28].events >= 3),
    Rule(Priority.URGENT, 28, "from different numbers", lambda w: w[28].numbers >= 3 and w[28].events >= 4),
    Rule(Priority.ROUTINE, 14, "it goes on", lambda w: w[14].events >= 2),
    Rule(Priority.ROUTINE, 365, "it has happened before", lambda w: w[365].events >= 2),
)  # fmt: skip


def rule_for(facts: Facts) -> Rule | None:
    """The first rule that holds; `None` for what has not happened before."""
    return next((rule for rule in RULES if rule.holds(facts)), None)


def said_of(rule: Rule, windows: Windows) -> str:
    """The sentence of a rule: `5th contact in 7 days; 2 were silent; 3 numbers: more than three times a week`."""
    window = windows[rule.days]
    parts = [f"{ordinal(window.events)} contact in {DAYS_TOLD[rule.days]}"]
    if window.voiceless:
        parts.append("1 was silent" if window.voiceless == 1 else f"{window.voiceless} were silent")
    if window.numbers > 1:
        parts.append(f"{window.numbers} numbers")
    if window.places > 1:
        parts.append(f"{window.places} places")
    if window.breaches:
        parts.append("1 possible breach" if window.breaches == 1 else f"{window.breaches} possible breaches")
    return f"{'; '.join(parts)}: {rule.because}"


DAYS_TOLD = {1: "24 hours", 7: "7 days", 14: "14 days", 28: "28 days", 365: "12 months"}


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@dataclass(frozen=True, slots=True)
class AddsUp:
    """Events each below alerting level: so many of a `kind` within `days` make a `routine` alert."""

    kind: str
    days: int
    events: int
    because: str

    def holds(self, count: int) -> bool:
        """At so many, and again at each so many more."""
        return count >= self.events and count % self.events == 0


SIGHTING, NEARLY_HIS, UNMARKED = "sighting", "nearly_his", "unmarked"

ADDS_UP: Sequence[AddsUp] = (
    AddsUp(SIGHTING, 14, 4, "incidents around what is marked, none of which raised an alert by itself"),
    AddsUp(NEARLY_HIS, 14, 3, "calls to one of the protected from a number that differs from his in one or two digits"),
    AddsUp(UNMARKED, 1, 3, "silent or abandoned calls from a number that is not marked: consider a marker"),
)


def adds_up(kind: str) -> AddsUp:
    """The rule for events of a kind."""
    return next(rule for rule in ADDS_UP if rule.kind == kind)
