"""Does this part of an event mean this target, how surely, and why?

Numbers and identifiers agree or they do not; places are measured; addresses are compared part by part (`addresses.py`).
"""

from dataclasses import replace

from markers.matching.addresses import compare_addresses
from markers.matching.doors import says_a_part
from markers.matching.evidence import CERTAIN, Level, Match
from markers.matching.keys import FAINT
from markers.matching.place import circle_distance, disc_on_plane, polygon_on_plane
from markers.matching.ranges import holds, size_of
from markers.matching.reference import related
from markers.matching.values import (
    Address,
    Circle,
    Identifier,
    IdentifierKind,
    Part,
    Phone,
    PhoneRange,
    Point,
    Polygon,
    Role,
    TargetValue,
)
from markers.matching.weights import NEAR_M, POSSIBLE_SCORE, PREMISES_RADIUS_M, VAGUE_M

TELLING_ROLES = {
    Phone: frozenset({Role.CALLER}),
    Address: frozenset({Role.CALLER, Role.INCIDENT}),
    Point: frozenset({Role.CALLER, Role.INCIDENT}),
    # A car that was seen or an account that wrote: nobody is on the line.
    Identifier: frozenset[Role](),
}
"""Roles in which a certain match may make an alert immediate: what is only mentioned may be elsewhere."""


def compare(target: TargetValue, part: Part, near_m: float = NEAR_M) -> Match | None:
    """The match of `part` with `target`, or `None`; every part that the level rests on stands in its evidence."""
    match part.value, target:
        case Phone() as called, Phone() as marked:
            found = _phones(marked, called, part.role)
        case Phone() as called, PhoneRange() as block:
            found = _in_range(block, called, part.role)
        case Identifier() as named, Identifier() as marked_thing:
            found = _identifiers(marked_thing, named)
        case Address() as told, Address() as marked_address:
            by_text = compare_addresses(marked_address, told)
            found = _higher(by_text, related(marked_address, told, by_text))
        case Point(of_address=True), Address():
            # Its text was compared: doors of a terrace stand closer than a position can tell.
            found = None
        case Point() as point, Circle() as circle:
            found = _in_circle(circle, point, near_m)
        case Point() as point, Polygon() as polygon:
            found = _in_polygon(polygon, point, near_m)
        case Point() as point, Address() as marked_address:
            own = marked_address.point or (marked_address.known.point if marked_address.known else None)
            found = _at_address(own, point, near_m) if own else None
        case _:
            found = None
    return _with_facts(found, part) if found else None


def of_key_alone(key_kind: str, part: Part) -> Match | None:
    """What the shared key proves where the target's own text can't be opened.

    `tel`, `tb` and `uprn` name the one number, its block or the premises, so their level stands; any other key says
    `possible` at most. What a vague position merely touches is no match: one mast must not raise what can't be read.
    """
    if key_kind == FAINT:
        return None
    said = "the marker's own text can't be opened: judged by its key alone"
    level = _PROVEN_BY_KEY.get(key_kind, Level.POSSIBLE)
    if isinstance(part.value, Phone) and part.value.supposed_area:
        level = Level.POSSIBLE
    return _with_facts(Match(level=level, score=1.0 if level in CERTAIN else 0.5, evidence=(said,)), part)


_PROVEN_BY_KEY = {
    "tel": Level.EXACT_NUMBER,
    "tb": Level.IN_RANGE,
    "uprn": Level.SAME_PREMISES,
    "in": Level.SAME_BUILDING,
}


def _higher(one: Match | None, other: Match | None) -> Match | None:
    """The stronger of two, with what the other says of the same level behind it."""
    found = [match for match in (one, other) if match]
    if not found:
        return None
    first = max(found, key=lambda match: match.rank)
    said = [line for match in (first, *found) if match.level is first.level for line in match.evidence]
    return replace(first, evidence=tuple(dict.fromkeys(said)))


def _with_facts(found: Match, part: Part) -> Match:
    gave_no_unit = isinstance(part.value, Address) and not says_a_part(part.value)
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
    return _number(Level.EXACT_NUMBER, called, f"{_AS[role]} {called.national} is the marked one", marked.extension)


def _in_range(block: PhoneRange, called: Phone, role: Role) -> Match | None:
    if not holds(block, called):
        return None
    ends = f"from {block.first.national} to {block.last.national}"
    one = f"one of the {size_of(block):,} marked ones {ends}" if size_of(block) > 1 else "the marked one"
    said = f"{_AS[role]} {called.national} is {one}"
    return _number(Level.IN_RANGE, called, said, None)


def _number(level: Level, called: Phone, said: str, marked_extension: str | None) -> Match:
    evidence = [said]
    if called.supposed_area:
        evidence = [f"the number was given without its area code; with {called.supposed_area} in front, {said}"]
    if called.extension or marked_extension:
        evidence.append("the extension was not compared")
    if called.supposed_area:
        return Match(level=Level.POSSIBLE, score=POSSIBLE_SCORE, evidence=tuple(evidence))
    return Match(level=level, score=1.0, evidence=tuple(evidence))


_THINGS = {
    IdentifierKind.VEHICLE: "registration mark",
    IdentifierKind.EMAIL: "e-mail address",
    IdentifierKind.ACCOUNT: "account",
}


def _identifiers(marked: Identifier, named: Identifier) -> Match | None:
    if (marked.kind, marked.skeleton) != (named.kind, named.skeleton):
        return None
    thing = _THINGS[named.kind]
    if marked.value == named.value:
        said = f"the {thing} {named.said} is the marked one"
        return Match(level=Level.EXACT_IDENTIFIER, score=1.0, evidence=(said,))
    said = f"the {thing} {named.said} is the marked {marked.said} if O and 0, or I and 1, were mixed up"
    return Match(level=Level.POSSIBLE, score=POSSIBLE_SCORE, evidence=(said,))


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


def _at_address(own: Point, point: Point, near_m: float) -> Match | None:
    """Where the marked address's own point may be off, so may be what is said of the distance."""
    premises = Circle(own.latitude, own.longitude, PREMISES_RADIUS_M)
    both = replace(point, uncertainty_m=point.uncertainty_m + own.uncertainty_m)
    return _in_circle(premises, both, near_m, "the marked address")


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
        evidence=(f"{_what(point)}{_give_or_take(point)} is inside {name}, {margin_m:.0f} m from its edge",),
    )


def _may_be_inside(point: Point, gap_m: float, share: float, name: str) -> Match:
    side = f"{gap_m:.0f} m outside" if gap_m >= 0 else f"{-gap_m:.0f} m inside"
    said = [f"the position is {side} the edge of {name} and may be {point.uncertainty_m:.0f} m off"]
    said.append(
        f"{share:.0%} of where it may be lies inside" if share >= 0.01 else "of where it may be, a little lies inside"
    )
    vague = point.uncertainty_m > VAGUE_M
    if vague:
        said.append("too uncertain to raise an alert by itself")
    return Match(level=Level.MAY_BE_INSIDE, score=max(share, 0.001), evidence=tuple(said), raises=not vague)


def _near(point: Point, gap_m: float, near_m: float, name: str) -> Match | None:
    apart = gap_m - point.uncertainty_m
    if apart > near_m:
        return None
    said = f"{_what(point)}{_give_or_take(point)} is {gap_m:.0f} m outside {name}"
    score = 0.5 * (1 - apart / near_m) if near_m else 0.0
    return Match(level=Level.NEAR, score=score, evidence=(said,), raises=False)


def _what(point: Point) -> str:
    return "the address, where the gazetteer has it," if point.of_address else "the position"


def _give_or_take(point: Point) -> str:
    return f" (give or take {point.uncertainty_m:.0f} m)" if point.uncertainty_m else ""
