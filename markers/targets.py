"""A target as it was given (JSON of the contract) and as it is meant: understood in one way when placed and when met.

Understanding is done anew from what was given each time, so that a better reading of addresses reaches old markers.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markers.matching.address import understand_address
from markers.matching.identifiers import understand_identifier
from markers.matching.parts import READ_OUT, Location, Position, degrees_of, understand_location
from markers.matching.phone import understand_phone
from markers.matching.place import understand_circle, understand_polygon
from markers.matching.ranges import understand_range
from markers.matching.values import (
    Address,
    Circle,
    IdentifierKind,
    Numbering,
    Phone,
    PhoneRange,
    Point,
    Problem,
    Role,
    TargetValue,
    Withheld,
)
from markers.words import TargetKind

Given = Mapping[str, Any]

_NEVER = "a marker here would never fire"


def understand_target(kind: TargetKind, given: Given, numbering: Numbering) -> TargetValue | Problem:
    """What a target means, or why a marker on it would never fire.

    `given` is the target's own object: `{"number": …}`, `{"range": {"from": …, "to": …}}`, `{"kind": …, "value": …}`,
    `{"text": …, "postcode": …, "uprn": …, "point": …}`, `{"circle": …}` or `{"polygon": …}`. The
    problem's `at` is inside that object.
    """
    if kind is TargetKind.PHONE:
        return _phone(given, numbering)
    if kind is TargetKind.ADDRESS:
        return _address(given)
    if kind is TargetKind.IDENTIFIER:
        return understand_identifier(IdentifierKind(given["kind"]), given["value"])
    circle, polygon = given.get("circle"), given.get("polygon")
    if circle is not None:
        return _circle(circle)
    assert polygon is not None
    rings = [[(float(x), float(y)) for x, y, *_ in ring] for ring in polygon["coordinates"]]
    return understand_polygon(rings)


def target_value(kind: str, given: Given, numbering: Numbering) -> TargetValue | None:
    """What a stored target means; `None` for one that this version no longer understands."""
    value = understand_target(TargetKind(kind), given, numbering)
    return None if isinstance(value, Problem) else value


def _circle(given: Given) -> Circle | Problem:
    """A centre by the grid may be anywhere in the square that was named: the circle holds all that may be meant."""
    places = {name: value for name, value in given.items() if name != "radius_m"}
    degrees = degrees_of(Position(**places))
    if isinstance(degrees, Problem):
        return degrees.under("circle")
    latitude, longitude, off_m = degrees
    radius_m: float = given["radius_m"]
    return understand_circle(latitude, longitude, radius_m if radius_m <= 0 else radius_m + off_m)


def _phone(given: Given, numbering: Numbering) -> Phone | PhoneRange | Problem:
    block = given.get("range")
    if block is not None:
        return understand_range(block["from"], block["to"], numbering)
    phone = understand_phone(given["number"], numbering)
    if isinstance(phone, Withheld):
        return Problem("number", "phone_not_understood", f"no number was given; {_NEVER}")
    if isinstance(phone, Problem):
        return Problem("number", phone.code, f"{phone.detail}; {_NEVER}")
    if phone.read_out_of_text:
        return Problem("number", READ_OUT.code, "other words stand around the number: give the number alone")
    return phone


def _address(given: Given) -> Address | Problem:
    point = given.get("point")
    location = Location(
        address=given.get("text"),
        postcode=given.get("postcode"),
        uprn=given.get("uprn"),
        point=Position(**point) if point else None,
    )
    understood = understand_location("", location, Role.INCIDENT)
    if understood.problems:
        first = understood.problems[0]
        at = first.at.lstrip(".")
        return Problem("text" if at == "address" else at, first.code, f"{first.detail}; {_NEVER}")
    address = understand_address(location.address, location.postcode, location.uprn)
    if isinstance(address, Problem) or not any(one.finds_a_door for one in address.readings):
        return Problem("text", "address_not_understood", f"no house number, name or UPRN was found; {_NEVER}")
    positions = [part.value for part in understood.parts if isinstance(part.value, Point)]
    return replace(address, point=positions[0]) if positions else address
