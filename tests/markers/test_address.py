"""Addresses as callers, typists and systems write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.address import understand_address
from markers.matching.values import Address, Problem
from tests.builders import an_address


def in_parts(address: Address) -> tuple[str, str, str, str]:
    """(unit, house or name, street, places), in short."""
    unit = f"{address.unit.floor}:{address.unit.label}" if address.unit and address.unit.floor is not None else ""
    unit = unit or (address.unit.label if address.unit else "")
    house = str(address.house) if address.house else " ".join(address.names)
    return unit, house, str(address.street or ""), " ".join(address.places)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Flat 2, 10 Bold Street, Liverpool", ("2", "10", "BOLD STREET", "LIVERPOOL")),
        ("FLAT 2 10 BOLD STREET LIVERPOOL", ("2", "10", "BOLD STREET", "LIVERPOOL")),
        ("10 Bold St, Flat 2, Liverpool", ("2", "10", "BOLD STREET", "LIVERPOOL")),
        ("36, 24 Howard Avenue, Bedford", ("36", "24", "HOWARD AVENUE", "BEDFORD")),
        ("Apt. 4, 12a High Rd.", ("4", "12A", "HIGH ROAD", "")),
        ("12 a High Road", ("", "12A", "HIGH ROAD", "")),
        ("12 N Street, Sudbury", ("", "12", "NORTH STREET", "SUDBURY")),
        ("2/1, 24 Argyle Street, Glasgow", ("2:1", "24", "ARGYLE STREET", "GLASGOW")),
        ("1F2, 30 Leith Walk, Edinburgh", ("1:2", "30", "LEITH WALK", "EDINBURGH")),
        ("GFF, 12 St John's Rd", ("0:", "12", "SAINT JOHNS ROAD", "")),
        ("Ground Floor Flat, 12 St Johns Road", ("0:", "12", "SAINT JOHNS ROAD", "")),
        ("SECOND FLOOR FLAT 9D THE KEYS EAGLE WAY", ("2:", "9D", "THE KEYS EAGLE WAY", "")),
        ("Basement, 4 Hope Street", ("-1:", "4", "HOPE STREET", "")),
        ("10-12 Bold Street", ("", "10-12", "BOLD STREET", "")),
        ("12 - 14 Bold Street", ("", "12-14", "BOLD STREET", "")),
        ("No. 10 Bold Street", ("", "10", "BOLD STREET", "")),
        ("Central Library, William Brown Street, Liverpool", ("", "CENTRAL LIBRARY", "WILLIAM BROWN STREET", "LIVERPOOL")),
        ("ROSE COTTAGE MAIN STREET LITTLE HADHAM", ("", "ROSE COTTAGE", "MAIN STREET", "LITTLE HADHAM")),
        ("Heol Fawr 3, Cardiff", ("", "3", "FAWR HEOL", "CARDIFF")),
        ("12 Broadway, London", ("", "12", "BROADWAY", "LONDON")),
        ("10 Bold Street\nLiverpool\nUK", ("", "10", "BOLD STREET", "LIVERPOOL")),
        ("Bold Street, Liverpool", ("", "", "BOLD STREET", "LIVERPOOL")),
    ],
)  # fmt: skip
def test_an_address_is_read_in_its_parts(text: str, parts: tuple[str, str, str, str]) -> None:
    assert in_parts(an_address(text)) == parts


def test_a_postcode_in_its_own_field_wins_over_one_in_the_text() -> None:
    assert str(an_address("10 Bold Street, L1 4DS", "L1 4DJ").postcode) == "L1 4DJ"
    assert str(an_address("10 Bold Street, L1 4DS").postcode) == "L1 4DS"


def test_a_word_of_relation_is_kept_apart() -> None:
    assert an_address("opposite 10 Bold Street, Liverpool").relation == "opposite"


@pytest.mark.parametrize("text", ["", "hello", "somewhere in town", "-", "5", "Rose Cottage", "x" * 600])
def test_what_says_nothing_is_a_problem_that_does_not_repeat_it(text: str) -> None:
    problem = understand_address(text)
    assert isinstance(problem, Problem)
    assert problem.code == "address_not_understood"


def test_a_uprn_is_enough() -> None:
    assert an_address(None, uprn="38000000001").finds_a_door


@given(st.text(max_size=520), st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_no_text_however_strange_raises(text: str, postcode: str | None, uprn: str | None) -> None:
    assert isinstance(understand_address(text, postcode, uprn), Address | Problem)
