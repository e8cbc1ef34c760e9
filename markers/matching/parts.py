"""From what a body says to what can be matched: a phone or a location becomes parts, and problems where it does not.

One way for events, lookups and markers alike, so that what a marker was stored under is what an event asks for.
"""

import re
from dataclasses import dataclass, replace

from markers.matching.address import understand_address
from markers.matching.grid import GRID_OFF_M, from_grid, grid_square, looks_like_a_reference, reach_of_square
from markers.matching.identifiers import understand_identifier
from markers.matching.phone import NO_AREA_CODE, SEVERAL, numbers_in, understand_phone, within_areas
from markers.matching.place import LARGEST_UNCERTAINTY_M, understand_point, understand_uncertainty
from markers.matching.postcode import understand_postcode
from markers.matching.values import (
    Address,
    Identifier,
    IdentifierKind,
    Numbering,
    Part,
    PersonName,
    Phone,
    Point,
    Problem,
    Role,
    Withheld,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point as it was written: degrees, metres on the British National Grid, or a reference of that grid; and metres
    of uncertainty where they were said.
    """

    latitude: float | None = None
    longitude: float | None = None
    easting: float | None = None
    northing: float | None = None
    grid_reference: str | None = None
    uncertainty_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A location as it was written: every part is optional."""

    address: str | None = None
    postcode: str | None = None
    uprn: str | None = None
    point: Position | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a piece of a body, and what was not."""

    parts: tuple[Part, ...] = ()
    problems: tuple[Problem, ...] = ()


_FIGURES = re.compile(r"([+-]?\d{1,2}\.\d{2,}|\d{6})[\s,]+([+-]?\d{1,3}\.\d{2,}|\d{6,7})")
"""`53.4030, -2.9800` in degrees, `334000, 390000` on the grid: nobody lives there, and somebody is there."""
_EACH_USED = "more than one telephone number in one place: each of them was used"
SUPPOSED = Problem(
    "number",
    "phone_without_area_code",
    "read with the area codes of this force: what it matches is possible, not certain",
)
READ_OUT = Problem("number", "phone_read_out_of_text", "the number was found among other words and used")


def understand_number(at: str, number: str | None, role: Role, numbering: Numbering) -> Understood:
    """A written number as a part at `at`; a withheld one is no part and no problem. Of several, each is a part."""
    phone = understand_phone(number, numbering)
    if phone is SEVERAL and number:
        parts = tuple(Part(at, role, one) for one in numbers_in(number, numbering))
        return Understood(parts, (replace(SEVERAL, at="number", detail=_EACH_USED).under(at),))
    if phone is NO_AREA_CODE and number and numbering.area_codes:
        parts = tuple(Part(at, role, one) for one in within_areas(number, numbering))
        if parts:
            return Understood(parts, (SUPPOSED.under(at),))
    if isinstance(phone, Problem):
        return Understood(problems=(replace(phone, at="number").under(at),))
    if isinstance(phone, Withheld):
        return Understood()
    problems = (READ_OUT.under(at),) if phone.read_out_of_text else ()
    return Understood((Part(at, role, phone),), problems)


def understand_thing(at: str, kind: IdentifierKind, value: str, role: Role) -> Understood:
    """A written registration mark, e-mail address or account as a part at `at`."""
    identifier = understand_identifier(kind, value)
    if isinstance(identifier, Problem):
        return Understood(problems=(identifier.under(at),))
    return Understood((Part(at, role, identifier),))


def understand_location(at: str, location: Location, role: Role) -> Understood:
    """A written location as parts at `at`: its address, and its point beside it."""
    parts: list[Part] = []
    location = _with_reference_as_point(location)
    problems = [problem.under(at) for problem in _unusable(location)]
    if location.address or location.postcode or location.uprn:
        address = understand_address(location.address, location.postcode, location.uprn)
        if isinstance(address, Address):
            parts.append(Part(at, role, address))
        elif location.address or not problems:
            problems.append(address.under(at))
    if location.point:
        point, told = understand_position(location.point)
        problems += [problem.under("point").under(at) for problem in told]
        if point:
            parts.append(Part(at, role, point))
    return Understood(tuple(parts), tuple(problems))


def understand_position(position: Position) -> tuple[Point | None, list[Problem]]:
    """The point that is meant, and what was wrong with what was said of it; problems lie under the point."""
    uncertainty_m, odd = understand_uncertainty(position.uncertainty_m)
    problems = [odd] if odd else []
    found = degrees_of(position)
    if isinstance(found, Problem):
        return None, [*problems, found]
    latitude, longitude, off_m = found
    point = understand_point(latitude, longitude, min(uncertainty_m + off_m, LARGEST_UNCERTAINTY_M))
    if isinstance(point, Problem):
        return None, [*problems, point]
    return point, problems


def degrees_of(position: Position) -> tuple[float, float, float] | Problem:
    """Latitude, longitude, and the metres by which the way in which they were given may be off."""
    if position.latitude is not None and position.longitude is not None:
        return position.latitude, position.longitude, 0.0
    if position.easting is not None and position.northing is not None:
        easting, northing, off_m = position.easting, position.northing, GRID_OFF_M
    elif position.grid_reference is not None:
        square = grid_square(position.grid_reference)
        if isinstance(square, Problem):
            return square
        easting, northing, off_m = square[0], square[1], reach_of_square(square[2])
    else:
        told = "latitude and longitude, easting and northing, or a grid_reference is wanted"
        return Problem("", "point_not_understood", told)
    degrees = from_grid(easting, northing)
    return degrees if isinstance(degrees, Problem) else (*degrees, off_m)


def _with_reference_as_point(location: Location) -> Location:
    """A grid reference, or two figures, in the address's place are a position."""
    if location.address is None or location.point:
        return location
    position = _position_in(location.address)
    return replace(location, address=None, point=position) if position else location


def _position_in(text: str) -> Position | None:
    figures = _FIGURES.fullmatch(text.strip())
    if figures and "." in figures.group(1):
        return Position(latitude=float(figures.group(1)), longitude=float(figures.group(2)))
    if figures:
        return Position(easting=float(figures.group(1)), northing=float(figures.group(2)))
    return Position(grid_reference=text) if looks_like_a_reference(text) else None


def _unusable(location: Location) -> list[Problem]:
    """Fields beside the text that say nothing: they are named, and the rest is matched without them."""
    problems = []
    if location.postcode and understand_postcode(location.postcode) is None:
        problems.append(Problem("postcode", "postcode_not_understood", "this is no postcode of the United Kingdom"))
    if location.uprn and not re.fullmatch(r"\s*\d{1,12}\s*", location.uprn, re.ASCII):
        problems.append(Problem("uprn", "uprn_not_understood", "a UPRN is a number of 1 to 12 digits"))
    return problems


def read_back(part: Part) -> str:
    """What a part was understood as, in words for a handler to read out."""
    value = part.value
    if isinstance(value, Phone):
        supposed = f" (if the area is {value.supposed_area})" if value.supposed_area else ""
        return value.national + (f" extension {value.extension}" if value.extension else "") + supposed
    if isinstance(value, Identifier):
        return value.said
    if isinstance(value, PersonName):
        return " ".join(value.words).title()
    if isinstance(value, Point):
        radius = f", give or take {value.uncertainty_m:.0f} m" if value.uncertainty_m else ""
        return f"latitude {value.latitude:.5f}, longitude {value.longitude:.5f}{radius}"
    return _address_read_back(value)


def search_term(part: Part) -> str:
    """One text for all written forms of what was looked up, so that the trail can say who asked for it."""
    if isinstance(part.value, Identifier):
        return f"{part.value.kind.value}:{part.value.value.casefold()}"
    return f"tel:{part.value.e164}" if isinstance(part.value, Phone) else read_back(part).casefold()


def _address_read_back(address: Address) -> str:
    house = str(address.house) if address.house else ""
    street = str(address.street).title() if address.street else ""
    said = [
        address.relation,
        address.unit.said if address.unit else "",
        " ".join(address.names).title(),
        f"{house} {street}".strip(),
        " ".join(address.places).title(),
        str(address.postcode or ""),
        f"UPRN {address.uprn}" if address.uprn else "",
    ]
    return ", ".join(filter(None, said))
