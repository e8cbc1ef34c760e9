"""Who hears the caller is not who sends the car: rules name desks, each answers for its own alert, none stays empty."""

from typing import Any

import pytest

from tests.builders import NOON, at_address, at_point, from_number, on_address, on_phone
from tests.scenarios.safeguarding import open_case
from tests.web.console.screen import somebody
from tests.world import CIRCLE, World

pytestmark = pytest.mark.usefixtures("no_other_watch")
CIRCLE_OF_TOWN = {"circle": {"latitude": 53.4, "longitude": -2.98, "radius_m": 2000}}


def route(world: World, *rules: dict[str, Any], as_: str = "Sam", **headers: str) -> Any:
    body = {"rules": [{"name": f"rule {place}"} | rule for place, rule in enumerate(rules)]}
    return world.client.put("/v1/routing", json=body, headers=world.headers(as_) | headers)


def falls_back(world: World, desk: str, fallback: str | None, as_: str = "Sam") -> Any:
    return world.client.put("/v1/desks", json={"desk": desk, "fallback": fallback}, headers=world.headers(as_))


def at_desks(world: World) -> list[str]:
    return sorted(alert["queue"] for alert in world.queue("Owen"))


def test_a_rule_names_several_desks_and_each_answers_for_its_own_alert(world: World) -> None:
    assert route(world, {"categories": ["stalking"], "desks": ["call-taking", "dispatch"]}).status_code == 200
    world.place(on_phone())
    told = world.happen(**from_number())["alerts"]
    assert [(one["queue"], one["created"]) for one in told] == [("call-taking", True), ("dispatch", True)]
    taken, sent = (one["alert"] for one in told)
    assert (world.read(taken)["related"], world.read(sent)["related"]) == ([sent], [taken])
    assert world.move(taken, "acknowledge", {}, "Priya").status_code == 200
    assert world.read(sent)["state"] == "raised", "who hears the caller does not silence who sends the car"
    assert [one["id"] for one in world.queue("Dee")] == [sent]
    assert world.move(taken, "acknowledge", {}, "Dee").json()["type"] == "not-your-desk"


def test_a_further_event_adds_to_both_and_one_that_is_resolved_opens_anew_at_its_own_desk(world: World) -> None:
    route(world, {"desks": ["call-taking", "dispatch"]})
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    world.happen(call="T-1", **from_number())
    both = world.queue()
    assert [one["event_count"] for one in both] == [2, 2]
    [sent] = [one for one in both if one["queue"] == "dispatch"]
    assert world.move(sent["id"], "resolve", {"outcome": "attended", "note": "seen"}, "Dee").status_code in (200, 202)
    world.move(sent["id"], "confirm", {}, "Sam")
    world.happen(call="T-1", **from_number())
    [again] = [one for one in world.queue("Dee") if one["state"] == "raised"]
    assert again["previous"] == sent["id"]
    assert at_desks(world) == ["call-taking", "dispatch"]


def test_the_markers_own_desk_answers_beside_those_of_the_rules_and_the_default_one_where_nothing_does(
    world: World,
) -> None:
    route(world, {"risks": ["high"], "desks": ["dispatch"]}, {"categories": ["care_plan"], "desks": ["welfare"]})
    world.place(on_phone(), queue="call-taking")
    world.happen(**from_number())
    assert at_desks(world) == ["call-taking", "dispatch"]
    world.place(on_phone("07700 900201"), risk="standard")
    world.happen(**from_number("07700 900201"))
    assert at_desks(world) == ["call-taking", "control-room", "dispatch"]


@pytest.mark.parametrize(
    ("rule", "event"),
    [
        ({"channels": ["999"]}, {"channel": "999"}),
        ({"areas": [CIRCLE_OF_TOWN]}, at_point(53.405, -2.98, 20)),
        ({"areas": [CIRCLE_OF_TOWN]}, at_point(53.425, -2.98, 3000)),
        ({"postcodes": ["L1"]}, at_address("Elsewhere 9, Liverpool", "L1 4DS")),
        ({"postcodes": ["L"]}, at_address("Elsewhere 9, Liverpool", "L1 4DS")),
        ({"postcodes": ["L1 4"]}, at_address("Elsewhere 9, Liverpool", "L1 4DS")),
    ],
)
def test_by_channel_area_and_postcode(world: World, rule: dict[str, Any], event: dict[str, Any]) -> None:
    route(world, rule | {"desks": ["north"]})
    world.place(on_phone())
    world.happen(**from_number())
    assert at_desks(world) == ["control-room"], "nothing says that it is there"
    world.happen(**(event | from_number()))
    assert at_desks(world) == ["control-room", "north"]


def test_l1_is_not_l15(world: World) -> None:
    route(world, {"postcodes": ["L1"], "desks": ["north"]})
    world.place(on_phone())
    world.happen(**(at_address("Elsewhere 9, Liverpool", "L15 4DS") | from_number()))
    assert at_desks(world) == ["control-room"]


def test_what_nothing_routes_joins_what_stands_elsewhere(world: World) -> None:
    route(world, {"postcodes": ["L1"], "desks": ["north"]})
    world.place(on_phone(), on_address())
    world.happen(call="T-1", **(at_address() | from_number()))
    world.happen(call="T-1", **from_number())
    alert = world.alert("Owen")
    assert (alert["queue"], alert["event_count"]) == ("north", 2)


def test_a_marker_placed_during_the_call_is_routed_too(world: World) -> None:
    route(world, {"channels": ["999"], "desks": ["call-taking", "dispatch"]})
    world.happen(channel="999", **from_number())
    world.place(on_phone())
    first, second = world.queue("Owen")
    assert (first["related"], second["related"]) == ([second["id"]], [first["id"]])
    assert at_desks(world) == ["call-taking", "dispatch"]


def test_a_covert_alert_is_routed_nowhere(world: World) -> None:
    route(world, {"desks": ["dispatch"]})
    falls_back(world, CIRCLE, "dispatch")
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number())
    assert world.queue("Dee") == []
    alert = world.alert("Kit")
    assert (alert["queue"], alert["escalated_to"]) == (CIRCLE, [])


def test_rules_are_changed_together_and_seen_before(world: World) -> None:
    first = route(world, {"desks": ["dispatch"]})
    assert (first.json()["version"], first.headers["ETag"]) == (1, '"1"')
    stale = route(world, as_="Alex", **{"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["version"]) == (412, 1)
    assert route(world, as_="Alex", **{"If-Match": '"1"'}).json() == {
        "rules": [], "version": 2, "default_queue": "control-room",
    }  # fmt: skip
    assert world.get("/v1/routing", "Sam").json()["version"] == 2
    for who in ("Priya", "Owen", "Tess", "Ada"):
        assert route(world, as_=who).status_code == world.get("/v1/routing", who).status_code == 403
        assert falls_back(world, "a", None, who).status_code == world.get("/v1/desks", who).status_code == 403


@pytest.mark.parametrize(
    ("rule", "at"),
    [
        ({}, "rules[0].desks"), ({"desks": []}, "rules[0].desks"), ({"desks": ["a", "a"]}, "rules[0].desks"),
        ({"desks": ["a"], "risks": ["x"]}, "rules[0].risks[0]"), ({"desks": ["a"], "more": 1}, "rules[0]"),
        ({"desks": ["a"], "areas": [{"circle": {"latitude": 1, "longitude": 1, "radius_m": 0}}]}, "rules[0].areas[0]"),
        ({"desks": ["a"], "areas": [{}]}, "rules[0].areas[0]"), ({"desks": [5]}, "rules[0].desks[0]"),
    ],
)  # fmt: skip
def test_bad_rules_are_named_and_change_nothing(world: World, rule: dict[str, Any], at: str) -> None:
    answer = route(world, rule)
    assert (answer.status_code, answer.json()["errors"][0]["at"][: len(at)]) == (422, at), answer.text
    assert world.get("/v1/routing", "Sam").json()["version"] == 0
    twice = route(world, {"name": "one", "desks": ["a"]}, {"name": "one", "desks": ["a"]})
    assert twice.json()["errors"][0]["at"] == "rules[1].name"
    assert falls_back(world, "a", "a").json()["errors"][0]["at"] == "fallback"
    assert falls_back(world, "", "a").status_code == 422


def test_a_desk_with_nobody_signed_in_passes_on_at_once_as_far_as_somebody_is(world: World) -> None:
    for desk, fallback in (("night", "annex"), ("annex", "dispatch"), ("dispatch", "annex")):
        assert falls_back(world, desk, fallback).status_code == 200
    world.get("/v1/alerts", "Dee")
    world.place(on_phone(), queue="night")
    world.happen(**from_number())
    alert = world.alert("Dee")
    assert (alert["queue"], alert["escalated_to"], alert["escalation_level"]) == ("night", ["annex", "dispatch"], 0)
    assert world.read(alert["id"])["history"][0]["details"]["passed_on_to"] == ["annex", "dispatch"]
    assert world.move(alert["id"], "acknowledge", {}, "Dee").status_code == 200


def test_a_desk_that_somebody_is_at_passes_nothing_on_and_does_when_they_leave(world: World) -> None:
    falls_back(world, "night", "dispatch")
    nell = somebody(world, "Nell", "night")
    world.place(on_phone(), queue="night")
    world.happen(**from_number())
    world.look()
    assert world.queue("Dee") == []
    nell.post("/sign-out", {})
    world.look()
    alert = world.alert("Dee")
    assert alert["escalated_to"] == ["dispatch"]
    last = world.read(alert["id"])["history"][-1]
    assert (last["change"], last["by"], last["details"]) == ("passed_on", "heed", {"from": "night", "to": ["dispatch"]})
    world.look()
    assert world.read(alert["id"])["version"] == alert["version"], "once is enough"


def test_the_ladder_is_supervisors_then_the_fallback_then_the_rest_and_never_stops(world: World) -> None:
    falls_back(world, "control-room", "annex")
    world.get("/v1/alerts", "Priya")
    world.place(on_phone())
    world.happen(silent_solution=True, **from_number())
    alert = world.alert()
    steps = []
    for _ in range(5):
        world.clock.advance(seconds=30)
        world.look("supervisors", "duty-inspector")
        steps.append(len(world.alert()["escalated_to"]))
    assert steps == [1, 2, 3, 3, 3]
    seen = world.read(alert["id"])
    assert (seen["escalated_to"], seen["escalation_level"]) == (["supervisors", "annex", "duty-inspector"], 5)
    told = [line["details"]["level"] for line in seen["history"] if line["change"] == "escalated_as_late"]
    assert told == [1, 2, 3, 4, 5]


def test_22_a_covert_alert_climbs_inside_its_circle_from_person_to_person(world: World) -> None:
    falls_back(world, CIRCLE, "dispatch")
    open_case(world, "Noor", reference="CP-1", officer="Noor", deputy="Kit", queue=CIRCLE)
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, case="CP-1")
    world.happen(silent_solution=True, **from_number())
    alert = world.alert("Kit")
    told = []
    for _ in range(3):
        world.clock.advance(seconds=30)
        world.look("supervisors")
        told.append(world.read(alert["id"], "Kit")["history"][-1]["details"])
    assert [{name: value for name, value in one.items() if name != "late_by_s"} for one in told] == [
        {"level": 1, "to": "Noor"}, {"level": 2, "to": "Kit"}, {"level": 3, "officers": ["Noor"]},
    ]  # fmt: skip
    assert world.read(alert["id"], "Kit")["escalated_to"] == []
    assert world.queue("Sam") == world.queue("Dee") == []


def test_every_desk_at_a_glance(world: World) -> None:
    falls_back(world, "night", "dispatch")
    world.get("/v1/alerts", "Priya")
    world.place(on_phone())
    world.happen(**from_number())
    desks = {one["desk"]: one for one in world.get("/v1/desks", "Sam").json()["items"]}
    assert set(desks) == {"control-room", "supervisors", "night", "dispatch"}
    room = desks["control-room"]
    assert (room["open"], room["waiting"], room["oldest_waiting_at"]) == (1, 1, NOON.isoformat().replace("+00:00", "Z"))
    assert "Priya" in room["present"]
    assert (desks["night"]["fallback"], desks["night"]["open"], desks["night"]["oldest_waiting_at"]) == (
        "dispatch",
        0,
        None,
    )
    world.place(on_phone("07700 900300"), as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number("07700 900300"))
    again = {one["desk"]: one for one in world.get("/v1/desks", "Sam").json()["items"]}
    assert again.keys() == desks.keys(), "a circle's desk is named to nobody outside"
