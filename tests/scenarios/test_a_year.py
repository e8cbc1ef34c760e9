"""A simulated year, by two schedulers at once: ladders, lapses, duties and reviews, and exactly one action a step."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.case_rounds import look_over_cases
from alerts.marker_report import keep_month
from alerts.models import HistoryLine
from db.ids import new_ids
from db.session import Database
from heed.watch import Watch
from markers.case_models import Review
from markers.models import MarkerCount
from tests.builders import KEYS, NOON, from_number, on_phone
from tests.scenarios.safeguarding import CONTACT, TELL, open_case, record_order
from tests.scenarios.test_twenty_two import LADDER, at_once
from tests.world import World

pytestmark = [pytest.mark.usefixtures("no_other_watch", "no_other_courier"), pytest.mark.timeout(600)]


class Scheduler:
    """What one process does by itself: a look each second, a round each morning."""

    def __init__(self, world: World) -> None:
        self.db = Database(world.url, KEYS)
        self.watch = Watch(self.db, world.clock, LADDER)

    def morning(self, now: datetime) -> None:
        with self.db.transaction() as session:
            look_over_cases(session, new_ids(), now)
            keep_month(session, now)


def a_day(world: World, schedulers: list[Scheduler], day: int) -> None:
    """The morning's round by both at once; what the watch does by the second is another test's."""
    world.clock.moment = NOON + timedelta(days=day)
    at_once(*(partial(one.morning, world.clock.moment) for one in schedulers))


def test_a_year_by_two_schedulers_does_each_thing_once_and_in_time(world: World) -> None:
    schedulers = [Scheduler(world) for _ in range(2)]
    open_case(world)
    world.place(case="SPO-17", reference="MRK-1", valid_until="2027-06-01T09:00:00Z", review_due="2027-03-01T09:00:00Z")
    world.post("/v1/markers", _provisional(), "Priya")
    every_month = {
        "number": "5", "kind": "requirement", "text": "Sign on at the station.", "means": "task",
        "due_on": "2026-12-01", "every_days": 28,
    }  # fmt: skip
    record_order(
        world,
        CONTACT,
        TELL,
        every_month,
        made_on="2026-11-20",
        service={"state": "served", "on": "2026-11-21"},
        expires_on="2027-05-01",
    )
    world.post("/v1/cases/SPO-17/triggers", {"kind": "prison_release", "on": "2027-01-15"}, "Owen")
    done: set[str] = set()
    for day in range(366):
        a_day(world, schedulers, day)
        if day % 14 == 0:
            done |= _signs_on(world, done)
    for one in schedulers:
        one.db.close()
    with world.db.reading() as session:
        asked = Counter(session.scalars(select(Review.kind)))
        occasions = Counter(session.scalars(select(Review.occasion)))
        months = session.scalars(
            select(MarkerCount.month).where(MarkerCount.count_of == "targets").order_by(MarkerCount.month)
        ).all()
        late = session.execute(select(Review.made_at, Review.due_at).where(Review.kind == "lapse_coming")).all()
    assert set(occasions.values()) == {1}, "each was asked once"
    assert months == [f"{_month(number):%Y-%m}" for number in range(13)]
    expected = {
        # Two markers end, each told 28, 7 and 1 days before and on the day.
        "lapse_coming": 8, "review_due": 1, "order_expiring": 4, "confirmation_due": 1, "trigger_point": 2, "duty_due": 1,
    }  # fmt: skip
    assert {name: asked[name] for name in expected} == expected
    assert asked["task_due"] >= 6, "what comes every 28 days came again while it was signed for, until the order ended"
    assert {made.date() for made, _ in late} == {date(2027, 6, 1) - timedelta(days=left) for left in (28, 7, 1, 0)} | {
        (NOON + timedelta(days=45)).date() - timedelta(days=left) for left in (28, 7, 1, 0)
    }


def _month(number: int) -> date:
    month = 10 + number
    return date(2026 + month // 12, month % 12 + 1, 1)


def _provisional() -> dict[str, Any]:
    return {
        "category": "stalking", "risk": "high", "instruction": "Send two.", "targets": [on_phone("07700 900300")],
        "provisional": True, "reference": "MRK-PROV",
    }  # fmt: skip


def _signs_on(world: World, done: set[str]) -> set[str]:
    """The officer says that what was due was done."""
    items = world.get("/v1/reviews", "Owen", kind="task_due", state="open", limit=200).json()["items"]
    for item in items:
        world.post(f"/v1/reviews/{item['id']}/done", {"note": "signed"}, "Owen")
    return {item["id"] for item in items} - done


def test_a_day_of_ladders_by_two_schedulers_is_one_step_at_each_time(world: World) -> None:
    """Immediate, urgent and routine, nobody answering, a look of both every fifteen seconds for an hour."""
    schedulers = [Scheduler(world) for _ in range(2)]
    world.place(on_phone())
    world.place(on_phone("07700 900201"), risk="standard")
    world.happen(call="T-1", silent_solution=True, **from_number())
    world.happen(call="T-2", **from_number())
    world.happen(call="T-3", **from_number("07700 900201"))
    for _ in range(4 * 60):
        world.clock.advance(seconds=15)
        at_once(*(one.watch.look for one in schedulers))
    for one in schedulers:
        one.db.close()
    with world.db.reading() as session:
        steps = session.execute(
            select(HistoryLine.alert_id, func.count(), func.max(HistoryLine.at))
            .where(HistoryLine.change == "escalated_as_late").group_by(HistoryLine.alert_id)
        ).all()  # fmt: skip
    counted = {str(alert_id): count for alert_id, count, _ in steps}
    by_priority = {one["priority"]: counted[one["id"]] for one in world.queue()}
    assert by_priority == {"immediate": 120, "urgent": 30, "routine": 4}, (
        "restated after each step, until somebody answers"
    )
    for alert in world.queue():
        lines = [line for line in world.read(alert["id"])["history"] if line["change"] == "escalated_as_late"]
        assert [line["details"]["level"] for line in lines] == list(range(1, len(lines) + 1))
        assert {line["details"]["late_by_s"] for line in lines} == {0.0}
