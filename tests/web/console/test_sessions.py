"""Signing in and out, and what becomes of a session."""

import re
from typing import Any

import pytest
from sqlalchemy import select, text

from access.models import Entry, SignedIn
from tests.builders import on_phone
from tests.web.console.screen import PASSWORD, Screen, at_screen, fields, give_passwords, words_of
from tests.world import CIRCLE, World


def refusals(world: World) -> list[str]:
    with world.db.reading() as session:
        return list(session.scalars(select(Entry.action).where(Entry.operation == "refusal")))


def test_before_sign_in_the_front_page_is_the_sign_in_page_and_after_it_the_queue(world: World) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    screen = Screen(world)
    assert "Password" in screen.get("/").text
    answer = screen.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert screen.get("/").headers["location"] == "/queue"
    assert "Priya" in screen.get("/queue").text


def test_the_cookie_is_the_hosts_own_secure_and_out_of_reach_of_scripts(world: World) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    [cookie] = [
        line for line in Screen(world).sign_in().headers.get_list("set-cookie") if line.startswith("__Host-heed=")
    ]
    assert cookie.startswith("__Host-heed=")
    for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert part in cookie
    assert "Domain" not in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    with world.db.reading() as session:
        row = session.scalars(select(SignedIn)).one()
        assert secret.encode() not in row.secret_hash


@pytest.mark.parametrize(("name", "password"), [("Priya", "wrong horse battery"), ("Nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_are_one_answer_and_the_name_stays(
    world: World, name: str, password: str
) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    answer = Screen(world, name).sign_in(password)
    assert answer.status_code == 401
    assert "the name or the password is not right" in answer.text
    assert f'value="{name}"' in answer.text
    assert password not in answer.text or not password
    assert "set-cookie" not in answer.headers
    assert refusals(world) == ["sign_in"]


def test_tries_are_limited_by_name_and_come_back_with_time(world: World) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    screen = Screen(world)
    assert [screen.sign_in("wrong horse battery").status_code for _ in range(9)] == [401] * 8 + [429]
    assert screen.sign_in().status_code == 429
    assert Screen(world, "Owen").sign_in().status_code == 401
    world.clock.advance(minutes=2)
    assert screen.sign_in().status_code == 303
    # Who got it right has tried nothing.
    assert [screen.sign_in("wrong horse battery").status_code for _ in range(8)] == [401] * 8


def test_tries_are_limited_by_address_too(world: World) -> None:
    statuses = [Screen(world, f"n{number}").sign_in().status_code for number in range(42)]
    assert statuses[:40] == [401] * 40
    assert statuses[40:] == [429, 429]


def test_a_disabled_person_is_out_at_once_and_a_role_taken_away_counts_at_once(world: World) -> None:
    screen = at_screen(world, "Owen")
    assert screen.get("/markers/new").status_code == 200
    with world.db.transaction() as session:
        session.execute(text("UPDATE users SET role = 'handler' WHERE name = 'Owen'"))
    assert screen.get("/markers/new").status_code == 403
    with world.db.transaction() as session:
        session.execute(text("UPDATE users SET disabled_at = :now WHERE name = 'Owen'"), {"now": "2026-11-24 10:00:00"})
    assert screen.get("/queue").headers["location"] == "/sign-in?then=/queue"


def test_an_unused_session_ends_and_a_used_one_stands_until_its_longest(world: World) -> None:
    screen = at_screen(world)
    for _ in range(35):
        world.clock.advance(minutes=19)
        assert screen.get("/queue").status_code == 200
    world.clock.advance(minutes=21)
    assert screen.get("/queue").status_code == 303
    screen = at_screen(world)
    for _ in range(37):
        world.clock.advance(minutes=19)
        screen.post("/session/extend")
    world.clock.advance(minutes=19)
    assert screen.get("/queue").status_code == 303


def test_what_a_page_asks_by_itself_keeps_no_session_alive(world: World) -> None:
    screen = at_screen(world)
    for _ in range(2):
        world.clock.advance(minutes=9)
        assert screen.get("/queue/around").status_code == 200
    world.clock.advance(minutes=9)
    assert screen.get("/queue/around").status_code == 303


def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(world: World) -> None:
    screen = at_screen(world)
    kept = dict(screen.jar)
    answer = screen.post("/sign-out")
    assert "cache" in answer.headers["clear-site-data"]
    assert "__Host-heed" not in screen.jar
    screen.jar = kept
    assert screen.get("/queue").status_code == 303


def test_what_was_typed_when_a_session_ended_comes_back_to_the_same_person_alone(world: World) -> None:
    screen = at_screen(world, "Owen")
    world.clock.advance(minutes=30)
    form = {"category": "stalking", "instruction": "Two lines\nof it", "number": "07700 900123", "password": "secret1"}
    answer = screen.post("/markers/new", form)
    assert answer.headers["location"] == "/sign-in"
    with world.db.engine.connect() as connection:
        stored = connection.execute(text("SELECT form_sealed FROM kept_forms")).scalar_one()
    assert b"900123" not in bytes(stored)
    assert "kept for half an hour" in screen.get("/sign-in").text
    other = Screen(world, "Sam")
    give_passwords(world.db, world.clock, ["Sam"])
    other.jar = dict(screen.jar)
    assert "900123" not in other.sign_in().text
    answer = screen.sign_in()
    assert answer.status_code == 200
    assert 'action="/markers/new"' in answer.text
    assert "07700 900123" in answer.text
    assert "Two lines\nof it" in answer.text
    assert "secret1" not in answer.text
    # Once.
    assert screen.sign_in().status_code == 303


LONG_FORMS = {
    "/cases/new": {"reference": "SPO-9", "p0_name": "Anna Jones", "p0_numbers": "07700 900123\n0151 496 0001"},
    "/orders/new": {"reference": "ORD-9", "c0_text": "Not to contact her.", "c3_text": "Not to go there."},
    "/markers/new": {"instruction": "Send two.", "number": "07700 900123", "lat_0": "53.40300"},
    "/import": {"file": "reference,category,risk,instruction,phones\nA-1,b,hihg,c,07700 900123"},
}  # fmt: skip


@pytest.mark.parametrize("path", LONG_FORMS)
def test_a_long_form_is_there_again_as_it_stood_after_signing_in(world: World, path: str) -> None:
    screen, form = at_screen(world, "Owen"), LONG_FORMS[path]
    world.clock.advance(minutes=30)
    assert screen.post(path, form | {"act": "save"}).headers["location"] == "/sign-in"
    back = screen.sign_in()
    kept = fields(back.text)
    [again] = re.findall(r'name="act" value="(\w+)"', back.text)
    opened = screen.post(path, kept | {"act": again})
    assert opened.status_code == 200
    stands = fields(opened.text)
    assert {name: stands[name].strip() for name in form} == form
    assert (world.get("/v1/cases", "Owen").json()["items"], world.get("/v1/markers", "Owen").json()["items"]) == (
        [],
        [],
    )


def test_after_half_an_hour_it_is_gone(world: World) -> None:
    screen = at_screen(world)
    world.clock.advance(minutes=30)
    screen.post("/concerns/new", {"summary": "He waits outside."})
    world.clock.advance(minutes=31)
    assert screen.sign_in().status_code == 303


@pytest.mark.parametrize("then", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/queue?x=1", "queue"])
def test_after_sign_in_nobody_is_sent_to_another_site(world: World, then: str) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    assert Screen(world).sign_in(then=then).headers["location"] == "/queue"
    assert Screen(world).sign_in(then="/alerts/17").headers["location"] == "/alerts/17"


FOREIGN: list[dict[str, str]] = [
    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Sec_Fetch_Site": "none"},
    {"Sec_Fetch_Site": ""}, {"Sec_Fetch_Site": "", "Origin": "https://evil.example"}, {"Sec_Fetch_Site": "", "Origin": "null"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-out", "/alerts/1/acknowledge", "/markers/new", "/me/password", "/x"]
)
def test_no_other_site_acts_for_somebody_who_is_signed_in(world: World, path: str, headers: dict[str, str]) -> None:
    screen = at_screen(world, "Owen")
    answer = screen.post(path, {"name": "Owen", "password": PASSWORD}, **headers)
    assert answer.status_code == 403
    assert "did not come from a page of Heed" in answer.text


def test_an_old_browser_without_the_header_goes_by_its_origin(world: World) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    screen = Screen(world)
    form = {"name": "Priya", "password": PASSWORD}
    assert screen.post("/sign-in", form, Sec_Fetch_Site="", Origin="http://testserver").status_code == 303


def test_a_session_opens_no_route_of_the_api_and_a_token_no_page(world: World) -> None:
    screen = at_screen(world)
    assert screen.get("/v1/alerts").status_code == 401
    assert world.get("/queue", "Priya").status_code == 401


def test_my_other_sessions_are_seen_and_ended(world: World) -> None:
    one, other = at_screen(world), at_screen(world)
    page = one.get("/me").text
    [ended] = [found for found in re.findall(r'name="session" value="([^"]+)"', page) if found != "others"]
    assert one.post("/me/sessions/end", {"session": ended}).status_code == 303
    assert (one.get("/me").status_code, other.get("/me").status_code) == (200, 303)
    third = at_screen(world)
    one.post("/me/sessions/end", {"session": "others"})
    assert (one.get("/me").status_code, third.get("/me").status_code) == (200, 303)


def test_the_session_of_another_person_cannot_be_ended(world: World) -> None:
    one, other = at_screen(world), at_screen(world, "Owen")
    with world.db.reading() as session:
        theirs = [str(row.id) for row in session.scalars(select(SignedIn))]
    for session_id in [*theirs, "nonsense"]:
        one.post("/me/sessions/end", {"session": session_id})
    assert other.get("/me").status_code == 200


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"password": "wrong", "new_password": "three more words here", "new_password_again": "three more words here"}, "This is not your password"),
        ({"password": PASSWORD, "new_password": "short", "new_password_again": "short"}, "12 to 128 characters"),
        ({"password": PASSWORD, "new_password": "a" * 14, "new_password_again": "b" * 14}, "not the same"),
    ],
)  # fmt: skip
def test_a_password_that_cannot_be_taken_is_told(world: World, form: dict[str, str], told: str) -> None:
    answer = at_screen(world).post("/me/password", form)
    assert answer.status_code == 422
    assert told in answer.text


def test_a_new_password_ends_all_other_sessions(world: World) -> None:
    one, other = at_screen(world), at_screen(world)
    new = "three more words here"
    form = {"password": PASSWORD, "new_password": new, "new_password_again": new}
    assert one.post("/me/password", form).status_code == 303
    assert (one.get("/me").status_code, other.get("/me").status_code) == (200, 303)
    assert (other.sign_in().status_code, other.sign_in(new).status_code) == (401, 303)


def test_a_wall_screen_belongs_to_no_circle_stands_for_weeks_and_asks_for_a_name_at_each_move(world: World) -> None:
    world.place(on_phone(), sensitivity="covert", queue=CIRCLE, as_="Noor")
    world.place(on_phone("07700 900201"), instruction="An open one.")
    world.happen(phones=[{"number": "07700 900123", "role": "caller"}, {"number": "07700 900201", "role": "caller"}])
    screen = at_screen(world, "Kit")
    assert "c1" in words_of(screen.get("/queue"))
    screen.post("/kiosk", {"desk": "control-room"})
    page = screen.get("/queue")
    assert "#c1" not in page.text
    assert "An open one." in page.text
    assert screen.get("/alerts/c1").status_code == 404
    assert screen.get("/look-up").status_code == 403
    world.clock.advance(days=20)
    assert screen.get("/queue").status_code == 200
    give_passwords(world.db, world.clock, ["Priya"])
    nameless = screen.post("/alerts/1/acknowledge", {})
    assert nameless.status_code == 422
    as_priya = {"name": "Priya", "password": PASSWORD}
    assert screen.post("/alerts/1/acknowledge", as_priya).status_code == 303
    [alert] = world.queue()
    assert alert["acknowledged_by"] == "Priya"
    # By Kit's name a wall screen still reaches no circle.
    as_kit = {"name": "Kit", "password": PASSWORD}
    assert screen.post("/alerts/c1/acknowledge", as_kit).status_code == 404
    assert screen.post("/kiosk/end", {"name": "Kit", "password": "wrong horse battery"}).status_code == 401
    assert screen.post("/kiosk/end", as_kit).headers["location"] == "/sign-in"
    assert screen.get("/queue").status_code == 303


def test_roles_that_read_no_alerts_have_no_queue_and_are_told_so(world: World) -> None:
    screen = at_screen(world, "Ada")
    answer: Any = screen.get("/queue")
    assert answer.status_code == 403
    assert "Your role may not do this" in answer.text
    assert screen.get("/me").status_code == 200


# What a reviewer broke


def test_the_list_asked_for_by_a_page_keeps_no_session_alive(world: World) -> None:
    screen = at_screen(world)
    for _ in range(2):
        world.clock.advance(minutes=9)
        assert screen.get("/queue/list").status_code == 200
        assert screen.get("/queue/waiting").status_code == 200
    world.clock.advance(minutes=9)
    assert screen.get("/queue/list").status_code == 303


def test_a_half_filled_form_is_kept_before_the_end_and_nothing_else_is(world: World) -> None:
    screen = at_screen(world)
    for form in (
        {"kept_path": "/sign-out", "summary": "x"}, {"kept_path": "//evil.example/", "summary": "x"},
        {"kept_path": "/concerns/new", "summary": "", "id": "1"},
    ):  # fmt: skip
        assert screen.post("/session/keep", form).status_code == 204
        assert "__Host-heed-kept" not in screen.jar
    screen.post("/session/keep", {"kept_path": "/concerns/new", "summary": "He waits outside.", "id": "1"})
    world.clock.advance(minutes=25)
    page = screen.sign_in()
    assert 'action="/concerns/new"' in page.text
    assert "He waits outside." in page.text
    assert "kept_path" not in page.text


def test_a_button_alone_that_came_too_late_is_not_kept(world: World) -> None:
    screen = at_screen(world)
    world.clock.advance(minutes=25)
    for path in ("/sign-out", "/alerts/1/acknowledge"):
        screen.post(path, {"back": "queue"})
        assert "__Host-heed-kept" not in screen.jar


def test_a_wall_screen_takes_nothing_together_without_a_name_and_keeps_what_was_typed(world: World) -> None:
    world.place(on_phone(), case="SPO-1")
    for call in ("a", "b"):
        world.happen(call=call, phones=[{"number": "07700 900123", "role": "caller"}])
    screen = at_screen(world)
    screen.post("/kiosk", {"desk": "control-room"})
    assert screen.post("/alerts/together/acknowledge", {"numbers": "1 2"}).status_code == 401
    assert {alert["state"] for alert in world.queue()} == {"raised"}
    answer = screen.post("/alerts/1/note", {"note": "She is at her sister's.", "name": "Priya", "password": "wrong"})
    assert answer.status_code == 422
    assert re.search(r'<details class="fold" id="note" open', answer.text)
    assert "She is at her sister" in answer.text
    page = screen.get("/alerts/1").text
    assert 'kiosk"' in page.partition("<body")[2].partition(">")[0]


def test_at_a_wall_screen_whoever_took_an_alert_gives_it_back_and_who_took_it_down_stands_in_the_trail(
    world: World,
) -> None:
    world.place(on_phone())
    world.happen(phones=[{"number": "07700 900123", "role": "caller"}])
    screen = at_screen(world)
    give_passwords(world.db, world.clock, ["Sam"])
    screen.post("/kiosk", {"desk": "control-room"})
    as_sam = {"name": "Sam", "password": PASSWORD}
    screen.post("/alerts/1/acknowledge", as_sam)
    assert 'id="release"' in screen.get("/alerts/1").text
    assert screen.post("/alerts/1/release", as_sam).status_code == 303
    assert world.alert()["acknowledged_by"] is None
    assert 'data-section="mine"' in screen.get("/queue").text
    screen.post("/kiosk/end", as_sam)
    with world.db.reading() as session:
        entries = session.scalars(select(Entry).where(Entry.action == "sign_out")).all()
        assert entries[-1].who == "Sam"


@pytest.mark.parametrize("then", ["/console/feed", "/queue/list", "/sign-out", "/queue/../x"])
def test_after_sign_in_nobody_is_sent_to_what_is_no_page(world: World, then: str) -> None:
    give_passwords(world.db, world.clock, ["Priya"])
    assert Screen(world).sign_in(then=then).headers["location"] == "/queue"
