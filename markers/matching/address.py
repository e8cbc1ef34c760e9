"""What a written address of the United Kingdom means: its unit, number or name, street, places and postcode.

It reads what callers, typists and command-and-control systems write (flats before and behind, bare flat numbers,
suffixes, ranges, names in front, floors, Scottish flats, text without commas), each reading of the text (`readings.py`)
by itself. Nothing is guessed where the text is silent: a part that is not there stays empty, and `compare` says so.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markers.matching.postcode import take_postcode, understand_postcode
from markers.matching.readings import BREAK, HALF, HOUSE, NAME_ENDS, is_range, readings
from markers.matching.speech import with_postcode_spelt
from markers.matching.units import take_unit
from markers.matching.values import Address, House, Postcode, Problem, Street, Unit
from markers.matching.words import (
    BUILDING_ENDINGS,
    BUSINESS_WORDS,
    COMPASS,
    COUNTRY_WORDS,
    IN_FRONT_TYPES,
    NAME_ENDINGS,
    NAMELIKE_TYPES,
    RELATIONS,
    STREET_TYPE_OF,
    STREET_TYPES,
    WRITTEN_OUT,
)

LONGEST_TEXT = 500
"""Characters; more is a story and no address."""

_RELATION = re.compile("|".join(rf"(?P<r{place}>\b{words}\b\.?)" for place, words in enumerate(RELATIONS)))
_RELATION_SAID = tuple(RELATIONS.values())
_APOSTROPHES = "['`\\u00b4\\u02bc\\u2018\\u2019]"
_DASHES = "[-\\u2010-\\u2015]"
_JOINED = re.compile(r"\b(FLAT|FLT|APT|APARTMENT|UNIT|ROOM|RM|NO)(\d+[A-Z]?)\b")
"""`FLT10`: the blank forgotten."""
_FLAT_AND_HOUSE = re.compile(rf"\b((?:FLAT|FLT|APT|APARTMENT|UNIT|ROOM) \d{{1,4}}[A-Z]?)\s+{_DASHES}\s+(?=\d)")
"""`Flat 3 - 27 High Street`: a dash with blanks around it stands for a comma."""
_EDINBURGH = re.compile(r"(\d{1,4})/(\d{1,3})")
_HALF = re.compile(r"(?<!FLAT )(?<!APARTMENT )\b(\d{1,4}) +(?:1/2|AND A HALF)(?= +[A-Z,]|$)")
"""`144½`, `144 1/2` and `144 and a half` are one house's number."""
_BUILDINGS = NAME_ENDINGS | BUILDING_ENDINGS | BUSINESS_WORDS
"""What the names of buildings and of who is in them end in."""
_FLATS_SAID = (
    (re.compile(r"\b(\d{1,2})(?:ST|ND|RD|TH) FLAT\b"), r"FLAT \1"),
    (re.compile(r"^\s*(\d{1,3}[A-Z]?) FLAT\b(?=[ ,]+\d)"), r"FLAT \1"),
    (re.compile(r"\bFLAT (?:TO|TOO)\b(?=[ ,]+\d)"), "FLAT 2"),
    (re.compile(r"\bFLAT FOR\b(?=[ ,]+\d)"), "FLAT 4"),
    (re.compile(r"\b(FLAT|APARTMENT) II\b"), r"\1 2"),
    (re.compile(r"\b(FLAT|APARTMENT) III\b"), r"\1 3"),
    (re.compile(r"\b(FLAT|APARTMENT) IV\b"), r"\1 4"),
    (re.compile(r"^\s*F(\d{1,3})\b(?=[ ,]+\d)"), r"FLAT \1"),
)
"""`2nd flat`, `flat to` as it was heard, `Flat II`, `F2`: how a flat's number is said otherwise."""
_TYPES = STREET_TYPE_OF | {"ST": "STREET"}
"""Behind a name, `ST` is Street; in front of one it is Saint (`_spelt`)."""


def understand_address(text: str | None, postcode: str | None = None, uprn: str | None = None) -> Address | Problem:
    """The parts of `text`, with a postcode given apart (it wins over one inside the text) and a UPRN of 1 to 12 digits.

    A text of which nothing can be used is a `Problem`; so is nothing at all.
    """
    if text is not None and len(text) > LONGEST_TEXT:
        return Problem("address", "address_not_understood", f"longer than {LONGEST_TEXT} characters: no address")
    given = understand_postcode(postcode) if postcode else None
    known_uprn = uprn.strip().lstrip("0") if uprn and re.fullmatch(r"\s*\d{1,12}\s*", uprn) else None
    capitals = _capitals(text or "")
    found, capitals = take_postcode(capitals)
    if found is None:
        found, capitals = take_postcode(with_postcode_spelt(capitals))
    relation, capitals = _take_relation(capitals)
    known = _Known(_better(given, found), known_uprn or None, relation)
    read = [replace(_from_tokens(tokens, known), read_as=said) for said, tokens in readings(_tokens(capitals))]
    usable = [address for address in read if _is_usable(address)]
    if not usable:
        return Problem("address", "address_not_understood", "no number, name, street or postcode was found in it")
    return replace(usable[0], others=tuple(usable[1:]))


@dataclass(frozen=True, slots=True)
class _Known:
    """What was taken out of a text before its words are read."""

    postcode: Postcode | None
    uprn: str | None
    relation: str


def _is_usable(address: Address) -> bool:
    typed = address.street is not None and address.street.type
    return bool(address.says_where and (address.finds_a_door or typed or address.postcode))


def _capitals(text: str) -> str:
    """Capitals of ASCII, apostrophes gone (`JOHN'S` is `JOHNS`), lines and semicolons as commas."""
    folded = unicodedata.normalize("NFKD", text.replace("½", " 1/2 ")).upper().replace("&", " AND ")
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    plain = re.sub(_APOSTROPHES, "", plain)
    plain = re.sub(r"\bG/(?=\d)", "0/", re.sub(r"(?<=\d)\.(?=\d)", "/", plain))
    plain = re.sub(r"\bC/O\b", "CARE OF", plain)
    plain = re.sub(r"[\r\n;|\t]+", BREAK, plain)
    plain = _FLAT_AND_HOUSE.sub(r"\1, ", plain)
    plain = re.sub(rf"(?<=\d)\s*{_DASHES}\s*(?=\d)", "-", plain)
    plain = re.sub(r"\bR/O\b", "REAR OF", plain)
    plain = re.sub(r"[^A-Z0-9,/\-]", " ", plain)
    plain = _HALF.sub(rf"\1{HALF} ", plain)
    # `1O Bold Street`: the letter for the nought.
    return re.sub(r"\b(\d{1,3})O\b", r"\g<1>0", plain)


def _take_relation(text: str) -> tuple[str, str]:
    """The word of relation, wherever it stands (`Flat 2, next door to 10 Bold Street`), and the text without it.

    Only in front of a number or a street, or at the end: `10 Bold Street, near Diss` and `opposite the school` say more
    of where that address is.
    """
    for found in _RELATION.finditer(text):
        behind = text[found.end() :]
        following = re.findall(r"[A-Z]+|\d", behind)
        if following and (following[0] in STREET_TYPES or not any(map(_tells_a_door, following))):
            continue
        said = next(_RELATION_SAID[place] for place in range(len(_RELATION_SAID)) if found[f"r{place}"])
        return said, f"{text[: found.start()]} {behind}"
    return "", text


def _tells_a_door(word: str) -> bool:
    return word.isdigit() or word in _TYPES


def _better(given: Postcode | None, found: Postcode | None) -> Postcode | None:
    """The postcode of the form's own field, unless only the text has a whole one."""
    if given and (given.is_full or not (found and found.is_full)):
        return given
    return found or given


def _tokens(text: str) -> list[str]:
    """Words and commas; a hyphen stays only between numbers, a slash only between digits."""
    text = re.sub(r"\b([GL])/F\b", r"\1F", text)
    text = re.sub(r"(?<!\d)[-/]|[-/](?!\d)", " ", text)
    text = _JOINED.sub(r"\1 \2", text)
    # `27Whiteladies Road`: the blank forgotten.
    text = re.sub(r"\b(\d{1,4})([A-Z]{4,})\b", r"\1 \2", text)
    for written, meant in _FLATS_SAID:
        text = written.sub(meant, text)
    text = re.sub(r"\bBFPO (\d+)\b", r"BFPO\1", text)
    # `12 A HIGH STREET` is 12A; `12 N STREET` is North Street.
    text = re.sub(r"\b(\d{1,4}[A-Z]?) +(?:TO|AND) +(\d{1,4}[A-Z]?)\b", r"\1-\2", text)
    text = re.sub(r"\b(\d{1,4}) ([A-DF-MO-RT-VX-Z])\b(?=[ ,]+[A-Z]{2}|$)", r"\1\2", text)
    text = re.sub(r"\b(\d{1,4}) ([ENSW])\b(?=[ ,]+(?!ST\b|STR\b|RD\b|ROAD\b|STREET\b)[A-Z]{2}|$)", r"\1\2", text)
    return re.findall(rf",|[A-Z0-9/\-{HALF}]+", text)


def _from_tokens(tokens: list[str], known: _Known) -> Address:
    unit, tokens = take_unit(tokens)
    tokens = _trimmed(tokens)
    unit, house, names, rest = _take_house(unit, tokens)
    if house is None:
        names, rest = _with_further_names(*_take_name(tokens))
    elif _is_street(names) and not _has_typed_street(rest):
        # `Heol Fawr 3, Caerdydd`: the number stands behind its street.
        names, rest = (), [*names, BREAK, *rest]
    street, places = _take_street(rest)
    return Address(
        unit=unit, house=house, names=names, street=street, places=places,
        postcode=known.postcode, uprn=known.uprn, relation=known.relation,
    )  # fmt: skip


def _has_typed_street(tokens: list[str]) -> bool:
    street, _ = _take_street(tokens)
    return street is not None and bool(street.type)


def _trimmed(tokens: Sequence[str]) -> list[str]:
    """Without commas at the ends or two in a row, as they stay when something was taken out."""
    kept: list[str] = []
    for token in tokens:
        if token != BREAK or (kept and kept[-1] != BREAK):
            kept.append(token)
    return kept[:-1] if kept and kept[-1] == BREAK else kept


def _take_house(unit: Unit | None, tokens: list[str]) -> tuple[Unit | None, House | None, tuple[str, ...], list[str]]:
    """The first number that a word follows; of two in a row without a unit's word, the first is the flat's."""
    for index, token in enumerate(tokens):
        number = HOUSE.fullmatch(token.replace("/", "-"))
        if number is None:
            continue
        following = [later for later in tokens[index + 1 : index + 3] if later != BREAK]
        behind = _EDINBURGH.fullmatch(token)
        if behind and unit is None and int(behind.group(2)) <= int(behind.group(1)):
            # `15/4 Leith Walk`: flat 4 of number 15. Rising numbers may be a range, and are read in both ways.
            flat = Unit(f"flat {behind.group(2)}", behind.group(2))
            return flat, House(int(behind.group(1)), int(behind.group(1))), _words(tokens[:index]), tokens[index + 1 :]
        if unit is not None and following and is_range(token, following[0]):
            after = tokens.index(following[0], index + 1)
            return unit, House(int(token), int(following[0])), _words(tokens[:index]), tokens[after + 1 :]
        if unit is None and following and HOUSE.fullmatch(following[0]):
            after = tokens.index(following[0], index + 1)
            bare = Unit(f"flat {token}", token)
            house = HOUSE.fullmatch(following[0])
            assert house is not None
            return bare, _house(house), _words(tokens[:index]), tokens[after + 1 :]
        return unit, _house(number), _words(tokens[:index]), tokens[index + 1 :]
    return unit, None, (), tokens


def _is_street(names: Sequence[str]) -> bool:
    return len(names) > 1 and (names[-1] in STREET_TYPES or names[0] in IN_FRONT_TYPES)


def _house(found: re.Match[str]) -> House:
    low, suffix, high, last = found.groups()
    if high is None or int(high) <= int(low):
        return House(int(low), int(low), suffix)
    return House(int(low), int(high), suffix or last or "")


def _take_name(tokens: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The name in a number's place: up to the first comma, or up to a word that houses' names end in."""
    if NAME_ENDS in tokens:
        cut = tokens.index(NAME_ENDS)
        return _words(tokens[:cut]), tokens[cut + 1 :]
    if BREAK in tokens:
        cut = tokens.index(BREAK)
        ends = tokens[cut - 1] if cut else ""
        is_name = ends in NAMELIKE_TYPES and _has_typed_street(tokens[cut + 1 :])
        if is_name or (not STREET_TYPE_OF.get(ends) and ends != "ST"):
            return _words(tokens[:cut]), tokens[cut + 1 :]
    for index, token in enumerate(tokens[:5]):
        if index and token in NAME_ENDINGS and index + 1 < len(tokens) and tokens[index + 1] not in _TYPES:
            return _words(tokens[: index + 1]), tokens[index + 1 :]
    return (), tokens


def _with_further_names(names: tuple[str, ...], rest: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """`WIRRAL CCG, OLD MARKET HOUSE, HAMILTON STREET`: further lines that end as buildings do, in front of a street."""
    while names and BREAK in rest:
        cut = rest.index(BREAK)
        line, later = rest[:cut], rest[cut + 1 :]
        if not line or line[-1] not in _BUILDINGS or not _has_typed_street(later):
            return names, rest
        names, rest = (*names, *_words(line)), later
    return names, rest


def _take_street(tokens: list[str]) -> tuple[Street | None, tuple[str, ...]]:
    """The first thoroughfare in `tokens` and all the words behind it."""
    tokens = _trimmed(tokens)
    while tokens and tokens[0] == BREAK:
        tokens = tokens[1:]
    if not tokens:
        return None, ()
    if tokens[0] in IN_FRONT_TYPES:
        cut = tokens.index(BREAK) if BREAK in tokens else min(len(tokens), 2)
        return Street(_spelt(tokens[1:cut]), tokens[0]), _words(tokens[cut:])
    name: list[str] = []
    for index, token in enumerate(tokens):
        if token == BREAK:
            # A line without a type (`BROADWAY`, `THE KEYS`) is the street unless a later line has one behind a name.
            return Street(_spelt(name)), _words(tokens[index:])
        written = _TYPES.get(token)
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if name and written and not STREET_TYPE_OF.get(following):
            # People say The Bold Street; of The Street and The Broadway it is a part.
            told = name[1:] if name[0] == "THE" and len(name) == 2 else name
            if COMPASS.get(following, following) in COMPASS.values():
                # `PARK ROAD NORTH` is another one than `PARK ROAD SOUTH`.
                return Street((*_spelt(told), written), COMPASS.get(following, following)), _words(tokens[index + 2 :])
            return Street(_spelt(told), written), _words(tokens[index + 1 :])
        name.append(token)
    return Street(_spelt(name[:1] if len(name) < 3 else name[:2])), _words(name[1 if len(name) < 3 else 2 :])


def _spelt(name: Sequence[str]) -> tuple[str, ...]:
    """Street names in one spelling: `ST` in front is Saint, a lone letter of the compass its word."""
    words = ["SAINT" if word == "ST" else WRITTEN_OUT.get(word, word) for word in name]
    ends = (0, len(words) - 1)
    return tuple(COMPASS.get(word, word) if index in ends else word for index, word in enumerate(words))


def _words(tokens: Sequence[str]) -> tuple[str, ...]:
    spelt = (WRITTEN_OUT.get(token, token) for token in tokens if token != BREAK)
    return tuple("SAINT" if word == "ST" else word for word in spelt if word not in COUNTRY_WORDS)
