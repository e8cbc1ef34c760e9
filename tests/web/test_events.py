"""`POST /v1/events`: taken once, never refused for a bad part, answered when it is stored."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from access.roles import Role
from access.tokens import Grant, NoSuchToken, create, revoke
from alerts.event_models import Event
from alerts.models import Alert
from db.ids import new_ids
from markers.matching.parts import Understood
from tests.builders import (
    HER_NUMBER,
    NOON,
    an_event,
    at_address,
    at_point,
    from_number,
    on_address,
    on_circle,
    on_phone,
)
from tests.world import CIRCLE, World, written
from web.api.event_body import read_event

# Who may not


@pytest.mark.parametrize("who", ["Ada"])
def test_an_auditor_posts_nothing(world: World, who: str) -> None:
    assert world.post("/v1/events", {}, who).status_code == 403


@pytest.mark.parametrize("who", ["Priya", "Owen", "Sam"])
@pytest.mark.parametrize("kind", ["call", "incident"])
def test_people_of_the_room_post_concerns_only(world: World, who: str, kind: str) -> None:
    answer = world.post("/v1/events", an_event(type=kind), who)
    assert (answer.status_code, answer.json()["type"]) == (403, "not-your-event-type")
    assert world.post("/v1/events", an_event(type="concern"), who).status_code == 201


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{", "application/json"), (b"{}", "application/json"), (b"x", "text/plain"), (None, "application/json")],
)
def test_a_token_that_has_ended_is_told_so_first_also_where_it_was_good_a_moment_ago(
    world: World, body: bytes | None, kind: str
) -> None:
    assert world.post("/v1/events", an_event(), "Tess").status_code == 201
    with world.db.transaction() as session:
        revoke(session, "Tess", "default", world.clock.moment)
    sent = written(an_event(type="call")) if body is None else body
    for path in ("/v1/events", "/v1/events/batch"):
        answer = world.client.post(path, content=sent, headers=world.headers("Tess") | {"Content-Type": kind})
        assert (answer.status_code, answer.json()["type"]) == (401, "not-signed-in")
    refused = world.get("/v1/audit", "Ada", operation="refusal").json()["items"]
    assert [entry["action"] for entry in refused][:2] == ["sign_in", "sign_in"]


def test_an_admin_posts_any_event(world: World) -> None:
    assert world.happen(as_="Alex", type="call")["alerts"] == []


def test_a_token_bound_to_sources_posts_as_no_other_and_learns_nothing(world: World) -> None:
    with world.db.transaction() as session:
        grant = Grant(name="Bound", role=Role.INTEGRATION, force="default", sources=frozenset({"alarms"}))
        world.secrets["Bound"] = create(session, grant, NOON, new_ids(), lambda n: b"b" * n).secret
    taken = an_event()
    world.post("/v1/events", taken, "Tess")
    for event in (taken, an_event()):
        answer = world.post("/v1/events", event, "Bound")
        assert (answer.status_code, answer.json()["type"]) == (403, "not-your-source")
    assert world.post("/v1/events", an_event(source="alarms"), "Bound").status_code == 201


# Taken once


def test_the_same_event_again_is_answered_as_before_and_raises_nothing_again(world: World) -> None:
    world.place(on_phone())
    event = an_event(phones=[{"number": HER_NUMBER, "role": "caller"}, {"number": "nonsense", "role": "called"}])
    first = world.post("/v1/events", event, "Tess")
    world.move(world.alert()["id"], "acknowledge")
    world.clock.advance(hours=5)
    again = world.post("/v1/events", event, "Tess")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"replayed": True}
    assert world.alert()["event_count"] == 1


def test_the_same_content_written_otherwise_is_the_same_event(world: World) -> None:
    event = an_event(attributes={"a": 1.0, "b": "é", "big": 12345678901234567890})
    assert world.post("/v1/events", event, "Tess").status_code == 201
    written = json.dumps(dict(reversed(event.items())), indent=3, ensure_ascii=False).replace("1.0", "1")
    answer = world.client.post(
        "/v1/events", content=written.encode(), headers=world.headers("Tess") | {"Content-Type": "application/json"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "other"},
        {"attributes": {"n": 12345678901234567891}},
        {"silent_solution": True},
        {"occurred_at": "2026-11-24T12:00:01Z"},
    ],
)
def test_s4_the_same_id_with_other_content_is_a_conflict(world: World, change: dict[str, Any]) -> None:
    event = an_event(attributes={"n": 12345678901234567890})
    world.post("/v1/events", event, "Tess")
    answer = world.post("/v1/events", event | change, "Tess")
    assert (answer.status_code, answer.json()["type"]) == (409, "other-content")


def test_another_source_may_use_the_same_id(world: World) -> None:
    event = an_event()
    assert world.post("/v1/events", event, "Tess").status_code == 201
    assert world.post("/v1/events", event | {"source": "c2"}, "Tess").status_code == 201


def test_after_90_days_an_id_is_forgotten(world: World) -> None:
    event = an_event()
    world.post("/v1/events", event, "Tess")
    world.clock.advance(days=89)
    assert world.post("/v1/events", event, "Tess").status_code == 200
    world.clock.advance(days=2)
    assert world.post("/v1/events", event | {"summary": "another year"}, "Tess").status_code == 201


def test_the_same_event_from_many_clients_at_once_is_one_event_and_one_alert(world: World) -> None:
    world.place(on_phone())
    event = an_event(**from_number())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.post("/v1/events", event, "Tess"), range(24)))
    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len({answer.json()["event"] for answer in answers}) == 1
    assert {json.dumps(answer.json()["alerts"]) for answer in answers} == {json.dumps(answers[0].json()["alerts"])}
    with world.db.reading() as session:
        assert [session.scalar(select(func.count()).select_from(model)) for model in (Event, Alert)] == [1, 1]


def test_events_of_one_call_at_once_are_one_alert_with_each_of_them(world: World) -> None:
    world.place(on_phone())
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: world.happen(call="T-1", **from_number()), range(24)))
    assert len({receipt["alerts"][0]["alert"] for receipt in receipts}) == 1
    assert sum(receipt["alerts"][0]["created"] for receipt in receipts) == 1
    alert = world.read(world.alert()["id"])
    assert alert["event_count"] == 24
    assert {event["event"] for event in alert["events"]} == {receipt["event"] for receipt in receipts}
    assert [line["version"] for line in alert["history"]] == list(range(1, 25))


# Never refused for a part


PROBLEMS: list[tuple[dict[str, Any], str, str]] = [
    ({"phones": [{"number": "SENTINEL", "role": "caller"}]}, "phones[0].number", "phone_not_understood"),
    ({"phones": [{"number": "her mobile 07700 900999", "role": "caller"}]}, "phones[0].number", "phone_read_out_of_text"),
    ({"phones": [{"number": ["SENTINEL"], "role": "caller"}]}, "phones[0].number", "phone_not_understood"),
    ({"phones": [{"number": None}]}, "phones[0].role", "role_not_understood"),
    ({"phones": [{"number": None, "role": "SENTINEL"}]}, "phones[0].role", "role_not_understood"),
    ({"phones": [{"number": None, "role": "caller", "SENTINEL": 1}]}, "phones[0]", "unknown_field"),
    ({"phones": ["SENTINEL"]}, "phones[0]", "wrong_kind"),
    ({"phones": "SENTINEL"}, "phones", "wrong_kind"),
    ({"phones": [{"number": None, "role": "caller"}] * 21}, "phones[20]", "too_many"),
    ({"locations": [{"role": "incident"}] * 11}, "locations[10]", "too_many"),
    ({"locations": [{"role": "incident", "address": "SENTINEL"}]}, "locations[0].address", "address_not_understood"),
    ({"locations": [{"role": "incident", "address": 5}]}, "locations[0].address", "address_not_understood"),
    ({"locations": [{"role": "incident", "postcode": "SENTINEL"}]}, "locations[0].postcode", "postcode_not_understood"),
    ({"locations": [{"role": "incident", "uprn": "SENTINEL"}]}, "locations[0].uprn", "uprn_not_understood"),
    ({"locations": [{"role": "incident", "point": {"latitude": 91, "longitude": 0}}]}, "locations[0].point", "point_off_the_globe"),
    ({"locations": [{"role": "incident", "point": {"latitude": "SENTINEL", "longitude": 0}}]}, "locations[0].point", "point_not_understood"),
    ({"locations": [{"role": "incident", "point": "SENTINEL"}]}, "locations[0].point", "point_not_understood"),
    ({"locations": [{"role": "incident", "point": {"latitude": 53, "longitude": 0, "uncertainty_m": -1}}]},
     "locations[0].point.uncertainty_m", "uncertainty_not_understood"),
    ({"locations": [{"role": "incident", "point": {"latitude": 53, "longitude": 0, "SENTINEL": 1}}]}, "locations[0].point", "unknown_field"),
    ({"locations": [{"role": "SENTINEL"}]}, "locations[0].role", "role_not_understood"),
    ({"SENTINEL": 1}, "body", "unknown_field"),
    ({"summary": "a\x00b"}, "summary", "text_replaced"),
    ({"operator_note": "\ud800"}, "operator_note", "text_replaced"),
    ({"attributes": {"SENTINEL\x00": 1}}, "attributes", "text_replaced"),
    ({"summary": {"SENTINEL": 1}}, "summary", "wrong_kind"),
    ({"attributes": "SENTINEL"}, "attributes", "wrong_kind"),
    ({"people": "SENTINEL"}, "people", "wrong_kind"),
    ({"call": {"SENTINEL": 1}}, "call", "wrong_kind"),
    ({"line": "SENTINEL"}, "line", "line_not_understood"),
    ({"silent_solution": "yes"}, "silent_solution", "wrong_kind"),
    ({"occurred_at": "SENTINEL"}, "occurred_at", "occurred_at_not_understood"),
    ({"occurred_at": "2026-11-24T12:00:00"}, "occurred_at", "occurred_at_not_understood"),
    ({"occurred_at": "2026-11-24"}, "occurred_at", "occurred_at_not_understood"),
    ({"occurred_at": "2026-11-24T12:05:01Z"}, "occurred_at", "occurred_at_ahead"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "at", "code"), PROBLEMS)
def test_a_part_that_cannot_be_understood_is_named_and_the_rest_is_matched(
    world: World, part: dict[str, Any], at: str, code: str
) -> None:
    world.place(on_phone())
    phones = part.get("phones", [])
    extra = phones if isinstance(phones, list) and phones else []
    event = an_event() | part
    if "locations" not in part and not extra and "phones" not in part:
        event |= from_number()
    answer = world.post("/v1/events", event, "Tess")
    assert answer.status_code == 201, answer.text
    assert (at, code) in [(problem["at"], problem["code"]) for problem in answer.json()["problems"]]
    assert "SENTINEL" not in answer.text
    if "phones" in event and event["phones"] == from_number()["phones"]:
        assert len(answer.json()["alerts"]) == 1


def test_the_rest_of_an_event_is_matched_beside_what_could_not_be_understood(world: World) -> None:
    world.place(on_phone(), reference="A")
    world.place(on_address(), reference="B")
    world.place(on_circle(), reference="C")
    receipt = world.happen(
        phones=[{"number": "nonsense", "role": "caller"}, {"number": HER_NUMBER, "role": "called"}],
        locations=[{"role": "incident", "address": "?", "postcode": "XX"}, at_address()["locations"][0],
                   {"role": "caller", "point": {"latitude": 53.4, "longitude": -2.98, "uncertainty_m": -5}}],
    )  # fmt: skip
    assert len(receipt["alerts"]) == 3
    assert [problem["at"] for problem in receipt["problems"]] == [
        "phones[0].number", "locations[0].postcode", "locations[0].address", "locations[2].point.uncertainty_m",
    ]  # fmt: skip


def test_a_withheld_number_is_no_problem(world: World) -> None:
    assert world.happen(**from_number(None))["problems"] == []
    assert world.happen(**from_number("withheld"))["problems"] == []


def test_a_missing_role_is_taken_as_the_callers_in_a_call_and_as_mentioned_else(world: World) -> None:
    world.place(on_phone(), risk="standard")
    phones = [{"number": HER_NUMBER}]
    assert world.happen(type="call", phones=phones, abandoned=True)["alerts"][0]["priority"] == "immediate"
    assert world.happen(type="incident", phones=phones, abandoned=True)["alerts"][0]["priority"] == "urgent"


def test_an_unknown_field_is_kept_in_attributes(world: World) -> None:
    receipt = world.happen(grade="1", attributes={"x": 1})
    with world.db.reading() as session:
        event = session.scalars(select(Event)).one()
        payload = json.loads(event.payload or "")
    assert str(event.id) == receipt["event"]
    assert payload["attributes"] == {"x": 1, "grade": "1"}
    assert "grade" not in payload


def test_nothing_is_lost_to_a_name_that_stands_twice_once_it_is_kept(world: World) -> None:
    world.happen(grade="1", attributes={"grade": "2", "a\x00": 3, "a\ufffd": 4})
    with world.db.reading() as session:
        payload = json.loads(session.scalars(select(Event)).one().payload or "")
    assert payload["attributes"] == {"grade": "2", "grade_": "1", "a\ufffd": 3, "a\ufffd_": 4}


@pytest.mark.parametrize("uncertainty", [-1, 150_000, 1e6, "abc", "nan"])
def test_a_position_is_matched_whatever_is_said_of_its_uncertainty_and_that_is_named(
    world: World, uncertainty: object
) -> None:
    world.place(on_circle(radius_m=50_000))
    point = {"latitude": 53.4, "longitude": -2.98, "uncertainty_m": uncertainty}
    receipt = world.happen(silent_solution=True, locations=[{"role": "caller", "point": point}])
    assert [problem["at"] for problem in receipt["problems"]] == ["locations[0].point.uncertainty_m"]
    # One that may be 100 km off is not inside a circle of 50.
    expected = [] if isinstance(uncertainty, float | int) and uncertainty > 0 else ["immediate"]
    assert [alert["priority"] for alert in receipt["alerts"]] == expected


def test_of_two_numbers_in_one_place_each_is_matched_and_that_is_named(world: World) -> None:
    world.place(on_phone("07700 900821"), risk="standard")
    receipt = world.happen(silent_solution=True, **from_number("07700 900820 / 07700 900821"))
    assert [(p["at"], p["code"]) for p in receipt["problems"]] == [("phones[0].number", "several_numbers")]
    assert [alert["priority"] for alert in receipt["alerts"]] == ["immediate"]


def test_nobody_in_the_room_can_take_an_id_that_a_platform_will_use(world: World) -> None:
    world.place(on_phone())
    event = an_event(**from_number())
    assert world.post("/v1/events", event | {"type": "concern"}, "Priya").status_code == 201
    assert world.post("/v1/events", event | {"type": "concern"}, "Priya").json()["replayed"]
    answer = world.post("/v1/events", event, "Tess")
    assert (answer.status_code, answer.json()["replayed"], len(answer.json()["alerts"])) == (201, False, 1)


def test_a_desk_that_no_desk_could_be_called_by_is_named_and_the_default_one_hears_of_it(world: World) -> None:
    receipt = world.happen(as_="Priya", type="concern", queue="q" * 9000)
    assert [(p["at"], p["code"]) for p in receipt["problems"]] == [("queue", "too_long")]
    assert [alert["queue"] for alert in receipt["alerts"]] == ["control-room"]


def test_the_longest_names_there_may_be_can_be_stored(world: World) -> None:
    """Desk and case stand in keys, which an index limits: four bytes a character, in all of them at once."""
    desk, case = "\N{PERSON WITH FOLDED HANDS}" * 100, "\N{CROSS MARK}\N{HERB}" * 50
    world.place(on_phone(), queue=desk, case=case)
    assert [alert["queue"] for alert in world.happen(**from_number())["alerts"]] == [desk]


@pytest.mark.parametrize(
    ("part", "at"),
    [({"people": [{"name": 5, "role": "suspect"}]}, "people[0].name"), ({"people": [{"name": "N", "role": "x"}]}, "people[0].role"),
     ({"people": ["N"]}, "people[0]"), ({"people": {}}, "people"), ({"identifiers": [{"kind": "x", "value": "V"}]}, "identifiers[0].kind"),
     ({"identifiers": [{"kind": "vehicle"}]}, "identifiers[0].value"), ({"identifiers": [{"kind": ["x"], "value": "V"}]}, "identifiers[0].kind")],
)  # fmt: skip
def test_people_and_identifiers_that_cannot_be_used_are_kept_and_named(
    world: World, part: dict[str, Any], at: str
) -> None:
    assert [problem["at"] for problem in world.happen(**part)["problems"]] == [at]


def test_one_mast_brings_at_most_fifty_markers_along_and_covert_ones_push_out_none(world: World) -> None:
    for number in range(60):
        world.place(on_circle(53.40 + number / 5000, -2.98, 100), reference=f"Z{number}")
    world.place(on_phone())

    def shown() -> list[str]:
        world.happen(call="T-1", **at_point(53.41, -2.98, 3000))
        world.happen(call="T-1", **from_number())
        alert = world.queue()[-1]
        world.move(alert["id"], "resolve", {"outcome": "attended"})
        world.clock.advance(days=4)
        return [match["reference"] for match in alert["matches"]]

    before = shown()
    assert len(before) == 50
    for number in range(60):
        world.place(on_circle(53.40 + number / 5000, -2.98, 101), as_="Noor", sensitivity="covert", queue=CIRCLE)
    assert shown() == before


def test_where_the_time_cannot_be_used_that_of_receipt_is(world: World) -> None:
    world.place(on_phone())
    world.happen(occurred_at="soon", **from_number())
    world.happen(occurred_at="2026-11-25T12:00:00Z", **from_number())
    assert {alert["events"][0]["occurred_at"] for alert in world.queue()} == {"2026-11-24T12:00:00Z"}


def test_an_event_that_the_service_fails_to_match_is_kept_and_told_to_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("SENTINEL")

    world.place(on_phone())
    monkeypatch.setattr("markers.matcher.compare", broken)
    receipt = world.happen(summary="kept", **from_number())
    assert [(problem["at"], problem["code"]) for problem in receipt["problems"]] == [("body", "not_matched")]
    assert [(alert["priority"], alert["queue"]) for alert in receipt["alerts"]] == [("routine", "control-room")]
    alert = world.alert()
    assert (alert["events"][0]["summary"], alert["matches"]) == ("kept", [])
    assert "SENTINEL" not in json.dumps([receipt, alert])
    assert world.happen(summary="no match")["problems"] == []


def test_a_part_on_which_understanding_itself_fails_is_told_to_a_person_and_the_rest_is_matched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Understood:
        raise RuntimeError("SENTINEL")

    world.place(on_phone())
    monkeypatch.setattr("web.api.event_body.understand_location", broken)
    receipt = world.happen(**from_number(), **at_address())
    assert [(problem["at"], problem["code"]) for problem in receipt["problems"]] == [("locations[0]", "not_matched")]
    assert [alert["priority"] for alert in receipt["alerts"]] == ["urgent", "routine"]


# Refused


@pytest.mark.parametrize("name", ["source", "id", "type", "occurred_at"])
@pytest.mark.parametrize("value", [None, 5, ["SENTINEL"], {"SENTINEL": 1}])
def test_a_required_field_that_is_missing_or_of_the_wrong_kind_is_refused(world: World, name: str, value: Any) -> None:
    answer = world.post("/v1/events", an_event() | {name: value}, "Tess")
    assert (answer.status_code, [error["at"] for error in answer.json()["errors"]]) == (422, [name])
    assert "SENTINEL" not in answer.text


@pytest.mark.parametrize(("name", "value"), [("type", "SENTINEL"), ("source", ""), ("id", ""), ("id", "x" * 201)])
def test_a_required_field_without_meaning_is_refused(world: World, name: str, value: str) -> None:
    answer = world.post("/v1/events", an_event() | {name: value}, "Tess")
    assert (answer.status_code, [error["at"] for error in answer.json()["errors"]]) == (422, [name])


@pytest.mark.parametrize(
    "raw",
    [b"", b"SENTINEL", b"[]", b"null", b'"SENTINEL"', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e999}',
     b'{"SENTINEL": 1, "SENTINEL": 2}', b'{"a": {"b": 1, "b": 2}}', b'{"a": "\xff"}', b"\xef\xbb\xbf{}", b'{"a": 1,}', b"{'a': 1}",
     b'{"a": ' + b"9" * 5000 + b"}", b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}"],
)  # fmt: skip
def test_what_is_no_json_object_is_refused_and_not_repeated(world: World, raw: bytes) -> None:
    answer = world.client.post(
        "/v1/events", content=raw, headers=world.headers("Tess") | {"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "SENTINEL" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Type": "text/plain"}, 415), ({"Content-Type": ""}, 415), ({"Content-Encoding": "gzip"}, 415),
     ({"Content-Encoding": "identity"}, 415), ({"Content-Type": "application/json; charset=utf-8"}, 201)],
)  # fmt: skip
def test_another_type_or_any_encoding_is_refused(world: World, headers: dict[str, str], status: int) -> None:
    given = world.headers("Tess") | {"Content-Type": "application/json"} | headers
    answer = world.client.post("/v1/events", content=json.dumps(an_event()), headers=given)
    assert answer.status_code == status


@pytest.mark.parametrize(("size", "status"), [(256 * 1024, 201), (256 * 1024 + 1, 413)])
def test_an_event_of_over_256_kib_is_refused(world: World, size: int, status: int) -> None:
    event = an_event(summary="")
    event["summary"] = "x" * (size - len(json.dumps(event).encode()))
    answer = world.post("/v1/events", event, "Tess")
    assert answer.status_code == status
    chunks = iter([json.dumps(event | {"id": "c-chunks"}).encode()])
    answer = world.client.post(
        "/v1/events", content=chunks, headers=world.headers("Tess") | {"Content-Type": "application/json"}
    )
    assert answer.status_code == status


def test_the_order_of_refusals_is_the_contracts(world: World) -> None:
    bad = b"not json"
    json_type = {"Content-Type": "application/json"}
    assert world.client.post("/v1/events", content=bad, headers=json_type).status_code == 401
    assert world.client.post("/v1/events", content=bad, headers=world.headers("Ada") | json_type).status_code == 403
    assert world.client.post("/v1/events", content=bad, headers=world.headers("Priya") | json_type).status_code == 422
    assert world.post("/v1/events", an_event(type="call", source=""), "Priya").status_code == 422


def test_a_token_that_ends_is_refused_at_its_next_event_also_where_it_was_known_a_moment_ago(world: World) -> None:
    """A feed is not asked for its token again with every event; the transaction that would store one asks."""
    first = an_event(**from_number())
    assert world.post("/v1/events", first, "Tess").status_code == 201
    with world.db.transaction() as session:
        revoke(session, "Tess", "default", world.clock.moment)
    answer = world.post("/v1/events", an_event(**from_number()), "Tess")
    assert (answer.status_code, answer.json()["type"]) == (401, "not-signed-in")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert world.post("/v1/events", first, "Tess").status_code == 401
    with world.db.reading() as session:
        assert len(session.scalars(select(Event)).all()) == 1
    refusals = world.get("/v1/audit", "Ada", operation="refusal").json()["items"]
    assert [(item["who"], item["action"]) for item in refusals] == [("Tess", "sign_in")] * 2


def test_one_tokens_end_does_not_touch_its_neighbours_in_a_group(world: World) -> None:
    assert world.post("/v1/events", an_event(), "Tess").status_code == 201
    with world.db.transaction() as session:
        revoke(session, "Tess", "default", world.clock.moment)
    with ThreadPoolExecutor(8) as pool:
        posts = [(an_event(), who) for _ in range(6) for who in ("Tess", "Alex")]
        told = list(pool.map(lambda post: (post[1], world.post("/v1/events", *post).status_code), posts))
    assert Counter(told) == {("Tess", 401): 6, ("Alex", 201): 6}


def test_a_token_that_ends_while_a_batch_is_read_is_told_so_line_by_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = read_event

    def ends_meanwhile(*given: Any) -> Any:
        with suppress(NoSuchToken), world.db.transaction() as session:
            revoke(session, "Tess", "default", world.clock.moment)
        return plain(*given)

    monkeypatch.setattr("web.api.event_batch.read_event", ends_meanwhile)
    lines = b"\n".join(written(an_event()) for _ in range(2))
    headers = world.headers("Tess") | {"Content-Type": "application/x-ndjson"}
    answer = world.client.post("/v1/events/batch", content=lines, headers=headers)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [401, 401]
    assert world.client.post("/v1/events/batch", content=lines, headers=headers).status_code == 401


def test_s4_the_same_key_with_other_content_is_a_conflict_in_one_group_in_one_batch_and_a_month_later(
    world: World,
) -> None:
    one = an_event(summary="one")
    other = one | {"summary": "other"}
    lines = b"\n".join(written(event) for event in (one, other, one))
    headers = world.headers("Tess") | {"Content-Type": "application/x-ndjson"}
    answer = world.client.post("/v1/events/batch", content=lines, headers=headers)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == [201, 409, 200]
    world.clock.advance(days=31)
    assert world.post("/v1/events", other, "Tess").status_code == 409
    assert world.post("/v1/events", one, "Tess").status_code == 200


def test_s6_a_replay_is_answered_with_the_stored_receipt_also_after_its_alert_has_changed(world: World) -> None:
    world.place(on_phone())
    event = an_event(call="T-1", **from_number())
    first = world.post("/v1/events", event, "Tess").json()
    alert = first["alerts"][0]["alert"]
    world.happen(call="T-1", silent_solution=True)
    world.move(alert, "acknowledge")
    world.move(alert, "resolve", {"outcome": "attended"})
    assert world.read(alert)["priority"] == "immediate"
    assert world.post("/v1/events", event, "Tess").json() == first | {"replayed": True}
