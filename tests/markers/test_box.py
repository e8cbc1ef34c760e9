"""The one box of a look-up: whatever a caller says is read as all that it may be, and nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.box import LONGEST, understand_box
from markers.matching.values import Address, Identifier, Numbering, Phone, Point

GB = Numbering("GB")


def kinds(text: str) -> set[type]:
    return {type(part.value) for part in understand_box(text, GB).parts}


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("07700 900123", {Phone}), ("+44 (0)7700 900123", {Phone}), ("0151 496 0123", {Phone}),
        ("he rang from 07700 900123", {Phone}),
        ("Flat 2, 10 Bold Street, Liverpool L1 4DS", {Address}), ("L1 4DS", {Address}), ("rose cottage, mill lane", {Address}),
        ("53.4030, -2.9800", {Point}), ("334000 390000", {Point}), ("SJ 350 900", {Point}),
        ("AB12 CDE", {Identifier}), ("her@example.org", {Identifier}), ("insta:her.name", {Identifier}),
        ("uprn 38000000001", {Address}),
    ],
)  # fmt: skip
def test_it_is_read_as_what_it_is(text: str, read_as: set[type]) -> None:
    assert read_as <= kinds(text)


def test_digits_that_may_be_both_are_both() -> None:
    assert {Phone, Address} <= kinds("01514960123")


@pytest.mark.parametrize("text", ["", "   ", "%%%", "?", "07"])
def test_what_is_nothing_says_so(text: str) -> None:
    understood = understand_box(text, GB)
    assert understood.parts == ()
    assert understood.problems


@given(st.text(max_size=LONGEST + 50))
def test_no_text_raises_and_each_is_understood_or_told(text: str) -> None:
    understood = understand_box(text, GB)
    assert bool(understood.parts) != bool(understood.problems)
