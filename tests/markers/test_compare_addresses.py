"""Flat 1 for Flat 2 sends officers to the wrong door; a missed house sends nobody."""

from itertools import chain, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from markers.matching.address import understand_address
from markers.matching.addresses import compare_addresses, findings_of, suffix_as_flat
from markers.matching.evidence import Level, Match
from markers.matching.keys import asked_keys, stored_keys
from markers.matching.parts import read_back
from markers.matching.rules import EQUAL, RULES, UNKNOWN, Finding
from markers.matching.values import Address, Part, Role
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


PARTS = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["", "Flat 2, ", "Flat 3, ", "2/1, ", "Ground Floor Flat, "]),
        "house": st.sampled_from(["", "10 ", "10A ", "12 ", "10-12 ", "Rose Cottage, ", "Ivy House, "]),
        "street": st.sampled_from(["Bold Street", "Bold Road", "Pembroke Street", "Pembrook Street", "Church Lane"]),
        "place": st.sampled_from(["", ", Liverpool", ", Wigan", ", Walton, Liverpool"]),
        "postcode": st.sampled_from([None, "L1 4DS", "L1 4DX", "L9 1AA", "WN1 1AA"]),
        "relation": st.sampled_from(["", "", "", "next door to "]),
    }
)


def made(parts: dict[str, str | None]) -> Address | None:
    text = "".join(str(parts[name]) for name in ("relation", "unit", "house", "street", "place"))
    address = understand_address(text, parts["postcode"])
    return address if isinstance(address, Address) else None


@settings(max_examples=1_000)
@given(PARTS, PARTS)
def test_the_evidence_names_each_part_that_the_level_rests_on_and_no_other(
    ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    marked, told = made(ours), made(theirs)
    match = compare_addresses(marked, told) if marked and told else None
    if not (match and marked and told):
        return
    readings = product((marked, *marked.others), (told, *told.others))
    pairs = (product(_with_flat(mine, yours), _with_flat(yours, mine)) for mine, yours in readings)
    every = [findings_of(one, other) for one, other in chain.from_iterable(pairs)]
    rested = [findings for findings in every if set(_said(findings)) <= set(match.evidence)]
    # Of the readings, one has all of its sentences told: whatever agrees, differs or is missing has one.
    assert rested
    assert any(set(match.evidence) <= {*_said(findings), *_beside(match)} for findings in rested)
    for findings in rested:
        for part in ("unit", "street", "postcode"):
            finding = findings[part]
            assert finding.said or finding.stands in (EQUAL, UNKNOWN), part
    # And the strongest level rests on a door and a place that were both named.
    if match.level is Level.SAME_PREMISES:
        assert any(word in " ".join(match.evidence) for word in ("house number", "the name", "neither gives"))
        assert any(word in " ".join(match.evidence) for word in ("postcode", "agrees", "district"))


def _with_flat(one: Address, other: Address) -> tuple[Address, ...]:
    return (one, suffix_as_flat(one, other))


def _said(findings: dict[str, Finding]) -> list[str]:
    return [finding.said for finding in findings.values() if finding.said]


def _beside(match: Match) -> list[str]:
    reasons = {rule.why for rule in RULES}
    return [line for line in match.evidence if line in reasons or line.startswith(("read as", "the place given is"))]


@settings(max_examples=1_000)
@given(PARTS, PARTS)
def test_a_level_is_the_same_whichever_of_two_was_marked(
    ours: dict[str, str | None], theirs: dict[str, str | None]
) -> None:
    """But where one names a whole street: a door in it lies in what is marked, and what is told is not the door."""
    marked, told = made(ours), made(theirs)
    if marked and told and bool(ours["house"]) == bool(theirs["house"]):
        assert level(marked, told) == level(told, marked)


@settings(max_examples=500)
@given(st.text(max_size=300), st.text(max_size=300))
def test_strange_texts_are_compared_without_an_error(one: str, other: str) -> None:
    marked, told = understand_address(one), understand_address(other)
    if isinstance(marked, Address) and isinstance(told, Address):
        compare_addresses(marked, told)
        assert stored_keys(marked) is not None
        assert asked_keys(told) is not None


@settings(max_examples=500)
@given(PARTS)
def test_understanding_what_was_understood_changes_nothing(parts: dict[str, str | None]) -> None:
    address = made(parts)
    if address:
        said = read_back(Part("locations[0]", Role.INCIDENT, address))
        again = understand_address(said)
        assert isinstance(again, Address)
        assert (again.unit, again.house, again.street, again.postcode) == (
            address.unit, address.house, address.street, address.postcode,
        )  # fmt: skip
