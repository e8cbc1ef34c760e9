"""An event's body, read so that nothing is refused for a part that can't be understood.

What can be matched is matched, and each other part is named in `problems`, by its path and never by its text. Refused
are only a body that is no JSON object and a required field that is missing or of the wrong kind.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from access.roles import Caller
from alerts.events import Posted, reference_in
from alerts.rules.words import Priority
from markers.matching.parts import Location, Position, Understood, understand_location, understand_number
from markers.matching.values import Numbering, Part, Problem, Role
from web.api.canonical import canonical, cleaned, free_name
from web.api.shapes import LONGEST_NAME, read_moment
from web.body import ROOT, is_unwritable, strings_in
from web.errors import BadBody

KINDS = ("call", "incident", "concern")
LINES = ("silent", "cleared", "cut_off", "open")
PEOPLE = ("caller", "victim", "suspect", "mentioned")
IDENTIFIERS = ("vehicle", "email", "account")
MOST_PHONES = 20
MOST_LOCATIONS = 10
MOST_LISTED = 100
_LONGEST_NAME = 200
_FIELDS = frozenset(
    """
    source id type occurred_at call incident channel silent_solution abandoned line summary operator_note phones
    locations people identifiers attributes queue priority
    """.split()
)
_PHONE_FIELDS = frozenset({"number", "role"})
_LOCATION_FIELDS = frozenset({"role", "address", "postcode", "uprn", "point"})
_POINT_FIELDS = frozenset({"latitude", "longitude", "uncertainty_m"})


@dataclass(slots=True)
class _Reading:
    """An event while it is read: parts and problems gather here."""

    body: dict[str, Any]
    numbering: Numbering
    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    has_failed: bool = False

    def problem(self, at: str, code: str, detail: str) -> None:
        """Name a part that is kept and not used."""
        self.problems.append(Problem(at, code, detail))

    def add(self, at: str, understand: Callable[[], Understood]) -> None:
        """Take over what is understood of a piece, and what is not; where understanding itself fails, say so."""
        try:
            understood = understand()
        except Exception:  # noqa: BLE001  whatever it is, the event must be kept and a person told
            self.has_failed = True
            self.problem(at, "not_matched", "the service failed on this part; a person was told")
        else:
            self.parts += understood.parts
            self.problems += understood.problems


def read_event(sent: Mapping[str, Any], caller: Caller, numbering: Numbering) -> Posted:
    """The event that a JSON object says, or `BadBody` for a required field."""
    writable = cleaned(sent)
    body = dict(writable)
    reading = _Reading(body, numbering)
    if writable != sent:
        _name_replaced(sent, reading)
    _require(body)
    occurred_at = _occurred_at(reading)
    _keep_unknown(reading)
    _read_phones(reading)
    _read_locations(reading)
    silent, abandoned = _flag(reading, "silent_solution"), _flag(reading, "abandoned")
    line = _one_of(reading, "line", LINES)
    priority = _one_of(reading, "priority", tuple(Priority)) if body["type"] == "concern" else None
    for name in ("channel", "summary", "operator_note"):
        _text(reading, name)
    call, incident = _text(reading, "call"), _text(reading, "incident")
    queue = _desk(reading) if body["type"] == "concern" else None
    _check_listed(reading, "people", "name", ("role", PEOPLE))
    _check_listed(reading, "identifiers", "value", ("kind", IDENTIFIERS))
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
        has_failed=reading.has_failed,
    )


def _name_replaced(sent: Mapping[str, Any], reading: _Reading) -> None:
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


def _occurred_at(reading: _Reading) -> datetime | None:
    moment = read_moment(reading.body["occurred_at"])
    if moment is None:
        told = "could not be read as a time with an offset: the time of receipt was used"
        reading.problem("occurred_at", "occurred_at_not_understood", told)
    return moment


def _keep_unknown(reading: _Reading) -> None:
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


def _pieces(reading: _Reading, name: str, most: int) -> Sequence[tuple[str, dict[str, Any]]]:
    """The objects of a list, with their paths; what is too many or no object is named and kept."""
    listed = reading.body.get(name)
    if listed is None:
        return []
    if not isinstance(listed, list):
        reading.problem(name, "wrong_kind", "a list is wanted: kept as it was sent, and not matched")
        return []
    pieces = []
    for index, piece in enumerate(listed):
        if index >= most:
            reading.problem(f"{name}[{index}]", "too_many", f"past the {most}th: kept, and not matched")
        elif isinstance(piece, dict):
            pieces.append((f"{name}[{index}]", piece))
        else:
            reading.problem(f"{name}[{index}]", "wrong_kind", "an object is wanted: kept, and not matched")
    return pieces


def _read_phones(reading: _Reading) -> None:
    for at, phone in _pieces(reading, "phones", MOST_PHONES):
        _name_unknown(reading, at, phone, _PHONE_FIELDS)
        roles = (Role.CALLER, Role.CALLED, Role.MENTIONED)
        default = Role.CALLER if reading.body["type"] == "call" else Role.MENTIONED
        role = _role(reading, at, phone, roles, default)
        number = phone.get("number")
        if isinstance(number, int) and not isinstance(number, bool):
            number = str(number)
        if number is not None and not isinstance(number, str):
            reading.problem(f"{at}.number", "phone_not_understood", "a telephone number is text")
        else:
            reading.add(at, partial(understand_number, at, number, role, reading.numbering))


def _read_locations(reading: _Reading) -> None:
    for at, place in _pieces(reading, "locations", MOST_LOCATIONS):
        _name_unknown(reading, at, place, _LOCATION_FIELDS)
        role = _role(reading, at, place, (Role.INCIDENT, Role.CALLER, Role.MENTIONED), Role.INCIDENT)
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


def _check_listed(reading: _Reading, name: str, text: str, of: tuple[str, Sequence[str]]) -> None:
    """People and identifiers are kept as they were sent; what is wrong with them is named."""
    word, words = of
    for at, piece in _pieces(reading, name, MOST_LISTED):
        _name_unknown(reading, at, piece, frozenset({text, word, "role"}))
        if not isinstance(piece.get(text), str):
            reading.problem(f"{at}.{text}", "wrong_kind", "text is wanted: kept as it was sent, and not used")
        said = piece.get(word)
        if not isinstance(said, str) or said not in words:
            reading.problem(f"{at}.{word}", f"{word}_not_understood", f"one of {', '.join(words)}")


def _position(reading: _Reading, at: str, point: Any) -> Position | None:
    if point is None:
        return None
    if not isinstance(point, dict):
        reading.problem(f"{at}.point", "point_not_understood", "latitude and longitude are wanted")
        return None
    _name_unknown(reading, f"{at}.point", point, _POINT_FIELDS)
    latitude, longitude = _number(point.get("latitude")), _number(point.get("longitude"))
    uncertainty_m = _number(point.get("uncertainty_m"))
    if latitude is None or longitude is None:
        reading.problem(f"{at}.point", "point_not_understood", "latitude and longitude are numbers of degrees")
        return None
    if uncertainty_m is None and point.get("uncertainty_m") is not None:
        reading.problem(f"{at}.point.uncertainty_m", "uncertainty_not_understood", "a number of metres is wanted")
    return Position(latitude=latitude, longitude=longitude, uncertainty_m=uncertainty_m)


def _number(value: Any) -> float | None:
    """A number, also where it was sent as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _name_unknown(reading: _Reading, at: str, piece: Mapping[str, Any], known: frozenset[str]) -> None:
    if any(name not in known for name in piece):
        reading.problem(at, "unknown_field", "a field here is none that Heed knows: kept as it was sent")


def _role(reading: _Reading, at: str, piece: Mapping[str, Any], allowed: tuple[Role, ...], default: Role) -> Role:
    role = piece.get("role")
    if isinstance(role, str) and role in allowed:
        return Role(role)
    reading.problem(f"{at}.role", "role_not_understood", f"taken as {default}")
    return default


def _flag(reading: _Reading, name: str) -> bool:
    """A yes or no; said in another way it counts as yes where it can mean yes, and is named."""
    value = reading.body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    reading.problem(name, "wrong_kind", "true or false is wanted")
    return value == 1 or (isinstance(value, str) and value.strip().casefold() in ("true", "yes", "y", "1"))


def _one_of(reading: _Reading, name: str, words: Sequence[str]) -> str | None:
    value = reading.body.get(name)
    if value is None:
        return None
    if isinstance(value, str) and value in words:
        return value
    reading.problem(name, f"{name}_not_understood", f"one of {', '.join(words)}")
    return None


def _desk(reading: _Reading) -> str | None:
    """A concern's desk; one that no desk could be called by is named, and the default one hears of it."""
    desk = _text(reading, "queue")
    if desk is not None and len(desk) > LONGEST_NAME:
        reading.problem("queue", "too_long", f"over {LONGEST_NAME} characters: the default desk was told")
        return None
    return desk


def _text(reading: _Reading, name: str) -> str | None:
    value = reading.body.get(name)
    text = reference_in(value)
    if text is None and value is not None and not isinstance(value, str):
        reading.problem(name, "wrong_kind", "text is wanted: kept as it was sent, and not used")
    return text
