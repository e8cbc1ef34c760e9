"""When one person is not enough: what would make an alert quieter than its facts waits for somebody else.

Until then the alert stays on the queue, says what it waits for, and climbs the ladder like one that nobody answered.
"""

from collections.abc import Callable
from dataclasses import dataclass

from alerts.rules.words import RANK, Outcome, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants of an alert: a priority (`to`) or an `outcome`; `high_risk` is a marker's on it."""

    priority: Priority
    to: Priority | None = None
    outcome: Outcome | None = None
    high_risk: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the policy: where `holds` is true a second person has to agree, `because` of this."""

    because: str
    holds: Callable[[Wanted], bool]


RULES = (
    Rule(
        "an immediate alert would be answered later",
        lambda w: w.priority is Priority.IMMEDIATE and w.to is not None and RANK[w.to] > RANK[w.priority],
    ),
    Rule(
        "the risk is high, and nothing would be done",
        lambda w: w.high_risk and w.outcome in (Outcome.NO_ACTION_NEEDED, Outcome.FALSE_MATCH),
    ),
)


def rule_for(wanted: Wanted) -> Rule | None:
    """The first rule that asks for a second person; `None` where one is enough."""
    return next((rule for rule in RULES if rule.holds(wanted)), None)


def may_agree(*, asked_by: str, name: str, is_supervisor: bool, other_supervisors: bool) -> bool:
    """May this person agree to, or refuse, what somebody asked for?

    Never who asked. A supervisor; with nobody else of that rank signed in, another person of the desk.
    """
    return name != asked_by and (is_supervisor or not other_supervisors)
