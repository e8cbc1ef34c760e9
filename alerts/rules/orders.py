"""How pressing it is that an order may have been broken."""

from collections.abc import Callable
from dataclasses import dataclass

from alerts.rules.words import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """All that the priority may depend on, for one order that an event touched.

    `wanted`: he is wanted, and it is he, or a condition fitted. `certain`: nothing but service stood against a breach.
    `served`: how he knows of the order is recorded.
    """

    wanted: bool
    certain: bool
    served: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the policy: where `holds` is true, `priority` follows, `because` of this."""

    priority: Priority
    because: str
    holds: Callable[[OrderFacts], bool]


RULES = (
    Rule(Priority.IMMEDIATE, "he is wanted, and this may be where he is", lambda f: f.wanted),
    Rule(Priority.URGENT, "possible breach", lambda f: f.certain and f.served),
    Rule(Priority.URGENT, "a breach, if he knows of the order (service is not recorded)", lambda f: f.certain),
    Rule(Priority.ROUTINE, "worth checking", lambda _: True),
)


def rule_for(facts: OrderFacts) -> Rule:
    """The first rule of `RULES` that holds."""
    return next(rule for rule in RULES if rule.holds(facts))
