"""Match keys: short texts that a target and a part share when they may mean the same.

One table holds the keys of all targets (as keyed digests), one question finds the few candidates of an event, and
`compare` decides. So keys may find too much, never too little: each kind exists because a part may be missing or wrong.

| kind | made of | finds although |
| --- | --- | --- |
| `tel` | E.164 | the number was written in another form |
| `tb` | an aligned decimal block of numbers | it is one of a range |
| `id` | kind, identifier with O/0 and I/1 made one | a mark was misread, or spelt in another way |
| `uprn` | UPRN | everything else differs |
| `in` | UPRN of the property or of its building, from a gazetteer | it is another part of the building |
| `pn` | postcode, a number of the house | street misspelt, town missing |
| `pw` | postcode, a word of name or street (5 letters) | the number is missing or the house has only a name |
| `dn` | district, number, sound of a word of the street | the postcode's end is wrong, the street is misspelt |
| `st` | number, sounds of the street and of a word of the places | postcode missing or wrong, both misspelt |
| `nw` | number, two neighbouring words of the street, or its last and the place behind | there is no postcode |
| `ns` | number, sound of the street's name without blanks | it is misspelt or written as one word, without postcode |
| `nt` | number, a word of the places, first letter of the street | the street is misspelt, without postcode |
| `ft` | number of the flat, sound of the street, a word of the places | there is neither house's number nor postcode |
| `ww` | the sounds of two telling words, one of them of a name | there is neither postcode nor number |
| `0…` | `nw` to `ww` of a marker without a postcode | asked for by who has one |
| `1…` | `nw` of a marker without a town | asked for by who has one, and no postcode |
| `pc` | postcode | nobody gave a number (asked only then) |
| `c6 c4` | an H3 cell that an area touches, kept at a finer resolution too | the position is too wide for fine cells |
| `e8 e6 e4` | the same, kept at no finer resolution | the area is too large for fine cells |
| `b8 b6 b4` | a cell of an area that could hold a vague position whole | the position is vague (over 500 m) |

A vague position raises nothing but where a marked area holds all of it: so those are asked for by the one cell in its
middle, and of the many that it merely touches only so many are looked at (`faint_keys`).
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from markers.matching.place import RESOLUTIONS, area_cells, cell_of, disc_cells, disc_cells_at, encloses, premises_of
from markers.matching.ranges import blocks_of, blocks_with
from markers.matching.soundex import soundex
from markers.matching.values import (
    Address,
    Circle,
    House,
    Identifier,
    PartValue,
    PersonName,
    Phone,
    PhoneRange,
    Point,
    Polygon,
    TargetValue,
)
from markers.matching.weights import NEAR_M, SAYS_NOTHING_M, VAGUE_M
from markers.matching.words import BUSINESS_WORDS, COUNTIES

VERSION = 3
"""Goes up with every change of keys: stored targets of an older version have to be keyed anew."""

_LOOSE = ("nw", "ns", "nt", "ft", "ww")
WEAK_KINDS = frozenset({"pw", "dn", "pc", *_LOOSE, *(f"0{kind}" for kind in _LOOSE), *(f"1{kind}" for kind in _LOOSE)})
"""Kinds that many may share: of what they alone find, so many are compared (`markers/crowds.py`)."""

FAINT = "faint"
"""The kind of key that a vague position shares with what it merely touches: it proves nothing."""

GENERIC_WORDS = frozenset(
    """
    THE AND OF AT ON HOUSE NORTH SOUTH EAST WEST NEW ROAD STREET LANE AVENUE CLOSE DRIVE WAY COURT PLACE GARDENS PARK
    HILL CRESCENT TERRACE GROVE SQUARE LONDON
    """.split()
)
"""Too common to find anything by."""

MOST_NUMBERS = 12
"""Numbers of a range that are keyed, and its ends: a longer one is a terrace."""

MOST_WORDS = 7
"""Words of one address that are paired: a story has more, and would be found by everything."""


def stored_keys(value: TargetValue) -> frozenset[str]:
    """The keys under which a target is kept."""
    if isinstance(value, Phone):
        return frozenset({f"tel:{value.e164}"})
    if isinstance(value, PhoneRange):
        return frozenset(f"tb:{block}" for block in blocks_of(value))
    if isinstance(value, Identifier):
        return frozenset({f"id:{value.kind.value}:{value.skeleton}"})
    if isinstance(value, Circle | Polygon):
        return frozenset(_area_keys(value))
    keys = {*_address_keys(value), *_postcode_key(value), *_known_keys(value)}
    point = value.point or (value.known.point if value.known else None)
    if point:
        keys.update(_area_keys(premises_of(point)))
    return frozenset(keys)


def asked_keys(value: PartValue, near_m: float = NEAR_M) -> frozenset[str]:
    """The keys by which an event's part is looked up; `near_m` metres around a position count too.

    All that they find is compared.
    """
    if isinstance(value, Phone):
        return frozenset({f"tel:{value.e164}", *(f"tb:{block}" for block in blocks_with(value))})
    if isinstance(value, Identifier):
        return frozenset({f"id:{value.kind.value}:{value.skeleton}"})
    if isinstance(value, Point):
        return frozenset(_point_keys(value, near_m))
    if isinstance(value, PersonName):
        # No marker is found by a name: orders ask for it themselves (`markers/cases/watching.py`).
        return frozenset()
    keys = {*_asked_address_keys(value), *_known_keys(value)}
    if value.house is None and not value.names:
        keys.update(_postcode_key(value))
    return frozenset(keys)


def faint_keys(value: PartValue, near_m: float = NEAR_M) -> frozenset[str]:
    """The keys of what a vague position touches: it raises nothing by itself, and so many of it stand on alerts."""
    if not isinstance(value, Point) or not VAGUE_M < value.uncertainty_m <= SAYS_NOTHING_M:
        return frozenset()
    return frozenset(_disc_keys(value, near_m))


def _area_keys(area: Circle | Polygon) -> Iterator[str]:
    """Every resolution's cells; at the finest that the area is kept at they are `e`, so that fine questions find it."""
    covers = area_cells(area)
    finest = max(covers, default=0)
    for resolution, cells in covers.items():
        for cell in cells:
            yield f"{'e' if resolution == finest else 'c'}{resolution}:{cell}"
    if encloses(area, VAGUE_M):
        yield from (f"b{finest}:{cell}" for cell in covers.get(finest, ()))


def _point_keys(point: Point, near_m: float) -> Iterator[str]:
    if point.uncertainty_m <= VAGUE_M:
        yield from _disc_keys(point, near_m)
    else:
        yield from (f"b{resolution}:{cell_of(point, resolution)}" for resolution in RESOLUTIONS)


def _disc_keys(point: Point, near_m: float) -> Iterator[str]:
    reach_m = point.uncertainty_m + near_m
    resolution, cells = disc_cells(point, reach_m)
    for cell in cells:
        yield f"e{resolution}:{cell}"
        if resolution < RESOLUTIONS[0]:
            yield f"c{resolution}:{cell}"
    for coarser in RESOLUTIONS:
        if coarser < resolution:
            # Areas too large to be kept at this event's resolution: only under `e`, or a city would come along.
            for cell in disc_cells_at(point, reach_m, coarser):
                yield f"e{coarser}:{cell}"


def _postcode_key(address: Address) -> Iterator[str]:
    if address.has_whole_postcode:
        yield f"pc:{address.postcode}"


def _known_keys(address: Address) -> Iterator[str]:
    """A property and its building: of a sibling, a part or the whole of what is marked, one of them is shared."""
    if address.known:
        yield f"uprn:{address.known.uprn}"
        yield f"in:{address.known.uprn}"
        if address.known.parent:
            yield f"in:{address.known.parent}"


def _address_keys(address: Address) -> Iterator[str]:
    """What every reading of a marker's address is kept under; what it lacks has keys of its own, for who has it."""
    for reading in address.readings:
        yield from _precise_keys(reading)
        for key in (*_street_keys(reading), *_loose_keys(reading)):
            yield key
            if not reading.has_whole_postcode:
                yield f"0{key}"
        if not towns_of(reading):
            yield from (f"1{key}" for key in _street_keys(reading) if key.startswith("nw"))


def _asked_address_keys(address: Address) -> Iterator[str]:
    """What every reading of an address that is told is looked up by.

    Where it says its postcode, the number and the street of all the country's towns are asked for only of markers that
    do not: a look-up must not grow with what is stored elsewhere.
    """
    for reading in address.readings:
        yield from _precise_keys(reading)
        street, loose = tuple(_street_keys(reading)), tuple(_loose_keys(reading))
        if reading.has_whole_postcode:
            yield from (f"0{key}" for key in (*street, *loose))
            # The postcode may be the wrong one: a name is found all the same.
            yield from _name_keys(reading)
        elif towns_of(reading):
            # The town may be misspelt, or another name for the same: by its sound the street is asked for everywhere.
            yield from (*loose, *(key if key.startswith("ns") else f"1{key}" for key in street))
        else:
            yield from (*street, *loose)


def _precise_keys(address: Address) -> Iterator[str]:
    """Few share these: a door with where it is."""
    if address.uprn:
        yield f"uprn:{address.uprn}"
    numbers = _numbers_of(address.house) if address.house else []
    street = address.street_words
    told = [word for word in (*street, *address.names) if word not in GENERIC_WORDS]
    postcode = address.postcode
    if address.has_whole_postcode:
        yield from (f"pn:{postcode}|{number}" for number in numbers)
        yield from (f"pw:{postcode}|{word[:5]}" for word in told)
    if postcode:
        district = re.sub(r"(?<=\d)[A-Z]$", "", postcode.outward)
        yield from (f"dn:{district}|{number}|{soundex(word)}" for number in numbers for word in told)
    if street:
        sound = _sound_of(street)
        towns = [soundex(town) for town in towns_of(address)[:MOST_WORDS]]
        yield from (f"st:{number}|{sound}|{town}" for number in numbers for town in towns)


def _street_keys(address: Address) -> Iterator[str]:
    """Number and street, in whatever town: asked for where nothing says which."""
    numbers = _numbers_of(address.house) if address.house else []
    if not (address.street and numbers):
        return
    line = (*address.street.name, *((address.street.type,) if address.street.type else ()))
    yield from (f"nw:{number}|{first} {second}" for number in numbers for first, second in itertools.pairwise(line))
    # As it is said, without the blanks: for a slip of the hand.
    yield from (f"ns:{number}|{_sound_of(address.street_words)}" for number in numbers)


def _loose_keys(address: Address) -> Iterator[str]:
    """What finds an address of which the street is misspelt, or the number missing, by its town or its name."""
    numbers = _numbers_of(address.house) if address.house else []
    street, towns = address.street_words, towns_of(address)[:MOST_WORDS]
    if street and numbers:
        ends = (address.street and address.street.type) or street[-1]
        yield from (f"nw:{number}|{ends} {address.places[0]}" for number in numbers if address.places)
        yield from (f"nt:{number}|{town}|{street[0][:1]}" for number in numbers for town in towns)
    elif numbers:
        pairs = itertools.pairwise(address.places)
        yield from (f"nw:{number}|{first} {second}" for first, second in pairs for number in numbers)
    if street and address.unit and address.unit.label:
        sound = _sound_of(street)
        yield from (f"ft:{address.unit.label}|{sound}|{town}" for town in towns)
    yield from _name_keys(address)


def _sound_of(street: Sequence[str]) -> str:
    """A street's name as it is said, without the blanks."""
    return soundex("".join(street[:2]))


def towns_of(address: Address) -> list[str]:
    """The words of its places that something can be found by."""
    return [word for word in address.places if word not in COUNTIES and len(word) > 2]


def _numbers_of(house: House) -> list[int]:
    """The ends of a range, and what lies between on the same side of the street, as far as it is one building's."""
    between = range(house.low, house.high + 1, 2 if (house.high - house.low) % 2 == 0 else 1)
    return sorted({house.low, house.high, *between[:MOST_NUMBERS]})


def _name_keys(address: Address) -> Iterator[str]:
    """Two telling words of one address, by their sound: one of a name with any other; without a number any two."""
    places = [word for word in address.places if word not in COUNTIES]
    words = [
        word for word in (*address.names, *address.street_words, *places) if word not in GENERIC_WORDS and len(word) > 2
    ]
    # `PRIMARY SCHOOL` is shared by every town: words of trade count only where there are hardly any others.
    telling = [word for word in words if word not in BUSINESS_WORDS]
    words = telling if len(telling) > 1 else words
    first = len([word for word in address.names if word in words]) if address.house else len(words)
    for place, one in enumerate(words[:first][:MOST_WORDS]):
        for other in words[place + 1 :][:MOST_WORDS]:
            yield f"ww:{' '.join(sorted((soundex(one), soundex(other))))}"
