"""`/v1/markers`: officers keep them; others read what their role may see."""

from typing import Any

import pytest
from sqlalchemy import text

from db.sealed import CANNOT_BE_OPENED
from tests.builders import HER_NUMBER, a_marker, from_number, on_address, on_circle, on_phone
from tests.world import World

ABSENT = "01a00000-0000-7000-8000-000000000000"
STANDINGS = ("suspend", "reinstate", "withdraw", "renew")


def refused(answer: Any, *at: str) -> None:
    assert answer.status_code == 422, answer.text
    assert [error["at"] for error in answer.json()["errors"]] == list(at)
    assert "SENTINEL" not in answer.text


# Who may not


@pytest.mark.parametrize("who", ["Priya", "Sam", "Tess", "Ada", "Alex"])
def test_only_officers_keep_markers(world: World, who: str) -> None:
    marker = world.place(on_phone())
    answers = [
        world.post("/v1/markers", {"nonsense": 1}, who),
        world.patch(f"/v1/markers/{marker['id']}", {"nonsense": 1}, who),
        *(world.post(f"/v1/markers/{marker['id']}/{standing}", {}, who) for standing in STANDINGS),
    ]
    assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [(403, "not-permitted")] * 6


@pytest.mark.parametrize("who", ["Tess", "Ada", "Alex"])
def test_integrations_auditors_and_admins_read_no_marker(world: World, who: str) -> None:
    marker = world.place(on_phone())
    assert world.get("/v1/markers", who).status_code == 403
    assert world.get(f"/v1/markers/{marker['id']}", who).status_code == 403


def test_a_handler_reads_an_open_marker_without_its_narrative(world: World) -> None:
    marker = world.place(on_phone(), narrative="SENTINEL", response={"grade": "priority"})
    answer = world.get(f"/v1/markers/{marker['id']}", "Priya")
    assert "SENTINEL" not in answer.text
    told = answer.json()
    assert (told["narrative"], told["instruction"], told["targets"]) == (None, "Treat as urgent.", [on_phone()])


@pytest.mark.parametrize("who", ["Priya", "Sam"])
def test_of_a_restricted_marker_they_see_neither_instruction_nor_targets(world: World, who: str) -> None:
    marker = world.place(on_address(), sensitivity="restricted", response={"code_word": "SENTINEL"})
    told = world.get(f"/v1/markers/{marker['id']}", who).json()
    assert (told["instruction"], told["response"], told["targets"], told["risk"]) == (None, None, None, "high")
    assert world.get(f"/v1/markers/{marker['id']}", "Owen").json()["instruction"] == "Treat as urgent."


@pytest.mark.parametrize("marker_id", [ABSENT, "nonsense", "0"])
def test_what_is_absent_or_malformed_is_404(world: World, marker_id: str) -> None:
    answers = [
        world.get(f"/v1/markers/{marker_id}"),
        world.patch(f"/v1/markers/{marker_id}", {"risk": "high"}, **{"If-Match": '"1"'}),
        *(world.post(f"/v1/markers/{marker_id}/{standing}", {"reason": "x"}, "Owen") for standing in STANDINGS),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


# Placing


def test_a_marker_is_answered_whole_with_its_version(world: World) -> None:
    answer = world.post("/v1/markers", a_marker(on_phone(), on_address(), on_circle(), reference="MRK-1", case="SPO-17",
        subject_role="victim", narrative="n", queue="dispatch", valid_until="2027-11-24T00:00:00Z",
        review_due="2027-02-24T00:00:00+01:00"), "Owen")  # fmt: skip
    assert answer.status_code == 201
    told = answer.json()
    assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/v1/markers/{told['id']}")
    assert (told["status"], told["version"], told["placed_by"]) == ("active", 1, "Owen")
    assert (told["valid_from"], told["review_due"]) == ("2026-11-24T12:00:00Z", "2027-02-23T23:00:00Z")
    assert told["targets"] == [on_phone(), on_address(), on_circle()]
    assert world.get(f"/v1/markers/{told['id']}", "Owen").json() == told


def test_a_reference_is_unique(world: World) -> None:
    world.place(on_phone(), reference="MRK-1")
    answer = world.post("/v1/markers", a_marker(reference="MRK-1"), "Owen")
    assert (answer.status_code, answer.json()["type"]) == (409, "reference-taken")
    world.place(on_phone())
    world.place(on_phone())


@pytest.mark.parametrize("name", ["category", "risk", "instruction", "targets"])
def test_a_required_field_that_is_missing_is_named(world: World, name: str) -> None:
    body = a_marker()
    del body[name]
    refused(world.post("/v1/markers", body, "Owen"), name)


@pytest.mark.parametrize(
    ("target", "at"),
    [
        (on_phone("SENTINEL"), "targets[0].phone.number"),
        (on_phone("ring her on 07700 900123 SENTINEL"), "targets[0].phone.number"),
        (on_phone("withheld"), "targets[0].phone.number"),
        ({"phone": {"number": None}}, "targets[0].phone.number"),
        ({"phone": {}}, "targets[0].phone.number"),
        ({"phone": {"number": HER_NUMBER, "SENTINEL": 1}}, "targets[0].phone"),
        (on_address("SENTINEL", None), "targets[0].address.text"),
        (on_address("Bold Street, Liverpool", "L1 4DS"), "targets[0].address.text"),
        ({"address": {"postcode": "L1 4DS"}}, "targets[0].address.text"),
        (on_address("10 Bold Street", "SENTINEL"), "targets[0].address.postcode"),
        (on_address(uprn="SENTINEL"), "targets[0].address.uprn"),
        (on_address(point={"latitude": 91, "longitude": 0}), "targets[0].address.point"),
        (on_circle(91), "targets[0].area.circle"),
        (on_circle(radius_m=0), "targets[0].area.circle.radius_m"),
        (on_circle(radius_m=-1), "targets[0].area.circle.radius_m"),
        (on_circle(radius_m=1e9), "targets[0].area.circle.radius_m"),
        ({"area": {}}, "targets[0].area"),
        ({"area": {"circle": {"latitude": 53.4}}}, "targets[0].area.circle.longitude"),
        ({"area": {"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}}}, "targets[0].area.polygon.coordinates"),
        ({"area": {"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [0.1, 0.1], [0.1, 0], [0, 0.1], [0, 0]]]}}},
         "targets[0].area.polygon.coordinates"),
        ({"area": {"polygon": {"type": "SENTINEL", "coordinates": []}}}, "targets[0].area.polygon.type"),
        ({}, "targets[0]"),
        ({"phone": {"number": HER_NUMBER}, "address": {"text": "10 Bold Street", "postcode": "L1 4DS"}}, "targets[0]"),
        ({"SENTINEL": 1}, "targets[0]"),
        ("SENTINEL", "targets[0]"),
    ],
)  # fmt: skip
def test_a_target_on_which_a_marker_would_never_fire_refuses_it_and_is_named(
    world: World, target: Any, at: str
) -> None:
    answer = world.post("/v1/markers", a_marker(target), "Owen")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["at"] == at
    assert "SENTINEL" not in answer.text
    assert world.get("/v1/markers").json()["items"] == []


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"targets": []}, "targets"), ({"targets": [on_phone()] * 21}, "targets"), ({"targets": "SENTINEL"}, "targets"),
        ({"risk": "SENTINEL"}, "risk"), ({"risk": None}, "risk"), ({"sensitivity": "SENTINEL"}, "sensitivity"),
        ({"subject_role": "SENTINEL"}, "subject_role"), ({"SENTINEL": 1}, "body"), ({"instruction": ""}, "instruction"),
        ({"instruction": 5}, "instruction"), ({"instruction": "SENTINEL\x00"}, "instruction"),
        ({"narrative": "SENTINEL\udfff"}, "narrative"), ({"category": "x" * 201}, "category"),
        ({"valid_from": "yesterday"}, "valid_from"), ({"valid_until": "2026-12-01T00:00:00"}, "valid_until"),
        ({"valid_until": "2026-11-24T11:59:59Z"}, "valid_until"), ({"valid_until": 1795000000}, "valid_until"),
        ({"valid_from": "2027-02-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}, "valid_until"),
        ({"response": {"grade": "SENTINEL"}}, "response.grade"), ({"response": {"SENTINEL": 1}}, "response"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_used_refuses_the_marker_and_is_named(
    world: World, change: dict[str, Any], at: str
) -> None:
    refused(world.post("/v1/markers", a_marker() | change, "Owen"), at)


def test_every_wrong_part_is_named_at_once(world: World) -> None:
    body = a_marker(on_phone("nonsense"), on_phone(), on_circle(radius_m=0), valid_until="2020-01-01T00:00:00Z")
    refused(
        world.post("/v1/markers", body, "Owen"),
        "targets[0].phone.number",
        "targets[2].area.circle.radius_m",
        "valid_until",
    )


# When it fires


def test_a_marker_fires_when_its_dates_hold_at_the_events_time_or_at_its_receipt(world: World) -> None:
    world.place(on_phone(), valid_from="2026-11-24T12:00:00Z", valid_until="2026-11-24T13:00:00Z")
    assert len(world.happen(occurred_at="2026-11-24T11:00:00Z", **from_number())["alerts"]) == 1
    world.clock.advance(hours=2)
    assert len(world.happen(occurred_at="2026-11-24T12:30:00Z", **from_number())["alerts"]) == 1
    assert world.happen(occurred_at="2026-11-24T13:00:00Z", **from_number())["alerts"] == []


def test_a_scheduled_marker_does_not_fire_yet(world: World) -> None:
    marker = world.place(on_phone(), valid_from="2026-11-25T00:00:00Z")
    assert marker["status"] == "scheduled"
    assert world.happen(**from_number())["alerts"] == []
    world.clock.advance(days=1)
    assert world.get(f"/v1/markers/{marker['id']}").json()["status"] == "active"
    assert len(world.happen(**from_number())["alerts"]) == 1


def test_suspended_and_withdrawn_are_judged_at_receipt(world: World) -> None:
    marker = world.place(on_phone())
    path = f"/v1/markers/{marker['id']}"
    assert world.post(f"{path}/suspend", {"reason": "abroad"}, "Owen").json()["status"] == "suspended"
    assert world.happen(occurred_at="2026-11-24T11:59:00Z", **from_number())["alerts"] == []
    assert world.post(f"{path}/reinstate", {"reason": "back"}, "Owen").json()["status"] == "active"
    assert len(world.happen(**from_number())["alerts"]) == 1
    assert world.post(f"{path}/withdraw", {"reason": "over"}, "Owen").json()["status"] == "withdrawn"
    assert world.happen(**from_number())["alerts"] == []


def test_the_queue_of_a_marker_is_where_its_alert_stands(world: World) -> None:
    world.place(on_phone(), queue="dispatch")
    assert world.happen(**from_number())["alerts"][0]["queue"] == "dispatch"


# Amending


def test_an_amendment_needs_the_version_that_was_seen(world: World) -> None:
    path = f"/v1/markers/{world.place(on_phone())['id']}"
    assert world.patch(path, {"risk": "medium"}).status_code == 428
    for stale in ('"2"', "nonsense", '"0"'):
        answer = world.patch(path, {"risk": "medium"}, **{"If-Match": stale})
        assert (answer.status_code, answer.json()["version"]) == (412, 1)
    answer = world.patch(path, {"risk": "medium"}, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["risk"], answer.headers["etag"]) == (200, "medium", '"2"')
    assert world.patch(path, {"risk": "high"}, **{"If-Match": '"1"'}).status_code == 412


def test_an_amendment_is_a_merge_patch_and_lists_are_replaced_whole(world: World) -> None:
    marker = world.place(on_phone(), on_address(), narrative="n", response={"grade": "priority", "code_word": "w"})
    path = f"/v1/markers/{marker['id']}"
    change = {"narrative": None, "response": {"code_word": None}, "targets": [on_phone("07700 900200")]}
    amended = world.patch(path, change, **{"If-Match": '"1"'}).json()
    assert (amended["narrative"], amended["response"], amended["targets"]) == (
        None, {"grade": "priority", "call_back": None, "code_word": None}, [on_phone("07700 900200")],
    )  # fmt: skip
    assert amended["instruction"] == marker["instruction"]
    assert world.happen(**from_number())["alerts"] == []
    assert len(world.happen(**from_number("07700 900200"))["alerts"]) == 1


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"sensitivity": "restricted"}, "sensitivity"), ({"sensitivity": None}, "sensitivity"), ({"SENTINEL": None}, "body"),
        ({"status": None}, "body"), ({"id": None}, "body"), ({"risk": "SENTINEL"}, "risk"), ({"SENTINEL": 1}, "body"),
        ({"instruction": None}, "instruction"), ({"targets": None}, "targets"), ({"targets": []}, "targets"),
        ({"targets": [on_phone("SENTINEL")]}, "targets[0].phone.number"), ({"valid_until": "2020-01-01T00:00:00Z"}, "valid_until"),
    ],
)  # fmt: skip
def test_an_amendment_that_cannot_be_used_changes_nothing(world: World, change: dict[str, Any], at: str) -> None:
    marker = world.place(on_phone())
    refused(world.patch(f"/v1/markers/{marker['id']}", change, **{"If-Match": '"1"'}), at)
    assert world.get(f"/v1/markers/{marker['id']}", "Owen").json() == marker


def test_an_empty_amendment_changes_nothing(world: World) -> None:
    marker = world.place()
    answer = world.patch(f"/v1/markers/{marker['id']}", {}, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()) == (200, marker)


@pytest.mark.parametrize("change", [{"risk": "standard"}, {"response": {"grade": "priority"}}, {"narrative": None}])
def test_an_amendment_leaves_sealed_text_as_it_lies_where_it_says_nothing_of_it(
    world: World, change: dict[str, Any]
) -> None:
    """It may be one that can't be opened now, and can again once its key is back."""
    more: dict[str, Any] = {"narrative": "Background.", "response": {"grade": "immediate", "code_word": "marigold"}}
    marker = world.place(on_phone(), on_address(), instruction="Send two.", **more)
    columns = ("instruction_sealed", "response_code_word_sealed")

    def raw() -> list[Any]:
        with world.db.reading() as session:
            rows = session.execute(text(f"SELECT {', '.join(columns)} FROM markers")).all()
            return [*map(tuple, rows), *session.execute(text("SELECT given_sealed FROM targets")).all()]

    broken = [f"UPDATE markers SET {name} = substr({name}, 1, 20)" for name in columns]
    with world.db.transaction() as session:
        for statement in (*broken, "UPDATE targets SET given_sealed = substr(given_sealed, 1, 20)"):
            session.execute(text(statement))
    before = raw()
    answer = world.patch(f"/v1/markers/{marker['id']}", change, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert answer.json()["instruction"] == CANNOT_BE_OPENED
    assert raw() == before


def test_what_cannot_be_opened_can_be_said_anew(world: World) -> None:
    marker = world.place(on_phone())
    with world.db.transaction() as session:
        session.execute(text("UPDATE markers SET instruction_sealed = substr(instruction_sealed, 1, 20)"))
    answer = world.patch(f"/v1/markers/{marker['id']}", {"instruction": "Send three."}, **{"If-Match": '"1"'})
    assert answer.json()["instruction"] == "Send three."


def test_a_withdrawn_marker_is_not_amended(world: World) -> None:
    path = f"/v1/markers/{world.place(on_phone())['id']}"
    world.post(f"{path}/withdraw", {"reason": "over"}, "Owen")
    assert world.patch(path, {"risk": "high"}, **{"If-Match": '"2"'}).status_code == 409


def test_an_amended_reference_may_not_be_anothers(world: World) -> None:
    world.place(on_phone(), reference="A")
    other = world.place(on_phone(), reference="B")
    path = f"/v1/markers/{other['id']}"
    assert world.patch(path, {"reference": "A"}, **{"If-Match": '"1"'}).status_code == 409
    assert world.patch(path, {"reference": "B", "risk": "medium"}, **{"If-Match": '"1"'}).status_code == 200


@pytest.mark.parametrize(
    ("done", "then", "status"),
    [
        ([], "reinstate", 409), (["suspend"], "suspend", 409), (["suspend"], "renew", 200), (["suspend"], "withdraw", 200),
        (["withdraw"], "withdraw", 409), (["withdraw"], "suspend", 409), (["withdraw"], "renew", 409), (["suspend"], "reinstate", 200),
    ],
)  # fmt: skip
def test_what_a_markers_status_allows(world: World, done: list[str], then: str, status: int) -> None:
    path = f"/v1/markers/{world.place(on_phone())['id']}"
    for standing in done:
        assert world.post(f"{path}/{standing}", {"reason": "x"}, "Owen").status_code == 200
    assert world.post(f"{path}/{then}", {"reason": "x"}, "Owen").status_code == status


@pytest.mark.parametrize("standing", STANDINGS)
def test_each_takes_a_reason(world: World, standing: str) -> None:
    path = f"/v1/markers/{world.place(on_phone())['id']}"
    refused(world.post(f"{path}/{standing}", {}, "Owen"), "reason")


def test_renewing_without_dates_prolongs_as_long_again(world: World) -> None:
    path = f"/v1/markers/{world.place(on_phone(), valid_until='2026-12-24T12:00:00Z')['id']}"
    renewed = world.post(f"{path}/renew", {"reason": "still at risk"}, "Owen").json()
    assert (renewed["valid_until"], renewed["review_due"]) == ("2027-01-23T12:00:00Z", "2027-02-22T12:00:00Z")
    dated = {"reason": "x", "valid_until": "2028-01-01T00:00:00Z", "review_due": "2027-06-01T00:00:00Z"}
    renewed = world.post(f"{path}/renew", dated, "Owen").json()
    assert (renewed["valid_until"], renewed["review_due"]) == ("2028-01-01T00:00:00Z", "2027-06-01T00:00:00Z")
    refused(world.post(f"{path}/renew", {"reason": "x", "valid_until": "2020-01-01T00:00:00Z"}, "Owen"), "valid_until")


def test_a_renewal_that_would_end_before_the_marker_begins_is_refused(world: World) -> None:
    marker = world.place(valid_from="2030-01-01T00:00:00Z")
    answer = world.post(
        f"/v1/markers/{marker['id']}/renew", {"reason": "x", "valid_until": "2027-01-01T00:00:00Z"}, "Owen"
    )
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "valid_until")


def test_a_renewal_beyond_all_time_is_refused(world: World) -> None:
    marker = world.place(valid_until="9000-01-01T00:00:00Z")
    answer = world.post(f"/v1/markers/{marker['id']}/renew", {"reason": "x"}, "Owen")
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "valid_until")


@pytest.mark.parametrize("params", [{"category": "\x00"}, {"case": "a\x00"}, {"category": "x" * 201}])
def test_a_filter_that_no_database_can_be_asked_for_is_422(world: World, params: dict[str, str]) -> None:
    answer = world.get("/v1/markers", "Owen", **params)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, next(iter(params)))


@pytest.mark.parametrize("name", ["category", "instruction", "reference", "queue", "case"])
def test_a_blank_text_says_nothing_and_is_refused(world: World, name: str) -> None:
    answer = world.post("/v1/markers", a_marker(**{name: "  \t"}), "Owen")
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, name)


def test_a_lapsed_marker_can_be_renewed_and_fires_again(world: World) -> None:
    path = f"/v1/markers/{world.place(on_phone(), valid_until='2026-11-24T13:00:00Z')['id']}"
    world.clock.advance(hours=2)
    assert world.get(path).json()["status"] == "lapsed"
    assert world.happen(occurred_at="2026-11-24T14:00:00Z", **from_number())["alerts"] == []
    assert world.post(f"{path}/renew", {"reason": "x"}, "Owen").json()["status"] == "active"
    assert len(world.happen(occurred_at="2026-11-24T14:00:00Z", **from_number())["alerts"]) == 1


# Listing


def test_markers_stand_in_the_order_of_placing_page_by_page(world: World) -> None:
    for number in range(5):
        world.place(on_phone(), reference=f"M{number}")
        world.clock.advance(seconds=1)
    seen, cursor = [], None
    for _ in range(3):
        page = world.get("/v1/markers", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [marker["reference"] for marker in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == ([f"M{number}" for number in range(5)], None)


def test_filters_narrow_the_list(world: World) -> None:
    world.place(on_phone(), reference="A", category="stalking", case="X", review_due="2026-12-01T00:00:00Z")
    world.place(on_phone(), reference="B", category="repeat caller", valid_from="2027-01-01T00:00:00Z")
    suspended = world.place(on_phone(), reference="C", case="X", valid_until="2026-11-24T12:30:00Z")
    world.place(on_phone(), reference="D", category="repeat caller", valid_until="2026-11-24T12:30:00Z")
    world.post(f"/v1/markers/{suspended['id']}/suspend", {"reason": "x"}, "Owen")
    world.clock.advance(hours=1)

    def listed(**params: str) -> list[str]:
        return [marker["reference"] for marker in world.get("/v1/markers", **params).json()["items"]]

    assert listed(status="active") == ["A"]
    assert listed(status="scheduled") == ["B"]
    assert listed(status="suspended") == ["C"]
    assert listed(status="lapsed") == ["D"]
    assert listed(status="withdrawn") == []
    assert listed(case="X") == ["A", "C"]
    assert listed(category="repeat caller", status="lapsed") == ["D"]
    assert listed(review_due_before="2026-12-02T00:00:00Z") == ["A"]
    assert world.get("/v1/markers", review_due_before="soon").status_code == 422
