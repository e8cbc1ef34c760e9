"""What names a door: numbers, units, and names in front of a number or in its place."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from markers.matching.alike import alike
from markers.matching.rules import CLOSE, DIFFERS, EQUAL, SAME, SILENT, UNKNOWN, WEAK, WITHIN, Finding
from markers.matching.values import Address, House, Unit
from markers.matching.weights import (
    AGREES,
    ANOTHER_BUSINESS,
    ANOTHER_LETTER,
    ANOTHER_NAME,
    ANOTHER_NAME_IN_ITS_PLACE,
    ANOTHER_UNIT,
    IN_A_RANGE,
    IS_ANOTHER,
    LETTER_ON_ONE_SIDE,
    NAME_IN_PARTS,
    NAME_IN_PLACE_OF_A_NUMBER,
    NEITHER_SAYS_A_DOOR,
    NO_DOOR_GIVEN,
    NO_DOOR_MARKED,
    PLAIN_NAME_ALIKE,
    UNIT_IN_PART,
    UNIT_ON_ONE_SIDE,
)
from markers.matching.words import BUSINESS_WORDS, ENDINGS_OF_A_DOOR, PLAIN_NAME_WORDS, UNIT_SIGNS


def houses(marked: Address, told: Address, name: Finding, number: Finding) -> Finding:
    """What names the door: the numbers, else the names, else that one side or neither says any."""
    if marked.house and told.house:
        return number
    if name.stands in SAME:
        return Finding(name.stands, NAME_IN_PLACE_OF_A_NUMBER * name.score)
    if name.stands is DIFFERS:
        return Finding(WEAK if marked.house or told.house else DIFFERS, ANOTHER_NAME_IN_ITS_PLACE)
    ours, theirs = _says_a_door(marked), _says_a_door(told)
    if not (ours or theirs) or (name.stands is WEAK and not (marked.house or told.house)):
        return Finding(SILENT, NEITHER_SAYS_A_DOOR, "neither gives a house number or name")
    if not ours and not marked.names:
        return Finding(WITHIN, NO_DOOR_MARKED, "the marker names no door")
    said = "no house number was given" if marked.house else "the house's name was not given"
    return Finding(UNKNOWN, NO_DOOR_GIVEN, said)


def numbers(marked: Address, told: Address) -> Finding:
    """The house numbers alone; unknown where one side gives none."""
    if not (marked.house and told.house):
        return Finding(UNKNOWN, AGREES)
    return _numbers(marked.house, told.house)


def _numbers(marked: House, told: House) -> Finding:
    if marked == told:
        return Finding(EQUAL, AGREES, f"house number {told} agrees")
    if marked.low == marked.high and told.low == told.high:
        if marked.low != told.low:
            return Finding(DIFFERS, IS_ANOTHER, f"house number {told} is not {marked}")
        if marked.suffix and told.suffix:
            return Finding(CLOSE, ANOTHER_LETTER, f"house number {told} has another letter than {marked}")
        return Finding(CLOSE, LETTER_ON_ONE_SIDE, f"house number {told} and the marker's {marked} differ by the letter")
    narrow, wide = sorted((marked, told), key=lambda house: house.high - house.low)
    inside = wide.low <= narrow.low and narrow.high <= wide.high and (narrow.low - wide.low) % 2 == 0
    if inside and narrow.suffix in ("", wide.suffix):
        ends = narrow.low in (wide.low, wide.high)
        return Finding(EQUAL if ends else CLOSE, IN_A_RANGE, f"house number {narrow} lies in {wide}")
    return Finding(DIFFERS, IS_ANOTHER, f"house number {told} is not {marked}")


def names_of_both(marked: Address, told: Address) -> Finding:
    """Names in front of the number or in its place; one may stand on the other side where its street or places are."""
    said = " ".join(told.names or marked.names).title()
    if marked.names and sorted(marked.names) == sorted(told.names):
        return Finding(EQUAL, AGREES, f"the name {said} agrees")
    for ours, theirs in ((marked, told), (told, marked)):
        words = _telling(ours.names) or ours.names
        if ours.house and not ours.places and all(_is_a_place(word, theirs) for word in words):
            # `BILLERICAY, 46 PERRY STREET`: a town in front is no house's name.
            continue
        if words and all(_is_there(word, ours, theirs) for word in words):
            if _telling(ours.names):
                return Finding(EQUAL, AGREES, f"the name {said} agrees")
            return Finding(CLOSE, PLAIN_NAME_ALIKE, f"the name {said} is alike")
    return _names_apart(marked, told, said)


def _names_apart(marked: Address, told: Address, said: str) -> Finding:
    """Names that are not one: do they share most of what is telling?"""
    mine, yours = _telling(marked.names), _telling(told.names)
    if not (mine and yours):
        return Finding(UNKNOWN, AGREES)
    shared = sum(any(alike(word, other) for other in yours) for word in mine)
    if shared and 2 * shared >= min(len(mine), len(yours)):
        return Finding(CLOSE, NAME_IN_PARTS, f"the name {said} is alike")
    if _is_business(marked.names) or _is_business(told.names):
        return Finding(WEAK, ANOTHER_BUSINESS, "the names differ, and a business's name comes and goes")
    return Finding(DIFFERS, ANOTHER_NAME, "the names differ")


def units_of_both(marked: Address, told: Address) -> Finding:
    """Flats, floors and rooms; and what was said of a part of the building in words that are none of a unit's."""
    found, ours, theirs = units(marked.unit, told.unit), _loose(marked), _loose(told)
    if found.stands is UNKNOWN and marked.unit and told.unit is None and says_a_part(told):
        return replace(found, said=f"the marker is on {marked.unit.said}; what was said of the flat was not understood")
    if found.stands is not EQUAL:
        return found
    if ours == theirs:
        return _by_their_endings(marked, told) or found
    if ours and theirs:
        said = f"{' '.join(theirs).title()} was given; the marker is on {' '.join(ours).title()}"
    elif ours:
        said = f"the marker is on {' '.join(ours).title()}; no such part was given"
    else:
        said = f"{' '.join(theirs).title()} was given; the marker does not say so"
    return Finding(UNKNOWN, UNIT_ON_ONE_SIDE, said)


def says_a_part(address: Address) -> bool:
    """Was a flat or a floor given, understood or not? Then the caller is not just anywhere in the building."""
    return address.unit is not None or bool(
        _loose(address) or any(word in _PARTS for word in (*address.names, *address.places))
    )


_PARTS = frozenset({"FLAT", "APARTMENT", "FLOOR", "MAISONETTE"})


def _by_their_endings(marked: Address, told: Address) -> Finding | None:
    """Home Farm and Home Farm Cottage stand in one yard, and are two doors."""
    ours, theirs = (frozenset(address.names) & ENDINGS_OF_A_DOOR for address in (marked, told))
    if marked.house or told.house or not (ours and theirs) or ours == theirs:
        return None
    said = f"{' '.join(told.names).title()} is not {' '.join(marked.names).title()}"
    return Finding(UNKNOWN, UNIT_ON_ONE_SIDE, said)


def _loose(address: Address) -> tuple[str, ...]:
    """The name, where a word of it says that it is a part of a building; a shop that stands in front is none."""
    signs = any(word in UNIT_SIGNS for word in address.names)
    return address.names if signs and "SHOP" not in address.names else ()


def units(marked: Unit | None, told: Unit | None) -> Finding:
    """Flats, floors and rooms; one that only one side gives is the building at most."""
    if marked is None or told is None:
        return _one_unit(marked, told)
    differs = Finding(DIFFERS, ANOTHER_UNIT, f"{told.said} was given; the marker is on {marked.said}")
    floors = marked.floor == told.floor or None in (marked.floor, told.floor)
    if not (marked.label == told.label and floors and (marked.label or marked.floor == told.floor)):
        return differs
    if (marked.counts_by_floor or told.counts_by_floor) and marked.floor != told.floor:
        return replace(differs, stands=UNKNOWN, score=UNIT_IN_PART)
    if marked.room != told.room:
        return differs if marked.room and told.room else replace(differs, stands=UNKNOWN, score=UNIT_IN_PART)
    return Finding(EQUAL, AGREES, f"{told.said} agrees")


def _one_unit(marked: Unit | None, told: Unit | None) -> Finding:
    if marked:
        return Finding(UNKNOWN, UNIT_ON_ONE_SIDE, f"the marker is on {marked.said}; no flat was given")
    if told:
        return Finding(UNKNOWN, UNIT_ON_ONE_SIDE, f"{told.said} was given; the marker is on the whole building")
    return Finding(EQUAL, AGREES)


def _is_a_place(word: str, theirs: Address) -> bool:
    """Does it stand on the other side as a place, and as nothing else?"""
    return word in theirs.places and word not in (*theirs.names, *theirs.street_words)


def _is_there(word: str, ours: Address, theirs: Address) -> bool:
    """Does a word of our name stand in theirs, or elsewhere on their side?

    That Hill Road School stands in Hill Road says nothing of another school there.
    """
    if any(alike(word, other) for other in theirs.names):
        return True
    line = line_of(theirs)
    there = (*line, *(first + second for first, second in pairwise(line)))
    return word not in ours.street_words and any(alike(word, other) for other in there)


def _says_a_door(address: Address) -> bool:
    """A number, or a name that is not what a business is called by: that comes and goes."""
    return bool(address.house or (_telling(address.names) and not _is_business(address.names)))


def _is_business(names: Sequence[str]) -> bool:
    return any(word in BUSINESS_WORDS for word in names)


def _telling(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in names if word not in PLAIN_NAME_WORDS and word not in BUSINESS_WORDS)


def line_of(address: Address) -> tuple[str, ...]:
    """All the words of an address."""
    street = (*address.street.name, address.street.type) if address.street else ()
    return (*address.names, *street, *address.places)
