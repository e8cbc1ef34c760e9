"""Blocks of numbers: any number in one is found by one of a few keys, and no number beside it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.compare import compare
from markers.matching.evidence import Level
from markers.matching.keys import asked_keys, stored_keys
from markers.matching.phone import within_areas
from markers.matching.ranges import LARGEST_RANGE, PLACES, holds, size_of, understand_range
from markers.matching.values import Numbering, Part, Phone, PhoneRange, Problem, Role
from tests.builders import GB, a_phone


def a_range(first: str, last: str) -> PhoneRange:
    block = understand_range(first, last, GB)
    assert isinstance(block, PhoneRange), block
    return block


def phone_at(number: int) -> Phone:
    return Phone(f"+{number}", f"+{number}")


NUMBERS = st.integers(447_000_000_000, 447_999_999_999)


@given(NUMBERS, st.integers(0, LARGEST_RANGE - 1), st.integers(-30, LARGEST_RANGE + 30))
def test_a_number_shares_a_key_with_a_block_exactly_where_it_lies_in_it(first: int, length: int, offset: int) -> None:
    block = PhoneRange(phone_at(first), phone_at(first + length))
    number = phone_at(first + offset)
    assert bool(stored_keys(block) & asked_keys(number)) == holds(block, number) == (0 <= offset <= length)


@given(NUMBERS, st.integers(1, LARGEST_RANGE))
def test_a_block_costs_its_lengths_logarithm(first: int, size: int) -> None:
    block = PhoneRange(phone_at(first), phone_at(first + size - 1))
    assert size_of(block) == size
    assert len(stored_keys(block)) <= 18 * (math.log10(size) + 1)
    assert len(asked_keys(block.first)) == 1 + PLACES


def test_forty_thousand_handsets_are_a_few_rows() -> None:
    handsets = a_range("07700 900000", "07700 939999")
    assert (size_of(handsets), len(stored_keys(handsets))) == (40_000, 4)


@pytest.mark.parametrize(
    ("first", "last", "at"),
    [("0151 496 0200", "0151 496 0100", "range.to"), ("0151 496 0100", "07700 9OO1", "range.to"),
     ("496 0100", "0151 496 0199", "range.from"), ("0151 496 0100", "0800 1111", "range.to"),
     ("0151 496 0100", "01704 960100", "range.to"), ("withheld", "0151 496 0199", "range.from"),
     ("0151 496 0100 ext 5", "0151 496 0199", "range.from"), ("her desk 0151 496 0100", "0151 496 0199", "range.from")],
)  # fmt: skip
def test_a_block_that_means_none_is_a_problem_that_names_the_end(first: str, last: str, at: str) -> None:
    problem = understand_range(first, last, GB)
    assert isinstance(problem, Problem)
    assert problem.at == at


@pytest.mark.parametrize(("role", "telling"), [(Role.CALLER, True), (Role.CALLED, False), (Role.MENTIONED, False)])
def test_a_number_in_a_block_says_of_how_many_it_is_one(role: Role, *, telling: bool) -> None:
    match = compare(a_range("0151 496 0100", "0151 496 0199"), Part("phones[0]", role, a_phone("0151 496 0142")))
    assert match is not None
    assert (match.level, match.certain, match.telling) == (Level.IN_RANGE, True, telling)
    assert "0151 496 0142 is one of the 100 marked ones from 0151 496 0100 to 0151 496 0199" in match.evidence[0]


def test_a_local_number_is_one_in_each_area_in_which_it_can_lie() -> None:
    areas = Numbering("GB", ("0151", "01704", "020"))
    assert [phone.e164 for phone in within_areas("496 0123", areas)] == ["+441514960123"]
    assert [phone.e164 for phone in within_areas("7946 0123", areas)] == ["+442079460123"]
    assert [phone.supposed_area for phone in within_areas("96 01 23", areas)] == ["01704"]
    # A drama number, which no operator has: as long as one of its area is.
    assert [phone.e164 for phone in within_areas("960123", Numbering("GB", ("01632",)))] == ["+441632960123"]


def test_a_local_number_matches_what_is_possible_and_says_which_area_was_put_in_front() -> None:
    [supposed] = within_areas("496 0123", Numbering("GB", ("0151",)))
    part = Part("phones[0]", Role.CALLER, supposed)
    for target in (a_phone("0151 496 0123"), a_range("0151 496 0100", "0151 496 0199")):
        match = compare(target, part)
        assert match is not None
        assert (match.level, match.certain, match.telling) == (Level.POSSIBLE, False, False)
        assert match.evidence[0].startswith(
            "the number was given without its area code; with 0151 in front, the caller"
        )
