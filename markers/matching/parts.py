"""From what a body says to what can be matched: a phone or a location becomes parts, and problems where it does not.

One way for events, lookups and markers alike, so that what a marker was stored under is what an event asks for.
"""

import re
from dataclasses import dataclass, replace

from markers.matching.address import understand_address
from markers.matching.phone import SEVERAL, numbers_in, understand_phone
from markers.matching.place import understand_point, understand_uncertainty
from markers.matching.postcode import understand_postcode
from markers.matching.values import Address, Numbering, Part, Phone, Point, Problem, Role, Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point as it was written: degrees, and metres of uncertainty where they were said."""

    latitude: float
    longitude: float
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


_EACH_USED = "more than one telephone number in one place: each of them was used"
READ_OUT = Problem("number", "phone_read_out_of_text", "the number was found among other words and used")


def understand_number(at: str, number: str | None, role: Role, numbering: Numbering) -> Understood:
    """A written number as a part at `at`; a withheld one is no part and no problem. Of several, each is a part."""
    phone = understand_phone(number, numbering)
    if phone is SEVERAL and number:
        parts = tuple(Part(at, role, one) for one in numbers_in(number, numbering))
        return Understood(parts, (replace(SEVERAL, at="number", detail=_EACH_USED).under(at),))
    if isinstance(phone, Problem):
        return Understood(problems=(replace(phone, at="number").under(at),))
    if isinstance(phone, Withheld):
        return Understood()
    problems = (READ_OUT.under(at),) if phone.read_out_of_text else ()
    return Understood((Part(at, role, phone),), problems)


def understand_location(at: str, location: Location, role: Role) -> Understood:
    """A written location as parts at `at`: its address, and its point beside it."""
    parts: list[Part] = []
    problems = [problem.under(at) for problem in _unusable(location)]
    if location.address or location.postcode or location.uprn:
        address = understand_address(location.address, location.postcode, location.uprn)
        if isinstance(address, Address):
            parts.append(Part(at, role, address))
        elif location.address or not problems:
            problems.append(address.under(at))
    if location.point:
        uncertainty_m, odd = understand_uncertainty(location.point.uncertainty_m)
        if odd:
            problems.append(odd.under(at))
        point = understand_point(location.point.latitude, location.point.longitude, uncertainty_m)
        if isinstance(point, Point):
            parts.append(Part(at, role, point))
        else:
            problems.append(point.under(at))
    return Understood(tuple(parts), tuple(problems))


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
        return value.national + (f" extension {value.extension}" if value.extension else "")
    if isinstance(value, Point):
        radius = f", give or take {value.uncertainty_m:.0f} m" if value.uncertainty_m else ""
        return f"latitude {value.latitude:.5f}, longitude {value.longitude:.5f}{radius}"
    return _address_read_back(value)


def search_term(part: Part) -> str:
    """One text for all written forms of what was looked up, so that the trail can say who asked for it."""
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
