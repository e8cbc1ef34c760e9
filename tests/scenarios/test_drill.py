"""A marker is proven when it is placed, whenever somebody asks, and each night."""

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from alerts.intake import Intake
from db.errors import StorageUnavailable
from db.session import Database
from heed.nightly import ONCE_IN, Ground, drill_all
from heed.schedule import Schedule, Windows
from markers.matcher import Reading
from tests.builders import (
    HER_ADDRESS,
    HER_NUMBER,
    a_marker,
    at_address,
    from_number,
    on_address,
    on_circle,
    on_phone,
)
from tests.scenarios.safeguarding import reviews
from tests.world import CIRCLE, World

POLYGON = {
    "area": {
        "polygon": {
            "type": "Polygon",
            "coordinates": [
                [[-2.98, 53.40], [-2.96, 53.40], [-2.96, 53.42], [-2.98, 53.42], [-2.98, 53.40]],
                [[-2.975, 53.405], [-2.965, 53.405], [-2.965, 53.415], [-2.975, 53.415], [-2.975, 53.405]],
            ],
        }
    }
}


def drill(world: World, marker: dict[str, Any], as_: str = "Owen") -> Any:
    return world.post(f"/v1/markers/{marker['id']}/drill", {}, as_)


@pytest.mark.parametrize("who", ["Priya", "Sam", "Tess", "Ada", "Alex"])
def test_nobody_but_officers_drills(world: World, who: str) -> None:
    assert drill(world, world.place(on_phone()), who).status_code == 403


def test_each_target_fires_and_says_why(world: World) -> None:
    uprn = {"address": {"uprn": "38000000001"}}
    pinned = on_address("10 Bold Street, Liverpool", "L1 4DS", point={"latitude": 53.4, "longitude": -2.98})
    marker = world.place(on_phone(), on_address(), uprn, pinned, on_circle(), POLYGON)
    answer = drill(world, marker)
    assert answer.status_code == 200
    targets = answer.json()["targets"]
    assert [(one["index"], one["fired"], one["level"], one["cannot_fire"]) for one in targets] == [
        (0, True, "exact_number", None), (1, True, "same_premises", None), (2, True, "same_premises", None),
        (3, True, "same_premises", None), (4, True, "inside", None), (5, True, "inside", None),
    ]  # fmt: skip
    assert all(one["evidence"] for one in targets)


def test_it_raises_nothing_and_tells_of_the_drilled_marker_alone(world: World) -> None:
    mine, others = world.place(on_phone()), world.place(on_phone(), reference="OTHER")
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE, reference="HIDDEN")
    before = world.client.get("/metrics").text
    answer = drill(world, mine)
    assert len(answer.json()["targets"]) == 1
    assert others["id"] not in answer.text
    assert "HIDDEN" not in answer.text
    assert world.queue() == world.queue("Kit") == []
    with world.db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM events")).scalar() == 0
    changed = [
        line
        for line in world.client.get("/metrics").text.splitlines()
        if line not in before and not line.startswith(("#", "heed_beat"))
    ]
    assert not [line for line in changed if "event" in line or "alert" in line or "match" in line]


def test_what_does_not_stand_can_not_fire_and_what_begins_later_is_drilled_as_then(world: World) -> None:
    marker = world.place(on_phone())
    world.post(f"/v1/markers/{marker['id']}/suspend", {"reason": "x"}, "Owen")
    assert [one["cannot_fire"] for one in drill(world, marker).json()["targets"]] == ["suspended"]
    world.post(f"/v1/markers/{marker['id']}/withdraw", {"reason": "x"}, "Owen")
    assert drill(world, marker).json()["targets"] == [
        {"index": 0, "fired": False, "level": None, "evidence": [], "cannot_fire": "withdrawn"}
    ]
    later = world.place(on_phone(), valid_from="2027-01-01T00:00:00Z", valid_until="2027-02-01T00:00:00Z")
    assert drill(world, later).json()["targets"][0]["fired"]
    world.clock.advance(days=100)
    assert [one["cannot_fire"] for one in drill(world, later).json()["targets"]] == ["lapsed"]


def test_a_hidden_marker_is_absent_for_a_drill_too(world: World) -> None:
    hidden = world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    absent = world.post("/v1/markers/nothing/drill", {}, "Owen")
    assert drill(world, hidden).content == absent.content
    assert drill(world, hidden).status_code == 404
    assert drill(world, hidden, "Noor").json()["targets"][0]["fired"]


NO_KEY = "New House, Ely"
"""A name that tells no house from another, in a town, with no postcode: understood, and found by no key."""


def test_a_marker_that_would_not_fire_is_refused_with_the_reason_and_nothing_of_it_is_kept(world: World) -> None:
    answer = world.post("/v1/markers", a_marker(on_phone(), on_address(NO_KEY, None)), "Owen")
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["at"], error["code"]) == ("targets[1]", "would_not_fire")
    assert "New House" not in answer.text
    assert world.get("/v1/markers", "Owen").json()["items"] == []
    assert world.happen(**from_number())["alerts"] == []
    world.place(on_address("Rosebank, Formby", "L37 4AW"))


def test_one_that_is_amended_so_is_refused_and_stands_as_it_was(world: World) -> None:
    marker = world.place(on_address())
    path = f"/v1/markers/{marker['id']}"
    answer = world.patch(path, {"targets": [on_address(NO_KEY, None)]}, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "would_not_fire")
    assert world.get(path, "Owen").json()["version"] == 1
    assert world.happen(**at_address())["alerts"]


def test_a_suspended_one_is_proven_when_it_is_reinstated(world: World) -> None:
    marker = world.place(on_address())
    path = f"/v1/markers/{marker['id']}"
    world.post(f"{path}/suspend", {"reason": "x"}, "Owen")
    assert world.patch(path, {"targets": [on_address(NO_KEY, None)]}, **{"If-Match": '"2"'}).status_code == 200
    answer = world.post(f"{path}/reinstate", {"reason": "x"}, "Owen")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "would_not_fire")
    assert world.get(path, "Owen").json()["status"] == "suspended"


# The nightly drill


def night(world: World) -> int:
    """One night's drill, on another day than the last."""
    world.clock.moment += ONCE_IN
    house = world.client.app.state.house  # type: ignore[attr-defined]
    intake: Intake = house.intake
    return drill_all(Ground(house.db, world.clock, intake, Reading(), "control-room", house.ids), pause=lambda _: None)


def drop_keys(db: Database, marker: dict[str, Any]) -> None:
    """Somebody with the database's password takes a marker's keys away."""
    with db.transaction() as session:
        session.execute(
            text("DELETE FROM match_keys WHERE target_id IN (SELECT id FROM targets WHERE marker_id = :marker)"),
            {"marker": marker["id"].replace("-", "") if "sqlite" in str(db.url) else marker["id"]},
        )


def test_each_night_what_would_no_longer_fire_raises_a_routine_alert_at_its_own_desk_once(world: World) -> None:
    good = world.place(on_phone(), reference="GOOD")
    lost = world.place(on_phone(), on_address(), reference="LOST", queue="pvpu", instruction="SENTINEL")
    off = world.place(on_phone())
    world.post(f"/v1/markers/{off['id']}/suspend", {"reason": "x"}, "Owen")
    for marker in (lost, off):
        drop_keys(world.db, marker)
    assert night(world) == 2
    alert = world.alert("Sam")
    assert (alert["priority"], alert["queue"], alert["because"]) == (
        "routine", "pvpu", ["the nightly drill: this marker would no longer fire"],
    )  # fmt: skip
    [event] = alert["events"]
    assert (
        event["summary"]
        == "The marker LOST would no longer fire. Drilled, target 1, 2: it was not found. Tell its officer."
    )
    assert event["source"] == "heed/nightly-drill"
    assert not any(word in str(alert) for word in (HER_NUMBER, HER_ADDRESS, "GOOD", good["id"]))
    night(world)
    assert world.alert("Sam")["id"] == alert["id"]
    world.move(alert["id"], "resolve", {"outcome": "advice_given", "note": "placed anew"}, "Sam")
    assert world.queue("Sam") == []
    night(world)
    assert world.alert("Sam")["id"] != alert["id"]


def test_what_a_covert_markers_drill_found_its_circle_alone_is_told(world: World) -> None:
    world.place(on_phone("07700 900999"), reference="OPEN")
    before = world.client.get("/metrics").text, world.get("/v1/audit", "Ada").json()["items"]
    hidden = world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, reference="HIDDEN")
    drop_keys(world.db, hidden)
    night(world)
    assert world.queue() == world.queue("Sam") == []
    assert world.alert("Kit")["queue"] == CIRCLE
    assert "HIDDEN" in world.alert("Kit")["events"][0]["summary"]
    after = world.client.get("/metrics").text
    assert [line for line in after.splitlines() if line.startswith("heed_events_total")] == [
        line for line in before[0].splitlines() if line.startswith("heed_events_total")
    ]
    told = [
        item for item in world.get("/v1/audit", "Ada").json()["items"] if "drill" in str(item) or item["who"] == "heed"
    ]
    assert told == []


def test_only_one_process_drills_in_a_night(world: World) -> None:
    world.place(on_phone())
    assert night(world) == 1
    world.clock.moment -= ONCE_IN
    assert night(world) == 0


def test_more_markers_than_are_drilled_at_once_are_all_drilled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        world.place(on_phone(f"07700 9001{number:02}"))
    monkeypatch.setattr("heed.nightly.AT_ONCE", 3)
    assert night(world) == 7
    assert world.queue() == []


def test_the_schedule_drills_and_removes_each_night_and_tells_what_stopped_it(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lost = world.place(on_phone(), reference="LOST")
    drop_keys(world.db, lost)
    house = world.client.app.state.house  # type: ignore[attr-defined]
    ground = Ground(house.db, world.clock, house.intake, Reading(), "control-room", house.ids)
    schedule = Schedule(ground, Windows(timedelta(hours=72), timedelta(hours=72)))
    jobs = {job.id: job for job in schedule.jobs.get_jobs() if job.id != "beat"}
    regular = {"remove_expired", "nightly_drill", "daily_reviews"}
    assert set(jobs) == regular | {"listen"} | {f"{name}_made_up" for name in regular}
    assert all(job.trigger.jitter for name, job in jobs.items() if not name.endswith("_made_up"))
    world.clock.moment += ONCE_IN
    jobs["nightly_drill"].func(*jobs["nightly_drill"].args)
    assert world.alert("Sam")["because"] == ["the nightly drill: this marker would no longer fire"]
    jobs["remove_expired"].func(*jobs["remove_expired"].args)
    monkeypatch.setattr("heed.schedule.drill_all", lambda _: (_ for _ in ()).throw(StorageUnavailable("57P01")))
    jobs["nightly_drill"].func(*jobs["nightly_drill"].args)
    assert "the nightly drill stopped" in caplog.text


def test_the_keeper_hears_of_a_failed_drill_once_a_day(world: World) -> None:
    lost = world.place(on_phone(), reference="LOST")
    drop_keys(world.db, lost)
    night(world)
    [asked] = [one for one in reviews(world) if one["kind"] == "drill_failed"]
    assert (asked["for"], asked["about"]) == ("Owen", {"marker": lost["id"]})
    assert asked["said"] == "marker LOST would no longer fire: the drill failed on target 1"
    night(world)
    night(world)
    assert len([one for one in reviews(world) if one["kind"] == "drill_failed"]) == 2


def test_what_a_process_slept_through_it_does_after_its_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was down at night: half a minute after its start the night's and the morning's work are done, once."""
    monkeypatch.setattr("heed.schedule.MADE_UP_AFTER_S", 0)
    lost = world.place(on_phone(), reference="LOST", review_due="2026-11-24T13:00:00Z")
    drop_keys(world.db, lost)
    world.clock.moment += timedelta(days=3)
    house = world.client.app.state.house  # type: ignore[attr-defined]
    ground = Ground(house.db, world.clock, house.intake, Reading(), "control-room", house.ids)
    schedule = Schedule(ground, Windows(timedelta(hours=72), timedelta(hours=72)))
    schedule.start()
    wanted = {"review_due", "drill_failed"}
    for _ in range(150):
        # The reviews are asked for before the alert is raised, each in a transaction of its own.
        if wanted <= {one["kind"] for one in reviews(world)} and world.queue("Sam"):
            break
        time.sleep(0.1)
    schedule.stop()
    assert wanted <= {one["kind"] for one in reviews(world)}
    assert world.alert("Sam")["because"] == ["the nightly drill: this marker would no longer fire"]
