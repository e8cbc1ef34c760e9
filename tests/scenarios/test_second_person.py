"""What would make an alert quieter than its facts takes two; until then it stays, and climbs."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.rules.ladder import Ladder
from alerts.rules.second_person import Wanted, may_agree, rule_for
from alerts.rules.words import Outcome, Priority
from tests.builders import from_number
from tests.world import CIRCLE, World


def immediate(world: World, **more: Any) -> dict[str, Any]:
    world.place(risk="high", **more)
    world.happen(**from_number(), line="silent")
    alert = world.alert()
    assert alert["priority"] == "immediate"
    return alert


def move(world: World, alert: dict[str, Any], name: str, as_: str = "Priya", **body: Any) -> Any:
    return world.post(f"/v1/alerts/{alert['id']}/{name}", body, as_)


def seen(world: World, alert: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = world.get(f"/v1/alerts/{alert['id']}").json()
    return body


@pytest.mark.parametrize(
    ("wanted", "asks"),
    [
        (Wanted(priority=Priority.IMMEDIATE, to=Priority.URGENT), True),
        (Wanted(priority=Priority.IMMEDIATE, to=Priority.ROUTINE, high_risk=False), True),
        (Wanted(priority=Priority.URGENT, to=Priority.ROUTINE, high_risk=True), False),
        (Wanted(priority=Priority.ROUTINE, to=Priority.IMMEDIATE, high_risk=True), False),
        (Wanted(priority=Priority.URGENT, outcome=Outcome.FALSE_MATCH, high_risk=True), True),
        (Wanted(priority=Priority.ROUTINE, outcome=Outcome.NO_ACTION_NEEDED, high_risk=True), True),
        (Wanted(priority=Priority.IMMEDIATE, outcome=Outcome.NO_ACTION_NEEDED, high_risk=False), False),
        (Wanted(priority=Priority.IMMEDIATE, outcome=Outcome.ATTENDED, high_risk=True), False),
    ],
)
def test_when_one_person_is_not_enough(wanted: Wanted, *, asks: bool) -> None:
    assert (rule_for(wanted) is not None) is asks


def test_nobody_agrees_to_what_they_asked_for() -> None:
    for supervisor in (True, False):
        for others in (True, False):
            assert not may_agree(asked_by="Sam", name="Sam", is_supervisor=supervisor, other_supervisors=others)
    assert may_agree(asked_by="Priya", name="Sam", is_supervisor=True, other_supervisors=True)
    assert not may_agree(asked_by="Priya", name="Dee", is_supervisor=False, other_supervisors=True)
    assert may_agree(asked_by="Priya", name="Dee", is_supervisor=False, other_supervisors=False)


def test_lancashire_2023_going_below_immediate_takes_a_reason_and_a_second_person(world: World) -> None:
    alert = immediate(world)
    assert move(world, alert, "regrade", priority="urgent").status_code == 422
    asked = move(world, alert, "regrade", priority="urgent", reason="She rang back: a child played with the phone.")
    assert asked.status_code == 202, asked.text
    waiting = asked.json()
    assert (waiting["priority"], waiting["state"]) == ("immediate", "raised")
    told = waiting["awaiting_confirmation"]
    assert (told["what"], told["by"], told["priority"]) == ("regrade", "Priya", "urgent")
    assert told["reason"] == "She rang back: a child played with the phone."
    assert told["because"] == "an immediate alert would be answered later"
    own = move(world, alert, "confirm")
    assert (own.status_code, own.json()["type"]) == (403, "second-person-wanted")
    assert move(world, alert, "confirm", "Owen").status_code == 403
    done = move(world, alert, "confirm", "Sam", note="I heard the recording.")
    assert done.status_code == 200, done.text
    body = done.json()
    assert (body["priority"], body["awaiting_confirmation"]) == ("urgent", None)
    assert body["because"][-1] == "regraded from immediate to urgent by Priya, confirmed by Sam"
    assert [line["change"] for line in body["history"][-2:]] == ["confirmation_asked", "confirm"]
    assert body["history"][-2]["note"] == "She rang back: a child played with the phone."


def test_up_is_free_and_down_from_urgent_takes_a_reason_only(world: World) -> None:
    world.place(risk="medium")
    world.happen(**from_number())
    alert = world.alert()
    assert alert["priority"] == "urgent"
    down = move(world, alert, "regrade", priority="routine", reason="An appointment was made.")
    assert (down.status_code, down.json()["priority"]) == (200, "routine")
    up = move(world, alert, "regrade", priority="immediate", reason="He is at the door.")
    assert (up.status_code, up.json()["priority"]) == (200, "immediate")
    same = move(world, alert, "regrade", priority="immediate", reason="Again.")
    assert (same.status_code, same.json()["type"]) == (409, "move-not-allowed")


def test_a_high_risk_alert_is_not_closed_as_nothing_by_one_person(world: World) -> None:
    alert = immediate(world)
    for outcome in ("no_action_needed", "false_match"):
        answer = move(world, alert, "resolve", outcome=outcome, note="Wrong number.")
        assert (answer.status_code, answer.json()["state"]) == (202, "raised")
        assert answer.json()["awaiting_confirmation"]["outcome"] == outcome
    refused = move(world, alert, "refuse", "Sam", note="Send somebody.")
    assert (refused.status_code, refused.json()["awaiting_confirmation"]) == (200, None)
    assert refused.json()["history"][-1]["details"]["asked_by"] == "Priya"
    assert move(world, alert, "confirm", "Sam").status_code == 409
    assert move(world, alert, "resolve", outcome="false_match", breach="not_a_breach").status_code == 202
    done = move(world, alert, "confirm", "Sam").json()
    assert (done["state"], done["outcome"], done["breach"]) == ("resolved", "false_match", "not_a_breach")
    assert done["acknowledged_by"] == "Priya"


def test_one_request_is_answered_before_another_is_made(world: World) -> None:
    alert = immediate(world)
    assert move(world, alert, "resolve", outcome="no_action_needed").status_code == 202
    other = move(world, alert, "regrade", "Owen", priority="routine", reason="x")
    assert (other.status_code, other.json()["type"]) == (409, "move-not-allowed")
    assert move(world, alert, "resolve", outcome="false_match").status_code == 202, "one's own may be changed"


def test_attended_takes_one_person_and_a_supervisor_alone_does_not_agree_with_herself(world: World) -> None:
    alert = immediate(world)
    assert move(world, alert, "resolve", "Sam", outcome="no_action_needed").status_code == 202
    assert move(world, alert, "confirm", "Sam").status_code == 403
    assert move(world, alert, "resolve", outcome="attended").status_code == 200
    assert seen(world, alert)["awaiting_confirmation"] is None


def test_what_waits_climbs_though_somebody_has_it(world: World) -> None:
    alert = immediate(world)
    move(world, alert, "acknowledge")
    waiting = move(world, alert, "resolve", outcome="no_action_needed").json()
    assert waiting["state"] == "acknowledged"
    world.clock.advance(seconds=31)
    world.look()
    climbed = seen(world, alert)
    assert (climbed["escalation_level"], climbed["state"]) == (1, "acknowledged")
    world.clock.advance(seconds=31)
    world.look()
    assert seen(world, alert)["escalation_level"] == 2
    assert move(world, alert, "shelve", until="2026-11-24T13:00:00Z", reason="later").status_code == 409


def test_an_event_that_matches_ends_what_was_asked_before_it(world: World) -> None:
    alert = immediate(world)
    move(world, alert, "resolve", outcome="no_action_needed")
    event = seen(world, alert)["events"][0]
    world.happen(**from_number(), call=event.get("call"))
    assert len(world.queue()) == 2


def test_an_update_of_its_call_does_not_undo_what_two_people_settled(world: World) -> None:
    world.place(risk="high")
    world.happen(**from_number(), line="silent", call="T-1")
    alert = world.alert()
    move(world, alert, "regrade", priority="urgent", reason="A child.")
    assert move(world, alert, "confirm", "Sam").status_code == 200
    world.happen(call="T-1", locations=[{"role": "caller", "point": {"latitude": 52.0, "longitude": -1.0}}])
    assert seen(world, alert)["priority"] == "urgent"
    move(world, alert, "resolve", outcome="no_action_needed")
    world.happen(call="T-1", **from_number(), line="silent")
    again = seen(world, alert)
    assert (again["priority"], again["state"], again["awaiting_confirmation"]) == ("immediate", "raised", None)


def test_with_no_other_supervisor_another_of_the_desk_may_agree_and_the_alert_says_so(world: World) -> None:
    alert = immediate(world)
    move(world, alert, "resolve", outcome="no_action_needed")
    world.revoke("Sam")
    done = move(world, alert, "confirm", "Dee")
    assert done.status_code == 403, "another desk's"
    done = move(world, alert, "confirm", "Owen")
    assert done.status_code == 200, done.text
    assert done.json()["history"][-1]["details"]["no_supervisor_was_signed_in"] is True


def test_in_a_circle_only_a_supervisor_of_it_counts(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, risk="high")
    world.happen(**from_number(), line="silent")
    alert = world.alert("Kit")
    assert move(world, alert, "resolve", "Kit", outcome="no_action_needed").status_code == 202
    assert move(world, alert, "confirm", "Sam").status_code == 404
    assert move(world, alert, "confirm", "Noor").status_code == 200, "no supervisor is in the circle"


def test_will_monitor_comes_back_by_itself(world: World) -> None:
    world.place(risk="medium")
    world.happen(**from_number())
    alert = world.alert()
    later = (world.clock.moment + timedelta(hours=4)).isoformat()
    done = move(world, alert, "resolve", outcome="advice_given", note="Will monitor.", follow_up_at=later)
    assert (done.status_code, done.json()["state"]) == (200, "resolved")
    assert world.queue() == []
    world.clock.advance(hours=3, minutes=59)
    world.look()
    assert world.queue() == []
    world.clock.advance(minutes=2)
    world.look()
    back = seen(world, alert)
    assert (back["state"], back["follow_up_at"], back["acknowledged_by"]) == ("raised", None, None)
    assert back["history"][-1]["change"] == "back_to_follow_up"
    world.look()
    assert seen(world, alert)["version"] == back["version"], "once"


def test_what_is_followed_by_a_newer_alert_does_not_come_back_beside_it(world: World) -> None:
    world.place(risk="medium")
    world.happen(**from_number(), call="T-2")
    alert = world.alert()
    later = (world.clock.moment + timedelta(hours=1)).isoformat()
    move(world, alert, "resolve", outcome="advice_given", follow_up_at=later)
    world.happen(**from_number(), call="T-2")
    world.clock.advance(hours=2)
    world.look()
    assert [one["previous"] for one in world.queue()] == [alert["id"]]
    assert seen(world, alert)["state"] == "resolved"


@pytest.mark.parametrize("when", ["2020-01-01T00:00:00Z", "2027-11-24T00:00:00Z", "tomorrow"])
def test_a_follow_up_in_the_past_or_too_far_away_is_refused_and_nothing_is_done(world: World, when: str) -> None:
    world.place(risk="medium")
    world.happen(**from_number())
    alert = world.alert()
    answer = move(world, alert, "resolve", outcome="advice_given", follow_up_at=when)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "follow_up_at")
    assert seen(world, alert)["state"] == "raised"


def test_the_ladder_is_the_one_of_the_priority() -> None:
    assert Ladder().patience[Priority.IMMEDIATE] == timedelta(seconds=30)
