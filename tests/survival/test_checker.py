"""The checker is no use if it always says yes: hand-made records, each with one thing wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.survival.checker import Rows, StoredAlert, StoredChange, StoredEvent, StoredLine, check
from tests.survival.record import Heard, Move, Post, Record, Told, told_by

CALM = Post("s1", "relay/s1", "3", "call-2", marked=False, content="calm", told=Told.OK, status=201, event="e3")
FIRST = Post(
    "s1", "relay/s1", "1", "call-1", marked=True, content="one", told=Told.OK, status=201, event="e1", alerts=("a1",)
)
SECOND = replace(FIRST, id="2", content="two", event="e2")


def a_record(file: Path) -> Record:
    record = Record(file)
    for post in (FIRST, SECOND, replace(FIRST, status=200, replayed=True), CALM):
        record.post(post)
    record.post(replace(SECOND, id="4", content="four", told=Told.UNKNOWN, status=0, event=None, alerts=()))
    record.move(Move("Priya", "acknowledge", "a1", Told.OK, 200, 3))
    record.move(Move("Kit", "acknowledge", "a1", Told.FAIL, 409, 0, "Priya"))
    record.hear(Heard("screen1", "a1", 1, "1"))
    record.hear(Heard("screen1", "a1", 3, "3"))
    return record


def the_rows() -> Rows:
    return Rows(
        events=[
            StoredEvent("e1", "relay/s1", "1", "call-1", "one"),
            StoredEvent("e2", "relay/s1", "2", "call-1", "two"),
            StoredEvent("e3", "relay/s1", "3", "call-2", "calm"),
        ],
        alerts=[StoredAlert("a1", "call-1", "acknowledged", 3, 2, frozenset({"e1", "e2"}), "Priya")],
        open_alerts=["a1"],
        changes=[StoredChange("open", number, "a1", number) for number in (1, 2, 3)],
        lines=[
            StoredLine("a1", 1, "Tess", "raised"),
            StoredLine("a1", 2, "Tess", "event_added"),
            StoredLine("a1", 3, "Priya", "acknowledge"),
        ],
        counters={"open": 3},
        in_trail=Counter(["e1", "e2", "e3"]),
        moves_in_trail=Counter([("Priya", "acknowledge", "a1")]),
    )


def test_what_holds_is_not_complained_of(tmp_path: Path) -> None:
    assert check(a_record(tmp_path / "record"), the_rows()) == []


def test_what_was_not_acknowledged_may_be_there(tmp_path: Path) -> None:
    rows = the_rows()
    rows.events.append(StoredEvent("e4", "relay/s1", "4", "call-1", "four"))
    rows.alerts = [replace(rows.alerts[0], event_count=3, events=frozenset({"e1", "e2", "e4"}))]
    rows.in_trail["e4"] = 1
    assert check(a_record(tmp_path / "record"), rows) == []


@pytest.mark.parametrize(
    ("broken", "wrong"),
    [
        ("I1", lambda _, rows: rows.events.pop(2)),
        ("I1", lambda _, rows: rows.events.__setitem__(2, replace(rows.events[2], event="e9"))),
        ("I2", lambda record, _: record.post(replace(FIRST, alerts=("a9",)))),
        ("I2", lambda _, rows: rows.events.append(replace(rows.events[2], event="e9"))),
        ("I3", lambda _, rows: rows.events.append(StoredEvent("e5", "relay/s1", "5", "call-5", "five"))),
        ("I3", lambda _, rows: rows.events.__setitem__(2, replace(rows.events[2], content="other"))),
        ("I4", lambda _, rows: rows.alerts.clear()),
        ("I4", lambda _, rows: rows.alerts.append(replace(rows.alerts[0], alert="a2"))),
        ("I4", lambda _, rows: rows.alerts.append(replace(rows.alerts[0], alert="a2", story="call-2"))),
        ("I4", lambda _, rows: rows.alerts.__setitem__(0, replace(rows.alerts[0], event_count=3))),
        ("I4", lambda _, rows: rows.alerts.__setitem__(0, replace(rows.alerts[0], events=frozenset({"e1"})))),
        ("I4", lambda _, rows: rows.open_alerts.append("a2")),
        ("I5", lambda _, rows: rows.changes.pop(1)),
        ("I5", lambda _, rows: rows.counters.update(open=4)),
        ("I5", lambda _, rows: rows.changes.__setitem__(1, replace(rows.changes[1], version=4))),
        ("I6", lambda record, _: record.heard.reverse()),
        ("I6", lambda record, _: record.heard.pop()),
        ("I7", lambda _, rows: rows.lines.pop(1)),
        ("I7", lambda record, _: record.move(Move("Kit", "acknowledge", "a1", Told.OK, 200, 4))),
        ("I7", lambda _, rows: rows.alerts.__setitem__(0, replace(rows.alerts[0], owner="Kit"))),
        ("I7", lambda _, rows: rows.lines.__setitem__(1, replace(rows.lines[1], by="Kit", change="acknowledge"))),
        ("I9", lambda _, rows: rows.in_trail.pop("e2")),
        ("I9", lambda _, rows: rows.in_trail.update(["e2"])),
        ("I9", lambda _, rows: rows.moves_in_trail.clear()),
    ],
)
def test_each_thing_that_is_wrong_is_found_by_its_number(
    tmp_path: Path, broken: str, wrong: Callable[[Record, Rows], object]
) -> None:
    record, rows = a_record(tmp_path / "record"), the_rows()
    wrong(record, rows)
    found = {finding.split()[0] for finding in check(record, rows)}
    assert broken in found


def test_a_503_and_a_silence_are_unknown_and_a_refusal_is_not() -> None:
    assert [told_by(status) for status in (200, 201, 409, 422, 503, 500, 0)] == [
        Told.OK, Told.OK, Told.FAIL, Told.FAIL, Told.UNKNOWN, Told.UNKNOWN, Told.UNKNOWN,
    ]  # fmt: skip
