"""Blocks of consecutive numbers, kept and found without a row for each number.

A block is cut into aligned decimal blocks (`+441514960 1xx` is one of a hundred), at most eighteen a decimal place: so
its length's logarithm is what it costs to keep. A number asks for the block that it lies in at each place.
"""

from collections.abc import Iterator

from markers.matching.phone import understand_phone
from markers.matching.values import Numbering, Phone, PhoneRange, Problem, Withheld

LARGEST_RANGE = 1_000_000
"""Numbers; a larger block is an area's or an operator's, and no person's."""

PLACES = 7
"""Decimal places of the largest aligned block that is kept: those of one, ten, … a million numbers."""


def understand_range(first: str, last: str, numbering: Numbering) -> PhoneRange | Problem:
    """The block from `first` to `last`, both in it; a problem says which end is wrong, and how."""
    ends = []
    for at, text in (("from", first), ("to", last)):
        phone = understand_phone(text, numbering)
        if isinstance(phone, Withheld):
            return Problem(f"range.{at}", "phone_not_understood", "no number was given")
        if isinstance(phone, Problem):
            return Problem(f"range.{at}", phone.code, phone.detail)
        if phone.read_out_of_text:
            told = "other words stand around the number: give the number alone"
            return Problem(f"range.{at}", "phone_read_out_of_text", told)
        if phone.extension:
            told = "an extension is not matched: give the numbers as they are dialled"
            return Problem(f"range.{at}", "range_not_understood", told)
        ends.append(phone)
    return _between(*ends)


def _between(first: Phone, last: Phone) -> PhoneRange | Problem:
    def problem(detail: str) -> Problem:
        return Problem("range.to", "range_not_understood", detail)

    if len(first.e164) != len(last.e164):
        return problem("both ends are numbers of one length")
    size = int(last.e164) - int(first.e164) + 1
    if size < 1:
        return problem("it ends before it begins")
    if size > LARGEST_RANGE:
        return problem(f"more than {LARGEST_RANGE:,} numbers are no one place's or person's block")
    return PhoneRange(first, last)


def size_of(block: PhoneRange) -> int:
    """How many numbers it holds."""
    return int(block.last.e164) - int(block.first.e164) + 1


def holds(block: PhoneRange, phone: Phone) -> bool:
    """Does the number lie in it?"""
    return len(phone.e164) == len(block.first.e164) and block.first.e164 <= phone.e164 <= block.last.e164


def blocks_of(block: PhoneRange) -> Iterator[str]:
    """The aligned decimal blocks that together are this one and nothing else: `PLACES:PREFIX`."""
    number, last = int(block.first.e164), int(block.last.e164)
    digits = len(block.first.e164) - 1
    while number <= last:
        place = 0
        while place + 1 < PLACES and number % 10 ** (place + 1) == 0 and number + 10 ** (place + 1) - 1 <= last:
            place += 1
        yield _block(f"{number:0{digits}}", place)
        number += 10**place


def blocks_with(phone: Phone) -> Iterator[str]:
    """Every aligned block that a number lies in."""
    digits = phone.e164.removeprefix("+")
    for place in range(min(PLACES, len(digits))):
        yield _block(digits, place)


def _block(digits: str, place: int) -> str:
    # The length stands in it: numbers of other lengths begin alike.
    return f"{place}:{digits[: len(digits) - place]}"
