"""Orders: what events show of their conditions, and what stands on the alert."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.case_rounds import look_over_cases
from db.ids import new_ids
from tests.builders import NOON, from_number, on_phone
from tests.scenarios.safeguarding import (
    AREA,
    CONTACT,
    HERS,
    HIS,
    HIS_CAR,
    HIS_NAME,
    IN_ZONE,
    ONLINE,
    OUTSIDE,
    TELL,
    an_order,
    call,
    found,
    open_case,
    record_order,
    reviews,
)
from tests.world import CIRCLE, World


def at(point: dict[str, Any], role: str = "caller") -> dict[str, Any]:
    return {"locations": [{"role": role, "point": point}]}


def test_his_number_calls_hers(world: World) -> None:
    open_case(world)
    record_order(world)
    world.happen(**call())
    alert = world.alert()
    assert (alert["priority"], alert["case"]) == ("urgent", "SPO-17")
    assert alert["because"] == ["possible breach of condition 1 of ORD-2026-17"]
    first, last = alert["conditions"]
    assert (first["finding"], first["watched"], first["consequence"]) == ("possible_breach", True, "crime")
    assert (first["text"], first["reference"]) == (CONTACT["text"], "ORD-2026-17")
    assert first["service"] == "served"
    assert first["days_left"] == (datetime(2028, 6, 1, tzinfo=UTC).date() - NOON.date()).days
    assert first["evidence"] == [
        "the caller's number 07700 900555 is the respondent's",
        "the number called 07700 900123 is the protected person's",
    ]
    assert (last["condition"], last["finding"], last["watched"]) == ("4", None, False)
    [order] = alert["orders"]
    assert (order["name"], order["in_force"], order["breaches"]) == ("Stalking Protection Order", True, 1)
    assert order["consequence_told"].startswith("a crime")


def test_her_calling_him_is_no_breach_of_his(world: World) -> None:
    record_order(world)
    world.happen(phones=[{"number": HERS, "role": "caller"}, {"number": HIS, "role": "called"}])
    assert world.queue() == []


def test_his_number_alone_or_to_somebody_else_is_nothing(world: World) -> None:
    record_order(world)
    world.happen(**call(hers=None))
    world.happen(**call(hers="07700 900999"))
    assert world.queue() == []


def test_both_only_mentioned_are_worth_checking(world: World) -> None:
    record_order(world)
    world.happen(type="incident", phones=[{"number": HIS, "role": "mentioned"}, {"number": HERS, "role": "mentioned"}])
    alert = world.alert()
    assert (alert["priority"], found(alert)[0]) == ("routine", ("1", "worth_checking"))


@pytest.mark.parametrize(
    "him",
    [
        {"phones": [{"number": HIS, "role": "caller"}]},
        {"identifiers": [{"kind": "vehicle", "value": "ab12cde", "role": "mentioned"}]},
        {"people": [{"name": "SMITH, John Paul", "role": "suspect"}]},
    ],
    ids=["number", "vehicle", "name"],
)
def test_he_is_located_or_named_in_the_zone(world: World, him: dict[str, Any]) -> None:
    record_order(world)
    world.happen(type="incident", **him, **at(IN_ZONE, "incident"))
    assert found(world.alert())[0] == ("2", "possible_breach")


@pytest.mark.parametrize(
    "him",
    [{"people": [{"name": "John Smith", "role": "mentioned"}]}, {"people": [{"name": "J Smith", "role": "suspect"}]}],
)
def test_a_name_that_is_only_mentioned_or_an_initial_is_worth_checking(world: World, him: dict[str, Any]) -> None:
    record_order(world, respondent={"name": "John Smith"})
    world.happen(type="incident", **him, **at(IN_ZONE, "incident"))
    assert found(world.alert())[0] == ("2", "worth_checking")


def test_outside_of_the_zone_or_another_man_is_nothing(world: World) -> None:
    record_order(world)
    world.happen(**call(hers=None), **at(OUTSIDE))
    world.happen(type="incident", people=[{"name": "Peter Brown", "role": "suspect"}], **at(IN_ZONE, "incident"))
    world.happen(type="incident", people=[{"name": HIS_NAME, "role": "victim"}], **at(IN_ZONE, "incident"))
    assert world.queue() == []


def test_a_position_that_comes_after_its_call_is_judged_with_it(world: World) -> None:
    """A mobile's better position arrives some 20 seconds later, without his number."""
    record_order(world)
    world.happen(call="T-1", **call(hers=None))
    assert world.queue() == []
    world.happen(call="T-1", **at(IN_ZONE))
    alert = world.alert()
    assert found(alert)[0] == ("2", "possible_breach")
    assert alert["event_count"] == 2
    assert "the caller's number 07700 900555 is the respondent's" in alert["conditions"][0]["evidence"]


def test_the_log_names_him_after_the_position_came_under_another_reference(world: World) -> None:
    record_order(world)
    world.happen(call="T-2", **at(IN_ZONE))
    world.happen(type="incident", incident="MP-1", people=[{"name": HIS_NAME, "role": "suspect"}])
    assert world.queue() == []
    world.happen(type="incident", incident="MP-1", call="T-2", people=[{"name": HIS_NAME, "role": "suspect"}])
    assert found(world.alert())[0] == ("2", "possible_breach")


def test_the_marker_of_the_case_and_the_order_share_one_alert(world: World) -> None:
    open_case(world)
    record_order(world)
    world.place(on_phone(HERS), case="SPO-17", risk="high")
    world.happen(**call())
    alert = world.alert()
    assert len(alert["matches"]) == 1
    assert found(alert)[0] == ("1", "possible_breach")


def test_an_order_in_force_stands_on_every_alert_of_its_case(world: World) -> None:
    """Essex, 2019: the order against the partner was not seen."""
    record_order(world)
    world.place(on_phone(HERS), case="SPO-17")
    world.happen(**from_number(HERS), line="silent")
    alert = world.alert()
    assert [order["reference"] for order in alert["orders"]] == ["ORD-2026-17"]
    assert found(alert) == [("4", None)]


def test_service_not_recorded_is_never_no_order(world: World) -> None:
    """Northern Ireland, 2017: served, service not recorded; two women were told that no order was in force."""
    record_order(world, service={"state": "not_recorded"})
    world.happen(**call())
    alert = world.alert()
    first = alert["conditions"][0]
    assert (alert["priority"], first["finding"], first["service"]) == ("urgent", "worth_checking", "not_recorded")
    assert first["evidence"][-1] == "service not recorded: ask whether he knows of the order"
    told = str(alert).casefold()
    assert "no order" not in told
    assert "cannot be breached" not in told
    [asked] = [one for one in reviews(world) if one["kind"] == "service_not_recorded"]
    assert asked["for"] == "Owen"


def test_recording_service_is_one_act(world: World) -> None:
    order = record_order(world, service={"state": "not_recorded"})
    done = world.post(f"/v1/orders/{order['id']}/service", {"state": "served", "on": "2026-11-23"}, "Owen")
    assert (done.status_code, done.json()["service"]) == (200, {"state": "served", "on": "2026-11-23"})
    world.happen(**call())
    assert found(world.alert())[0] == ("1", "possible_breach")
    [duty] = [one for one in reviews(world) if one["kind"] == "duty_due"]
    assert duty["due_at"] == "2026-11-26T00:00:00Z"


def test_a_hit_on_who_is_wanted_is_immediate(world: World) -> None:
    """London, 2022: a warrant three weeks old; he lived near."""
    record_order(world, wanted_since="2026-11-03", kind="interim_stalking_protection_order")
    world.happen(**call(hers=None))
    alert = world.alert()
    assert alert["priority"] == "immediate"
    assert alert["because"][0].endswith("wanted since 2026-11-03 (ORD-2026-17)")
    assert alert["orders"][0]["wanted_since"] == "2026-11-03"
    assert alert["orders"][0]["evidence"] == ["the caller's number 07700 900555 is the respondent's"]


def test_an_order_that_ends_tomorrow_says_so(world: World) -> None:
    """London, 2019: the order was to expire next day, and officers did not see it."""
    record_order(world, expires_on="2026-11-25", kind="interim_stalking_protection_order")
    world.happen(**call())
    assert world.alert()["orders"][0]["days_left"] == 1
    [told] = [one for one in reviews(world) if one["kind"] == "order_expiring"]
    assert told["said"] == "ORD-2026-17 ends tomorrow: is another one needed?"


@pytest.mark.parametrize(
    "more", [{"expires_on": "2026-11-23"}, {"ended_on": "2026-11-24"}, {"made_on": "2026-12-01"}],
    ids=["expired", "discharged", "not yet made"],
)  # fmt: skip
def test_an_order_that_is_not_in_force_finds_nothing(world: World, more: dict[str, Any]) -> None:
    record_order(world, **more)
    world.happen(**call())
    assert world.queue() == []


def test_hours_are_those_of_the_wall_clock(world: World) -> None:
    hours = [{"from": "08:00", "until": "16:00", "days": ["mon", "tue", "wed", "thu", "fri"]}]
    record_order(world, AREA | {"hours": hours, "text": "Not near her work."})
    here = {"people": [{"name": HIS_NAME, "role": "suspect"}]} | at(IN_ZONE, "incident")
    world.happen(type="incident", occurred_at="2026-11-22T12:00:00Z", **here)  # a Sunday
    world.happen(type="incident", occurred_at="2026-11-23T16:30:00Z", **here)
    assert world.queue() == []
    world.happen(type="incident", occurred_at="2026-11-23T15:30:00Z", **here)
    alert = world.alert()
    assert found(alert)[0] == ("2", "possible_breach")
    assert alert["conditions"][0]["hours"] == "Mon, Tue, Wed, Thu, Fri 08:00 to 16:00"


def test_contact_through_others_is_an_event_too(world: World) -> None:
    record_order(world)
    world.happen(
        type="incident", via="his brother", people=[{"name": HIS_NAME, "role": "suspect"}],
        phones=[{"number": HERS, "role": "mentioned"}],
    )  # fmt: skip
    alert = world.alert()
    assert found(alert)[0] == ("1", "worth_checking")
    assert alert["events"][0]["via"] == "his brother"


def test_breaches_are_counted_per_order_and_per_case(world: World) -> None:
    open_case(world)
    order = record_order(world)
    for _ in range(3):
        world.happen(**call())
    first, second, third = world.queue()
    world.move(first["id"], "resolve", {"outcome": "attended", "breach": "confirmed"})
    world.move(second["id"], "resolve", {"outcome": "advice_given", "breach": "not_a_breach"})
    counted = world.get(f"/v1/orders/{order['reference']}", "Owen").json()["breaches"]
    assert counted == {"possible": 2, "confirmed": 1}
    case = world.get("/v1/cases/SPO-17", "Owen").json()
    assert case["pattern"]["windows"][1]["breaches"] == 2
    assert third["state"] == "raised"


def test_a_third_possible_breach_in_a_week_is_immediate(world: World) -> None:
    record_order(world)
    for _ in range(2):
        world.happen(**call())
    assert {one["priority"] for one in world.queue()} == {"urgent"}
    world.happen(**call())
    newest = world.queue()[0]
    assert newest["priority"] == "immediate"
    assert "possibly broken three times in a week" in newest["because"][0]


def test_a_curfew_is_broken_outside_of_home_at_night_and_not_within(world: World) -> None:
    tag = {"kind": "account", "value": "tag:8841"}
    curfew = {
        "number": "5", "kind": "requirement", "text": "To be at home from 19:00 to 07:00.", "means": "watched",
        "watch": {"stay_in": {"area": {"circle": {"latitude": 53.5, "longitude": -2.9, "radius_m": 100}}}},
        "hours": [{"from": "19:00", "until": "07:00"}],
    }  # fmt: skip
    record_order(world, curfew, respondent={"identifiers": [tag]}, kind="domestic_abuse_protection_order")
    seen: dict[str, Any] = {"identifiers": [tag | {"role": "mentioned"}], "type": "incident"}
    home = {"latitude": 53.5, "longitude": -2.9, "uncertainty_m": 10}
    world.happen(**seen, **at(OUTSIDE, "incident"), occurred_at="2026-11-24T11:00:00Z")
    world.happen(**seen, **at(home, "incident"), occurred_at="2026-11-23T23:30:00Z")
    assert world.queue() == []
    world.happen(**seen, **at(OUTSIDE, "incident"), occurred_at="2026-11-24T02:00:00Z")
    assert found(world.alert()) == [("5", "possible_breach")]


def test_only_one_vehicle_is_his(world: World) -> None:
    only = {
        "number": "6", "kind": "prohibition", "text": "No vehicle other than his own.", "means": "watched",
        "watch": {"only": {"vehicles": [HIS_CAR]}},
    }  # fmt: skip
    record_order(world, only)
    him: dict[str, Any] = {"type": "incident", "people": [{"name": HIS_NAME, "role": "suspect"}]}
    world.happen(**him, identifiers=[{"kind": "vehicle", "value": HIS_CAR, "role": "mentioned"}])
    assert world.queue() == []
    world.happen(**him, identifiers=[{"kind": "vehicle", "value": "XY99 ZZZ", "role": "mentioned"}])
    assert found(world.alert()) == [("6", "worth_checking")]


def test_a_power_of_arrest_is_one_conditions_own(world: World) -> None:
    away = AREA | {"power_of_arrest": True}
    record_order(world, away, CONTACT, kind="occupation_order")
    world.happen(**call(), **at(IN_ZONE))
    told = {one["condition"]: one["consequence"] for one in world.alert()["conditions"]}
    assert told == {"2": "arrest_under_power", "1": "contempt"}


def test_expiry_is_told_at_28_7_1_days_and_on_the_day_once_each(world: World) -> None:
    record_order(world, TELL | {"means": "reported", "due_on": None}, expires_on="2027-11-24")
    moments = [NOON + timedelta(days=days) for days in range(366)]
    for moment in moments:
        for _ in range(2):  # two schedulers
            with world.db.transaction() as session:
                look_over_cases(session, new_ids(), moment)
    told = [one for one in reviews(world, limit=200) if one["kind"] == "order_expiring"]
    assert [one["said"].split("ends ")[1].split(":")[0] for one in told] == [
        "in 28 days", "in 7 days", "tomorrow", "today",
    ]  # fmt: skip
    assert [one["made_at"][:10] for one in told] == ["2027-10-27", "2027-11-17", "2027-11-23", "2027-11-24"]


def test_tasks_and_duties_are_asked_for_and_begin_again(world: World) -> None:
    sign_on = {
        "number": "7", "kind": "requirement", "text": "To sign on weekly.", "means": "task", "due_on": "2026-11-27",
        "every_days": 7,
    }  # fmt: skip
    order = record_order(world, sign_on)
    [task] = [one for one in reviews(world) if one["kind"] == "task_due"]
    assert task["due_at"] == "2026-11-27T00:00:00Z"
    done = world.post(f"/v1/reviews/{task['id']}/done", {"note": "He did."}, "Owen")
    assert (done.status_code, done.json()["state"], done.json()["done_by"]) == (200, "done", "Owen")
    assert world.post(f"/v1/reviews/{task['id']}/done", {}, "Noor").status_code == 409
    with world.db.transaction() as session:
        look_over_cases(session, new_ids(), NOON + timedelta(days=4))
    [again] = [one for one in reviews(world, state="open") if one["kind"] == "task_due"]
    assert again["due_at"] == "2026-12-04T00:00:00Z"
    moved = world.patch(
        f"/v1/orders/{order['id']}", {"respondent": {"addresses": [{"text": "1 New Street, Leeds"}]}},
        **{"If-Match": '"1"'},
    )  # fmt: skip
    assert moved.status_code == 200, moved.text
    duties = [one for one in reviews(world) if one["kind"] == "duty_due"]
    assert any("again" in one["said"] and one["due_at"] == "2026-11-27T00:00:00Z" for one in duties)


def test_a_full_order_after_an_interim_one_does_not_restart_the_first_duty(world: World) -> None:
    record_order(world, CONTACT, replaces_kind="interim_stalking_protection_order")
    assert [one for one in reviews(world) if one["kind"] == "duty_due"] == []


def test_a_closed_circles_order_shows_in_nothing_that_others_see(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, case="HIDDEN-1")
    record_order(world, case="HIDDEN-1", as_="Noor")
    world.happen(**call())
    assert world.queue() == []
    [alert] = world.queue("Noor")
    assert found(alert)[0] == ("1", "possible_breach")
    for path in ("/v1/cases/HIDDEN-1", "/v1/orders/ORD-2026-17"):
        assert world.get(path, "Owen").status_code == 404
        assert world.get(path, "Noor").status_code == 200
    assert reviews(world) == []
    assert world.get("/v1/cases", "Sam").json()["items"] == []
    assert record_order(world, case="HIDDEN-1")["case"] == "HIDDEN-1", "for Owen there is none of this name yet"


def test_online_is_never_said_to_be_watched(world: World) -> None:
    order = record_order(world, CONTACT, ONLINE)
    assert [one["watched"] for one in order["conditions"]] == [True, False]


CURFEW = {
    "number": "5", "kind": "requirement", "text": "To be at home at night.", "means": "watched",
    "watch": {"stay_in": {"area": {"circle": {"latitude": 53.5, "longitude": -2.9, "radius_m": 100}}}},
}  # fmt: skip


@pytest.mark.parametrize("position_first", [False, True])
def test_a_curfew_is_judged_by_a_position_that_comes_apart_from_his_number(
    world: World, *, position_first: bool
) -> None:
    record_order(world, CURFEW)
    told = [call(hers=None, call="T-1"), at(OUTSIDE) | {"call": "T-1"}]
    first, second = told[::-1] if position_first else told
    world.happen(**first)
    assert world.queue() == []
    world.happen(**second)
    assert found(world.alert()) == [("5", "possible_breach")]


def test_where_he_has_to_be_needs_a_place_on_the_map(world: World) -> None:
    address = {"text": "12 Bold Street, Liverpool", "postcode": "L1 4DS"}
    curfew = CURFEW | {"watch": {"stay_in": {"address": address}}}
    refused = world.post("/v1/orders", an_order(curfew), "Owen")
    [error] = refused.json()["errors"]
    assert (error["at"], error["code"]) == ("conditions[0].watch.stay_in.address", "no_position")
    located = CURFEW | {
        "watch": {"stay_in": {"address": address | {"point": {"latitude": 53.403, "longitude": -2.98}}}}
    }
    record_order(world, located)
    world.happen(**call(hers=None), **at({"latitude": 53.40301, "longitude": -2.98, "uncertainty_m": 10}))
    assert world.queue() == []


def test_that_the_room_rings_her_back_is_no_breach_of_his(world: World) -> None:
    record_order(world, CONTACT)
    world.happen(type="incident", incident="I-1", **call(hers=None))
    world.happen(type="incident", incident="I-1", **call("0151 496 0001", HERS))
    assert found(world.alert()) == [("1", "worth_checking")]


def test_a_condition_that_names_her_mother_speaks_of_her_mother(world: World) -> None:
    mother = CONTACT | {
        "number": "2",
        "watch": {"contact": {"phones": [{"number": "07700 900444"}]}},
        "power_of_arrest": True,
    }
    record_order(world, CONTACT, mother, kind="occupation_order")
    world.happen(**call())
    assert found(world.alert()) == [("1", "possible_breach")]


def test_an_incident_names_both_by_name(world: World) -> None:
    record_order(world, CONTACT)
    people = [{"name": HIS_NAME, "role": "suspect"}, {"name": "Anna Jones", "role": "victim"}]
    world.happen(type="incident", via="his sister", people=people)
    alert = world.alert()
    assert found(alert) == [("1", "worth_checking")]
    assert alert["conditions"][0]["evidence"][-1] == "it came through somebody else"


def test_what_an_update_adds_nothing_to_is_not_found_again(world: World) -> None:
    record_order(world, AREA)
    world.happen(call="T-3", **call(hers=None), **at(IN_ZONE))
    alert = world.alert()
    world.move(alert["id"], "regrade", {"priority": "routine", "reason": "He has leave of the court."})
    world.happen(call="T-3", type="incident", summary="A note")
    world.happen(call="T-3", **at(OUTSIDE, "mentioned"))
    assert world.read(alert["id"])["priority"] == "routine"


def test_what_an_order_no_longer_asks_for_is_nobodys_to_do(world: World) -> None:
    order = record_order(world, TELL, CONTACT, service={"state": "not_recorded"})
    path = f"/v1/orders/{order['id']}"
    world.post(f"{path}/service", {"state": "served", "on": "2026-11-20"}, "Owen")
    open_now = {one["kind"]: one for one in reviews(world, state="open")}
    assert "service_not_recorded" not in open_now
    world.post(f"{path}/service", {"state": "served", "on": "2026-11-25"}, "Owen")
    [duty] = [one for one in reviews(world, state="open") if one["kind"] == "duty_due"]
    assert duty["due_at"] == "2026-11-28T00:00:00Z"
    etag = {"If-Match": '"3"'}
    world.patch(path, {"conditions": [TELL | {"due_on": "2026-12-24"}, CONTACT]}, **etag)
    [task] = [one for one in reviews(world, state="open") if one["kind"] == "task_due"]
    assert task["due_at"] == "2026-12-24T00:00:00Z"
    world.patch(path, {"ended_on": "2026-11-24"}, **{"If-Match": '"4"'})
    assert [one for one in reviews(world, state="open") if one["about"] == {"order": order["id"]}] == []
    assert {one["done_by"] for one in reviews(world, state="done")} == {"heed"}


def test_an_order_is_sent_back_as_it_was_read(world: World) -> None:
    order = record_order(world)
    done = world.patch(
        f"/v1/orders/{order['id']}", {"conditions": order["conditions"]}, **{"If-Match": '"1"'}
    )  # fmt: skip
    assert done.status_code == 200, done.text
    assert done.json()["conditions"] == order["conditions"]
