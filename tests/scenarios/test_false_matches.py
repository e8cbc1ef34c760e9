"""Alerta and Keep: nobody learns which rule cries wolf. A false match tells the marker's officer, and is counted."""

from typing import Any

from tests.builders import from_number, on_phone
from tests.scenarios.safeguarding import HERS, reviews
from tests.world import CIRCLE, World

SAID = "marker MRK-1: an alert was resolved as a false match, {}: is the marker right?"


def false_match(world: World, as_: str = "Priya") -> Any:
    world.happen(**from_number(HERS))
    alert_id = world.alert(as_, state="raised")["id"]
    done = world.move(alert_id, "resolve", {"outcome": "false_match", "note": "Not she."}, as_)
    assert done.status_code == 200, done.text
    return alert_id


def told(world: World, as_: str = "Owen", **params: Any) -> list[dict[str, Any]]:
    return [one for one in reviews(world, as_, **params) if one["kind"] == "false_match"]


def test_queue_false_match_tells_the_markers_officer_and_is_counted(world: World) -> None:
    marker = world.place(on_phone(HERS), risk="standard", reference="MRK-1")
    false_match(world)
    [first] = told(world)
    assert (first["for"], first["about"], first["state"]) == ("Owen", {"marker": marker["id"]}, "open")
    assert first["said"] == SAID.format("for the first time")
    world.clock.advance(hours=3)
    false_match(world)
    assert sorted(one["said"] for one in told(world)) == sorted(
        [SAID.format("for the first time"), SAID.format("2 times so far")]
    )


def test_reopened_it_is_asked_no_more_and_does_not_count(world: World) -> None:
    world.place(on_phone(HERS), risk="standard", reference="MRK-1")
    alert_id = false_match(world)
    assert world.move(alert_id, "reopen", {"reason": "It was she."}).status_code == 200
    [taken_back] = told(world)
    assert (taken_back["state"], taken_back["done_by"]) == ("done", "heed")
    assert world.move(alert_id, "resolve", {"outcome": "false_match", "note": "No."}).status_code == 200
    [again] = told(world, state="open")
    assert again["said"] == SAID.format("for the first time")


def test_another_outcome_tells_nobody(world: World) -> None:
    world.place(on_phone(HERS), risk="standard")
    world.happen(**from_number(HERS))
    world.move(world.alert()["id"], "resolve", {"outcome": "attended", "note": "Officers went."})
    assert told(world) == []


def test_a_covert_markers_false_match_stays_in_its_circle(world: World) -> None:
    world.place(on_phone(HERS), risk="standard", as_="Noor", sensitivity="covert", queue=CIRCLE)
    false_match(world, "Kit")
    assert told(world) == []
    assert [one["for"] for one in told(world, "Noor")] == ["Noor"]
