"""Two addresses compared part by part; a table of rules decides the level.

No sum of weights: a right town never pays for a wrong flat. Each part gives one `Finding` (how it stands, and a
sentence for it); the first rule of `RULES` that holds for the findings gives the level. A part that contradicts
(number, street, far-away postcode) is a veto, whatever else agrees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz.distance import DamerauLevenshtein

from markers.matching.evidence import Level, Match
from markers.matching.soundex import soundex
from markers.matching.values import Address, House, Street, Unit
from markers.matching.weights import LONG_TYPO, POSSIBLE_SCORE, SHORTEST_TYPO
from markers.matching.words import COUNTIES


class Stands(StrEnum):
    """How one part of two addresses stands; each part uses some of these."""

    EQUAL = "equal"
    CLOSE = "close"
    UNKNOWN = "unknown"
    WEAK = "weak"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part's comparison: how it stands, how much it adds within a level (0 to 1), and the sentence that says so."""

    stands: Stands
    score: float
    said: str = ""


Findings = Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `holds` is true the level is `level`; `why` is for the reader of this table."""

    level: Level | None
    why: str
    holds: Callable[[Findings], bool]


def _is(findings: Findings, part: str, *ways: Stands) -> bool:
    return findings[part].stands in ways


_EQUAL, _CLOSE, _UNKNOWN, _WEAK, _DIFFERS = Stands
_SAME = (_EQUAL, _CLOSE)

RULES = (
    Rule(Level.SAME_PREMISES, "the UPRN names the premises", lambda f: _is(f, "uprn", _EQUAL)),
    Rule(None, "another number is another house", lambda f: _is(f, "house", _DIFFERS)),
    Rule(None, "another town or district", lambda f: _is(f, "place", _DIFFERS)),
    Rule(
        Level.POSSIBLE,
        "number and postcode agree and the street does not: one of them was misheard",
        lambda f: _is(f, "street", _DIFFERS) and _is(f, "house", _EQUAL) and _is(f, "postcode", _EQUAL),
    ),
    Rule(None, "another street", lambda f: _is(f, "street", _DIFFERS)),
    Rule(
        Level.POSSIBLE,
        "nobody gave a number or a name: it may be any door of the street or postcode",
        lambda f: _is(f, "house", _UNKNOWN) and (_is(f, "postcode", _EQUAL) or _is(f, "street", *_SAME)),
    ),
    Rule(None, "nothing that names a door agrees", lambda f: not _is(f, "house", *_SAME)),
    Rule(
        Level.POSSIBLE,
        "neither postcode nor town says where this street is",
        lambda f: _is(f, "place", _UNKNOWN),
    ),
    Rule(
        Level.POSSIBLE,
        "the street's type differs and the postcode does not settle it",
        lambda f: _is(f, "street", _WEAK) and not _is(f, "postcode", _EQUAL),
    ),
    Rule(
        Level.POSSIBLE,
        "no street was given, and the postcode alone does not name it",
        lambda f: _is(f, "street", _UNKNOWN) and not _is(f, "postcode", _EQUAL),
    ),
    Rule(
        Level.SAME_BUILDING,
        "another unit of the same building, or none given; or a letter behind the number on one side only",
        lambda f: not _is(f, "unit", _EQUAL) or _is(f, "house", _CLOSE),
    ),
    Rule(Level.SAME_PREMISES, "every part agrees", lambda _: True),
)


def compare_addresses(marked: Address, told: Address) -> Match | None:
    """How surely `told` (a caller's) is `marked` (a marker's), with a sentence for every part that it rests on."""
    marked, told = _suffix_as_flat(marked, told), _suffix_as_flat(told, marked)
    findings: dict[str, Finding] = {
        "uprn": _uprns(marked, told),
        "house": _houses(marked, told),
        "unit": _units(marked.unit, told.unit),
        "street": _streets(marked, told),
        "postcode": _postcodes(marked, told),
    }
    findings["place"] = _places(marked, told, findings["postcode"])
    rule = next(rule for rule in RULES if rule.holds(findings))
    if rule.level is None:
        return None
    level, said = rule.level, [finding.said for finding in findings.values() if finding.said]
    relation = told.relation or marked.relation
    if relation and relation != "outside":
        level = Level.POSSIBLE
        said.append(f"the place given is {relation} the address")
    if level is Level.POSSIBLE:
        said.append(rule.why)
    score = 1.0
    for finding in findings.values():
        score *= finding.score
    ceiling = POSSIBLE_SCORE if level is Level.POSSIBLE else 1.0
    return Match(level=level, score=score * ceiling, evidence=tuple(said))


def _suffix_as_flat(address: Address, other: Address) -> Address:
    """`12A` read as Flat A of 12, where the other address has a Flat A at 12: both are written for the same door."""
    house, unit = address.house, other.unit
    if not (house and unit and other.house) or address.unit or other.house.suffix:
        return address
    if not (house.suffix and house.suffix == unit.label and unit.floor is None):
        return address
    said = f"{house} read as {unit.said} of {house.low}"
    return replace(address, house=House(house.low, house.high), unit=Unit(said, house.suffix))


def _uprns(marked: Address, told: Address) -> Finding:
    if not (marked.uprn and told.uprn):
        return Finding(_UNKNOWN, 1.0)
    if marked.uprn == told.uprn:
        return Finding(_EQUAL, 1.0, "the property reference (UPRN) agrees")
    return Finding(_DIFFERS, 0.8, "the property references (UPRN) differ")


def _houses(marked: Address, told: Address) -> Finding:
    if marked.house and told.house:
        return _numbers(marked.house, told.house)
    if marked.names and told.names:
        same = _names_agree(marked.names, told.names)
        name = " ".join(told.names).title()
        if same:
            return Finding(_EQUAL, 1.0, f"the name {name} agrees")
        return Finding(_DIFFERS, 0.0, "the names differ")
    if marked.house and not told.house and told.names:
        return Finding(_UNKNOWN, 0.6, "a name and no house number was given")
    return Finding(_UNKNOWN, 0.6, "no house number was given" if marked.house else "the marker has no house number")


def _numbers(marked: House, told: House) -> Finding:
    if marked == told:
        return Finding(_EQUAL, 1.0, f"house number {told} agrees")
    if marked.low == marked.high and told.low == told.high:
        if marked.low != told.low:
            return Finding(_DIFFERS, 0.0, f"house number {told} is not {marked}")
        if marked.suffix and told.suffix:
            return Finding(_CLOSE, 0.6, f"house number {told} has another letter than {marked}")
        return Finding(_CLOSE, 0.8, f"house number {told} and the marker's {marked} differ by the letter")
    narrow, wide = sorted((marked, told), key=lambda house: house.high - house.low)
    inside = wide.low <= narrow.low and narrow.high <= wide.high and (narrow.low - wide.low) % 2 == 0
    if inside and narrow.suffix in ("", wide.suffix):
        ends = narrow.low in (wide.low, wide.high)
        return Finding(_EQUAL if ends else _CLOSE, 0.9, f"house number {narrow} lies in {wide}")
    return Finding(_DIFFERS, 0.0, f"house number {told} is not {marked}")


def _names_agree(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """The shorter name's words all stand in the longer, a slip of the hand allowed."""
    short, long = sorted((ours, theirs), key=len)
    return all(any(_alike(word, other) for other in long) for word in short)


def _units(marked: Unit | None, told: Unit | None) -> Finding:
    if marked is None and told is None:
        return Finding(_EQUAL, 1.0)
    if told is None:
        assert marked is not None
        return Finding(_UNKNOWN, 0.7, f"the marker is on {marked.said}; no flat was given")
    if marked is None:
        return Finding(_UNKNOWN, 0.7, f"{told.said} was given; the marker is on the whole building")
    floors = marked.floor == told.floor or None in (marked.floor, told.floor)
    if marked.label == told.label and floors and (marked.label or marked.floor == told.floor):
        return Finding(_EQUAL, 1.0, f"{told.said} agrees")
    return Finding(_DIFFERS, 0.5, f"{told.said} was given; the marker is on {marked.said}")


def _streets(marked: Address, told: Address) -> Finding:
    ours, theirs = marked.street, told.street
    if ours is None or theirs is None:
        return Finding(_UNKNOWN, 0.9, "no street was given" if ours else "")
    if ours == theirs:
        return Finding(_EQUAL, 1.0, f"{str(theirs).title()} agrees")
    if len(ours.name) == len(theirs.name) and all(map(_alike, ours.name, theirs.name)):
        if ours.type == theirs.type or not (ours.type and theirs.type):
            return Finding(_CLOSE, 0.95, f"{str(theirs).title()} is close to {str(ours).title()}")
        return Finding(_WEAK, 0.6, f"{str(theirs).title()} is not {str(ours).title()}, though the name is alike")
    if _stands_in(ours, theirs, told) or _stands_in(theirs, ours, marked):
        return Finding(_WEAK, 0.8, f"{str(theirs).title()} is part of what the other address says")
    return Finding(_DIFFERS, 0.3, f"{str(theirs).title()} is not {str(ours).title()}")


def _stands_in(street: Street, other: Street, address: Address) -> bool:
    """All words of `street` stand together in what `address` says (`7 Kempston House, Guildhall Street`)."""
    line = f" {' '.join(filter(None, (*address.names, *other.name, other.type, *address.places)))} "
    return bool(street.name) and f" {street} " in line


def _postcodes(marked: Address, told: Address) -> Finding:
    ours, theirs = marked.postcode, told.postcode
    if ours is None or theirs is None:
        return Finding(_UNKNOWN, 0.9, "no postcode was given" if ours else "")
    if ours == theirs:
        return Finding(_EQUAL, 1.0, f"postcode {theirs} agrees" if ours.is_full else f"district {theirs} agrees")
    if ours.outward == theirs.outward:
        if ours.is_full and theirs.is_full:
            return Finding(_CLOSE, 0.85, f"postcode {theirs} is in the district of {ours}")
        return Finding(_CLOSE, 0.95, f"postcode district {theirs.outward} agrees")
    if ours.area == theirs.area:
        return Finding(_WEAK, 0.6, f"postcode {theirs} is not {ours}, in the same area")
    return Finding(_DIFFERS, 0.0, f"postcode {theirs} is far from {ours}")


def _places(marked: Address, told: Address, postcode: Finding) -> Finding:
    """Are both in the same town? A shared postcode says so; else a word of the places must."""
    if postcode.stands in _SAME:
        return Finding(_EQUAL, 1.0)
    ours = {word for word in marked.places if word not in COUNTIES}
    theirs = {word for word in told.places if word not in COUNTIES}
    shared = next((word for word in theirs if any(_alike(word, other) for other in ours)), None)
    if shared:
        said = f"{shared.title()} agrees"
        return Finding(_CLOSE if postcode.stands is not _DIFFERS else _DIFFERS, 0.95, said)
    if postcode.stands is _DIFFERS or (ours and theirs):
        return Finding(_DIFFERS, 0.0, "the towns differ")
    return Finding(_DIFFERS if postcode.stands is _WEAK else _UNKNOWN, 0.8)


def _alike(word: str, other: str) -> bool:
    """The same word, allowing for a slip of the hand in a longer one, or for words that sound the same."""
    if word == other:
        return True
    shorter = min(len(word), len(other))
    if shorter < SHORTEST_TYPO or word.isdigit() or other.isdigit():
        return False
    slips = 2 if shorter >= LONG_TYPO else 1
    if DamerauLevenshtein.distance(word, other, score_cutoff=slips) <= slips:
        return True
    return soundex(word) == soundex(other) and DamerauLevenshtein.distance(word, other, score_cutoff=3) <= 3
