"""An event's body, read so that nothing is refused for a part that can't be understood.

What can be matched is matched, and each other part is named in `problems`, by its path and never by its text. Refused
are only a body that is no JSON object and a required field that is missing or of the wrong kind.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from access.roles import Caller
from alerts.events import Posted
from alerts.rules.words import Priority
from markers.matching.names import understand_name
from markers.matching.parts import Location, Position, understand_location, understand_number, understand_thing
from markers.matching.values import IdentifierKind, Numbering, Part, Problem, Role
from web.api.canonical import canonical, cleaned, free_name
from web.api.event_reading import Reading, flag, name_unknown, number_in, one_of, pieces_of, role_of, text_of, word_in
from web.bodies.shapes import LONGEST_NAME, read_moment
from web.body import ROOT, is_unwritable, strings_in
from web.errors import BadBody

KINDS = ("call", "incident", "concern")
LINES = ("silent", "cleared", "cut_off", "open")
PEOPLE = ("caller", "victim", "suspect", "mentioned")
MOST_PHONES = 20
MOST_LOCATIONS = 10
MOST_LISTED = 100
_LONGEST_NAME = 200
_FIELDS = frozenset(
    """
    source id type occurred_at call incident channel silent_solution abandoned line summary operator_note phones
    locations people identifiers attributes queue priority via
    """.split()
)
_PHONE_FIELDS = frozenset({"number", "role"})
_LOCATION_FIELDS = frozenset({"role", "address", "postcode", "uprn", "point"})
_POINT_FIGURES = ("latitude", "longitude", "easting", "northing", "uncertainty_m")
_POINT_FIELDS = frozenset({*_POINT_FIGURES, "grid_reference"})
_PERSON_FIELDS = frozenset({"name", "role"})
_IDENTIFIER_FIELDS = frozenset({"kind", "value", "role"})


def read_event(sent: Mapping[str, Any], caller: Caller, numbering: Numbering) -> Posted:
    """The event that a JSON object says, or `BadBody` for a required field."""
    writable = cleaned(sent)
    body = dict(writable)
    reading = Reading(body, numbering)
    if writable != sent:
        _name_replaced(sent, reading)
    _require(body)
    occurred_at = _occurred_at(reading)
    _keep_unknown(reading)
    _read_phones(reading)
    _read_locations(reading)
    silent, abandoned = flag(reading, "silent_solution"), flag(reading, "abandoned")
    line = one_of(reading, "line", LINES)
    priority = one_of(reading, "priority", tuple(Priority)) if body["type"] == "concern" else None
    for name in ("channel", "summary", "operator_note", "via"):
        text_of(reading, name)
    call, incident = text_of(reading, "call"), text_of(reading, "incident")
    queue = _desk(reading) if body["type"] == "concern" else None
    _read_people(reading)
    _read_identifiers(reading)
    if body.get("attributes") is not None and not isinstance(body["attributes"], dict):
        reading.problem("attributes", "wrong_kind", "kept as it was sent, and not used")
    return Posted(
        by=caller,
        source=body["source"],
        id=body["id"],
        kind=body["type"],
        occurred_at=occurred_at,
        call=call,
        incident=incident,
        voiceless=silent or abandoned or line in ("silent", "cleared", "cut_off"),
        parts=tuple(reading.parts),
        problems=tuple(reading.problems),
        content=canonical(writable),
        payload=json.dumps(body),
        queue=queue,
        priority=Priority(priority) if priority else None,
        channel=channel if isinstance(channel := body.get("channel"), str) else None,
        has_failed=reading.has_failed,
    )


def _name_replaced(sent: Mapping[str, Any], reading: Reading) -> None:
    for at, text in strings_in(sent):
        if is_unwritable(text):
            first = at.partition(".")[0]
            known = first if first.partition("[")[0] in _FIELDS else ROOT
            told = "a NUL or a lone surrogate was replaced"
            problem = Problem(known, "text_replaced", told)
            if problem not in reading.problems:
                reading.problems.append(problem)


def _require(body: Mapping[str, Any]) -> None:
    problems = []
    for name in ("source", "id", "type", "occurred_at"):
        value = body.get(name)
        if value is None:
            problems.append(Problem(name, "required", "this is required"))
        elif not isinstance(value, str):
            problems.append(Problem(name, "string_type", "text is wanted"))
        elif name in ("source", "id") and not 0 < len(value) <= _LONGEST_NAME:
            problems.append(Problem(name, "length", f"1 to {_LONGEST_NAME} characters"))
        elif name == "type" and value not in KINDS:
            problems.append(Problem(name, "enum", f"one of {', '.join(KINDS)}"))
    if problems:
        raise BadBody(problems)


def _occurred_at(reading: Reading) -> datetime | None:
    moment = read_moment(reading.body["occurred_at"])
    if moment is None:
        told = "could not be read as a time with an offset: the time of receipt was used"
        reading.problem("occurred_at", "occurred_at_not_understood", told)
    return moment


def _keep_unknown(reading: Reading) -> None:
    """Fields of the event that are none of ours are kept in `attributes`."""
    body = reading.body
    unknown = [name for name in body if name not in _FIELDS]
    if not unknown:
        return
    reading.problem(ROOT, "unknown_field", "a field here is none that Heed knows: kept in attributes")
    attributes = body.get("attributes")
    kept = dict(attributes) if isinstance(attributes, dict) else {} if attributes is None else {"_sent": attributes}
    for name in unknown:
        kept[free_name(name, kept)] = body.pop(name)
    body["attributes"] = kept


def _read_phones(reading: Reading) -> None:
    for at, phone in pieces_of(reading, "phones", MOST_PHONES):
        name_unknown(reading, at, phone, _PHONE_FIELDS)
        roles = (Role.CALLER, Role.CALLED, Role.MENTIONED)
        default = Role.CALLER if reading.body["type"] == "call" else Role.MENTIONED
        role = role_of(reading, at, phone, roles, default)
        number = phone.get("number")
        if isinstance(number, int) and not isinstance(number, bool):
            number = str(number)
        if number is not None and not isinstance(number, str):
            reading.problem(f"{at}.number", "phone_not_understood", "a telephone number is text")
        else:
            reading.add(at, partial(understand_number, at, number, role, reading.numbering))


def _read_locations(reading: Reading) -> None:
    for at, place in pieces_of(reading, "locations", MOST_LOCATIONS):
        name_unknown(reading, at, place, _LOCATION_FIELDS)
        role = role_of(reading, at, place, (Role.INCIDENT, Role.CALLER, Role.MENTIONED), Role.INCIDENT)
        texts = {}
        for name in ("address", "postcode", "uprn"):
            value = place.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if value is not None and not isinstance(value, str):
                reading.problem(f"{at}.{name}", f"{name}_not_understood", "text is wanted")
                value = None
            texts[name] = value or None
        location = Location(**texts, point=_position(reading, at, place.get("point")))
        reading.add(at, partial(understand_location, at, location, role))


def _read_people(reading: Reading) -> None:
    """People are kept as they were sent; what is wrong with them is named. Orders know some of them by name."""
    for at, person in pieces_of(reading, "people", MOST_LISTED):
        name_unknown(reading, at, person, _PERSON_FIELDS)
        if not isinstance(person.get("name"), str):
            reading.problem(f"{at}.name", "wrong_kind", "text is wanted: kept as it was sent, and not used")
        role = word_in(reading, at, person, "role", PEOPLE)
        name = understand_name(person["name"]) if isinstance(person.get("name"), str) else None
        if name is not None:
            reading.parts.append(Part(at, Role(role or "mentioned"), name))


def _read_identifiers(reading: Reading) -> None:
    for at, thing in pieces_of(reading, "identifiers", MOST_LISTED):
        name_unknown(reading, at, thing, _IDENTIFIER_FIELDS)
        kind, value = word_in(reading, at, thing, "kind", tuple(IdentifierKind)), thing.get("value")
        if not isinstance(value, str):
            reading.problem(f"{at}.value", "wrong_kind", "text is wanted: kept as it was sent, and not used")
        elif kind:
            reading.add(at, partial(understand_thing, at, IdentifierKind(kind), value, Role.MENTIONED))


def _position(reading: Reading, at: str, point: Any) -> Position | None:
    if point is None:
        return None
    if not isinstance(point, dict):
        reading.problem(f"{at}.point", "point_not_understood", "latitude and longitude are wanted")
        return None
    name_unknown(reading, f"{at}.point", point, _POINT_FIELDS)
    figures = {name: number_in(point.get(name)) for name in _POINT_FIGURES}
    if figures["uncertainty_m"] is None and point.get("uncertainty_m") is not None:
        reading.problem(f"{at}.point.uncertainty_m", "uncertainty_not_understood", "a number of metres is wanted")
    reference = point.get("grid_reference")
    return Position(**figures, grid_reference=reference if isinstance(reference, str) and reference.strip() else None)


def _desk(reading: Reading) -> str | None:
    """A concern's desk; one that no desk could be called by is named, and the default one hears of it."""
    desk = text_of(reading, "queue")
    if desk is not None and len(desk) > LONGEST_NAME:
        reading.problem("queue", "too_long", f"over {LONGEST_NAME} characters: the default desk was told")
        return None
    return desk


def parts_of_stored(numbering: Numbering, payload: str) -> Sequence[Part]:
    """The parts of an event as it was kept, read as they were when it came."""
    try:
        body = json.loads(payload)
    except ValueError:
        return ()  # it can't be opened: a key is missing
    reading = Reading(body, numbering)
    _read_phones(reading)
    _read_locations(reading)
    _read_people(reading)
    _read_identifiers(reading)
    return reading.parts
