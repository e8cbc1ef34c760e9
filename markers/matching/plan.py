"""A plan of a few places around one another: metres apart, in which direction, and where each is drawn.

Metres on the plane are those of the Web Mercator projection at the middle of the plan, so that map tiles fit under it;
distances that are told are of the WGS 84 geodesic, as matching's are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pyproj import Geod
from shapely.geometry import Point as Dot
from shapely.ops import nearest_points

from markers.matching.place import polygon_on_plane
from markers.matching.values import Circle, Point, Polygon

_WGS84 = Geod(ellps="WGS84")
TILE = 256
"""Pixels of a map tile's side."""
FINEST_ZOOM = 18
_MARGIN = 1.25
_LEAST_M = 60.0
"""Metres that a plan shows at least on each side of its middle."""
WINDS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")

Place = Point | Circle | Polygon


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a place is from a position: 0 inside it; else metres to its edge, and in which direction it lies."""

    metres: float
    towards: str


def gap_between(here: Point, place: Place) -> Gap:
    """From a position to the nearest of a place."""
    if isinstance(place, Polygon):
        shape = polygon_on_plane(here, place)
        if shape.covers(Dot(0, 0)):
            return Gap(0.0, "")
        nearest = nearest_points(shape, Dot(0, 0))[0]
        return Gap(float(math.hypot(nearest.x, nearest.y)), wind_of(math.degrees(math.atan2(nearest.x, nearest.y))))
    bearing, _, metres = _WGS84.inv(here.longitude, here.latitude, place.longitude, place.latitude)
    radius_m = place.radius_m if isinstance(place, Circle) else 0.0
    return Gap(max(0.0, float(metres) - radius_m), wind_of(float(bearing)))


def wind_of(bearing: float) -> str:
    """A direction in words, of degrees from north over east."""
    return WINDS[round((bearing % 360) / 45) % 8]


def in_words(metres: float) -> str:
    """Metres as somebody says them."""
    if metres < 100:
        return f"{metres:.0f} m"
    if metres < 995:
        return f"{round(metres, -1):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 20_000 else f"{metres / 1000:.0f} km"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A place on the plan, in pixels: a dot, with the radius within which it may be or which it covers; or outlines."""

    x: float
    y: float
    radius: float
    rings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A map tile, and where its corner lies on the plan."""

    zoom: int
    column: int
    row: int
    x: float
    y: float
    side: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn, in the order of the places that were given, with a scale: so many metres are so many pixels."""

    width: int
    height: int
    drawn: tuple[Drawn, ...]
    scale_m: int
    scale_px: float
    tiles: tuple[Tile, ...]


def lay_out(places: Sequence[Place], width: int, height: int) -> Plan | None:
    """All the places on one plan; nothing where there is none."""
    if not places:
        return None
    boxes = [_box(place) for place in places]
    # Around the antimeridian, places are laid beside the first.
    shifts = [_turns(box[0], boxes[0][0]) for box in boxes]
    west, east = (
        min(b[0] + s for b, s in zip(boxes, shifts, strict=True)),
        max(b[2] + s for b, s in zip(boxes, shifts, strict=True)),
    )
    south, north = min(box[1] for box in boxes), max(box[3] for box in boxes)
    middle = Point((south + north) / 2, (west + east) / 2)
    metre = _world_of_metre(middle.latitude)
    half_x = max((east - west) / 360 / 2, _LEAST_M * metre) * _MARGIN
    half_y = max((_y(south) - _y(north)) / 2, _LEAST_M * metre) * _MARGIN
    pixel = max(2 * half_x / width, 2 * half_y / height)
    left, top = _x(middle.longitude) - pixel * width / 2, (_y(south) + _y(north)) / 2 - pixel * height / 2

    def at(longitude: float, latitude: float, turn: float) -> tuple[float, float]:
        return (_x(longitude + turn) - left) / pixel, (_y(latitude) - top) / pixel

    drawn = tuple(_draw(place, turn, at, metre / pixel) for place, turn in zip(places, shifts, strict=True))
    scale_m = _round_figure(width / 4 * pixel / metre)
    return Plan(width, height, drawn, scale_m, scale_m * metre / pixel, _tiles((left, top), pixel, (width, height)))


def _draw(place: Place, turn: float, at: "object", per_metre: float) -> Drawn:
    assert callable(at)
    if isinstance(place, Polygon):
        corners = [[at(longitude, latitude, turn) for longitude, latitude in ring] for ring in place.rings]
        x, y = corners[0][0]
        return Drawn(x, y, 0.0, tuple(" ".join(f"{a:.1f},{b:.1f}" for a, b in ring) for ring in corners))
    x, y = at(place.longitude, place.latitude, turn)
    radius_m = place.radius_m if isinstance(place, Circle) else place.uncertainty_m
    return Drawn(x, y, radius_m * per_metre)


def _box(place: Place) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees, roughly: what has to fit."""
    if isinstance(place, Polygon):
        longitudes, latitudes = zip(*place.rings[0], strict=True)
        return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
    radius_m = place.radius_m if isinstance(place, Circle) else place.uncertainty_m
    reach = math.degrees(radius_m / 6_371_000)
    aside = min(180.0, reach / max(0.01, math.cos(math.radians(place.latitude))))
    return (
        place.longitude - aside, max(-_MOST_NORTHERN, place.latitude - reach), place.longitude + aside,
        min(_MOST_NORTHERN, place.latitude + reach),
    )  # fmt: skip


def _turns(west: float, beside: float) -> float:
    return 360.0 * round((beside - west) / 360)


_MOST_NORTHERN = 85.0
"""Degrees; the projection has no pole."""


def _x(longitude: float) -> float:
    return longitude / 360 + 0.5


def _y(latitude: float) -> float:
    held = math.radians(max(-_MOST_NORTHERN, min(_MOST_NORTHERN, latitude)))
    return 0.5 - math.asinh(math.tan(held)) / (2 * math.pi)


def _world_of_metre(latitude: float) -> float:
    """How much of the projected world's width a metre is there."""
    held = math.radians(max(-_MOST_NORTHERN, min(_MOST_NORTHERN, latitude)))
    return 1 / (2 * math.pi * 6_378_137 * math.cos(held))


def _round_figure(metres: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50 … metres that is no more."""
    power = 10 ** math.floor(math.log10(max(1.0, metres)))
    return int(next(step * power for step in (5, 2, 1) if step * power <= max(1.0, metres)))


def _tiles(corner: tuple[float, float], pixel: float, size: tuple[int, int]) -> tuple[Tile, ...]:
    """The tiles under the plan, at the zoom at which theirs are the next finer pixels."""
    zoom = max(0, min(FINEST_ZOOM, math.ceil(math.log2(1 / (TILE * pixel)))))
    count, side = 2**zoom, 1 / 2**zoom
    left, top = corner
    columns = range(math.floor(left / side), math.floor((left + pixel * size[0]) / side) + 1)
    rows = range(max(0, math.floor(top / side)), min(count - 1, math.floor((top + pixel * size[1]) / side)) + 1)
    return tuple(
        Tile(zoom, column % count, row, (column * side - left) / pixel, (row * side - top) / pixel, side / pixel)
        for row in rows for column in columns
    )  # fmt: skip
