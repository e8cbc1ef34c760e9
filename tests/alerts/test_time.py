"""What happens by itself when time passes; any number of processes may look, and none does a thing twice."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.event_models import EventKey, HappeningRef
from alerts.lateness import escalate_late, unshelve_due
from alerts.models import FeedChange, HistoryLine, MoveKey
from alerts.retention import remove_expired
from alerts.rules.ladder import Ladder
from db.positions import Feed, reached
from db.session import Database
from heed.watch import Watch
from tests.builders import KEYS, an_event, from_number, on_phone
from tests.world import World

LADDER = Ladder(desks=("supervisors", "duty-inspector"))


def escalate(world: World) -> int:
    with world.db.transaction() as session:
        return len(escalate_late(session, world.clock.moment, LADDER))


@pytest.mark.parametrize(
    ("event", "risk", "seconds"), [({"abandoned": True}, "standard", 30), ({}, "high", 120), ({}, "standard", 900)]
)
@pytest.mark.usefixtures("no_other_watch")
def test_an_alert_that_nobody_answers_goes_one_level_up_when_it_is_late_and_again_until_somebody_does(
    world: World, event: dict[str, Any], risk: str, seconds: int
) -> None:
    world.place(on_phone(), risk=risk)
    world.happen(**event, **from_number())
    world.clock.advance(seconds=seconds - 1)
    assert escalate(world) == 0
    for level, desks in (
        (1, ["supervisors"]),
        (2, ["supervisors", "duty-inspector"]),
        (3, ["supervisors", "duty-inspector"]),
    ):
        world.clock.advance(seconds=1)
        assert escalate(world) == 1
        assert escalate(world) == 0
        alert = world.alert()
        assert (alert["escalation_level"], alert["escalated_to"]) == (level, desks)
        assert alert["due_at"] == (world.clock.moment + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
        world.clock.advance(seconds=seconds - 1)
    history = world.read(alert["id"])["history"]
    assert [(line["change"], line["by"]) for line in history[1:]] == [("escalated_as_late", "heed")] * 3
    assert history[1]["details"] == {"level": 1, "desk": "supervisors", "late_by_s": 0.0}


@pytest.mark.usefixtures("no_other_watch")
def test_an_acknowledged_resolved_or_shelved_alert_does_not_go_up(world: World) -> None:
    world.place(on_phone())
    until = (world.clock.moment + timedelta(days=1)).isoformat()
    for move, body in (
        ("acknowledge", {}),
        ("resolve", {"outcome": "attended"}),
        ("shelve", {"until": until, "reason": "x"}),
    ):
        receipt = world.happen(**from_number())
        world.move(receipt["alerts"][0]["alert"], move, body)
    world.clock.advance(hours=2)
    assert escalate(world) == 0


@pytest.mark.usefixtures("no_other_watch")
def test_s27_late_by_much_it_goes_up_once_and_says_by_how_much(world: World) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    world.clock.advance(hours=1)
    assert escalate(world) == 1
    assert escalate(world) == 0
    assert world.read(world.alert()["id"])["history"][-1]["details"]["late_by_s"] == 3480.0


@pytest.mark.usefixtures("no_other_watch")
def test_a_shelved_alert_comes_back_by_itself_and_is_due_anew(world: World) -> None:
    world.place(on_phone())
    alert = world.happen(**from_number())["alerts"][0]["alert"]
    until = (world.clock.moment + timedelta(hours=1)).isoformat()
    world.move(alert, "shelve", {"until": until, "reason": "x"})
    for minutes, expected in ((59, 0), (1, 1), (0, 0)):
        world.clock.advance(minutes=minutes)
        with world.db.transaction() as session:
            assert len(unshelve_due(session, world.clock.moment, LADDER)) == expected
    back = world.alert()
    assert (back["shelved_until"], back["due_at"]) == (None, "2026-11-24T13:02:00Z")
    assert world.read(alert)["history"][-1]["change"] == "back_from_shelf"


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)])
@pytest.mark.usefixtures("no_other_watch")
def test_s28_when_the_clock_is_set_alerts_are_due_as_long_from_now_as_they_were(world: World, step: timedelta) -> None:
    """On SQLite the host's clock is the database's; PostgreSQL's own is not touched by it."""
    world.place(on_phone(), risk="high")
    world.happen(**from_number())
    world.clock.advance(seconds=60)
    Watch(world.db, world.clock, LADDER).clock_was_set(step.total_seconds())
    if world.url.startswith("sqlite"):
        world.clock.moment += step
    world.clock.advance(seconds=59)
    assert escalate(world) == 0
    world.clock.advance(seconds=1)
    assert escalate(world) == 1
    assert escalate(world) == 0


@pytest.mark.usefixtures("no_other_watch")
def test_many_watchers_at_once_escalate_each_alert_once(world: World) -> None:
    """40 late alerts, four watchers that begin together, each with connections of its own."""
    world.place(on_phone())
    for _ in range(40):
        world.happen(**from_number())
    world.clock.advance(minutes=5)
    databases = [Database(world.url, KEYS) for _ in range(4)]
    together, counts = threading.Barrier(4), []

    def watch(db: Database) -> None:
        together.wait()
        for _ in range(3):
            with db.transaction() as session:
                counts.append(len(escalate_late(session, world.clock.moment, LADDER)))

    threads = [threading.Thread(target=watch, args=(db,)) for db in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for db in databases:
        db.close()
    assert sum(counts) == 40
    with world.db.reading() as session:
        lines = session.execute(
            select(HistoryLine.alert_id, func.count())
            .where(HistoryLine.change == "escalated_as_late")
            .group_by(HistoryLine.alert_id)
        ).all()
        positions = session.scalars(select(FeedChange.position).order_by(FeedChange.position)).all()
        assert reached(session, "default")[Feed.OPEN] == 80
    assert {count for _, count in lines} == {1}
    assert len(lines) == 40
    assert positions == list(range(1, 81))


@pytest.mark.usefixtures("no_other_watch")
def test_acknowledging_and_escalating_at_once_never_both_win_wrongly(world: World) -> None:
    """Whichever comes first: an alert that was acknowledged before it was claimed is not escalated."""
    world.place(on_phone())
    alert = world.happen(**from_number())["alerts"][0]["alert"]
    world.clock.advance(minutes=5)
    together = threading.Barrier(2)
    other = Database(world.url, KEYS)

    def watch() -> None:
        together.wait()
        with other.transaction() as session:
            escalate_late(session, world.clock.moment, LADDER)

    thread = threading.Thread(target=watch)
    thread.start()
    together.wait()
    assert world.move(alert, "acknowledge").status_code == 200
    thread.join()
    other.close()
    changes = [line["change"] for line in world.read(alert)["history"]]
    assert changes in (["raised", "acknowledge"], ["raised", "escalated_as_late", "acknowledge"])


def test_the_watch_looks_by_itself_and_shows_that_it_lives(world: World) -> None:
    world.place(on_phone())
    world.happen(**from_number())
    world.clock.advance(minutes=5)
    watch = Watch(world.db, world.clock, LADDER, every_s=0.01)
    watch.start()
    deadline = time.monotonic() + 10
    while world.alert()["escalation_level"] == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert world.alert()["escalation_level"] == 1
    assert watch.seconds_since_beat() < 5
    watch.stop()


def test_a_watch_whose_look_fails_goes_on_looking(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(world.db, world.clock, LADDER, every_s=0.01)
    looks = []

    def broken() -> None:
        looks.append(1)
        raise RuntimeError

    monkeypatch.setattr(watch, "look", broken)
    watch.start()
    deadline = time.monotonic() + 10
    while len(looks) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    watch.stop()
    assert len(looks) >= 3


@pytest.mark.usefixtures("no_other_watch")
def test_what_has_expired_is_removed_and_nothing_else(world: World) -> None:
    world.place(on_phone())
    event = an_event(call="T-1", **from_number())
    world.post("/v1/events", event, "Tess")
    world.move(world.alert()["id"], "note", {"note": "n"}, Idempotency_Key="k")
    world.happen(call="T-2")

    def counts() -> list[int]:
        with world.db.reading() as session:
            models = (EventKey, FeedChange, HappeningRef, MoveKey)
            return [session.scalar(select(func.count()).select_from(model)) or 0 for model in models]

    def remove() -> dict[str, int]:
        with world.db.transaction() as session:
            return remove_expired(session, world.clock.moment, timedelta(hours=72))

    assert counts() == [2, 2, 2, 1]
    assert set(remove().values()) == {0}
    world.clock.advance(days=3, hours=1)
    assert remove() == {"event_keys": 0, "feed_changes": 2, "happening_refs": 1, "move_keys": 1}
    world.clock.advance(days=87)
    assert remove()["event_keys"] == 2
    assert counts() == [0, 0, 1, 0]
    assert len(world.read(world.alert()["id"])["history"]) == 2
