"""Measures of desks and shifts: pure figures, and the route that tells them."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.measures import Measured, measure
from alerts.rules.words import Priority
from tests.builders import NOON, from_number, on_phone
from tests.world import CIRCLE, World

EARLY = NOON - timedelta(hours=12)


def an_alert(minute: float, **more: Any) -> Measured:
    given: dict[str, Any] = {
        "raised_at": EARLY + timedelta(minutes=minute), "priority": Priority.ROUTINE, "answered_by": frozenset(),
        "acknowledged_at": None, "resolved_at": None, "event_count": 1, "escalations": 0,
    }  # fmt: skip
    return Measured(**(given | more))


def answered(minute: float, after_s: float, by: str = "Priya", **more: Any) -> Measured:
    at = EARLY + timedelta(minutes=minute, seconds=after_s)
    return an_alert(
        minute, answered_by=frozenset({by}), acknowledged_at=at, resolved_at=at + timedelta(minutes=5), **more
    )


def test_nothing_is_nothing() -> None:
    told = measure([], EARLY, NOON)
    assert (told.alerts, told.median_s, told.share["immediate"], told.repeats) == (0, None, 0.0, 0.0)


def test_rates_floods_shares_and_answers() -> None:
    quiet = [answered(30 * number, 20 + number) for number in range(4)]
    flood = [answered(300 + number / 2, 60, priority=Priority.IMMEDIATE, event_count=2) for number in range(12)]
    told = measure([*quiet, *flood], EARLY, NOON)
    assert (told.alerts, told.people, told.floods, told.flooded_min) == (16, 1, 1, 10)
    assert (told.most_in_10_min, told.share["immediate"], told.too_many_at_the_top) == (12.0, 0.75, True)
    assert (told.median_s, told.p95_s, told.standing) == (60.0, 60.0, 0)
    assert told.repeats == round(1 - 16 / 28, 3)
    two = measure([*quiet, *(answered(300 + n / 2, 9, by=("Sam", "Priya")[n % 2]) for n in range(12))], EARLY, NOON)
    assert (two.people, two.floods) == (2, 0), "shared by two it is none"


def test_a_flood_lasts_until_it_is_calm_again() -> None:
    alerts = [an_alert(number / 2) for number in range(15)] + [an_alert(12 + number) for number in range(6)]
    alerts += [an_alert(22)]
    told = measure(alerts, EARLY, NOON)
    assert (told.floods, told.flooded_min) == (1, 20)


def test_what_stands_and_what_is_stale() -> None:
    alerts = [an_alert(0), answered(1, 5), an_alert(2, escalations=3)]
    told = measure(alerts, EARLY, NOON)
    assert (told.standing, told.stale, told.escalated) == (2, 0, 1)
    assert measure(alerts, EARLY, NOON + timedelta(hours=13)).stale == 2


@given(st.lists(st.floats(0, 719.9), max_size=60))
def test_every_alert_is_counted_in_one_ten_minutes(minutes: list[float]) -> None:
    told = measure([an_alert(minute) for minute in minutes], EARLY, NOON)
    assert told.alerts == len(minutes)
    assert told.per_person_in_10_min == pytest.approx(len(minutes) / 72, abs=0.01)
    assert sum(told.share.values()) == pytest.approx(1.0 if minutes else 0.0)


def test_a_supervisor_reads_them_for_desks_and_shifts(world: World) -> None:
    world.place(on_phone(), risk="standard")
    world.place(on_phone("07700 900300"), risk="high", queue="dispatch")
    for number in ("07700 900123", "07700 900123", "07700 900300"):
        world.happen(**from_number(number))
    world.clock.advance(seconds=40)
    world.move(world.queue(queue="control-room")[0]["id"], "acknowledge", {})
    every, *desks = world.get("/v1/measures", "Sam").json()["items"]
    assert (every["queue"], every["alerts"], every["acknowledged"], every["median_s"]) == (None, 3, 1, 40.0)
    assert {one["queue"]: one["alerts"] for one in desks} == {"control-room": 2, "dispatch": 1}
    [one] = world.get("/v1/measures", "Sam", queue="dispatch").json()["items"]
    assert (one["queue"], one["alerts"], one["share"]["urgent"]) == ("dispatch", 1, 1.0)
    for who in ("Priya", "Owen", "Tess", "Ada", "Alex"):
        assert world.get("/v1/measures", who).status_code == 403


def test_as_csv(world: World) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    world.clock.advance(seconds=1)
    answer = world.client.get("/v1/measures", headers=world.headers("Sam") | {"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    first, second = csv.DictReader(io.StringIO(answer.text))
    assert (first["queue"], first["alerts"], second["queue"], second["share_urgent"]) == (
        "all",
        "1",
        "control-room",
        "1.0",
    )


def test_a_circle_counts_inside_it_alone(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number())
    world.clock.advance(seconds=1)
    assert [one["alerts"] for one in world.get("/v1/measures", "Sam").json()["items"]] == [0]


@pytest.mark.parametrize(
    "asked", [{"since": "2026-11-25T00:00:00Z"}, {"since": "2026-01-01T00:00:00Z"}, {"until": "soon"}]
)
def test_a_span_that_is_none_is_named(world: World, asked: dict[str, str]) -> None:
    answer = world.get("/v1/measures", "Sam", **asked)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, next(iter(asked)))
