"""The console's pages without scripts: everything but the live part works by plain forms."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from access.models import Entry
from alerts.lateness import escalate_late
from alerts.rules.ladder import Ladder
from tests.builders import at_point, from_number, on_address, on_circle, on_phone
from tests.web.console.screen import Screen, at_screen, words_of
from tests.world import CIRCLE, World, a_world
from web.console.words import comes_twice, times_in

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def engines(sqlite_files: Any) -> Any:
    """One engine is enough for what is words and forms; sessions, limits and moves are tried on both elsewhere."""
    return sqlite_files


@pytest.fixture
def owen(world: World) -> Screen:
    return at_screen(world, "Owen")


def actions(world: World) -> list[str]:
    with world.db.reading() as session:
        return list(session.scalars(select(Entry.action).order_by(Entry.at, Entry.id)))


# The queue


def test_an_empty_queue_says_that_it_is_good_news_as_long_as_the_line_is_live(priya: Screen) -> None:
    said = words_of(priya.get("/queue"))
    assert "No open alerts." in said
    assert "No immediate alert waits." in said


def test_a_row_says_what_to_do_what_is_required_why_where_and_which_incident(world: World, priya: Screen) -> None:
    response = {"grade": "immediate", "call_back": "never", "code_word": "marigold"}
    world.place(on_phone(), instruction="Send two.", response=response, case="SPO-17")
    world.happen(incident="MP-1", silent_solution=True, **from_number())
    page = priya.get("/queue")
    said = words_of(page)
    for words in (
        "▲ IMMEDIATE", "#1", "Send two.", "Required: immediate response · never ring back · code word: marigold",
        "the caller's number 07700 900123 is the marked one", "MP-1", "nobody yet",
    ):  # fmt: skip
        assert words in said
    assert 'data-section="band"' in page.text
    assert page.headers["content-security-policy"] == POLICY
    assert actions(world)[-1] == "list_alerts"


def test_alerts_stand_by_whose_they_are_and_the_most_pressing_first(world: World, priya: Screen) -> None:
    world.place(on_phone(), risk="high")
    world.place(on_phone("07700 900201"), risk="standard")
    for call in ("a", "b"):
        world.happen(call=call, **from_number("07700 900201"))
    world.happen(call="c", **from_number())
    world.happen(call="d", silent_solution=True, **from_number())
    ids = {alert["number"]: alert["id"] for alert in world.queue()}
    world.move(ids["1"], "acknowledge")
    world.move(ids["2"], "acknowledge", as_="Sam")
    page = priya.get("/queue").text
    found = {
        name: re.findall(r'data-number="(\d+)"', body)
        for name, body in re.findall(r'<tbody data-section="(\w+)">(.*?)</tbody>', page, re.DOTALL)
    }
    assert found == {"band": ["4"], "waiting": ["3"], "mine": ["1"], "others": ["2"], "shelved": []}


def test_alerts_about_one_case_stand_together_and_are_taken_by_one_move(world: World, priya: Screen) -> None:
    world.place(on_phone(), case="SPO-9")
    world.place(on_phone("07700 900201"))
    for call in ("a", "b", "c"):
        world.happen(call=call, **from_number())
        world.happen(call=f"{call}2", **from_number("07700 900201"))
    page = priya.get("/queue").text
    assert re.findall(r'id="alert-(\d)"', page) == ["1", "3", "5", "2", "4", "6"]
    assert re.findall(r'name="numbers" value="([\d ]+)"', page) == ["1 3 5", "2 4 6"]
    assert "of SPO-9" in page
    world.move(next(a["id"] for a in world.queue() if a["number"] == "3"), "acknowledge", as_="Sam")
    assert priya.post("/alerts/together/acknowledge", {"numbers": "1 3 5"}).status_code == 303
    answer = priya.post("/alerts/together/acknowledge", {"numbers": "1 3 5"}, Accept="application/json").json()
    assert "Not taken: 3" in answer["said"]
    who = {alert["number"]: alert["acknowledged_by"] for alert in world.queue()}
    assert (who["1"], who["3"], who["5"], who["2"]) == ("Priya", "Sam", "Priya", None)


def test_the_queue_shows_what_the_reader_may_see_and_counts_nothing_else(world: World) -> None:
    world.place(on_phone(), sensitivity="covert", queue=CIRCLE, as_="Noor")
    world.happen(**from_number())
    assert "#c1" in at_screen(world, "Kit").get("/queue").text
    outside = at_screen(world, "Priya").get("/queue").text
    assert "#c1" not in outside
    assert 'data-total="0"' in outside
    assert CIRCLE not in outside


def test_a_desk_is_chosen_and_stands(world: World) -> None:
    kit = at_screen(world, "Kit")
    world.place(on_phone(), queue="dispatch")
    world.happen(**from_number())
    assert "#1" not in kit.get("/queue").text
    assert "#1" in kit.get("/queue?desk=dispatch").text
    assert kit.post("/desk", {"desk": CIRCLE}).status_code == 303
    assert f"Queue: {CIRCLE}" in words_of(kit.get("/queue"))
    kit.post("/desk", {"desk": "somebody-else's"})
    assert "all desks of yours" in words_of(kit.get("/queue"))


# One alert


@pytest.fixture
def alert(world: World) -> dict[str, Any]:
    world.place(
        on_phone(), on_circle(53.4039, -2.9806, 120), reference="MRK-1", instruction="Send two.", case="SPO-17",
        narrative="For officers only.", response={"code_word": "marigold"},
    )  # fmt: skip
    world.happen(call="T-1", incident="MP-1", silent_solution=True, **from_number(), **at_point(53.4030, -2.98, 25))
    return world.alert()


def test_an_alert_says_in_this_order_what_is_required_why_where_what_happened_and_its_history(
    alert: dict[str, Any], priya: Screen
) -> None:
    said = words_of(priya.get(f"/alerts/{alert['number']}"))
    order = ["Send two.", "code word: marigold", "Acknowledge", "Why it matched", "the caller's number", "Where",
             "Caller, located", "What happened", "55 was pressed", "History", "Raised"]  # fmt: skip
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert "For officers only" not in said
    assert "give or take 25 m" in said


def test_each_place_has_its_distance_and_a_plan_with_a_scale(world: World, priya: Screen) -> None:
    world.place(on_phone(), on_circle(53.4100, -2.9800, 100))
    world.happen(call="T-1", **from_number(), **at_point(53.4105, -2.98, 20))
    page = priya.get("/alerts/1")
    said = words_of(page)
    assert "the marked area" in said
    assert "<svg" in page.text
    assert re.search(r"\d+ m</text>", page.text)
    assert "<image" not in page.text


def test_every_move_is_a_form(world: World, alert: dict[str, Any], priya: Screen) -> None:
    where = f"/alerts/{alert['number']}"

    def state() -> tuple[str, str | None]:
        seen = world.read(alert["id"])
        return seen["state"], seen["acknowledged_by"]

    assert priya.post(f"{where}/acknowledge").headers["location"] == where
    assert state() == ("acknowledged", "Priya")
    priya.post(f"{where}/note", {"note": "She is at her sister's."})
    priya.post(f"{where}/assign", {"to": "Owen", "note": "Yours."})
    priya.post(f"{where}/escalate", {"note": ""})
    priya.post(f"{where}/shelve", {"minutes": "60", "reason": "Unit on its way"})
    assert world.read(alert["id"])["shelved_until"]
    priya.post(f"{where}/unshelve")
    priya.post(f"{where}/release", {"note": "Break"})
    assert state() == ("raised", None)
    priya.post(f"{where}/resolve", {"outcome": "attended", "seen": world.read(alert["id"])["version"]})
    assert state() == ("resolved", "Priya")
    priya.post(f"{where}/reopen", {"reason": "He is back"})
    assert state() == ("raised", None)
    changes = [line["change"] for line in world.read(alert["id"])["history"]]
    assert changes == [
        "raised", "acknowledge", "note", "assign", "escalate", "shelve", "unshelve", "release", "resolve", "reopen"
    ]  # fmt: skip
    said = words_of(priya.get(where))
    assert "She is at her sister's." in said


@pytest.mark.parametrize(
    ("move", "form", "told"),
    [
        ("resolve", {"note": "typed already"}, "Say what came of it"),
        ("shelve", {"minutes": "60", "reason": ""}, "Say why it can wait"),
        ("shelve", {"minutes": "", "reason": "typed already"}, "Say for how long"),
        ("assign", {"to": "", "note": "typed already"}, "Say to whom"),
        ("note", {"note": ""}, "Write the note"),
        ("note", {"note": "n" * 2001}, "At most 2000 characters"),
    ],
)
def test_a_form_that_lacks_something_says_what_and_keeps_the_rest(
    world: World, alert: dict[str, Any], priya: Screen, move: str, form: dict[str, str], told: str
) -> None:
    answer = priya.post(f"/alerts/{alert['number']}/{move}", form)
    assert answer.status_code == 422
    assert told in words_of(answer)
    assert "There is a problem" in words_of(answer)
    for typed in form.values():
        assert typed in answer.text
    assert world.read(alert["id"])["version"] == alert["version"]


def test_of_two_who_take_one_alert_the_second_reads_who_has_it(
    world: World, alert: dict[str, Any], priya: Screen
) -> None:
    world.move(alert["id"], "acknowledge", as_="Sam")
    answer = priya.post(f"/alerts/{alert['number']}/acknowledge")
    assert answer.status_code == 409
    assert "Sam has it." in words_of(answer)
    told = priya.post(f"/alerts/{alert['number']}/acknowledge", Accept="application/json")
    assert told.json()["acknowledged_by"] == "Sam"


def test_what_has_changed_since_it_was_seen_is_not_resolved(world: World, alert: dict[str, Any], priya: Screen) -> None:
    world.move(alert["id"], "note", {"note": "n"}, as_="Sam")
    form = {"outcome": "attended", "seen": str(alert["version"])}
    answer = priya.post(f"/alerts/{alert['number']}/resolve", form)
    assert answer.status_code == 412
    assert "changed since you saw it" in words_of(answer)


def test_who_else_looks_at_an_alert_is_said(world: World, alert: dict[str, Any], priya: Screen) -> None:
    where = f"/alerts/{alert['number']}"
    priya.get(where)
    sam = at_screen(world, "Sam")
    assert "also looking: Priya" in words_of(sam.get(where))
    world.clock.advance(minutes=6)
    assert "also looking" not in words_of(sam.get(where))


@pytest.mark.parametrize("number", ["2", "c1", "c", "0", "x", "1x", "99999999999999"])
def test_a_number_that_is_none_and_one_that_is_hidden_are_one_answer(
    world: World, alert: dict[str, Any], priya: Screen, number: str
) -> None:
    del alert
    world.place(on_phone("07700 900777"), sensitivity="covert", queue=CIRCLE, as_="Noor")
    world.happen(call="T-9", **from_number("07700 900777"))
    answer = priya.get(f"/alerts/{number}")
    assert answer.status_code == 404
    assert "There is no such thing here" in words_of(answer)


# Look up


def test_a_look_up_reads_back_what_was_understood_and_tells_the_worst_first(world: World, owen: Screen) -> None:
    world.place(on_address("Flat 2, 10 Bold Street, Liverpool", "L1 4DS"), risk="standard", instruction="The lesser.")
    world.place(on_address("Flat 2, 10 Bold Street, Liverpool", "L1 4DS"), risk="high", instruction="The worse.")
    answer = owen.post("/look-up", {"box": "flat 2 10 bold st liverpool l1 4ds", "reason": "ringing now"})
    said = words_of(answer)
    assert "flat 2, 10 Bold Street, Liverpool, L1 4DS" in said
    assert said.index("The worse.") < said.index("The lesser.")
    assert "2 active markers were searched" in said
    assert "bold" not in str(answer.url).lower()
    assert actions(world)[-1] == "look_up"


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("07700 900123", "number"), ("he rang from 07700 900123", "number"), ("L1 4DS", "address"),
        ("53.4030, -2.9800", "position"), ("SJ 350 900", "position"), ("AB12 CDE", "mark or account"),
        ("her@example.org", "mark or account"), ("uprn 38000000001", "address"), ("38000000001", "address"),
    ],
)  # fmt: skip
def test_one_box_takes_whatever_a_caller_says(priya: Screen, asked: str, kind: str) -> None:
    answer = priya.post("/look-up/understood", {"box": asked})
    assert answer.status_code == 200
    assert f"<b>{kind}</b>" in answer.text


def test_what_is_typed_so_far_is_no_consultation(world: World, priya: Screen) -> None:
    before = len(actions(world))
    priya.post("/look-up/understood", {"box": "07700 900123"})
    assert len(actions(world)) == before
    assert "Not understood so far" in priya.post("/look-up/understood", {"box": "%%"}).text
    assert priya.post("/look-up/understood", {"box": ""}).text.strip() == ""


def test_what_cannot_be_understood_is_told_and_stays(priya: Screen) -> None:
    answer = priya.post("/look-up", {"box": "%%%", "incident": "MP-1"})
    assert answer.status_code == 422
    assert 'value="%%%"' in answer.text
    assert 'value="MP-1"' in answer.text


def test_a_restricted_marker_shows_neither_words_nor_place_to_a_handler(world: World, priya: Screen) -> None:
    world.place(on_phone(), sensitivity="restricted", instruction="Only on its alert.")
    said = words_of(priya.post("/look-up", {"box": "07700 900123"}))
    assert "Only on its alert." not in said
    assert "Restricted" in said


def test_a_look_up_becomes_a_concern_or_a_marker_by_one_step(owen: Screen) -> None:
    said = owen.post("/concerns/new", {"from": "look-up", "box": "07700 900123"})
    assert said.status_code == 200
    assert 'value="07700 900123"' in said.text
    assert re.search(
        r'name="number"[^>]*value="07700 900123"',
        owen.post("/markers/new", {"from": "look-up", "box": "07700 900123"}).text,
    )
    assert re.search(
        r'name="address"[^>]*value="10 Bold Street"',
        owen.post("/markers/new", {"from": "look-up", "box": "10 Bold Street"}).text,
    )


# Concerns and markers


def test_a_concern_raises_an_alert_once_however_often_it_is_sent(world: World, priya: Screen) -> None:
    page = priya.get("/concerns/new").text
    [event_id] = re.findall(r'name="id" value="([0-9a-f-]{36})"', page)
    form = {"id": event_id, "summary": "He waits outside.", "box": "07700 900123", "priority": "immediate"}
    first, second = priya.post("/concerns/new", form), priya.post("/concerns/new", form)
    assert first.headers["location"] == second.headers["location"] == "/alerts/1"
    found = world.alert()
    assert (found["priority"], found["events"][0]["summary"]) == ("immediate", "He waits outside.")
    assert found["events"][0]["phones"] == [{"number": "07700 900123", "role": "mentioned"}]


@pytest.mark.parametrize("form", [{"summary": ""}, {"summary": "x" * 2001}, {"summary": "Worry", "box": "%%"}])
def test_a_concern_that_lacks_something_is_not_raised(world: World, priya: Screen, form: dict[str, str]) -> None:
    assert priya.post("/concerns/new", form).status_code == 422
    assert world.queue() == []


MARKER = {
    "category": "stalking", "instruction": "Send two.", "risk": "high", "number": "07700 900123", "number_again": "+44 7700 900123",
    "address": "Flat 2, 10 Bold Street", "postcode": "L1 4DS", "centre": "53.4030, -2.9800", "radius": "150", "lasts": "90",
    "subject_role": "victim", "grade": "immediate", "call_back": "never", "code_word": "marigold", "case": "SPO-9",
}  # fmt: skip


def test_a_marker_is_drilled_before_it_is_saved_and_then_fires(world: World, owen: Screen) -> None:
    checked = owen.post("/markers/new", MARKER | {"act": "check"})
    said = words_of(checked)
    assert "Drilled, and not saved yet" in said
    assert said.count("fires:") == 3
    assert world.get("/v1/markers", "Owen").json()["items"] == []
    saved = owen.post("/markers/new", MARKER | {"act": "save"})
    assert saved.status_code == 303
    page = words_of(owen.get(saved.headers["location"]))
    for words in ("ACTIVE", "Send two.", "07700 900123", "150 m around 53.40300, -2.98000", "✓ fires: exact number"):
        assert words in page
    [marker] = world.get("/v1/markers", "Owen").json()["items"]
    assert re.fullmatch(r"MRK-2026-[0-9A-F]{6}", marker["reference"])
    assert marker["response"] == {"grade": "immediate", "call_back": "never", "code_word": "marigold"}
    assert marker["valid_until"].startswith("2027-02")
    world.happen(silent_solution=True, **from_number())
    assert world.alert()["priority"] == "immediate"


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"category": ""}, "category", "Say what it is about"),
        ({"instruction": ""}, "instruction", "Say what the call handler must do"),
        ({"instruction": "x" * 2001}, "instruction", "At most 2000 characters"),
        ({"risk": ""}, "risk", "Say how high the risk is"),
        ({"number": "12", "number_again": "12", "address": "", "centre": "", "radius": ""}, "number", ""),
        ({"number": "", "address": "", "centre": "", "radius": ""}, "number", "without one it would never fire"),
        ({"radius": "many"}, "radius", "An area is a centre"),
        ({"radius": "nan"}, "radius", ""),
        ({"radius": "60000"}, "radius", "metres, over 0 and up to 50,000"),
        ({"centre": "99, 5"}, "radius", "latitude must be"),
        ({"vehicle": "%%"}, "vehicle", ""),
        ({"address": "Liverpool", "postcode": ""}, "address", ""),
    ],
)
def test_what_is_wrong_with_a_marker_stands_at_its_field_and_nothing_typed_is_lost(
    world: World, owen: Screen, change: dict[str, str], field: str, told: str
) -> None:
    answer = owen.post("/markers/new", MARKER | change)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert told in words_of(answer)
    assert 'value="SPO-9"' in answer.text
    assert world.get("/v1/markers", "Owen").json()["items"] == []


def test_a_reference_that_is_taken_is_told_at_its_field(world: World, owen: Screen) -> None:
    world.place(on_phone(), reference="MRK-1")
    answer = owen.post("/markers/new", MARKER | {"reference": "MRK-1"})
    assert (answer.status_code, 'href="#reference"' in answer.text) == (409, True)


def test_handlers_place_no_markers_and_see_no_way_to(priya: Screen) -> None:
    assert priya.get("/markers/new").status_code == 403
    assert "Place a marker" not in priya.get("/queue").text


def test_a_covert_marker_is_no_page_outside_its_circle(world: World, owen: Screen) -> None:
    hidden = world.place(on_phone(), sensitivity="covert", queue=CIRCLE, as_="Noor")["id"]
    absent = owen.get("/markers/0190b0a0-0000-7000-8000-000000000000")
    answer = owen.get(f"/markers/{hidden}")
    assert (answer.status_code, answer.text) == (404, absent.text)
    assert at_screen(world, "Noor").get(f"/markers/{hidden}").status_code == 200


# One's own


def test_choices_stand_on_every_page_and_keys_that_collide_are_told(priya: Screen) -> None:
    form = {
        "theme": "dark",
        "density": "dense",
        "has_keys": "yes",
        "has_sound": "no",
        "volume": "30",
        "key_acknowledge": "y",
    }
    assert priya.post("/me/choices", form).status_code == 303
    page = priya.get("/queue").text
    assert 'data-theme="dark" data-density="dense"' in page
    settings = json.loads(re.findall(r'data-settings="([^"]+)"', page)[0].replace("&#34;", '"'))
    assert (settings["keys"]["y"], settings["sound"], settings["volume"]) == ("acknowledge", False, 30)
    assert "a" not in settings["keys"]
    wrong = priya.post("/me/choices", form | {"key_open": "y"})
    assert wrong.status_code == 422
    assert "stands for two things" in wrong.text
    priya.post("/me/choices", form | {"has_keys": "no"})
    assert "Queue <kbd>" not in priya.get("/queue").text


# Errors, and what every page holds


def test_errors_are_pages_for_people_and_problems_for_programs(world: World, priya: Screen) -> None:
    page = priya.get("/nothing")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == POLICY
    assert "To the queue" in page.text
    assert world.client.get("/nothing").headers["content-type"] == "application/problem+json"
    assert priya.get("/v1/nothing").headers["content-type"] == "application/problem+json"


def test_what_fails_unexpectedly_is_a_page_too_and_is_noted_once(
    priya: Screen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("07700 900123")

    monkeypatch.setattr("web.console.queue._list", fail)
    page = priya.get("/queue")
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "The service failed" in words_of(page)
    noted = [record for record in caplog.records if record.message == "unexpected error"]
    assert len(noted) == 1
    assert "900123" not in page.text


def test_a_form_that_is_no_form_is_refused(priya: Screen) -> None:
    assert priya.ask("POST", "/look-up", None, Content_Type="application/json").status_code == 415
    assert priya.post("/look-up", {"box": "x" * 300_000}).status_code == 413
    assert priya.post("/look-up", {"box": "a\x00b"}).status_code == 422


def test_no_page_but_the_api_pages_names_another_host_and_all_is_ours(world: World, owen: Screen) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    for path in (
        "/",
        "/queue",
        "/alerts/1",
        "/look-up",
        "/concerns/new",
        "/markers/new",
        "/me",
        "/help",
        "/docs",
        "/x",
    ):
        page = owen.get(path).text
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page) == []
        assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|style=", page) == []


def test_assets_are_kept_for_ever_under_their_build_and_are_nothing_under_another(world: World, owen: Screen) -> None:
    del world
    found = re.findall(r'"(/assets/\w+/[\w.-]+)"', owen.get("/queue").text)
    assert len(found) > 6
    for address in found:
        answer = owen.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    other = re.sub(r"/assets/\w+/", "/assets/000000000000/", found[0])
    answer = owen.get(other)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_tiles_come_from_the_forces_own_host_alone(engines: Any) -> None:
    with (
        engines.fresh() as url,
        a_world(url, tile_url="https://tiles.example/{z}/{x}/{y}.png", tile_attribution="© OS") as world,
    ):
        world.place(on_phone())
        world.happen(**from_number(), **at_point(53.4030, -2.98, 25))
        page = at_screen(world).get("/alerts/1")
        assert "img-src 'self' data: https://tiles.example;" in page.headers["content-security-policy"]
        assert re.findall(r'href="https://tiles.example/\d+/\d+/\d+.png"', page.text)
        assert "© OS" in page.text
        assert "tiles.example" not in at_screen(world).get("/queue").headers["content-security-policy"]


def test_times_are_the_forces_own_and_the_hour_that_comes_twice_says_which() -> None:
    zone = ZoneInfo("Europe/London")
    told = times_in(zone)
    summer, winter = datetime.fromisoformat("2026-10-25T00:30:00Z"), datetime.fromisoformat("2026-10-25T01:30:00Z")
    assert (told["hour"](summer), told["hour"](winter)) == ("01:30 BST", "01:30 GMT")
    assert told["hour"](datetime.fromisoformat("2026-10-25T02:30:00Z")) == "02:30"
    assert told["moment"](datetime.fromisoformat("2026-07-01T10:00:00Z")) == "1 Jul 2026, 11:00"
    assert not comes_twice(datetime.fromisoformat("2026-03-29T01:30:00Z"), zone)


# What a reviewer broke


@pytest.mark.parametrize("number", ["²", "9" * 400, "-1", "1e3", "٣", " "])
def test_a_number_that_is_none_is_no_failure(world: World, alert: dict[str, Any], owen: Screen, number: str) -> None:
    where = f"/alerts/{alert['number']}"
    assert owen.post(f"{where}/shelve", {"minutes": number, "reason": "r"}).status_code == 422
    assert owen.post(f"{where}/resolve", {"outcome": "attended", "seen": number}).status_code == 303
    assert owen.post("/me/choices", {"volume": number, "has_keys": "yes"}).status_code == 303
    assert owen.post("/markers/new", MARKER | {"lasts": number, "act": "check"}).status_code in (200, 422)
    assert world.read(alert["id"])["state"] == "resolved"


def test_nobody_raises_a_concern_at_a_desk_that_is_not_theirs(world: World, priya: Screen) -> None:
    for queue in ("nowhere", CIRCLE, "q" * 9000):
        answer = priya.post("/concerns/new", {"summary": "Worry", "queue": queue})
        assert (answer.status_code, "This is none of your desks" in answer.text) == (422, True)
    assert priya.post("/concerns/new", {"summary": "Worry", "incident": "x" * 201}).status_code == 422
    assert world.queue() == []


@pytest.mark.parametrize("field", ["category", "reference", "case", "code_word"])
def test_a_field_of_a_marker_that_is_too_long_is_told_at_its_place(owen: Screen, field: str) -> None:
    answer = owen.post("/markers/new", MARKER | {field: "x" * 201})
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert owen.post("/markers/new", MARKER | {"queue": "nowhere"}).status_code == 422


def test_a_concern_changed_and_sent_again_asks_whether_it_is_another(world: World, priya: Screen) -> None:
    [event_id] = re.findall(r'name="id" value="([0-9a-f-]{36})"', priya.get("/concerns/new").text)
    priya.post("/concerns/new", {"id": event_id, "summary": "He waits outside."})
    again = priya.post("/concerns/new", {"id": event_id, "summary": "He waits at the gate."})
    assert again.status_code == 409
    assert "send it again to raise another" in words_of(again)
    [new_id] = re.findall(r'name="id" value="([0-9a-f-]{36})"', again.text)
    assert priya.post("/concerns/new", {"id": new_id, "summary": "He waits at the gate."}).status_code == 303
    assert len(world.queue()) == 2


def test_without_scripts_a_filter_shows_what_it_names(world: World, priya: Screen) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    world.move(world.alert()["id"], "acknowledge")
    assert 'data-mine="yes"' in priya.get("/queue?only=mine").text
    assert "desk=dispatch" in priya.get("/queue?desk=dispatch").text


def test_one_move_takes_a_case_in_the_band_and_below_it(world: World, priya: Screen) -> None:
    world.place(on_phone(), case="SPO-9")
    world.happen(call="a", **from_number())
    world.happen(call="b", silent_solution=True, **from_number())
    assert re.findall(r'name="numbers" value="([\d ]+)"', priya.get("/queue").text) == ["2 1"]


def test_what_one_move_could_not_take_is_told_without_scripts_too(world: World, priya: Screen) -> None:
    world.place(on_phone(), case="SPO-9")
    for call in ("a", "b"):
        world.happen(call=call, **from_number())
    world.move(world.queue()[0]["id"], "acknowledge", as_="Sam")
    answer = priya.post("/alerts/together/acknowledge", {"numbers": "1 2"})
    assert "Not taken: 1" in words_of(priya.get(answer.headers["location"]))


@pytest.mark.usefixtures("no_other_watch")
def test_steps_up_one_after_the_other_are_one_line_of_the_history(world: World, priya: Screen) -> None:
    world.place(on_phone())
    world.happen(silent_solution=True, **from_number())
    db = world.db
    for _ in range(3):
        world.clock.advance(seconds=31)
        with db.transaction() as session:
            escalate_late(session, world.clock.moment, Ladder(desks=("supervisors",)))
    said = words_of(priya.get("/alerts/1"))
    assert "Sent up: nobody had answered in time 3 times" in said


def test_errors_keep_the_theme_and_lead_back_to_the_alert(world: World, alert: dict[str, Any], priya: Screen) -> None:
    form = {"theme": "dark", "density": "normal", "has_keys": "yes", "has_sound": "yes", "volume": "60"}
    priya.post("/me/choices", form)
    world.move(alert["id"], "acknowledge", as_="Sam")
    page = priya.post(f"/alerts/{alert['number']}/acknowledge").text
    assert 'data-theme="dark"' in page
    assert f'href="/alerts/{alert["number"]}"' in page
    priya.post("/sign-out")
    assert 'data-theme="dark"' in priya.get("/").text


def test_keys_that_collide_lose_nothing_else_of_the_form(priya: Screen) -> None:
    wrong = priya.post("/me/choices", {"theme": "dark", "has_keys": "yes", "key_open": "a"})
    assert 'href="#keys-chosen"' in wrong.text
    assert re.search(r'value="dark" checked', wrong.text)


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/queue#x", "/queue?x=1", "javascript:x"])
def test_esc_goes_back_to_a_page_of_ours_alone(priya: Screen, back: str) -> None:
    assert 'data-back="/queue"' in priya.ask("GET", f"/look-up?back={quote(back)}").text
    assert 'data-back="/queue#alert-7"' in priya.get(f"/look-up?back={quote('/queue#alert-7')}").text
