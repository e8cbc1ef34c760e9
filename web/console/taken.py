"""What an alert's events named, to be taken over into a marker as it came: copied, and never typed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.roles import Caller
from access.trail import Thing
from alerts.events import objects_in
from alerts.queries import alert_numbered
from alerts.seen import EventSeen, alerts_seen, written_in
from markers.drafts import TargetGiven
from markers.words import TargetKind

NUMBER = re.compile(r"c?\d{1,12}", re.ASCII)
LEAST_RADIUS_M = 50.0
"""A position is a place of this size at least: who is marked there is not found on a point."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A number, place or thing of an event: as it is chosen, in words, as a target, and where it came from."""

    key: str
    words: str
    target: TargetGiven
    event: UUID
    at: datetime
    source: str

    @property
    def thing(self) -> Thing:
        """The event for the trail, so that the source stays with what was taken from it."""
        return Thing("event", self.event, 1)


def offered_by(session: Session, caller: Caller, number: str, now: datetime) -> list[Taken]:
    """What the events of an alert named that this caller may read, newest first, each once; of no alert: nothing."""
    alert = alert_numbered(session, caller, number) if NUMBER.fullmatch(number) else None
    if alert is None:
        return []
    [seen] = alerts_seen(session, [alert], now)
    found: dict[str, Taken] = {}
    for event in seen.events:
        for one in _of_event(event):
            found.setdefault(one.words, one)
    return list(found.values())


def _of_event(event: EventSeen) -> Iterator[Taken]:
    for name, (words, target) in _parts_of(event.payload):
        yield Taken(f"{event.event} {name}", words, target, event.event, event.occurred_at, event.source)


def _parts_of(payload: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, TargetGiven]]]:
    for index, phone in enumerate(objects_in(payload, "phones")):
        if phone.get("number"):
            number = str(phone["number"])
            yield f"phones {index}", (number, TargetGiven(kind=TargetKind.PHONE, given={"number": number}))
    for index, place in enumerate(objects_in(payload, "locations")):
        target = _place(place)
        if target is not None:
            yield f"locations {index}", (written_in(place) or _position(place), target)
    for index, thing in enumerate(objects_in(payload, "identifiers")):
        if thing.get("kind") and thing.get("value"):
            given = {"kind": str(thing["kind"]), "value": str(thing["value"])}
            yield f"things {index}", (" ".join(given.values()), TargetGiven(kind=TargetKind.IDENTIFIER, given=given))


def _place(place: Mapping[str, Any]) -> TargetGiven | None:
    known = {"text": "address", "postcode": "postcode", "uprn": "uprn"}
    given = {ours: str(place[theirs]) for ours, theirs in known.items() if place.get(theirs)}
    if given:
        return TargetGiven(kind=TargetKind.ADDRESS, given=given)
    point = place.get("point")
    if not isinstance(point, Mapping) or not {"latitude", "longitude"} <= point.keys():
        return None
    radius = max(LEAST_RADIUS_M, float(point.get("uncertainty_m") or 0))
    circle = {"latitude": point["latitude"], "longitude": point["longitude"], "radius_m": radius}
    return TargetGiven(kind=TargetKind.AREA, given={"circle": circle})


def _position(place: Mapping[str, Any]) -> str:
    point = place["point"]
    return f"{point['latitude']}, {point['longitude']}"
