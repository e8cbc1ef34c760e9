"""Postcodes anywhere in a text, with the slips of hand and eye put right."""

import pytest

from markers.matching.postcode import take_postcode, understand_postcode


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("L1 4DS", "L1 4DS"), ("l14ds", "L1 4DS"), (" l1  4ds ", "L1 4DS"), ("LI 4DS", "L1 4DS"),
        ("SW1A 2AA", "SW1A 2AA"), ("EC1A1BB", "EC1A 1BB"), ("W1T 4AB", "W1T 4AB"), ("M60 1NW", "M60 1NW"),
        ("L1 4D5", "L1 4DS"), ("CM12 9BS", "CM12 9BS"), ("L1", "L1"), ("BT1 5GS", "BT1 5GS"),
    ],
)  # fmt: skip
def test_a_postcode_is_read_whatever_its_spacing_case_and_slips(text: str, meant: str) -> None:
    postcode = understand_postcode(text)
    assert postcode is not None
    assert str(postcode) == meant


@pytest.mark.parametrize("text", ["", "hello", "XX1 1AA", "ESSEX", "1234", "L1 4DSX", "QQ"])
def test_what_is_none_is_none(text: str) -> None:
    assert understand_postcode(text) is None


@pytest.mark.parametrize(
    ("text", "postcode", "rest"),
    [
        ("10 BOLD STREET, LIVERPOOL L1 4DS", "L1 4DS", "10 BOLD STREET, LIVERPOOL"),
        ("L14DS 10 BOLD STREET", "L1 4DS", "10 BOLD STREET"),
        ("12 HIGH STREET, CM129BS, ESSEX", "CM12 9BS", "12 HIGH STREET,  , ESSEX"),
        ("10 BOLD STREET LIVERPOOL L1", "L1", "10 BOLD STREET LIVERPOOL"),
    ],
)
def test_a_postcode_is_taken_out_of_a_text(text: str, postcode: str, rest: str) -> None:
    found, left = take_postcode(text)
    assert (str(found), left.strip()) == (postcode, rest)


@pytest.mark.parametrize("text", ["UNIT E1", "10 BOLD STREET FLAT B2"])
def test_a_flats_label_is_no_postcode(text: str) -> None:
    assert take_postcode(text) == (None, text)
