"""What a supervisor sees over all desks: shelved, awaiting a second person, floods, and measures as plots with tables."""

import json
import re
from datetime import timedelta
from html import unescape

from tests.builders import from_number, on_phone
from tests.web.console.screen import at_screen, words_of
from tests.world import CIRCLE, World


def raised(world: World, number: int, desk: str = "control-room") -> dict[str, object]:
    told = world.happen(
        call=f"T-{desk}-{number}", **from_number("07700 900123" if desk == "control-room" else "07700 900300")
    )
    found: dict[str, object] = world.read(told["alerts"][0]["alert"], "Sam")
    return found


def test_what_waits_for_a_second_person_is_agreed_to_where_its_reason_stands(world: World) -> None:
    world.place(on_phone(), response={"grade": "immediate"})
    alert = world.happen(silent_solution=True, **from_number())["alerts"][0]["alert"]
    asked = world.post(f"/v1/alerts/{alert}/resolve", {"outcome": "no_action_needed", "note": "He rang back."}, "Priya")
    assert asked.status_code == 202
    sam = at_screen(world, "Sam")
    page = words_of(sam.get("/waiting"))
    number = world.read(alert)["number"]
    for words in (f"Alert {number}", "Priya wants", "Their reason: He rang back.", "Agree", "Refuse"):
        assert words in page, words
    assert "Awaiting: 1; on a shelf: 0" in words_of(sam.get("/work"))
    assert sam.post(f"/alerts/{number}/confirm", {"note": ""}).status_code == 303
    assert "Nothing waits for a second person" in words_of(sam.get("/waiting"))
    assert world.read(alert)["state"] == "resolved"


def test_who_asked_for_it_is_not_offered_to_agree(world: World) -> None:
    world.place(on_phone(), response={"grade": "immediate"})
    alert = world.happen(silent_solution=True, **from_number())["alerts"][0]["alert"]
    world.post(f"/v1/alerts/{alert}/resolve", {"outcome": "no_action_needed", "note": "x"}, "Sam")
    assert "You asked for it" in words_of(at_screen(world, "Sam").get("/waiting"))


def test_a_shelf_tells_until_when_by_whom_and_why_over_all_desks(world: World) -> None:
    world.place(on_phone())
    world.place(on_phone("07700 900300"), queue="dispatch")
    world.place(on_phone("07700 900400"), sensitivity="covert", queue=CIRCLE, as_="Noor")
    until = (world.clock.moment + timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    for number, desk in enumerate(("control-room", "dispatch")):
        alert = raised(world, number, desk)
        world.post(
            f"/v1/alerts/{alert['id']}/shelve", {"until": until, "reason": f"Unit at {desk}"}, "Sam"
        ).raise_for_status()
    hidden = world.happen(call="T-9", **from_number("07700 900400"))
    del hidden
    sam = at_screen(world, "Sam")
    page = words_of(sam.get("/waiting"))
    for words in ("On a shelf 2", "Unit at control-room", "Unit at dispatch", "24 Nov 2026, 12:30"):
        assert words in page, words
    assert CIRCLE not in page


def test_a_flood_is_seen_at_a_glance(world: World) -> None:
    for number in range(24):
        world.place(on_phone(f"07700 9004{number:02}"), reference=f"MRK-{number}")
        world.happen(call=f"T-{number}", **from_number(f"07700 9004{number:02}"))
    world.clock.advance(minutes=1)
    sam = at_screen(world, "Sam")
    assert re.search(r"control-room .{0,200}?12\.0 ▲ FLOOD", words_of(sam.get("/desks")))
    page = sam.get("/measures")
    assert "▲ flood" in page.text
    [plot] = re.findall(r'data-plot="([^"]+)"', page.text)
    at, rates, steady, flood = json.loads(unescape(plot))
    assert (len(at), max(rates), set(steady), set(flood)) == (72, 24.0, {1}, {10})
    assert "24.0" in words_of(page)


def test_measures_are_of_a_desk_and_by_shift(world: World) -> None:
    world.place(on_phone())
    world.place(on_phone("07700 900300"), queue="dispatch")
    raised(world, 1)
    raised(world, 1, "dispatch")
    world.clock.advance(minutes=1)
    sam = at_screen(world, "Sam")
    both = words_of(sam.get("/measures?hours=24&shifts=true"))
    assert ("dispatch" in both, "control-room" in both) == (True, True)
    one = sam.get("/measures?hours=24&shifts=true&desk=dispatch").text.partition("<tbody>")[2]
    assert ("dispatch" in one, ">control-room<" in one.partition("measures of")[2]) == (True, False)
    assert sam.get("/measures?desk=nowhere").status_code == 200
