"""An order's conditions as a form has them: what each says, what events can show of it, and when it holds.

Places and hours are lines of text; what a line cannot say (an area that was drawn, two things watched in one condition)
stays as it was recorded as long as it is left alone.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markers.cases.rules.words import Day, Means
from web.console.forms import Form, day_in
from web.console.words import gettext as _

MOST_CONDITIONS = 40
KEPT = "kept"
WATCHES = {
    "contact": "contact with these numbers (none: with all whom it protects)", "zone": "him at these places",
    "stay_in": "him being away from this place", "only": "other numbers or vehicles than these",
}  # fmt: skip
FIELDS = ("number", "kind", "text", "means", "watch", "what", "hours", "due_on", "every_days", "arrest")
PARTS = {
    "number": "number", "kind": "kind", "text": "text", "means": "means", "hours": "hours", "due_on": "due_on",
    "every_days": "every_days", "watch": "what",
}  # fmt: skip
"""Where the contract speaks of a part of a condition, the form's own name of its field."""
_SPAN = re.compile(r"(\d{1,2}:\d\d)\s*(?:-|\u2013|to|until)\s*(\d{1,2}:\d\d)\s*(.*)")
_CIRCLE = re.compile(r"(-?\d{1,2}\.\d+)[,\s]+(-?\d{1,3}\.\d+)[,\s]+(\d+(?:\.\d+)?)\s*m?")


def lines_of(condition: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """A condition as its fields."""
    watch = watched_in(condition)
    kind = next(iter(watch), "") if len(watch) < 2 else KEPT
    kind = "zone" if kind == "zones" else kind
    return {
        f"{prefix}number": str(condition["number"]), f"{prefix}kind": str(condition["kind"]),
        f"{prefix}text": str(condition.get("text") or ""), f"{prefix}means": str(condition["means"]),
        f"{prefix}watch": kind, f"{prefix}what": "" if kind == KEPT else "\n".join(known_lines(watch)),
        f"{prefix}hours": "\n".join(map(_hours_line, condition.get("hours") or ())),
        f"{prefix}due_on": str(condition.get("due_on") or ""),
        f"{prefix}every_days": str(condition.get("every_days") or ""),
        f"{prefix}arrest": "yes" if condition.get("power_of_arrest") else "",
    }  # fmt: skip


def watched_in(condition: Mapping[str, Any]) -> dict[str, Any]:
    """What events can show of a condition, without what was left empty."""
    return {name: given for name, given in (condition.get("watch") or {}).items() if given not in (None, [])}


def known_lines(watch: Mapping[str, Any]) -> dict[str, Any]:
    """Each line that tells what is watched, and what was recorded for it."""
    told: dict[str, Any] = {}
    for given in watch.values():
        for place in given if isinstance(given, list) else [given]:
            if "area" in place or "address" in place:
                told[_place_line(place, len(told))] = place
            told |= {str(one["number"]): one for one in place.get("phones", ())}
            told |= {str(one): one for one in place.get("vehicles", ())}
    return told


def _place_line(place: Mapping[str, Any], index: int) -> str:
    address, area = place.get("address"), place.get("area") or {}
    if address:
        text, postcode = address.get("text") or "", address.get("postcode") or ""
        return ", ".join(part for part in (text, postcode if postcode not in text else "") if part) or _("a place")
    if "circle" in area and "latitude" in area["circle"]:
        circle = area["circle"]
        return f"{circle['latitude']}, {circle['longitude']}, {circle['radius_m']:g} m"
    return _("area {number}, as it was drawn").format(number=index + 1)


def _hours_line(hours: Mapping[str, Any]) -> str:
    return f"{hours['from']}-{hours['until']} {' '.join(hours.get('days') or ())}".strip()


def conditions_in(form: Form, was: Sequence[Mapping[str, Any]], wrong: dict[str, str]) -> tuple[list[Any], list[str]]:
    """The conditions that a form names, as the contract has them, and the prefix of each one's fields."""
    told, prefixes = [], []
    by_number = {str(one["number"]): one for one in was}
    for index in range(MOST_CONDITIONS):
        prefix = f"c{index}_"
        if not (form[f"{prefix}text"] or form[f"{prefix}what"]) or form[f"{prefix}gone"] == "yes":
            continue
        told.append(_condition(form, prefix, by_number.get(form[f"{prefix}stood"]), wrong))
        prefixes.append(prefix)
    return told, prefixes


def _condition(form: Form, prefix: str, stood: Mapping[str, Any] | None, wrong: dict[str, str]) -> dict[str, Any]:
    said = {name: form[prefix + name] for name in FIELDS}
    given: dict[str, Any] = {name: said[name] for name in ("number", "kind", "text", "means") if said[name]}
    given["power_of_arrest"] = said["arrest"] == "yes"
    if said["means"] == Means.WATCHED:
        watch = _watch(said, stood)
        given |= {"watch": watch} if watch else {}
        if not watch:
            wrong[f"{prefix}watch"] = _("Say what events can show of it, or that it is reported")
    if said["hours"]:
        hours = [_hours(line) for line in _lines(said["hours"])]
        given["hours"] = [one for one in hours if one]
        if None in hours:
            wrong[f"{prefix}hours"] = _("Hours are a line each, such as 08:00-17:30 mon-fri")
    if said["due_on"]:
        day = day_in(said["due_on"])
        given |= {"due_on": day.isoformat()} if day else {}
        if day is None:
            wrong[f"{prefix}due_on"] = _("Give a day, such as 1 December 2026")
    if said["every_days"]:
        given["every_days"] = int(said["every_days"]) if said["every_days"].isdecimal() else said["every_days"]
    return given


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _watch(said: Mapping[str, str], stood: Mapping[str, Any] | None) -> dict[str, Any] | None:
    standing = watched_in(stood or {})
    if said["watch"] == KEPT:
        return dict(standing) or None
    known, lines = known_lines(standing), _lines(said["what"])
    if said["watch"] == "contact":
        return {"contact": {"phones": [known.get(line, {"number": line}) for line in lines]}}
    if said["watch"] == "only":
        phones = [line for line in lines if re.fullmatch(r"[\d\s()+-]{6,}", line, re.ASCII)]
        things = {"phones": [{"number": line} for line in phones], "vehicles": [x for x in lines if x not in phones]}
        return {"only": {name: given for name, given in things.items() if given}} if lines else None
    places = [known[line] if isinstance(known.get(line), dict) else place_in(line) for line in lines]
    if said["watch"] == "stay_in" and places:
        return {"stay_in": places[0]}
    if said["watch"] == "zone" and places:
        return {"zone": places[0]} if len(places) == 1 else {"zones": places}
    return None


def place_in(line: str) -> dict[str, Any]:
    """`53.4030, -2.9800, 150 m` is a circle; anything else is an address."""
    circle = _CIRCLE.fullmatch(line)
    if circle is None:
        return {"address": {"text": line}}
    latitude, longitude, radius = map(float, circle.groups())
    return {"area": {"circle": {"latitude": latitude, "longitude": longitude, "radius_m": radius}}}


def _hours(line: str) -> dict[str, Any] | None:
    """`08:00-17:30 mon-fri` → a span of the wall clock on some days; no day named: on all."""
    found = _SPAN.fullmatch(line.lower())
    days = _days(found[3]) if found else None
    if found is None or days is None:
        return None
    return {"from": found[1].zfill(5), "until": found[2].zfill(5), "days": days}


def _days(text: str) -> list[str] | None:
    week = [day.value for day in Day]
    days: list[str] = []
    for word in re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", text.strip())) if text.strip() else ():
        first, dash, last = (part[:3] for part in word.partition("-"))
        if first not in week or (dash and last not in week):
            return None
        until = week.index(last) if dash else week.index(first)
        days += week[week.index(first) : until + 1]
    return list(dict.fromkeys(days))
