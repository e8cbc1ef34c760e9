"""Events in bulk and in envelopes: `POST /v1/events/batch`, and CloudEvents."""

import json
from typing import Any

import pytest

from tests.builders import HER_NUMBER, an_event, from_number, on_phone
from tests.world import CIRCLE, World

NDJSON = "application/x-ndjson"


def batch(world: World, *lines: Any, as_: str = "Tess") -> list[dict[str, Any]]:
    body = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = send(world, body, as_)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    return [json.loads(line) for line in answer.text.splitlines()]


def send(world: World, body: bytes, as_: str = "Tess", kind: str = NDJSON) -> Any:
    headers = world.headers(as_) | {"Content-Type": kind}
    return world.client.post("/v1/events/batch", content=body, headers=headers)


@pytest.mark.parametrize("who", ["Ada"])
def test_an_auditor_posts_no_batch(world: World, who: str) -> None:
    assert send(world, b"", who).status_code == 403


def test_each_line_is_answered_in_order_as_the_single_event_would_be(world: World) -> None:
    world.place(on_phone())
    first, second = an_event(**from_number()), an_event(**from_number("not a number"))
    told = batch(world, first, b"", b"  ", second, first, first | {"summary": "other"})
    assert [(one["line"], one["status"]) for one in told] == [(1, 201), (4, 201), (5, 200), (6, 409)]
    assert told[0]["alerts"][0]["created"]
    assert told[1]["problems"][0]["code"] == "phone_not_understood"
    assert (told[2]["event"], told[2]["replayed"]) == (told[0]["event"], True)
    assert told[3]["type"] == "other-content"
    assert world.post("/v1/events", first, "Tess").json() == {
        name: value for name, value in told[2].items() if name not in ("line", "status")
    }
    assert world.alert()["event_count"] == 1


def test_a_bad_line_never_stops_the_others_and_is_not_repeated(world: World) -> None:
    huge = an_event(summary="x" * 300_000)
    told = batch(
        world, an_event(), b"{", b'{"a": NaN}', b"[]", b"\xff", {"type": "call"}, an_event(type="SENTINEL"), huge,
        b'{"SENTINEL": 1, "SENTINEL": 2}', an_event(),
    )  # fmt: skip
    assert [one["status"] for one in told] == [201, 422, 422, 422, 422, 422, 422, 413, 422, 201]
    assert [error["at"] for error in told[5]["errors"]] == ["source", "id", "occurred_at"]
    assert "SENTINEL" not in str(told)


def test_a_line_of_another_source_or_kind_is_refused_and_one_refusal_recorded(world: World) -> None:
    told = batch(world, an_event(type="concern"), an_event(), an_event(), as_="Priya")
    assert [one["status"] for one in told] == [201, 403, 403]
    refusals = world.get("/v1/audit", "Ada", operation="refusal").json()["items"]
    assert [(item["who"], item["action"]) for item in refusals] == [("Priya", "post_events_batch")]


def test_a_thousand_lines_are_stored_in_a_few_groups(world: World) -> None:
    world.place(on_phone())
    lines = [an_event(**from_number(HER_NUMBER if n % 100 == 0 else None)) for n in range(1000)]
    told = batch(world, *lines)
    assert [one["status"] for one in told] == [201] * 1000
    assert len({one["event"] for one in told}) == 1000
    assert sum(len(one["alerts"]) for one in told) == 10
    metrics = world.client.get("/metrics").text
    groups = next(line for line in metrics.splitlines() if line.startswith("heed_intake_group_events_count"))
    assert 1 <= float(groups.split()[1]) <= 8
    assert [one["status"] for one in batch(world, *lines)] == [200] * 1000


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\n".join([b"{}"] * 1001), NDJSON, 413),
        (b" " * (16 * 1024 * 1024 + 1), NDJSON, 413),
        (b"{}", "application/json", 415),
    ],
)
def test_too_much_and_other_content_are_refused_whole(world: World, body: bytes, kind: str, status: int) -> None:
    assert send(world, body, kind=kind).status_code == status


def test_a_covert_alert_stands_in_no_line(world: World) -> None:
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE)
    [told] = batch(world, an_event(**from_number()))
    assert told["alerts"] == []
    assert len(world.queue("Kit")) == 1


# CloudEvents

CLOUD = "application/cloudevents+json"


def cloud_event(event: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {name: value for name, value in event.items() if name not in ("source", "id", "type", "occurred_at")}
    return {
        "specversion": "1.0", "source": event["source"], "id": event["id"], "type": f"heed.{event['type']}",
        "time": event["occurred_at"], "datacontenttype": "application/json", "data": data,
    } | more  # fmt: skip


def post_cloud(world: World, body: dict[str, Any]) -> Any:
    headers = world.headers("Tess") | {"Content-Type": f"{CLOUD}; charset=utf-8"}
    return world.client.post("/v1/events", content=json.dumps(body).encode(), headers=headers)


def test_a_cloud_event_is_the_same_event_as_the_plain_one(world: World) -> None:
    world.place(on_phone())
    event = an_event(call="T-1", summary="she said nothing", **from_number())
    wrapped = post_cloud(world, cloud_event(event, traceparent="00-1", subject="x"))
    assert (wrapped.status_code, wrapped.json()["problems"]) == (201, [])
    assert wrapped.json()["alerts"][0]["created"]
    plain = world.post("/v1/events", event, "Tess")
    assert (plain.status_code, plain.json()["event"]) == (200, wrapped.json()["event"])
    again = post_cloud(world, cloud_event(event, traceparent="00-2"))
    assert (again.status_code, again.json()["replayed"]) == (200, True)
    assert world.alert()["events"][0]["summary"] == "she said nothing"


def test_where_the_data_says_otherwise_the_envelope_counts_and_nothing_is_lost(world: World) -> None:
    event = an_event()
    body = cloud_event(event)
    body["data"] |= {"id": "another", "type": event["type"]}
    told = post_cloud(world, body)
    assert told.status_code == 201
    assert [(problem["at"], problem["code"]) for problem in told.json()["problems"]] == [("body", "unknown_field")]


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"specversion": "0.3"}, "specversion"), ({"type": "heed.concern"}, "type"), ({"type": None}, "type"),
        ({"time": None}, "time"), ({"id": 5}, "id"), ({"source": None}, "source"), ({"data": "text"}, "data"),
        ({"data_base64": "e30="}, "data"),
    ],
)  # fmt: skip
def test_a_bad_envelope_is_refused_by_the_part(world: World, wrong: dict[str, Any], at: str) -> None:
    answer = post_cloud(world, cloud_event(an_event()) | wrong)
    assert answer.status_code == 422
    assert [error["at"] for error in answer.json()["errors"]] == [at]
