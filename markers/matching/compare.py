"""Does this part of an event mean this target, how surely, and why?

Numbers agree or they do not; places are measured; addresses are compared part by part (`addresses.py`).
"""

from markers.matching.addresses import compare_addresses
from markers.matching.evidence import CERTAIN, Level, Match
from markers.matching.keys import FAINT
from markers.matching.place import circle_distance, disc_on_plane, polygon_on_plane
from markers.matching.values import (
    Address,
    Circle,
    Part,
    Phone,
    Point,
    Polygon,
    Role,
    TargetValue,
)
from markers.matching.weights import NEAR_M, PREMISES_RADIUS_M, VAGUE_M

TELLING_ROLES = {
    Phone: frozenset({Role.CALLER}),
    Address: frozenset({Role.CALLER, Role.INCIDENT}),
    Point: frozenset({Role.CALLER, Role.INCIDENT}),
}
"""Roles in which a certain match may make an alert immediate: what is only mentioned may be elsewhere."""


def compare(target: TargetValue, part: Part, near_m: float = NEAR_M) -> Match | None:
    """The match of `part` with `target`, or `None`; every part that the level rests on stands in its evidence."""
    match part.value, target:
        case Phone() as called, Phone() as marked:
            found = _phones(marked, called, part.role)
        case Address() as told, Address() as marked_address:
            found = compare_addresses(marked_address, told)
        case Point() as point, Circle() as circle:
            found = _in_circle(circle, point, near_m)
        case Point() as point, Polygon() as polygon:
            found = _in_polygon(polygon, point, near_m)
        case Point() as point, Address(point=Point() as own):
            premises = Circle(own.latitude, own.longitude, PREMISES_RADIUS_M)
            found = _in_circle(premises, point, near_m, "the marked address")
        case _:
            found = None
    return _with_facts(found, part) if found else None


def of_key_alone(key_kind: str, part: Part) -> Match | None:
    """What the shared key proves where the target's own text can't be opened.

    `tel` and `uprn` name the one number or premises, so their level stands; any other key says `possible` at most. What
    a vague position merely touches is no match: one mast must not raise whatever can't be read.
    """
    if key_kind == FAINT:
        return None
    said = "the marker's own text can't be opened: judged by its key alone"
    level = {"tel": Level.EXACT_NUMBER, "uprn": Level.SAME_PREMISES}.get(key_kind, Level.POSSIBLE)
    return _with_facts(Match(level=level, score=1.0 if level in CERTAIN else 0.5, evidence=(said,)), part)


def _with_facts(found: Match, part: Part) -> Match:
    gave_no_unit = isinstance(part.value, Address) and part.value.unit is None
    certain = found.level in CERTAIN or (found.level is Level.SAME_BUILDING and gave_no_unit)
    return Match(
        level=found.level,
        score=round(min(1.0, max(0.0, found.score)), 3),
        evidence=found.evidence,
        raises=found.raises,
        certain=certain,
        telling=certain and part.role in TELLING_ROLES[type(part.value)],
    )


_AS = {
    Role.CALLER: "the caller's number",
    Role.CALLED: "the number called",
    Role.MENTIONED: "a number that was mentioned",
    Role.INCIDENT: "a number at the incident",
}


def _phones(marked: Phone, called: Phone, role: Role) -> Match | None:
    if marked.e164 != called.e164:
        return None
    said = [f"{_AS[role]} {called.national} is the marked one"]
    if called.extension or marked.extension:
        said.append("the extension was not compared")
    return Match(level=Level.EXACT_NUMBER, score=1.0, evidence=tuple(said))


def _in_circle(circle: Circle, point: Point, near_m: float, name: str = "the marked area") -> Match | None:
    distance = circle_distance(point, circle)
    if distance + point.uncertainty_m <= circle.radius_m:
        return _inside(point, circle.radius_m - distance, name)
    gap = distance - circle.radius_m
    if gap < point.uncertainty_m:
        if point.uncertainty_m == 0:
            return _inside(point, -gap, name)
        disc, area = disc_on_plane(point.uncertainty_m), disc_on_plane(circle.radius_m, distance)
        return _may_be_inside(point, gap, disc.intersection(area).area / disc.area, name)
    return _near(point, gap, near_m, name)


def _in_polygon(polygon: Polygon, point: Point, near_m: float) -> Match | None:
    shape, here = polygon_on_plane(point, polygon), disc_on_plane(max(point.uncertainty_m, 0.01))
    edge = shape.exterior.union(shape.interiors[0]) if len(shape.interiors) == 1 else shape.boundary
    centre = here.centroid
    to_edge, within = edge.distance(centre), shape.contains(centre)
    gap = -to_edge if within else to_edge
    name = "the marked area"
    if within and to_edge >= point.uncertainty_m:
        return _inside(point, to_edge, name)
    if gap < point.uncertainty_m:
        return _may_be_inside(point, gap, shape.intersection(here).area / here.area, name)
    return _near(point, gap, near_m, name)


def _inside(point: Point, margin_m: float, name: str) -> Match:
    return Match(
        level=Level.INSIDE,
        score=1.0,
        evidence=(f"the position{_give_or_take(point)} is inside {name}, {margin_m:.0f} m from its edge",),
    )


def _may_be_inside(point: Point, gap_m: float, share: float, name: str) -> Match:
    side = f"{gap_m:.0f} m outside" if gap_m >= 0 else f"{-gap_m:.0f} m inside"
    said = [f"the position is {side} the edge of {name} and may be {point.uncertainty_m:.0f} m off"]
    said.append(f"{share:.0%} of where it may be lies inside")
    vague = point.uncertainty_m > VAGUE_M
    if vague:
        said.append("too uncertain to raise an alert by itself")
    return Match(level=Level.MAY_BE_INSIDE, score=max(share, 0.001), evidence=tuple(said), raises=not vague)


def _near(point: Point, gap_m: float, near_m: float, name: str) -> Match | None:
    apart = gap_m - point.uncertainty_m
    if apart > near_m:
        return None
    said = f"the position{_give_or_take(point)} is {gap_m:.0f} m outside {name}"
    score = 0.5 * (1 - apart / near_m) if near_m else 0.0
    return Match(level=Level.NEAR, score=score, evidence=(said,), raises=False)


def _give_or_take(point: Point) -> str:
    return f" (give or take {point.uncertainty_m:.0f} m)" if point.uncertainty_m else ""
