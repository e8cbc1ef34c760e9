"""What a case and its orders know, part by part: what each was given as, what it means, and the keys that find it.

A watch that could never fire must not be stored: a part that can't be understood is a problem, named by its path.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from markers.cases.rules.breach import Side
from markers.matching.keys import stored_keys
from markers.matching.names import name_keys, understand_name
from markers.matching.values import Address, Numbering, PersonName, Phone, Problem, TargetValue
from markers.targets import understand_target
from markers.words import TargetKind

NAME = "name"
"""The kind of part that a marker's targets do not have."""
LAST_DIGITS = 6
DIGITS_OFF = 2
"""A number that differs from his in at most so many of its last six digits may be one of the same batch."""

PartValue = TargetValue | PersonName


@dataclass(frozen=True, slots=True, kw_only=True)
class PartGiven:
    """A part as it was given, at its path in the body."""

    at: str
    side: Side
    kind: str
    given: Mapping[str, Any]
    condition: str | None = None


def of_person(at: str, person: Mapping[str, Any], side: Side) -> Iterator[PartGiven]:
    """The name, numbers and things of a person. Where he lives shows nothing: whoever calls from there is not he."""
    if person.get("name"):
        yield PartGiven(at=f"{at}.name", side=side, kind=NAME, given={"name": person["name"]})
    for listed, kind in (("phones", TargetKind.PHONE), ("identifiers", TargetKind.IDENTIFIER)):
        for index, given in enumerate(person.get(listed) or ()):
            yield PartGiven(at=f"{at}.{listed}[{index}]", side=side, kind=kind.value, given=given)


def of_condition(
    at: str, number: str, watch: Mapping[str, Any], hers: Sequence[Mapping[str, Any]]
) -> Iterator[PartGiven]:
    """What a watched condition knows of its own: her numbers, places, what he may use.

    A contact that names no number is with `hers`: the numbers of all whom the order protects.
    """
    if watch.get("contact") is not None:
        for index, given in enumerate(watch["contact"].get("phones") or hers):
            path = f"{at}.contact.phones[{index}]"
            yield PartGiven(at=path, side=Side.CONTACT, kind="phone", given=given, condition=number)
    for name, side in (("zone", Side.ZONE), ("stay_in", Side.STAY_IN)):
        if watch.get(name):
            yield _place(f"{at}.{name}", side, number, watch[name])
    for index, place in enumerate(watch.get("zones") or ()):
        yield _place(f"{at}.zones[{index}]", Side.ZONE, number, place)
    only: Mapping[str, Any] = watch.get("only") or {}
    for index, given in enumerate(only.get("phones") or ()):
        yield PartGiven(
            at=f"{at}.only.phones[{index}]", side=Side.ONLY_PHONE, kind="phone", given=given, condition=number
        )
    for index, mark in enumerate(only.get("vehicles") or ()):
        given = {"kind": "vehicle", "value": mark}
        path = f"{at}.only.vehicles[{index}]"
        yield PartGiven(at=path, side=Side.ONLY_VEHICLE, kind="identifier", given=given, condition=number)


def _place(at: str, side: Side, number: str, place: Mapping[str, Any]) -> PartGiven:
    kind = "area" if place.get("area") else "address"
    return PartGiven(at=f"{at}.{kind}", side=side, kind=kind, given=place[kind], condition=number)


def understand(kind: str, given: Mapping[str, Any], numbering: Numbering) -> PartValue | Problem:
    """What a part means, or why it would never be found; the problem's `at` is inside it."""
    if kind == NAME:
        name = understand_name(given["name"])
        return name or Problem("", "name_not_understood", "no name was found here; nothing would ever fit it")
    return understand_target(TargetKind(kind), given, numbering)


def understood(
    parts: Sequence[PartGiven], numbering: Numbering
) -> tuple[list[tuple[PartGiven, PartValue]], list[Problem]]:
    """All parts with what they mean; and the problems of those that mean nothing."""
    known, problems = [], []
    for part in parts:
        value = understand(part.kind, part.given, numbering)
        if part.side is Side.STAY_IN and isinstance(value, Address) and value.point is None:
            told = "where he has to be is judged by positions: give the address's point, or an area around it"
            value = Problem("", "no_position", told)
        if isinstance(value, Problem):
            problems.append(value.under(part.at) if value.at else Problem(part.at, value.code, value.detail))
        else:
            known.append((part, value))
    return known, problems


def keys_for(side: Side, value: PartValue) -> frozenset[str]:
    """The keys under which a part is kept; of his numbers also those of numbers nearly the same."""
    if isinstance(value, PersonName):
        return name_keys(value)
    keys = stored_keys(value)
    return keys | near_keys(value) if side is Side.RESPONDENT and isinstance(value, Phone) else keys


def near_keys(phone: Phone) -> frozenset[str]:
    """Keys that two numbers share which differ in at most two of their last six digits."""
    head, tail = phone.e164[:-LAST_DIGITS], phone.e164[-LAST_DIGITS:]
    masked = (
        "".join("_" if place in hidden else digit for place, digit in enumerate(tail))
        for hidden in combinations(range(LAST_DIGITS), DIGITS_OFF)
    )
    return frozenset(f"nn:{head}{one}" for one in masked)


def is_nearly(one: Phone, other: Phone) -> bool:
    """Do they differ, and in few of their last digits?"""
    same_length = len(one.e164) == len(other.e164)
    head = one.e164[:-LAST_DIGITS] == other.e164[:-LAST_DIGITS]
    return same_length and head and 0 < sum(a != b for a, b in zip(one.e164, other.e164, strict=True)) <= DIGITS_OFF
