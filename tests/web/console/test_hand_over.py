"""A shift ends at the screen: one sheet with what is left, one move, and a question before one who has alerts leaves."""

import re
from typing import Any

from access.roles import Role
from tests.builders import from_number, on_phone
from tests.web.console.screen import Screen, somebody
from tests.world import World


def busy(world: World, screen: Screen, count: int = 2) -> list[dict[str, Any]]:
    world.place(on_phone(), instruction="Send two.")
    for number in range(count):
        world.happen(call=f"T-{number}", **from_number())
    alerts = world.queue()
    for alert in alerts:
        screen.post(f"/alerts/{alert['number']}/acknowledge", {})
    return alerts


def test_the_sheet_shows_each_and_one_move_gives_them_all(world: World) -> None:
    nell = somebody(world, "Nell")
    alerts = busy(world, nell)
    world.move(alerts[0]["id"], "note", {"note": "Unit 4 is on its way."}, "Owen")
    sheet = nell.get("/hand-over")
    assert sheet.status_code == 200
    for words in ("Send two.", "Unit 4 is on its way.", "T-0", "T-1", "Hand over all 2", "Priya"):
        assert words in sheet.text
    done = nell.post("/hand-over", {"to": "Priya", "note": "She may ring again."})
    assert done.status_code == 200
    assert "Handed over to Priya: 2" in done.text
    assert "She may ring again." in done.text
    assert "Unit 4 is on its way." in done.text, "the sheet stands to be printed"
    seen = world.read(alerts[0]["id"])
    assert (seen["acknowledged_by"], seen["history"][-1]["note"]) == ("Priya", "She may ring again.")
    assert "Nothing to hand over" in nell.get("/hand-over").text


def test_what_is_wrong_is_named_and_nothing_moves(world: World) -> None:
    nell = somebody(world, "Nell")
    [alert] = busy(world, nell, 1)
    for form in (
        {"to": "", "note": "kept words"},
        {"to": "Nobody", "note": "kept words"},
        {"to": "Priya", "note": "x" * 4001},
    ):
        answer = nell.post("/hand-over", form)
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
    assert "kept words" in nell.post("/hand-over", {"to": "", "note": "kept words"}).text
    assert world.read(alert["id"])["acknowledged_by"] == "Nell"


def test_a_supervisor_hands_over_somebody_elses_and_others_their_own_alone(world: World) -> None:
    nell, sue = somebody(world, "Nell"), somebody(world, "Sue", role=Role.SUPERVISOR)
    [alert] = busy(world, nell, 1)
    assert "Send two." in sue.get("/hand-over?from=Nell").text
    assert "Send two." not in somebody(world, "Olaf").get("/hand-over?from=Nell").text
    sue.post("/hand-over", {"from": "Nell", "to": "Priya", "note": ""})
    assert world.read(alert["id"])["acknowledged_by"] == "Priya"


def test_who_still_has_alerts_is_asked_before_they_are_signed_out(world: World) -> None:
    nell = somebody(world, "Nell")
    [alert] = busy(world, nell, 1)
    asked = nell.post("/sign-out", {})
    assert (asked.status_code, "Alerts that you answer for: 1" in asked.text) == (200, True)
    assert nell.get("/queue").status_code == 200
    assert nell.post("/sign-out", {"anyway": "yes"}).headers["location"] == "/sign-in"
    assert re.search("/sign-in", nell.get("/queue").headers.get("location", ""))
    assert world.read(alert["id"])["acknowledged_by"] in ("Nell", None)
