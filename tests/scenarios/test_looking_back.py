"""A marker placed now looks back at what came before it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from access.models import Entry
from alerts.event_models import Event, EventKey
from alerts.looking_back import RAISED_LATER
from alerts.retention import forget_keys
from heed.looker import AGAIN_IN, Looker
from markers.models import LookBack
from tests.builders import at_address, at_point, from_number, on_address, on_circle, on_phone
from tests.world import CIRCLE, World, a_world


def looker(world: World) -> Looker:
    found: Looker = world.client.app.state.looker  # type: ignore[attr-defined]
    return found


def at_rest(world: World) -> None:
    """Every marker's turn is over, the second round too."""
    while looker(world).look():
        pass
    world.clock.moment += AGAIN_IN
    while looker(world).look():
        pass
    with world.db.reading() as session:
        assert list(session.scalars(select(LookBack))) == []


@pytest.fixture
def world(url: str) -> Any:
    """Its looker looks when it is told, and not by itself."""
    with a_world(url) as made:
        looker(made).pause()
        yield made


def now(world: World) -> str:
    return world.clock.moment.isoformat()


def test_a_marker_placed_during_its_call_is_raised_before_its_officer_is_answered(world: World) -> None:
    world.happen(call="T-1", **from_number())
    world.happen(call="T-1", line="silent")
    assert world.queue() == []
    world.clock.advance(minutes=90)
    world.place(on_phone(), risk="standard")
    alert = world.read(world.alert()["id"])
    assert (alert["priority"], alert["call"]) == ("immediate", "T-1")
    assert RAISED_LATER in alert["because"]
    assert len(alert["events"]) == 2
    assert [match["level"] for match in alert["matches"]] == ["exact_number"]
    at_rest(world)
    assert len(world.queue()) == 1
    # The call goes on: what comes now joins it.
    receipt = world.happen(call="T-1", occurred_at=now(world), **from_number())
    assert [one["created"] for one in receipt["alerts"]] == [False]


@pytest.mark.parametrize("told", [from_number(), at_address(), at_point(53.4, -2.98, 20)])
def test_an_event_with_no_reference_is_looked_back_at_too(world: World, told: dict[str, Any]) -> None:
    world.happen(abandoned=True, **told)
    world.place(on_phone(), on_address(), on_circle())
    assert world.alert()["priority"] == "immediate"
    at_rest(world)
    assert len(world.queue()) == 1


def test_what_is_older_than_two_hours_is_one_routine_alert_to_the_markers_own_queue(world: World) -> None:
    for _ in range(3):
        world.happen(**from_number())
        world.clock.advance(hours=1)
    world.happen(abandoned=True, **from_number("07700 900999"))
    world.clock.advance(hours=3)
    world.place(on_phone(), queue="pvpu", reference="A")
    assert world.queue() == []
    at_rest(world)
    alert = world.read(world.alert()["id"])
    assert (alert["priority"], alert["queue"], alert["state"]) == ("routine", "pvpu", "raised")
    assert alert["because"] == ["would have fired: 3 earlier events name what is marked now"]
    assert len(alert["events"]) == 3
    assert [match["reference"] for match in alert["matches"]] == ["A"]
    at_rest(world)
    assert len(world.queue()) == 1


def test_what_is_older_than_the_window_is_left(world: World) -> None:
    world.happen(abandoned=True, **from_number())
    world.clock.advance(hours=73)
    world.place(on_phone())
    at_rest(world)
    assert world.queue() == []


@pytest.mark.parametrize("told", [at_point(53.402, -2.98, 5), at_point(53.4, -2.98, 3000)])
def test_what_raises_nothing_by_itself_raises_nothing_later(world: World, told: dict[str, Any]) -> None:
    world.happen(abandoned=True, **told)
    world.place(on_circle())
    at_rest(world)
    assert world.queue() == []


def test_an_amended_marker_looks_back_at_what_it_means_now_and_repeats_nothing(world: World) -> None:
    world.happen(call="T-2", **from_number("07700 900999"))
    marker = world.place(on_phone())
    world.happen(call="T-1", **from_number())
    assert len(world.queue()) == 1
    path = f"/v1/markers/{marker['id']}"
    assert world.patch(path, {"risk": "medium"}, **{"If-Match": '"1"'}).status_code == 200
    at_rest(world)
    assert len(world.queue()) == 1
    more = {"targets": [on_phone(), on_phone("07700 900999")]}
    assert world.patch(path, more, **{"If-Match": '"2"'}).status_code == 200
    assert {alert["call"] for alert in world.queue()} == {"T-1", "T-2"}
    at_rest(world)
    assert len(world.queue()) == 2
    assert all(len(alert["matches"]) == 1 for alert in world.queue())


def test_what_somebody_has_answered_for_is_not_raised_again(world: World) -> None:
    marker = world.place(on_phone())
    world.happen(call="T-1", **from_number())
    alert = world.alert()
    world.move(alert["id"], "acknowledge")
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "seen"})
    for standing in ("suspend", "reinstate", "renew"):
        assert world.post(f"/v1/markers/{marker['id']}/{standing}", {"reason": "a test"}, "Owen").status_code == 200
    at_rest(world)
    assert world.queue() == []


def test_a_suspended_marker_looks_back_when_it_is_reinstated(world: World) -> None:
    marker = world.place(on_phone())
    path = f"/v1/markers/{marker['id']}"
    assert world.post(f"{path}/suspend", {"reason": "a test"}, "Owen").status_code == 200
    assert world.happen(call="T-1", **from_number())["alerts"] == []
    at_rest(world)
    assert world.queue() == []
    assert world.post(f"{path}/reinstate", {"reason": "a test"}, "Owen").status_code == 200
    assert len(world.queue()) == 1


def test_a_covert_marker_looks_back_for_its_circle_alone(world: World) -> None:
    world.happen(call="T-1", abandoned=True, **from_number())
    world.clock.advance(hours=3)
    world.happen(call="T-2", abandoned=True, occurred_at=now(world), **from_number())
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    at_rest(world)
    assert world.queue() == []
    assert sorted(alert["priority"] for alert in world.queue("Kit")) == ["immediate", "routine"]
    # The open audience's own later alert tells nothing of it.
    receipt = world.happen(call="T-2", occurred_at=now(world), line="cleared")
    assert receipt["alerts"] == []


def test_a_further_marker_of_an_open_case_betters_its_alert(world: World) -> None:
    world.place(on_address("Flat 1, 10 Bold Street, Liverpool"), case="SPO-17", risk="standard")
    world.happen(call="T-1", **at_address("Flat 2, 10 Bold Street, Liverpool"))
    assert world.alert()["priority"] == "routine"
    world.place(on_address(), case="SPO-17", risk="high")
    alert = world.read(world.alert()["id"])
    assert alert["priority"] == "urgent"
    assert {match["level"] for match in alert["matches"]} == {"same_building", "same_premises"}
    assert "looked_back" in [line["change"] for line in alert["history"]]


def test_what_was_being_stored_during_the_first_round_is_found_by_the_second(world: World) -> None:
    world.happen(call="T-1", **from_number())
    # As if it were not committed yet while the marker was placed, and saw no marker.
    with world.db.transaction() as session:
        session.execute(update(EventKey).values(received_at=world.clock.moment + timedelta(days=1)))
    world.place(on_phone())
    assert looker(world).look() == 1
    assert world.queue() == []
    with world.db.transaction() as session:
        session.execute(update(EventKey).values(received_at=world.clock.moment))
    at_rest(world)
    assert world.alert()["call"] == "T-1"


def test_markers_of_a_file_look_back_in_the_background(world: World) -> None:
    world.happen(call="T-1", abandoned=True, **from_number())
    text = "reference,category,risk,instruction,phones\nA,stalking,high,Treat as urgent.,07700 900123\n"
    headers = world.headers("Owen") | {"Content-Type": "text/csv"}
    answer = world.client.post("/v1/markers/import", content=text.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    at_rest(world)
    assert world.alert()["priority"] == "immediate"


def test_it_stands_in_the_trail_that_markers_and_events_were_brought_together(world: World) -> None:
    world.happen(**from_number())
    world.place(on_phone())
    with world.db.reading() as session:
        actions = [entry.action for entry in session.scalars(select(Entry).where(Entry.operation == "combination"))]
    assert actions == ["look_back"]


def test_the_keys_of_an_event_go_with_the_window(world: World) -> None:
    world.happen(**from_number())
    with world.db.transaction() as session:
        assert all(row is not None for row in session.scalars(select(Event.asked_keys)))
        assert forget_keys(session, world.clock.moment) == 0
        assert forget_keys(session, world.clock.moment + timedelta(seconds=1)) == 1
        assert all(row is None for row in session.scalars(select(Event.asked_keys)))


def test_where_nothing_is_looked_back_at_no_keys_are_kept(url: str) -> None:
    with a_world(url, look_back=0) as world:
        world.happen(**from_number())
        with world.db.reading() as session:
            assert list(session.scalars(select(Event.asked_keys))) == [None]
        world.place(on_phone())
        assert world.queue() == []
