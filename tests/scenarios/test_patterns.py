"""Fixated, obsessive, unwanted, repeated: single events add up, and the alert says how."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.case_rounds import look_over_cases
from db.ids import new_ids
from tests.builders import NOON, from_number, on_address, on_circle, on_phone
from tests.scenarios.safeguarding import CONTACT, HERS, HIS, call, open_case, record_order, reviews
from tests.world import CIRCLE, World


def then(days: float = 0, **more: Any) -> dict[str, Any]:
    return {"occurred_at": (NOON - timedelta(days=days)).isoformat()} | more


def windows(alert: dict[str, Any]) -> dict[int, dict[str, int]]:
    return {one["days"]: one for one in alert["pattern"]["windows"]}


def newest(world: World, as_: str = "Priya") -> dict[str, Any]:
    return max(world.queue(as_, limit=200), key=lambda one: int(one["number"].lstrip("c")))


def test_a_first_event_is_no_pattern_and_is_counted(world: World) -> None:
    world.place(risk="standard")
    world.happen(**from_number())
    alert = world.alert()
    assert windows(alert)[7] == {"days": 7, "events": 1, "voiceless": 0, "numbers": 1, "places": 0, "breaches": 0}
    assert alert["pattern"]["because"] == []
    assert alert["pattern"]["first_at"] == alert["pattern"]["last_at"]


def test_the_fifth_contact_in_a_week_is_more_pressing_and_says_so(world: World) -> None:
    world.place(on_phone(HERS), on_phone("07700 900124"), case="SPO-17", risk="standard")
    for days, his in ((6, "07700 900001"), (5, "07700 900002"), (3, "07700 900003"), (1, "07700 900001")):
        world.happen(**then(days, **call(his, HERS)))
    assert windows(newest(world))[7]["events"] == 4
    world.happen(**then(0, **call("07700 900002", "07700 900124")))
    alert = newest(world)
    assert alert["priority"] == "urgent"
    assert alert["because"] == ["5th contact in 7 days; 3 numbers: more than three times a week"]
    assert windows(alert)[7] == {"days": 7, "events": 5, "voiceless": 0, "numbers": 3, "places": 0, "breaches": 0}
    assert windows(alert)[1]["events"] == 1
    assert alert["pattern"]["hours"] == {"12": 5}


def test_the_alert_carries_the_run_of_events(world: World) -> None:
    world.place(on_phone(HERS), case="SPO-17", risk="standard")
    world.happen(**then(3, **from_number(HERS), line="silent"))
    first = world.alert()["id"]
    world.move(first, "resolve", {"outcome": "attended"})
    world.happen(**then(1, **from_number(HERS)))
    world.happen(**from_number(HERS))
    earlier = world.read(newest(world)["id"])["earlier"]
    assert [(one["number"], one["state"], one["voiceless"]) for one in earlier] == [
        ("2", "raised", False), ("1", "resolved", True),
    ]  # fmt: skip
    assert "earlier" not in world.queue()[0]


def test_two_silent_ones_raise_the_next(world: World) -> None:
    """Essex, 2020: a series of abandoned calls from one victim."""
    world.place(on_phone(HERS), case="SPO-17", risk="standard")
    for days in (20, 10):
        world.happen(**then(days, **from_number(HERS), line="silent"))
    assert newest(world)["priority"] == "immediate"
    world.happen(**then(0, **from_number(HERS)))
    alert = newest(world)
    assert alert["priority"] == "urgent"
    assert alert["because"][0] == "3rd contact in 28 days; 2 were silent: more than one was silent"


def test_one_run_over_all_numbers_and_places_of_a_case(world: World) -> None:
    """West Midlands, 2018: four calls in one night, the last from her mother's home; each an incident alone."""
    world.place(on_phone(HERS), case="DA-1", risk="standard")
    world.place(on_address("4 Mother Street, Leeds", "LS1 1AA"), case="DA-1", risk="standard")
    for hours in (5, 4, 3):
        world.happen(**then(hours / 24, **from_number(HERS)))
    assert newest(world)["priority"] == "routine"
    world.happen(locations=[{"role": "incident", "address": "4 Mother Street, Leeds", "postcode": "LS1 1AA"}])
    alert = newest(world)
    assert (alert["priority"], windows(alert)[1]["events"]) == ("urgent", 4)
    assert alert["because"] == ["4th contact in 7 days: more than three times a week"]


def test_a_call_its_position_and_its_log_are_one_contact(world: World) -> None:
    world.place(case="SPO-17", risk="standard")
    world.happen(call="T-1", **from_number())
    for _ in range(4):
        world.happen(call="T-1", **from_number())
    assert windows(world.alert())[1]["events"] == 1


def test_a_relays_number_is_a_channel_and_not_a_person(make_world: Any) -> None:
    with make_world(channel_numbers=("0800 900 123",)) as world:
        world.place(on_phone(HERS), case="SPO-17", risk="standard")
        for days, number in ((3, "0800 900 123"), (2, "0800 900 123"), (1, HIS)):
            world.happen(**then(days, **call(number, HERS)))
        assert windows(newest(world))[7]["numbers"] == 1


def test_a_false_match_counts_no_longer(world: World) -> None:
    world.place(risk="standard")
    for _ in range(2):
        world.happen(**from_number())
    first = min(world.queue(), key=lambda one: int(one["number"]))
    world.move(first["id"], "resolve", {"outcome": "false_match"})
    world.happen(**from_number())
    assert windows(newest(world))[1]["events"] == 2


def test_what_is_older_than_its_window_does_not_count(world: World) -> None:
    world.place(risk="standard", valid_from="2025-01-01T00:00:00Z")
    for days in (370, 364, 27, 13, 6.5, 0.9):
        world.happen(**then(days, **from_number()))
    world.happen(**from_number())
    counted = {days: one["events"] for days, one in windows(newest(world)).items()}
    assert counted == {1: 2, 7: 3, 14: 4, 28: 5, 365: 6}


def test_a_block_of_numbers_or_an_area_is_many_peoples(world: World) -> None:
    world.place({"phone": {"range": {"from": "0151 496 0100", "to": "0151 496 0199"}}}, risk="standard")
    world.place(on_circle(53.4, -2.98, 200), risk="standard")
    for number in range(5):
        world.happen(**from_number(f"0151 496 010{number}"))
        world.happen(locations=[{"role": "incident", "point": {"latitude": 53.4, "longitude": -2.98}}])
    assert {one["priority"] for one in world.queue(limit=200)} == {"routine"}


def test_a_circles_run_counts_in_the_circle_alone(world: World) -> None:
    world.place(on_phone(HERS), case="SPO-17", risk="standard")
    world.place(on_phone(HERS), as_="Noor", sensitivity="covert", queue=CIRCLE, case="SPO-17", risk="standard")
    world.place(on_phone(HIS), as_="Noor", sensitivity="covert", queue=CIRCLE, case="SPO-17", risk="standard")
    for _ in range(3):
        world.happen(**from_number(HIS))
    world.happen(**from_number(HERS))
    [alert] = world.queue()
    assert windows(alert)[1]["events"] == 1
    own = max(
        (one for one in world.queue("Kit", limit=200) if one["number"].startswith("c")), key=lambda one: one["number"]
    )
    assert windows(own)[1]["events"] == 4


def test_a_number_two_digits_away_adds_up_to_a_routine_alert_to_the_officer(world: World) -> None:
    open_case(world)
    record_order(world)
    for _ in range(2):
        world.happen(**call("07700 900556", HERS))
    assert world.queue() == []
    world.happen(**call("07700 900565", HERS))
    alert = world.alert()
    assert (alert["priority"], alert["case"], alert["assigned_to"]) == ("routine", "SPO-17", "Owen")
    assert alert["because"] == [
        "3 calls to one of the protected from a number that differs from his in one or two digits"
    ]
    assert alert["event_count"] == 3, "it carries the run of events"
    world.happen(**call("07700 900556", HERS))
    assert len(world.queue()) == 1


def test_a_number_further_away_or_one_that_does_not_call_her_is_somebody_elses(world: World) -> None:
    record_order(world)
    for _ in range(4):
        world.happen(**call("07700 900666", HERS))
        world.happen(**call("07700 900556", None))
    assert world.queue() == []


def test_her_own_number_bought_with_his_is_hers(world: World) -> None:
    record_order(
        world, protected=[{"phones": [{"number": "07700 900556"}, {"number": "07700 900557"}]}],
        conditions=[CONTACT | {"watch": {"contact": {}}}],
    )  # fmt: skip
    for _ in range(4):
        world.happen(**call("07700 900556", "07700 900557"))
    assert world.queue() == []


def test_sightings_around_the_home_add_up(world: World) -> None:
    world.place(on_circle(53.4, -2.98, 50), case="SPO-17", risk="high")
    near: dict[str, Any] = {
        "type": "incident",
        "locations": [{"role": "incident", "point": {"latitude": 53.40105, "longitude": -2.98}}],
    }
    for _ in range(3):
        world.happen(**near)
    assert world.queue() == []
    world.happen(**near)
    alert = world.alert()
    assert (alert["priority"], alert["case"], alert["event_count"]) == ("routine", "SPO-17", 4)
    assert alert["assigned_to"] == "Owen"
    assert alert["because"] == ["4 incidents around what is marked, none of which raised an alert by itself"]


def test_passers_by_who_call_from_near_the_home_add_up_to_nothing(world: World) -> None:
    world.place(on_circle(53.4, -2.98, 50), risk="high")
    for _ in range(5):
        world.happen(locations=[{"role": "caller", "point": {"latitude": 53.40105, "longitude": -2.98}}])
    assert world.queue() == []


def test_three_voiceless_calls_of_an_unmarked_number(world: World) -> None:
    for _ in range(2):
        world.happen(**from_number(), line="silent")
    assert world.queue() == []
    world.happen(**from_number(), abandoned=True)
    alert = world.alert()
    assert (alert["priority"], alert["event_count"]) == ("routine", 3)
    assert alert["because"] == ["3 silent or abandoned calls from a number that is not marked: consider a marker"]


def test_that_nobody_spoke_is_said_a_moment_later_and_without_the_number(world: World) -> None:
    for number in range(3):
        world.happen(call=f"T-{number}", **from_number())
        assert world.queue() == []
        world.happen(call=f"T-{number}", abandoned=True)
    assert world.alert()["because"][0].endswith("consider a marker")


def test_what_a_circle_marks_is_unmarked_for_everybody_else(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    for _ in range(3):
        world.happen(**from_number(), line="silent")
    assert [one["because"][0][:2] for one in world.queue()] == ["3 "]


def test_a_relay_is_never_to_be_marked(make_world: Any) -> None:
    with make_world(channel_numbers=("0800 900 123",)) as world:
        for _ in range(4):
            world.happen(**from_number("0800 900 123"), line="silent")
        assert world.queue() == []


def test_quiet_after_a_rise_is_asked_about_once(world: World) -> None:
    open_case(world)
    world.place(on_phone(HERS), case="SPO-17")
    for days in (26, 22, 18, 15):
        world.happen(**then(days, **from_number(HERS)))
    for _ in range(2):
        with world.db.transaction() as session:
            look_over_cases(session, new_ids(), NOON)
    [asked] = [one for one in reviews(world) if one["kind"] == "quiet_after_rise"]
    assert asked["for"] == "Owen"
    assert "that is not safety" in asked["said"]


@pytest.mark.parametrize("days", [(26, 22, 18, 3), (40, 38, 36, 34, 20, 18, 16), (20, 16)])
def test_what_goes_on_or_fell_or_was_little_is_not(world: World, days: tuple[int, ...]) -> None:
    open_case(world)
    world.place(on_phone(HERS), case="SPO-17", valid_from="2026-01-01T00:00:00Z")
    for before in days:
        world.happen(**then(before, **from_number(HERS)))
    with world.db.transaction() as session:
        look_over_cases(session, new_ids(), NOON)
    assert [one for one in reviews(world) if one["kind"] == "quiet_after_rise"] == []


def test_a_year_on_the_clock(world: World) -> None:
    """A marriage that ended: a contact a month, then one a week, then four within a week, then none for a month."""
    open_case(world)
    world.place(on_phone(HERS), case="SPO-17", risk="standard", valid_from="2026-11-01T00:00:00Z")
    start = world.clock.moment
    days = [*range(0, 240, 30), *range(240, 300, 7), 301, 302, 303, 304]
    pressed: dict[int, str] = {}
    for day in range(340):
        world.clock.moment = start + timedelta(days=day)
        if day in days:
            world.happen(occurred_at=world.clock.moment.isoformat(), **call(HIS, HERS))
            pressed[day] = newest(world)["priority"]
        with world.db.transaction() as session:
            look_over_cases(session, new_ids(), world.clock.moment)
    assert {pressed[day] for day in days if day < 300} == {"routine"}
    assert pressed[304] == "urgent"
    [asked] = [one for one in reviews(world) if one["kind"] == "quiet_after_rise"]
    assert datetime.fromisoformat(asked["made_at"]) == start + timedelta(days=318)
