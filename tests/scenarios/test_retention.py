"""For how long a marker is kept: looked at again when its category says, and erased without leaving a text behind."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, inspect, select

from alerts.case_rounds import look_over_cases
from db.ids import new_ids
from db.sealed import Place, SealBroken, keys_of, unseal
from heed.schema import metadata
from tests.builders import NOON, from_number, on_address, on_phone
from tests.scenarios.safeguarding import reviews
from tests.world import World

SAID = "Ask for Ophelia Quillfeather by name"
TOLD_BEFORE = "She moved here from Nowhere-on-Sea"


def periods(world: World, as_: str = "Alex", **body: Any) -> Any:
    given = {"category": "stalking", "review_days": 180, "delete_after_days": 365} | body
    return world.client.put("/v1/categories", json=given, headers=world.headers(as_))


def round_at(world: World, days: int) -> None:
    """Two schedulers look over everything on this day."""
    for _ in range(2):
        with world.db.transaction() as session:
            look_over_cases(session, new_ids(), NOON + timedelta(days=days))


def test_a_new_marker_without_a_date_is_looked_at_again_when_its_category_says(world: World) -> None:
    assert periods(world).json()["review_days"] == 180
    assert world.place()["review_due"] == (NOON + timedelta(days=180)).isoformat().replace("+00:00", "Z")
    assert (
        world.place(on_phone("07700 900300"), review_due="2027-01-01T00:00:00Z")["review_due"] == "2027-01-01T00:00:00Z"
    )
    assert world.place(on_phone("07700 900301"), category="violence")["review_due"] is None
    renewed = world.place(on_phone("07700 900302"), valid_until="2027-01-01T00:00:00Z")
    told = world.post(f"/v1/markers/{renewed['id']}/renew", {"reason": "still true"}, "Owen").json()
    assert told["review_due"] == (NOON + timedelta(days=180)).isoformat().replace("+00:00", "Z")


def test_a_due_deletion_is_asked_about_and_one_that_is_kept_is_asked_about_again(world: World) -> None:
    periods(world)
    marker = world.place(reference="MRK-1")
    world.post(f"/v1/markers/{marker['id']}/withdraw", {"reason": "moved"}, "Owen")
    round_at(world, 364)
    assert [one for one in reviews(world) if one["kind"] == "deletion_due"] == []
    round_at(world, 365)
    [due] = [one for one in reviews(world) if one["kind"] == "deletion_due"]
    assert (due["for"], due["due_at"][:10]) == ("Owen", "2027-11-24")
    world.post(f"/v1/reviews/{due['id']}/done", {"note": "the trial is in spring"}, "Owen")
    round_at(world, 700)
    assert len([one for one in reviews(world) if one["kind"] == "deletion_due"]) == 1
    round_at(world, 730)
    assert len([one for one in reviews(world, state="open") if one["kind"] == "deletion_due"]) == 1


def texts_in(world: World) -> dict[str, list[str]]:
    """Table → every text in it, sealed ones opened; the trail apart, which is kept."""
    found: dict[str, list[str]] = {}
    with world.db.reading() as session:
        for table in metadata().sorted_tables:
            keys = [column.name for column in inspect(table).primary_key]
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    is_sealed = isinstance(table.c[name].type, LargeBinary) and name.endswith("_sealed") and value
                    text = opened(session, table.name, name, row, keys, value) if is_sealed else str(value)
                    found.setdefault(table.name, []).append(text)
    return found


def opened(session: Any, table: str, column: str, row: Any, keys: list[str], value: bytes) -> str:
    ids = [str(row[name]) for name in keys if name != "force"]
    for row_id in ("/".join(ids), str(row.get("id"))):
        try:
            return unseal(keys_of(session), Place(table, column.removesuffix("_sealed"), row_id), value)
        except SealBroken:
            continue
    raise AssertionError(f"{table}.{column} can't be opened here: this test would see nothing")


def test_an_erasure_leaves_no_text_behind(world: World) -> None:
    marker = world.place(
        on_phone(), on_address("17 Zephyr Row, Liverpool", "L1 4DS"), reference="MRK-QUILL", instruction=SAID,
        narrative=TOLD_BEFORE, response={"grade": "immediate", "code_word": "marmalade"},
    )  # fmt: skip
    world.happen(**from_number())
    alert = world.alert()
    world.post(f"/v1/markers/{marker['id']}/withdraw", {"reason": "ended"}, "Owen")
    round_at(world, 1)
    words = ("Quillfeather", "Nowhere-on-Sea", "Zephyr", "marmalade", "MRK-QUILL")
    before = texts_in(world)
    assert all(any(word in text for texts in before.values() for text in texts) for word in words), (
        "it is found where it is"
    )
    done = world.post(f"/v1/markers/{marker['id']}/erase", {"reason": "the period has passed"}, "Owen")
    assert (done.status_code, done.content) == (204, b"")
    left = {
        (table, word) for table, texts in texts_in(world).items() for text in texts for word in words if word in text
    }  # fmt: skip
    assert left == set()
    evidence = [text for text in texts_in(world)["alert_matches"] if "07700" in text or "calls from" in text]
    assert evidence == []
    assert world.get(f"/v1/markers/{marker['id']}", "Owen").status_code == 404
    assert world.get("/v1/markers", "Owen").json()["items"] == []
    seen = world.read(alert["id"])
    assert (seen["matches"][0]["instruction"], seen["matches"][0]["evidence"]) == ("erased", ["erased"])
    entry = world.get("/v1/audit", "Ada", operation="erasure").json()["items"][0]
    assert (entry["action"], entry["who"]) == ("erase_marker", "Owen")
    assert world.post("/v1/lookups", {"phones": [{"number": "07700 900123"}]}).json()["matches"] == []
    assert world.place(reference="MRK-QUILL")["reference"] == "MRK-QUILL", "its reference is free again"


@pytest.mark.parametrize("standing", [None, "suspend"])
def test_what_has_not_ended_is_not_erased(world: World, standing: str | None) -> None:
    marker = world.place()
    if standing:
        world.post(f"/v1/markers/{marker['id']}/{standing}", {"reason": "r"}, "Owen")
    refused = world.post(f"/v1/markers/{marker['id']}/erase", {"reason": "r"}, "Owen")
    assert (refused.status_code, refused.json()["type"]) == (409, "standing-not-allowed")
    assert world.post(f"/v1/markers/{marker['id']}/erase", {}, "Owen").json()["errors"][0]["at"] == "reason"
    for who in ("Priya", "Sam", "Tess", "Ada", "Alex"):
        assert world.post(f"/v1/markers/{marker['id']}/erase", {"reason": "r"}, who).status_code == 403
    assert world.post("/v1/markers/none/erase", {"reason": "r"}, "Owen").status_code == 404


def test_who_sets_periods_and_bad_ones_are_named(world: World) -> None:
    for body, at in (
        ({"review_days": 0}, "review_days"), ({"delete_after_days": -1}, "delete_after_days"), ({"category": ""}, "category"),
        ({"review_days": "x"}, "review_days"), ({"more": 1}, "body"),
    ):  # fmt: skip
        answer = periods(world, **body)
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at)
    for who in ("Priya", "Owen", "Tess", "Ada"):
        assert periods(world, who).status_code == world.get("/v1/categories", who).status_code == 403
    periods(world, "Sam", review_days=None)
    [told] = world.get("/v1/categories", "Alex").json()["items"]
    assert (told["category"], told["review_days"], told["delete_after_days"], told["set_by"]) == (
        "stalking",
        None,
        365,
        "Sam",
    )
