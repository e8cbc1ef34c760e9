"""Points with their uncertainty against circles and polygons; cells that never miss."""

import math
import random

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from markers.matching.compare import compare
from markers.matching.evidence import Level, Match
from markers.matching.keys import asked_keys, faint_keys, stored_keys
from markers.matching.place import (
    RESOLUTIONS,
    area_cells,
    disc_cells,
    disc_on_plane,
    polygon_on_plane,
    understand_circle,
    understand_point,
    understand_polygon,
    understand_uncertainty,
)
from markers.matching.values import Circle, Point, Polygon, Problem, Role
from tests.builders import a_part

GEOD = Geod(ellps="WGS84")
ZONE = Circle(53.4, -2.98, 150)
SQUARE = [(-2.981, 53.399), (-2.979, 53.399), (-2.979, 53.401), (-2.981, 53.401), (-2.981, 53.399)]


def moved(latitude: float, longitude: float, metres: float, bearing: float = 90) -> Point:
    east, north, _ = GEOD.fwd(longitude, latitude, bearing, metres)
    return Point(north, east)


def at(metres: float, uncertainty_m: float = 0) -> Match | None:
    """A position `metres` east of the zone's centre."""
    here = moved(ZONE.latitude, ZONE.longitude, metres)
    return compare(ZONE, a_part(Point(here.latitude, here.longitude, uncertainty_m), Role.CALLER))


@pytest.mark.parametrize(
    ("metres", "uncertainty_m", "expected", "raises"),
    [
        (0, 0, "inside", True),
        (100, 49, "inside", True),
        (100, 60, "may_be_inside", True),
        (160, 25, "may_be_inside", True),
        (160, 5, "near", False),
        (249, 0, "near", False),
        (260, 0, None, False),
        (260, 20, "near", False),
        (1000, 500, None, False),
        (600, 500, "may_be_inside", True),
        (600, 501, "may_be_inside", False),
        (0, 3000, "may_be_inside", False),
    ],
)
def test_the_level_of_a_position(metres: float, uncertainty_m: float, expected: str | None, raises: bool) -> None:  # noqa: FBT001
    match = at(metres, uncertainty_m)
    assert (match.level.value if match else None, match.raises if match else False) == (expected, raises)


def test_the_evidence_gives_the_distance() -> None:
    match = at(160, 5)
    assert match is not None
    assert match.evidence == ("the position (give or take 5 m) is 10 m outside the marked area",)


def test_a_position_is_telling_where_the_caller_or_the_incident_is_and_not_where_it_is_only_mentioned() -> None:
    here = Point(ZONE.latitude, ZONE.longitude)
    telling = {}
    for role in (Role.CALLER, Role.INCIDENT, Role.MENTIONED):
        match = compare(ZONE, a_part(here, role))
        telling[role] = match is not None and match.telling
    assert telling == {Role.CALLER: True, Role.INCIDENT: True, Role.MENTIONED: False}


def test_a_hole_in_a_polygon_is_outside() -> None:
    hole = [(-2.9803, 53.3997), (-2.9797, 53.3997), (-2.9797, 53.4003), (-2.9803, 53.4003), (-2.9803, 53.3997)]
    polygon = understand_polygon([SQUARE, hole])
    assert isinstance(polygon, Polygon)
    middle = compare(polygon, a_part(Point(53.4, -2.98), Role.CALLER))
    beside = compare(polygon, a_part(Point(53.4006, -2.9806), Role.CALLER))
    assert (middle.level.value if middle else None) == "near"
    assert (beside.level.value if beside else None) == "inside"


@pytest.mark.parametrize(
    "rings",
    [
        [],
        [[(0, 0), (1, 1), (0, 0)]],
        [[(0, 0), (1, 0), (1, 1), (0, 1)]],
        [[(0, 0), (0.01, 0.01), (0.01, 0), (0, 0.01), (0, 0)]],
        [[(0, 0), (0, 0), (0, 0), (0, 0)]],
        [[(0, 95), (1, 95), (1, 96), (0, 95)]],
        [[(-179, -80), (179, -80), (179, 80), (-179, 80), (-179, -80)]],
    ],
)
def test_a_polygon_that_means_no_place_is_a_problem(rings: list[list[tuple[float, float]]]) -> None:
    assert isinstance(understand_polygon(rings), Problem)


@pytest.mark.parametrize("radius", [0, -5, 50_001, 1e9])
def test_a_radius_that_means_no_place_is_a_problem(radius: float) -> None:
    assert isinstance(understand_circle(53.4, -2.98, radius), Problem)


def test_a_point_off_the_globe_is_a_problem() -> None:
    assert understand_point(91, 0) == Problem(
        "", "point_off_the_globe", "latitude must be -90 to 90, longitude -180 to 180"
    )


@pytest.mark.parametrize(
    ("said", "taken", "is_odd"),
    [(None, 0, False), (0, 0, False), (25, 25, False), (100_000, 100_000, False), (-1, 0, True), (1e6, 100_000, True),
     (math.inf, 100_000, True), (math.nan, 0, True)],
)  # fmt: skip
def test_a_position_is_used_whatever_is_said_of_its_uncertainty(
    said: float | None, taken: float, *, is_odd: bool
) -> None:
    metres, problem = understand_uncertainty(said)
    assert (metres, problem is not None) == (taken, is_odd)
    if problem:
        assert problem.at == "uncertainty_m"


def test_discs_are_covered_wherever_they_lie() -> None:
    """10,000 places in discs from 3 m to 50 km, over the United Kingdom and the globe: none outside the cells."""
    seeded = random.Random(20261124)
    for trial in range(500):
        latitude, longitude = seeded.uniform(49.9, 60.8), seeded.uniform(-8, 1.8)
        if trial % 3 == 0:
            latitude, longitude = math.degrees(math.asin(seeded.uniform(-1, 1))), seeded.uniform(-180, 180)
        reach = 10 ** seeded.uniform(0.5, 4.7)
        resolution, cells = disc_cells(Point(latitude, longitude), reach)
        assert len(cells) <= 127
        for _ in range(20):
            place = moved(latitude, longitude, reach * math.sqrt(seeded.random()), seeded.uniform(0, 360))
            assert h3.latlng_to_cell(place.latitude, place.longitude, resolution) in cells


@given(
    st.floats(-60, 60), st.floats(-179, 179), st.floats(1, 50_000), st.floats(0, 360), st.floats(0, 1),
    st.floats(0, 20_000),
)  # fmt: skip
def test_a_position_that_may_be_in_an_area_shares_a_key_with_it(
    latitude: float, longitude: float, radius: float, bearing: float, share: float, uncertainty_m: float
) -> None:
    """However large the area and however uncertain the position, one question finds it; of what raises nothing, a few."""
    area = Circle(latitude, longitude, radius)
    place = moved(latitude, longitude, share * (radius + uncertainty_m), bearing)
    point = Point(place.latitude, place.longitude, uncertainty_m)
    assert stored_keys(area) & (asked_keys(point) | faint_keys(point))
    match = compare(area, a_part(point))
    if match and match.raises:
        assert stored_keys(area) & asked_keys(point)


@given(st.floats(-60, 60), st.floats(-179, 179), st.floats(600, 50_000), st.floats(0, 360), st.floats(0, 1))
def test_a_vague_position_that_an_area_holds_whole_is_asked_for_by_one_cell_a_resolution(
    latitude: float, longitude: float, radius: float, bearing: float, share: float
) -> None:
    uncertainty_m = max(500.1, radius * share)
    place = moved(latitude, longitude, max(0, radius - uncertainty_m) * 0.99, bearing)
    point = Point(place.latitude, place.longitude, uncertainty_m)
    area = Circle(latitude, longitude, radius)
    assert len(asked_keys(point)) == 3
    match = compare(area, a_part(point))
    assert match is not None
    if match.level is Level.INSIDE:
        assert stored_keys(area) & asked_keys(point)


def around(latitude: float, longitude: float, radius: float, seeded: random.Random) -> list[tuple[float, float]]:
    """A ragged ring of (longitude, latitude) around a place."""
    corners = [moved(latitude, longitude, radius * seeded.uniform(0.5, 1), 360 * turn / 9) for turn in range(9)]
    ring = [(corner.longitude, corner.latitude) for corner in corners]
    return [*ring, ring[0]]


def test_a_polygon_with_a_hole_is_never_missed() -> None:
    """10,000 positions, 3 m to 20 km uncertain, against 500 outlines with holes: what may be inside shares a key."""
    seeded = random.Random(26)
    compared = 0
    for trial in range(500):
        latitude, longitude = seeded.uniform(49.9, 60.8), seeded.uniform(-8, 1.8)
        if trial % 4 == 0:
            latitude, longitude = seeded.uniform(-80, 80), seeded.uniform(-179, 179)
        radius = 10 ** seeded.uniform(1.5, 4.3)
        rings = [around(latitude, longitude, radius, seeded), around(latitude, longitude, radius / 4, seeded)]
        polygon = understand_polygon(rings)
        assert isinstance(polygon, Polygon)
        kept = stored_keys(polygon)
        for _ in range(20):
            uncertainty_m = 10 ** seeded.uniform(0.5, 4.3)
            place = moved(latitude, longitude, (radius + uncertainty_m) * seeded.random(), seeded.uniform(0, 360))
            point = Point(place.latitude, place.longitude, uncertainty_m)
            match = compare(polygon, a_part(point))
            compared += match is not None
            if match:
                assert kept & (asked_keys(point) if match.raises else asked_keys(point) | faint_keys(point))
            if match and match.level is Level.INSIDE:
                # Exactly so: on the plane at the position, all of the disc lies in the outline and in no hole.
                disc = disc_on_plane(uncertainty_m)
                assert polygon_on_plane(point, polygon).buffer(0.01).contains(disc)
    assert compared > 5_000


@pytest.mark.parametrize("latitude", [-90, -89.9999, 0, 89.9999, 90])
@pytest.mark.parametrize("longitude", [-180, -179.9999, 0, 179.9999, 180])
@pytest.mark.parametrize("uncertainty_m", [0, 30, 900, 20_000])
def test_no_place_on_the_globe_crashes(latitude: float, longitude: float, uncertainty_m: float) -> None:
    point = Point(latitude, longitude, uncertainty_m)
    for radius in (1, 300, 50_000):
        assert stored_keys(Circle(latitude, longitude, radius))
        assert compare(Circle(latitude, longitude, radius), a_part(point)) is not None
    assert asked_keys(point)
    assert faint_keys(point) is not None
    for turn in (-0.01, 0.01):
        near = max(-90.0, min(90.0, latitude + turn))
        ring = [(0.0, near), (0.02, near), (0.02, near - turn / 2), (0.0, near - turn / 2), (0.0, near)]
        polygon = understand_polygon([ring])
        if isinstance(polygon, Polygon):
            assert stored_keys(polygon)
            compare(polygon, a_part(point))


def test_a_position_that_may_be_anywhere_in_a_region_is_asked_for_no_more() -> None:
    assert faint_keys(Point(53.4, -2.98, 20_000))
    assert not faint_keys(Point(53.4, -2.98, 30_000))
    assert not faint_keys(Point(53.4, -2.98, 500))


def test_an_area_costs_a_bounded_number_of_keys() -> None:
    for radius in (1, 100, 1000, 5000, 20_000, 50_000):
        covers = area_cells(Circle(53.4, -2.98, radius))
        assert set(covers) <= set(RESOLUTIONS)
        assert all(len(cells) <= 220 for cells in covers.values())


@pytest.mark.parametrize(
    "point", [Point(90, 0), Point(-90, 0), Point(0, 180), Point(0, -180), Point(12, 179.9999, 900)]
)
def test_the_poles_and_the_antimeridian_do_not_crash(point: Point) -> None:
    assert asked_keys(point)
    assert compare(Circle(point.latitude, -point.longitude, 500), a_part(point, Role.CALLER)) is not None
