"""Neighbours: made ones beside the markers of an evaluation, and whether two texts are written for one door."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from markers.matching.address import understand_address
from markers.matching.values import Address

Written = tuple[str, str | None]
"""An address as it was written, and its postcode where that stood apart."""
_HIGHEST_NUMBER = 10_000


def neighbours(written: Iterable[Written], wanted: int) -> Iterator[Written]:
    """Made neighbours: addresses of the same streets with numbers that none of those there has; `wanted` at most."""
    there = [(one, address) for one in dict.fromkeys(written) if (address := _understood(one))]
    taken: dict[str, set[int]] = defaultdict(set)
    for _, address in there:
        for reading in address.readings:
            if reading.house and reading.street:
                taken[" ".join(reading.street.name)].update(range(reading.house.low, reading.house.high + 1))
    made = 0
    for step in range(1, 2_000):
        for (text, postcode), address in there:
            if made >= wanted:
                return
            house, street = address.house, address.street
            if not house or house.low != house.high or not street or len(re.findall(rf"\b{house}\b", text)) != 1:
                continue
            number = house.low + 2 * step
            numbers = taken[" ".join(street.name)]
            if number not in numbers and number < _HIGHEST_NUMBER:
                numbers.add(number)
                made += 1
                yield re.sub(rf"\b{house}\b", str(number), text), postcode


def _understood(written: Written) -> Address | None:
    address = understand_address(*written)
    return address if isinstance(address, Address) else None


def are_written_alike(one: Address, other: Address) -> bool:
    """Do two texts name one door, as far as their plain parts say so? No rule of comparison is asked.

    A number in a range is one of its numbers, and `12A` may be Flat A of 12; a part that only one side gives agrees.
    """
    return any(
        _doors_meet(mine, yours) and _units_meet(mine, yours) and _places_meet(mine, yours)
        for mine in one.readings
        for yours in other.readings
    )


def _doors_meet(one: Address, other: Address) -> bool:
    if one.house and other.house:
        return one.house.low <= other.house.high and other.house.low <= one.house.high
    return one.house is None and other.house is None and bool(set(one.names) & set(other.names))


def _units_meet(one: Address, other: Address) -> bool:
    return _label_and_floor(one) == _label_and_floor(other)


def _label_and_floor(address: Address) -> tuple[str, int | None]:
    if address.unit:
        return address.unit.label, address.unit.floor
    return (address.house.suffix if address.house else ""), None


def _places_meet(one: Address, other: Address) -> bool:
    """The same street, whatever the blanks in it; in one postcode, or where either is unknown or mistyped, one town."""
    mine, yours = (" ".join(address.street.name) if address.street else "" for address in (one, other))
    if mine and yours and mine.replace(" ", "") != yours.replace(" ", ""):
        return False
    if one.postcode and other.postcode and one.postcode == other.postcode:
        return True
    return bool(set(one.places) & set(other.places)) or not (one.places and other.places)
