"""Amending a marker at a screen: what changed is saved and nothing else; who comes second is shown what stands."""

from typing import Any

import pytest

from tests.builders import from_number, on_phone
from tests.web.console.screen import Screen, at_screen, fields
from tests.world import CIRCLE, World


@pytest.fixture
def owen(world: World) -> Screen:
    return at_screen(world, "Owen")


def read(world: World, marker: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = world.get(f"/v1/markers/{marker['id']}", "Owen").json()
    return found


def test_the_form_sent_as_it_stands_changes_nothing(world: World, owen: Screen) -> None:
    response = {"grade": "immediate", "call_back": "never", "code_word": "marigold"}
    marker = world.place(on_phone(), reference="MRK-1", narrative="Left in June.", case="SPO-17", response=response)
    before = read(world, marker)
    form = fields(owen.get(f"/markers/{marker['id']}/amend").text)
    assert (form["code_word"], form["narrative"], form["grade"]) == ("marigold", "Left in June.", "immediate")
    assert owen.post(f"/markers/{marker['id']}/amend", form).status_code == 303
    assert read(world, marker) == before


def test_what_is_said_is_amended_and_nothing_else(world: World, owen: Screen) -> None:
    marker = world.place(on_phone(), reference="MRK-1", response={"code_word": "marigold"})
    at = f"/markers/{marker['id']}/amend"
    form = fields(owen.get(at).text) | {"instruction": "Send three units.", "risk": "medium", "call_back": "never"}
    assert owen.post(at, form).headers["location"] == f"/markers/{marker['id']}"
    after = read(world, marker)
    assert (after["instruction"], after["risk"], after["version"]) == (
        "Send three units.",
        "medium",
        marker["version"] + 1,
    )
    assert after["response"] == {"grade": None, "call_back": "never", "code_word": "marigold"}
    assert (after["targets"], after["reference"]) == (marker["targets"], "MRK-1")
    assert "amend_marker" in {
        one["action"] for one in world.get("/v1/audit", "Ada", object=marker["id"]).json()["items"]
    }


def test_a_target_is_out_of_use_and_another_takes_its_place(world: World, owen: Screen) -> None:
    marker = world.place(on_phone("07700 900300"))
    at = f"/markers/{marker['id']}/amend"
    form = fields(owen.get(at).text)
    [use] = [name for name in form if name.startswith("use_")]
    why = use.replace("use_", "why_")
    wrong = owen.post(at, form | {use: "out"})
    assert (wrong.status_code, "Say why it is out of use" in wrong.text) == (422, True)
    assert (
        owen.post(
            at, form | {use: "out", why: "in police hands", "number": "07700 900301", "number_again": "07700900301"}
        ).status_code
        == 303
    )
    assert world.happen(**from_number("07700 900300"))["alerts"] == []
    assert len(world.happen(call="T-2", **from_number("07700 900301"))["alerts"]) == 1
    assert read(world, marker)["targets"][0]["out_of_use"]["reason"] == "in police hands"
    form = fields(owen.get(at).text)
    outs = [name for name, value in form.items() if name.startswith("use_") and value == "out"]
    assert owen.post(at, form | {outs[0]: "gone"}).status_code == 303
    assert [one["phone"]["number"] for one in read(world, marker)["targets"]] == ["07700 900301"]
    form = fields(owen.get(at).text)
    [last] = [name for name in form if name.startswith("use_")]
    none_left = owen.post(at, form | {last: "gone"})
    assert (none_left.status_code, "it would never fire" in none_left.text) == (422, True)


def test_the_second_of_two_is_shown_what_changed_and_loses_nothing(world: World, owen: Screen) -> None:
    marker = world.place(on_phone(), instruction="Send two.")
    at, noor = f"/markers/{marker['id']}/amend", at_screen(world, "Noor")
    first, second = fields(noor.get(at).text), fields(owen.get(at).text)
    assert noor.post(at, first | {"instruction": "Send three.", "risk": "medium"}).status_code == 303
    mine = second | {"instruction": "Send two. He has a key.", "narrative": "She told me on Monday."}
    late = owen.post(at, mine)
    assert late.status_code == 409
    told = late.text.split('id="overtaken"', 1)[1].split("</section>", 1)[0]
    for words in ("Send three.", "Send two. He has a key.", "She told me on Monday.", "medium"):
        assert words in told
    kept = fields(late.text)
    assert (kept["instruction"], kept["narrative"]) == ("Send two. He has a key.", "She told me on Monday.")
    assert read(world, marker)["instruction"] == "Send three."
    assert owen.post(at, kept | {"instruction": "Send three. He has a key."}).status_code == 303
    assert read(world, marker)["instruction"] == "Send three. He has a key."


@pytest.mark.parametrize(
    ("given", "words"),
    [({"instruction": ""}, "Say what the call handler must do"), ({"category": "x" * 201}, "At most 200"), ({"risk": "odd"}, "Say how high"),
     ({"queue": "nowhere"}, "none of the desks"), ({"number": "12", "number_again": "12"}, "There is a problem"), ({"radius": "5"}, "An area is a centre")],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(
    world: World, owen: Screen, given: dict[str, str], words: str
) -> None:
    marker = world.place(on_phone())
    at = f"/markers/{marker['id']}/amend"
    answer = owen.post(at, fields(owen.get(at).text) | {"narrative": "kept as typed"} | given)
    assert answer.status_code == 422
    assert words in answer.text
    assert "kept as typed" in answer.text
    assert read(world, marker)["version"] == marker["version"]


def test_who_may_not_amend_it_sees_no_form(world: World, owen: Screen) -> None:
    covert = world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    plain = world.place(on_phone("07700 900300"))
    assert owen.get(f"/markers/{covert['id']}/amend").status_code == 404
    assert owen.post(f"/markers/{covert['id']}/amend", {"seen": "1"}).status_code == 404
    for who in ("Sam", "Priya"):
        assert at_screen(world, who).get(f"/markers/{plain['id']}/amend").status_code == 403
    world.post(f"/v1/markers/{plain['id']}/withdraw", {"reason": "r"}, "Owen")
    at = f"/markers/{plain['id']}/amend"
    ended = owen.post(at, fields(owen.get(at).text) | {"risk": "medium"})
    assert (ended.status_code, "can&#39;t be amended" in ended.text) == (409, True)


def test_the_second_of_two_undoes_nothing_that_they_left_alone(world: World, owen: Screen) -> None:
    marker = world.place(on_phone(), reference="MRK-1")
    at = f"/markers/{marker['id']}/amend"
    first, second = fields(owen.get(at).text), fields(owen.get(at).text)
    theirs = {"instruction": "Send three.", "number": "07700 900301", "number_again": "07700 900301"}
    assert owen.post(at, first | theirs).status_code == 303
    late = owen.post(at, second | {"code_word": "marigold"})
    assert late.status_code == 409
    told = late.text.split('id="overtaken"', 1)[1].split("</section>", 1)[0]
    assert ("Send three." in told, "left alone" in told, "marigold" in told) == (True, True, True)
    assert owen.post(at, fields(late.text)).status_code == 303
    after = read(world, marker)
    assert (after["instruction"], after["response"]["code_word"], len(after["targets"])) == (
        "Send three.",
        "marigold",
        2,
    )
