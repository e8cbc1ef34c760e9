"""Cases, orders, reviews over HTTP: bad input is named and repeated nowhere, and the order of answers is kept."""

from typing import Any

import pytest

from tests.scenarios.safeguarding import AREA, CONTACT, a_case, an_order, open_case, record_order
from tests.world import World

SECRET = "07700 900987"


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"kind": "asbo"}, "kind"), ({"jurisdiction": "france"}, "jurisdiction"), ({"made_on": "yesterday"}, "made_on"),
        ({"made_on": "2026-02-30"}, "made_on"), ({"made_on": None}, "made_on"), ({"case": ""}, "case"),
        ({"service": {"state": "perhaps"}}, "service.state"), ({"until_further_order": "yes"}, "until_further_order"),
        ({"respondent": {"phones": [{"number": "12"}]}}, "respondent.phones[0].number"),
        ({"respondent": {"name": "unknown male"}}, "respondent.name"), ({"respondent": None}, "respondent"),
        ({"protected": [{"phones": [{"number": "x" * 300}]}]}, "protected[0].phones[0].number"),
        ({"conditions": [CONTACT, CONTACT]}, "conditions[1].number"),
        ({"conditions": [CONTACT | {"means": "guessed"}]}, "conditions[0].means"),
        ({"conditions": [CONTACT | {"watch": None}]}, "conditions[0].watch"),
        ({"conditions": [CONTACT | {"watch": {}}]}, "conditions[0].watch"),
        ({"conditions": [CONTACT | {"watch": {"contact": {"phones": [{"number": "1"}]}}}]},
         "conditions[0].watch.contact.phones[0].number"),
        ({"conditions": [AREA | {"watch": {"zone": {}}}]}, "conditions[0].watch.zone"),
        ({"conditions": [AREA | {"watch": {"zone": {"address": {"text": "somewhere"}}}}]},
         "conditions[0].watch.zone.address.text"),
        ({"conditions": [AREA | {"watch": {"zone": {"area": {"circle": {"latitude": 91, "longitude": 0, "radius_m": 5}}}}}]},
         "conditions[0].watch.zone.area.circle"),
        ({"conditions": [AREA | {"hours": [{"from": "25:00", "until": "07:00"}]}]}, "conditions[0].hours[0].from"),
        ({"conditions": [AREA | {"hours": [{"from": "07:00", "until": "07:00"}]}]}, "conditions[0].hours[0]"),
        ({"conditions": [AREA | {"hours": [{"from": "07:00", "until": "09:00", "days": ["moon"]}]}]},
         "conditions[0].hours[0].days[0]"),
        ({"respondent": {}}, "respondent"), ({SECRET: 1}, "body"), ({"court": "a\x00b"}, "court"),
    ],
)  # fmt: skip
def test_an_order_names_what_is_wrong_and_nothing_is_stored(world: World, change: dict[str, Any], at: str) -> None:
    body = {name: value for name, value in (an_order(CONTACT) | change).items() if value is not None}
    answer = world.post("/v1/orders", body, "Owen")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["at"].startswith(at)
    assert SECRET not in answer.text
    assert world.get("/v1/orders", "Owen").json()["items"] == []


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"people": [{"name": "x"}]}, "people[0].role"), ({"people": [{"role": "villain"}]}, "people[0].role"),
        ({"people": [{"role": "victim", "phones": [{"number": "call me"}]}]}, "people[0].phones[0].number"),
        ({"people": [{"role": "suspect", "name": "Mr"}]}, "people[0].name"),
        ({"risk": [{"grade": "terrible"}]}, "risk[0].grade"), ({"risk": [{"grade": "high", "assessed_at": "now"}]}, "risk[0]"),
        ({"partners": [{"partner": "x", "may_receive": ["everything"]}]}, "partners[0].may_receive[0]"),
        ({"officer": ""}, "officer"), ({"team": 5}, "team"), ({"reference": "x" * 101}, "reference"),
        ({"force": "another"}, "force"), ({SECRET: 1}, "body"),
    ],
)  # fmt: skip
def test_a_case_names_what_is_wrong_and_nothing_is_stored(world: World, change: dict[str, Any], at: str) -> None:
    answer = world.post("/v1/cases", a_case() | change, "Owen")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["at"].startswith(at)
    assert SECRET not in answer.text
    assert world.get("/v1/cases", "Owen").json()["items"] == []


@pytest.mark.parametrize("path", ["/v1/cases/SPO-17", "/v1/orders/ORD-2026-17"])
def test_the_order_of_answers(world: World, path: str) -> None:
    open_case(world)
    record_order(world)
    absent = path[:-2] + "99"
    assert world.client.patch(path, content=b"{}").status_code == 401
    for name in (path, absent):
        assert world.patch(name, {"reference": 5}, "Priya").status_code == 403
        assert world.patch(name, {"reference": 5}).status_code == 422
        assert world.patch(name, {}, **{"Content-Type": "text/plain"}).status_code == 415
    missing = world.patch(absent, {}, **{"If-Match": '"1"'})
    assert (missing.status_code, missing.json()["type"]) == (404, "not-found")
    assert world.patch(path, {}).status_code == 428
    assert world.patch(path, {}, **{"If-Match": '"7"'}).status_code == 412
    assert world.patch(path, {}, **{"If-Match": '"1"'}).status_code == 200
    assert world.get(absent, "Owen").json() == world.get(path[:-2] + "98", "Owen").json()


def test_an_order_stays_with_its_case_and_keeps_its_reference_apart(world: World) -> None:
    record_order(world)
    record_order(world, reference="ORD-2")
    etag = {"If-Match": '"1"'}
    moved = world.patch("/v1/orders/ORD-2", {"case": "OTHER"}, **etag)
    assert (moved.status_code, moved.json()["errors"][0]["at"]) == (422, "case")
    taken = world.patch("/v1/orders/ORD-2", {"reference": "ORD-2026-17"}, **etag)
    assert (taken.status_code, taken.json()["type"]) == (409, "reference-taken")
    again = world.post("/v1/orders", an_order(), "Owen")
    assert (again.status_code, again.json()["type"]) == (409, "reference-taken")
    assert world.get("/v1/orders/ORD-2", "Owen").json()["version"] == 1


def test_a_patch_leaves_what_it_does_not_speak_of(world: World) -> None:
    order = record_order(world)
    done = world.patch(f"/v1/orders/{order['id']}", {"wanted_since": "2026-11-20"}, **{"If-Match": '"1"'}).json()
    for name in ("conditions", "respondent", "protected", "service", "expires_on"):
        assert done[name] == order[name]
    cleared = world.patch(f"/v1/orders/{order['id']}", {"wanted_since": None}, **{"If-Match": '"2"'}).json()
    assert (cleared["wanted_since"], cleared["version"]) == (None, 3)


def test_a_review_that_is_none_is_not_there(world: World) -> None:
    for name in ("1", "0190a0b0-0000-7000-8000-000000000000"):
        assert world.post(f"/v1/reviews/{name}/done", {}, "Owen").status_code == 404
    assert world.post("/v1/reviews/1/done", {}, "Sam").status_code == 403
    assert world.get("/v1/reviews", "Owen", kind="unheard of").status_code == 422
    assert world.get("/v1/reviews", "Priya").status_code == 403


@pytest.mark.parametrize(
    ("move", "body", "at"),
    [
        ("regrade", {"priority": "urgent"}, "reason"), ("regrade", {"priority": "high", "reason": "x"}, "priority"),
        ("regrade", {}, "priority"), ("resolve", {"outcome": "attended", "breach": "maybe"}, "breach"),
        ("confirm", {"note": 5}, "note"), ("refuse", {"why": "x"}, "body"),
    ],
)  # fmt: skip
def test_a_move_names_what_is_wrong(world: World, move: str, body: dict[str, Any], at: str) -> None:
    record_order(world)
    world.happen(phones=[{"number": "07700 900555", "role": "caller"}, {"number": "07700 900123", "role": "called"}])
    answer = world.move(world.alert()["id"], move, body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at)
    assert world.alert()["version"] == 1


def test_looks_and_changes_stand_in_the_trail(world: World) -> None:
    open_case(world)
    record_order(world)
    world.get("/v1/cases/SPO-17", "Sam")
    world.get("/v1/orders", "Owen")
    assert world.get("/v1/orders", "Sam").status_code == 403
    assert world.get("/v1/orders/ORD-2026-17", "Sam").status_code == 403
    actions = [one["action"] for one in world.get("/v1/audit", "Ada", limit=200).json()["items"]]
    assert {"open_case", "record_order", "read_case", "list_orders"} <= set(actions)
    entry = next(one for one in world.get("/v1/audit", "Ada").json()["items"] if one["action"] == "record_order")
    assert [one["kind"] for one in entry["objects"]] == ["order"]


def test_nothing_of_a_case_or_an_order_lies_open_in_the_database(world: World) -> None:
    open_case(world, people=[{"role": "victim", "name": "Anna Jones", "phones": [{"number": "07700 900123"}]}])
    record_order(world, court_reference="LM-88-secret")
    world.post("/v1/cases/SPO-17/notes", {"note": "She sleeps at her sister's."}, "Owen")
    with world.db.engine.connect() as connection:
        for table in ("cases", "case_notes", "case_parts", "orders", "order_conditions", "order_signs", "reviews"):
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            for text in ("Anna", "900123", "900555", "LM-88", "sister", "Not to contact"):
                assert text not in rows, (table, text)
