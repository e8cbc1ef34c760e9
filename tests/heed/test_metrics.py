"""`/metrics`: a series for every stage, none of a closed circle's, and no label that anybody could fill."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.testclient import TestClient

from tests.builders import HER_NUMBER, an_event, at_point, from_number, on_circle, on_phone
from tests.world import CIRCLE, World

Series = dict[str, float]


def series(world: World) -> Series:
    """Name with labels → value."""
    answer = world.client.get("/metrics")
    assert answer.status_code == 200
    found: Series = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_every_stage_of_an_event_is_counted(world: World) -> None:
    world.place(on_phone())
    event = an_event(**from_number())
    world.post("/v1/events", event, "Tess")
    world.post("/v1/events", event, "Tess")
    world.post("/v1/events", event | {"summary": "other"}, "Tess")
    world.happen(**from_number("07700 900555"))
    world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, "Priya")
    found = series(world)
    told = {
        word: found[f"heed_events_total{{result={word}}}"]
        for word in ("taken", "replayed", "conflict", "failed", "refused")
    }
    assert told == {"taken": 2, "replayed": 1, "conflict": 1, "failed": 0, "refused": 0}
    assert found["heed_events_alerted_total"] == 1
    assert found["heed_alerts_raised_total{priority=urgent}"] == 1
    assert found["heed_intake_group_events_count"] == 4
    assert found["heed_match_candidates_sum"] == 2
    assert found["heed_match_candidates_count"] == 3
    for room in ("begin", "remember", "match", "join", "raise", "store", "commit"):
        assert found[f"heed_intake_room_seconds_count{{room={room}}}"] >= 2
    for thread in ("writer", "watch", "sealer"):
        assert found[f"heed_beat_seconds{{thread={thread}}}"] < 30
    assert found["heed_database_up"] == 1
    assert found["heed_pool_connections"] >= 0


def test_open_alerts_and_who_waits_longest_are_told(world: World) -> None:
    world.place(on_phone())
    first = world.happen(**from_number())["alerts"][0]["alert"]
    world.clock.moment += timedelta(seconds=5)
    world.happen(silent_solution=True, **from_number())
    world.clock.moment += timedelta(seconds=5)
    found = series(world)
    assert found["heed_alerts_open{priority=urgent}"] == found["heed_alerts_open{priority=immediate}"] == 1
    assert found["heed_alerts_open{priority=routine}"] == 0
    assert found["heed_oldest_unacknowledged_seconds"] == 10
    world.move(first, "acknowledge")
    assert series(world)["heed_oldest_unacknowledged_seconds"] == 5


def test_a_vague_position_that_touches_too_much_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("markers.matcher.FAINT_AT_MOST", 2)
    for number in range(3):
        world.place(on_circle(53.4 + number / 1000, -2.98, 50))
    world.happen(**at_point(53.4, -2.98, 2000))
    assert series(world)["heed_match_capped_total"] == 1


def test_no_series_tells_of_a_closed_circle(world: World) -> None:
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(silent_solution=True, **from_number())
    world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, "Kit")
    found = series(world)
    assert len(world.queue("Kit")) == 1
    assert found["heed_events_alerted_total"] == found["heed_match_candidates_sum"] == 0
    assert all(not value for name, value in found.items() if re.match("heed_alerts_(open|raised_total)", name))
    assert found["heed_oldest_unacknowledged_seconds"] == 0


def test_times_and_sizes_do_not_tell_of_a_closed_circle_either(world: World) -> None:
    """A probe that comes alone is one sample: what it took must not tell that its number has a hidden marker."""
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number("07700 900555"))
    before = series(world)
    world.happen(**from_number())
    after = series(world)
    assert len(world.queue("Kit")) == 1
    for room in ("begin", "remember", "match", "join", "raise", "store", "commit"):
        times, seconds = (f"heed_intake_room_seconds_{what}{{room={room}}}" for what in ("count", "sum"))
        assert after[times] == 2 == 2 * before[times]
        assert after[seconds] == pytest.approx(2 * before[seconds])
    if "heed_wal_bytes" in after:
        assert after["heed_wal_bytes"] % (1024 * 1024) == 0


def test_only_this_machine_or_an_administrator_reads_them(world: World) -> None:
    app: Any = world.client.app
    stranger = TestClient(app, client=("192.0.2.7", 50000))
    assert stranger.get("/metrics").status_code == 401
    assert stranger.get("/metrics", headers=world.headers("Priya")).status_code == 403
    assert stranger.get("/metrics", headers=world.headers("Alex")).status_code == 200


def test_no_label_is_anybodys_text(world: World) -> None:
    world.place(on_phone(), queue="SENTINEL-desk", category="SENTINEL")
    world.happen(source="telephony/999", call="SENTINEL", **from_number())
    labels = set(re.findall(r'(\w+)="([^"]*)"', world.client.get("/metrics").text))
    assert not any("SENTINEL" in value or "telephony" in value for _, value in labels)
    assert {name for name, _ in labels} <= {"result", "priority", "room", "thread", "le"}


def test_where_the_database_can_not_be_asked_the_rest_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.db.transaction() as session:
        session.execute(text("ALTER TABLE alerts RENAME TO gone"))
    found = series(world)
    assert found["heed_database_up"] == 0
    assert "heed_alerts_open{priority=urgent}" not in found
    assert "heed_events_total{result=taken}" in found


def test_the_reference_names_every_series_and_no_other(world: World) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text()
    documented = set(re.findall(r"^\| `(heed_\w+)` \|", page, re.MULTILINE))
    found = {
        name.removesuffix("_total") for name in re.findall(r"# TYPE (heed_\w+)", world.client.get("/metrics").text)
    }
    served = {name for name in found if not name.endswith("_created")}
    # Each of the two engines has one that the other has not.
    assert {name.removesuffix("_total") for name in documented} - {
        "heed_wal_bytes",
        "heed_clock_offset_seconds",
    } <= served
    assert served <= {name.removesuffix("_total") for name in documented}
