"""The policy: tables that an officer could read."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.ladder import Ladder, next_step
from alerts.rules.moves import AFTER, MoveNotAllowed, after
from alerts.rules.priority import RULES, Facts, judge, rule_for
from alerts.rules.words import RANK, Move, Priority, State, higher
from tests.builders import NOON


def facts(**given: bool) -> Facts:
    names = ("certain", "telling", "raised_risk", "voiceless", "wants_immediate")
    return Facts(**{name: given.get(name, False) for name in names})


@pytest.mark.parametrize("raised_risk", [False, True])
def test_a_call_on_which_nobody_spoke_is_immediate_whatever_the_risk(raised_risk: bool) -> None:  # noqa: FBT001
    rule = rule_for(facts(certain=True, telling=True, voiceless=True, raised_risk=raised_risk))
    assert rule.priority is Priority.IMMEDIATE


def test_a_call_on_which_nobody_spoke_with_a_weaker_level_is_urgent_at_most() -> None:
    assert rule_for(facts(voiceless=True, raised_risk=True)).priority is Priority.URGENT


def test_a_marker_that_requires_an_immediate_response_is_immediate_only_where_the_match_tells() -> None:
    assert rule_for(facts(certain=True, telling=True, wants_immediate=True)).priority is Priority.IMMEDIATE
    assert rule_for(facts(certain=True, wants_immediate=True)).priority is Priority.ROUTINE


def test_a_certain_match_of_raised_risk_is_urgent_in_any_role() -> None:
    assert rule_for(facts(certain=True, raised_risk=True)).priority is Priority.URGENT
    assert rule_for(facts(raised_risk=True)).priority is Priority.ROUTINE


def test_every_combination_of_facts_has_a_rule_and_every_rule_a_combination() -> None:
    names = Facts.__dataclass_fields__
    met = {rule_for(Facts(**dict(zip(names, values, strict=True)))) for values in product((False, True), repeat=5)}
    assert met == set(RULES)


FACTS = st.builds(Facts, **dict.fromkeys(Facts.__dataclass_fields__, st.booleans()))


@given(st.lists(FACTS, max_size=5), FACTS, st.booleans())
def test_a_further_match_never_lowers_the_priority(matches: list[Facts], more: Facts, voiceless: bool) -> None:  # noqa: FBT001
    before, _ = judge(matches, voiceless=voiceless)
    afterwards, because = judge([*matches, more], voiceless=voiceless)
    assert RANK[afterwards] <= RANK[before]
    assert because


@given(st.lists(FACTS, min_size=1, max_size=5))
def test_that_nobody_spoke_never_lowers_the_priority(matches: list[Facts]) -> None:
    assert RANK[judge(matches, voiceless=True)[0]] <= RANK[judge(matches, voiceless=False)[0]]


@pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
def test_a_move_leads_where_the_table_says_or_is_not_allowed(state: State, move: Move) -> None:
    if state in AFTER[move]:
        assert after(state, move) is AFTER[move][state]
    else:
        with pytest.raises(MoveNotAllowed):
            after(state, move)


def test_a_resolved_alert_takes_notes_and_can_be_reopened_and_nothing_else() -> None:
    assert {move for move in Move if State.RESOLVED in AFTER[move]} == {Move.NOTE, Move.REOPEN}


def test_higher_is_the_more_pressing() -> None:
    assert higher(Priority.ROUTINE, Priority.IMMEDIATE) is Priority.IMMEDIATE


def test_the_plain_ladder_waits_30_seconds_2_minutes_and_15() -> None:
    due = {priority: Ladder().due_at(priority, NOON) - NOON for priority in Priority}
    assert due == {
        Priority.IMMEDIATE: timedelta(seconds=30),
        Priority.URGENT: timedelta(minutes=2),
        Priority.ROUTINE: timedelta(minutes=15),
    }


@given(st.integers(0, 50), st.lists(st.text(min_size=1), max_size=4))
def test_a_step_is_one_level_up_and_the_last_desk_stays_the_last(level: int, desks: list[str]) -> None:
    step = next_step(Ladder(), Priority.URGENT, level, NOON, desks)
    assert step.level == level + 1
    assert step.desk == (desks[min(level, len(desks) - 1)] if desks else None)
    assert step.due_at > NOON
