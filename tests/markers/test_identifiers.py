"""Registration marks, e-mail addresses and accounts, in all their spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.compare import compare
from markers.matching.evidence import Level
from markers.matching.identifiers import understand_identifier
from markers.matching.keys import asked_keys, stored_keys
from markers.matching.values import Identifier, IdentifierKind, Part, Problem, Role

VEHICLE, EMAIL, ACCOUNT = IdentifierKind.VEHICLE, IdentifierKind.EMAIL, IdentifierKind.ACCOUNT


def an_identifier(kind: IdentifierKind, text: str) -> Identifier:
    found = understand_identifier(kind, text)
    assert isinstance(found, Identifier), found
    return found


@pytest.mark.parametrize(
    ("kind", "marked", "named", "level"),
    [
        (VEHICLE, "AB12 CDE", "ab12cde", Level.EXACT_IDENTIFIER),
        (VEHICLE, "AB12 CDE", " A.B-1 2/CDE ", Level.EXACT_IDENTIFIER),
        (VEHICLE, "AB12 CDE", "ＡＢ１２ ＣＤＥ", Level.EXACT_IDENTIFIER),
        (VEHICLE, "OI10 ABC", "0110 ABC", Level.POSSIBLE),
        (VEHICLE, "BD51 SMR", "BDS1 SMR", None),
        (VEHICLE, "AB12 CDE", "reg AB12 CDE", Level.EXACT_IDENTIFIER),
        (VEHICLE, "AB12 CDE", "AB12CDE (blue Ford)", Level.EXACT_IDENTIFIER),
        (ACCOUNT, "facebook:jane.doe", "https://www.facebook.com/jane.doe?x=1", Level.EXACT_IDENTIFIER),
        (ACCOUNT, "facebook:jane.doe", "Facebook: https://facebook.com/@jane.doe/", Level.EXACT_IDENTIFIER),
        (VEHICLE, "AB12 CDE", "AB12 CDF", None),
        (EMAIL, "Jane.Roe@Example.org", "mailto:jane.roe@example.org", Level.EXACT_IDENTIFIER),
        (EMAIL, "jane.roe@example.org", "Jane Roe <jane.roe@EXAMPLE.org>", Level.EXACT_IDENTIFIER),
        (EMAIL, "jane.roe@example.org", "janeroe@example.org", None),
        (EMAIL, "j01@example.org", "jo1@example.org", None),
        (ACCOUNT, "insta:jane_roe", "Insta : @Jane_Roe", Level.EXACT_IDENTIFIER),
        (ACCOUNT, "insta:jane_roe", "chirp:jane_roe", None),
        (ACCOUNT, "insta:jane_r0e", "insta:jane_roe", None),
    ],
)
def test_one_thing_is_found_in_each_of_its_spellings_and_no_other(
    kind: IdentifierKind, marked: str, named: str, level: Level | None
) -> None:
    target, part = an_identifier(kind, marked), an_identifier(kind, named)
    match = compare(target, Part("identifiers[0]", Role.MENTIONED, part))
    assert (match.level if match else None) == level
    assert bool(stored_keys(target) & asked_keys(part)) == (level is not None)
    if match:
        assert part.said in match.evidence[0]
        assert (match.certain, match.telling) == (level is Level.EXACT_IDENTIFIER, False)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(VEHICLE, ""), (VEHICLE, "?"), (VEHICLE, "A"), (VEHICLE, "a white van with a dent"), (EMAIL, "jane"),
     (EMAIL, "a@b.org, c@d.org"), (EMAIL, "jane@"), (EMAIL, "x" * 400 + "@b.org"), (ACCOUNT, "jane_roe"),
     (ACCOUNT, ":jane"), (ACCOUNT, "insta:"), (ACCOUNT, "insta:@")],
)  # fmt: skip
def test_what_names_nothing_is_a_problem_that_does_not_repeat_it(kind: IdentifierKind, text: str) -> None:
    problem = understand_identifier(kind, text)
    assert isinstance(problem, Problem)
    assert problem.code == f"{kind.value}_not_understood"
    assert not text or text not in problem.detail.split()


@given(st.sampled_from(IdentifierKind), st.text(max_size=400))
def test_no_text_however_strange_raises_and_understanding_twice_changes_nothing(
    kind: IdentifierKind, text: str
) -> None:
    found = understand_identifier(kind, text)
    assert isinstance(found, Identifier | Problem)
    if isinstance(found, Identifier):
        again = understand_identifier(kind, found.value)
        assert isinstance(again, Identifier)
        assert again.value == found.value
