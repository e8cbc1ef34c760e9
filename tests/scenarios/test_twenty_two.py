"""The twenty-two behaviours of an alert queue that lessons of other queues' users ask for, by number, over HTTP.

Two services stand over one database, each with threads and connections of its own. What only killed processes can show
stands with real ones in `tests/survival`, and is named here.
"""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from access.tokens import revoke
from alerts.case_rounds import look_over_cases
from alerts.event_models import Event
from alerts.models import Alert, AlertDesk, FeedChange, HistoryLine
from alerts.rules.ladder import Ladder
from db.base import table_of
from db.ids import new_ids
from db.keyring import KeyRing
from db.positions import Feed, Wanted, take
from db.session import Database
from heed.nightly import Ground
from heed.schedule import Windows, listen, remove_what_has_expired
from heed.schema import migrate
from heed.watch import Watch
from markers.case_models import Review
from markers.matcher import Reading
from tests.builders import KEYS, NOON, a_marker, an_event, from_number, on_phone
from tests.served import Message, Served, a_served
from tests.world import World

pytestmark = pytest.mark.usefixtures("no_other_watch", "no_other_courier")
LADDER = Ladder(desks=("supervisors",))


class Pair:
    """Two services over one database."""

    def __init__(self, url: str, one: Served, other: Served) -> None:
        self.url = url
        self.one, self.other = one, other
        self.clock = one.clock
        self.db = Database(url, KEYS)

    def happen(self, at: Served | None = None, **more: Any) -> dict[str, Any]:
        answer = (at or self.one).post("/v1/events", an_event(**(from_number() | more)))
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def alert(self, **more: Any) -> str:
        found: str = self.happen(**more)["alerts"][0]["alert"]
        return found

    def move(self, alert: str, move: str, body: Any = None, as_: str = "Priya", at: Served | None = None) -> Any:
        return (at or self.one).post(f"/v1/alerts/{alert}/{move}", body or {}, as_)

    def read(self, alert: str, as_: str = "Owen") -> dict[str, Any]:
        found: dict[str, Any] = self.one.get(f"/v1/alerts/{alert}", as_).json()
        return found

    def changes(self, alert: str) -> list[str]:
        return [line["change"] for line in self.read(alert)["history"]]

    def queue(self, at: Served | None = None, as_: str = "Owen", **params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (at or self.one).get("/v1/alerts", as_, **params).json()["items"]
        return items

    def look(self, db: Database | None = None) -> None:
        Watch(db or self.db, self.clock, LADDER).look()


@pytest.fixture
def pair(url: str) -> Iterator[Pair]:
    with ExitStack() as stack:
        one = stack.enter_context(a_served(url))
        other = stack.enter_context(a_served(url, secrets=one.secrets, clock=one.clock))
        made = Pair(url, one, other)
        stack.callback(made.db.close)
        for at in (one, other):
            # FastAPI makes its routes ready when they are first asked for, and is no friend of two loops in one process.
            assert at.client.get("/openapi.json").status_code == 200
        assert one.post("/v1/markers", a_marker(on_phone()), "Owen").status_code == 201
        yield made


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """All of it, begun together; answers what each answered."""
    together, answers = threading.Barrier(len(work)), [None] * len(work)

    def do(place: int) -> None:
        together.wait()
        answers[place] = work[place]()

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_01_identical_events_from_many_at_once_are_one_event_and_one_alert(pair: Pair) -> None:
    body = an_event(**from_number())
    answers = at_once(*(partial(at.post, "/v1/events", body) for at in (pair.one, pair.other) * 4))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({json.dumps(answer.json() | {"replayed": None}) for answer in answers}) == 1
    [alert] = pair.queue()
    assert alert["event_count"] == 1
    others = at_once(*(partial(pair.happen, at, call="T-1") for at in (pair.one, pair.other) * 4))
    assert sum(receipt["alerts"][0]["created"] for receipt in others) == 1
    assert sorted(one["event_count"] for one in pair.queue()) == [1, 8]


def test_02_what_was_answered_reaches_the_screens_though_its_process_ends(pair: Pair) -> None:
    """With real kills: `tests/survival/test_kills.py`."""
    alert = pair.alert()
    pair.one.stop()
    assert [one["id"] for one in pair.queue(pair.other)] == [alert]
    with pair.other.stream(after="0") as stream:
        stream.wait_for(lambda messages: [one.data["id"] for one in messages if one.event == "alert"] == [alert])


def test_03_of_two_who_acknowledge_at_once_one_has_it_and_the_other_is_told_who(pair: Pair) -> None:
    for _ in range(5):
        alert = pair.alert()
        answers = at_once(
            partial(pair.move, alert, "acknowledge", as_="Priya"),
            partial(pair.move, alert, "acknowledge", as_="Owen", at=pair.other),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert lost.json()["acknowledged_by"] == won.json()["acknowledged_by"] == pair.read(alert)["acknowledged_by"]
        assert pair.changes(alert) == ["raised", "acknowledge"]


def test_04_acknowledged_and_due_at_the_same_moment_it_is_never_both(pair: Pair) -> None:
    other = Database(pair.url, KEYS)
    for _ in range(5):
        alert = pair.alert()
        pair.clock.advance(minutes=3)
        at_once(partial(pair.move, alert, "acknowledge"), partial(pair.look, other))
        assert pair.changes(alert) in (["raised", "acknowledge"], ["raised", "escalated_as_late", "acknowledge"])
        assert pair.read(alert)["state"] == "acknowledged"
        pair.move(alert, "resolve", {"outcome": "attended", "note": "x"})
    other.close()


def test_05_a_watch_that_slept_through_steps_does_one_late_and_says_so(pair: Pair) -> None:
    alert = pair.alert()
    pair.clock.advance(hours=2)
    pair.look()
    seen = pair.read(alert)
    assert (seen["escalation_level"], seen["history"][-1]["details"]["late_by_s"]) == (1, 7080.0)
    pair.look()
    assert pair.read(alert)["escalation_level"] == 1, "the next step has a whole time of its own"


def test_06_three_schedulers_do_each_thing_once(pair: Pair) -> None:
    alerts = [pair.alert() for _ in range(5)]
    until = (pair.clock.moment + timedelta(minutes=1)).isoformat()
    pair.move(alerts[0], "shelve", {"until": until, "reason": "r"})
    pair.move(alerts[1], "acknowledge")
    lapsing = a_marker(on_phone("07700 900300"), valid_until="2026-11-25T00:00:00Z")
    pair.one.post("/v1/markers", lapsing, "Owen")
    pair.clock.advance(minutes=61)
    databases = [Database(pair.url, KEYS) for _ in range(3)]

    def everything(db: Database) -> None:
        pair.look(db)
        with db.transaction() as session:
            look_over_cases(session, new_ids(), pair.clock.moment)

    at_once(*(partial(everything, db) for db in databases))
    for db in databases:
        db.close()
    told = [tuple(pair.changes(alert)) for alert in alerts]
    assert told[0] == ("raised", "shelve", "back_from_shelf")
    assert told[1] == ("raised", "acknowledge", "raised_again")
    assert set(told[2:]) == {("raised", "escalated_as_late")}
    with pair.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review).where(Review.kind == "lapse_coming")) == 1


def test_07_what_was_shelved_comes_back_by_itself(pair: Pair) -> None:
    alert = pair.alert()
    until = (NOON + timedelta(minutes=30)).isoformat()
    assert pair.move(alert, "shelve", {"until": until, "reason": "known fault"}).status_code == 200
    assert [one["shelved_until"] for one in pair.queue()] == [until.replace("+00:00", "Z")], "it is listed while away"
    pair.clock.advance(minutes=29, seconds=59)
    pair.look()
    assert pair.read(alert)["shelved_until"] is not None
    pair.clock.advance(seconds=1)
    pair.look()
    seen = pair.read(alert)
    assert (seen["shelved_until"], seen["state"], seen["history"][-1]["change"]) == (None, "raised", "back_from_shelf")


def test_08_a_call_that_ended_before_anybody_answered_stays(pair: Pair) -> None:
    alert = pair.alert(call="T-1")
    for said in ({"line": "cleared"}, {"attributes": {"state": "closed", "duplicate_of": "x"}}):
        pair.happen(call="T-1", **said)
    pair.clock.advance(hours=30)
    pair.look()
    assert pair.read(alert)["state"] == "raised"
    assert [one["id"] for one in pair.queue()] == [alert]


def test_09_a_further_event_on_one_that_somebody_has_and_on_one_that_is_resolved(pair: Pair) -> None:
    alert = pair.alert(call="T-1")
    pair.move(alert, "acknowledge")
    assert pair.happen(call="T-1")["alerts"] == [
        {"alert": alert, "created": False, "priority": "urgent", "queue": "control-room"}
    ]
    assert (pair.read(alert)["acknowledged_by"], pair.read(alert)["event_count"]) == ("Priya", 2)
    pair.happen(call="T-1", abandoned=True)
    risen = pair.read(alert)
    assert (risen["state"], risen["priority"], risen["acknowledged_by"]) == ("raised", "immediate", None)
    pair.move(alert, "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    [again] = pair.happen(call="T-1")["alerts"]
    assert again["created"]
    assert pair.read(again["alert"])["previous"] == alert
    assert pair.read(alert)["state"] == "resolved"


def test_10_a_screen_that_was_cut_off_resumes_at_another_service_and_holds_what_the_database_does(pair: Pair) -> None:
    held: dict[str, int] = {}
    last: str | None = "0"
    for turn in range(4):
        at = (pair.one, pair.other)[turn % 2]
        burst = [pair.alert(call=f"T-{turn}-{number}") for number in range(5)]
        pair.move(burst[0], "acknowledge")
        with pair.db.reading() as session:
            newest = session.scalar(select(func.max(FeedChange.position)).where(FeedChange.feed == "open"))
        with at.stream("Priya", last=last) as stream:
            stream.wait_for(partial(_has, str(newest)))
            for message in stream.of("alert"):
                assert message.data["version"] >= held.get(message.data["id"], 0), "never back"
                held[message.data["id"]], last = message.data["version"], message.id
    with pair.db.reading() as session:
        rows = {str(alert_id): version for alert_id, version in session.execute(select(Alert.id, Alert.version))}
    assert held == rows
    with pair.one.stream("Priya", last="99999") as stream:
        stream.wait_for(lambda messages: any(one.event == "reset" for one in messages))


def _has(position: str, messages: list[Message]) -> bool:
    return any(one.id == position for one in messages)


def test_11_a_position_that_commits_late_is_not_skipped(pair: Pair) -> None:
    holding, let_go = threading.Event(), threading.Event()

    def slow() -> None:
        with pair.db.transaction() as session:
            take(session, {("default", Feed.OPEN): Wanted(1)})
            holding.set()
            let_go.wait(10)

    with pair.one.stream("Priya", after="0") as stream:
        stream.wait_for(lambda messages: any(one.event == "beat" for one in messages))
        writer = threading.Thread(target=slow)
        writer.start()
        assert holding.wait(10)
        poster = threading.Thread(target=pair.alert)
        poster.start()
        let_go.set()
        writer.join()
        poster.join()
        [told] = [
            one
            for one in stream.wait_for(lambda messages: any(m.event == "alert" for m in messages))
            if one.event == "alert"
        ]
    assert told.id == "2", "behind the one that was taken first"


def test_12_a_stream_without_news_beats_and_says_what_it_has(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.stream.BEAT_S", 0.1)
    pair.alert()
    with pair.one.stream("Priya") as stream:
        stream.wait_for(lambda messages: len([one for one in messages if one.event == "beat"]) >= 3)
        assert {(one.data["open"], one.data["position"]) for one in stream.of("beat")} == {(1, "1")}


def test_13_of_two_forces_each_read_shows_one_alone(pair: Pair, url: str) -> None:
    """Every route that reads, by the document, as each role of the other force."""
    world = _world_over(pair)
    for role in ("handler", "officer", "supervisor", "auditor", "admin"):
        world.grant(f"other-{role}", role, "elsewhere")
    alert = pair.alert(call="T-SECRET", incident="MP-SECRET")
    pair.one.post("/v1/cases", {"reference": "SPO-SECRET", "officer": "Owen", "deputy": "D", "team": "t"}, "Owen")
    paths = [path for path, methods in pair.one.get("/openapi.json").json()["paths"].items() if "get" in methods]
    asked = 0
    for path in paths:
        if not path.startswith("/v1/") or path.endswith("/stream"):
            continue
        whole = path.replace("{alert_id}", alert).replace("{name}", "SPO-SECRET")
        whole = whole.replace("{marker_id}", pair.queue()[0]["matches"][0]["marker"]).replace("{partner}", "any")
        for role in ("handler", "officer", "supervisor", "auditor", "admin"):
            answer = pair.one.client.get(whole, headers={"Authorization": f"Bearer {world.secrets[f'other-{role}']}"})
            assert answer.status_code in (200, 403, 404, 422), (whole, role)
            for word in ("SECRET", "900123", alert, "Owen", "Priya"):
                assert word not in answer.text or (word == alert and answer.status_code == 404), (whole, role, word)
            asked += answer.status_code == 200
    assert asked > 15
    world.db.close()


def _world_over(pair: Pair) -> World:
    return World(pair.url, pair.clock, None, dict(pair.one.secrets))  # type: ignore[arg-type]


def test_14_a_late_heartbeat_is_an_alert_and_one_that_is_not_expected_is_none(pair: Pair, url: str) -> None:
    put = {"source": "cad", "expected_every_s": 60}
    assert pair.one.client.put("/v1/sources", json=put, headers=pair.one.headers("Sam")).status_code == 200
    pair.one.post("/v1/heartbeats", {"source": "cad"}, "Tess")
    pair.clock.advance(seconds=61)
    heard = _listening(pair)
    assert heard == ["cad has fallen silent: neither an event nor a heartbeat for 60 s"]
    pair.move(pair.queue()[0]["id"], "resolve", {"outcome": "advice_given", "note": "mended"}, "Sam")
    assert (
        pair.one.client.put(
            "/v1/sources", json=put | {"expected_every_s": None}, headers=pair.one.headers("Sam")
        ).status_code
        == 200
    )
    pair.clock.advance(hours=2)
    assert _listening(pair) == []


def _listening(pair: Pair) -> list[str]:
    house = _house(pair)
    listen(Ground(house.db, pair.clock, house.intake, Reading(), "control-room", house.ids))
    return [because for alert in pair.queue() for because in alert["because"] if "silent" in because]


def _house(pair: Pair) -> Any:
    assert pair.one.app is not None
    return pair.one.app.state.house


@pytest.mark.parametrize("repeats", [200, pytest.param(1000, marks=pytest.mark.stress)])
def test_15_after_a_thousand_repeats_the_history_is_whole_and_the_state_before_comes_back(
    pair: Pair, repeats: int
) -> None:
    alert = pair.alert(call="T-1")
    pair.move(alert, "acknowledge")
    lines = "\n".join(json.dumps(an_event(call="T-1", **from_number())) for _ in range(repeats))
    answer = pair.one.client.post(
        "/v1/events/batch", content=lines,
        headers=pair.one.headers("Tess") | {"Content-Type": "application/x-ndjson"}, timeout=60,
    )  # fmt: skip
    assert {json.loads(line)["status"] for line in answer.text.splitlines()} == {201}
    seen = pair.read(alert)
    assert (seen["event_count"], len(seen["events"]), len(seen["history"])) == (repeats + 1, repeats + 1, repeats + 2)
    assert [line["version"] for line in seen["history"]] == list(range(1, repeats + 3))
    assert pair.move(alert, "release").json()["state"] == "raised"


def test_16_retention_removes_what_the_policy_says_and_says_so(pair: Pair) -> None:
    alert = pair.alert()
    pair.move(alert, "resolve", {"outcome": "attended", "note": "safe"})
    marker = pair.read(alert)["matches"][0]["marker"]
    pair.clock.advance(days=400)
    remove_what_has_expired(pair.db, pair.clock, Windows(timedelta(hours=72), timedelta(hours=72)))
    with pair.db.reading() as session:
        kept = [session.scalar(select(func.count()).select_from(model)) for model in (Alert, Event, HistoryLine)]
        assert kept == [1, 1, 2]
        assert session.scalar(select(func.count()).select_from(FeedChange)) == 0, "what a stream resumes from"
    pair.one.post(f"/v1/markers/{marker}/withdraw", {"reason": "ended"}, "Owen")
    assert pair.one.post(f"/v1/markers/{marker}/erase", {"reason": "period"}, "Owen").status_code == 204
    [entry] = pair.one.get("/v1/audit", "Ada", operation="erasure").json()["items"]
    assert [one["id"] for one in entry["objects"]] == [marker]


def test_17_a_long_queue_is_found_by_its_indexes_and_by_no_more_statements(pair: Pair) -> None:
    """How long that takes stands in `docs/explanation/performance.md`, beside that of a short one."""
    alert = pair.alert(call="T-1")
    with pair.db.transaction() as session:
        ids = new_ids()
        row = dict(session.execute(select(table_of(Alert))).mappings().one())
        rows = [row | {"id": ids(), "number": number, "subject": f"x:{number}"} for number in range(100, 5100)]
        session.execute(insert(table_of(Alert)), rows)
        desks = [{"force": "default", "alert_id": one["id"], "desk": "control-room", "level": 0} for one in rows]
        session.execute(insert(table_of(AlertDesk)), desks)
    with pair.db.transaction() as session:
        session.execute(text("ANALYZE"))
    with pair.db.reading() as session:
        asked = (
            "SELECT id FROM alerts WHERE force = 'default' AND audience IN ('open') AND state IN ('raised', 'acknowledged') "
            "ORDER BY priority_rank, raised_at, feed, number LIMIT 51"
        )
        late = "SELECT id FROM alerts WHERE (state = 'raised' OR awaiting IS NOT NULL) AND shelved_until IS NULL AND due_at <= '2000-01-01'"
        word = "EXPLAIN QUERY PLAN " if pair.url.startswith("sqlite") else "EXPLAIN "
        plans = ["\n".join(str(line) for line in session.execute(text(word + one))) for one in (asked, late)]
    assert "ix_alerts" in plans[1], plans[1]
    assert "Seq Scan on alerts" not in plans[1]
    assert len(pair.queue(limit=50)) == 50
    assert pair.move(alert, "acknowledge").status_code == 200
    assert pair.happen(call="T-1")["alerts"][0]["created"] is False


def test_18_a_flood_is_flagged_ends_and_the_most_pressing_stays_on_top(pair: Pair) -> None:
    for number in range(11):
        pair.alert(call=f"T-{number}")
    immediate = pair.alert(call="T-now", silent_solution=True)
    pair.clock.advance(minutes=9)
    assert pair.queue()[0]["id"] == immediate
    told = pair.one.get("/v1/measures", "Sam", until=(pair.clock.moment + timedelta(minutes=1)).isoformat()).json()[
        "items"
    ][0]
    assert (told["floods"], told["most_in_10_min"], told["too_many_at_the_top"]) == (1, 12.0, True)
    pair.clock.advance(hours=13)
    calm = pair.one.get("/v1/measures", "Sam").json()["items"][0]
    assert (calm["floods"], calm["alerts"]) == (0, 0)


def test_19_several_that_begin_on_an_empty_database_all_come_up(engines: Any) -> None:
    """With real processes: `tests/survival/test_races.py`."""
    with engines.empty() as url:
        assert at_once(*(lambda: migrate(url) for _ in range(3))) == [None] * 3
        with a_served(url) as one, a_served(url, secrets=one.secrets, clock=one.clock) as other:
            assert {at.client.get("/readyz").status_code for at in (one, other)} <= {200, 503}
            assert one.get("/v1/alerts").status_code == other.get("/v1/alerts").status_code == 200


def test_20_nothing_is_answered_without_a_token_and_known_secrets_are_refused_on_a_network(pair: Pair) -> None:
    """That `heed serve` refuses to start so: `tests/heed/test_command.py`."""
    document = pair.one.client.get("/openapi.json").json()
    asked = 0
    for path, methods in document["paths"].items():
        if path.startswith("/v1/"):
            for method in methods:
                whole = path.replace("{", "").replace("}", "")
                assert pair.one.client.request(method, whole, content="{}").status_code == 401, (method, path)
                asked += 1
    assert asked > 60
    zeros = base64.b64encode(bytes(32)).decode()
    assert KeyRing.parse(f"k1:{zeros}", zeros).looks_chosen, "bound off loopback, such a key is refused"


def test_21_a_token_that_is_revoked_ends_its_stream(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.stream.BEAT_S", 0.2)
    with pair.one.stream("Priya") as stream:
        stream.wait_for(lambda messages: any(one.event == "beat" for one in messages))
        with pair.db.transaction() as session:
            revoke(session, "Priya", "default", NOON)
        assert stream.ended.wait(10)
        seen = len(stream.of("alert"))
        pair.alert()
    assert len(stream.of("alert")) == seen


def test_22_a_restart_with_fifty_streams_ends_in_time_and_no_screen_misses_a_change(pair: Pair) -> None:
    first = pair.alert()
    with ExitStack() as stack:
        streams = [
            stack.enter_context(pair.one.stream(("Priya", "Owen")[number % 2], after="0")) for number in range(50)
        ]
        for stream in streams:
            stream.wait_for(lambda messages: any(one.event == "alert" for one in messages))
        pair.one.stop()
        for stream in streams:
            assert stream.ended.wait(10)
            assert stream.messages[-1].event == "bye"
        second = pair.alert(at=pair.other)
        for number, stream in list(enumerate(streams))[:4]:
            last = [one.id for one in stream.messages if one.id][-1]
            with pair.other.stream(("Priya", "Owen")[number % 2], last=last) as resumed:
                resumed.wait_for(lambda messages: [m.data["id"] for m in messages if m.event == "alert"] == [second])
    assert first != second
