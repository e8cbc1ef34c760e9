"""The administrator's pages: people, tokens, routing, categories, settings; nobody grants what reaches far alone."""

import re

import pytest

from access.roles import Role
from tests.builders import on_phone
from tests.web.console.screen import PASSWORD, Screen, at_screen, fields, give_passwords, somebody, words_of
from tests.world import CIRCLE, World

GOOD = {"password": "a battery of horses", "password_again": "a battery of horses"}


@pytest.fixture
def alex(world: World) -> Screen:
    somebody(world, "Ivy", "dispatch", "a", "b")
    return at_screen(world, "Alex")


def test_somebody_is_made_signs_in_is_given_desks_and_disabled(world: World, alex: Screen) -> None:
    form = {"name": "Bea", "role": "handler", "desks": "control-room, dispatch"} | GOOD
    assert alex.post("/people", form).status_code == 303
    assert "control-room, dispatch" in words_of(alex.get("/people"))
    bea = Screen(world, "Bea")
    assert bea.sign_in(GOOD["password"]).status_code == 303
    [at] = re.findall(r'href="(/people/[0-9a-f-]{36})">Bea<', alex.get("/people").text)
    assert alex.post(f"{at}/desks", {"desks": "dispatch"}).status_code == 303
    assert (
        alex.post(f"{at}/password", {"password": "another battery!", "password_again": "another battery!"}).status_code
        == 303
    )
    assert bea.get("/queue").status_code == 303
    assert bea.sign_in("another battery!").status_code == 303
    assert alex.post(f"{at}/disable", {"sure": "Bob"}).status_code == 422
    assert alex.post(f"{at}/disable", {"sure": "Bea"}).status_code == 303
    assert bea.get("/queue").status_code == 303
    assert bea.sign_in("another battery!").status_code == 401
    assert alex.post(f"{at}/desks", {"desks": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"), ({"name": "heed"}, "name"), ({"role": "integration"}, "role"), ({"role": ""}, "role"),
        ({"password": "short", "password_again": "short"}, "password"), ({"password_again": "other"}, "password_again"),
        ({"name": "Alex"}, "name"), ({"desks": "x" * 200}, "desks"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_somebody_stands_at_its_field_and_no_password_is_shown(
    alex: Screen, change: dict[str, str], field: str
) -> None:
    answer = alex.post("/people", {"name": "Bea", "role": "handler"} | GOOD | change)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), words_of(answer)[:300]
    assert GOOD["password"] not in answer.text


@pytest.mark.parametrize("role", ["officer", "auditor", "admin"])
def test_what_reaches_far_is_granted_by_two(world: World, alex: Screen, role: str) -> None:
    form = {"name": "Bea", "role": role} | GOOD
    give_passwords(world.db, world.clock, ["Sam"])
    somebody(world, "Amy", role=Role.ADMIN)
    for second in ({}, {"second": "Alex", "second_password": PASSWORD}, {"second": "Sam", "second_password": PASSWORD},
                   {"second": "Amy", "second_password": "wrong"}):  # fmt: skip
        answer = alex.post("/people", form | second)
        assert (answer.status_code, 'href="#second"' in answer.text) == (422, True), second
        assert alex.post("/tokens", {"name": "Bea", "role": role} | second).status_code == 422
    signed = {"second": "Amy", "second_password": PASSWORD}
    assert alex.post("/people", form | signed).status_code == 303
    assert alex.post("/tokens", {"name": "Bea", "role": role} | signed).status_code == 201
    assert "agreed by Amy" in words_of(at_screen(world, "Ada").get("/trail"))
    [at] = re.findall(r'href="(/people/[0-9a-f-]{36})">Bea<', alex.get("/people").text)
    assert alex.post(f"{at}/password", GOOD).status_code == 422
    assert alex.post(f"{at}/password", GOOD | signed).status_code == 303


def test_nobody_disables_themselves(alex: Screen) -> None:
    [at] = re.findall(r'href="(/people/[0-9a-f-]{36})">Alex<', alex.get("/people").text)
    assert alex.post(f"{at}/disable", {"sure": "Alex"}).status_code == 422
    assert alex.get("/people").status_code == 200


def test_a_token_is_shown_once_works_and_is_revoked(world: World, alex: Screen) -> None:
    made = alex.post("/tokens", {"name": "cad", "role": "integration", "sources": "cad/incidents", "days": "30"})
    assert made.status_code == 201
    [secret] = re.findall(r"heed_[\w-]{43}", made.text)
    assert "heed_" not in alex.get("/tokens").text.replace("heed_tests", "")
    headers = {"Authorization": f"Bearer {secret}"}
    beat = {"source": "cad/incidents"}
    assert world.client.post("/v1/heartbeats", json=beat, headers=headers).status_code in (200, 202, 204)
    assert alex.post("/tokens", {"name": "cad", "role": "integration"}).status_code == 422
    assert alex.post("/tokens/revoke", {"name": "cad"}).status_code == 303
    assert world.client.post("/v1/heartbeats", json=beat, headers=headers).status_code == 401
    assert alex.post("/tokens/revoke", {"name": "cad"}).status_code == 409
    for wrong in ({"days": "0"}, {"days": "x"}, {"role": "king"}, {"name": "heed"}):
        assert alex.post("/tokens", {"name": "x", "role": "integration"} | wrong).status_code == 422


def test_rules_are_set_by_a_form_and_who_comes_second_is_told(world: World, alex: Screen) -> None:
    square = [[-2.98, 53.40], [-2.97, 53.40], [-2.97, 53.41], [-2.98, 53.40]]
    areas = [
        {"polygon": {"type": "Polygon", "coordinates": [square]}},
        {"circle": {"latitude": 53.4, "longitude": -2.9, "radius_m": 150}},
    ]
    rule = {"name": "north", "desks": ["dispatch", "control-room"], "risks": ["high"], "categories": ["stalking"], "channels": ["999"],
            "postcodes": ["L1", "L2 3"], "areas": areas}  # fmt: skip
    world.client.put("/v1/routing", json={"rules": [rule]}, headers=world.headers("Sam")).raise_for_status()
    before = world.get("/v1/routing", "Alex").json()
    form = fields(alex.get("/routing").text)
    assert alex.post("/routing", form).status_code == 303
    after = world.get("/v1/routing", "Alex").json()
    assert after["rules"] == before["rules"]
    late = alex.post("/routing", form | {"r1_name": "south", "r1_desks": "dispatch"})
    assert late.status_code == 409
    assert 'value="south"' in late.text
    assert alex.post("/routing", fields(late.text)).status_code == 303
    assert [one["name"] for one in world.get("/v1/routing", "Alex").json()["rules"]] == ["north", "south"]
    assert alex.post("/routing", fields(alex.get("/routing").text) | {"r0_gone": "yes"}).status_code == 303
    assert [one["name"] for one in world.get("/v1/routing", "Alex").json()["rules"]] == ["south"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"r0_desks": ""}, "r0_desks"), ({"r0_name": ""}, "r0_name"), ({"r0_postcodes": "Liverpool"}, "r0_postcodes"),
        ({"r0_areas": "somewhere"}, "r0_areas"), ({"r0_desks": "a, a"}, "r0_desks"), ({"r1_name": "north", "r1_desks": "b"}, "r1_name"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rule_stands_at_its_field(
    world: World, alex: Screen, change: dict[str, str], field: str
) -> None:
    answer = alex.post("/routing", {"seen": "0", "r0_name": "north", "r0_desks": "dispatch"} | change)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), words_of(answer)[:300]
    assert world.get("/v1/routing", "Alex").json()["rules"] == []


def test_a_desk_that_is_misspelt_is_told_and_one_of_a_circle_is_not_given_away(world: World, alex: Screen) -> None:
    answer = alex.post("/routing", {"seen": "0", "r0_name": "north", "r0_desks": "contrl-room"})
    assert (answer.status_code, 'href="#r0_desks"' in answer.text) == (422, True)
    assert alex.post("/desks", {"desk": "north", "fallback": "nowhere"}).status_code == 422
    assert alex.post("/desks", {"desk": "north", "fallback": "control-room"}).status_code == 303
    assert alex.post("/routing", {"seen": "0", "r0_name": "north", "r0_desks": "north"}).status_code == 303
    world.place(on_phone(), sensitivity="covert", queue=CIRCLE, as_="Noor")
    at_screen(world, "Kit")
    sam = at_screen(world, "Sam")
    assert sam.post("/routing", {"seen": "1", "r0_name": "x", "r0_desks": CIRCLE}).status_code == 422
    # Named by somebody outside it, it is a desk like any that nobody sits at.
    assert sam.post("/desks", {"desk": CIRCLE, "fallback": ""}).status_code == 303
    told = {one["desk"]: one for one in world.get("/v1/desks", "Sam").json()["items"]}
    assert (told[CIRCLE]["people"], told[CIRCLE]["present"]) == (0, [])


def test_rules_are_not_set_by_a_form_that_does_not_say_what_it_saw(world: World, alex: Screen) -> None:
    rule = {"name": "north", "desks": ["control-room"]}
    world.client.put("/v1/routing", json={"rules": [rule]}, headers=world.headers("Sam")).raise_for_status()
    assert alex.post("/routing", {}).status_code == 422
    assert len(world.get("/v1/routing", "Alex").json()["rules"]) == 1


def test_a_category_is_given_its_periods(world: World, alex: Screen) -> None:
    assert alex.post("/categories", {"category": "stalking", "review_days": "180"}).status_code == 303
    [told] = world.get("/v1/categories", "Alex").json()["items"]
    assert (told["category"], told["review_days"], told["delete_after_days"]) == ("stalking", 180, None)
    assert "180 days" in words_of(alex.get("/categories"))
    for wrong in ({"category": ""}, {"review_days": "0"}, {"delete_after_days": "soon"}):
        assert alex.post("/categories", {"category": "stalking"} | wrong).status_code == 422


def test_settings_are_read_and_no_secret_is_among_them(world: World, alex: Screen) -> None:
    page = words_of(alex.get("/settings"))
    for words in ("HEED_DEFAULT_QUEUE", "control-room", "HEED_IDLE_MINUTES"):
        assert words in page
    if world.url.startswith("postgresql"):
        assert not re.search(r"postgresql://[^ /@…]+@", page)


def test_neither_auditor_nor_administrator_sees_what_is_kept_from_them(world: World, alex: Screen) -> None:
    marker = world.place(on_phone(), case="SPO-1", narrative="Left in June.")
    ada = at_screen(world, "Ada")
    for page in ("/people", "/tokens", "/settings"):
        assert (ada.get(page).status_code, alex.get(page).status_code) == (200, 200)
        assert '<form method="post" action="/tokens' not in ada.get(page).text
    for screen in (ada, alex):
        for path in (
            "/cases",
            "/orders",
            "/import",
            "/markers",
            f"/markers/{marker['id']}",
            "/waiting",
            "/queue",
            "/look-up",
        ):
            assert screen.get(path).status_code == 403, path
    assert ada.post("/people", {"name": "Bea", "role": "handler"} | GOOD).status_code == 403
    assert ada.post("/tokens/revoke", {"name": "Sam"}).status_code == 403
