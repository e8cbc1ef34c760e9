"""A gazetteer's file: which columns it may have, and its lines as rows to be kept or taken out.

Either the five columns of Heed (`uprn,address,postcode,latitude,longitude`, and `parent_uprn`), or those of Ordnance
Survey's AddressBase Core by their published names, in any order; columns that say nothing of where a door is are left.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markers.gazetteer import Entry
from markers.matching.grid import from_grid
from markers.matching.place import understand_point
from markers.matching.postcode import understand_postcode
from markers.matching.values import Problem

COLUMNS = ("uprn", "address", "postcode", "latitude", "longitude")
_PARTS = (
    "organisation", "sub_building", "building_name", "building_number", "street_name", "locality", "town_name",
    "post_town", "island",
)  # fmt: skip
"""AddressBase Core's parts of an address, in the order in which they are written on one line."""
_TEXTS = ("address", "single_line_address")
_LONGEST = 1_000
_REMOVED = "D"


@dataclass(frozen=True, slots=True)
class Removed:
    """A row that says that a property is gone (`change_code` D of a change-only update)."""

    uprn: int


class UnusableHeader(ValueError):
    """The header can't be that of a gazetteer; says what is missing."""


def read_header(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns' names in lower case, if they can tell a property and its address."""
    names = tuple(cell.strip().lower() for cell in cells)
    wanted = f"the columns are {','.join(COLUMNS)}, or those of AddressBase Core (UPRN, SINGLE_LINE_ADDRESS, …)"
    if "uprn" not in names:
        raise UnusableHeader(f"the header has no column uprn: {wanted}")
    if not {*_TEXTS, "street_name"} & set(names):
        raise UnusableHeader(f"no column of the header has the address: {wanted}")
    used = [name for name in names if name in {*COLUMNS, *_TEXTS, *_PARTS, "parent_uprn"}]
    if len(set(used)) != len(used):
        raise UnusableHeader("a column stands twice in the header")
    return names


def read_row(cells: Mapping[str, str]) -> Entry | Removed | list[Problem]:
    """What a line says; or, by column, what is wrong with it."""
    said = {name: text.strip() for name, text in cells.items() if text.strip()}
    uprn = _reference(said.get("uprn"))
    if uprn is None:
        return [Problem("uprn", "uprn_not_understood", "a UPRN is a number of 1 to 12 digits")]
    if said.get("change_code", "").upper() == _REMOVED:
        return Removed(uprn)
    parent = _reference(said.get("parent_uprn"))
    text = next((said[name] for name in _TEXTS if name in said), None)
    address = text or ", ".join(said[name] for name in _PARTS if name in said)
    degrees = _degrees(said)
    problems = [
        *([Problem("address", "required", "there is no address")] if not address else []),
        *([Problem("address", "too_long", f"over {_LONGEST} characters")] if len(address) > _LONGEST else []),
        *([Problem("parent_uprn", "uprn_not_understood", "a UPRN is a number of 1 to 12 digits")]
          if "parent_uprn" in said and parent is None else []),
        *([Problem("postcode", "postcode_not_understood", "this is no postcode of the United Kingdom")]
          if "postcode" in said and understand_postcode(said["postcode"]) is None else []),
        *([degrees] if isinstance(degrees, Problem) else []),
    ]  # fmt: skip
    if problems or isinstance(degrees, Problem):
        return problems
    latitude, longitude = degrees
    return Entry(
        uprn=uprn, parent_uprn=parent if parent != uprn else None, address=address, postcode=said.get("postcode"),
        latitude=latitude, longitude=longitude,
    )  # fmt: skip


def _reference(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,12}", text, re.ASCII) else None


def _degrees(said: Mapping[str, str]) -> tuple[float | None, float | None] | Problem:
    for names, convert in ((("latitude", "longitude"), None), (("easting", "northing"), from_grid)):
        given = [said[name] for name in names if name in said]
        if not given:
            continue
        pair = [_number(text) for text in given]
        if len(pair) != 2 or None in pair:
            return Problem(names[0], "point_not_understood", f"{names[0]} and {names[1]} are two numbers")
        first, second = (float(value) for value in pair if value is not None)
        if convert:
            return convert(first, second)
        point = understand_point(first, second)
        return replace(point, at="latitude") if isinstance(point, Problem) else (first, second)
    return None, None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
