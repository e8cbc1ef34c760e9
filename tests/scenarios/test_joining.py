"""Which open alert does an event belong to? The contract's 'Joining', line by line."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from access.roles import Role
from alerts.event_models import Happening, HappeningRef
from tests.builders import (
    GB,
    HER_NUMBER,
    a_caller,
    an_event,
    at_address,
    at_point,
    from_number,
    on_address,
    on_circle,
    on_phone,
)
from tests.world import World
from web.api.event_body import read_event

HIS_NUMBER = "07700 900200"


def test_events_that_share_a_call_or_an_incident_are_one_alert_whoever_sent_them(world: World) -> None:
    world.place(on_phone())
    first = world.happen(call="T-1", **from_number())
    world.happen(source="c2", type="incident", call="T-1", incident="MP-1")
    third = world.happen(source="web-form", type="incident", incident="MP-1", summary="more")
    assert [alert["alert"] for alert in third["alerts"]] == [first["alerts"][0]["alert"]]
    assert world.alert()["event_count"] == 3


def test_an_event_with_neither_is_a_happening_of_its_own(world: World) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    world.happen(**from_number())
    assert len(world.queue()) == 2


def test_one_alert_per_case_however_many_of_its_markers_fire(world: World) -> None:
    world.place(on_phone(), case="SPO-17", reference="A")
    world.place(on_phone(HIS_NUMBER), case="SPO-17", reference="B")
    world.place(on_phone(), reference="C")
    world.happen(phones=[{"number": HER_NUMBER, "role": "caller"}, {"number": HIS_NUMBER, "role": "called"}])
    alerts = world.queue()
    assert sorted(sorted(m["reference"] for m in alert["matches"]) for alert in alerts) == [["A", "B"], ["C"]]
    assert {alert["case"] for alert in alerts} == {"SPO-17", None}


def test_one_alert_per_queue(world: World) -> None:
    world.place(on_phone(), case="X", queue="dispatch")
    world.place(on_phone(), case="X")
    world.happen(**from_number())
    assert {alert["queue"] for alert in world.queue()} == {"control-room", "dispatch"}


def test_an_event_is_added_to_an_open_alert_even_if_it_matches_nothing_itself(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    receipt = world.happen(call="T-1", summary="She is in the garden")
    assert [(alert["created"], alert["priority"]) for alert in receipt["alerts"]] == [(False, "urgent")]
    assert world.alert()["events"][0]["summary"] == "She is in the garden"


def test_an_alert_raised_later_shows_the_earlier_events_too(world: World) -> None:
    world.place(on_phone())
    early = world.happen(call="T-1", summary="Someone shouts")
    late = world.happen(call="T-1", **from_number())
    assert [event["event"] for event in world.alert()["events"]] == [late["event"], early["event"]]


def test_a_voiceless_event_that_matched_nothing_makes_a_later_match_voiceless(world: World) -> None:
    world.place(on_phone(), risk="standard")
    assert world.happen(call="T-1", line="silent")["alerts"] == []
    receipt = world.happen(call="T-1", **from_number())
    assert receipt["alerts"][0]["priority"] == "immediate"


@pytest.mark.parametrize(
    "said",
    [{"silent_solution": True}, {"abandoned": True}, {"line": "silent"}, {"line": "cleared"}, {"line": "cut_off"}],
)
def test_every_way_of_saying_that_nobody_spoke_counts(world: World, said: dict[str, Any]) -> None:
    world.place(on_phone(), risk="standard")
    assert world.happen(**from_number(), **said)["alerts"][0]["priority"] == "immediate"


def test_an_open_line_alone_is_not_voiceless(world: World) -> None:
    world.place(on_phone(), risk="standard")
    assert world.happen(line="open", **from_number())["alerts"][0]["priority"] == "routine"


def test_two_happenings_meet_and_the_one_that_raised_nothing_joins_the_other(world: World) -> None:
    world.place(on_phone(), risk="standard")
    world.happen(call="T-1", **from_number())
    world.happen(type="incident", incident="MP-1", abandoned=True)
    assert world.alert()["priority"] == "routine"
    world.happen(source="c2", type="incident", call="T-1", incident="MP-1")
    alert = world.alert()
    assert (alert["event_count"], alert["priority"]) == (3, "immediate")
    world.happen(type="incident", incident="MP-1")
    assert world.alert()["event_count"] == 4


def test_two_happenings_that_have_both_raised_name_each_other_and_neither_is_closed(world: World) -> None:
    world.place(on_phone(), reference="A")
    world.place(on_phone(HIS_NUMBER), reference="B")
    older = world.happen(call="T-1", **from_number())["alerts"][0]["alert"]
    younger = world.happen(type="incident", incident="MP-1", **from_number(HIS_NUMBER))["alerts"][0]["alert"]
    met = world.happen(source="c2", type="incident", call="T-1", incident="MP-1")
    assert [alert["alert"] for alert in met["alerts"]] == [older]
    assert world.read(older)["related"] == [younger]
    assert world.read(younger)["related"] == [older]
    assert len(world.queue()) == 2


def test_of_two_that_have_both_raised_the_event_goes_to_the_one_open_for_what_it_matches(world: World) -> None:
    world.place(on_phone(), reference="A")
    world.place(on_phone(HIS_NUMBER), reference="B")
    world.happen(call="T-1", **from_number())
    younger = world.happen(type="incident", incident="MP-1", **from_number(HIS_NUMBER))["alerts"][0]["alert"]
    met = world.happen(type="incident", call="T-1", incident="MP-1", **from_number(HIS_NUMBER))
    assert [(alert["alert"], alert["created"]) for alert in met["alerts"]] == [(younger, False)]


def test_every_further_event_that_names_both_is_taken_and_what_is_named_already_is_not_named_again(
    world: World,
) -> None:
    world.place(on_phone(), reference="A")
    world.place(on_phone(HIS_NUMBER), reference="B")
    older = world.happen(call="T-1", **from_number())["alerts"][0]["alert"]
    world.happen(type="incident", incident="MP-1", **from_number(HIS_NUMBER))
    for number in range(4):
        world.happen(source="c2", type="incident", call="T-1", incident="MP-1", abandoned=number == 2)
    alert = world.read(older)
    assert (alert["event_count"], len(alert["related"]), alert["priority"]) == (5, 1, "immediate")
    assert [line["change"] for line in alert["history"]].count("related") == 1


def together(world: World, *events: dict[str, Any]) -> None:
    """Events that the writer takes in one group."""
    house = world.client.app.state.house  # type: ignore[attr-defined]
    caller = a_caller("Tess", Role.INTEGRATION)
    for answer in house.intake.take([read_event(an_event(**event), caller, GB) for event in events]):
        answer.result(20)


@pytest.mark.parametrize("in_one_group", [True, False])
def test_what_an_alert_shows_does_not_depend_on_how_events_were_grouped(world: World, *, in_one_group: bool) -> None:
    world.place(on_phone(), reference="A")
    world.place(on_phone(HIS_NUMBER), reference="B")
    world.happen(call="T-1", abandoned=True)
    events = [
        {"type": "incident", "incident": "MP-2", **from_number()},
        {"call": "T-1", "incident": "MP-2", **from_number(HIS_NUMBER)},
    ]
    if in_one_group:
        together(world, *events)
    else:
        for event in events:
            together(world, event)
    shown = {alert["matches"][0]["reference"]: alert for alert in world.queue()}
    assert {name: alert["event_count"] for name, alert in shown.items()} == {"A": 3, "B": 3}
    assert {alert["priority"] for alert in shown.values()} == {"immediate"}
    assert [len({event["event"] for event in alert["events"]}) for alert in shown.values()] == [3, 3]


def test_a_clock_that_steps_back_makes_a_new_happening_no_older_than_one_that_was_stored(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", summary="first")
    world.clock.advance(seconds=-5)
    world.happen(call="T-1", incident="MP-2", **from_number())
    assert [event["summary"] for event in world.alert()["events"]] == [None, "first"]


def test_a_resolved_alert_is_followed_by_a_new_one_only_for_an_event_that_matches_or_is_voiceless(world: World) -> None:
    world.place(on_phone(), risk="standard")
    old = world.happen(call="T-1", **from_number())["alerts"][0]["alert"]
    world.move(old, "resolve", {"outcome": "advice_given"})
    assert world.happen(call="T-1", summary="Only words")["alerts"] == []
    assert world.queue() == []
    [new] = world.happen(call="T-1", **from_number())["alerts"]
    assert new["created"]
    assert world.read(new["alert"])["previous"] == old
    world.move(new["alert"], "resolve", {"outcome": "advice_given"})
    [newest] = world.happen(call="T-1", abandoned=True)["alerts"]
    assert (newest["created"], newest["priority"]) == (True, "immediate")
    assert world.read(newest["alert"])["previous"] == new["alert"]
    assert world.read(newest["alert"])["event_count"] == 4


def test_a_near_position_raises_nothing_and_stands_on_the_open_alerts_of_its_happening(world: World) -> None:
    world.place(on_circle(), reference="ZONE")
    world.place(on_phone(), reference="HERS")
    assert world.happen(call="T-1", **at_point(53.4017, -2.98, 5))["alerts"] == []
    assert world.happen(call="T-1", abandoned=True)["alerts"] == []
    world.happen(call="T-1", **from_number())
    alert = world.alert()
    assert {(match["reference"], match["level"]) for match in alert["matches"]} == {
        ("HERS", "exact_number"),
        ("ZONE", "near"),
    }
    world.happen(call="T-2", **from_number())
    world.happen(call="T-2", **at_point(53.4017, -2.98, 5))
    assert {match["level"] for match in world.queue()[-1]["matches"]} == {"exact_number", "near"}


def test_one_mast_does_not_raise_every_marker_of_a_city(world: World) -> None:
    for number in range(12):
        world.place(on_circle(53.40 + number / 1000, -2.98, 100), reference=f"Z{number}")
    receipt = world.happen(call="T-1", silent_solution=True, **at_point(53.405, -2.98, 3000))
    assert receipt["alerts"] == []
    assert world.queue() == []


def test_a_better_position_betters_the_level_and_the_evidence(world: World) -> None:
    world.place(on_circle())
    world.happen(call="T-1", **at_point(53.4016, -2.98, 300))
    assert [match["level"] for match in world.alert()["matches"]] == ["may_be_inside"]
    world.happen(call="T-1", **at_point(53.4005, -2.98, 10))
    [match] = world.alert()["matches"]
    assert match["level"] == "inside"
    assert "is inside the marked area" in match["evidence"][0]


def test_a_worse_position_later_takes_nothing_back(world: World) -> None:
    world.place(on_circle(), risk="high")
    world.happen(call="T-1", **at_point(53.4, -2.98, 10))
    world.happen(call="T-1", **at_point(53.41, -2.98, 3000))
    alert = world.alert()
    assert (alert["priority"], [match["level"] for match in alert["matches"]]) == ("urgent", ["inside"])


def test_a_call_joins_for_72_hours_from_when_it_was_last_heard_of(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    world.clock.advance(hours=71)
    world.happen(call="T-1")
    world.clock.advance(hours=71)
    assert len(world.happen(call="T-1")["alerts"]) == 1
    world.clock.advance(hours=73)
    assert world.happen(call="T-1")["alerts"] == []


def test_an_incident_joins_as_long_as_an_alert_of_it_is_open(world: World) -> None:
    world.place(on_phone())
    alert = world.happen(type="incident", incident="MP-1", **from_number())["alerts"][0]["alert"]
    world.clock.advance(days=30)
    assert [a["alert"] for a in world.happen(type="incident", incident="MP-1")["alerts"]] == [alert]
    world.move(alert, "resolve", {"outcome": "attended"})
    world.clock.advance(days=4)
    assert world.happen(type="incident", incident="MP-1")["alerts"] == []
    with world.db.reading() as session:
        assert len(session.scalars(select(Happening)).all()) == 2
        assert len(session.scalars(select(HappeningRef)).all()) == 1


def test_windows_run_on_receipt_times_whatever_the_senders_clock_says(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", occurred_at="2001-01-01T00:00:00Z", **from_number())
    assert len(world.happen(call="T-1")["alerts"]) == 1


def test_a_senders_word_that_something_is_closed_is_kept_and_closes_nothing(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    world.happen(call="T-1", attributes={"state": "closed", "duplicate_of": "T-0"})
    assert world.alert()["state"] == "raised"


def test_an_alert_of_higher_priority_is_raised_anew_and_off_the_shelf(world: World) -> None:
    world.place(on_phone(), risk="standard")
    alert = world.happen(call="T-1", **from_number())["alerts"][0]["alert"]
    world.move(alert, "acknowledge")
    until = (world.clock.moment + timedelta(hours=2)).isoformat()
    world.move(alert, "shelve", {"until": until, "reason": "waiting"})
    world.happen(call="T-1", summary="the same again")
    again = world.read(alert)
    assert (again["state"], again["acknowledged_by"]) == ("acknowledged", "Priya")
    world.happen(call="T-1", line="cut_off")
    anew = world.read(alert)
    assert (anew["state"], anew["acknowledged_by"], anew["shelved_until"]) == ("raised", None, None)
    assert anew["due_at"] == "2026-11-24T12:00:30Z"


def test_a_concern_always_raises_an_alert_on_the_given_queue(world: World) -> None:
    receipt = world.happen(as_="Priya", type="concern", summary="He rang four times", queue="dispatch")
    assert [(a["created"], a["priority"], a["queue"]) for a in receipt["alerts"]] == [(True, "urgent", "dispatch")]
    alert = world.alert(queue="dispatch")
    assert (alert["because"], alert["matches"]) == (["somebody in the room is worried"], [])
    world.happen(as_="Sam", type="concern", priority="routine")
    assert world.alert(queue="control-room")["priority"] == "routine"


def test_a_concern_about_a_marked_number_is_one_alert_with_both_reasons(world: World) -> None:
    world.place(on_phone(), risk="standard", reference="HERS")
    receipt = world.happen(as_="Priya", type="concern", priority="urgent", **from_number(role="mentioned"))
    assert [(a["created"], a["priority"]) for a in receipt["alerts"]] == [(True, "urgent")]
    alert = world.alert()
    assert [match["reference"] for match in alert["matches"]] == ["HERS"]
    assert alert["because"] == ["somebody in the room is worried"]
    world.place(on_phone(HIS_NUMBER), risk="high")
    world.happen(as_="Priya", type="concern", priority="routine", **from_number(HIS_NUMBER))
    because = world.queue()[-1]["because"]
    assert because == ["a certain match, and the risk is above standard", "somebody in the room is worried"]


def test_a_concern_raises_its_own_alert_beside_one_that_somebody_may_have_already(world: World) -> None:
    world.place(on_phone())
    open_one = world.happen(call="T-1", **from_number())["alerts"][0]["alert"]
    world.move(open_one, "acknowledge")
    receipt = world.happen(as_="Sam", type="concern", call="T-1", **from_number())
    assert [(a["alert"] == open_one, a["created"]) for a in receipt["alerts"]] == [(True, False), (False, True)]


def test_a_concern_for_another_desk_than_the_markers_raises_at_both(world: World) -> None:
    world.place(on_phone())
    receipt = world.happen(as_="Priya", type="concern", queue="dispatch", **from_number())
    assert {(a["queue"], a["created"]) for a in receipt["alerts"]} == {("control-room", True), ("dispatch", True)}


def test_facts_of_one_happening_do_not_reach_another(world: World) -> None:
    world.place(on_phone(), risk="standard")
    world.place(on_address(), risk="standard")
    world.happen(call="T-1", abandoned=True)
    world.happen(call="T-2", **from_number())
    world.happen(type="incident", incident="MP-9", **at_address())
    assert {alert["priority"] for alert in world.queue()} == {"routine"}


def test_ties_stand_in_the_order_of_the_events_parts(world: World) -> None:
    numbers = [f"07700 9002{n:02}" for n in (5, 1, 3, 2, 4)]
    for number in sorted(numbers):
        world.place(on_phone(number), reference=number)
    receipt = world.happen(phones=[{"number": number, "role": "caller"} for number in numbers])
    raised = [world.read(alert["alert"]) for alert in receipt["alerts"]]
    assert [alert["matches"][0]["reference"] for alert in raised] == numbers
    assert [alert["number"] for alert in raised] == ["1", "2", "3", "4", "5"]
    assert [alert["matches"][0]["reference"] for alert in world.queue()] == numbers
