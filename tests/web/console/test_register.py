"""The register at a screen: the list with counts of what one may see, and what an officer does with a marker."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from tests.builders import from_number, on_phone
from tests.scenarios.safeguarding import open_case
from tests.web.console.screen import at_screen
from tests.world import CIRCLE, World


def test_the_list_is_ones_own_and_counts_what_one_may_see(world: World) -> None:
    open_case(world)
    world.place(on_phone("07700 900300"), reference="MRK-1", review_due="2026-12-01T00:00:00Z")
    gone = world.place(on_phone("07700 900301"), reference="MRK-2")
    world.post(f"/v1/markers/{gone['id']}/withdraw", {"reason": "r"}, "Owen")
    world.place(on_phone("07700 900302"), as_="Noor", reference="MRK-3")
    world.place(on_phone("07700 900303"), as_="Noor", reference="SECRET", sensitivity="covert", queue=CIRCLE)
    owen = at_screen(world, "Owen")

    def shown(query: str, who: Any = owen) -> set[str]:
        page = who.get(f"/markers{query}").text
        return {name for name in ("MRK-1", "MRK-2", "MRK-3", "SECRET") if name in page}

    assert shown("") == {"MRK-1"}
    assert shown("?whose=all") == {"MRK-1", "MRK-3"}
    assert shown("?whose=all&status=") == {"MRK-1", "MRK-2", "MRK-3"}
    assert shown("?status=withdrawn") == {"MRK-2"}
    assert shown("?whose=all&status=&review=true") == {"MRK-1"}
    assert "Would fire now 2" in owen.get("/markers?whose=all").text
    noor = at_screen(world, "Noor")
    assert shown("", noor) == {"MRK-3", "SECRET"}
    assert "Would fire now 3" in noor.get("/markers?whose=all").text
    assert shown("?whose=all", at_screen(world, "Sam")) == {"MRK-1", "MRK-3"}
    assert at_screen(world, "Priya").get("/markers").status_code == 403
    assert owen.get("/markers?status=odd").status_code == 422


def test_an_officer_and_her_deputy_find_the_markers_of_their_cases(world: World) -> None:
    open_case(world, deputy="Nell")
    world.place(on_phone("07700 900302"), as_="Noor", reference="MRK-3", case="SPO-17")
    assert "MRK-3" in at_screen(world, "Owen").get("/markers").text
    assert "MRK-3" not in at_screen(world, "Sam").get("/markers").text


def test_a_long_list_goes_on_page_by_page_and_every_count_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(53):
        world.place(on_phone(f"07700 9003{number:02}"), reference=f"MRK-{number:02}")
    owen = at_screen(world, "Owen")
    first = owen.get("/markers").text
    assert first.count("MRK-") == 50
    after = first.split("&amp;after=")[1].split('"')[0]
    second = owen.get(f"/markers?after={after}").text
    assert [f"MRK-{number:02}" in second for number in (3, 2, 1, 0)] == [False, True, True, True]
    # A key that was written by hand begins at the first.
    assert owen.get("/markers?after=2026-99-99T00 1 " + "a" * 36).text.count("MRK-") == 50
    monkeypatch.setattr("markers.listing.MOST_COUNTED", 10)
    assert "Would fire now 10" in owen.get("/markers").text


def seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"', maxsplit=1)[0]


def test_a_marker_is_suspended_reinstated_renewed_and_withdrawn_with_reasons(world: World) -> None:
    marker = world.place(on_phone(), valid_until="2026-12-24T12:00:00Z")
    at, owen = f"/markers/{marker['id']}", at_screen(world, "Owen")

    def does(move: str, **form: str) -> None:
        answer = owen.post(f"{at}/{move}", {"seen": seen(owen.get(at).text), "reason": f"why {move}"} | form)
        assert (answer.status_code, answer.headers["location"]) == (303, at)

    does("suspend")
    assert world.happen(**from_number())["alerts"] == []
    does("reinstate")
    assert len(world.happen(call="T-2", **from_number())["alerts"]) == 1
    does("renew", lasts="")
    assert world.get(at.replace("/markers", "/v1/markers"), "Owen").json()["valid_until"].startswith("2027-01-23")
    does("renew", lasts="365")
    assert world.get(at.replace("/markers", "/v1/markers"), "Owen").json()["valid_until"].startswith("2027-11-24")
    does("withdraw")
    assert 'class="moves' not in owen.get(at).text, "nothing is left to do with it"
    reasons = {one["reason"] for one in world.get("/v1/audit", "Ada", object=marker["id"]).json()["items"]}
    assert {"why suspend", "why reinstate", "why renew", "why withdraw"} <= reasons


def test_what_the_room_placed_is_confirmed(world: World) -> None:
    marker = world.place(on_phone(), as_="Priya", provisional=True)
    at, owen = f"/markers/{marker['id']}", at_screen(world, "Owen")
    page = owen.get(at).text
    assert "your word makes it last" in page
    assert f'action="{at}/renew"' not in page
    form = {"seen": seen(page), "reason": "", "lasts": "90"}
    assert "Say why" in owen.post(f"{at}/confirm", form).text
    assert owen.post(f"{at}/confirm", form | {"reason": "spoke to her"}).status_code == 303
    assert world.get(f"/v1/markers/{marker['id']}", "Owen").json()["valid_until"].startswith("2027-02-22")


def test_who_saw_an_older_version_looks_again_and_loses_no_word(world: World) -> None:
    marker = world.place(on_phone())
    at, owen = f"/markers/{marker['id']}", at_screen(world, "Owen")
    old = seen(owen.get(at).text)
    world.post(f"/v1/markers/{marker['id']}/suspend", {"reason": "r"}, "Noor")
    late = owen.post(f"{at}/withdraw", {"seen": old, "reason": "She has moved to Leeds."})
    assert late.status_code == 409
    for words in ("Somebody has changed it since", "She has moved to Leeds.", "SUSPENDED", 'id="withdraw" open'):
        assert words in late.text
    assert seen(late.text) != old
    assert world.get(f"/v1/markers/{marker['id']}", "Owen").json()["status"] == "suspended"
    again = owen.post(f"{at}/withdraw", {"seen": seen(late.text), "reason": "She has moved to Leeds."})
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [({"reason": ""}, 422, "Say why"), ({"reason": "x" * 4001}, 422, "At most 4000"), ({"reason": "r"}, 409, "can&#39;t be")],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(world: World, form: dict[str, str], status: int, words: str) -> None:
    marker = world.place(on_phone())
    at, owen = f"/markers/{marker['id']}", at_screen(world, "Owen")
    answer = owen.post(f"{at}/reinstate", {"seen": seen(owen.get(at).text)} | form)
    assert answer.status_code == status
    assert words in answer.text
    assert owen.post(f"{at}/explode", {"seen": "1", "reason": "r"}).status_code in (404, 422)
    assert owen.post("/markers/no-such/renew", {"seen": "1", "reason": "r"}).status_code == 404
    for who in ("Sam", "Priya"):
        assert at_screen(world, who).post(f"{at}/withdraw", {"seen": "1", "reason": "r"}).status_code == 403


def test_a_covert_marker_of_others_is_not_there(world: World) -> None:
    marker = world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    owen = at_screen(world, "Owen")
    assert owen.post(f"/markers/{marker['id']}/withdraw", {"seen": "1", "reason": "r"}).status_code == 404
    assert owen.post(f"/markers/{marker['id']}/withdraw", {"seen": "1", "reason": ""}).status_code == 404


def test_a_marker_shows_its_last_alerts_to_who_may_see_them(world: World) -> None:
    marker = world.place(on_phone())
    at = f"/markers/{marker['id']}"
    owen = at_screen(world, "Owen")
    assert "It has raised no alert" in owen.get(at).text
    numbers = []
    for call in range(4):
        raised = world.happen(call=f"T-{call}", **from_number())["alerts"][0]["alert"]
        world.post(f"/v1/alerts/{raised}/acknowledge", {}, "Sam")
        world.post(f"/v1/alerts/{raised}/resolve", {"outcome": "attended"}, "Sam")
        numbers.append(world.read(raised)["number"])
        world.clock.advance(minutes=2)
    page = owen.get(at).text
    assert [f"/alerts/{number}" in page for number in numbers] == [True, True, True, True]
    assert f"#{numbers[-1]}</a>" in page.partition("Last alert")[2].partition("</table>")[0]
    assert re.search(r'aria-label="4 in 13 weeks', page)
    assert "urgent, resolved" in page


def test_the_register_is_narrowed_by_risk_category_and_proof_and_counts_follow(world: World) -> None:
    world.place(on_phone("07700 900301"), reference="MRK-1", risk="high", category="stalking")
    world.place(on_phone("07700 900302"), reference="MRK-2", risk="standard", category="witness")
    world.place(
        on_phone("07700 900303"),
        reference="HID-1",
        category="hidden one",
        sensitivity="covert",
        queue=CIRCLE,
        as_="Noor",
    )
    with world.db.transaction() as session:
        session.execute(
            text(
                "UPDATE targets SET proven_at = NULL WHERE marker_id IN (SELECT id FROM markers WHERE reference = 'MRK-2')"
            )
        )
    owen = at_screen(world, "Owen")
    for asked, found in (
        ("risk=high", {"MRK-1"}),
        ("category=witness", {"MRK-2"}),
        ("unproven=true", {"MRK-2"}),
        ("category=none", set()),
    ):
        page = owen.get(f"/markers?{asked}").text
        assert {name for name in ("MRK-1", "MRK-2", "HID-1") if name in page} == found, asked
        assert f"Would fire now {len(found)}" in page
    assert "hidden one" not in owen.get("/markers").text
    assert owen.get("/markers?risk=odd").status_code == 422
