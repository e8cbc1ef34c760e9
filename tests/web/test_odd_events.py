"""An event with an odd part is kept, and stands in nobody's way: not in that of the events that come after it."""

from itertools import count
from typing import Any

import pytest

from tests.builders import an_event, from_number, on_phone
from tests.world import World

ODD: list[Any] = [5, -1, 10**30, 0.5, True, False, "", "x" * 3000, [], [None], {}, {"a": {"b": 1}}, [[1]], None]
FIELDS = (
    "call", "incident", "channel", "silent_solution", "abandoned", "line", "summary", "operator_note", "phones",
    "locations", "people", "identifiers", "attributes", "queue", "priority", "unknown", "via",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["call", "incident", "concern"])
@pytest.mark.parametrize("field", FIELDS)
def test_what_follows_an_odd_event_is_matched_raised_and_read(world: World, field: str, kind: str) -> None:
    world.place(on_phone())
    numbers = count(1)
    shared = "incident" if field == "call" else "call"
    for value in ODD:
        reference = f"R-{next(numbers)}"
        event = an_event(type=kind, **{shared: reference}) | {field: value}
        odd = world.post("/v1/events", event, "Alex")
        if odd.status_code == 503:
            # A service that has just begun on a busy machine may not be able to say; a feed asks again, by the same id.
            odd = world.post("/v1/events", event, "Alex")
        assert odd.status_code in (200, 201), (value, odd.text)
        after = world.post("/v1/events", an_event(**{shared: reference}, **from_number()), "Tess")
        assert after.status_code == 201, (value, after.text)
        [raised] = [one for one in after.json()["alerts"] if one["created"] or kind == "concern"][-1:]
        told = world.read(raised["alert"])
        assert told["event_count"] == 2, (value, told)
        assert told[shared] == reference
    assert len(world.queue(limit=200)) >= len(ODD)


@pytest.mark.parametrize("name", ["call", "incident"])
def test_a_reference_that_is_a_number_is_its_text_for_all_that_come_after(world: World, name: str) -> None:
    world.place(on_phone())
    number: Any = {name: 5}
    world.happen(**number)
    receipt = world.happen(**{name: "5"}, **from_number())
    told = world.read(receipt["alerts"][0]["alert"])
    assert (told[name], told["event_count"]) == ("5", 2)
    assert world.happen(**number)["alerts"][0]["alert"] == told["id"]
