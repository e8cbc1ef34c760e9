"""Patterns and orders: tables of rules, tried over all that they may depend on."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules import orders
from alerts.rules.patterns import ADDS_UP, DAYS, Facts, Window, ordinal, rule_for, said_of
from alerts.rules.words import RANK, Priority
from alerts.runs import Pattern
from tests.builders import NOON


def windows(**given: int) -> dict[int, Window]:
    """The same counts in every window."""
    return {days: Window(days=days, **given) for days in DAYS}


@pytest.mark.parametrize(
    ("counts", "breach_now", "priority", "said"),
    [
        ({"events": 1}, False, None, ""),
        ({"events": 2}, False, Priority.ROUTINE, "2nd contact in 14 days: it goes on"),
        ({"events": 4}, False, Priority.URGENT, "4th contact in 7 days: more than three times a week"),
        ({"events": 5, "voiceless": 2, "numbers": 3}, False, Priority.URGENT,
         "5th contact in 7 days; 2 were silent; 3 numbers: more than three times a week"),
        ({"events": 3, "voiceless": 2}, False, Priority.URGENT,
         "3rd contact in 28 days; 2 were silent: more than one was silent"),
        ({"events": 3, "breaches": 3}, True, Priority.IMMEDIATE,
         "3rd contact in 7 days; 3 possible breaches: an order was possibly broken three times in a week"),
        ({"events": 3, "breaches": 3}, False, Priority.URGENT,
         "3rd contact in 28 days; 3 possible breaches: an order was possibly broken before"),
        ({"events": 3, "voiceless": 1, "places": 2, "breaches": 1}, True, Priority.ROUTINE,
         "3rd contact in 14 days; 1 was silent; 2 places; 1 possible breach: it goes on"),
    ],
)  # fmt: skip
def test_the_table(counts: dict[str, int], breach_now: bool, priority: Priority | None, said: str) -> None:  # noqa: FBT001
    found = windows(**counts)
    rule = rule_for(Facts(found, breach_now=breach_now))
    assert (rule.priority if rule else None) == priority
    assert (said_of(rule, found) if rule else "") == said


_COUNTS = st.fixed_dictionaries({name: st.integers(0, 9) for name in ("events", "voiceless", "numbers", "breaches")})


@given(_COUNTS, st.sampled_from(["events", "voiceless", "numbers", "breaches"]), st.booleans())
def test_more_is_never_less_pressing(counts: dict[str, int], name: str, breach_now: bool) -> None:  # noqa: FBT001
    def rank(found: dict[int, Window]) -> int:
        rule = rule_for(Facts(found, breach_now=breach_now))
        return RANK[rule.priority] if rule else len(RANK)

    less = windows(**counts)
    more = {days: replace(one, **{name: getattr(one, name) + 1}) for days, one in less.items()}
    assert rank(more) <= rank(less)


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (112, "112th")]
)  # fmt: skip
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number) == said


def test_what_adds_up_does_so_at_each_so_many() -> None:
    for rule in ADDS_UP:
        assert [count for count in range(1, 3 * rule.events) if rule.holds(count)] == [rule.events, 2 * rule.events]


def test_orders_press_by_whether_he_is_wanted_and_how_sure_it_is() -> None:
    for wanted, certain, served in product((True, False), repeat=3):
        rule = orders.rule_for(orders.OrderFacts(wanted=wanted, certain=certain, served=served))
        expected = Priority.IMMEDIATE if wanted else Priority.URGENT if certain else Priority.ROUTINE
        assert rule.priority is expected
        if certain and not (wanted or served):
            assert "if he knows of the order" in rule.because


def test_a_pattern_is_read_as_it_was_written() -> None:
    pattern = Pattern(
        windows=list(windows(events=2).values()), first_at=NOON, last_at=NOON, hours=[(3, 2)], because=("x",)
    )  # fmt: skip
    read = Pattern.read(pattern.written())
    assert read is not None
    assert (list(read.windows), read.first_at, list(read.hours), list(read.because)) == (
        list(pattern.windows), NOON, [(3, 2)], ["x"],
    )  # fmt: skip
    assert Pattern.read(None) is None
