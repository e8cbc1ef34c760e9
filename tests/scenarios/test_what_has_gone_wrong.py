"""What has gone wrong in real control rooms, by its number: it must not go wrong so here.

Those of the twelve that need a review by somebody else or a watched source come with the parts that bring them. The cases of
practice are told apart, by place and year: `test_real_cases.py`.
"""

from datetime import timedelta
from typing import Any

import pytest

from access import tokens
from access.roles import Role
from alerts.retention import remove_expired
from db.ids import new_ids
from tests.builders import HER_NUMBER, NOON, at_address, at_point, from_number, on_address, on_circle, on_phone
from tests.scenarios.safeguarding import record_order
from tests.world import CIRCLE, World

VOICELESS: list[dict[str, Any]] = [
    {"silent_solution": True},
    {"abandoned": True},
    {"line": "silent"},
    {"line": "cleared"},
    {"line": "cut_off"},
]


@pytest.mark.parametrize("risk", ["standard", "medium", "high"])
@pytest.mark.parametrize("subject_role", ["victim", "suspect", "convicted", "witness", "other"])
def test_1_a_call_on_which_nobody_spoke_is_immediate_whatever_the_risk_and_whoever_is_marked(
    world: World, risk: str, subject_role: str
) -> None:
    world.place(on_phone(), on_address(), on_circle(), risk=risk, subject_role=subject_role)
    for nobody_spoke in VOICELESS:
        assert world.happen(**nobody_spoke, **from_number())["alerts"][0]["priority"] == "immediate"
    for place in (at_address(), at_address("10 Bold Street, Liverpool"), at_point(53.4, -2.98, 20)):
        assert world.happen(abandoned=True, **place)["alerts"][0]["priority"] == "immediate"


def test_1_on_another_flat_or_a_vague_position_it_is_urgent_at_most_and_on_a_mast_alone_nothing(world: World) -> None:
    world.place(on_address(), on_circle(), risk="high", subject_role="victim")
    for place in (at_address("Flat 1, 10 Bold Street, Liverpool"), at_point(53.4016, -2.98, 300)):
        assert world.happen(abandoned=True, **place)["alerts"][0]["priority"] == "urgent"
    assert world.happen(abandoned=True, **at_point(53.4, -2.98, 3000))["alerts"] == []
    assert world.happen(abandoned=True, **at_point(53.402, -2.98, 5))["alerts"] == []


def test_1_a_number_or_place_that_is_only_mentioned_makes_no_immediate(world: World) -> None:
    world.place(on_phone(), risk="standard")
    for role in ("called", "mentioned"):
        receipt = world.happen(abandoned=True, **from_number(role=role))
        assert receipt["alerts"][0]["priority"] == "urgent"


def test_2_nobody_has_to_notice_that_the_response_time_has_passed(world: World) -> None:
    """Shown by the watch itself in `tests/alerts/test_time.py`; here, that the time stands on the alert from the start."""
    world.place(on_phone())
    world.happen(abandoned=True, **from_number())
    assert world.alert()["due_at"] == "2026-11-24T12:00:30Z"


def test_3_what_the_marker_requires_stands_on_the_alert(world: World) -> None:
    response = {"grade": "immediate", "call_back": "never", "code_word": "marigold"}
    world.place(on_phone(), risk="standard", response=response)
    world.happen(**from_number())
    alert = world.alert()
    assert (alert["priority"], alert["response"]) == ("immediate", response)
    assert alert["because"] == ["the marker requires an immediate response"]


def test_2_a_series_raises_the_priority_and_the_order_is_seen(world: World) -> None:
    record_order(world)
    world.place(on_phone(), case="SPO-17", risk="standard")
    for days in (5, 4, 2, 0):
        world.happen(**from_number(), occurred_at=(NOON - timedelta(days=days)).isoformat())
    last = max(world.queue(), key=lambda one: int(one["number"]))
    assert last["priority"] == "urgent"
    assert last["because"][0].startswith("4th contact in 7 days")
    assert [order["reference"] for order in last["orders"]] == ["ORD-2026-17"]
    assert len(world.read(last["id"])["earlier"]) == 3


def test_3_going_below_what_it_requires_takes_a_reason_and_a_second_person_and_stays_visible(world: World) -> None:
    world.place(on_phone(), risk="standard", response={"grade": "immediate"})
    world.happen(**from_number())
    alert = world.alert()
    asked = world.move(alert["id"], "regrade", {"priority": "routine", "reason": "The unit is needed elsewhere."})
    assert (asked.status_code, asked.json()["priority"]) == (202, "immediate")
    assert world.alert()["awaiting_confirmation"]["reason"] == "The unit is needed elsewhere."


def test_5_the_order_of_the_case_does_not_make_another_flat_hers(world: World) -> None:
    world.place(on_address(), case="SPO-17", risk="standard")
    world.happen(abandoned=True, **at_address("Flat 9, 10 Bold Street, Liverpool"))
    assert world.alert()["pattern"] is None, "another door is no contact of hers"


def of_another_force(world: World, force: str) -> None:
    """An integration and a handler of another force, on the same service."""
    with world.db.transaction() as session:
        for name, role in (("Nia", Role.INTEGRATION), ("Gwen", Role.HANDLER)):
            grant = tokens.Grant(name=name, role=role, force=force)
            secret = name.encode().ljust(32, b".")
            world.secrets[name] = tokens.create(session, grant, NOON, new_ids(), lambda _, it=secret: it).secret  # type: ignore[misc]


def test_4_a_marker_fires_whichever_force_takes_the_call(world: World) -> None:
    of_another_force(world, "gwent")
    marker = world.place(on_phone(), case="SPO-17")
    receipt = world.happen(as_="Nia", abandoned=True, **from_number())
    [taken_here] = world.queue("Gwen")
    assert [alert["alert"] for alert in receipt["alerts"]] == [taken_here["id"]]
    [at_home] = world.queue("Priya")
    for alert in (taken_here, at_home):
        assert [match["marker"] for match in alert["matches"]] == [marker["id"]]
        assert (alert["priority"], alert["case"]) == ("immediate", "SPO-17")
        assert alert["matches"][0]["instruction"] == "Treat as urgent."
        assert (alert["event_count"], [event["event"] for event in alert["events"]]) == (1, [receipt["event"]])
    assert world.get(f"/v1/alerts/{at_home['id']}", "Gwen").status_code == 404
    assert world.get(f"/v1/markers/{marker['id']}", "Gwen").status_code == 404


def test_4_a_covert_marker_of_another_force_tells_its_own_circle_alone(world: World) -> None:
    of_another_force(world, "gwent")
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    assert world.happen(as_="Nia", **from_number())["alerts"] == []
    assert world.queue("Gwen") == []
    assert len(world.queue("Kit")) == 1


def test_4_a_marker_fires_whichever_desk_takes_the_call(world: World) -> None:
    world.place(on_phone(), queue="dispatch")
    world.happen(channel="101", **from_number())
    assert world.alert("Dee")["queue"] == "dispatch"
    assert world.alert("Priya")["queue"] == "dispatch"


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("Flat 1, 10 Bold Street, Liverpool", "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "same_building"),
        ("Ground floor flat, 10 Bold Street, Liverpool", "same_building"),
        ("Flat 1A, 10 Bold Street, Liverpool", "same_building"),
        ("10 Bold Street, Liverpool", "same_building"),
        ("11 Bold Street, Liverpool", None),
    ],
)
def test_5_another_flat_is_its_own_level_and_said_aloud(world: World, told: str, level: str | None) -> None:
    world.place(on_address("Flat 1, 10 Bold Street, Liverpool"))
    world.happen(type="incident", **at_address(told))
    found = world.queue()
    assert [match["level"] for alert in found for match in alert["matches"]] == ([level] if level else [])
    if level == "same_building":
        evidence = found[0]["matches"][0]["evidence"]
        assert any("the marker is on flat 1" in sentence for sentence in evidence)


@pytest.mark.parametrize(
    "written",
    ["00447700900123", "447700900123", "+44 (0)7700 900123", "sip:+447700900123@switch.example;user=phone",
     "141 07700 900123", "1470 07700900123", "07700-900-123", "tel:+44-7700-900123"],
)  # fmt: skip
def test_6_a_number_is_found_however_it_arrives(world: World, written: str) -> None:
    world.place(on_phone())
    assert world.happen(**from_number(written))["alerts"][0]["priority"] == "urgent"


def test_6_a_withheld_number_is_a_fact_and_no_problem(world: World) -> None:
    world.place(on_phone())
    for written in (None, "withheld", "anonymous", "sip:anonymous@anonymous.invalid"):
        receipt = world.happen(**from_number(written))
        assert (receipt["alerts"], receipt["problems"]) == ([], [])


def test_7_a_marker_says_when_it_lapses_and_does_not_fire_afterwards(world: World) -> None:
    ends = NOON + timedelta(days=1)
    marker = world.place(on_phone(), valid_until=ends.isoformat())
    assert marker["status"] == "active"
    world.clock.advance(days=2)
    assert world.get(f"/v1/markers/{marker['id']}").json()["status"] == "lapsed"
    assert world.happen(occurred_at=world.clock.moment.isoformat(), **from_number())["alerts"] == []


def test_8_a_marker_that_could_never_match_is_not_stored(world: World) -> None:
    answer = world.post("/v1/markers", {
        "category": "stalking", "risk": "high", "instruction": "Treat as urgent.",
        "targets": [on_phone(), on_phone("07700 9OO1"), on_address("somewhere in town", None)],
    }, "Owen")  # fmt: skip
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json()["errors"]] == ["targets[1].phone.number", "targets[2].address.text"]
    assert world.get("/v1/markers", "Owen").json()["items"] == []


def test_9_nothing_closes_itself(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    world.happen(call="T-1", line="cleared", attributes={"state": "closed"})
    world.clock.advance(days=400)
    with world.db.transaction() as session:
        remove_expired(session, world.clock.moment, timedelta(hours=72))
    alert = world.alert()
    assert (alert["state"], alert["acknowledged_by"], alert["event_count"]) == ("raised", None, 2)


def test_10_ten_events_of_one_incident_are_one_alert_and_the_eleventh_incident_is_its_own(world: World) -> None:
    world.place(on_phone(), on_address())
    for _ in range(5):
        world.happen(call="T-1", incident="MP-1", **from_number())
        world.happen(source="c2", type="incident", incident="MP-1", **at_address())
    world.happen(call="T-2", **from_number())
    assert [alert["event_count"] for alert in world.queue()] == [10, 1]


@pytest.mark.parametrize("who", ["Priya", "Sam", "Dee", "Tess", "Ada", "Alex"])
def test_12_her_new_address_is_told_to_nobody_who_should_not_have_it(world: World, who: str) -> None:
    narrative, hidden = "She moved to her aunt's.", "Flat 9, 88 Wood Street, Liverpool"
    world.place(on_phone(), reference="A", narrative=narrative)
    world.place(on_address(hidden, "L1 4DQ"), reference="B", sensitivity="restricted", instruction="Her new address.")
    world.place(on_address(hidden, "L1 4DQ"), as_="Noor", reference="C", sensitivity="covert", queue=CIRCLE)
    world.happen(call="T-1", **from_number(HER_NUMBER))
    answers = [world.get("/v1/markers", who), world.get("/v1/alerts", who)]
    answers.append(world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, who))
    said = "".join(answer.text for answer in answers)
    assert not any(secret in said for secret in (narrative, "88 Wood Street", "Her new address", CIRCLE))
