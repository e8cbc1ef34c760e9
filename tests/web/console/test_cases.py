"""Cases and orders at a screen: opened, amended, graded, served; what is wrong stands at its field, nothing is lost."""

from typing import Any

import pytest

from tests.builders import from_number, on_phone
from tests.web.console.screen import Screen, at_screen, fields, words_of
from tests.world import CIRCLE, World

CASE = {
    "reference": "SPO-17", "officer": "Owen", "deputy": "Noor", "team": "stalking", "grade": "high", "model": "S-DASH",
    "reason": "He has a key.", "p0_role": "victim", "p0_name": "Anna Jones", "p0_numbers": "07700 900123\n0151 496 0001",
    "p0_addresses": "Flat 2, 10 Bold Street, L1 4DS", "p1_role": "suspect", "p1_name": "Martin Reeve",
    "p1_numbers": "07700 900555", "p1_things": "AB12 CDE\nemail martin@example.org",
}  # fmt: skip
ORDER = {
    "reference": "ORD-1", "case": "SPO-17", "kind": "stalking_protection_order", "jurisdiction": "england_and_wales",
    "made_on": "1 6 2026", "made_by": "application", "expires_on": "1/6/2028", "service": "not_recorded",
    "r_name": "Martin Reeve", "r_numbers": "07700 900555", "q0_name": "Anna Jones", "q0_numbers": "07700 900123",
    "c0_number": "1", "c0_kind": "prohibition", "c0_text": "Not to contact her.", "c0_means": "watched", "c0_watch": "contact",
    "c1_number": "2", "c1_kind": "prohibition", "c1_text": "Not within 150 m.", "c1_means": "watched", "c1_watch": "zone",
    "c1_what": "53.4030, -2.9800, 150 m\n10 Bold Street, Liverpool, L1 4DS", "c1_hours": "08:00-17:30 mon-fri",
    "c2_number": "3", "c2_kind": "requirement", "c2_text": "To hand over devices.", "c2_means": "task", "c2_due_on": "1 December 2026",
    "c3_number": "4", "c3_kind": "prohibition", "c3_text": "Not to mention her online.", "c3_means": "reported",
}  # fmt: skip


@pytest.fixture
def owen(world: World) -> Screen:
    return at_screen(world, "Owen")


def opened(owen: Screen, **more: str) -> str:
    answer = owen.post("/cases/new", CASE | more)
    assert answer.status_code == 303, words_of(answer)
    return str(answer.headers["location"])


def recorded(owen: Screen, **more: str) -> str:
    answer = owen.post("/orders/new", ORDER | more)
    assert answer.status_code == 303, words_of(answer)
    return str(answer.headers["location"])


def of_api(world: World, path: str) -> dict[str, Any]:
    found: dict[str, Any] = world.get(f"/v1{path}", "Owen").json()
    return found


def test_a_case_is_opened_with_its_people_and_its_risk(world: World, owen: Screen) -> None:
    at = opened(owen)
    case = of_api(world, at)
    assert [(one["name"], one["role"]) for one in case["people"]] == [
        ("Anna Jones", "victim"),
        ("Martin Reeve", "suspect"),
    ]
    assert case["people"][0]["phones"] == [{"number": "07700 900123"}, {"number": "0151 496 0001"}]
    assert case["people"][1]["identifiers"] == [
        {"kind": "vehicle", "value": "AB12 CDE"}, {"kind": "email", "value": "martin@example.org"},
    ]  # fmt: skip
    assert (case["risk"][0]["grade"], case["risk"][0]["model"], case["is_complete"]) == ("high", "S-DASH", True)
    page = words_of(owen.get(at))
    for words in (
        "Case SPO-17",
        "risk high",
        "Anna Jones",
        "0151 496 0001",
        "He has a key.",
        "nothing of it would fire",
    ):
        assert words in page
    assert "SPO-17" in words_of(owen.get("/cases"))


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"reference": ""}, "reference", "required"), ({"deputy": ""}, "deputy", "required"),
        ({"p0_numbers": "12"}, "p0_numbers", ""), ({"p1_things": "vehicle %%"}, "p1_things", ""),
        ({"p0_role": "wizard"}, "p0_role", ""), ({"grade": "huge"}, "grade", ""), ({"reference": "x" * 300}, "reference", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_case_stands_at_its_field(
    world: World, owen: Screen, change: dict[str, str], field: str, told: str
) -> None:
    answer = owen.post("/cases/new", CASE | change)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), words_of(answer)[:400]
    assert told in words_of(answer)
    assert 'value="Martin Reeve"' in answer.text
    assert world.get("/v1/cases", "Owen").json()["items"] == []


def test_a_reference_that_is_taken_is_told(owen: Screen) -> None:
    opened(owen)
    answer = owen.post("/cases/new", CASE)
    assert (answer.status_code, 'href="#reference"' in answer.text) == (409, True)


def test_a_case_sent_as_it_stands_changes_nothing_and_people_are_amended(world: World, owen: Screen) -> None:
    address = {"text": "Flat 2, 10 Bold Street", "postcode": "L1 4DS", "uprn": "38000000001"}
    body = {"reference": "SPO-9", "officer": "Owen", "deputy": "Noor", "team": "stalking",
            "people": [{"role": "victim", "name": "Anna", "addresses": [address]}]}  # fmt: skip
    made = world.post("/v1/cases", body, "Owen").json()
    at = f"/cases/{made['id']}"
    form = fields(owen.get(f"{at}/amend").text)
    assert owen.post(f"{at}/amend", form).status_code == 303
    assert of_api(world, at) == made
    moved = form | {"p0_numbers": "07700 900300", "team": "protecting people", "p1_name": "Ben", "p1_role": "witness"}
    assert owen.post(f"{at}/amend", moved).status_code == 303
    case = of_api(world, at)
    assert case["people"][0]["addresses"] == [address]
    assert case["people"][0]["phones"] == [{"number": "07700 900300"}]
    assert (case["people"][1]["name"], case["team"]) == ("Ben", "protecting people")
    gone = fields(owen.get(f"{at}/amend").text) | {"p1_gone": "yes"}
    assert owen.post(f"{at}/amend", gone).status_code == 303
    assert [one["name"] for one in of_api(world, at)["people"]] == ["Anna"]


def test_who_comes_second_to_a_case_sees_what_stands_and_loses_nothing(world: World, owen: Screen) -> None:
    at = opened(owen)
    first, second = fields(owen.get(f"{at}/amend").text), fields(owen.get(f"{at}/amend").text)
    assert owen.post(f"{at}/amend", first | {"deputy": "Lee"}).status_code == 303
    answer = owen.post(f"{at}/amend", second | {"team": "night team"})
    assert answer.status_code == 409
    page = words_of(answer)
    assert "Deputy Lee left alone" in page
    assert 'value="night team"' in answer.text
    # Sent again as it stands now, neither undoes what the other did.
    assert owen.post(f"{at}/amend", fields(answer.text)).status_code == 303
    case = of_api(world, at)
    assert (case["deputy"], case["team"]) == ("Lee", "night team")


def test_a_risk_that_is_lowered_wants_a_reason_and_history_stays(world: World, owen: Screen) -> None:
    at = opened(owen)
    answer = owen.post(f"{at}/risk", {"grade": "standard", "model": "DARA"})
    assert (answer.status_code, 'href="#reason"' in answer.text, 'value="DARA"' in answer.text) == (422, True, True)
    assert owen.post(f"{at}/risk", {"grade": "standard", "reason": "He moved abroad."}).status_code == 303
    assert owen.post(f"{at}/note", {"note": "She was told."}).status_code == 303
    assert owen.post(f"{at}/note", {"note": ""}).status_code == 422
    assert owen.post(f"{at}/trigger", {"kind": "trial", "on": "1 12 2026"}).status_code == 303
    wrong = owen.post(f"{at}/trigger", {"kind": "", "on": "soon"})
    assert (wrong.status_code, 'href="#kind"' in wrong.text, 'href="#on"' in wrong.text) == (422, True, True)
    page = words_of(owen.get(at))
    for words in ("risk standard", "It lowers high, set by Owen: He has a key.", "She was told.", "2026-12-01: trial"):
        assert words in page
    assert "He has a key." not in words_of(at_screen(world, "Sam").get(at))


def test_a_case_that_a_marker_opened_is_graded_and_completed(world: World, owen: Screen) -> None:
    world.place(on_phone(), case="SPO-8")
    [made] = world.get("/v1/cases", "Owen").json()["items"]
    at = f"/cases/{made['id']}"
    assert "To be completed." in words_of(owen.get(at))
    assert owen.post(f"{at}/risk", {"grade": "medium"}).status_code == 303
    form = fields(owen.get(f"{at}/amend").text) | {"deputy": "Noor", "team": "stalking"}
    assert owen.post(f"{at}/amend", form).status_code == 303
    assert of_api(world, at)["is_complete"] is True


def test_a_case_shows_its_run_of_events_over_all_its_markers(world: World, owen: Screen) -> None:
    at = opened(owen)
    world.place(on_phone("07700 900123"), case="SPO-17", reference="MRK-1")
    world.place(on_phone("0151 496 0001"), case="SPO-17", reference="MRK-2")
    for number in ("07700 900123", "0151 496 0001", "07700 900123"):
        world.happen(silent_solution=True, **from_number(number))
        world.clock.advance(minutes=3)
    page = owen.get(at).text
    for words in ("MRK-1", "MRK-2", "24 hours", 'aria-label="3 in 13 weeks', "nobody spoke"):
        assert words in page, words


def test_orders_and_cases_are_for_who_may_read_them(world: World, owen: Screen) -> None:
    case, order = opened(owen), recorded(owen)
    for who, statuses in (("Priya", (403, 403, 403)), ("Sam", (200, 403, 403)), ("Ada", (403, 403, 403))):
        screen = at_screen(world, who)
        got = (screen.get(case), screen.get(order), screen.post(f"{case}/note", {"note": "x"}))
        assert tuple(answer.status_code for answer in got) == statuses, who
    absent = "/cases/0190b0a0-0000-7000-8000-000000000000"
    world.place(on_phone(), case="HID-1", sensitivity="covert", queue=CIRCLE, as_="Noor")
    [hidden] = [one for one in world.get("/v1/cases", "Noor").json()["items"] if one["reference"] == "HID-1"]
    assert owen.get(f"/cases/{hidden['id']}").text == owen.get(absent).text
    assert owen.get("/cases/HID-1").status_code == 404


def test_an_order_is_recorded_with_what_is_watched_of_it(world: World, owen: Screen) -> None:
    opened(owen)
    at = recorded(owen)
    order = of_api(world, at)
    first, second, third, fourth = order["conditions"]
    assert [one["means"] for one in order["conditions"]] == ["watched", "watched", "task", "reported"]
    assert first["watch"] is not None
    zones = second["watch"]["zones"]
    assert zones[0]["area"]["circle"] == {"latitude": 53.403, "longitude": -2.98, "radius_m": 150.0}
    assert second["hours"] == [{"from": "08:00", "until": "17:30", "days": ["mon", "tue", "wed", "thu", "fri"]}]
    assert (third["due_on"], fourth["watched"], order["expires_on"]) == ("2026-12-01", False, "2028-06-01")
    page = words_of(owen.get(at))
    for words in ("◉ watched", "☐ task", "✎ reported", "555 days left", "Service not recorded", "by 1 December 2026"):
        assert words in page, words
    # He rings her: what the form recorded is watched at once.
    raised = world.happen(
        phones=[{"number": "07700 900555", "role": "caller"}, {"number": "07700 900123", "role": "called"}]
    )
    [alert] = [world.read(one["alert"]) for one in raised["alerts"]]
    assert [one["finding"] for one in alert["conditions"] if one["condition"] == "1"] == ["worth_checking"]


def test_service_is_recorded_by_one_tap(world: World, owen: Screen) -> None:
    opened(owen)
    at = recorded(owen)
    assert "Served on him today" in owen.get(at).text
    assert owen.post(f"{at}/service", {"state": "served"}).status_code == 303
    assert of_api(world, at)["service"] == {"state": "served", "on": "2026-11-24"}
    assert owen.post(f"{at}/service", {"state": "told_of_terms", "on": "20 11 2026"}).status_code == 303
    assert of_api(world, at)["service"] == {"state": "told_of_terms", "on": "2026-11-20"}
    wrong = owen.post(f"{at}/service", {"state": "perhaps", "on": "today"})
    assert (wrong.status_code, 'href="#on"' in wrong.text, 'href="#state"' in wrong.text) == (422, True, True)


def test_an_order_sent_as_it_stands_changes_nothing_not_even_what_a_form_cannot_say(world: World, owen: Screen) -> None:
    opened(owen)
    square = [[-2.98, 53.40], [-2.97, 53.40], [-2.97, 53.41], [-2.98, 53.40]]
    body = {
        "reference": "ORD-2", "case": "SPO-17", "kind": "restraining_order", "made_on": "2026-06-01", "made_by": "conviction",
        "until_further_order": True, "respondent": {"name": "Martin"}, "court_reference": "T2026/1",
        "protected": [{"name": "Anna", "phones": [{"number": "07700 900123"}]}],
        "conditions": [
            {"number": "1a", "kind": "prohibition", "text": "Both.", "means": "watched",
             "watch": {"contact": {"phones": [{"number": "07700 900123"}]}, "zone": {"area": {"circle": {"latitude": 53.4, "longitude": -2.98, "radius_m": 100}}}}},
            {"number": "1b", "kind": "prohibition", "text": "Drawn.", "means": "watched", "power_of_arrest": True,
             "watch": {"zone": {"area": {"polygon": {"type": "Polygon", "coordinates": [square]}}}}},
            {"number": "2", "kind": "requirement", "text": "To live there.", "means": "watched",
             "watch": {"stay_in": {"area": {"circle": {"latitude": 53.41, "longitude": -2.97, "radius_m": 50}}}},
             "hours": [{"from": "21:00", "until": "06:00", "days": ["sat", "mon"]}]},
            {"number": "3", "kind": "prohibition", "text": "One phone.", "means": "watched",
             "watch": {"only": {"phones": [{"number": "07700 900555"}], "vehicles": ["AB12 CDE"]}}},
        ],
    }  # fmt: skip
    made = world.post("/v1/orders", body, "Owen").json()
    at = f"/orders/{made['id']}"
    form = fields(owen.get(f"{at}/amend").text)
    assert owen.post(f"{at}/amend", form).status_code == 303
    assert of_api(world, at) == made
    assert owen.post(f"{at}/amend", form | {"wanted_since": "20 11 2026", "c3_gone": "yes"}).status_code == 303
    after = of_api(world, at)
    assert (after["wanted_since"], after["version"]) == ("2026-11-20", made["version"] + 1)
    assert after["conditions"] == made["conditions"][:3]
    assert "WANTED since 20 November 2026" in words_of(owen.get(at))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"case": ""}, "case"), ({"made_on": "yesterday"}, "made_on"), ({"made_on": ""}, "made_on"),
        ({"c1_hours": "all day"}, "c1_hours"), ({"c0_watch": ""}, "c0_watch"), ({"c1_what": ""}, "c1_watch"),
        ({"c2_due_on": "soon"}, "c2_due_on"), ({"c2_every_days": "many"}, "c2_every_days"), ({"r_numbers": "12"}, "r_numbers"),
        ({"q0_numbers": "12"}, "q0_numbers"), ({"c0_number": ""}, "c0_number"), ({"c3_means": "guessed"}, "c3_means"),
        ({"c1_what": "53.4030, -2.9800, 900000 m"}, "c1_what"), ({"service_on": "then"}, "service_on"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_order_stands_at_its_field(
    world: World, owen: Screen, change: dict[str, str], field: str
) -> None:
    answer = owen.post("/orders/new", ORDER | change)
    assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True), words_of(answer)[:500]
    assert "Not to mention her online." in answer.text
    assert world.get("/v1/orders", "Owen").json()["items"] == []


def test_the_form_of_an_order_begins_with_the_people_of_its_case(owen: Screen) -> None:
    case = opened(owen)
    form = fields(owen.get(f"/orders/new?case={case.rpartition('/')[2]}").text)
    assert (form["case"], form["r_name"], form["q0_name"]) == ("SPO-17", "Martin Reeve", "Anna Jones")
    assert form["r_things"] == "vehicle AB12 CDE\nemail martin@example.org"
    more = owen.post("/orders/new", ORDER | {"act": "more"})
    assert (more.status_code, 'name="c5_text"' in more.text) == (200, True)


def test_who_comes_second_to_an_order_sees_what_stands(world: World, owen: Screen) -> None:
    opened(owen)
    at = recorded(owen)
    first, second = fields(owen.get(f"{at}/amend").text), fields(owen.get(f"{at}/amend").text)
    assert (
        owen.post(
            f"{at}/amend",
            first | {"court": "Liverpool", "c4_number": "6", "c4_text": "Theirs.", "c4_means": "reported"},
        ).status_code
        == 303
    )
    mine = {"c0_text": "Not to contact her by any means.", "c4_number": "5", "c4_text": "Mine.", "c4_means": "reported"}
    answer = owen.post(f"{at}/amend", second | mine)
    assert answer.status_code == 409
    assert "Court Liverpool left alone" in words_of(answer)
    assert owen.post(f"{at}/amend", fields(answer.text)).status_code == 303
    order = of_api(world, at)
    texts = {one["number"]: one["text"] for one in order["conditions"]}
    assert (order["court"], texts["1"], texts["5"]) == ("Liverpool", "Not to contact her by any means.", "Mine.")
    # What both added at the same place stands twice, and neither in the other's place.
    assert texts["6"] == "Theirs."


def test_orders_that_end_soon_are_a_list_of_their_own(owen: Screen) -> None:
    opened(owen)
    recorded(owen)
    recorded(owen, reference="ORD-2", expires_on="26 11 2026")
    assert "ORD-1" in owen.get("/orders").text
    ending = owen.get("/orders?which=ending").text
    assert ("ORD-1" in ending, "ORD-2" in ending, "2 days left" in ending) == (False, True, True)


@pytest.mark.parametrize(
    "key", ["2026-11-24T12:00:00 " + "-" * 36, "2026-11-24T12:00 0190b0a0-0000-7000-8000-000000000000"]
)
def test_a_key_that_was_written_by_hand_is_no_failure(owen: Screen, key: str) -> None:
    for path in ("/cases", "/orders"):
        assert owen.get(f"{path}?after={key}").status_code == 200
