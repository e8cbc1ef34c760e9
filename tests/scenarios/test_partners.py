"""Telling others: signed, in order, until it arrives; each partner what its agreement allows, each time in the trail."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from access.slices import Ledger
from access.trail import Recorder
from alerts.partners import forget_notices
from db.ids import new_ids
from heed.courier import Answered, Courier, Letter, send
from tests.builders import HER_NUMBER, NOON, at_address, from_number, on_phone
from tests.partner import Endpoint, an_endpoint
from tests.scenarios.safeguarding import a_case, call, open_case, record_order
from tests.world import CIRCLE, World

pytestmark = pytest.mark.usefixtures("no_other_courier", "no_other_watch")
ALL = ["alert", "instruction", "location", "order", "outcome"]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setattr("heed.courier.ANSWERED_WITHIN_S", 1.5)
    with an_endpoint() as made:
        yield made


def connect(world: World, endpoint: Endpoint | None = None, as_: str = "Alex", **more: Any) -> Any:
    body = {"partner": "housing", "url": endpoint.url if endpoint else "https://hooks.example/heed"} | more
    return world.client.put("/v1/partners", json=body, headers=world.headers(as_))


def agree(world: World, *may: str, partner: str = "housing", **more: Any) -> dict[str, Any]:
    return open_case(world, partners=[{"partner": partner, "may_receive": list(may)}], **more)


def carry(world: World, partner: str = "housing", *, by: Any = None) -> None:
    """One turn of the courier for this partner, by this moment of the clock."""
    house = world.client.app.state.house  # type: ignore[attr-defined]
    recorder = Recorder(new_ids(), Ledger("test"))
    courier = Courier(world.db, world.clock, recorder, house.intake, "control-room", by or send)
    courier.serve("default", partner)


def happened(world: World, **more: Any) -> dict[str, Any]:
    """A marker of the case, and a call that raises its alert."""
    world.place(on_phone(), case="SPO-17", instruction="Send two.", narrative="secret background")
    world.happen(**(from_number() | at_address() | {"call": "T-1"} | more))
    return world.alert()


def kinds(endpoint: Endpoint) -> list[str]:
    return [body["type"].rpartition(".")[2] for body in endpoint.bodies()]


def notices(world: World, as_: str = "Alex", **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = world.get("/v1/partners/housing/notices", as_, **params).json()["items"]
    return items


def test_a_partner_is_told_signed_in_cloudevents_and_it_stands_in_the_trail(world: World, endpoint: Endpoint) -> None:
    secret = connect(world, endpoint).json()["secret"]
    agree(world, "alert")
    alert = happened(world)
    carry(world)
    [(headers, body)] = endpoint.got
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    stamped = Webhook(secret).sign(headers["webhook-id"], world.clock.moment, body)
    assert headers["webhook-signature"] == stamped
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    told = json.loads(body)
    assert (told["specversion"], told["type"], told["id"]) == ("1.0", "heed.alert.raised", headers["webhook-id"])
    assert told["data"] == {
        "case": "SPO-17", "alert": alert["id"], "number": alert["number"], "priority": "urgent", "state": "raised",
        "raised_at": alert["raised_at"], "event_count": 1,
    }  # fmt: skip
    [entry] = world.get("/v1/audit", "Ada", operation="disclosure").json()["items"]
    assert (entry["who"], entry["action"]) == ("heed", "tell_partner")
    assert entry["reason"] == "housing: agreement of case SPO-17: alert"
    assert {one["kind"] for one in entry["objects"]} == {"partner", "alert", "case"}
    [told_of] = notices(world)
    assert (told_of["state"], told_of["attempts"], told_of["failed_with"]) == ("sent", 0, None)


@pytest.mark.parametrize("may", [[one] for one in ALL] + [ALL, []], ids=str)
def test_each_partner_is_given_those_fields_alone_that_its_agreement_allows(
    world: World, endpoint: Endpoint, may: list[str]
) -> None:
    connect(world, endpoint)
    agree(world, *may)
    record_order(world)
    alert = happened(world)
    world.happen(**(call() | {"call": "T-1"}))
    world.move(alert["id"], "resolve", {"outcome": "attended", "breach": "confirmed", "note": "private words"}, "Sam")
    for _ in range(3):
        carry(world)
    has = {name for body in endpoint.bodies() for name in body["data"]}
    allowed = {
        "alert": {"alert", "number", "priority", "state", "raised_at", "event_count"}, "instruction": {"instructions", "required"},
        "location": {"locations"}, "order": {"conditions"}, "outcome": {"outcome", "breach"},
    }  # fmt: skip
    is_told = {"alert", "outcome"} & set(may)
    assert has == ({"case"}.union(*(allowed[one] for one in may)) if is_told else set())
    everything = json.dumps(endpoint.bodies())
    assert "secret background" not in everything
    assert "private words" not in everything
    assert ("Send two." in everything) == ("instruction" in may and bool(is_told))
    assert ("Bold Street" in everything) == ("location" in may and bool(is_told))
    assert HER_NUMBER not in everything


def test_the_agreement_that_stands_when_it_is_sent_counts(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    case = agree(world, *ALL)
    happened(world)
    patched = world.patch("/v1/cases/SPO-17", {"partners": []}, "Owen", **{"If-Match": f'"{case["version"]}"'})
    assert patched.status_code == 200, patched.text
    carry(world)
    assert endpoint.got == []
    assert [one["failed_with"] for one in notices(world, state="sent")] == ["no agreement"]
    assert world.get("/v1/audit", "Ada", operation="disclosure").json()["items"] == []


def test_in_order_and_only_what_is_a_partners_to_know(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    world.move(alert["id"], "acknowledge")
    world.move(alert["id"], "note", {"note": "x"})
    world.happen(call="T-1", silent_solution=True, **from_number())
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    world.move(alert["id"], "reopen", {"reason": "not yet"}, "Sam")
    carry(world)
    assert kinds(endpoint) == ["raised", "priority_changed", "resolved", "reopened"]
    assert [body["sequence"] for body in endpoint.bodies()] == ["1", "2", "3", "4"]


def test_an_endpoint_that_is_down_for_an_hour_gets_each_once_it_is_back_in_order_under_its_id(
    world: World, endpoint: Endpoint
) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    ids = [one["id"] for one in notices(world)]
    endpoint.answers = ["drop", "500", "hang", "500"]
    tries = 0
    while world.clock.moment < NOON + timedelta(hours=1):
        carry(world)
        tries += 1
        world.clock.moment = _moment(notices(world)[0]["next_at"])
    assert {headers["webhook-id"] for headers, _ in endpoint.got} == {ids[0]}, "the second waits for the first"
    assert len({body for _, body in endpoint.got}) == 1, "each try says the same"
    assert 12 <= tries <= 20
    endpoint.answers = ["ok"]
    carry(world)
    assert [headers["webhook-id"] for headers, _ in endpoint.got][-2:] == ids
    assert [one["state"] for one in notices(world)] == ["sent", "sent"]
    disclosed = world.get("/v1/audit", "Ada", operation="disclosure", limit=100).json()["items"]
    assert len(disclosed) == len(endpoint.got) == tries + 2, "each try may have told, and is recorded"


def _moment(text: str) -> Any:
    return NOON.fromisoformat(text.replace("Z", "+00:00"))


def test_an_endpoint_that_answers_twice_is_told_the_next_one_all_the_same(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    endpoint.answers = ["twice"]
    carry(world)
    assert kinds(endpoint) == ["raised", "resolved"]
    assert [one["state"] for one in notices(world)] == ["sent", "sent"]


@pytest.fixture
def _a_busy_machine_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds are the service's patience, and not what is tested here."""
    monkeypatch.setattr("heed.courier.ANSWERED_WITHIN_S", 90.0)


@pytest.mark.usefixtures("_a_busy_machine_is_waited_for")
@pytest.mark.parametrize(
    ("answer", "waits"), [("503 120", 120), ("503 999999", 3600), ("429 1", 5), ("302", 5), ("500", 5)]
)
def test_what_a_partner_asks_for_is_heeded_within_reason(
    world: World, endpoint: Endpoint, answer: str, waits: int
) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    happened(world)
    endpoint.answers = [answer]
    carry(world)
    [waiting] = notices(world)
    assert _moment(waiting["next_at"]) - NOON == timedelta(seconds=waits)
    assert waiting["failed_with"] == f"status {answer.partition(' ')[0]}"
    carry(world)
    assert len(endpoint.got) == 1, "not before its time"


def test_what_is_given_up_is_listed_raises_an_alert_and_can_be_sent_again(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    endpoint.answers = ["500"]
    carry(world)
    world.clock.advance(hours=24)
    carry(world)
    [dead] = notices(world, state="dead")
    assert (dead["attempts"], dead["failed_with"]) == (2, "status 500")
    told = _queued(world, "could not be told")
    assert (told["priority"], told["queue"]) == ("routine", alert["queue"])
    endpoint.answers = ["ok"]
    assert world.post("/v1/partners/housing/replay", {"notices": [dead["id"]]}, "Alex").json() == {"replayed": 1}
    carry(world)
    assert [headers["webhook-id"] for headers, _ in endpoint.got] == [dead["id"]] * 3
    assert notices(world)[0]["state"] == "sent"
    assert world.post("/v1/partners/housing/replay", {}, "Alex").json() == {"replayed": 0}


def _queued(world: World, words: str) -> dict[str, Any]:
    for _ in range(50):
        found = [one for one in world.queue() if any(words in because for because in one["because"])]
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(words)


def test_one_who_is_gone_is_given_up_at_once(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    happened(world)
    endpoint.answers = ["410"]
    carry(world)
    assert [one["state"] for one in notices(world)] == ["dead"]


def test_two_processes_send_to_one_partner_one_at_a_time(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    sent: list[str] = []

    def meanwhile(letter: Letter) -> Answered:
        sent.append(letter.headers["webhook-id"])
        house = world.client.app.state.house  # type: ignore[attr-defined]
        other = Courier(world.db, world.clock, Recorder(new_ids(), Ledger("other")), house.intake, "control-room")
        assert other._due() == [], "its turn is another's"
        return Answered()

    carry(world, by=meanwhile)
    assert sent == [one["id"] for one in notices(world)]


def test_a_new_secret_signs_beside_the_old_one_for_a_day(world: World, endpoint: Endpoint) -> None:
    first = connect(world, endpoint).json()["secret"]
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert connect(world, endpoint).json()["secret"] is None, "told once"
    second = world.post("/v1/partners/housing/secret", {}, "Alex").json()["secret"]
    agree(world, *ALL)
    alert = happened(world)
    carry(world)
    assert _signers(endpoint, first, second, world) == [second, first]
    world.clock.advance(days=2)
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    carry(world)
    assert _signers(endpoint, first, second, world) == [second]


def _signers(endpoint: Endpoint, first: str, second: str, world: World) -> list[str]:
    headers, body = endpoint.got[-1]
    by = {Webhook(one).sign(headers["webhook-id"], world.clock.moment, body): one for one in (first, second)}
    return [by[signature] for signature in headers["webhook-signature"].split(" ")]


def test_several_desks_are_one_notice(world: World, endpoint: Endpoint) -> None:
    rules = {"rules": [{"name": "both", "desks": ["call-taking", "dispatch"]}]}
    world.client.put("/v1/routing", json=rules, headers=world.headers("Sam"))
    connect(world, endpoint)
    agree(world, *ALL)
    world.place(on_phone(), case="SPO-17")
    world.happen(**from_number())
    for alert in world.queue("Owen"):
        world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    carry(world)
    assert kinds(endpoint) == ["raised", "resolved"]


def test_a_circle_tells_whom_its_own_case_names_and_nobody_else_can_count_it(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, case="CP-1")
    case = world.get("/v1/cases/CP-1", "Noor").json()
    partners = [{"partner": "housing", "may_receive": ["alert"]}]
    body = {"deputy": "Kit", "team": "pp", "partners": partners}
    assert world.patch("/v1/cases/CP-1", body, "Noor", **{"If-Match": f'"{case["version"]}"'}).status_code == 200
    world.happen(**from_number())
    [seen] = world.get("/v1/partners", "Alex").json()["items"]
    assert (seen["waiting"], notices(world)) == (0, [])
    carry(world)
    [told] = endpoint.bodies()
    assert told["data"]["number"] == "c1"
    [seen] = world.get("/v1/partners", "Alex").json()["items"]
    assert (seen["sent"], seen["last_sent_at"]) == (0, None)
    assert world.get("/v1/audit", "Ada", operation="disclosure").json()["items"] == []


def test_a_partner_that_is_not_enabled_waits_and_one_that_no_case_names_is_told_nothing(
    world: World, endpoint: Endpoint
) -> None:
    connect(world, endpoint)
    connect(world, endpoint, partner="stranger")
    agree(world, *ALL)
    happened(world)
    connect(world, endpoint, enabled=False)
    carry(world)
    carry(world, "stranger")
    assert endpoint.got == []
    connect(world, endpoint)
    carry(world)
    assert kinds(endpoint) == ["raised"]


def test_without_partners_nothing_is_queued_and_what_arrived_is_forgotten_in_time(
    world: World, endpoint: Endpoint
) -> None:
    agree(world, *ALL)
    happened(world)
    connect(world, endpoint)
    assert notices(world) == []
    world.move(world.alert()["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    carry(world)
    with world.db.transaction() as session:
        assert forget_notices(session, world.clock.moment + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"url": "http://hooks.example/"}, "url"), ({"url": "ftp://x/"}, "url"), ({"url": "https://"}, "url"),
        ({"url": "https://user:pass@host/"}, "url"), ({"url": "https://host:99999/"}, "url"), ({"url": 5}, "url"),
        ({"url": "https://ho st/"}, "url"), ({"partner": ""}, "partner"), ({"enabled": "yes"}, "enabled"), ({"more": 1}, "body"),
    ],
)  # fmt: skip
def test_bad_input_is_named(world: World, body: dict[str, Any], at: str) -> None:
    answer = connect(world, None, **body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at), answer.text
    for who in ("Priya", "Owen", "Tess", "Ada"):
        assert connect(world, None, who, **body).status_code == 403
        assert world.get("/v1/partners", who).status_code == 403
    assert world.get("/v1/partners", "Sam").json()["items"] == []
    assert world.post("/v1/partners/nobody/secret", {}, "Alex").status_code == 404
    assert world.post("/v1/partners/nobody/replay", {"notices": ["x"]}, "Alex").status_code == 422
    assert world.get("/v1/partners/nobody/notices", "Alex", state="odd").status_code == 422
    assert a_case()["reference"] == "SPO-17"


def test_what_comes_while_it_is_disabled_waits_until_it_is_enabled_again(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    connect(world, endpoint, enabled=False)
    happened(world)
    carry(world)
    assert (endpoint.got, [one["state"] for one in notices(world)]) == ([], ["waiting"])
    connect(world, endpoint)
    carry(world)
    assert kinds(endpoint) == ["raised"]


def test_a_notice_says_what_was_so_when_it_happened_however_late_it_is_sent(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    world.happen(call="T-1", silent_solution=True, **from_number())
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    carry(world)
    told = [(body["data"]["state"], body["data"]["priority"]) for body in endpoint.bodies()]
    assert told == [("raised", "urgent"), ("raised", "immediate"), ("resolved", "immediate")]


def test_one_that_drips_its_answer_is_no_answer_and_holds_nobody_up(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    happened(world)
    endpoint.answers = ["drip"]
    began = time.monotonic()
    carry(world)
    assert time.monotonic() - began < 5, "a second and a half here"
    [waiting] = notices(world)
    assert (waiting["state"], waiting["failed_with"]) == ("waiting", "no answer in time")


def test_what_is_given_up_is_one_alert_a_partner_that_names_the_alert(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    agree(world, *ALL)
    alert = happened(world)
    world.move(alert["id"], "resolve", {"outcome": "attended", "note": "safe"}, "Sam")
    endpoint.answers = ["410"]
    for _ in range(3):
        carry(world)
    told = [because for one in world.queue() for because in one["because"] if "could not be told" in because]
    assert told == [f"the partner housing could not be told of alert {alert['number']}: status 410"]
    assert [one["state"] for one in notices(world)] == ["dead", "dead"]


def test_a_case_says_whether_the_partner_that_it_names_is_told_anything(world: World, endpoint: Endpoint) -> None:
    connect(world, endpoint)
    partners = [{"partner": name, "may_receive": ["alert"]} for name in ("housing", "huosing")]
    case = open_case(world, partners=partners)
    assert [one["told"] for one in case["partners"]] == [True, False]
    again = world.patch(
        "/v1/cases/SPO-17", {"partners": case["partners"]}, "Owen", **{"If-Match": f'"{case["version"]}"'}
    )
    assert again.status_code == 200, "as it was read it can be sent back"
    assert connect(world, endpoint, partner="a/b").json()["errors"][0]["at"] == "partner"
    assert world.get("/v1/partners/huosing/notices", "Alex").status_code == 404
    assert world.post("/v1/partners/huosing/replay", {}, "Alex").status_code == 404
