"""A marker, an event, an alert, a person answers."""

from tests.builders import at_address, at_point, from_number, on_address, on_circle, on_phone
from tests.world import World


def test_a_call_from_a_marked_number_raises_an_alert_that_a_handler_answers(world: World) -> None:
    marker = world.place(on_phone(), reference="MRK-1", case="SPO-17")
    receipt = world.happen(**from_number("0044 7700 900123"))
    assert [(alert["created"], alert["priority"]) for alert in receipt["alerts"]] == [(True, "urgent")]
    alert = world.alert()
    assert alert["id"] == receipt["alerts"][0]["alert"]
    [match] = alert["matches"]
    assert (match["marker"], match["level"], match["score"]) == (marker["id"], "exact_number", 1.0)
    assert match["instruction"] == "Treat as urgent."
    answer = world.move(alert["id"], "acknowledge")
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["acknowledged_by"]) == ("acknowledged", "Priya")
    answer = world.move(alert["id"], "resolve", {"outcome": "attended", "note": "Seen and safe."})
    assert answer.json()["state"] == "resolved"
    assert world.queue() == []


def test_mast_then_handset_then_log_are_one_alert_that_shows_all_three(world: World) -> None:
    world.place(on_circle())
    cell = world.happen(call="T-1", **at_point(53.401, -2.98, 3000))
    assert cell["alerts"] == []
    assert world.queue() == []
    world.clock.advance(seconds=18)
    handset = world.happen(call="T-1", **at_point(53.4, -2.98, 20))
    assert [alert["created"] for alert in handset["alerts"]] == [True]
    world.clock.advance(seconds=60)
    log = world.happen(source="c2", type="incident", call="T-1", incident="MP-1", summary="Man outside")
    assert [alert["created"] for alert in log["alerts"]] == [False]
    alert = world.alert()
    assert alert["event_count"] == 3
    assert [event["event"] for event in alert["events"]] == [log["event"], handset["event"], cell["event"]]
    assert (alert["call"], alert["incident"]) == ("T-1", "MP-1")
    assert [match["level"] for match in alert["matches"]] == ["inside"]


def test_nobody_spoke_that_comes_after_its_call_makes_it_immediate(world: World) -> None:
    world.place(on_phone(), risk="standard")
    world.happen(call="T-1", **from_number())
    assert world.alert()["priority"] == "routine"
    world.happen(call="T-1", abandoned=True)
    alert = world.alert()
    assert alert["priority"] == "immediate"
    assert alert["because"] == ["nobody spoke, and the number or place is marked"]


def test_flat_1_for_flat_2_is_the_same_building_and_says_so(world: World) -> None:
    world.place(on_address())
    world.happen(type="incident", **at_address("Flat 1, 10 Bold Street, Liverpool"))
    [match] = world.alert()["matches"]
    assert match["level"] == "same_building"
    assert "flat 1 was given; the marker is on flat 2" in match["evidence"]
