"""A day of a control room replayed: calls, positions, logs, a flood in the evening, people who answer; and its measures.

The long form (`make stress`) plays 20,000 events and prints the measures of each shift; what is played is known, so that
no alert too many and none too few may come of it.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import NOON, a_marker, on_phone
from tests.world import World

LONG = [pytest.mark.stress, pytest.mark.timeout(3600)]
BY_HOUR = [45, 34, 27, 22, 18, 17, 22, 31, 40, 46, 50, 53, 55, 56, 58, 62, 66, 70, 72, 71, 69, 66, 62, 55]
"""Calls by the hour of the day, as they are spread over a room's day and night."""
MARKED_SHARE, SILENT_SHARE, LOG_SHARE, POSITION_SHARE = 0.02, 0.012, 0.45, 0.5
SHIFTS = ("06:00", "18:00")


@dataclass
class Day:
    """What is played, from a seed: each event with its moment, and which calls are to raise."""

    events: int
    seed: int = 20261126
    rung: set[str] = field(default_factory=set)

    def marked(self) -> list[str]:
        return [f"07700 9{number:05}" for number in range(max(20, self.events // 40))]

    def played(self) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """Events in their order: a call, often its position 20 s later, often its log a minute later."""
        seeded = random.Random(self.seed)
        calls = round(self.events / (1 + LOG_SHARE + POSITION_SHARE))
        numbers = self.marked()
        begin = NOON.replace(hour=0)
        told: list[tuple[datetime, int, dict[str, Any]]] = []
        for place in range(calls):
            hour = seeded.choices(range(24), BY_HOUR)[0]
            at = begin + timedelta(hours=hour, seconds=seeded.uniform(0, 3600))
            told += self._call(seeded, place, at, numbers)
        # An evening's flood: one marked caller, again and again, saying nothing.
        for number in range(max(45, self.events // 200)):
            at = begin + timedelta(hours=21, seconds=8 * number)
            told.append((at, len(told), self._event(f"F-{number}", at, "call", numbers[0]) | {"abandoned": True}))
            self.rung.add(f"F-{number}")
        for at, _, event in sorted(told, key=lambda one: one[:2])[: self.events]:
            yield at, event

    def _call(
        self, seeded: random.Random, place: int, at: datetime, numbers: list[str]
    ) -> list[tuple[datetime, int, dict[str, Any]]]:
        is_marked = seeded.random() < MARKED_SHARE
        number = seeded.choice(numbers[1:]) if is_marked else f"0151 496 {seeded.randrange(10_000):04}"
        call = f"T-{place}"
        if is_marked:
            self.rung.add(call)
        body = self._event(call, at, "call", number) | {"channel": seeded.choice(["999", "999", "101"])}
        if seeded.random() < SILENT_SHARE:
            body |= {"silent_solution": True}
        told = [(at, place, body)]
        if seeded.random() < POSITION_SHARE:
            later = at + timedelta(seconds=20)
            point = {"latitude": 53.3 + seeded.random() / 5, "longitude": -3 + seeded.random() / 5, "uncertainty_m": 30}
            position = self._event(call, later, "call", None, "p") | {"locations": [{"role": "caller", "point": point}]}
            told.append((later, place, position))
        if seeded.random() < LOG_SHARE:
            later = at + timedelta(seconds=60)
            told.append((later, place, self._event(call, later, "incident", None, "l") | {"incident": f"MP-{place}"}))
        return told

    def _event(self, call: str, at: datetime, kind: str, number: str | None, part: str = "c") -> dict[str, Any]:
        body: dict[str, Any] = {
            "source": "cad" if kind == "incident" else "telephony/999", "id": f"{call}-{part}", "type": kind, "call": call,
            "occurred_at": at.isoformat(),
        }  # fmt: skip
        return body | ({"phones": [{"number": number, "role": "caller"}]} if number else {})


class People:
    """Three handlers who answer after a while, mostly; the most pressing first."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seeded = random.Random(seed)

    def work(self) -> None:
        """A minute's work: some are taken, some of what is had is ended."""
        queue = self.world.queue("Owen", limit=200)
        waiting = [one for one in queue if one["state"] == "raised"][:3]
        for alert in waiting:
            if self.seeded.random() < 0.85:
                self.world.move(alert["id"], "acknowledge", {}, self.seeded.choice(["Priya", "Owen", "Sam"]))
        for alert in [one for one in queue if one["state"] == "acknowledged"][:6]:
            if self.seeded.random() < 0.15:
                self.world.move(
                    alert["id"], "resolve", {"outcome": "attended", "note": "seen"}, alert["acknowledged_by"]
                )


@pytest.mark.usefixtures("no_other_watch", "no_other_courier")
@pytest.mark.parametrize("events", [240, pytest.param(20_000, marks=LONG)])
def test_a_days_events_raise_what_they_should_and_are_measured(
    world: World, events: int, capsys: pytest.CaptureFixture[str]
) -> None:
    day = Day(events)
    numbers = day.marked()
    world.clock.moment = NOON.replace(hour=0)
    for start in range(0, len(numbers), 20):
        body = a_marker(*(on_phone(number) for number in numbers[start : start + 20]), risk="medium")
        assert world.post("/v1/markers", body, "Owen").status_code == 201
    people, posted = People(world, day.seed), 0
    for at, minute in _by_minute(day):
        world.clock.moment = at
        posted += _post(world, minute)
        world.look("supervisors")
        people.work()
    assert posted == events
    raised = _calls_raised(world)
    assert raised == {call for call in day.rung if call in _played(Day(events))}, "none too few, and none too many"
    with capsys.disabled():
        for begin in SHIFTS:
            _print_measures(world, begin)
    last = _measures(world, "00:00", 24)
    assert (last["floods"] > 0, last["alerts"]) == (True, len(raised))


def _by_minute(day: Day) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
    minute: list[dict[str, Any]] = []
    end: datetime | None = None
    for at, event in day.played():
        this = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        if end is not None and this != end:
            yield end, minute
            minute = []
        end = this
        minute.append(event)
    assert end is not None
    yield end, minute


def _post(world: World, minute: list[dict[str, Any]]) -> int:
    answer = world.client.post(
        "/v1/events/batch", content="\n".join(map(json.dumps, minute)),
        headers=world.headers("Tess") | {"Content-Type": "application/x-ndjson"},
    )  # fmt: skip
    statuses = [json.loads(line)["status"] for line in answer.text.splitlines()]
    assert set(statuses) == {201}, answer.text
    return len(statuses)


def _played(day: Day) -> set[str]:
    return {event["call"] for _, event in day.played()}


def _calls_raised(world: World) -> set[str]:
    found: set[str] = set()
    for state in ("raised", "acknowledged", "resolved"):
        cursor = None
        while True:
            params = {"state": state, "limit": 200} | ({"cursor": cursor} if cursor else {})
            page = world.get("/v1/alerts", "Owen", **params).json()
            found |= {one["call"] for one in page["items"] if one["matches"]}
            cursor = page["next_cursor"]
            if cursor is None:
                break
    return found


def _measures(world: World, begin: str, hours: int) -> dict[str, Any]:
    since = NOON.replace(hour=int(begin[:2]))
    span = {"since": since.isoformat(), "until": (since + timedelta(hours=hours)).isoformat()}
    told: dict[str, Any] = world.get("/v1/measures", "Sam", **span).json()["items"][0]
    return told


def _print_measures(world: World, begin: str) -> None:
    told = _measures(world, begin, 12)
    share = ", ".join(f"{name} {value:.1%}" for name, value in told["share"].items())
    print(  # noqa: T201  what the long form is for
        f"\nshift from {begin}: {told['alerts']} alerts, {told['people']} people, per person in 10 minutes "
        f"{told['per_person_in_10_min']} (most {told['most_in_10_min']}), {told['floods']} floods ({told['flooded_min']} min), "
        f"{share}{' (too many at the top)' if told['too_many_at_the_top'] else ''}, repeats {told['repeats']:.1%}, "
        f"escalated {told['escalated']}, answered after {told['median_s']} s (95th {told['p95_s']} s), "
        f"standing {told['standing']}, stale {told['stale']}"
    )
