"""Flat 1 for Flat 2 sends officers to the wrong door; a missed house sends nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.addresses import compare_addresses
from markers.matching.evidence import Level
from markers.matching.keys import asked_keys, stored_keys
from markers.matching.values import Address
from tests.builders import an_address

HERS = an_address("Flat 2, 10 Bold Street, Liverpool", "L1 4DS")


def level(marked: Address, told: Address) -> str:
    match = compare_addresses(marked, told)
    return match.level.value if match else "none"


@pytest.mark.parametrize(
    ("told", "postcode", "expected"),
    [
        ("flat 2 10 bold st", "l14ds", "same_premises"),
        ("10 Bold Street, Flat 2, Liverpool", None, "same_premises"),
        ("Apartment 2, 10 Bould Street, Liverpool", "L1 4DS", "same_premises"),
        ("Apartment 2, 10 Mould Street, Liverpool", "L1 4DS", "possible"),
        ("Flat 2, 10 Bold Street", "L1 4DX", "same_premises"),
        ("Flat 1, 10 Bold Street, Liverpool", "L1 4DS", "same_building"),
        ("Flat 1A, 10 Bold Street, Liverpool", "L1 4DS", "same_building"),
        ("Ground floor flat, 10 Bold Street, Liverpool", "L1 4DS", "same_building"),
        ("10 Bold Street, Liverpool", "L1 4DS", "same_building"),
        ("Flat 2, 10A Bold Street, Liverpool", "L1 4DS", "same_building"),
        ("Flat 2, 12 Bold Street, Liverpool", "L1 4DS", "none"),
        ("Flat 10, 2 Bold Street, Liverpool", "L1 4DS", "none"),
        ("Flat 2, 10 Wood Street, Liverpool", "L1 4DQ", "none"),
        ("Flat 2, 10 Wood Street, Liverpool", "L1 4DS", "possible"),
        ("Flat 2, 10 Bold Street, Southport", "PR9 0DS", "none"),
        ("Flat 2, 10 Bold Street", None, "possible"),
        ("Flat 2, 10 Bold Road, Liverpool", None, "possible"),
        ("Bold Street, Liverpool", "L1 4DS", "possible"),
        ("opposite Flat 2, 10 Bold Street, Liverpool", "L1 4DS", "possible"),
    ],
)
def test_the_level_of_an_address(told: str, postcode: str | None, expected: str) -> None:
    assert level(HERS, an_address(told, postcode)) == expected


def test_a_slip_in_a_longer_street_name_is_forgiven_and_named() -> None:
    match = compare_addresses(an_address("24 Howard Avenue, Bedford"), an_address("24 Howrad Avenue, Bedford"))
    assert match is not None
    assert match.level is Level.SAME_PREMISES
    assert "Howrad Avenue is close to Howard Avenue" in match.evidence


def test_a_suffix_and_a_flat_of_that_letter_are_one_door() -> None:
    assert level(an_address("Flat A, 12 High Road", "L1 4DS"), an_address("12A High Road", "L1 4DS")) == "same_premises"
    assert level(an_address("12B High Road", "L1 4DS"), an_address("12A High Road", "L1 4DS")) == "same_building"


def test_an_equal_uprn_is_the_same_premises_whatever_the_text_says() -> None:
    marked = an_address("Rose Cottage, Main Street", "CM23 1AA", uprn="38000000001")
    assert level(marked, an_address("2 Main Street", uprn="38000000001")) == "same_premises"


def test_a_conflict_of_house_number_is_never_outweighed() -> None:
    for number in (1, 9, 11, 12, 100, 101):
        assert level(HERS, an_address(f"Flat 2, {number} Bold Street, Liverpool", "L1 4DS")) == "none"


def test_the_evidence_says_what_agreed_and_what_differed() -> None:
    match = compare_addresses(HERS, an_address("Flat 3, 10 Bold Street, Liverpool", "L1 4DS"))
    assert match is not None
    assert match.evidence == (
        "house number 10 agrees",
        "flat 3 was given; the marker is on flat 2",
        "Bold Street agrees",
        "postcode L1 4DS agrees",
    )


TEXTS = [
    "Flat 2, 10 Bold Street, Liverpool L1 4DS", "10 Bold Street, Liverpool", "Rose Cottage, Main Street, CM23 1AA",
    "12A High Road, Bedford MK40 1NT", "10-12 High Road, Bedford", "2/1, 24 Argyle Street, Glasgow",
]  # fmt: skip


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS))
def test_a_level_is_the_same_both_ways_round(one: str, other: str) -> None:
    assert level(an_address(one), an_address(other)) == level(an_address(other), an_address(one))


@given(st.sampled_from(TEXTS))
def test_the_same_text_is_the_same_premises_and_shares_a_key(text: str) -> None:
    address = an_address(text)
    match = compare_addresses(address, address)
    assert match is not None
    assert match.level is Level.SAME_PREMISES
    assert stored_keys(address) & asked_keys(address)
