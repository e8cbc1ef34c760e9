"""The queue as a machine: no sequence of moves, events and minutes loses an alert, leaves two owning one, or shows a
state that its history does not explain.
"""

import json
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from alerts.models import Alert, AlertDesk, FeedChange, OpenAlert
from alerts.rules.moves import AFTER
from alerts.rules.words import Change, Move, State
from tests.builders import a_marker, an_event, from_number, on_phone
from tests.engines import SqliteFiles
from tests.world import World, a_world

PEOPLE = ["Priya", "Owen", "Sam"]
BODIES: dict[str, dict[str, Any]] = {
    "acknowledge": {}, "release": {}, "escalate": {}, "unshelve": {}, "note": {"note": "n"}, "confirm": {}, "refuse": {},
    "assign": {"to": "Owen"}, "resolve": {"outcome": "attended", "note": "n"}, "reopen": {"reason": "r"},
    "incident": {"incident": "MP-1"},
}  # fmt: skip
AT_REST = {
    Change.RAISED: State.RAISED, Change.BACK_TO_FOLLOW_UP: State.RAISED, Change.RAISED_AGAIN: State.RAISED,
}  # fmt: skip


class Queue(RuleBasedStateMachine):
    """Two handlers, a supervisor, a marked number and a clock, over a real service on SQLite."""

    files: SqliteFiles

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.world: World = self.stack.enter_context(a_world(self.stack.enter_context(self.files.fresh())))
        assert self.world.post("/v1/markers", a_marker(on_phone()), "Owen").status_code == 201
        self.raised: set[str] = set()
        self.calls = 0
        self.last: tuple[str, str, str, dict[str, Any]] | None = None

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @rule(call=st.integers(1, 3), silent=st.booleans())
    def a_call(self, call: int, *, silent: bool) -> None:
        body = an_event(
            call=f"T-{call}", abandoned=silent, occurred_at=self.world.clock.moment.isoformat(), **from_number()
        )
        receipt = self.world.post("/v1/events", body, "Tess").json()
        assert receipt["alerts"], "a marked number is never without an alert"
        self.raised |= {one["alert"] for one in receipt["alerts"]}

    @precondition(lambda self: self.raised)
    @rule(data=st.data(), move=st.sampled_from(sorted(BODIES)), who=st.sampled_from(PEOPLE))
    def a_move(self, data: st.DataObject, move: str, who: str) -> None:
        alert = data.draw(st.sampled_from(sorted(self.raised)))
        before = self.seen(alert)
        answer = self.world.move(alert, move, BODIES[move], who)
        assert answer.status_code in (200, 202, 403, 409), answer.text
        after = self.seen(alert)
        if answer.status_code in (403, 409):
            assert after == before, "what was refused changed nothing"
        elif answer.json()["version"] != before["version"]:
            assert after["version"] == before["version"] + 1
        if answer.status_code == 200 and move not in ("confirm", "refuse", "resolve") and after != before:
            assert State(after["state"]) is AFTER[Move(move)][State(before["state"])]
        self.last = (alert, move, who, BODIES[move])

    @precondition(lambda self: self.raised)
    @rule(data=st.data(), minutes=st.integers(1, 600))
    def shelved(self, data: st.DataObject, minutes: int) -> None:
        alert = data.draw(st.sampled_from(sorted(self.raised)))
        until = (self.world.clock.moment + timedelta(minutes=minutes)).isoformat()
        assert self.world.move(alert, "shelve", {"until": until, "reason": "r"}, "Priya").status_code in (200, 409)

    @precondition(lambda self: self.raised)
    @rule(to=st.sampled_from(["routine", "urgent", "immediate"]), data=st.data())
    def regraded(self, to: str, data: st.DataObject) -> None:
        alert = data.draw(st.sampled_from(sorted(self.raised)))
        answer = self.world.move(alert, "regrade", {"priority": to, "reason": "r"}, "Owen")
        assert answer.status_code in (200, 202, 409)

    @precondition(lambda self: self.raised)
    @rule(whose=st.sampled_from(PEOPLE), to=st.sampled_from(PEOPLE))
    def handed_over(self, whose: str, to: str) -> None:
        had = {one["id"] for one in self.queue() if one["acknowledged_by"] == whose}
        moved = set(self.world.post("/v1/alerts/hand-over", {"from": whose, "to": to}, "Sam").json()["moved"])
        assert moved == (had if whose != to else set())

    @rule(minutes=st.sampled_from([1, 3, 16, 61, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)
        self.world.look("supervisors")

    def seen(self, alert: str) -> dict[str, Any]:
        return self.world.read(alert, "Owen")

    def queue(self) -> list[dict[str, Any]]:
        return self.world.queue("Owen", limit=200)

    @precondition(lambda self: hasattr(self, "world"))
    @invariant()
    def none_is_lost_and_each_is_explained(self) -> None:
        with self.world.db.reading() as session:
            rows = {str(row.id): row for row in session.scalars(select(Alert))}
            claims = dict(session.execute(select(OpenAlert.alert_id, func.count()).group_by(OpenAlert.alert_id)).all())
            desks = set(session.scalars(select(AlertDesk.alert_id).where(AlertDesk.level == 0)))
            positions = list(session.scalars(select(FeedChange.position).order_by(FeedChange.position)))
            kept = {
                alert: (
                    row.state,
                    row.acknowledged_by,
                    row.moved_at,
                    row.due_at,
                    row.awaiting,
                    row.shelved_until,
                    row.id,
                )
                for alert, row in rows.items()
            }
        assert set(kept) == self.raised, "as many as were raised"
        assert positions == list(range(1, len(positions) + 1)), "every change has its place in the feed"
        listed = {one["id"] for one in self.queue()}
        for alert, (state, owner, moved_at, due_at, awaiting, shelved_until, alert_id) in kept.items():
            seen = self.seen(alert)
            history = seen["history"]
            assert [line["version"] for line in history] == list(range(1, seen["version"] + 1))
            assert (alert in listed) == (state != State.RESOLVED), "what is open stands in the queue"
            assert (claims.get(alert_id, 0) == 1) == (state != State.RESOLVED), "and events find it"
            assert alert_id in desks
            assert (owner is not None) == (state != State.RAISED) or state == State.RESOLVED
            if state == State.ACKNOWLEDGED:
                assert moved_at is not None, "whoever has it has it for a time"
            if (state == State.RAISED or awaiting is not None) and shelved_until is None:
                assert due_at <= self.world.clock.moment + timedelta(minutes=15), "its next step is near"
            assert (state, owner) == explained(history), json.dumps(history, indent=1)


def explained(history: list[dict[str, Any]]) -> tuple[str, str | None]:
    """Where the lines of a history lead: the state, and who has it."""
    state, owner = State.RAISED, None
    for line in history:
        change, details = line["change"], line["details"]
        if change == Move.ACKNOWLEDGE:
            state, owner = State.ACKNOWLEDGED, line["by"]
        elif change == Change.HANDED_OVER:
            owner = details["to"]
        elif change == Move.RESOLVE or (change == Move.CONFIRM and "outcome" in details):
            by = details.get("asked_by") or line["by"]
            state, owner = State.RESOLVED, owner or by
        elif change in (Move.RELEASE, Move.REOPEN, *AT_REST) or (
            change in (Change.EVENT_ADDED, Change.LOOKED_BACK) and "priority" in details
        ):
            state, owner = State.RAISED, None
    return state.value, owner


LONG = [pytest.mark.stress, pytest.mark.timeout(1800)]


@pytest.mark.usefixtures("no_other_watch", "no_other_courier")
@pytest.mark.parametrize(("examples", "steps"), [(6, 25), pytest.param(150, 50, marks=LONG)])
def test_no_sequence_of_moves_loses_an_alert_or_leaves_two_owning_one(
    sqlite_files: SqliteFiles, examples: int, steps: int
) -> None:
    machine = type("QueueOver", (Queue,), {"files": sqlite_files})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), print_blob=False,
        ),
    )  # fmt: skip
