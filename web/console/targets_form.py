"""Where and who of a marker, as a form has it: numbers typed twice, what an event named, areas by their corners.

Wrong numbers and addresses typed in were the biggest single cause of errors in communications data: what an event
named is taken from it and not typed, and what has to be typed is typed twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from markers.drafts import TargetGiven
from markers.matching.box import understand_box
from markers.matching.values import Numbering, Phone
from markers.words import TargetKind
from web.console.forms import Form
from web.console.taken import Taken
from web.console.words import gettext as _

NUMBERS = ("number", "number_2")
MOST_CORNERS, LEAST_CORNERS = 30, 3


def targets_in(form: Form, wrong: dict[str, str], numbering: Numbering) -> tuple[list[TargetGiven], list[str]]:
    """What it is on, and the field that each came from."""
    targets, fields = [], []
    for field in NUMBERS:
        if form[field]:
            if not is_typed_twice(form[field], form[f"{field}_again"], numbering):
                wrong[f"{field}_again"] = _("Type the number once more: the two are not the same")
            targets.append(TargetGiven(kind=TargetKind.PHONE, given={"number": form[field]}))
            fields.append(field)
    if form["address"]:
        given = {"text": form["address"]} | ({"postcode": form["postcode"]} if form["postcode"] else {})
        targets.append(TargetGiven(kind=TargetKind.ADDRESS, given=given))
        fields.append("address")
    if form["vehicle"]:
        given = {"kind": "vehicle", "value": form["vehicle"]}
        targets.append(TargetGiven(kind=TargetKind.IDENTIFIER, given=given))
        fields.append("vehicle")
    for area, field in (_circle(form, wrong), _polygon(form, wrong)):
        if area is not None:
            targets.append(TargetGiven(kind=TargetKind.AREA, given=area))
            fields.append(field)
    return targets, fields


def taken_in(form: Form, offered: Sequence[Taken]) -> list[Taken]:
    """What of an alert's events was chosen; nothing that the alert does not offer."""
    chosen = {value for name, value in form.items() if name.startswith("take_")}
    return [one for one in offered if one.key in chosen]


def is_typed_twice(number: str, again: str, numbering: Numbering) -> bool:
    """The same number, however each of the two is written; what is understood as none is told as such, once."""
    first, second = (_numbers(text, numbering) for text in (number, again))
    return first == second if first else bool(again) or number == again


def _numbers(text: str, numbering: Numbering) -> set[Any]:
    return {one.value for one in understand_box(text, numbering).parts if isinstance(one.value, Phone)}


def _circle(form: Form, wrong: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    if not (form["centre"] or form["radius"]):
        return None, "radius"
    try:
        latitude, longitude = (float(part) for part in form["centre"].replace(",", " ").split())
        return {"circle": {"latitude": latitude, "longitude": longitude, "radius_m": float(form["radius"])}}, "radius"
    except ValueError:
        wrong["radius"] = _("An area is a centre (53.4030, -2.9800) and metres around it")
        return None, "radius"


def _polygon(form: Form, wrong: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    """The corners of an area, in the order in which they are written; the last one joins the first."""
    corners: list[list[float]] = []
    for index in range(MOST_CORNERS):
        latitude, longitude = form[f"lat_{index}"], form[f"lon_{index}"]
        if not (latitude or longitude):
            continue
        try:
            corners.append([float(longitude), float(latitude)])
        except ValueError:
            wrong[f"lat_{index}"] = _("A corner is a latitude and a longitude, such as 53.4030 and -2.9800")
    if not corners or any(name.startswith("lat_") for name in wrong):
        return None, "lat_0"
    if len(corners) < LEAST_CORNERS:
        wrong["lat_0"] = _("An area has three corners at least")
        return None, "lat_0"
    return {"polygon": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}}, "lat_0"


def corners_of(typed: Mapping[str, str]) -> int:
    """How many rows the table of corners has: those that are filled, and some behind them."""
    filled = [n for n in range(MOST_CORNERS) if typed.get(f"lat_{n}") or typed.get(f"lon_{n}")]
    return min(MOST_CORNERS, max(filled, default=-1) + 1 + LEAST_CORNERS)
