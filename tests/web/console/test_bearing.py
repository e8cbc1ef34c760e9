"""What orders, patterns and a second person add to an alert stands on its page, its row and the stream."""

from typing import Any

import pytest

from tests.builders import from_number, on_phone
from tests.scenarios.safeguarding import HERS, call, record_order
from tests.web.console.screen import Screen, at_screen, words_of
from tests.world import World


@pytest.fixture
def engines(sqlite_files: Any) -> Any:
    """One engine is enough for what is words and forms."""
    return sqlite_files


def broken(world: World, **more: Any) -> dict[str, Any]:
    record_order(world, **more)
    world.happen(**call())
    return world.alert()


def test_the_order_stands_with_its_condition_wording_days_service_and_what_a_breach_is(
    world: World, priya: Screen
) -> None:
    broken(world)
    said = words_of(priya.get("/alerts/1"))
    for words in (
        "ORD-2026-17: Stalking Protection Order", "555 days left", "he was served with it", "a breach is a crime",
        "Possible breach of condition 1", "Not to contact her by any means.",
        "the caller's number 07700 900555 is the respondent's",
        "Not watched: a person has to report these", "Not to mention her on social media.",
    ):  # fmt: skip
        assert words in said, words
    queue = words_of(priya.get("/queue"))
    assert "Possible breach of condition 1: Not to contact her by any means." in queue
    assert "No marker: somebody of the room raised it." not in said


def test_who_is_wanted_stands_first_and_service_not_recorded_asks(world: World, priya: Screen) -> None:
    broken(world, wanted_since="2026-11-03", service={"state": "not_recorded"})
    said = words_of(priya.get("/alerts/1"))
    assert "WANTED since 2026-11-03" in said
    assert "ask whether he knows of the order" in said
    assert "WANTED since 2026-11-03" in words_of(priya.get("/queue"))


def test_the_run_of_events_is_a_table_with_its_sentence_and_hours(world: World, priya: Screen) -> None:
    world.place(on_phone(HERS), case="SPO-17", risk="standard")
    for _ in range(4):
        world.happen(**from_number(HERS))
    page = priya.get("/alerts/4")
    said = words_of(page)
    assert "4th contact in 7 days: more than three times a week" in said
    assert "The run of events" in said
    assert "12 months 4 0 1" in said
    for number in (1, 2, 3):
        assert f"Alert {number} raised" in said, "the run of events, each with its alert"
    assert "12:00 4" in page.text, "the hours of the day, in words, too"
    assert "4th contact in 7 days" in words_of(priya.get("/queue"))


def test_a_second_person_agrees_or_refuses_by_a_form(world: World, priya: Screen) -> None:
    world.place(on_phone(HERS), risk="high")
    world.happen(**from_number(HERS), line="silent")
    asked = priya.post("/alerts/1/resolve", {"outcome": "no_action_needed", "seen": "1", "note": "A child."})
    assert asked.status_code == 303
    own = words_of(priya.get("/alerts/1"))
    assert "Priya wants to resolve it as No action needed: a second person has to agree" in own
    assert "Their reason: A child." in own
    assert "Agree" not in own.split("Somebody else has to")[0].split("Awaiting confirmation")[1]
    assert "a second person has to agree" in words_of(priya.get("/queue"))
    assert priya.post("/alerts/1/confirm").status_code == 403
    sam = at_screen(world, "Sam")
    assert "Agree" in words_of(sam.get("/alerts/1"))
    assert sam.post("/alerts/1/refuse", {"note": "Send somebody."}).status_code == 303
    priya.post("/alerts/1/regrade", {"priority": "urgent", "reason": "She rang back."})
    assert sam.post("/alerts/1/confirm").status_code == 303
    said = words_of(priya.get("/alerts/1"))
    assert "regraded from immediate to urgent by Priya, confirmed by Sam" in said
    assert "Asked for a second person" in said


def test_a_regrade_lacks_nothing(world: World, priya: Screen) -> None:
    world.place(on_phone(HERS), risk="medium")
    world.happen(**from_number(HERS))
    for form, told in (({"priority": "routine"}, "Say why"), ({"reason": "x"}, "Say to which priority")):
        answer = priya.post("/alerts/1/regrade", form)
        assert answer.status_code == 422
        assert told in words_of(answer)


def test_looking_again_and_whether_an_order_was_broken_are_asked_when_it_ends(world: World, priya: Screen) -> None:
    alert = broken(world)
    assert "Was an order broken?" in words_of(priya.get("/alerts/1"))
    form = {"outcome": "advice_given", "breach": "confirmed", "follow_up": "240", "seen": str(alert["version"])}
    assert priya.post("/alerts/1/resolve", form).status_code == 303
    ended = world.read(alert["id"])
    assert (ended["breach"], ended["follow_up_at"]) == ("confirmed", "2026-11-24T16:00:00Z")


def test_an_instruction_that_names_no_action_is_told_before_the_marker_is_saved(world: World) -> None:
    owen = at_screen(world, "Owen")
    form = {
        "category": "stalking", "risk": "high", "instruction": "TAU", "number": HERS, "number_again": HERS, "lasts": "365", "act": "check",
    }  # fmt: skip
    said = words_of(owen.post("/markers/new", form))
    assert "Look at the instruction again" in said
    assert "it names no action" in said


def test_what_it_adds_is_in_the_stream(world: World) -> None:
    alert = broken(world)
    listed = world.queue()[0]
    assert listed["conditions"] == alert["conditions"]
    assert listed["pattern"] is not None
