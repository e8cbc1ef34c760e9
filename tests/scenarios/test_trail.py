"""Everything that people and machines do leaves one entry, which says who did what to which objects at which version."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from access import tokens
from access.models import Entry
from access.verify import verify
from db.sealed import Place, unseal
from tests.builders import HER_NUMBER, KEYS, a_marker, an_event, from_number, on_phone
from tests.world import CIRCLE, World

ABSENT = "01a00000-0000-7000-8000-000000000000"


def entries(world: World) -> list[Entry]:
    with world.db.reading() as session:
        return list(session.scalars(select(Entry).order_by(Entry.at, Entry.id)))


def entry_of(world: World, done: Callable[[], Any]) -> Entry:
    """The one entry that `done` left."""
    before = {entry.id for entry in entries(world)}
    done()
    [entry] = [entry for entry in entries(world) if entry.id not in before]
    return entry


def told(entry: Entry) -> tuple[str, str, str, str, str]:
    return entry.who, entry.role, entry.operation, entry.action, entry.outcome


def objects(entry: Entry) -> list[tuple[str, str, int]]:
    return [tuple(thing) for thing in json.loads(entry.objects)]


def in_hand(entry: Entry) -> str | None:
    sealed = entry.in_hand_sealed
    return None if sealed is None else unseal(KEYS, Place("trail_entries", "in_hand", str(entry.id)), sealed)


def test_what_is_done_to_a_marker_is_recorded_with_the_version_that_it_made(world: World) -> None:
    placed: dict[str, Any] = {}
    entry = entry_of(world, lambda: placed.update(world.place(on_phone())))
    path, key = f"/v1/markers/{placed['id']}", placed["id"]
    assert told(entry) == ("Owen", "officer", "collection", "place_marker", "done")
    assert objects(entry) == [("marker", key, 1)]
    entry = entry_of(world, lambda: world.get(path, "Priya"))
    assert told(entry) == ("Priya", "handler", "consultation", "read_marker", "shown")
    assert objects(entry) == [("marker", key, 1)]
    entry = entry_of(world, lambda: world.get("/v1/markers", "Sam"))
    assert told(entry) == ("Sam", "supervisor", "consultation", "list_markers", "shown")
    assert objects(entry) == [("marker", key, 1)]
    entry = entry_of(world, lambda: world.patch(path, {"risk": "medium"}, **{"If-Match": '"1"'}))
    assert told(entry) == ("Owen", "officer", "alteration", "amend_marker", "done")
    assert objects(entry) == [("marker", key, 2)]
    entry = entry_of(world, lambda: world.post(f"{path}/suspend", {"reason": "SENTINEL"}, "Owen"))
    assert told(entry) == ("Owen", "officer", "alteration", "suspend_marker", "done")
    assert objects(entry) == [("marker", key, 3)]
    assert entry.reason_sealed is not None
    assert b"SENTINEL" not in entry.reason_sealed


def test_an_event_a_read_of_its_alert_and_a_move_are_recorded_with_the_event_in_hand(world: World) -> None:
    marker = world.place(on_phone())
    receipt: dict[str, Any] = {}
    entry = entry_of(world, lambda: receipt.update(world.happen(call="T-1", incident="MP-1", **from_number())))
    assert told(entry) == ("Tess", "integration", "collection", "post_events", "done")
    assert objects(entry) == [("event", receipt["event"], 1)]
    alert = receipt["alerts"][0]["alert"]
    entry = entry_of(world, world.queue)
    assert told(entry) == ("Priya", "handler", "consultation", "list_alerts", "shown")
    entry = entry_of(world, lambda: world.read(alert))
    assert told(entry) == ("Priya", "handler", "consultation", "read_alert", "shown")
    assert objects(entry) == [("alert", alert, 1), ("marker", marker["id"], 1)]
    assert in_hand(entry) == "MP-1"
    entry = entry_of(world, lambda: world.move(alert, "acknowledge"))
    assert told(entry) == ("Priya", "handler", "alteration", "acknowledge_alert", "done")
    assert (objects(entry), in_hand(entry)) == ([("alert", alert, 2)], "MP-1")


def test_a_group_of_events_is_one_entry_that_names_them_all_and_a_replay_none(world: World) -> None:
    event = an_event()
    world.post("/v1/events", event, "Tess")
    before = len(entries(world))
    assert world.post("/v1/events", event, "Tess").json()["replayed"]
    assert len(entries(world)) == before


@pytest.mark.parametrize(
    ("ask", "action", "outcome"),
    [
        (lambda world: world.post("/v1/markers", a_marker(), "Priya"), "place_marker", "refused"),
        (lambda world: world.get("/v1/alerts", "Ada"), "list_alerts", "refused"),
        (lambda world: world.get(f"/v1/markers/{ABSENT}", "Owen"), "read_marker", "absent"),
        (lambda world: world.move("nothing", "acknowledge"), "acknowledge_alert", "absent"),
    ],
)
def test_a_refusal_is_recorded(world: World, ask: Callable[[World], Any], action: str, outcome: str) -> None:
    entry = entry_of(world, lambda: ask(world))
    assert (entry.operation, entry.action, entry.outcome) == ("refusal", action, outcome)


def test_a_number_in_an_ids_place_stands_nowhere_in_plain(world: World) -> None:
    entry = entry_of(world, lambda: world.get("/v1/markers/07700 900123", "Owen"))
    assert objects(entry) == []
    assert entry.terms_sealed is not None
    terms = unseal(KEYS, Place("trail_entries", "terms", str(entry.id)), entry.terms_sealed)
    assert json.loads(terms) == ["07700 900123"]


def test_a_token_that_was_revoked_tells_whose_it_was_and_a_secret_that_never_was_tells_nothing(world: World) -> None:
    with world.db.transaction() as session:
        tokens.revoke(session, "Priya", "default", world.clock.moment)
    entry = entry_of(world, lambda: world.get("/v1/alerts", "Priya"))
    assert told(entry) == ("Priya", "handler", "refusal", "sign_in", "refused")
    before = len(entries(world))
    assert world.client.get("/v1/alerts", headers={"Authorization": "Bearer heed_nobody"}).status_code == 401
    assert len(entries(world)) == before


def test_what_is_covert_is_recorded_for_its_circle_apart_and_leaves_no_trace_in_what_others_may_read(
    world: World,
) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, reference="HIDDEN")
    [placed] = entries(world)
    assert placed.audience == f"circle:{CIRCLE}"
    world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, "Kit")
    world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, "Priya")
    looked = [(entry.who, entry.audience, len(objects(entry))) for entry in entries(world) if entry.action == "look_up"]
    assert sorted(looked) == [("Kit", f"circle:{CIRCLE}", 1), ("Kit", "open", 0), ("Priya", "open", 0)]


def test_a_repeated_request_altered_nothing(world: World) -> None:
    world.place(on_phone())
    alert = world.happen(**from_number())["alerts"][0]["alert"]
    world.move(alert, "acknowledge", Idempotency_Key="k")
    entry = entry_of(world, lambda: world.move(alert, "acknowledge", Idempotency_Key="k"))
    assert (entry.operation, entry.action) == ("consultation", "acknowledge_alert")


def test_a_day_of_all_this_leaves_a_trail_that_is_intact(world: World) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    world.queue()
    world.get("/v1/markers/nothing", "Owen")
    with world.db.reading() as session:
        verdict = verify(session)
    assert (verdict.is_intact, verdict.entries) == (True, 4)
