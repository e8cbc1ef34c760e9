"""Markers that the room places in a minute, and targets that are out of use while their marker lives."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOON, a_marker, from_number, on_phone
from tests.scenarios.safeguarding import HERS, open_case, reviews
from tests.world import CIRCLE, World
from web.bodies.cells import cells_of, targets_in

SAFE = "07700 900777"


@pytest.mark.parametrize("who", ["Priya", "Sam"])
def test_somebody_of_the_room_places_one_and_it_fires_at_once(world: World, who: str) -> None:
    placed = world.post("/v1/markers", a_marker(provisional=True), who)
    assert placed.status_code == 201, placed.text
    until = (NOON + timedelta(days=45)).isoformat().replace("+00:00", "Z")
    assert (placed.json()["provisional_until"], placed.json()["valid_until"]) == (until, until)
    world.happen(**from_number())
    assert world.alert()["priority"] == "urgent"
    [asked] = [one for one in reviews(world) if one["kind"] == "confirmation_due"]
    assert (asked["for"], asked["due_at"]) == ("an officer", "2027-01-01T12:00:00Z")


def test_without_saying_provisional_it_is_an_officers_to_place(world: World) -> None:
    for body in (a_marker(), a_marker(provisional=False), a_marker(provisional="yes"), {}):
        assert world.post("/v1/markers", body, "Priya").status_code == 403
    for who in ("Tess", "Ada", "Alex"):
        assert world.post("/v1/markers", a_marker(provisional=True), who).status_code == 403
    assert world.post("/v1/markers", a_marker(provisional=True) | {"risk": "x"}, "Priya").status_code == 422


def test_an_officers_word_makes_it_lasting(world: World) -> None:
    marker = world.post("/v1/markers", a_marker(provisional=True), "Priya").json()
    path = f"/v1/markers/{marker['id']}/confirm"
    assert world.post(path, {}, "Priya").status_code == 403
    done = world.post(path, {"reason": "I spoke to her."}, "Owen")
    assert done.status_code == 200, done.text
    assert (done.json()["provisional_until"], done.json()["valid_until"]) == (None, None)
    assert done.json()["review_due"] is not None
    assert [one["done_by"] for one in reviews(world) if one["kind"] == "confirmation_due"] == ["Owen"]
    again = world.post(path, {}, "Owen")
    assert (again.status_code, again.json()["type"]) == (409, "standing-not-allowed")


def test_unconfirmed_it_ends_and_was_asked_for_in_time(world: World) -> None:
    world.post("/v1/markers", a_marker(provisional=True), "Priya")
    world.clock.moment = NOON + timedelta(days=46)
    world.happen(occurred_at=world.clock.moment.isoformat(), **from_number())
    assert world.queue() == []
    assert [one["state"] for one in reviews(world) if one["kind"] == "confirmation_due"] == ["open"]


def test_it_is_asked_of_the_cases_officer_where_one_is_named(world: World) -> None:
    open_case(world)
    world.post("/v1/markers", a_marker(provisional=True, case="SPO-17"), "Priya")
    assert [one["for"] for one in reviews(world) if one["kind"] == "confirmation_due"] == ["Owen"]


def test_a_handlers_marker_opens_no_case(world: World) -> None:
    world.post("/v1/markers", a_marker(provisional=True, case="LABEL"), "Priya")
    assert world.get("/v1/cases/LABEL", "Owen").status_code == 404


def drilled(world: World, marker: dict[str, Any]) -> list[dict[str, Any]]:
    targets: list[dict[str, Any]] = world.post(f"/v1/markers/{marker['id']}/drill", {}, "Owen").json()["targets"]
    return targets


def test_dorset_2016_her_telephone_is_in_police_hands(world: World) -> None:
    """She could not call; a replacement is due, and is asked for."""
    away = {"reason": "in police hands", "since": "2026-11-20T09:00:00Z"}
    marker = world.place(on_phone(HERS) | {"out_of_use": away}, on_phone(SAFE), reference="MRK-1")
    assert [one.get("out_of_use") for one in marker["targets"]] == [away, None]
    world.happen(**from_number(HERS))
    assert world.queue() == []
    world.happen(**from_number(SAFE))
    assert len(world.queue()) == 1
    first, second = drilled(world, marker)
    assert (first["fired"], first["cannot_fire"], second["fired"]) == (False, "out_of_use", True)
    [asked] = [one for one in reviews(world) if one["kind"] == "replacement_wanted"]
    assert (asked["for"], asked["about"]) == ("Owen", {"marker": marker["id"]})
    assert asked["said"] == "marker MRK-1: target 1 is out of use: what is there in its place?"
    looked_up = world.post("/v1/lookups", {"phones": [{"number": HERS}]}).json()
    assert looked_up["matches"] == []


def test_back_in_use_it_fires_again(world: World) -> None:
    marker = world.place(on_phone(HERS) | {"out_of_use": {"reason": "number changed"}})
    assert marker["targets"][0]["out_of_use"]["since"] == "2026-11-24T12:00:00Z"
    back = world.patch(f"/v1/markers/{marker['id']}", {"targets": [on_phone(HERS)]}, **{"If-Match": '"1"'})
    assert (back.status_code, back.json()["targets"]) == (200, [on_phone(HERS)])
    world.happen(**from_number(HERS))
    assert len(world.queue()) == 1


def test_targets_are_sent_back_as_they_were_read(world: World) -> None:
    marker = world.place(on_phone(HERS) | {"out_of_use": {"reason": "number changed"}})
    done = world.patch(f"/v1/markers/{marker['id']}", {"targets": marker["targets"]}, **{"If-Match": '"1"'})
    assert (done.status_code, done.json()["targets"]) == (200, marker["targets"])
    bad = world.post("/v1/markers", a_marker(on_phone(HERS) | {"out_of_use": {"since": "x"}}), "Owen")
    assert (bad.status_code, bad.json()["errors"][0]["at"]) == (422, "targets[0].out_of_use.reason")


def test_a_file_of_markers_keeps_what_is_out_of_use() -> None:
    target = on_phone(HERS) | {"out_of_use": {"reason": "in police hands", "since": "2026-11-20T09:00:00Z"}}
    cells = cells_of(a_marker(target, on_phone(SAFE)), "active")
    assert cells["phones"] == SAFE
    found, _ = targets_in(cells)
    assert sorted(found, key=str) == sorted([target, on_phone(SAFE)], key=str)


def test_an_officers_word_with_a_date_that_has_passed_is_refused_and_renewing_is_no_confirmation(world: World) -> None:
    marker = world.post("/v1/markers", a_marker(provisional=True), "Priya").json()
    path = f"/v1/markers/{marker['id']}"
    wrong = world.post(f"{path}/confirm", {"valid_until": "2025-01-01T00:00:00Z"}, "Owen")
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "valid_until")
    assert world.get(path, "Owen").json()["status"] == "active"
    renewed = world.post(f"{path}/renew", {"reason": "still true", "valid_until": "2027-12-01T00:00:00Z"}, "Owen")
    assert (renewed.status_code, "confirm it" in renewed.json()["detail"]) == (409, True)
    [asked] = [one for one in reviews(world, **{"for": "Owen"}) if one["kind"] == "confirmation_due"]
    assert asked["for"] == "an officer", "every officer's list has what is any officer's"


def test_a_handler_of_the_circle_places_a_provisional_covert_one(world: World) -> None:
    body = a_marker(provisional=True, sensitivity="covert", queue=CIRCLE)
    assert world.post("/v1/markers", body, "Kit").status_code == 201
    assert world.post("/v1/markers", body, "Priya").json()["errors"][0]["code"] == "not_your_desk"
