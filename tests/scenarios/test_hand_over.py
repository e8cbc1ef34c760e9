"""A shift ends: what somebody answers for is left with somebody else, and nothing slips between them."""

from typing import Any

import pytest

from tests.builders import from_number, on_phone
from tests.world import CIRCLE, World


def three(world: World, who: str = "Priya") -> list[dict[str, Any]]:
    world.place(on_phone())
    for number in range(3):
        world.happen(call=f"T-{number}", **from_number())
    alerts = world.queue()
    for alert in alerts:
        assert world.move(alert["id"], "acknowledge", {}, who).status_code == 200
    return alerts


def hand_over(world: World, as_: str = "Priya", **body: Any) -> Any:
    return world.post("/v1/alerts/hand-over", body, as_)


def test_all_that_one_has_in_one_move(world: World) -> None:
    alerts = three(world)
    done = hand_over(world, to="Sam", note="Two callers wait for a unit.")
    assert done.status_code == 200, done.text
    assert (set(done.json()["moved"]), done.json()["left"]) == ({one["id"] for one in alerts}, [])
    for alert in alerts:
        seen = world.read(alert["id"])
        assert (seen["state"], seen["acknowledged_by"], seen["assigned_to"]) == ("acknowledged", "Sam", "Sam")
        last = seen["history"][-1]
        assert (last["change"], last["by"], last["note"]) == ("handed_over", "Priya", "Two callers wait for a unit.")
        assert last["details"] == {"from": "Priya", "to": "Sam"}
    assert hand_over(world, to="Sam").json() == {"to": "Sam", "moved": [], "left": []}


def test_some_of_them_and_what_stays_says_why(world: World) -> None:
    first, second, third = three(world)
    world.move(second["id"], "release")
    done = hand_over(world, to="Owen", alerts=[first["id"], second["id"], "no such"]).json()
    assert done["moved"] == [first["id"]]
    assert {one["alert"] for one in done["left"]} == {second["id"], "no such"}
    assert world.read(third["id"])["acknowledged_by"] == "Priya"


def test_somebody_elses_are_handed_over_by_a_supervisor(world: World) -> None:
    alerts = three(world)
    refused = hand_over(world, "Owen", to="Owen", **{"from": "Priya"})
    assert (refused.status_code, refused.json()["type"]) == (403, "not-yours-to-hand-over")
    done = hand_over(world, "Sam", to="Owen", **{"from": "Priya"}).json()
    assert len(done["moved"]) == len(alerts)
    assert world.read(alerts[0]["id"])["history"][-1]["by"] == "Sam"


@pytest.mark.parametrize("to", ["Nobody", "Tess", "Ada"])
def test_to_somebody_of_the_room(world: World, to: str) -> None:
    three(world)
    answer = hand_over(world, to=to)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "to")
    assert {one["acknowledged_by"] for one in world.queue()} == {"Priya"}


def test_a_circles_alert_stays_in_its_circle(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number())
    alert = world.alert("Kit")
    world.move(alert["id"], "acknowledge", {}, "Kit")
    outside = hand_over(world, "Kit", to="Priya").json()
    assert (outside["moved"], outside["left"][0]["because"]) == ([], "that person may not read it")
    assert hand_over(world, "Kit", to="Noor").json()["moved"] == [alert["id"]]
    assert hand_over(world, "Sam", to="Owen", **{"from": "Noor"}).json() == {"to": "Owen", "moved": [], "left": []}


def test_the_incident_is_typed_by_hand_and_its_log_joins(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    alert = world.alert()
    done = world.move(alert["id"], "incident", {"incident": "MP-77"})
    assert (done.status_code, done.json()["incident"]) == (200, "MP-77")
    assert done.json()["history"][-1]["change"] == "incident"
    assert "MP-77" not in str(done.json()["history"])
    world.happen(type="incident", incident="MP-77", summary="Unit assigned")
    assert world.read(alert["id"])["event_count"] == 2
    assert world.move(alert["id"], "incident", {}).status_code == 422
    world.move(alert["id"], "resolve", {"outcome": "attended"})
    assert world.move(alert["id"], "incident", {"incident": "MP-78"}).status_code == 409


def test_to_somebody_who_could_do_nothing_with_it_it_is_not_handed_over(world: World) -> None:
    alerts = three(world)
    done = hand_over(world, to="Dee").json()
    assert (done["moved"], {one["because"] for one in done["left"]}) == (
        [], {"that person is at none of the desks that answer for it"},
    )  # fmt: skip
    assert world.move(alerts[0]["id"], "assign", {"to": "Dee"}).status_code == 200, "who may read it may be named on it"
    assert world.move(alerts[0]["id"], "note", {"note": "mine"}, "Dee").status_code == 200, "and may act on it then"
    assert [one["id"] for one in world.queue("Dee", assigned_to="Dee")] == [alerts[0]["id"]]
    assert world.move(alerts[1]["id"], "note", {"note": "x"}, "Dee").json()["type"] == "not-your-desk"


def test_the_same_request_again_is_answered_as_it_was(world: World) -> None:
    alerts = three(world)
    body, key = {"to": "Sam", "note": "shift ends"}, {"Idempotency-Key": "k-1"}
    first = world.post("/v1/alerts/hand-over", body, "Priya", **key)
    again = world.post("/v1/alerts/hand-over", body, "Priya", **key)
    assert first.json() == again.json()
    assert (len(first.json()["moved"]), again.headers["Idempotency-Replayed"]) == (3, "true")
    other = world.post("/v1/alerts/hand-over", body | {"to": "Owen"}, "Priya", **key)
    assert (other.status_code, other.json()["type"]) == (422, "idempotency-key-reused")
    together = {"alerts": [one["id"] for one in alerts], "move": "note", "with": {"note": "once"}}
    for _ in range(2):
        assert (
            len(world.post("/v1/alerts/together", together, "Sam", **{"Idempotency-Key": "k-2"}).json()["moved"]) == 3
        )
    assert [line["note"] for line in world.read(alerts[0]["id"])["history"]].count("once") == 1
    changed = together | {"with": {"note": "other"}}
    assert world.post("/v1/alerts/together", changed, "Sam", **{"Idempotency-Key": "k-2"}).status_code == 422


def test_nobody_can_be_handed_over_from(world: World) -> None:
    three(world)
    answer = hand_over(world, "Sam", to="Owen", **{"from": "Nobody"})
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "from")
