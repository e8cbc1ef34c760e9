"""Points, circles and polygons: what they mean, which cells they touch, how far apart they are.

Areas and positions meet by H3 cells (an indexed key on both engines) and are then compared exactly: circles on the
WGS 84 geodesic, polygons on a plane laid at the event's position (true to a metre at the sizes that are taken).
"""

import math
from collections.abc import Sequence
from functools import cache

import h3
from pyproj import Geod
from shapely.geometry import Point as Dot
from shapely.geometry import Polygon as Shape
from shapely.geometry.base import BaseGeometry

from markers.matching.values import Circle, Point, Polygon, Problem
from markers.matching.weights import PREMISES_RADIUS_M

LARGEST_RADIUS_M = 50_000.0
"""Metres; a larger circle is no place that a marker could mean."""
LARGEST_UNCERTAINTY_M = 100_000.0
"""Metres; a position that may be anywhere in a region says nothing."""
MOST_CORNERS = 1_000
CELLS_A_MARKER = 200
"""At most this many keys at one resolution; a larger area is kept at the next coarser one."""
RESOLUTIONS = (8, 6, 4)
"""Fine, middle, coarse: cell edges of about 0.5, 3.5 and 25 km."""
RINGS = 6
"""An event's disc is looked up in at most this many rings of cells (127); a larger one at a coarser resolution."""

_WGS84 = Geod(ellps="WGS84")
_SEMI_MAJOR_M, _ECCENTRICITY_2 = _WGS84.a, _WGS84.es


def understand_point(latitude: float, longitude: float, uncertainty_m: float = 0.0) -> Point | Problem:
    """A position on the globe; its uncertainty in metres has been understood (`understand_uncertainty`)."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return Problem("", "point_off_the_globe", "latitude must be -90 to 90, longitude -180 to 180")
    return Point(latitude, longitude, uncertainty_m)


def understand_uncertainty(metres: float | None) -> tuple[float, Problem | None]:
    """The radius within which a position may be, and what is wrong with what was said of it.

    A position is used whatever its uncertainty: one that is none counts as not said, one too large as the largest.
    """
    if metres is None or 0 <= metres <= LARGEST_UNCERTAINTY_M:
        return metres or 0.0, None
    told = f"metres from 0 to {LARGEST_UNCERTAINTY_M:.0f}; the position was used"
    taken = LARGEST_UNCERTAINTY_M if metres > LARGEST_UNCERTAINTY_M else 0.0
    return taken, Problem("uncertainty_m", "uncertainty_not_understood", told)


def understand_circle(latitude: float, longitude: float, radius_m: float) -> Circle | Problem:
    """An area around a centre; its radius is over 0 and up to 50,000 m."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return Problem("circle", "point_off_the_globe", "latitude must be -90 to 90, longitude -180 to 180")
    if not 0 < radius_m <= LARGEST_RADIUS_M:
        return Problem("circle.radius_m", "radius_out_of_range", "metres, over 0 and up to 50,000")
    return Circle(latitude, longitude, radius_m)


def understand_polygon(rings: Sequence[Sequence[tuple[float, float]]]) -> Polygon | Problem:
    """An area inside rings of (longitude, latitude), each closed and of four positions or more, crossing nowhere."""

    def problem(detail: str) -> Problem:
        return Problem("polygon.coordinates", "polygon_not_understood", detail)

    if not rings or sum(len(ring) for ring in rings) > MOST_CORNERS:
        return problem(f"one ring at least, and at most {MOST_CORNERS} positions")
    for ring in rings:
        if len(ring) < 4 or ring[0] != ring[-1]:
            return problem("each ring has four positions or more, the last the same as the first")
        if not all(-180 <= longitude <= 180 and -90 <= latitude <= 90 for longitude, latitude in ring):
            return problem("positions are [longitude, latitude] in degrees on the globe")
    shape = Shape(rings[0], rings[1:])
    if not shape.is_valid or shape.area == 0:
        return problem("the outline crosses itself or encloses nothing")
    polygon = Polygon(tuple(tuple(ring) for ring in rings))
    if not _cover(polygon, RESOLUTIONS[-1]):
        return problem("this area is too large to be a place")
    return polygon


def inner_point(rings: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float]:
    """A (longitude, latitude) that lies inside the outline and in none of its holes."""
    inside = Shape(rings[0], rings[1:]).representative_point()
    return float(inside.x), float(inside.y)


def premises_of(point: Point) -> Circle:
    """What an address's own point may mean: the house and its garden, anywhere within the point's uncertainty."""
    return Circle(point.latitude, point.longitude, PREMISES_RADIUS_M + point.uncertainty_m)


def circle_distance(point: Point, circle: Circle) -> float:
    """Metres from `point` to the centre of `circle`. WGS 84 geodesic (Karney 2013)."""
    return float(_WGS84.inv(point.longitude, point.latitude, circle.longitude, circle.latitude)[2])


def polygon_on_plane(point: Point, polygon: Polygon) -> Shape:
    """`polygon` in metres on a plane laid at `point`, which is its origin."""
    sine = math.sin(math.radians(point.latitude))
    curvature = math.sqrt(1 - _ECCENTRICITY_2 * sine * sine)
    north = math.radians(1) * _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / curvature**3
    east = math.radians(1) * _SEMI_MAJOR_M / curvature * math.cos(math.radians(point.latitude))

    def flat(longitude: float, latitude: float) -> tuple[float, float]:
        turn = (longitude - point.longitude + 180) % 360 - 180
        return turn * east, (latitude - point.latitude) * north

    outline, *holes = ([flat(*corner) for corner in ring] for ring in polygon.rings)
    return Shape(outline, holes)


def disc_on_plane(radius_m: float, east_m: float = 0.0) -> BaseGeometry:
    """A disc of `radius_m` metres around a point `east_m` metres east of the plane's origin."""
    return Dot(east_m, 0).buffer(radius_m, quad_segs=32)


def encloses(area: Circle | Polygon, radius_m: float) -> bool:
    """Is `area` large enough to hold a disc of `radius_m` metres? Said by its size: false only where it can't.

    A tenth is allowed for the plane, which is laid at the outline's first corner.
    """
    if isinstance(area, Circle):
        return area.radius_m >= radius_m
    return polygon_on_plane(Point(area.rings[0][0][1], area.rings[0][0][0]), area).area >= 0.9 * math.pi * radius_m**2


def area_cells(area: Circle | Polygon) -> dict[int, frozenset[str]]:
    """Resolution → the cells that `area` touches, for each resolution at which they are few enough to be kept."""
    covers = {resolution: _cover(area, resolution) for resolution in RESOLUTIONS}
    return {resolution: cells for resolution, cells in covers.items() if cells}


def disc_cells(point: Point, reach_m: float) -> tuple[int, frozenset[str]]:
    """The finest resolution at which the disc of `reach_m` metres around `point` is few cells, and those cells.

    Every place within `reach_m` lies in one of them: cells are taken in rings, as many as the narrowest edge near the
    position needs (0.9 of it: neighbours may be smaller), after the formula proven in `tests/markers/test_place.py`.
    """
    for resolution in RESOLUTIONS[:-1]:
        if _rings(point, reach_m, resolution) <= RINGS:
            return resolution, disc_cells_at(point, reach_m, resolution)
    return RESOLUTIONS[-1], disc_cells_at(point, reach_m, RESOLUTIONS[-1])


def cell_of(point: Point, resolution: int) -> str:
    """The cell in which a position lies."""
    return str(h3.latlng_to_cell(point.latitude, point.longitude, resolution))


def disc_cells_at(point: Point | Circle, reach_m: float, resolution: int) -> frozenset[str]:
    """Cells of one resolution that together hold the whole disc of `reach_m` metres around `point`."""
    cell = h3.latlng_to_cell(point.latitude, point.longitude, resolution)
    return frozenset(h3.grid_disk(cell, _rings(point, reach_m, resolution)))


def _rings(point: Point | Circle, reach_m: float, resolution: int) -> int:
    cell = h3.latlng_to_cell(point.latitude, point.longitude, resolution)
    return math.ceil((reach_m / _narrow_edge_m(cell) + 0.5) / 1.5)


@cache
def _coarse_edge_m(parent: str, resolution: int) -> float:
    """The narrowest edge, in metres, of the cell of `resolution` in the middle of `parent`."""
    middle = h3.cell_to_center_child(parent, resolution) if h3.get_resolution(parent) < resolution else parent
    return 0.9 * float(min(h3.edge_length(edge, unit="m") for edge in h3.origin_to_directed_edges(middle)))


def _narrow_edge_m(cell: str) -> float:
    # Edges change slowly: cells of one parent two steps up share the figure, so that it is computed once a district.
    resolution = h3.get_resolution(cell)
    return _coarse_edge_m(h3.cell_to_parent(cell, max(0, resolution - 3)), resolution)


def _cover(area: Circle | Polygon, resolution: int) -> frozenset[str]:
    """The cells that `area` touches; none when they would be more than a marker may keep."""
    largest = CELLS_A_MARKER * h3.average_hexagon_area(resolution, unit="m^2")
    if isinstance(area, Circle):
        if math.pi * area.radius_m**2 > largest:
            return frozenset()
        return disc_cells_at(area, area.radius_m, resolution)
    # Without its holes: of a cell in which a hole lies whole, H3 says that it touches nothing (found by a test). What
    # lies in a hole is told apart when it is compared.
    outline = tuple((latitude, longitude) for longitude, latitude in area.rings[0])
    plane = Shape(polygon_on_plane(Point(*outline[0]), area).exterior)
    # Asked before covering: a long thin outline encloses little and yet touches cells by the million.
    if plane.area > largest or plane.length > CELLS_A_MARKER * h3.average_hexagon_edge_length(resolution, unit="m"):
        return frozenset()
    cells = h3.h3shape_to_cells_experimental(h3.LatLngPoly(outline), resolution, contain="overlap")
    return frozenset(cells) if len(cells) <= CELLS_A_MARKER else frozenset()
