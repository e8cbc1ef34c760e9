"""What else than one number and one address may be marked: blocks of numbers, things, places by the grid."""

from typing import Any

import pytest

from tests.builders import NOON, at_address, from_number, on_address, on_phone
from tests.world import World, a_world

THE_REFUGE = {"phone": {"range": {"from": "0151 496 0100", "to": "0151 496 0199"}}}
HIS_CAR = {"identifier": {"kind": "vehicle", "value": "OB12 CDE"}}
HIS_ACCOUNT = {"identifier": {"kind": "account", "value": "insta:he_is_here"}}
HIS_MAIL = {"identifier": {"kind": "email", "value": "He@Example.org"}}
GRID = {"area": {"circle": {"easting": 334000, "northing": 390000, "radius_m": 150}}}


def naming(kind: str, value: str) -> dict[str, Any]:
    return {"identifiers": [{"kind": kind, "value": value, "role": "mentioned"}]}


def levels(world: World) -> list[str]:
    return [match["level"] for alert in world.queue() for match in alert["matches"]]


@pytest.mark.parametrize(
    ("risk", "more", "priority"),
    [("standard", {}, "routine"), ("high", {}, "urgent"), ("standard", {"abandoned": True}, "immediate")],
)
def test_any_number_of_a_refuges_block_is_in_range(
    world: World, risk: str, more: dict[str, Any], priority: str
) -> None:
    world.place(THE_REFUGE, risk=risk)
    for beside in ("0151 496 0099", "0151 496 0200"):
        assert world.happen(**more, **from_number(beside))["alerts"] == []
    for number in ("0151 496 0100", "+44 151 496 0142", "0151 496 0199"):
        assert world.happen(**more, **from_number(number))["alerts"][0]["priority"] == priority
    assert set(levels(world)) == {"in_range"}


@pytest.mark.parametrize(
    ("risk", "more", "priority"),
    [("standard", {}, "routine"), ("medium", {}, "urgent"), ("standard", {"abandoned": True}, "urgent")],
)
@pytest.mark.parametrize(
    ("target", "named"),
    [(HIS_CAR, ("vehicle", "ob12cde")), (HIS_ACCOUNT, ("account", "Insta:@He_is_here")),
     (HIS_MAIL, ("email", "he@example.org"))],
)  # fmt: skip
def test_a_car_an_account_or_an_e_mail_address_is_an_exact_identifier(
    world: World, target: dict[str, Any], named: tuple[str, str], risk: str, more: dict[str, Any], priority: str
) -> None:
    world.place(target, risk=risk, response={"grade": "immediate"})
    # Nobody is on the line in a car that was seen: the contract's rules for the caller's own do not hold.
    assert world.happen(type="incident", **more, **naming(*named))["alerts"][0]["priority"] == priority
    assert levels(world) == ["exact_identifier"]


def test_a_mark_that_was_misread_is_possible_and_says_what_was_mixed_up(world: World) -> None:
    world.place(HIS_CAR, risk="high")
    receipt = world.happen(type="incident", **naming("vehicle", "0BI2 CDE"))
    assert [alert["priority"] for alert in receipt["alerts"]] == ["routine"]
    [match] = world.alert()["matches"]
    assert (match["level"], match["evidence"]) == (
        "possible",
        ["the registration mark 0BI2CDE is the marked OB12 CDE if O and 0, or I and 1, were mixed up"],
    )


def test_an_identifier_that_names_nothing_is_named_and_the_event_stands(world: World) -> None:
    receipt = world.happen(
        identifiers=[{"kind": "vehicle", "value": "a white van"}, {"kind": "plate", "value": "AB12 CDE"},
                     {"kind": "account", "value": "SENTINEL"}, {"kind": "email", "value": 5}],
    )  # fmt: skip
    assert [(problem["at"], problem["code"]) for problem in receipt["problems"]] == [
        ("identifiers[0].value", "vehicle_not_understood"),
        ("identifiers[1].kind", "kind_not_understood"),
        ("identifiers[2].value", "account_not_understood"),
        ("identifiers[3].value", "wrong_kind"),
    ]
    assert "SENTINEL" not in str(receipt["problems"])


def test_identifiers_and_numbers_of_a_block_are_looked_up_and_read_back(world: World) -> None:
    world.place(HIS_CAR, THE_REFUGE, reference="A")
    body = {
        "identifiers": [{"kind": "vehicle", "value": "ob12 cde"}, {"kind": "account", "value": "nowhere"}],
        "phones": [{"number": "0151 496 0101"}],
    }
    answer = world.post("/v1/lookups", body).json()
    assert [match["level"] for match in answer["matches"]] == ["exact_identifier", "in_range"]
    assert {"at": "identifiers[0]", "as": "OB12 CDE"} in answer["understood"]
    assert [problem["at"] for problem in answer["problems"]] == ["identifiers[1].value"]


@pytest.mark.parametrize(
    ("target", "at"),
    [
        ({"phone": {"range": {"from": "0151 496 0199", "to": "0151 496 0100"}}}, "targets[0].phone.range.to"),
        ({"phone": {"range": {"from": "0151 496 0199"}}}, "targets[0].phone.range.to"),
        ({"phone": {"range": {"from": "1", "to": "2"}, "number": "1"}}, "targets[0].phone"),
        ({"phone": {}}, "targets[0].phone.number"),
        ({"phone": {"number": "496 0123"}}, "targets[0].phone.number"),
        ({"identifier": {"kind": "vehicle", "value": "?"}}, "targets[0].identifier.value"),
        ({"identifier": {"kind": "plate", "value": "AB12 CDE"}}, "targets[0].identifier.kind"),
        ({"area": {"circle": {"grid_reference": "ZZ 12 34", "radius_m": 10}}}, "targets[0].area.circle.grid_reference"),
        ({"area": {"circle": {"easting": 334000, "radius_m": 10}}}, "targets[0].area.circle.northing"),
        ({"area": {"circle": {"easting": -5, "northing": 390000, "radius_m": 10}}}, "targets[0].area.circle.easting"),
    ],
)
def test_a_target_that_would_never_fire_is_refused_by_its_part(world: World, target: dict[str, Any], at: str) -> None:
    body = {"category": "stalking", "risk": "high", "instruction": "Treat as urgent.", "targets": [target]}
    answer = world.post("/v1/markers", body, "Owen")
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json()["errors"]] == [at]


def test_every_kind_of_target_is_drilled_amended_and_exported_as_it_was_given(world: World) -> None:
    given: list[dict[str, Any]] = [THE_REFUGE, HIS_CAR, HIS_ACCOUNT, HIS_MAIL, GRID]
    marker = world.place(*given, reference="A")
    assert marker["targets"] == given
    drilled = world.post(f"/v1/markers/{marker['id']}/drill", {}, "Owen").json()["targets"]
    assert [(one["fired"], one["level"]) for one in drilled] == [
        (True, "in_range"), *[(True, "exact_identifier")] * 3, (True, "inside"),
    ]  # fmt: skip
    amended = world.patch(f"/v1/markers/{marker['id']}", {"risk": "medium"}, **{"If-Match": '"1"'})
    assert amended.status_code == 200, amended.text
    assert amended.json()["targets"] == given


def test_places_by_the_grid_are_places(world: World) -> None:
    world.place(GRID, risk="high")
    near_enough = [
        {"grid_reference": "SJ 34010 90020"}, {"easting": 334010, "northing": 390020},
        {"latitude": 53.40286, "longitude": -2.99402}, {"easting": "334010", "northing": "390020"},
    ]  # fmt: skip
    for point in near_enough:
        receipt = world.happen(locations=[{"role": "incident", "point": point}])
        assert (receipt["problems"], len(receipt["alerts"])) == ([], 1), point
    assert set(levels(world)) == {"inside"}
    for text in ("Grid ref SJ 34010 90020", "53.40286, -2.99402", "334010, 390020"):
        assert len(world.happen(locations=[{"role": "incident", "address": text}])["alerts"]) == 1, text


def test_a_coarse_grid_reference_is_as_uncertain_as_its_square(world: World) -> None:
    world.place(GRID, risk="high")
    # A square of 100 m, its middle 50 m north and east of the centre: all of it inside, or not.
    assert len(world.happen(locations=[{"role": "incident", "point": {"grid_reference": "SJ 340 900"}}])["alerts"]) == 1
    assert levels(world) == ["inside"]
    # A square of a kilometre is more than 500 m uncertain: it raises nothing by itself.
    assert world.happen(locations=[{"role": "incident", "point": {"grid_reference": "SJ 34 90"}}])["alerts"] == []


@pytest.mark.parametrize(
    "point", [{"grid_reference": "ZZ 12 34"}, {"grid_reference": 5}, {"easting": 1}, {"easting": -1, "northing": 2}]
)
def test_a_place_off_the_grid_is_named_and_the_event_stands(world: World, point: dict[str, Any]) -> None:
    receipt = world.happen(locations=[{"role": "incident", "point": point}])
    assert [problem["at"].startswith("locations[0].point") for problem in receipt["problems"]] == [True]


def test_a_local_number_is_looked_for_in_the_configured_areas(url: str) -> None:
    with a_world(url, area_codes=("0151", "01704")) as world:
        world.place(on_phone("0151 496 0123"), risk="high")
        receipt = world.happen(abandoned=True, **from_number("496 0123"))
        assert [problem["code"] for problem in receipt["problems"]] == ["phone_without_area_code"]
        assert [alert["priority"] for alert in receipt["alerts"]] == ["urgent"]
        [match] = world.alert()["matches"]
        assert (match["level"], match["evidence"]) == ("possible", [
            "the number was given without its area code; with 0151 in front, the caller's number 0151 496 0123 is the marked one",
        ])  # fmt: skip
        understood = world.post("/v1/lookups", {"phones": [{"number": "496 0123"}]}).json()["understood"]
        assert understood == [{"at": "phones[0]", "as": "0151 496 0123 (if the area is 0151)"}]


def test_without_configured_areas_a_local_number_is_named(world: World) -> None:
    receipt = world.happen(**from_number("496 0123"))
    assert [problem["code"] for problem in receipt["problems"]] == ["phone_not_understood"]


def test_network_and_presentation_numbers_both_count(world: World) -> None:
    world.place(on_phone("0151 496 0123"))
    both = [{"number": "0151 496 0123", "role": "caller"}, {"number": "07700 900999", "role": "caller"}]
    for phones in (both, both[::-1]):
        assert world.happen(phones=phones, abandoned=True)["alerts"][0]["priority"] == "immediate"


def test_an_address_known_by_a_coarse_position_says_no_more_than_it_knows(world: World) -> None:
    point = {"grid_reference": "SJ 340 900"}
    world.place(on_address("10 Bold Street, Liverpool", None, point=point), risk="standard")
    world.happen(
        occurred_at=NOON.isoformat(), locations=[{"role": "incident", "point": {"easting": 334020, "northing": 390050}}]
    )
    assert levels(world) == ["may_be_inside"]
    assert len(world.happen(**at_address("10 Bold Street, Liverpool", None))["alerts"]) == 1
