"""How pressing a match is: the first rule that holds, and its reason goes on the alert.

The table is the contract's. A level that raises nothing by itself never comes here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from alerts.rules.words import RANK, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a priority may depend on, for one match. What is not here cannot matter.

    `certain`: the exact number, the same premises, inside the area, or the same building where no unit was given.
    `telling`: certain, and in a role that counts (a number as caller; a place as the caller's or the incident's).
    `raised_risk`: the marker's risk is medium or high. `voiceless`: 55 was pressed, or the line was silent, cut off or
    cleared before anyone spoke, in any event of the happening. `wants_immediate`: the marker's required response.
    """

    certain: bool
    telling: bool
    raised_risk: bool
    voiceless: bool
    wants_immediate: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the policy: where `holds` is true, `priority` follows, `because` of this."""

    priority: Priority
    because: str
    holds: Callable[[Facts], bool]


RULES = (
    Rule(Priority.IMMEDIATE, "nobody spoke, and the number or place is marked", lambda f: f.telling and f.voiceless),
    Rule(Priority.IMMEDIATE, "the marker requires an immediate response", lambda f: f.telling and f.wants_immediate),
    Rule(Priority.URGENT, "nobody spoke, and a marker is close", lambda f: f.voiceless),
    Rule(Priority.URGENT, "a certain match, and the risk is above standard", lambda f: f.certain and f.raised_risk),
    Rule(Priority.ROUTINE, "a marker matches; nothing makes it more pressing", lambda _: True),
)


SAID_OF_MATCHES = frozenset(rule.because for rule in RULES)
"""Every sentence that these rules put on an alert."""


def rule_for(facts: Facts) -> Rule:
    """The first rule of `RULES` that holds; its `because` goes on the alert."""
    return next(rule for rule in RULES if rule.holds(facts))


def judge(matches: Iterable[Facts], *, voiceless: bool) -> tuple[Priority, tuple[str, ...]]:
    """The highest priority that any match gives, with the reasons for it, most pressing first.

    `voiceless` is the happening's: a later event on which nobody spoke makes all its matches so.
    """
    rules = {rule_for(replace(facts, voiceless=facts.voiceless or voiceless)) for facts in matches}
    if not rules:
        return Priority.ROUTINE, ()
    first = min(RANK[rule.priority] for rule in rules)
    told = [rule for rule in RULES if rule in rules and RANK[rule.priority] == first]
    return told[0].priority, tuple(rule.because for rule in told)
