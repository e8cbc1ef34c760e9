"""Outside its circle the world with a covert marker and the world without it are the same."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from access.tokens import revoke
from alerts.lateness import escalate_late
from alerts.rules.ladder import Ladder
from tests.builders import (
    HER_ADDRESS,
    HER_NUMBER,
    a_marker,
    at_address,
    at_point,
    from_number,
    on_address,
    on_circle,
    on_phone,
)
from tests.world import CIRCLE, World, a_world


def covert(world: World, *targets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return world.place(*targets, as_="Noor", sensitivity="covert", queue=CIRCLE, **more)


def test_one_event_gives_two_alerts_and_the_open_one_knows_nothing_of_the_other(world: World) -> None:
    world.place(on_phone(), reference="OPEN")
    covert(world, on_phone(), reference="COVERT", risk="high")
    receipt = world.happen(silent_solution=True, **from_number())
    assert len(receipt["alerts"]) == 1
    alert = world.alert("Priya")
    assert [match["reference"] for match in alert["matches"]] == ["OPEN"]
    seen = {a["matches"][0]["reference"]: a for a in world.queue("Kit")}
    assert set(seen) == {"OPEN", "COVERT"}
    assert (seen["COVERT"]["number"], seen["OPEN"]["number"]) == ("c1", "1")
    assert seen["COVERT"]["queue"] == CIRCLE


def test_a_covert_match_touches_no_open_alert(world: World) -> None:
    world.place(on_phone("07700 900200"), reference="OPEN", case="X")
    covert(world, on_phone(), reference="COVERT", case="X")
    world.happen(call="T-1", **from_number("07700 900200"))
    before = world.alert()
    receipt = world.happen(call="T-1", **from_number())
    after = world.alert()
    assert receipt["alerts"] == [
        {"alert": before["id"], "created": False, "priority": "urgent", "queue": "control-room"}
    ]
    assert (after["matches"], after["priority"], after["because"]) == (
        before["matches"], before["priority"], before["because"],
    )  # fmt: skip


@pytest.mark.parametrize("who", ["Priya", "Owen", "Sam", "Dee"])
def test_for_everybody_else_it_does_not_exist(world: World, who: str) -> None:
    marker = covert(world, on_phone(), reference="COVERT")
    world.happen(**from_number())
    hidden = world.alert("Kit", queue=CIRCLE)["id"]
    absent = "01a00000-0000-7000-8000-000000000000"
    assert world.get("/v1/markers", who).json()["items"] == []
    assert world.queue(who) == []
    assert world.queue(who, queue=CIRCLE) == []
    for path in (f"/v1/markers/{marker['id']}", f"/v1/alerts/{hidden}"):
        there, not_there = world.get(path, who), world.get(re.sub("[^/]+$", absent, path), who)
        assert (there.status_code, there.content) == (404, not_there.content)
    there, not_there = world.move(hidden, "acknowledge", as_=who), world.move(absent, "acknowledge", as_=who)
    assert (there.status_code, there.content) == (404, not_there.content)
    answer = world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, who).json()
    assert answer["matches"] == []


def test_its_circle_reads_it_and_moves_its_alerts(world: World) -> None:
    marker = covert(world, on_phone(), reference="COVERT", narrative="background")
    assert world.get(f"/v1/markers/{marker['id']}", "Kit").json()["narrative"] is None
    assert world.get(f"/v1/markers/{marker['id']}", "Noor").json()["narrative"] == "background"
    world.happen(**from_number())
    alert = world.alert("Kit")
    assert world.move(alert["id"], "acknowledge", as_="Kit").status_code == 200


def test_a_reference_that_a_hidden_marker_has_can_be_used_again(world: World) -> None:
    covert(world, on_phone(), reference="MRK-1")
    assert world.place(on_phone(), reference="MRK-1")["reference"] == "MRK-1"


def test_only_somebody_of_the_desk_may_place_one_and_only_while_two_answer_there(world: World) -> None:
    outsider = world.post("/v1/markers", a_marker(sensitivity="covert", queue=CIRCLE), "Owen")
    assert (outsider.status_code, outsider.json()["errors"][0]["at"]) == (422, "queue")
    without = world.post("/v1/markers", a_marker(sensitivity="covert"), "Noor")
    assert (without.status_code, without.json()["errors"][0]["at"]) == (422, "queue")
    with world.db.transaction() as session:
        revoke(session, "Kit", "default", world.clock.moment)
    alone = world.post("/v1/markers", a_marker(sensitivity="covert", queue=CIRCLE), "Noor")
    assert (alone.status_code, alone.json()["type"]) == (409, "circle-too-small")


@pytest.mark.usefixtures("no_other_watch")
def test_a_covert_alert_climbs_inside_its_circle_and_reaches_no_general_desk(world: World) -> None:
    covert(world, on_phone())
    world.happen(**from_number())
    for _ in range(3):
        world.clock.advance(minutes=3)
        with world.db.transaction() as session:
            assert len(escalate_late(session, world.clock.moment, Ladder(desks=("supervisors",)))) == 1
    alert = world.alert("Kit")
    assert (alert["escalation_level"], alert["escalated_to"]) == (3, [])
    assert world.queue("Sam") == []


def test_assigning_somebody_outside_is_refused_as_an_unknown_name_is(world: World) -> None:
    covert(world, on_phone())
    world.happen(**from_number())
    alert = world.alert("Kit")["id"]
    outside, unknown = (world.move(alert, "assign", {"to": to}, as_="Kit") for to in ("Priya", "Nobody"))
    assert (outside.status_code, outside.content) == (422, unknown.content)
    assert world.move(alert, "assign", {"to": "Noor"}, as_="Kit").status_code == 200


@pytest.fixture
def two_worlds(engines: Any) -> Iterator[tuple[World, World]]:
    with ExitStack() as stack:
        yield (  # type: ignore[misc]
            tuple(stack.enter_context(a_world(stack.enter_context(engines.fresh()))) for _ in range(2))
        )


def an_evening(world: World, *, with_circle: bool) -> list[Any]:  # noqa: C901  a script
    """One script in two worlds; in one of them covert things happen besides. What outsiders are answered."""
    answers: list[Any] = []

    def say(answer: Any) -> Any:
        headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
        answers.append((answer.status_code, headers, answer.text))
        return answer.json()

    def outsiders_look() -> None:
        for who in ("Priya", "Owen", "Sam", "Dee"):
            say(world.get("/v1/alerts", who))
            say(world.get("/v1/alerts", who, state="resolved"))
            say(world.get("/v1/markers", who))
            say(
                world.post(
                    "/v1/lookups",
                    {"phones": [{"number": HER_NUMBER}], "locations": [{"address": HER_ADDRESS, "postcode": "L1 4DS"}]},
                    who,
                )
            )
            for alert in world.queue(who):
                say(world.get(f"/v1/alerts/{alert['id']}", who))

    say(
        world.post(
            "/v1/markers",
            {"reference": "A", "category": "x", "risk": "standard", "instruction": "i", "targets": [on_phone()]},
            "Owen",
        )
    )
    if with_circle:
        covert(world, on_phone(), reference="C1", risk="high", response={"grade": "immediate"}, case="X")
        covert(world, on_address(), reference="C2")
        covert(world, on_circle(), reference="C3")
    outsiders_look()
    events: list[dict[str, Any]] = [
        {"call": "T-1", **from_number()},
        {"call": "T-1", **at_point(53.4, -2.98, 10)},
        {"call": "T-1", "incident": "MP-1", **at_address()},
        {"call": "T-2", "silent_solution": True, **at_address()},
        {"call": "T-2", **from_number()},
        {"call": "T-3", **at_point(53.4, -2.98, 3000)},
        {"call": "T-3", **from_number()},
    ]
    for number, event in enumerate(events):
        world.clock.advance(seconds=10)
        body = {
            "source": "telephony/999",
            "id": f"e{number}",
            "type": "call",
            "occurred_at": "2026-11-24T12:00:00Z",
        } | event
        say(world.post("/v1/events", body, "Tess"))
        say(world.post("/v1/events", body, "Tess"))
        if with_circle:
            for alert in world.queue("Kit", queue=CIRCLE):
                world.move(alert["id"], "acknowledge", as_="Kit")
                world.move(alert["id"], "note", {"note": "seen"}, as_="Kit")
    outsiders_look()
    for alert in world.queue("Priya"):
        say(world.move(alert["id"], "acknowledge"))
        if with_circle:
            for hidden in world.queue("Kit", queue=CIRCLE)[:1]:
                world.move(hidden["id"], "resolve", {"outcome": "attended"}, as_="Kit")
        say(world.move(alert["id"], "resolve", {"outcome": "attended"}))
    outsiders_look()
    say(
        world.post(
            "/v1/markers",
            {"reference": "C1", "category": "x", "risk": "standard", "instruction": "i", "targets": [on_phone()]},
            "Owen",
        )
    )
    answers.append(
        (
            200,
            {},
            re.sub(
                # What differs from run to run: how long things took, and when they began.
                r"(?m)^(# .*|heed_\w+_created.*|heed_(intake_(group|room)_seconds|beat|pool|wal|clock_offset).*)$",
                "",
                world.client.get("/metrics").text,
            ),
        )
    )
    return answers


def in_order_of_appearance(answers: list[Any]) -> list[Any]:
    """Ids replaced by the order in which they first appear; cursors are none here."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found.group(0), f"id-{len(names)}")

    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
    return [(status, uuid.sub(name, f"{sorted(headers.items())} {text}")) for status, headers, text in answers]


def test_twin_worlds_answer_outsiders_with_the_same_bytes(two_worlds: tuple[World, World]) -> None:
    plain, with_circle = two_worlds
    expected = in_order_of_appearance(an_evening(plain, with_circle=False))
    found = in_order_of_appearance(an_evening(with_circle, with_circle=True))
    assert len(expected) >= 80
    for number, (one, other) in enumerate(zip(expected, found, strict=True)):
        assert one == other, number
    assert len(with_circle.queue("Kit", queue=CIRCLE) + with_circle.queue("Kit", queue=CIRCLE, state="resolved")) >= 4
