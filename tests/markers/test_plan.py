"""The plan of an alert's places: distances are the geodesic's, everything lies on the plan, and the scale is true."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from markers.matching.plan import FINEST_ZOOM, WINDS, gap_between, in_words, lay_out, wind_of
from markers.matching.values import Circle, Point, Polygon

WGS84 = Geod(ellps="WGS84")
HERE = Point(53.4030, -2.9800, 25)
SQUARE = Polygon((((-2.986, 53.404), (-2.984, 53.404), (-2.984, 53.406), (-2.986, 53.406), (-2.986, 53.404)),))
latitudes, longitudes = st.floats(-80, 80), st.floats(-180, 180)
points = st.builds(Point, latitudes, longitudes, st.floats(0, 1000))


@pytest.mark.parametrize(
    ("bearing", "wind"),
    [
        (0, "north"),
        (44, "north-east"),
        (90, "east"),
        (180, "south"),
        (-90, "west"),
        (359, "north"),
        (-135, "south-west"),
    ],
)
def test_directions_are_said_in_eight_winds(bearing: float, wind: str) -> None:
    assert wind_of(bearing) == wind


@pytest.mark.parametrize(
    ("metres", "said"),
    [(0, "0 m"), (12.4, "12 m"), (99, "99 m"), (123, "120 m"), (996, "1.0 km"), (1500, "1.5 km"), (25_400, "25 km")],
)
def test_metres_are_said_as_people_say_them(metres: float, said: str) -> None:
    assert in_words(metres) == said


def test_the_gap_is_to_the_edge_and_nothing_inside() -> None:
    assert gap_between(HERE, Circle(53.4030, -2.98, 100)).metres == 0
    gap = gap_between(HERE, Circle(53.4048, -2.98, 100))
    assert (round(gap.metres, -1), gap.towards) == (100, "north")
    assert gap_between(Point(53.405, -2.985), SQUARE).metres == 0
    outside = gap_between(HERE, SQUARE)
    assert outside.towards == "north-west"
    assert outside.metres == pytest.approx(WGS84.inv(-2.98, 53.403, -2.984, 53.404)[2], rel=0.01)


@given(points, points)
def test_the_gap_between_points_is_the_geodesics(one: Point, other: Point) -> None:
    gap = gap_between(one, other)
    assert gap.metres == pytest.approx(WGS84.inv(one.longitude, one.latitude, other.longitude, other.latitude)[2])
    assert gap.towards in WINDS


@given(st.lists(points, min_size=1, max_size=6))
def test_everything_lies_on_the_plan(places: list[Point]) -> None:
    plan = lay_out(places, 640, 360)
    assert plan is not None
    assert len(plan.drawn) == len(places)
    for drawn in plan.drawn:
        assert -1 <= drawn.x <= 641
        assert -1 <= drawn.y <= 361
    assert 0 < plan.scale_px <= 320
    assert len(plan.tiles) <= 40
    assert all(0 <= tile.zoom <= FINEST_ZOOM and 0 <= tile.row < 2**tile.zoom for tile in plan.tiles)


@given(latitudes, longitudes, st.floats(10, 20_000))
def test_the_scale_is_true(latitude: float, longitude: float, radius_m: float) -> None:
    """The circle's radius in pixels, by the scale, is its radius in metres (the projection's, at the plan's middle)."""
    plan = lay_out([Circle(latitude, longitude, radius_m)], 640, 360)
    assert plan is not None
    assert plan.drawn[0].radius / plan.scale_px * plan.scale_m == pytest.approx(radius_m, rel=0.01)
    assert str(plan.scale_m)[0] in "125"
    assert set(str(plan.scale_m)[1:]) <= {"0"}


def test_places_on_both_sides_of_the_antimeridian_are_beside_one_another() -> None:
    plan = lay_out([Point(-17, 179.999), Point(-17, -179.999)], 640, 360)
    assert plan is not None
    assert abs(plan.drawn[0].x - plan.drawn[1].x) < 640
    assert plan.scale_m <= 100


def test_an_outline_is_drawn_with_its_holes_and_nothing_is_no_plan() -> None:
    hole = ((-2.9855, 53.4045), (-2.9845, 53.4045), (-2.9845, 53.4055), (-2.9855, 53.4045))
    plan = lay_out([Polygon((*SQUARE.rings, hole))], 640, 360)
    assert plan is not None
    assert [len(ring.split()) for ring in plan.drawn[0].rings] == [5, 4]
    assert lay_out([], 640, 360) is None


def test_tiles_cover_the_plan() -> None:
    plan = lay_out([HERE], 640, 360)
    assert plan is not None
    assert min(tile.x for tile in plan.tiles) <= 0
    assert max(tile.x + tile.side for tile in plan.tiles) >= 640
    assert min(tile.y for tile in plan.tiles) <= 0
    assert max(tile.y + tile.side for tile in plan.tiles) >= 360
    assert all(128 <= tile.side <= 513 or math.isclose(tile.zoom, FINEST_ZOOM) for tile in plan.tiles)
