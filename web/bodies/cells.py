"""The cells of a file of markers: how a line's targets are read and written, and how no cell becomes a formula.

An apostrophe is put in front of what a spreadsheet would take for a formula (`=`, `+`, `-`, `@` and the like), and
taken off again when it is read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from markers.matching.values import Problem
from web.body import parse_object
from web.errors import BadBody

PLAIN = ("reference", "category", "subject_role", "risk", "sensitivity", "instruction", "narrative", "case", "queue")
DATES = ("valid_from", "valid_until", "review_due")
RESPONSE = ("grade", "call_back", "code_word")
LONG = ("instruction", "narrative")
"""Texts that are kept as they stand in the cell, blanks and line ends included."""
_ADDRESS = (("address", "text"), ("postcode", "postcode"), ("uprn", "uprn"))
_RISKY = re.compile("\\s*[=+\\-@\\t\\r'\uff1d\uff0b\uff0d\uff20]")
"""The last four are the full-width forms of the first four, which some spreadsheets take for them."""


def targets_in(said: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The targets of a line, and the column of each; `BadBody` names the column that can't be used."""
    numbers = [number.strip() for number in said.get("phones", "").split(";")]
    found: list[tuple[Any, str]] = [
        ({"phone": {"number": without_apostrophe(number)}}, "phones") for number in numbers if number
    ]
    found += [({"address": address}, "address") for address in _addresses(said)]
    if said.get("radius_m"):
        found.append(({"area": {"circle": _degrees(said, "radius_m")}}, "radius_m"))
    if said.get("more_targets"):
        found += [(target, "more_targets") for target in _more(said["more_targets"])]
    return [target for target, _ in found], [column for _, column in found]


def _addresses(said: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The line's address, with the position where that is not the middle of an area."""
    address: dict[str, Any] = {name: said[column] for column, name in _ADDRESS if said.get(column)}
    if not said.get("radius_m") and (said.get("latitude") or said.get("longitude")):
        point = _degrees(said)
        if not address:
            raise BadBody([Problem("radius_m", "required", "a position alone is no area: how far around it?")])
        address["point"] = point
    if address:
        yield address


def _degrees(said: Mapping[str, str], *more: str) -> dict[str, float]:
    names = ("latitude", "longitude", *more)
    missing = [name for name in names if not said.get(name)]
    if missing:
        raise BadBody([Problem(missing[0], "required", "latitude and longitude belong together")])
    return {name: _number(name, said[name]) for name in names}


def _more(text: str) -> list[Any]:
    try:
        more = parse_object(f'{{"targets": {text}}}'.encode())["targets"]
    except BadBody:
        more = None
    if not isinstance(more, list):
        raise BadBody([Problem("more_targets", "not_json", "a JSON list of targets is wanted")])
    return more


def _number(column: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadBody([Problem(column, "float_type", "a number is wanted")]) from None


def with_apostrophe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def without_apostrophe(text: str) -> str:
    """What was written, where `with_apostrophe` put one in front."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text


def cells_of(body: Mapping[str, Any], status: str) -> dict[str, str]:
    """A marker, as the body that would place it, as a line's cells; `more_targets` has what the columns can't say."""
    cells = {name: str(body[name]) for name in (*PLAIN, *DATES, "category_as_written") if body.get(name)}
    cells |= {f"response_{name}": value for name, value in (body.get("response") or {}).items() if value}
    phones: list[str] = []
    more: list[Any] = []
    for target in body["targets"]:
        if target.get("out_of_use"):
            more.append(target)  # which no column says
        elif ";" not in target.get("phone", {}).get("number", ";"):
            phones.append(target["phone"]["number"])
        elif not _as_columns(cells, target):
            more.append(target)
    cells["phones"] = "; ".join(phones)
    cells["more_targets"] = json.dumps(more, ensure_ascii=False) if more else ""
    return cells | {"status": status}


def _as_columns(cells: dict[str, str], target: Mapping[str, Any]) -> bool:
    """Can the line's columns say this target? Then they do."""
    address, circle = target.get("address"), target.get("area", {}).get("circle")
    if circle and not cells.keys() & {"latitude", "radius_m"}:
        cells |= {name: repr(circle[name]) for name in ("latitude", "longitude", "radius_m")}
        return True
    if not address or cells.keys() & {"address", "postcode", "uprn"}:
        return False
    point = address.get("point") or {}
    if "uncertainty_m" in point or (point and "latitude" in cells):
        return False
    if point and "radius_m" in cells:
        return False
    cells |= {column: address[name] for column, name in _ADDRESS if address.get(name)}
    cells |= {name: repr(point[name]) for name in ("latitude", "longitude") if name in point}
    return True
