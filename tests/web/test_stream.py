"""`GET /v1/alerts/stream`: nothing missed, nothing twice in the wrong order, and a beat that proves it."""

import json
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from access.models import Entry
from access.tokens import revoke
from access.verify import verify
from alerts.models import FeedChange
from db.positions import Feed, Wanted, take
from db.session import Database
from tests.builders import KEYS, NOON, a_marker, an_event, from_number, on_phone
from tests.served import Message, Served, a_served
from tests.world import CIRCLE


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with a_served(url) as running:
        yield running


@pytest.fixture
def marked(served: Served) -> Served:
    """The service with one open marker on her number."""
    assert served.post("/v1/markers", a_marker(reference="OPEN"), "Owen").status_code == 201
    return served


def placed(served: Served, marker: dict[str, Any], by: str = "Owen") -> dict[str, Any]:
    answer = served.post("/v1/markers", marker, by)
    assert answer.status_code == 201, answer.text
    whole: dict[str, Any] = answer.json()
    return whole


def happen(served: Served, **more: Any) -> dict[str, Any]:
    answer = served.post("/v1/events", an_event(**(from_number() | more)))
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def alerts_in(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.event == "alert"]


def beats_in(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.event == "beat"]


def test_a_stream_begins_at_the_moment_of_its_head_with_a_beat_at_once(marked: Served) -> None:
    happen(marked)
    with marked.stream() as stream:
        [beat, *_] = stream.wait_for(lambda messages: bool(beats_in(messages)))
        assert (beat.event, beat.data["position"], beat.data["open"]) == ("beat", "1", 1)
        assert beat.data["at"] == "2026-11-24T12:00:00Z"
        happen(marked)
        [alert] = alerts_in(stream.wait_for(lambda messages: bool(alerts_in(messages))))
    assert (alert.id, alert.data["number"], alert.data["version"]) == ("2", "2", 1)
    assert "history" not in alert.data
    assert stream.status == 200


def test_one_message_per_change_with_the_alert_as_it_stands(marked: Served) -> None:
    with marked.stream() as stream:
        alert = happen(marked, call="T-1")["alerts"][0]["alert"]
        marked.post(f"/v1/alerts/{alert}/acknowledge", {}, "Sam")
        happen(marked, call="T-1")
        messages = alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 3))
    assert [message.id for message in messages] == ["1", "2", "3"]
    versions = [message.data["version"] for message in messages]
    assert versions == sorted(versions)
    assert all(version >= number for number, version in enumerate(versions, start=1))
    assert messages[-1].data["acknowledged_by"] == "Sam"


def test_a_stream_resumes_behind_its_position_with_nothing_missed(marked: Served) -> None:
    for number in range(5):
        happen(marked, call=f"T-{number}")
    with marked.stream(after="2") as stream:
        messages = alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 3))
        assert [message.id for message in messages] == ["3", "4", "5"]
    with marked.stream(last="4", after="0") as stream:
        messages = alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 1))
        assert [message.id for message in messages] == ["5"]
    with marked.stream(after="0") as stream:
        assert len(alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 5))) == 5


def test_the_lists_position_is_where_a_stream_goes_on(marked: Served) -> None:
    happen(marked)
    position = marked.get("/v1/alerts").json()["position"]
    happen(marked)
    with marked.stream(after=position) as stream:
        [alert] = alerts_in(stream.wait_for(lambda messages: bool(alerts_in(messages))))
    assert alert.data["number"] == "2"


def test_a_beat_counts_exactly_what_the_reader_may_see_under_its_filter(marked: Served) -> None:
    marked.post("/v1/markers", a_marker(queue="dispatch", reference="D"), "Owen")
    alert = next(a["alert"] for a in happen(marked)["alerts"] if a["queue"] == "control-room")
    happen(marked)
    marked.post(f"/v1/alerts/{alert}/resolve", {"outcome": "attended"}, "Priya")
    for who, params, expected in (
        ("Priya", {}, 3),
        ("Dee", {}, 2),
        ("Priya", {"queue": "control-room"}, 1),
        ("Priya", {"queue": "x"}, 0),
    ):
        with marked.stream(who, **params) as stream:
            assert stream.wait_for(lambda messages: bool(beats_in(messages)))[0].data["open"] == expected, (who, params)


def test_a_desks_stream_shows_its_own_alerts_and_those_escalated_to_it(marked: Served) -> None:
    with marked.stream("Dee") as dispatch, marked.stream("Priya", queue="supervisors") as supervisors:
        alert = happen(marked)["alerts"][0]["alert"]
        marked.post(f"/v1/alerts/{alert}/escalate", {}, "Priya")
        [seen, *_] = alerts_in(supervisors.wait_for(lambda messages: bool(alerts_in(messages))))
        assert seen.data["escalated_to"] == ["supervisors"]
        assert alerts_in(dispatch.messages) == []


@pytest.mark.parametrize("position", ["nonsense", "-1", "1.2.3", "1e5", "٣", "9" * 30])
def test_a_malformed_position_is_422(served: Served, position: str) -> None:
    answer = served.get("/v1/alerts/stream", after=position)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_s22_a_position_above_the_newest_is_reset_and_the_stream_goes_on_from_now(marked: Served) -> None:
    happen(marked)
    with marked.stream(after="900") as stream:
        messages = stream.wait_for(lambda messages: len(messages) >= 2)
        assert [message.event for message in messages[:2]] == ["reset", "beat"]
        assert messages[1].data["position"] == "1"
        happen(marked)
        [alert] = alerts_in(stream.wait_for(lambda messages: bool(alerts_in(messages))))
        assert alert.id == "2"


def test_a_position_older_than_what_is_kept_is_reset_and_0_is_its_beginning(marked: Served, url: str) -> None:
    for _ in range(4):
        happen(marked)
    db = Database(url, KEYS)
    with db.transaction() as session:
        session.query(FeedChange).filter(FeedChange.position <= 2).delete()
    db.close()
    with marked.stream(after="1") as stream:
        assert stream.wait_for(bool)[0].event == "reset"
    with marked.stream(after="2") as stream:
        assert [m.id for m in alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 2))] == ["3", "4"]
    with marked.stream(after="0") as stream:
        assert [m.id for m in alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 2))] == ["3", "4"]


def test_who_is_in_no_circle_sees_no_gap_while_covert_alerts_come_and_go(marked: Served) -> None:
    covert = a_marker(on_phone("07700 900777"), sensitivity="covert", queue=CIRCLE, reference="COVERT")
    marked.post("/v1/markers", covert, "Noor")
    with marked.stream("Priya") as outside, marked.stream("Kit") as inside:
        for number in range(3):
            happen(marked, call=f"o{number}")
            hidden = happen(marked, call=f"h{number}", phones=[{"number": "07700 900777", "role": "caller"}])
            assert hidden["alerts"] == []
        seen_outside = alerts_in(outside.wait_for(lambda messages: len(alerts_in(messages)) == 3))
        seen_inside = alerts_in(inside.wait_for(lambda messages: len(alerts_in(messages)) == 6))
    assert [(m.id, m.data["number"]) for m in seen_outside] == [("1", "1"), ("2", "2"), ("3", "3")]
    assert {beat.data["position"] for beat in outside.of("beat")} <= {"0", "1", "2", "3"}
    assert sorted(m.data["number"] for m in seen_inside) == ["1", "2", "3", "c1", "c2", "c3"]
    assert seen_inside[-1].id == "3.3"


def test_one_in_a_circle_resumes_both_feeds(marked: Served) -> None:
    covert = a_marker(sensitivity="covert", queue=CIRCLE, reference="COVERT")
    marked.post("/v1/markers", covert, "Noor")
    for number in range(3):
        happen(marked, call=f"T-{number}")
    with marked.stream("Kit", after="0") as stream:
        messages = alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 6))
    assert [m.id for m in messages] == ["1.0", "2.0", "3.0", "3.1", "3.2", "3.3"]
    with marked.stream("Kit", after="2.2") as stream:
        messages = alerts_in(stream.wait_for(lambda messages: len(alerts_in(messages)) == 2))
    assert [(m.id, m.data["number"]) for m in messages] == [("3.2", "3"), ("3.3", "c3")]
    with marked.stream("Kit", after="3") as stream:
        beat = beats_in(stream.wait_for(lambda messages: bool(beats_in(messages))))[0]
        assert (beat.data["position"], alerts_in(stream.messages)) == ("3.3", [])
    with marked.stream("Priya", after="2.2") as stream:
        messages = alerts_in(stream.wait_for(lambda messages: bool(alerts_in(messages))))
    assert [m.id for m in messages] == ["3"]


def test_a_revoked_tokens_stream_ends_at_its_next_beat(
    marked: Served, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.stream.BEAT_S", 0.2)
    db = Database(url, KEYS)
    with marked.stream("Priya") as stream:
        stream.wait_for(lambda messages: len(beats_in(messages)) >= 2)
        with db.transaction() as session:
            revoke(session, "Priya", "default", NOON)
        assert stream.ended.wait(10)
    assert marked.get("/v1/alerts").status_code == 401
    db.close()


def test_beats_go_on_while_nothing_happens(marked: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.stream.BEAT_S", 0.1)
    with marked.stream() as stream:
        stream.wait_for(lambda messages: len(beats_in(messages)) >= 5)


def test_s23_a_change_of_another_process_reaches_the_stream_also_where_no_bell_tells_of_it(
    marked: Served, url: str
) -> None:
    """The slow poll stands behind every wake-up."""
    happen(marked, call="T-1")
    with marked.stream() as stream:
        stream.wait_for(lambda messages: bool(beats_in(messages)))
        with a_served(url, secrets=marked.secrets) as other:
            happen(other, call="T-1")
        [alert] = alerts_in(stream.wait_for(lambda messages: bool(alerts_in(messages)), 10))
        assert alert.data["version"] == 2


def test_streams_are_told_goodbye_when_the_service_stops(marked: Served) -> None:
    with marked.stream() as stream:
        stream.wait_for(lambda messages: bool(beats_in(messages)))
        marked.stop()
        assert stream.ended.wait(10)
    assert stream.messages[-1].event == "bye"
    assert 200 <= (stream.messages[-1].retry or 0) <= 2000


def test_a_counter_that_rises_without_a_visible_change_sends_nothing(
    marked: Served, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wake that yields nothing writes nothing, and the beat keeps its own time."""
    monkeypatch.setattr("web.stream.BEAT_S", 0.5)
    db = Database(url, KEYS)
    with marked.stream("Priya") as stream:
        stream.wait_for(lambda messages: len(beats_in(messages)) >= 1)
        for _ in range(20):
            with db.transaction() as session:
                take(session, {("default", Feed.CIRCLE): Wanted(1)})
        before = len(stream.messages)
        stream.wait_for(lambda messages: len(messages) >= before + 2)
    assert {message.event for message in stream.messages} == {"beat"}
    assert {beat.data["position"] for beat in stream.of("beat")} == {"0"}
    db.close()


def test_what_a_stream_has_shown_stands_in_the_trail_when_its_reader_has_gone(marked: Served, url: str) -> None:
    marker = marked.get("/v1/markers", "Owen").json()["items"][0]["id"]
    with marked.stream() as stream:
        alert = happen(marked)["alerts"][0]["alert"]
        stream.wait_for(lambda messages: bool(alerts_in(messages)))
    with marked.stream("Sam") as shown_nothing:
        shown_nothing.wait_for(lambda messages: bool(beats_in(messages)))
    marked.stop()
    db = Database(url, KEYS)
    with db.reading() as session:
        entries = session.scalars(select(Entry).where(Entry.action == "stream_alerts")).all()
        told = [(entry.who, entry.operation, json.loads(entry.objects)) for entry in entries]
        assert verify(session).is_intact
    db.close()
    assert told == [("Priya", "consultation", [["alert", alert, 1], ["marker", marker, 1]])]


@pytest.mark.parametrize("rounds", [15, pytest.param(400, marks=[pytest.mark.stress, pytest.mark.timeout(900)])])
def test_a_reader_that_drops_and_resumes_again_and_again_misses_nothing_and_never_goes_back(
    marked: Served, rounds: int
) -> None:
    """Three writers, some of whose alerts change several times; the reader leaves at seeded moments."""
    seeded, position = random.Random(11), "0"
    seen, versions = list[int](), dict[str, int]()

    def write(writer: int) -> None:
        for number in range(rounds):
            happen(marked, call=f"{writer}-{number // 3}")

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in writers:
        thread.start()
    while len(seen) < 3 * rounds:
        with marked.stream(after=position) as stream:
            wanted = min(seeded.randint(1, 12), 3 * rounds - len(seen))
            messages = alerts_in(stream.wait_for(lambda found, least=wanted: len(alerts_in(found)) >= least))  # type: ignore[misc]
        for message in messages:
            assert message.data["version"] >= versions.get(message.data["id"], 0)
            versions[message.data["id"]] = message.data["version"]
            seen.append(int(message.id or 0))
        position = str(seen[-1])
    for thread in writers:
        thread.join()
    assert seen == list(range(1, 3 * rounds + 1))


@pytest.mark.usefixtures("no_other_watch")
def test_a_reader_who_was_away_when_their_desk_became_a_circle_misses_none_of_its_first_alerts(
    marked: Served,
) -> None:
    for number in range(3):
        happen(marked, call=f"T-{number}")
    with marked.stream("Kit") as stream:
        position = beats_in(stream.wait_for(lambda messages: bool(beats_in(messages))))[0].data["position"]
    assert position == "3"
    marked.clock.advance(minutes=5)
    placed(marked, a_marker(on_phone("07700 900777"), sensitivity="covert", queue=CIRCLE), "Noor")
    happen(marked, phones=[{"number": "07700 900777", "role": "caller"}])
    with marked.stream("Kit", after=position) as stream:
        [missed] = alerts_in(stream.wait_for(lambda messages: bool(alerts_in(messages))))
    assert (missed.id, missed.data["number"]) == ("3.1", "c1")


def test_a_desk_is_a_circle_from_its_first_covert_marker_on(marked: Served) -> None:
    with marked.stream("Kit") as stream:
        assert beats_in(stream.wait_for(lambda messages: bool(beats_in(messages))))[0].data["position"] == "0"
    placed(marked, a_marker(sensitivity="covert", queue=CIRCLE), "Noor")
    for who, position in (("Kit", "0.0"), ("Dee", "0"), ("Priya", "0")):
        with marked.stream(who) as stream:
            assert beats_in(stream.wait_for(lambda messages: bool(beats_in(messages))))[0].data["position"] == position


@pytest.mark.parametrize("queue", ["\x00", "a\x00b"])
def test_a_queue_that_no_database_can_be_asked_for_is_422(served: Served, queue: str) -> None:
    assert served.get("/v1/alerts/stream", queue=queue).status_code == 422
