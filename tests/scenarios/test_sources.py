"""The telephony feed had been down for an hour, and the queue looked calm: silence is an alert itself."""

from typing import Any

import pytest

from access import tokens
from access.roles import Role
from db.ids import new_ids
from heed.nightly import Ground
from heed.schedule import listen
from markers.matcher import Reading
from tests.builders import from_number
from tests.world import World

PHONE = "telephony/999"


def expects(world: World, every_s: int | None = 300, as_: str = "Sam", **more: Any) -> Any:
    body = {"source": PHONE, "expected_every_s": every_s} | more
    return world.client.put("/v1/sources", json=body, headers=world.headers(as_))


def look(world: World, times: int = 1) -> None:
    house = world.client.app.state.house  # type: ignore[attr-defined]
    ground = Ground(house.db, world.clock, house.intake, Reading(), "control-room", house.ids)
    for _ in range(times):
        listen(ground)


def test_11_a_source_that_falls_silent_is_an_alert_once(world: World) -> None:
    assert expects(world, queue="control-room").status_code == 200
    world.happen(source=PHONE, **from_number())
    world.clock.advance(seconds=299)
    look(world)
    assert world.queue() == []
    world.clock.advance(seconds=2)
    look(world, times=3)
    alert = world.alert()
    assert alert["because"] == [f"{PHONE} has fallen silent: neither an event nor a heartbeat for 300 s"]
    assert (alert["priority"], alert["queue"]) == ("routine", "control-room")


def test_a_heartbeat_is_enough(world: World) -> None:
    expects(world)
    for _ in range(5):
        world.clock.advance(seconds=200)
        beat = world.post("/v1/heartbeats", {"source": PHONE}, "Tess")
        assert beat.json() == {"source": PHONE, "expected_every_s": 300}
        look(world)
    assert world.queue() == []


def test_a_silence_that_lasts_comes_again_and_one_that_ended_is_told_anew(world: World) -> None:
    expects(world)
    world.clock.advance(seconds=301)
    look(world)
    first = world.alert()
    world.move(first["id"], "resolve", {"outcome": "advice_given"}, "Sam")
    look(world)
    assert world.queue() == [], "somebody has just answered for it"
    world.clock.advance(minutes=16)
    look(world)
    second = world.alert()
    assert second["id"] != first["id"]
    world.move(second["id"], "resolve", {"outcome": "advice_given"}, "Sam")
    world.post("/v1/heartbeats", {"source": PHONE}, "Tess")
    look(world)
    world.clock.advance(seconds=301)
    look(world)
    assert len(world.queue()) == 1


def test_one_that_is_no_longer_expected_is_never_told(world: World) -> None:
    expects(world)
    assert expects(world, None).json()["expected_every_s"] is None
    world.clock.advance(hours=5)
    look(world)
    assert world.queue() == []


def test_who_sees_and_sets_them(world: World) -> None:
    for who in ("Priya", "Owen", "Tess", "Ada"):
        assert expects(world, as_=who).status_code == 403
        assert world.get("/v1/sources", who).status_code == 403
    assert expects(world, as_="Alex").status_code == 200
    [told] = world.get("/v1/sources", "Sam").json()["items"]
    assert (told["source"], told["silent"], told["heard_at"], told["set_by"]) == (PHONE, False, None, "Alex")
    world.happen(source=PHONE, **from_number())
    assert world.get("/v1/sources", "Sam").json()["items"][0]["heard_at"] == "2026-11-24T12:00:00Z"
    for who in ("Sam", "Priya", "Alex"):
        assert world.post("/v1/heartbeats", {"source": PHONE}, who).status_code == 403


def test_a_token_beats_for_its_own_sources_alone(world: World) -> None:
    grant = tokens.Grant(
        name="Tom", role=Role.INTEGRATION, force="default", desks=frozenset(), sources=frozenset({"cad"})
    )
    with world.db.transaction() as session:
        made = tokens.create(session, grant, world.clock.moment, new_ids(), lambda size: b"t" * size)
        world.secrets["Tom"] = made.secret
    assert world.post("/v1/heartbeats", {"source": "cad"}, "Tom").json()["expected_every_s"] is None
    refused = world.post("/v1/heartbeats", {"source": PHONE}, "Tom")
    assert (refused.status_code, refused.json()["type"]) == (403, "not-your-source")


@pytest.mark.parametrize(
    ("change", "at"),
    [({"expected_every_s": 0}, "expected_every_s"), ({"expected_every_s": "x"}, "expected_every_s"),
     ({"source": ""}, "source"), ({"queue": 5}, "queue"), ({"more": 1}, "body")],
)  # fmt: skip
def test_bad_input_is_named(world: World, change: dict[str, Any], at: str) -> None:
    answer = (
        expects(world, **change) if "expected_every_s" not in change else expects(world, change["expected_every_s"])
    )
    assert (answer.status_code, answer.json()["errors"][0]["at"].partition(".")[0]) == (422, at)
