"""`GET /v1/audit`: who did what to which objects, for auditors."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import HER_NUMBER, NOON, from_number, on_phone
from tests.world import CIRCLE, World


@pytest.mark.parametrize("who", ["Priya", "Owen", "Sam", "Tess", "Alex", "Kit", "Noor"])
def test_nobody_but_auditors_reads_the_trail(world: World, who: str) -> None:
    assert world.get("/v1/audit", who).status_code == 403


def trail(world: World, **params: Any) -> list[dict[str, Any]]:
    answer = world.get("/v1/audit", "Ada", **params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def done(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(item["who"], item["action"]) for item in items]


def a_morning(world: World) -> tuple[str, str, str]:
    """A marker placed, looked at and suspended, an event and its alert, a minute apart; the three ids."""
    marker = world.place(on_phone())["id"]
    world.clock.advance(minutes=1)
    world.get(f"/v1/markers/{marker}", "Priya")
    world.clock.advance(minutes=1)
    receipt = world.happen(call="T-1", incident="MP-1", **from_number())
    alert = receipt["alerts"][0]["alert"]
    world.clock.advance(minutes=1)
    world.move(alert, "acknowledge")
    world.clock.advance(minutes=1)
    world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}], "reason": "she rang", "incident": "MP-1"}, "Sam")
    world.clock.advance(minutes=1)
    world.post(f"/v1/markers/{marker}/suspend", {"reason": "wrong number"}, "Owen")
    world.clock.advance(minutes=1)
    return marker, alert, receipt["event"]


def test_who_did_what_newest_first_with_reasons_and_the_event_in_hand_and_no_search_term(world: World) -> None:
    marker, _, _ = a_morning(world)
    items = trail(world)
    assert done(items) == [
        ("Owen", "suspend_marker"), ("Sam", "look_up"), ("Priya", "acknowledge_alert"), ("Tess", "post_events"),
        ("Priya", "read_marker"), ("Owen", "place_marker"),
    ]  # fmt: skip
    suspended, looked_up = items[0], items[1]
    assert (suspended["reason"], suspended["objects"]) == (
        "wrong number",
        [{"kind": "marker", "id": marker, "version": 2}],
    )
    assert (looked_up["reason"], looked_up["in_hand"], looked_up["searched"]) == ("she rang", "MP-1", True)
    assert (items[0]["searched"], items[0]["operation"], items[0]["role"]) == (False, "alteration", "officer")
    assert "900123" not in str(items)


def test_one_question_each_by_person_object_operation_and_time(world: World) -> None:
    marker, alert, event = a_morning(world)
    assert done(trail(world, who="Priya")) == [("Priya", "acknowledge_alert"), ("Priya", "read_marker")]
    assert done(trail(world, object=marker)) == [
        ("Owen", "suspend_marker"), ("Sam", "look_up"), ("Priya", "read_marker"), ("Owen", "place_marker"),
    ]  # fmt: skip
    assert done(trail(world, object=alert)) == [("Priya", "acknowledge_alert")]
    assert done(trail(world, operation="collection")) == [("Tess", "post_events"), ("Owen", "place_marker")]
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    window = {"since": since.isoformat(), "until": until.isoformat()}
    assert done(trail(world, **window)) == [("Tess", "post_events"), ("Priya", "read_marker")]
    assert trail(world, object="07700 900123") == trail(world, object="%") == trail(world, who="Nobody") == []
    assert trail(world, object=event) == []  # this clock stands still, and its id is of today


def test_an_event_is_found_by_the_moment_in_its_id(world: World) -> None:
    event = world.happen(**from_number())["event"]
    made_at = int(event.replace("-", "")[:12], 16) / 1000
    world.clock.moment += timedelta(seconds=made_at - world.clock.moment.timestamp())
    event = world.happen(**from_number())["event"]
    assert done(trail(world, object=event)) == [("Tess", "post_events")]


def test_page_by_page_and_reading_the_trail_is_an_entry_itself(world: World) -> None:
    a_morning(world)
    whole = [item["id"] for item in trail(world)]
    paged, cursor = [], None
    for _ in range(10):
        params = {"until": world.clock.moment.isoformat(), "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = world.get("/v1/audit", "Ada", **params).json()
        paged += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole
    read = [item for item in trail(world) if item["action"] == "read_trail"]
    assert len(read) == 4
    assert read[0]["who"] == "Ada"
    assert world.get("/v1/audit", "Ada", cursor=cursor or "x").status_code == 422


def test_of_what_a_closed_circle_did_an_auditor_reads_nothing(world: World) -> None:
    hidden = world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)["id"]
    world.get(f"/v1/markers/{hidden}", "Kit")
    world.happen(**from_number())
    world.queue("Kit")
    assert done(trail(world)) == [("Kit", "list_alerts"), ("Tess", "post_events")]
    assert hidden not in str(trail(world))
    assert trail(world, object=hidden) == []


@pytest.mark.parametrize("params", [{"operation": "peeking"}, {"since": "yesterday"}, {"limit": -1}, {"who": "a\x00"}])
def test_a_bad_question_is_refused_by_the_part(world: World, params: dict[str, Any]) -> None:
    answer = world.get("/v1/audit", "Ada", **params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] in params


def test_who_audits_reads_why_and_no_narrative(world: World) -> None:
    world.place(on_phone())
    alert = world.happen(**from_number())["alerts"][0]["alert"]
    until = (world.clock.moment + timedelta(minutes=10)).isoformat()
    for move, body in (
        ("acknowledge", {"note": "TOLD a"}), ("note", {"note": "TOLD b"}), ("release", {"note": "WHY a"}),
        ("shelve", {"until": until, "reason": "WHY b"}), ("acknowledge", {}), ("hand-over", {}),
        ("resolve", {"outcome": "attended", "note": "TOLD c"}), ("reopen", {"reason": "WHY c"}),
    ):  # fmt: skip
        if move == "hand-over":
            given = world.post("/v1/alerts/hand-over", {"to": "Priya", "note": "TOLD d"}, "Sam")
            assert given.json()["left"] == []
        else:
            answer = world.post(f"/v1/alerts/{alert}/{move}", body, "Sam" if move != "resolve" else "Priya")
            assert answer.status_code == 200, (move, answer.text)
    reasons = {one["reason"] for one in world.get("/v1/audit", "Ada").json()["items"]}
    assert reasons == {None, "WHY a", "WHY b", "WHY c"}
    history = {line["note"] for line in world.read(alert)["history"]}
    assert {"TOLD a", "TOLD b", "TOLD c", "TOLD d"} <= history
