"""What happened to people, by the case's place and year: what the service does of it now, end to end over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOON, at_address, from_number, on_address, on_phone
from tests.scenarios.safeguarding import HERS, HIS, call, found, open_case, record_order, reviews
from tests.world import World


def before(hours: float) -> str:
    return (NOON - timedelta(hours=hours)).isoformat()


def latest(world: World) -> dict[str, Any]:
    return max(world.queue(limit=200), key=lambda one: int(one["number"]))


def test_hampshire_2023_two_silent_calls_from_a_marked_number(world: World) -> None:
    world.place(on_phone(HERS), case="DA-1", risk="high")
    for hours in (1.0, 0.0):
        world.happen(**from_number(HERS), line="silent", occurred_at=before(hours))
    assert {one["priority"] for one in world.queue()} == {"immediate"}
    assert latest(world)["pattern"]["windows"][0]["voiceless"] == 2


def test_kent_2017_the_quiet_caller_was_the_man_who_was_marked(world: World) -> None:
    world.place(on_phone(HIS), subject_role="suspect", risk="standard")
    world.happen(**from_number(HIS), line="cleared")
    assert world.alert()["priority"] == "immediate"


def test_northamptonshire_2011_all_addresses_stand_there_and_closing_takes_two(world: World) -> None:
    world.place(on_address("10 Hope Street, Leeds", "LS1 1AA"), risk="high", reference="A")
    world.place(on_address("10 Hope Street, Leeds", "LS1 1AB"), risk="high", reference="B")
    world.happen(abandoned=True, **at_address("10 Hope Street, Leeds", None))
    alerts = world.queue()
    assert {match["reference"] for alert in alerts for match in alert["matches"]} == {"A", "B"}
    for alert in alerts:
        closed = world.move(alert["id"], "resolve", {"outcome": "no_action_needed"}, "Sam")
        assert closed.status_code == 202
        assert world.move(alert["id"], "confirm", {}, "Sam").status_code == 403, "a supervisor alone closed it then"


def test_leicestershire_2006_a_second_call_is_no_duplicate(world: World) -> None:
    world.place(on_phone(HERS), risk="standard")
    world.happen(**from_number(HERS), incident="L-1", abandoned=True)
    alert = world.alert()
    world.move(alert["id"], "acknowledge")
    world.happen(type="incident", incident="L-1", attributes={"status": "duplicate, closed"})
    again = world.read(alert["id"])
    assert (again["state"], again["event_count"]) == ("acknowledged", 2), "a sender's word closes nothing"
    world.happen(**from_number(HERS), incident="L-2", abandoned=True)
    assert len(world.queue()) == 2
    assert latest(world)["priority"] == "immediate"


def test_warwickshire_2012_a_line_cut_twice_is_no_nuisance(world: World) -> None:
    for line in ("cut_off", "cut_off", "cleared"):
        world.happen(**from_number(HERS), line=line)
    assert world.alert()["because"][0].endswith("consider a marker")


def test_essex_2011_the_history_is_there_without_anybody_looking_for_it(world: World) -> None:
    world.place(on_phone(HERS), case="DA-7", risk="standard")
    for days in (60, 45, 30, 20, 9, 4):
        world.happen(**from_number(HERS), occurred_at=before(24 * days))
    world.happen(**from_number(HERS))
    seen_by_her_supervisor = max(world.queue("Sam", limit=200), key=lambda one: int(one["number"]))
    year = seen_by_her_supervisor["pattern"]["windows"][-1]
    assert (year["days"], year["events"]) == (365, 7)


def test_lancashire_2015_and_2023_grades_go_up_and_down_with_reasons(world: World) -> None:
    world.place(on_phone(HERS), risk="standard", response={"grade": "immediate"})
    world.happen(**from_number(HERS))
    alert = world.alert()
    for direction in ("urgent", "routine"):
        bare = world.move(alert["id"], "regrade", {"priority": direction})
        assert (bare.status_code, bare.json()["errors"][0]["at"]) == (422, "reason")
    asked = world.move(alert["id"], "regrade", {"priority": "urgent", "reason": "Units are elsewhere."})
    assert (asked.status_code, asked.json()["priority"]) == (202, "immediate")
    refused = world.move(alert["id"], "refuse", {"note": "Send the next one."}, "Sam").json()
    assert (refused["priority"], refused["history"][-1]["note"]) == ("immediate", "Send the next one.")


def test_west_midlands_2018_four_calls_in_one_night_are_one_run(world: World) -> None:
    world.place(on_phone(HERS), case="DA-9", risk="standard")
    world.place(on_address("4 Mother Street, Leeds", "LS1 1AA"), case="DA-9", risk="standard")
    for hours in (6, 4, 2):
        world.happen(**from_number(HERS), occurred_at=before(hours))
    world.happen(type="incident", **at_address("4 Mother Street, Leeds", "LS1 1AA"))
    alert = latest(world)
    assert alert["priority"] == "urgent"
    assert alert["because"][0].startswith("4th contact in 7 days")


def test_staffordshire_2017_calls_are_cross_referenced_by_the_machine(world: World) -> None:
    open_case(world)
    world.place(on_phone(HERS), case="SPO-17", risk="standard")
    for number in range(6):
        world.happen(**call(f"07700 90010{number}", HERS), occurred_at=before(12 * number))
    alert = latest(world)
    assert alert["case"] == "SPO-17"
    assert alert["pattern"]["windows"][1] | {"days": 7} == {
        "days": 7, "events": 6, "voiceless": 0, "numbers": 6, "places": 0, "breaches": 0,
    }  # fmt: skip


def test_dorset_2018_whether_she_may_be_rung_back_stands_on_the_alert(world: World) -> None:
    world.place(on_phone(HERS), response={"call_back": "safe_number_only", "code_word": "marigold"})
    world.happen(**from_number(HERS), line="cut_off")
    assert world.alert()["response"] == {"grade": None, "call_back": "safe_number_only", "code_word": "marigold"}


def test_london_2022_a_warrant_three_weeks_old(world: World) -> None:
    record_order(world, kind="interim_stalking_protection_order", wanted_since="2026-11-03", expires_on="2026-12-24")
    world.happen(identifiers=[{"kind": "vehicle", "value": "AB12CDE", "role": "mentioned"}], type="incident")
    alert = world.alert()
    assert (alert["priority"], alert["orders"][0]["wanted_since"]) == ("immediate", "2026-11-03")


def test_london_2019_the_order_ends_tomorrow(world: World) -> None:
    record_order(world, expires_on="2026-11-25")
    world.happen(**call())
    alert = world.alert()
    assert (alert["orders"][0]["days_left"], found(alert)[0]) == (1, ("1", "possible_breach"))
    assert any(one["kind"] == "order_expiring" for one in reviews(world))


def test_northern_ireland_2017_served_and_not_recorded(world: World) -> None:
    record_order(world, service={"state": "not_recorded"}, jurisdiction="northern_ireland")
    world.happen(**call())
    assert "ask whether he knows of the order" in world.alert()["conditions"][0]["evidence"][-1]


def test_joanna_michael_2009_and_2020_both_forces_hear_of_it(world: World) -> None:
    world.grant("Gwent", "handler", force="gwent")
    open_case(world, present_force="gwent")
    record_order(world)
    world.happen(**call())
    [here], [there] = world.queue(), world.queue("Gwent")
    assert found(here)[0] == found(there)[0] == ("1", "possible_breach")


def test_devon_and_cornwall_2013_no_text_promises_a_response_to_silence(world: World) -> None:
    placed = world.place(on_phone(HERS), instruction="Deploy. A silent call is enough for police to attend.")
    assert [one["code"] for one in placed["warnings"]] == ["promises_help_for_silence"]


def test_staffordshire_2022_number_history_and_grade_in_one_view(world: World) -> None:
    world.place(on_phone(HERS), case="DA-2", risk="medium")
    world.happen(**from_number(HERS), occurred_at=before(240))
    world.happen(**from_number(HERS), line="cut_off")
    alert = latest(world)
    assert (alert["priority"], alert["pattern"]["windows"][2]["events"]) == ("immediate", 2)
    assert alert["matches"][0]["level"] == "exact_number"


def test_norfolk_2024_the_checks_run_by_themselves(world: World) -> None:
    record_order(world)
    world.place(on_phone(HERS), case="SPO-17")
    world.happen(**from_number(HERS))
    alert = world.alert()
    assert [one["reference"] for one in alert["orders"]] == ["ORD-2026-17"]
    assert alert["pattern"] is not None


def test_hmic_2017_a_breach_is_an_event_of_the_case(world: World) -> None:
    open_case(world)
    record_order(world)
    for hours in (30, 20):
        world.happen(**call(), occurred_at=before(hours))
    alert = latest(world)
    assert alert["pattern"]["windows"][1]["breaches"] == 2
    assert "2 possible breaches" in " ".join(alert["because"])


@pytest.mark.parametrize("line", ["cut_off", "silent"])
def test_guidance_a_call_that_is_cut_off_is_judged_again_at_once(world: World, line: str) -> None:
    world.place(on_phone(HERS), risk="standard", response={"code_word": "marigold"})
    world.happen(**from_number(HERS), call="T-1")
    alert = world.alert()
    assert alert["priority"] == "routine"
    world.happen(call="T-1", line=line)
    again = world.read(alert["id"])
    assert (again["priority"], again["response"]["code_word"]) == ("immediate", "marigold")


@pytest.mark.usefixtures("no_other_watch")
def test_essex_2019_the_response_time_passes_and_the_next_ones_are_told(world: World) -> None:
    world.place()
    world.happen(silent_solution=True, **from_number())
    alert = world.alert()
    world.clock.advance(seconds=30)
    world.look("supervisors")
    seen = world.read(alert["id"])
    assert (seen["escalated_to"], seen["escalation_level"]) == (["supervisors"], 1)
    assert seen["history"][-1]["change"] == "escalated_as_late"
    assert seen["due_at"] > alert["due_at"], "and is due again, until somebody answers"


def test_dorset_2016_her_telephone_is_evidence_and_a_replacement_is_asked_for(world: World) -> None:
    marker = world.place(on_phone(), on_address())
    kept = {"targets": [on_phone() | {"out_of_use": {"reason": "in police hands"}}, on_address()]}
    seen = {"If-Match": f'"{marker["version"]}"'}
    assert world.patch(f"/v1/markers/{marker['id']}", kept, "Owen", **seen).status_code == 200
    [asked] = [one for one in reviews(world) if one["kind"] == "replacement_wanted"]
    assert asked["for"] == "Owen"
    drilled = world.post(f"/v1/markers/{marker['id']}/drill", {}, "Owen").json()["targets"]
    assert [(one["fired"], one["cannot_fire"]) for one in drilled] == [(False, "out_of_use"), (True, None)]
    world.happen(**from_number())
    assert world.queue() == []
    world.happen(**at_address())
    assert world.alert()["matches"][0]["level"] == "same_premises"


def test_scotland_2016_what_does_not_agree_is_said_before_a_door_is_knocked_on(world: World) -> None:
    """A reference that leads to the wrong house: the address as it was told stands beside it, with what differs."""
    world.place({"address": {"text": "10 Bold Street, Liverpool", "postcode": "L1 4DS", "uprn": "38000000001"}})
    wrong = {"role": "incident", "address": "12 Bold Street, Liverpool", "postcode": "L1 4DS", "uprn": "38000000001"}
    world.happen(call="T-1", locations=[wrong])
    alert = world.read(world.alert()["id"])
    said = "; ".join(alert["matches"][0]["evidence"])
    assert "12" in said, said
    assert alert["events"][0]["locations"][0]["address"] == "12 Bold Street, Liverpool"
