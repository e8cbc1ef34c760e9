"""The table that decides: findings about named parts, and the first rule that holds for them.

No sum of weights: a right town never pays for a wrong flat. A part that contradicts (number, street, far-away postcode)
is a veto, whatever else agrees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from markers.matching.evidence import Level


class Stands(StrEnum):
    """How one part of two addresses stands; each part uses some of these.

    `silent`: neither says which door; `within`: the marker says none, so that the door given lies in what is marked.
    """

    EQUAL = "equal"
    CLOSE = "close"
    UNKNOWN = "unknown"
    WEAK = "weak"
    DIFFERS = "differs"
    SILENT = "silent"
    WITHIN = "within"


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


def is_(findings: Findings, part: str, *ways: Stands) -> bool:
    """Does this part stand in one of these ways?"""
    return findings[part].stands in ways


EQUAL, CLOSE, UNKNOWN, WEAK, DIFFERS, SILENT, WITHIN = Stands
SAME = (EQUAL, CLOSE)
NOT_OTHER = (EQUAL, CLOSE, WEAK)

RULES = (
    Rule(Level.SAME_PREMISES, "the UPRN names the premises", lambda f: is_(f, "uprn", EQUAL)),
    Rule(None, "another number is another house", lambda f: is_(f, "house", DIFFERS)),
    Rule(
        Level.SAME_BUILDING,
        "name, number and street agree, and the towns do not: one of them may be the post town",
        lambda f: (
            is_(f, "place", DIFFERS)
            and is_(f, "postcode", UNKNOWN)
            and is_(f, "name", EQUAL)
            and is_(f, "street", EQUAL)
            and is_(f, "number", EQUAL)
        ),
    ),
    Rule(
        Level.POSSIBLE,
        "name and street agree, and the towns do not: one of them may be the post town",
        lambda f: (
            is_(f, "place", DIFFERS)
            and is_(f, "postcode", UNKNOWN)
            and is_(f, "name", EQUAL)
            and is_(f, "street", *SAME)
        ),
    ),
    Rule(None, "another town or district", lambda f: is_(f, "place", DIFFERS)),
    Rule(
        Level.SAME_BUILDING,
        "the name and the postcode agree, and the street does not",
        lambda f: is_(f, "street", DIFFERS) and is_(f, "name", EQUAL) and is_(f, "postcode", EQUAL),
    ),
    Rule(
        Level.POSSIBLE,
        "the name agrees in the same town, and the street does not",
        lambda f: (
            is_(f, "street", DIFFERS)
            and is_(f, "name", EQUAL)
            and is_(f, "postcode", UNKNOWN)
            and is_(f, "place", *SAME)
            and not is_(f, "number", DIFFERS)
        ),
    ),
    Rule(
        Level.POSSIBLE,
        "number and postcode agree and the street does not: one of them was misheard",
        lambda f: is_(f, "street", DIFFERS) and is_(f, "house", EQUAL) and is_(f, "postcode", EQUAL),
    ),
    Rule(None, "another street", lambda f: is_(f, "street", DIFFERS)),
    Rule(
        Level.SAME_PREMISES,
        "neither says a door, and street and postcode agree: they say the same",
        lambda f: (
            is_(f, "house", SILENT)
            and is_(f, "unit", EQUAL)
            and not is_(f, "name", WEAK)
            and is_(f, "postcode", EQUAL)
            and is_(f, "street", *SAME)
        ),
    ),
    Rule(
        Level.SAME_BUILDING,
        "neither has a number, and street and postcode agree",
        lambda f: is_(f, "house", SILENT) and is_(f, "postcode", EQUAL) and is_(f, "street", *NOT_OTHER),
    ),
    Rule(
        None,
        "other names in other postcodes",
        lambda f: is_(f, "name", WEAK) and not is_(f, "number", *SAME) and not is_(f, "postcode", EQUAL, UNKNOWN),
    ),
    Rule(
        Level.SAME_BUILDING,
        "neither says a door, and they say the same street in the same town",
        lambda f: (
            not is_(f, "name", WEAK) and is_(f, "house", SILENT) and is_(f, "street", *SAME) and is_(f, "place", *SAME)
        ),
    ),
    Rule(
        Level.SAME_BUILDING,
        "the marker is on the street in this postcode as a whole",
        lambda f: is_(f, "house", WITHIN) and is_(f, "postcode", EQUAL) and is_(f, "street", *NOT_OTHER),
    ),
    Rule(
        Level.POSSIBLE,
        "nobody gave a number or a name: it may be any door of the street or postcode",
        lambda f: (
            is_(f, "house", UNKNOWN, SILENT, WITHIN, WEAK) and (is_(f, "postcode", EQUAL) or is_(f, "street", *SAME))
        ),
    ),
    Rule(None, "nothing that names a door agrees", lambda f: not is_(f, "house", *SAME)),
    Rule(
        Level.POSSIBLE,
        "the postcodes lie apart, and a town that agrees does not settle it",
        lambda f: is_(f, "place", WEAK),
    ),
    Rule(
        Level.SAME_BUILDING,
        "name and street agree, though neither postcode nor town says where they are",
        lambda f: is_(f, "place", UNKNOWN) and is_(f, "name", EQUAL) and is_(f, "street", *SAME),
    ),
    Rule(
        Level.POSSIBLE,
        "neither postcode nor town says where this street is",
        lambda f: is_(f, "place", UNKNOWN),
    ),
    Rule(
        Level.POSSIBLE,
        "the street's type differs and the postcode does not settle it",
        lambda f: is_(f, "street", WEAK) and not is_(f, "postcode", EQUAL) and not is_(f, "name", EQUAL),
    ),
    Rule(
        Level.SAME_BUILDING,
        "the name agrees in the same place; no street settles it",
        lambda f: is_(f, "street", UNKNOWN, WEAK) and is_(f, "name", EQUAL) and not is_(f, "postcode", EQUAL),
    ),
    Rule(
        Level.POSSIBLE,
        "no street was given, and the postcode alone does not name it",
        lambda f: is_(f, "street", UNKNOWN) and not is_(f, "postcode", EQUAL),
    ),
    Rule(
        Level.SAME_BUILDING,
        "another unit of the same building, or none given; or a letter behind the number on one side only",
        lambda f: (
            not is_(f, "unit", EQUAL)
            or is_(f, "number", CLOSE)
            or (is_(f, "house", CLOSE) and not is_(f, "postcode", EQUAL))
        ),
    ),
    Rule(Level.SAME_PREMISES, "every part agrees", lambda _: True),
)
