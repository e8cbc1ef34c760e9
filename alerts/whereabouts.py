"""Where an alert is about: the subscriber's address, the caller's position, the incident's place, and what is marked.

Each stands apart, with its distance from where somebody is; an address that nobody has a position for has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.events import objects_in
from alerts.models import AlertMatch
from alerts.queries import matches_of
from alerts.seen import AlertSeen, EventSeen, written_in
from db.sealed import read_json
from markers.gazetteer import known_addresses, read_known
from markers.matching.address import understand_address
from markers.matching.parts import Position, understand_position
from markers.matching.place import LARGEST_UNCERTAINTY_M
from markers.matching.plan import Gap, Place, gap_between
from markers.matching.values import Address, Circle, Numbering, Phone, PhoneRange, Point, Polygon
from markers.models import Target
from markers.targets import target_value

CALLER, INCIDENT, MENTIONED, SUBSCRIBER, MARKED = "caller", "incident", "mentioned", "subscriber", "marked"
MOST = 12


@dataclass(frozen=True, slots=True)
class Spot:
    """What it is, in whose words, where (if that is known), and how far off; a number is nowhere."""

    kind: str
    words: str
    place: Place | None
    gap: Gap | None = None
    is_somewhere: bool = True


def whereabouts(session: Session, seen: AlertSeen, numbering: Numbering) -> list[Spot]:
    """What is known of where, the event's own first, then each thing that is marked and has matched."""
    own = _placed(session, _of_events(seen.events))
    # A position that somebody was located at, before the place of an address.
    points = [spot.place for spot in own if isinstance(spot.place, Point)]
    here = next((point for point in points if not point.of_address), points[0] if points else None)
    marked = _of_markers(session, matches_of(session, [seen.row.force], [seen.row.id])[seen.row.id], numbering)
    spots = [*own, *marked][:MOST]
    if here is None:
        return spots
    return [
        replace(spot, gap=gap_between(here, spot.place)) if spot.place and spot.place is not here else spot
        for spot in spots
    ]


def _placed(session: Session, spots: Sequence[Spot]) -> list[Spot]:
    """Written addresses stand where a gazetteer has them, if it has them without a doubt."""
    read = [understand_address(spot.words) if spot.place is None else None for spot in spots]
    known = iter(known_addresses(session, [one for one in read if isinstance(one, Address)]))
    placed = []
    for spot, address in zip(spots, read, strict=True):
        found = next(known).known if isinstance(address, Address) else None
        placed.append(replace(spot, place=found.point) if found is not None and found.point is not None else spot)
    return placed


def _of_events(events: Sequence[EventSeen]) -> list[Spot]:
    """Newest first, each place once: a later position of one caller is told before the first, vaguer one."""
    found: dict[tuple[str, str], Spot] = {}
    for event in events:
        for location in objects_in(event.payload, "locations"):
            for spot in _spots(location):
                found.setdefault((spot.kind, spot.words or str(spot.place)), spot)
    return sorted(found.values(), key=lambda spot: not isinstance(spot.place, Point))


def _spots(location: Mapping[str, Any]) -> list[Spot]:
    role = str(location.get("role") or INCIDENT)
    written = written_in(location)
    point = _point(location.get("point"))
    spots = []
    if point is not None:
        spots.append(Spot(role, "", point))
    if written:
        # A caller's written address is the subscriber's: where the line is registered, not where somebody stands.
        spots.append(Spot(SUBSCRIBER if role == CALLER else role, written, None))
    return spots


def _point(given: Any) -> Point | None:
    if not isinstance(given, Mapping):
        return None
    figures = {
        name: float(value) for name in ("latitude", "longitude", "easting", "northing", "uncertainty_m")
        if isinstance(value := given.get(name), int | float)
    }  # fmt: skip
    reference = given.get("grid_reference")
    position = Position(**figures, grid_reference=reference if isinstance(reference, str) else None)
    point, _ = understand_position(position)
    return point if point is not None and point.uncertainty_m < LARGEST_UNCERTAINTY_M else None


def _of_markers(session: Session, matches: Sequence[AlertMatch], numbering: Numbering) -> list[Spot]:
    forces, ids = {match.marker_force for match in matches}, [match.target_id for match in matches]
    rows = session.scalars(select(Target).where(Target.force.in_(forces), Target.id.in_(ids))) if ids else ()
    targets = {row.id: row for row in rows}
    return [_marked(targets[match.target_id], numbering) for match in matches if match.target_id in targets]


def _marked(target: Target, numbering: Numbering) -> Spot:
    given = read_json(target.given, {})
    value = target_value(target.kind, given, numbering) if given else None
    if isinstance(value, Circle | Polygon):
        return Spot(MARKED, "", value)
    if isinstance(value, Address):
        text = target.known if target.known_sealed is not None else None
        known = read_known(text) if text and isinstance(read_json(text, None), list) else None
        written = ", ".join(str(given[name]) for name in ("text", "postcode") if given.get(name))
        return Spot(MARKED, written or str(given.get("uprn", "")), value.point or (known.point if known else None))
    if isinstance(value, Phone):
        return Spot(MARKED, value.national, None, is_somewhere=False)
    if isinstance(value, PhoneRange):
        return Spot(MARKED, f"{given['range']['from']} to {given['range']['to']}", None, is_somewhere=False)
    return Spot(MARKED, str(given.get("value", "")), None, is_somewhere=False)
