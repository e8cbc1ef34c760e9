"""Where and who of a marker at a screen: taken from an event rather than typed, a number typed twice, an area drawn."""

import re

import pytest

from access.reading import EntryFilter, entries_page
from tests.builders import a_caller, at_address, from_number, on_phone
from tests.web.console.screen import Screen, at_screen, fields, words_of
from tests.world import CIRCLE, World

SAYS = {"category": "stalking", "instruction": "Send two.", "risk": "high", "lasts": "90", "act": "save"}
OTHER = "07700 900300"


@pytest.fixture
def owen(world: World) -> Screen:
    return at_screen(world, "Owen")


def an_alert(world: World) -> str:
    """Of a call from her marked number, with an address and a position."""
    world.place(on_phone())
    place = {"role": "caller", "point": {"latitude": 53.403, "longitude": -2.98, "uncertainty_m": 20}}
    raised = world.happen(**(from_number() | {"locations": [*at_address()["locations"], place]}))
    return str(world.read(raised["alerts"][0]["alert"])["number"])


def saved(world: World, answer: object) -> dict[str, object]:
    assert answer.status_code == 303, words_of(answer)[:500]  # type: ignore[attr-defined]
    found: dict[str, object] = world.get(f"/v1{answer.headers['location']}", "Owen").json()  # type: ignore[attr-defined]
    return found


def test_what_an_alert_named_is_taken_over_as_it_came_and_its_source_stays_in_the_trail(
    world: World, owen: Screen
) -> None:
    number = an_alert(world)
    assert "Place a marker on what it named" in owen.get(f"/alerts/{number}").text
    offer = owen.post("/markers/new", {"from": "alert", "alert": number})
    assert "telephony/999" in words_of(offer)
    boxes = dict(re.findall(r'type="checkbox" id="(take_\d+)" name="take_\d+" value="([^"]+)"', offer.text))
    assert len(boxes) == 3
    marker = saved(world, owen.post("/markers/new", SAYS | {"alert": number} | boxes))
    given = [next(iter(one.items())) for one in marker["targets"]]  # type: ignore[attr-defined]
    assert given[0] == ("phone", {"number": "07700 900123"})
    assert given[1][0] == "address"
    assert given[2] == ("area", {"circle": {"latitude": 53.403, "longitude": -2.98, "radius_m": 50.0}})
    with world.db.reading() as session:
        page = entries_page(session, a_caller(), EntryFilter(), (None, 100))
        objects = [row.objects for row in page.rows if row.action == "place_marker"]
    assert sum('"event"' in one for one in objects) == 1


def test_by_the_number_of_an_alert_the_form_offers_the_same(world: World, owen: Screen) -> None:
    number = an_alert(world)
    asked = owen.post("/markers/new", SAYS | {"act": "offer", "alert": f"#{number}", "narrative": "Kept."})
    assert ("take_0" in asked.text, "Kept." in asked.text) == (True, True)
    for wrong in ("999", "x", "c1"):
        assert (
            "No alert of this number is open to you"
            in owen.post("/markers/new", SAYS | {"act": "offer", "alert": wrong}).text
        )


def test_what_an_alert_does_not_offer_is_not_taken(world: World, owen: Screen) -> None:
    number = an_alert(world)
    answer = owen.post(
        "/markers/new", SAYS | {"alert": number, "take_0": "0190b0a0-0000-7000-8000-000000000000 phones 0"}
    )
    assert (answer.status_code, 'href="#number"' in answer.text) == (422, True)
    hidden = world.place(on_phone(OTHER), sensitivity="covert", queue=CIRCLE, as_="Noor")
    assert hidden["sensitivity"] == "covert"
    world.happen(**from_number(OTHER), call="T-2")
    [covert] = [one for one in world.queue("Noor") if one["queue"] == CIRCLE]
    offer = owen.post("/markers/new", {"from": "alert", "alert": covert["number"]})
    assert "No alert of this number is open to you" in offer.text


@pytest.mark.parametrize("again", ["", "07700 900124", "+44 7700 900124", "077"])
@pytest.mark.parametrize("field", ["number", "number_2"])
def test_a_number_that_is_not_typed_twice_alike_is_not_saved(
    world: World, owen: Screen, field: str, again: str
) -> None:
    answer = owen.post("/markers/new", SAYS | {field: "07700 900123", f"{field}_again": again})
    assert (answer.status_code, f'href="#{field}_again"' in answer.text) == (422, True)
    assert world.get("/v1/markers", "Owen").json()["items"] == []


def test_the_same_number_may_be_written_in_two_ways(world: World, owen: Screen) -> None:
    marker = saved(world, owen.post("/markers/new", SAYS | {"number": "07700 900123", "number_again": "+447700900123"}))
    assert marker["targets"][0]["phone"]["number"] == "07700 900123"  # type: ignore[index]


def test_a_number_typed_twice_is_shown_with_its_last_event(world: World, owen: Screen) -> None:
    typed = {"number": "07700 900123", "number_again": "07700900123"}
    assert "No event has come yet" in owen.post("/markers/last-event", typed).text
    world.happen(**from_number(OTHER))
    assert "is it the right number?" in owen.post("/markers/last-event", typed).text
    for call in ("T-1", "T-2"):
        world.clock.advance(minutes=2)
        world.happen(call=call, **from_number())
    told = words_of(owen.post("/markers/last-event", typed))
    assert "Last named by an event" in told
    assert "24 Nov 2026, 12:00:00, call, telephony/999" in told
    assert "In 2 of the last 3 events" in told
    assert "not the same number" in owen.post("/markers/last-event", typed | {"number_again": "07700 900124"}).text
    second = {"which": "number_2", "number_2": OTHER, "number_2_again": OTHER}
    assert "In 1 of the last 3 events" in words_of(owen.post("/markers/last-event", second))
    assert (
        "Not understood"
        in owen.post("/markers/last-event", {"number": "Bold Street", "number_again": "Bold Street"}).text
    )
    with world.db.reading() as session:
        page = entries_page(session, a_caller(), EntryFilter(), (None, 100))
        assert sum(row.action == "read_last_event" for row in page.rows) == 4
    assert at_screen(world, "Priya").post("/markers/last-event", typed).status_code == 403


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Send two.", "271 characters left"), ("treat as urgent", "it names no action"), ("x" * 300 + " send", "25 characters longer"),
        ("Tell her that if she stays silent police will come.", "promise help for silence"), ("", ""),
    ],
)  # fmt: skip
def test_an_instruction_is_warned_of_while_it_is_written(owen: Screen, text: str, told: str) -> None:
    answer = owen.post("/markers/instruction", {"instruction": text})
    assert (answer.status_code, told in answer.text) == (200, True)


CORNERS = {
    "lat_0": "53.400", "lon_0": "-2.980", "lat_1": "53.400", "lon_1": "-2.970", "lat_2": "53.410", "lon_2": "-2.970",
}  # fmt: skip


def test_an_area_is_told_by_its_corners(world: World, owen: Screen) -> None:
    marker = saved(world, owen.post("/markers/new", SAYS | CORNERS))
    ring = marker["targets"][0]["area"]["polygon"]["coordinates"][0]  # type: ignore[index]
    assert ring == [[-2.98, 53.4], [-2.97, 53.4], [-2.97, 53.41], [-2.98, 53.4]]
    assert "an outline of 3 corners" in owen.get(f"/markers/{marker['id']}").text
    assert '<polygon class="plan__marked"' in owen.get(f"/markers/{marker['id']}").text


@pytest.mark.parametrize(
    "change", [{"lat_2": ""}, {"lat_1": "north"}, {"lat_2": "", "lon_2": ""}, {"lat_0": "153"}, {"lat_1": "nan"}]
)
def test_corners_that_are_no_area_are_told_in_the_table(world: World, owen: Screen, change: dict[str, str]) -> None:
    answer = owen.post("/markers/new", SAYS | CORNERS | change)
    assert (answer.status_code, bool(re.search(r'href="#lat_\d', answer.text))) == (422, True), words_of(answer)[:300]
    assert 'value="-2.970"' in answer.text
    assert world.get("/v1/markers", "Owen").json()["items"] == []


def test_an_area_is_added_to_a_marker_that_stands(world: World, owen: Screen) -> None:
    marker = world.place(on_phone())
    at = f"/markers/{marker['id']}/amend"
    form = fields(owen.get(at).text)
    assert owen.post(at, form | CORNERS | {"vehicle": "AB12 CDE"}).status_code == 303
    kinds = [next(iter(one)) for one in world.get(f"/v1/markers/{marker['id']}", "Owen").json()["targets"]]
    assert kinds == ["phone", "identifier", "area"]


def test_a_marker_is_begun_at_its_case(world: World, owen: Screen) -> None:
    body = {"reference": "SPO-9", "officer": "Owen", "deputy": "Noor", "team": "stalking"}
    case = world.post("/v1/cases", body, "Owen").json()
    assert fields(owen.get(f"/markers/new?case={case['id']}").text)["case"] == "SPO-9"


def test_the_same_form_sent_twice_is_one_marker(world: World, owen: Screen) -> None:
    form = fields(owen.get("/markers/new").text) | SAYS | {"number": OTHER, "number_again": OTHER}
    assert owen.post("/markers/new", form).status_code == 303
    assert owen.post("/markers/new", form).status_code == 409
    assert len(world.get("/v1/markers", "Owen").json()["items"]) == 1


def test_a_drill_says_what_is_marked_already_as_far_as_one_may_read_it(world: World, owen: Screen) -> None:
    world.place(on_phone(OTHER), reference="MRK-0017")
    world.place(on_phone(OTHER), reference="HID-1", sensitivity="covert", queue=CIRCLE, as_="Noor")
    told = owen.post("/markers/new", SAYS | {"number": OTHER, "number_again": OTHER, "act": "check"}).text
    assert ("Marked already" in told, "MRK-0017" in told, "HID-1" in told) == (True, True, False)
    other = owen.post("/markers/new", SAYS | {"number": "07700 900444", "number_again": "07700 900444", "act": "check"})
    assert "Marked already" not in other.text


@pytest.mark.parametrize("field", ["sensitivity", "subject_role", "lasts", "grade", "call_back"])
def test_what_is_none_of_the_choices_is_never_taken_for_the_first(world: World, owen: Screen, field: str) -> None:
    answer = owen.post("/markers/new", SAYS | {"number": OTHER, "number_again": OTHER, field: "covertt"})
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert world.get("/v1/markers", "Owen").json()["items"] == []


def test_a_covert_marker_is_placed_by_who_is_of_its_desk_alone(world: World, owen: Screen) -> None:
    form = SAYS | {"number": OTHER, "number_again": OTHER, "sensitivity": "covert", "queue": CIRCLE}
    assert owen.post("/markers/new", form).status_code == 422
    noor = at_screen(world, "Noor")
    assert 'value="covert"' in noor.get("/markers/new").text
    assert 'value="covert"' not in owen.get("/markers/new").text
    placed = noor.post("/markers/new", form)
    assert placed.status_code == 303
    assert owen.get(placed.headers["location"]).status_code == 404


def test_a_new_marker_is_looked_at_again_when_its_category_says(world: World, owen: Screen) -> None:
    period = {"category": "stalking", "review_days": 14, "delete_after_days": None}
    world.client.put("/v1/categories", json=period, headers=world.headers("Sam")).raise_for_status()
    marker = saved(world, owen.post("/markers/new", SAYS | {"number": OTHER, "number_again": OTHER}))
    assert str(marker["review_due"]).startswith("2026-12-08")
