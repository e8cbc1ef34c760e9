"""Twenty voiceless calls in ten minutes stay twenty alerts, and stand as one group with one move for all."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOON, from_number, on_address, on_phone
from tests.scenarios.safeguarding import open_case
from tests.world import CIRCLE, World


def together(world: World, as_: str = "Priya", said: Any = None, **body: Any) -> Any:
    return world.post("/v1/alerts/together", body | ({"with": said} if said is not None else {}), as_)


def twenty(world: World, **marker: Any) -> list[dict[str, Any]]:
    world.place(on_phone(), **marker)
    for number in range(20):
        world.happen(call=f"T-{number}", abandoned=True, **from_number())
    return world.queue(limit=100)


def test_twenty_voiceless_calls_are_twenty_alerts_and_one_move(world: World) -> None:
    open_case(world)
    alerts = twenty(world, case="SPO-17")
    assert len({one["id"] for one in alerts}) == 20
    [group] = {one["group"] for one in alerts}
    assert "SPO" not in group
    assert len(world.queue(group=group, limit=100)) == 20
    done = together(world, group=group, move="acknowledge", said={"note": "one caller"})
    assert done.status_code == 200, done.text
    assert (len(done.json()["moved"]), done.json()["left"]) == (20, [])
    seen = world.read(alerts[7]["id"])
    assert (seen["state"], seen["acknowledged_by"], seen["history"][-1]["note"]) == (
        "acknowledged",
        "Priya",
        "one caller",
    )
    resolved = together(world, group=group, move="resolve", said={"outcome": "attended", "note": "she is safe"})
    assert (len(resolved.json()["moved"]), world.queue()) == (20, [])


def test_without_a_case_they_are_one_group_by_the_number_that_calls(world: World) -> None:
    world.place(on_phone())
    world.place(on_address())
    world.happen(call="T-1", **from_number())
    world.happen(
        call="T-2",
        **from_number("07700 900201"),
        locations=[{"role": "caller", "address": "Flat 2, 10 Bold Street", "postcode": "L1 4DS"}],
    )
    world.happen(call="T-3", **from_number())
    groups = [one["group"] for one in sorted(world.queue(), key=lambda one: int(one["number"]))]
    assert (groups[0] == groups[2], groups[0] == groups[1], None in groups) == (True, False, False)


def test_what_can_not_be_moved_is_left_with_its_reason_and_the_rest_moves(world: World) -> None:
    alerts = twenty(world)
    world.move(alerts[0]["id"], "acknowledge", {}, "Owen")
    done = together(world, alerts=[one["id"] for one in alerts[:3]] + ["nothing"], move="acknowledge").json()
    assert done["moved"] == [one["id"] for one in alerts[1:3]]
    assert [(one["alert"], one["because"]) for one in done["left"]] == [
        (alerts[0]["id"], "Owen has this alert"), ("nothing", "there is no such alert"),
    ]  # fmt: skip


def test_high_risk_ones_closed_as_nothing_wait_for_a_second_person_each(world: World) -> None:
    alerts = twenty(world)
    said = {"outcome": "no_action_needed", "note": "children"}
    done = together(world, group=alerts[0]["group"], move="resolve", said=said).json()
    assert (done["moved"], len(done["waiting"])) == ([], 20)


def test_a_circles_group_is_its_own_and_its_desks_alone(world: World) -> None:
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.place(on_phone())
    world.happen(**from_number())
    inside, outside = world.alert("Kit", queue=CIRCLE), world.alert("Priya")
    assert inside["group"] != outside["group"]
    told = together(world, group=inside["group"], move="acknowledge").json()
    assert told == together(world, group="no-such", move="acknowledge").json() == {
        "move": "acknowledge", "moved": [], "waiting": [], "left": [],
    }  # fmt: skip
    named = together(world, alerts=[inside["id"]], move="acknowledge").json()
    assert named["left"] == [{"alert": inside["id"], "because": "there is no such alert"}]


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "move"), ({"move": "acknowledge"}, "body"), ({"move": "acknowledge", "group": "a", "alerts": ["b"]}, "body"),
        ({"move": "reopen", "group": "a"}, "move"), ({"move": "note", "group": "a"}, "with.note"),
        ({"move": "assign", "group": "a", "with": {"to": 5}}, "with.to"),
        ({"move": "resolve", "group": "a", "with": {"outcome": "x"}}, "with.outcome"),
        ({"move": "acknowledge", "group": "a", "with": {"more": 1}}, "with"),
        ({"move": "acknowledge", "alerts": ["a"] * 201}, "alerts"), ({"move": "note", "group": "a", "with": []}, "with"),
    ],
)  # fmt: skip
def test_bad_input_is_named(world: World, body: dict[str, Any], at: str) -> None:
    answer = together(world, **body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at), answer.text
    for who in ("Tess", "Ada", "Alex"):
        assert together(world, who, **body).status_code == 403


def test_on_the_shelf_together_they_come_back_together(world: World) -> None:
    alerts = twenty(world)
    until = (NOON + timedelta(hours=1)).isoformat()
    done = together(world, group=alerts[0]["group"], move="shelve", said={"until": until, "reason": "known fault"})
    assert len(done.json()["moved"]) == 20
    assert all(one["shelved_until"] for one in world.queue(limit=100))
    past = together(world, group=alerts[0]["group"], move="shelve", said={"until": NOON.isoformat(), "reason": "x"})
    assert (past.status_code, past.json()["type"]) == (422, "shelf-time")


def test_a_supervisor_agrees_to_all_of_them_in_one_move(world: World) -> None:
    alerts = twenty(world)
    together(world, group=alerts[0]["group"], move="resolve", said={"outcome": "false_match", "note": "a toy"})
    own = together(world, group=alerts[0]["group"], move="confirm").json()
    assert (own["moved"], len(own["left"])) == ([], 20), "who asked does not agree with themselves"
    agreed = together(world, "Sam", group=alerts[0]["group"], move="confirm").json()
    assert (len(agreed["moved"]), world.queue()) == (20, [])
