"""The pages beside the queue: an officer's reviews, a supervisor's desks, sources and measures, an auditor's trail."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from access.roles import Role
from alerts.case_rounds import look_over_cases
from db.ids import new_ids
from tests.builders import NOON, from_number, on_phone
from tests.scenarios.safeguarding import open_case, record_order
from tests.web.console.screen import at_screen, somebody
from tests.world import CIRCLE, World


def look_over(world: World, days: int = 0) -> None:
    with world.db.transaction() as session:
        look_over_cases(session, new_ids(), NOON + timedelta(days=days))


def test_each_role_finds_its_own_work_and_nobody_elses(world: World) -> None:
    open_case(world)
    record_order(world, service={"state": "not_recorded"})
    expected: dict[str, set[str]] = {
        "Priya": set(), "Owen": {"/markers", "/reviews", "/cases", "/orders", "/import"},
        "Sam": {"/markers", "/reviews", "/cases", "/waiting", "/desks", "/sources", "/measures", "/categories"},
        "Ada": {"/trail", "/people", "/tokens", "/settings"},
        "Alex": {"/desks", "/sources", "/categories", "/people", "/tokens", "/settings"},
    }  # fmt: skip
    every = set().union(*expected.values())
    for who, theirs in expected.items():
        screen = at_screen(world, who)
        page = screen.get("/work")
        assert page.status_code == 200
        assert {address for address in every if f'href="{address}"' in page.text} == theirs, who
        for address in every:
            assert screen.get(address).status_code == (200 if address in theirs else 403), (who, address)
    assert "Yours: 2, due: 1" in at_screen(world, "Owen").get("/work").text


@pytest.mark.parametrize(("who", "home"), [("Priya", "/queue"), ("Sam", "/queue"), ("Ada", "/work"), ("Alex", "/work")])
def test_who_reads_no_alerts_begins_at_their_own_work(world: World, who: str, home: str) -> None:
    screen = at_screen(world, who)
    screen.post("/sign-out", {"anyway": "yes"})
    assert screen.sign_in().headers["location"] == home


def test_an_officer_sees_her_day_and_says_what_was_found(world: World) -> None:
    open_case(world)
    record_order(world, service={"state": "not_recorded"})
    world.place(on_phone("07700 900300"), reference="MRK-9", review_due="2026-11-25T00:00:00Z")
    look_over(world, 1)
    owen = at_screen(world, "Owen")
    page = owen.get("/reviews").text
    assert "does he know of the order?" in page
    assert "MRK-9" in page
    [asked] = [one for one in _reviews(world) if one["kind"] == "service_not_recorded"]
    assert (
        owen.post(f"/reviews/{asked['id']}/done", {"note": "He was told on Monday."}).headers["location"] == "/reviews"
    )
    assert [one["note"] for one in _reviews(world) if one["id"] == asked["id"]] == ["He was told on Monday."]
    assert "He was told on Monday." in owen.get("/reviews?state=done").text
    assert "does he know of the order?" not in owen.get("/reviews").text
    too_long = owen.post(f"/reviews/{_reviews(world, state='open')[0]['id']}/done", {"note": "x" * 4001})
    assert (too_long.status_code, "At most 4000 characters" in too_long.text) == (422, True)
    noor = at_screen(world, "Noor")
    assert noor.post(f"/reviews/{asked['id']}/done", {"note": "again"}).status_code == 422
    assert owen.post("/reviews/no-such/done", {}).status_code == 404
    assert at_screen(world, "Sam").post(f"/reviews/{asked['id']}/done", {}).status_code == 403


def _reviews(world: World, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = world.get("/v1/reviews", "Owen", **params).json()["items"]
    return items


def test_a_circles_reviews_are_its_own_peoples(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, reference="SECRET", review_due="2026-11-24T13:00:00Z")
    look_over(world, 1)
    assert "SECRET" in at_screen(world, "Noor").get("/reviews?whose=all").text
    for who in ("Owen", "Sam"):
        assert "SECRET" not in at_screen(world, who).get("/reviews?whose=all").text


def test_a_supervisor_sees_every_desk_and_sets_where_it_passes_on(world: World) -> None:
    sam = at_screen(world, "Sam")
    world.place(on_phone(), queue="night")
    world.happen(**from_number())
    page = sam.get("/desks").text
    assert "night" in page
    assert "nobody" in page
    assert sam.post("/desks", {"desk": "night", "fallback": "control-room"}).headers["location"] == "/desks"
    [night] = [one for one in world.get("/v1/desks", "Sam").json()["items"] if one["desk"] == "night"]
    assert night["fallback"] == "control-room"
    for form, words in (
        ({"desk": "", "fallback": "a"}, "Between 1 and 100"), ({"desk": "a", "fallback": "a"}, "does not pass on to itself"),
        ({"desk": "a", "fallback": "x" * 101}, "At most 100"),
    ):  # fmt: skip
        wrong = sam.post("/desks", form)
        assert (wrong.status_code, words in wrong.text) == (422, True)
    rules = {"rules": [{"name": "both of them", "categories": ["stalking"], "desks": ["a", "b"]}]}
    world.client.put("/v1/routing", json=rules, headers=world.headers("Sam"))
    assert "both of them" in sam.get("/desks").text


def test_a_supervisor_expects_a_source_and_sees_its_silence(world: World) -> None:
    sam = at_screen(world, "Sam")
    assert "No source is expected" in sam.get("/sources").text
    assert sam.post("/sources", {"source": "cad", "every_s": "60", "queue": ""}).headers["location"] == "/sources"
    assert "speaks" in sam.get("/sources").text
    world.clock.advance(seconds=61)
    assert "SILENT" in sam.get("/sources").text
    assert "Silent: cad" in sam.get("/work").text
    for form in ({"source": "", "every_s": "5"}, {"source": "x", "every_s": "soon"}, {"source": "x", "every_s": "0"}):
        assert sam.post("/sources", form).status_code == 422
    sam.post("/sources", {"source": "cad", "every_s": "", "queue": ""})
    assert "not expected" in sam.get("/sources").text


def test_measures_stand_in_figures_by_desk_and_shift(world: World) -> None:
    sam = at_screen(world, "Sam")
    world.place(on_phone())
    for number in range(12):
        world.happen(call=f"T-{number}", silent_solution=True, **from_number())
    world.clock.advance(minutes=11)
    page = sam.get("/measures").text
    assert "over 5 %" in page
    assert "control-room" in page
    shifts = sam.get("/measures?hours=24&shifts=true")
    assert shifts.status_code == 200
    assert shifts.text.count("<tr>") > page.count("<tr>")
    assert sam.get("/measures?hours=0").status_code == 422


def test_an_auditor_finds_who_looked_and_what_somebody_looked_at(world: World) -> None:
    marker = world.place(on_phone())
    world.get(f"/v1/markers/{marker['id']}", "Priya")
    world.post("/v1/lookups", {"phones": [{"number": "07700 900123"}]}, "Sam")
    ada = at_screen(world, "Ada")
    page = ada.get(f"/trail?object={marker['id']}").text
    assert "Priya" in page
    assert "place marker" in page
    assert "07700" not in page
    own = ada.post("/trail", {"who": "Sam", "object": "", "operation": "consultation", "days": "1"}).text
    assert "look" in own
    assert "Priya" not in own
    assert "Nothing of that." in ada.get("/trail?who=Nobody").text
    assert ada.get("/trail?operation=odd").status_code == 422
    odd = ada.post("/trail", {"who": "x" * 201, "operation": "odd"})
    assert (odd.status_code, odd.text.count("Too long, or not one of")) == (422, 4), "above and beside each field"
    assert "read trail" in ada.get("/trail?who=Ada").text, "who audits is audited"


def test_a_long_trail_goes_on_page_by_page(world: World) -> None:
    for _ in range(105):
        world.get("/v1/alerts", "Priya")
    ada = at_screen(world, "Ada")
    first = ada.get("/trail?who=Priya").text
    assert first.count("list alerts") == 100
    older = first.split('name="before" value="')[1].split('"')[0]
    assert ada.post("/trail", {"who": "Priya", "before": older}).text.count("list alerts") == 5


def test_an_admin_without_alerts_sees_counts_and_no_content(world: World) -> None:
    world.place(on_phone(), instruction="Send two.")
    world.happen(**from_number())
    alex = at_screen(world, "Alex")
    page = alex.get("/desks").text
    assert "control-room" in page
    assert "Send two." not in page
    assert somebody(world, "Odd", role=Role.HANDLER).get("/desks").status_code == 403


def test_an_auditor_verifies_the_trail_and_is_told_in_words(world: World) -> None:
    world.place(on_phone())
    ada = at_screen(world, "Ada")
    sound = ada.post("/trail/verify", {})
    assert "Intact." in sound.text
    assert "verify trail" in sound.text, "that it was verified stands in the trail"
    with world.db.transaction() as session:
        session.execute(text("UPDATE trail_entries SET who = 'Nobody' WHERE action = 'place_marker'"))
    assert "NOT AS IT WAS WRITTEN" in ada.post("/trail/verify", {}).text
    assert at_screen(world, "Sam").post("/trail/verify", {}).status_code == 403


def test_a_trail_too_long_to_wait_for_is_left_to_the_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.console.trail.MOST_READ", 0)
    page = at_screen(world, "Ada").post("/trail/verify", {}).text
    assert "heed audit verify" in page
    assert "Intact." not in page


def test_an_auditor_finds_by_reference_and_number_and_is_told_when_nothing_is_called_so(world: World) -> None:
    marker = world.place(on_phone(), reference="MRK-7")
    world.place(on_phone("07700 900400"), reference="HID-1", sensitivity="covert", queue=CIRCLE, as_="Noor")
    number = world.read(world.happen(**from_number())["alerts"][0]["alert"])["number"]
    world.get(f"/v1/markers/{marker['id']}", "Priya")
    ada = at_screen(world, "Ada")
    found = ada.post("/trail", {"object": "MRK-7", "operation": "consultation", "days": "7"}).text
    assert ("Priya" in found, "MRK-7" in found.partition("<tbody>")[2], "read marker" in found) == (True, True, True)
    raised = ada.post("/trail", {"object": f"#{number}", "days": "7"}).text
    assert f"#{number}</a>" in raised
    for unknown in ("MRK-8", "HID-1", "alert 99"):
        assert "Nothing is known by this name here." in ada.post("/trail", {"object": unknown, "days": "7"}).text
