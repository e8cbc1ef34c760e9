"""What somebody has and nobody works on stands raised again; and no open alert is without a next step."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from alerts.models import Alert, AlertDesk, OpenAlert
from tests.builders import NOON, from_number, on_phone
from tests.web.console.screen import somebody
from tests.world import CIRCLE, World

pytestmark = pytest.mark.usefixtures("no_other_watch")


def had(world: World, who: str = "Priya", **more: Any) -> dict[str, Any]:
    world.place(on_phone())
    world.happen(**(from_number() | more))
    alert = world.alert()
    assert world.move(alert["id"], "acknowledge", {}, who).status_code == 200
    return world.read(alert["id"])


@pytest.mark.parametrize(("more", "minutes"), [({"silent_solution": True}, 15), ({}, 60)])
def test_an_acknowledged_alert_on_which_nothing_happens_stands_raised_again(
    world: World, more: dict[str, Any], minutes: int
) -> None:
    alert = had(world, **more)
    world.clock.advance(minutes=minutes, seconds=-1)
    world.look()
    assert world.read(alert["id"])["state"] == "acknowledged"
    world.clock.advance(seconds=1)
    world.look()
    seen = world.read(alert["id"])
    assert (seen["state"], seen["acknowledged_by"], seen["version"]) == ("raised", None, alert["version"] + 1)
    last = seen["history"][-1]
    assert (last["change"], last["details"]) == ("raised_again", {"from": "Priya", "because": "idle"})
    world.clock.advance(minutes=16)
    world.look("supervisors")
    assert world.read(alert["id"])["escalated_to"] == ["supervisors"], "and it goes up like any other"


def test_whatever_a_person_does_with_it_begins_its_time_anew_and_an_event_does_not(world: World) -> None:
    alert = had(world, call="T-1")
    world.clock.advance(minutes=50)
    world.move(alert["id"], "note", {"note": "Unit on its way."}, "Owen")
    world.clock.advance(minutes=50)
    world.happen(call="T-1", summary="nothing new")
    world.look()
    assert world.read(alert["id"])["state"] == "acknowledged"
    world.clock.advance(minutes=10)
    world.look()
    assert world.read(alert["id"])["state"] == "raised"


def test_on_the_shelf_it_is_not_idle_and_its_time_begins_when_it_is_back(world: World) -> None:
    alert = had(world)
    until = (NOON + timedelta(hours=3)).isoformat()
    world.move(alert["id"], "shelve", {"until": until, "reason": "she rings at three"})
    for minutes in (179, 1, 59):
        world.clock.advance(minutes=minutes)
        world.look()
        assert world.read(alert["id"])["state"] == "acknowledged"
    world.clock.advance(minutes=1)
    world.look()
    assert world.read(alert["id"])["state"] == "raised"


def test_the_times_are_settings(make_world: Any) -> None:
    with make_world(idle_other_minutes=5, answer_urgent_s=60) as world:
        ladder = world.client.app.state.house.ladder
        assert sorted(str(one) for one in ladder.idle.values()) == ["0:05:00", "0:05:00", "0:15:00"]
        world.place(on_phone())
        world.happen(**from_number())
        assert world.alert()["due_at"] == (NOON + timedelta(seconds=60)).isoformat().replace("+00:00", "Z")


def test_whose_owner_signs_out(world: World) -> None:
    nell = somebody(world, "Nell")
    world.place(on_phone())
    world.happen(**from_number())
    alert = world.alert()
    nell.post(f"/alerts/{alert['number']}/acknowledge", {})
    assert world.read(alert["id"])["acknowledged_by"] == "Nell"
    world.look()
    assert world.read(alert["id"])["state"] == "acknowledged"
    nell.post("/sign-out", {"anyway": "yes"})
    world.look()
    last = world.read(alert["id"])["history"][-1]
    assert (last["change"], last["details"]) == ("raised_again", {"from": "Nell", "because": "signed_out"})


def test_whose_session_ran_out_unused(world: World) -> None:
    nell = somebody(world, "Nell")
    world.place(on_phone())
    world.happen(**from_number())
    alert = world.alert()
    nell.post(f"/alerts/{alert['number']}/acknowledge", {})
    world.clock.advance(minutes=21)
    world.look()
    assert world.read(alert["id"])["history"][-1]["details"]["because"] == "signed_out"


def test_one_who_gave_it_to_the_next_shift_may_go_home(world: World) -> None:
    nell = somebody(world, "Nell")
    world.place(on_phone())
    world.happen(**from_number())
    alert = world.alert()
    nell.post(f"/alerts/{alert['number']}/acknowledge", {})
    world.post("/v1/alerts/hand-over", {"to": "Priya", "from": "Nell"}, "Sam")
    nell.post("/sign-out", {"anyway": "yes"})
    world.look()
    assert world.read(alert["id"])["acknowledged_by"] == "Priya"


def test_whose_owners_token_was_revoked(world: World) -> None:
    alert = had(world)
    world.revoke("Priya")
    world.look()
    last = world.read(alert["id"], "Owen")["history"][-1]
    assert (last["change"], last["details"]) == ("raised_again", {"from": "Priya", "because": "gone"})


def test_a_circles_alert_comes_back_in_its_circle_alone(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number())
    alert = world.alert("Kit")
    world.move(alert["id"], "acknowledge", {}, "Kit")
    world.clock.advance(hours=1)
    world.look()
    assert world.read(alert["id"], "Noor")["history"][-1]["change"] == "raised_again"
    assert world.queue("Sam") == []


@pytest.mark.parametrize(
    ("harm", "was", "state"),
    [
        (update(Alert).values(due_at=NOON + timedelta(days=400)), "due_too_late", "raised"),
        (update(Alert).values(state="acknowledged", acknowledged_by="Priya"), "had_by_nobody", "raised"),
        (update(Alert).values(shelved_until=NOON + timedelta(days=400)), "shelved_too_long", "raised"),
        (delete(OpenAlert), "not_claimed", "raised"),
        (delete(AlertDesk), "no_desk", "raised"),
    ],
)
def test_the_sweeper_gives_every_open_alert_a_next_step(world: World, harm: Any, was: str, state: str) -> None:
    world.place(on_phone())
    world.happen(call="T-1", **from_number())
    alert = world.alert("Owen")
    with world.db.transaction() as session:
        session.execute(harm)
    world.look()
    [swept] = [line for line in world.read(alert["id"], "Owen")["history"] if line["change"] == "swept"]
    assert (swept["details"], swept["by"]) == ({"was": [was]}, "heed")
    for _ in range(2):
        world.clock.advance(minutes=3)
        world.look()
    seen = world.read(alert["id"], "Owen")
    assert (seen["state"], seen["shelved_until"], seen["escalation_level"]) == (state, None, 2)
    world.happen(call="T-1", **from_number())
    assert world.alert()["event_count"] == 2
    assert [line["change"] for line in seen["history"]].count("swept") == 1


def test_what_stands_as_it_should_is_left_alone(world: World) -> None:
    alert = had(world)
    world.clock.advance(minutes=2)
    world.look()
    assert world.read(alert["id"])["version"] == alert["version"]
