"""A file of markers at a screen: tried, brought in, and what is refused mended where it stands."""

import re
from html import unescape
from typing import Any

import pytest

from tests.web.console.screen import Screen, at_screen, words_of
from tests.world import World

HEADER = "reference,category,risk,instruction,phones,address,postcode\n"
GOOD = "A-1,stalking,high,Send two.,07700 900123,,\n"
BAD = (
    "A-2,stalking,hihg,Send two.,07700 900124,,\n"
    'A-3,stalking,high,"Send one.\nRing first.",,Flat 2,\n'
    'A-4,stalking,high,"Send\n'
)


@pytest.fixture
def owen(world: World) -> Screen:
    return at_screen(world, "Owen")


def fields(page: Any) -> dict[str, str]:
    """The fields of refused lines, and the file as it stands in the page."""
    tags = [tag for tag in re.findall(r"<input[^>]*>", page.text) if 'name="cell_' in tag]
    inputs = [(re.findall(r'name="([^"]+)"', tag)[0], (re.findall(r'value="([^"]*)"', tag) or [""])[0]) for tag in tags]
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    return {name: unescape(value) for name, value in (*inputs, *areas)}


def references(world: World) -> set[str]:
    return {one["reference"] for one in world.get("/v1/markers", "Owen").json()["items"]}


def test_a_file_is_tried_and_nothing_is_kept(world: World, owen: Screen) -> None:
    page = owen.post("/import", {"file": HEADER + GOOD + BAD, "act": "check"})
    told = words_of(page)
    assert page.status_code == 200
    for words in ("Tried: nothing is kept yet", "1 placed", "3 refused", "Line 3: A-2", "One of these is wanted"):
        assert words in told, words
    assert fields(page)["cell_3_risk"] == "hihg"
    assert references(world) == set()


def test_refused_lines_are_mended_in_place_until_all_are_in(world: World, owen: Screen) -> None:
    first = owen.post("/import", {"file": HEADER + GOOD + BAD, "act": "import"})
    assert references(world) == {"A-1"}
    left = fields(first)
    assert "A-1" not in left["file"]
    assert {name for name in left if name != "file"} == {"cell_2_risk", "cell_3_address", "cell_5_row"}
    second = owen.post("/import", left | {"cell_2_risk": "high", "act": "import"})
    assert references(world) == {"A-1", "A-2"}
    left = fields(second)
    mended = {"cell_2_address": "Flat 2, 10 Bold Street", "cell_4_row": "A-4,stalking,high,Send.,07700 900126,,"}
    assert {name for name in left if name != "file"} == set(mended)
    third = owen.post("/import", left | mended | {"act": "import"})
    assert "All lines are in" in words_of(third)
    assert references(world) == {"A-1", "A-2", "A-3", "A-4"}
    kept = next(one for one in world.get("/v1/markers", "Owen").json()["items"] if one["reference"] == "A-3")
    assert kept["instruction"] == "Send one.\nRing first."


def test_the_same_file_again_leaves_everything_as_it_is(world: World, owen: Screen) -> None:
    owen.post("/import", {"file": HEADER + GOOD, "act": "import"})
    assert "1 as they were" in words_of(owen.post("/import", {"file": HEADER + GOOD, "act": "import"}))
    changed = GOOD.replace("two", "three")
    assert "1 amended" in words_of(owen.post("/import", {"file": HEADER + changed, "act": "import"}))


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("", "header"), ("name,number\nx,y\n", "none that Heed knows"), (HEADER, "no line behind the header"),
        (HEADER + GOOD * 1001, "At most 1000 lines"), ("reference,category,risk,instruction\nA,b,c,d", "where the marker is to fire"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_told_and_stays(owen: Screen, file: str, told: str) -> None:
    answer = owen.post("/import", {"file": file, "act": "import"})
    assert (answer.status_code, 'href="#file"' in answer.text) == (422, True)
    assert told in words_of(answer)


def test_how_far_a_file_has_come_is_told_to_its_own_session(world: World, owen: Screen) -> None:
    assert owen.get("/import/progress").json() == {"done": 0, "of": 0}
    assert at_screen(world, "Sam").get("/import").status_code == 403
