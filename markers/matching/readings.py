"""What an unclear text may mean: several readings, each written so that only one remains.

`4 12 HIGH STREET` is flat 4 of number 12, or 4 to 12; `6 MILMAN COURT VALE ROAD` is a house in Milman Court or flat 6
of it. All are kept and compared (`addresses.py`), and which one was used is told.
"""

import re
from collections.abc import Iterator, Sequence

from markers.matching.speech import heard
from markers.matching.words import BUILDING_ENDINGS, NAMELIKE_TYPES, NUMBER_PREFIXES, STREET_TYPE_OF, UNIT_WORDS

BREAK = ","
HALF = "½"
HOUSE = re.compile(rf"(\d{{1,4}})([A-Z{HALF}]?)(?:-(\d{{1,4}})([A-Z{HALF}]?))?")
LABEL = re.compile(r"\d{1,4}[A-Z]?|[A-Z]\d{0,3}|\d{1,2}/\d{1,3}|\d{1,2}F\d{1,2}")
WIDEST_RANGE = 70
"""Numbers between the ends of one building; what is further apart are two numbers."""
RANGE = "a range of numbers"
OF_A_BUILDING = "a flat of a named building"
_TYPES = frozenset({*STREET_TYPE_OF, "ST"})
NAMED = "a name in front of its street"
FLAT_BEHIND = "a flat's number behind the house's"
NUMBER_BEHIND = "a number behind its street"
NAME_ENDS = "|"
"""Stands in the tokens of a reading where the name ends and the street begins."""
SPOKEN = "numbers written as words"


def readings(tokens: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(how it was read, tokens) for each reading; the plainest first, with no words for how."""
    plain = _without_repeats([token for token in tokens if token not in NUMBER_PREFIXES])
    yield "", plain
    for said, read in _FURTHER:
        further = read(plain)
        if further:
            yield said, further
    as_spoken = heard(plain)
    if as_spoken != plain:
        yield SPOKEN, _without_repeats(as_spoken)


def is_range(low: str, high: str) -> bool:
    """Could these two numbers in a row be the ends of one building?"""
    if not (low.isdigit() and high.isdigit() and len(high) <= 4):
        return False
    apart = int(high) - int(low)
    return apart == 1 or (0 < apart <= WIDEST_RANGE and apart % 2 == 0)


def _without_repeats(tokens: list[str]) -> list[str]:
    """`202 B 202 BROOKE ROAD` is 202B, `74 74 76` is 74 76: registers write a flat's house number twice."""
    kept: list[str] = []
    for token in tokens:
        labels_a_unit = len(kept) > 1 and kept[-2] in UNIT_WORDS
        if kept and token == kept[-1] and token.isdigit() and not labels_a_unit:
            continue
        letter = kept[-1] if kept else ""
        if len(kept) > 1 and token == kept[-2] and token.isdigit() and len(letter) == 1 and letter.isalpha():
            kept[-2:] = [f"{token}{letter}"]
            continue
        number = re.fullmatch(r"(\d+)([A-Z])", letter)
        if number and number.group(1) == token and not labels_a_unit:
            continue
        kept.append(token)
    return kept


def _one_range(tokens: list[str]) -> list[str] | None:
    """Two bare numbers in a row as one range; behind a unit's word the first is the unit's."""
    for index in range(len(tokens) - 1):
        if is_range(tokens[index], tokens[index + 1]):
            if index and tokens[index - 1] in UNIT_WORDS:
                continue
            return [*tokens[:index], f"{tokens[index]}-{tokens[index + 1]}", *tokens[index + 2 :]]
    return None


def _flat_of_a_building(tokens: list[str]) -> list[str] | None:
    """`22 PARK ROW APARTMENTS 8 GREEK STREET`: the first number is a flat's when a building's name stands behind it,
    and behind that a street or another number.
    """
    if not tokens or not LABEL.fullmatch(tokens[0]) or "/" in tokens[0] or any(map(UNIT_WORDS.get, tokens)):
        return None
    for index in range(2, min(len(tokens), 8)):
        if tokens[index] == BREAK:
            continue
        if HOUSE.fullmatch(tokens[index]):
            rest, names = tokens[index + 1 :], [token for token in tokens[1:index] if token != BREAK]
            if rest and len(names) > 1:
                return ["FLAT", tokens[0], BREAK, *names, *tokens[index:]]
            return None
        rest = [token for token in tokens[index + 1 :] if token != BREAK]
        if tokens[index] in BUILDING_ENDINGS and _begins_with_a_street(rest):
            return ["FLAT", tokens[0], BREAK, *tokens[1 : index + 1], BREAK, *rest]
    return None


def _name_and_street(tokens: list[str]) -> list[str] | None:
    """`THE SCREES PUMP LANE` without a number: a house of that name in Pump Lane, or a lane of a long name."""
    start = 2 if tokens and tokens[0] in UNIT_WORDS else 0
    if start and len(tokens) > start and tokens[start] == BREAK:
        start += 1
    body = tokens[start:]
    if any(HOUSE.fullmatch(token) for token in body):
        return None
    types = [index for index, token in enumerate(body[:8]) if index and token in _TYPES]
    if not types or BREAK in body[: types[0]]:
        return None
    first = types[0]
    # A second type soon behind the first: the first ends a building's name.
    if len(types) > 1 and 1 < types[1] - first <= 4 and BREAK not in body[first : types[1]]:
        return [*tokens[:start], *body[: first + 1], NAME_ENDS, *body[first + 1 :]]
    if first >= 2:
        return [*tokens[:start], *body[: first - 1], NAME_ENDS, *body[first - 1 :]]
    return None


def _named_house(tokens: list[str]) -> list[str] | None:
    """`HILL VIEW, ELY`: what ends like a street may be a house's name, where no number stands."""
    if BREAK not in tokens or any(map(HOUSE.fullmatch, tokens)):
        return None
    cut = tokens.index(BREAK)
    if cut < 2 or tokens[cut - 1] not in NAMELIKE_TYPES:
        return None
    return [*tokens[:cut], NAME_ENDS, *tokens[cut + 1 :]]


def _flat_behind_the_house(tokens: list[str]) -> list[str] | None:
    """`10/12 LEITH WALK` is 10 to 12, or, as Edinburgh writes, flat 12 of number 10."""
    for index, token in enumerate(tokens):
        found = re.fullmatch(r"(\d{1,4})/(\d{1,3})", token)
        if found and int(found.group(2)) > int(found.group(1)) and not any(map(UNIT_WORDS.get, tokens)):
            return [*tokens[:index], "FLAT", found.group(2), BREAK, found.group(1), *tokens[index + 1 :]]
    return None


def _number_behind_its_street(tokens: list[str]) -> list[str] | None:
    """`LIVERPOOL, BOLD STREET, 10, FLAT 2`: a line that is a number, behind one that is a street."""
    for index in range(2, len(tokens)):
        alone = index + 1 == len(tokens) or tokens[index + 1] == BREAK
        if HOUSE.fullmatch(tokens[index]) and alone and tokens[index - 1] == BREAK and tokens[index - 2] in _TYPES:
            begins = max((place for place in range(index - 2) if tokens[place] == BREAK), default=-1) + 1
            street, before = tokens[begins : index - 1], tokens[: max(0, begins - 1)]
            if any(map(HOUSE.fullmatch, street)):
                return None
            rest = tokens[index + 1 :]
            return [*rest, BREAK, tokens[index], *street, BREAK, *before]
    return None


def _begins_with_a_street(tokens: Sequence[str]) -> bool:
    return any(token in _TYPES for token in tokens[1:4])


_FURTHER = (
    (OF_A_BUILDING, _flat_of_a_building),
    (NAMED, _name_and_street),
    (NAMED, _named_house),
    (RANGE, _one_range),
    (FLAT_BEHIND, _flat_behind_the_house),
    (NUMBER_BEHIND, _number_behind_its_street),
)
"""How a text may be read otherwise, in the order in which the readings are tried."""
