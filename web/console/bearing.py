"""What bears on an alert beside its match, in words: orders and conditions, the run of events, a second person."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.orders_seen import ConditionSeen, OrderSeen
from alerts.rules.patterns import DAYS_TOLD
from alerts.rules.words import Outcome
from alerts.runs import Pattern
from alerts.seen import AlertSeen
from web.console.words import gettext as _

RESULTS = {
    Outcome.ATTENDED: "Attended", Outcome.ADVICE_GIVEN: "Advice given",
    Outcome.PASSED_TO_PARTNER: "Passed to a partner",
    Outcome.NO_ACTION_NEEDED: "No action needed", Outcome.FALSE_MATCH: "False match: it was not her, or not there",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderTold:
    """An order on an alert, line by line; `found` are conditions that events showed; nobody watches the `reported`."""

    title: str
    lines: Sequence[str]
    wanted: str
    found: Sequence[ConditionSeen]
    reported: Sequence[ConditionSeen]


def orders_told(seen: AlertSeen) -> list[OrderTold]:
    """The orders of an alert, those with something found first."""
    told = [_order(order, [one for one in seen.conditions if one.order == order.order]) for order in seen.orders]
    return sorted(told, key=lambda one: (not one.found, not one.wanted))


def _order(order: OrderSeen, conditions: Sequence[ConditionSeen]) -> OrderTold:
    lines = [
        *([days_left(order)] if order.days_left is not None else [_("until further order")]),
        order.service_told,
        _("a breach is {what}").format(what=order.consequence_told),
    ]
    if order.breaches:
        lines.append(_("{count} alerts of this order show a possible breach").format(count=order.breaches))
    wanted = _("WANTED since {day}").format(day=order.wanted_since.isoformat()) if order.wanted_since else ""
    return OrderTold(
        f"{order.reference}: {order.name}", lines, wanted,
        [one for one in conditions if one.finding], [one for one in conditions if not one.finding],
    )  # fmt: skip


def days_left(order: OrderSeen) -> str:
    """How long it still holds, as somebody would say it."""
    left = order.days_left or 0
    if left < 0:
        return _("ended on {day}").format(day=order.expires_on)
    if left == 0:
        return _("ends today")
    return _("{count} days left").format(count=left) if left > 1 else _("ends tomorrow")


def finding_of(condition: ConditionSeen) -> str:
    """What was found of a condition, in a line."""
    words = {
        "possible_breach": _("possible breach of condition {number}"),
        "worth_checking": _("worth checking: condition {number}"),
    }
    return words[condition.finding or "worth_checking"].format(number=condition.condition)


def awaiting_told(seen: AlertSeen) -> str:
    """What a second person is asked to agree to; empty where nobody is asked."""
    wanted = seen.awaiting
    if wanted is None:
        return ""
    what = (
        _("to resolve it as {outcome}").format(outcome=_(RESULTS[wanted.outcome]))
        if wanted.outcome
        else _("to regrade it to {priority}").format(priority=wanted.to)
    )
    return _("{name} wants {what}: a second person has to agree").format(name=wanted.by, what=what)


def flags_of(seen: AlertSeen) -> list[str]:
    """What a row says besides: what may be broken, who is wanted, what came before, what waits for somebody."""
    flags = [f"{finding_of(one)} ({one.reference})" for one in seen.conditions if one.finding][:2]
    flags += [_("WANTED since {day}").format(day=one.wanted_since) for one in seen.orders if one.wanted_since][:1]
    flags += list(seen.pattern.because)[:1] if seen.pattern else []
    return [*flags, *([awaiting_told(seen)] if seen.awaiting else [])]


@dataclass(frozen=True, slots=True)
class WindowTold:
    """A window of a pattern as a row of the page's table."""

    days: str
    events: int
    voiceless: int
    numbers: int
    places: int
    breaches: int


def windows_told(pattern: Pattern | None) -> list[WindowTold]:
    """The windows of a run of events; none where it has happened once."""
    if pattern is None or pattern.windows[-1].events < 2:
        return []
    return [
        WindowTold(_(DAYS_TOLD[one.days]), one.events, one.voiceless, one.numbers, one.places, one.breaches)
        for one in pattern.windows
    ]


def hours_drawn(pattern: Pattern | None) -> list[tuple[int, int, float]]:
    """The hours of the day as bars: hour, how many, and how high (0 to 1)."""
    counted = dict(pattern.hours) if pattern else {}
    most = max(counted.values(), default=0)
    return [(hour, counted.get(hour, 0), counted.get(hour, 0) / most) for hour in range(24)] if most > 1 else []
