"""`/v1/alerts`: the queue, one alert, and the moves."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.builders import HER_NUMBER, from_number, on_address, on_phone
from tests.world import World

MOVES: dict[str, dict[str, Any]] = {
    "acknowledge": {}, "release": {}, "assign": {"to": "Sam"}, "escalate": {}, "unshelve": {},
    "shelve": {"until": "2026-11-24T14:00:00Z", "reason": "waiting"}, "resolve": {"outcome": "attended", "note": "n"},
    "reopen": {"reason": "too early"}, "note": {"note": "n"},
}  # fmt: skip
ABSENT = "01a00000-0000-7000-8000-000000000000"


@pytest.fixture
def alert(world: World) -> dict[str, Any]:
    """One urgent alert, raised on her number."""
    world.place(on_phone(), reference="MRK-1")
    world.happen(call="T-1", **from_number())
    return world.alert()


# Who may not


@pytest.mark.parametrize("who", ["Tess", "Ada", "Alex"])
def test_integrations_auditors_and_admins_read_and_move_no_alert(world: World, alert: dict[str, Any], who: str) -> None:
    assert world.get("/v1/alerts", who).status_code == 403
    assert world.get(f"/v1/alerts/{alert['id']}", who).status_code == 403
    assert world.get("/v1/alerts/stream", who).status_code == 403
    for move in MOVES:
        answer = world.move(alert["id"], move, {"nonsense": True}, as_=who)
        assert (answer.status_code, answer.json()["type"]) == (403, "not-permitted")


@pytest.mark.parametrize("alert_id", [ABSENT, "nonsense", "1042", "%20"])
@pytest.mark.parametrize("move", MOVES)
def test_what_is_absent_or_malformed_is_one_404(world: World, alert_id: str, move: str) -> None:
    answer = world.move(alert_id, move, MOVES[move])
    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


def test_an_alert_of_another_desk_can_be_read_and_not_moved(world: World, alert: dict[str, Any]) -> None:
    assert world.queue("Dee") == []
    assert world.read(alert["id"], "Dee")["id"] == alert["id"]
    answer = world.move(alert["id"], "acknowledge", as_="Dee")
    assert (answer.status_code, answer.json()["type"]) == (403, "not-your-desk")


def test_the_body_is_judged_before_the_alert_is_looked_for(world: World) -> None:
    assert world.move(ABSENT, "resolve", {"outcome": "nonsense"}).status_code == 422


def test_no_token_comes_before_everything(world: World) -> None:
    answer = world.client.post(f"/v1/alerts/{ABSENT}/resolve", content=b"not json")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


# Reading


def test_an_alert_has_every_field_of_the_contract(alert: dict[str, Any], world: World) -> None:
    fields = """id number state shelved_until priority because response queue escalated_to incident call case raised_at
        due_at acknowledged_by assigned_to escalation_level matches related previous version event_count events""".split()
    assert set(fields) <= set(alert)
    assert "history" not in alert
    whole = world.read(alert["id"])
    assert [line["change"] for line in whole["history"]] == ["raised"]
    event_fields = (
        "event type occurred_at source channel silent_solution abandoned line phones locations summary".split()
    )
    assert set(event_fields) <= set(whole["events"][0])
    match_fields = "marker reference level score category risk instruction evidence".split()
    assert set(match_fields) <= set(whole["matches"][0])


@pytest.mark.parametrize("who", ["Priya", "Sam", "Owen"])
def test_nobody_receives_a_narrative_on_an_alert_and_everybody_the_instruction(world: World, who: str) -> None:
    world.place(on_phone(), narrative="SENTINEL", sensitivity="restricted", instruction="Send two.")
    world.happen(**from_number())
    answer = world.get("/v1/alerts", who)
    assert "SENTINEL" not in answer.text
    assert answer.json()["items"][0]["matches"][0]["instruction"] == "Send two."


def test_the_queue_stands_by_priority_and_then_by_age(world: World) -> None:
    world.place(on_phone(), risk="standard")
    world.happen(call="a", **from_number())
    world.clock.advance(seconds=1)
    world.happen(call="b", silent_solution=True, **from_number())
    world.clock.advance(seconds=1)
    world.happen(call="c", **from_number())
    assert [(alert["priority"], alert["call"]) for alert in world.queue()] == [
        ("immediate", "b"), ("routine", "a"), ("routine", "c"),
    ]  # fmt: skip


def test_pages_are_whole_and_in_order_also_when_alerts_come_meanwhile(world: World) -> None:
    world.place(on_phone())
    for number in range(7):
        world.happen(call=f"c{number}", **from_number())
    first = world.get("/v1/alerts", limit=3).json()
    world.happen(call="late", silent_solution=True, **from_number())
    second = world.get("/v1/alerts", limit=3, cursor=first["next_cursor"]).json()
    third = world.get("/v1/alerts", limit=3, cursor=second["next_cursor"]).json()
    calls = [alert["call"] for page in (first, second, third) for alert in page["items"]]
    assert calls == [f"c{number}" for number in range(7)]
    assert (third["next_cursor"], second["position"], third["position"]) == (None, first["position"], first["position"])


def test_a_cursor_of_another_filter_is_refused(world: World) -> None:
    world.place(on_phone())
    for _ in range(2):
        world.happen(**from_number())
    cursor = world.get("/v1/alerts", limit=1).json()["next_cursor"]
    for params in ({"state": "raised"}, {"queue": "x"}):
        answer = world.get("/v1/alerts", cursor=cursor, **params)
        assert (answer.status_code, answer.json()["type"]) == (422, "invalid-cursor")
    assert world.get("/v1/markers", "Priya", cursor=cursor).status_code == 422


@pytest.mark.parametrize("params", [{"limit": -1}, {"limit": 0}, {"limit": 201}, {"limit": "SENTINEL"}, {"state": "SENTINEL"},
                                    {"priority": "SENTINEL"}, {"cursor": "SENTINEL"}, {"queue": "SENTINEL\x00"},
                                    {"assigned_to": "\x00"}])  # fmt: skip
def test_a_bad_parameter_is_named_and_not_repeated(world: World, params: dict[str, Any]) -> None:
    answer = world.get("/v1/alerts", **params)
    assert answer.status_code == 422
    assert "SENTINEL" not in answer.text
    if "cursor" not in params:
        assert answer.json()["errors"][0]["at"] == next(iter(params))


def test_filters_narrow_the_queue(world: World) -> None:
    world.place(on_phone(), queue="dispatch")
    world.place(on_phone(), reference="B")
    world.happen(**from_number())
    assert [a["queue"] for a in world.queue(queue="dispatch")] == ["dispatch"]
    assert world.queue(queue="no-such-desk") == []
    assert [a["queue"] for a in world.queue("Dee")] == ["dispatch"]
    mine = world.alert(queue="control-room")["id"]
    world.move(mine, "assign", {"to": "Sam"})
    assert [a["id"] for a in world.queue(assigned_to="Sam")] == [mine]
    world.move(mine, "resolve", {"outcome": "attended"})
    assert [a["id"] for a in world.queue(state="resolved")] == [mine]
    assert {a["id"] for a in world.queue()} & {mine} == set()
    assert len(world.queue(priority="urgent")) == 1


def test_lists_hold_the_newest_20_events_and_one_alert_holds_all(world: World) -> None:
    world.place(on_phone())
    for number in range(25):
        world.happen(call="T-1", summary=str(number), **from_number())
    alert = world.alert()
    assert (alert["event_count"], [event["summary"] for event in alert["events"]]) == (
        25, [str(number) for number in range(24, 4, -1)],
    )  # fmt: skip
    whole = world.read(alert["id"])
    assert (len(whole["events"]), len(whole["history"])) == (25, 25)


# Moves


def test_acknowledging_twice_is_one_200_for_the_same_person_and_409_for_another(
    world: World, alert: dict[str, Any]
) -> None:
    assert world.move(alert["id"], "acknowledge").json()["version"] == 2
    again = world.move(alert["id"], "acknowledge")
    assert (again.status_code, again.json()["version"]) == (200, 2)
    other = world.move(alert["id"], "acknowledge", as_="Sam")
    assert (other.status_code, other.json()["type"], other.json()["acknowledged_by"]) == (
        409,
        "already-acknowledged",
        "Priya",
    )


def test_two_people_acknowledging_at_once_are_one_200_and_one_409_with_who_has_it(
    world: World, alert: dict[str, Any]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda who: world.move(alert["id"], "acknowledge", as_=who), ("Priya", "Sam")))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = next(answer.json()["acknowledged_by"] for answer in answers if answer.status_code == 200)
    assert next(answer.json()["acknowledged_by"] for answer in answers if answer.status_code == 409) == winner


def test_release_gives_the_alert_back_and_makes_it_due_anew(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "acknowledge")
    world.clock.advance(minutes=10)
    assert world.move(alert["id"], "release", as_="Owen").status_code == 409
    released = world.move(alert["id"], "release", {"note": "off shift"}).json()
    assert (released["state"], released["acknowledged_by"], released["due_at"]) == (
        "raised",
        None,
        "2026-11-24T12:12:00Z",
    )
    world.move(alert["id"], "acknowledge")
    assert world.move(alert["id"], "release", as_="Sam").status_code == 200


def test_assign_names_somebody_who_may_read_the_alert(world: World, alert: dict[str, Any]) -> None:
    assert world.move(alert["id"], "assign", {"to": "Owen"}).json()["assigned_to"] == "Owen"
    for name in ("Zebedee", "Tess", "Ada"):
        answer = world.move(alert["id"], "assign", {"to": name})
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "to")
        assert name not in answer.text


def test_escalate_goes_one_level_up_to_the_next_desk_which_may_then_move_too(
    world: World, alert: dict[str, Any]
) -> None:
    escalated = world.move(alert["id"], "escalate").json()
    assert (escalated["escalation_level"], escalated["escalated_to"], escalated["queue"]) == (
        1,
        ["supervisors"],
        "control-room",
    )
    assert [a["id"] for a in world.queue(queue="supervisors")] == [alert["id"]]


def test_shelving_stands_apart_from_the_state_and_always_ends(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "acknowledge")
    until = world.clock.moment + timedelta(hours=1)
    shelved = world.move(alert["id"], "shelve", {"until": until.isoformat(), "reason": "ring back"}).json()
    assert (shelved["state"], shelved["shelved_until"]) == ("acknowledged", "2026-11-24T13:00:00Z")
    back = world.move(alert["id"], "unshelve").json()
    assert (back["state"], back["shelved_until"]) == ("acknowledged", None)
    assert world.move(alert["id"], "unshelve").status_code == 409


@pytest.mark.parametrize(
    "until", ["2026-11-24T11:59:59Z", "2026-12-02T12:00:01Z", "2026-11-24T14:00:00", "tomorrow", 5, None]
)
def test_shelving_until_a_time_that_has_passed_or_never_comes_is_refused(
    world: World, alert: dict[str, Any], until: Any
) -> None:
    answer = world.move(alert["id"], "shelve", {"until": until, "reason": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "until")


def test_resolve_says_what_came_of_it_and_who_answered(world: World, alert: dict[str, Any]) -> None:
    resolved = world.move(alert["id"], "resolve", {"outcome": "passed_to_partner", "note": "Told the nurse."}).json()
    assert (resolved["state"], resolved["outcome"], resolved["acknowledged_by"]) == (
        "resolved",
        "passed_to_partner",
        "Priya",
    )
    assert resolved["history"][-1]["note"] == "Told the nurse."
    for move in set(MOVES) - {"note", "reopen"}:
        answer = world.move(alert["id"], move, MOVES[move])
        assert (answer.status_code, answer.json()["type"]) == (409, "move-not-allowed"), move


def test_a_resolution_can_be_taken_back_for_15_minutes(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "resolve", {"outcome": "attended"})
    world.clock.advance(minutes=14)
    reopened = world.move(alert["id"], "reopen", {"reason": "wrong alert"}).json()
    assert (reopened["state"], reopened["outcome"], reopened["acknowledged_by"]) == ("raised", None, None)
    assert [a["alert"] for a in world.happen(call="T-1")["alerts"]] == [alert["id"]]
    world.move(alert["id"], "resolve", {"outcome": "attended"})
    world.clock.advance(minutes=16)
    assert world.move(alert["id"], "reopen", {"reason": "x"}).status_code == 409


def test_reopening_beside_a_newer_open_alert_is_refused(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "resolve", {"outcome": "attended"})
    world.happen(call="T-1", **from_number())
    assert world.move(alert["id"], "reopen", {"reason": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("move", "body", "at"),
    [
        ("resolve", {}, "outcome"), ("resolve", {"outcome": "SENTINEL"}, "outcome"), ("resolve", {"outcome": 3}, "outcome"),
        ("shelve", {"until": "2026-11-24T14:00:00Z"}, "reason"), ("reopen", {}, "reason"), ("note", {}, "note"),
        ("note", {"note": ""}, "note"), ("note", {"note": "SENTINEL\x00"}, "note"), ("note", {"note": "\ud800"}, "note"),
        ("assign", {}, "to"), ("acknowledge", {"SENTINEL": 1}, "body"), ("note", {"note": {"SENTINEL": 1}}, "note"),
    ],
)  # fmt: skip
def test_a_bad_body_names_its_part_and_repeats_nothing(
    world: World, alert: dict[str, Any], move: str, body: Any, at: str
) -> None:
    answer = world.move(alert["id"], move, body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at)
    assert "SENTINEL" not in answer.text
    assert world.read(alert["id"])["version"] == 1


def test_an_absent_body_is_an_empty_one(world: World, alert: dict[str, Any]) -> None:
    answer = world.client.post(f"/v1/alerts/{alert['id']}/acknowledge", headers=world.headers("Priya"))
    assert answer.status_code == 200


def test_every_move_stands_in_the_history_with_who_and_its_words(world: World, alert: dict[str, Any]) -> None:
    for move in ("acknowledge", "note", "assign", "escalate", "shelve", "unshelve", "release", "resolve", "reopen"):
        assert world.move(alert["id"], move, MOVES[move]).status_code == 200, move
    history = world.read(alert["id"])["history"]
    assert [line["version"] for line in history] == list(range(1, 11))
    assert [line["change"] for line in history[1:]] == [
        "acknowledge", "note", "assign", "escalate", "shelve", "unshelve", "release", "resolve", "reopen",
    ]  # fmt: skip
    assert {line["by"] for line in history[1:]} == {"Priya"}
    assert history[5]["note"] == "waiting"
    assert history[3]["details"] == {"to": "Sam"}


# The version seen, and the same request again


def test_a_stale_version_is_412_with_the_version_and_who_has_it(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "acknowledge", as_="Sam")
    answer = world.move(alert["id"], "resolve", {"outcome": "attended"}, If_Match='"1"')
    assert (answer.status_code, answer.json()["version"], answer.json()["acknowledged_by"]) == (412, 2, "Sam")
    assert world.move(alert["id"], "note", {"note": "n"}, If_Match='"2"').status_code == 200
    assert world.move(alert["id"], "note", {"note": "n"}, If_Match="nonsense").status_code == 412
    assert world.move(alert["id"], "note", {"note": "n"}, If_Match="*").status_code == 200


def test_ones_own_move_repeated_with_the_version_first_seen_is_200_and_changes_nothing(
    world: World, alert: dict[str, Any]
) -> None:
    body = {"note": "She is safe."}
    assert world.move(alert["id"], "note", body, If_Match='"1"').json()["version"] == 2
    world.move(alert["id"], "acknowledge", as_="Sam")
    again = world.move(alert["id"], "note", body, If_Match='"1"')
    assert (again.status_code, again.json()["version"]) == (200, 3)
    assert world.move(alert["id"], "note", {"note": "Other words."}, If_Match='"1"').status_code == 412
    assert world.move(alert["id"], "note", body, as_="Owen", If_Match='"1"').status_code == 412


def test_a_version_that_has_passed_is_told_before_what_the_state_allows(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "resolve", {"outcome": "attended"}, as_="Sam")
    assert world.move(alert["id"], "acknowledge", If_Match='"1"').status_code == 412
    assert world.move(alert["id"], "acknowledge", If_Match='"2"').status_code == 409


def test_the_same_key_is_answered_as_the_first_was(world: World, alert: dict[str, Any]) -> None:
    first = world.move(alert["id"], "note", {"note": "n"}, Idempotency_Key="k-1")
    world.move(alert["id"], "acknowledge", as_="Sam")
    again = world.move(alert["id"], "note", {"note": "n"}, Idempotency_Key="k-1")
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (200, first.json(), "true")
    assert "idempotency-replayed" not in first.headers
    assert world.read(alert["id"])["version"] == 3


def test_the_same_key_with_another_request_is_422_and_anothers_key_is_their_own(
    world: World, alert: dict[str, Any]
) -> None:
    world.move(alert["id"], "note", {"note": "n"}, Idempotency_Key="k-1")
    for move, body in (("note", {"note": "other"}), ("acknowledge", {})):
        answer = world.move(alert["id"], move, body, Idempotency_Key="k-1")
        assert (answer.status_code, answer.json()["type"]) == (422, "idempotency-key-reused")
    assert world.move(alert["id"], "note", {"note": "n"}, as_="Sam", Idempotency_Key="k-1").status_code == 200
    assert world.read(alert["id"])["version"] == 3


def test_a_shelving_asked_again_after_its_time_has_passed_is_answered_as_it_was(
    world: World, alert: dict[str, Any]
) -> None:
    body = {"until": (world.clock.moment + timedelta(minutes=5)).isoformat(), "reason": "lunch"}
    first = world.move(alert["id"], "shelve", body, Idempotency_Key="k")
    world.clock.advance(minutes=10)
    again = world.move(alert["id"], "shelve", body, Idempotency_Key="k")
    assert (again.status_code, again.json()) == (200, first.json())
    assert world.move(alert["id"], "shelve", body, Idempotency_Key="other").status_code == 422


def test_one_key_on_several_alerts_at_once_is_one_200_and_422_for_the_rest(world: World) -> None:
    world.place(on_phone())
    alerts = [world.happen(**from_number())["alerts"][0]["alert"] for _ in range(4)]
    for round_ in range(5):
        together = threading.Barrier(4)

        def note(alert_id: str, key: str = f"k{round_}", start: threading.Barrier = together) -> int:
            start.wait()
            # Four writers on a machine with other work: 503 is unknown, and asked again, as everybody must.
            status = 503
            while status == 503:
                status = world.move(alert_id, "note", {"note": "n"}, Idempotency_Key=key).status_code
            return status

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(note, alerts)) == [200, 422, 422, 422]


def test_an_answer_that_cannot_be_opened_any_more_is_given_anew(world: World, alert: dict[str, Any]) -> None:
    world.move(alert["id"], "acknowledge", Idempotency_Key="k")
    with world.db.transaction() as session:
        session.execute(text("UPDATE move_keys SET answer_sealed = substr(answer_sealed, 1, 20)"))
    again = world.move(alert["id"], "acknowledge", Idempotency_Key="k")
    assert (again.status_code, again.json()["version"]) == (200, 2)


def test_resolving_and_reopening_at_once_never_leave_an_open_alert_that_nothing_joins(world: World) -> None:
    world.place(on_phone())
    for number in range(15):
        alert = world.happen(call=f"T-{number}", **from_number())["alerts"][0]["alert"]
        world.move(alert, "resolve", {"outcome": "attended"})
        world.move(alert, "reopen", {"reason": "r"})
        together = threading.Barrier(2)

        def do(move: str, body: dict[str, str], alert_id: str = alert, start: threading.Barrier = together) -> None:
            start.wait()
            world.move(alert_id, move, body)

        with ThreadPoolExecutor(2) as pool:
            for done in (
                pool.submit(do, "resolve", {"outcome": "attended"}),
                pool.submit(do, "reopen", {"reason": "r"}),
            ):
                done.result()
        receipt = world.happen(call=f"T-{number}", **from_number())
        state = world.read(alert)["state"]
        joined = [one["created"] for one in receipt["alerts"]] == [False]
        assert joined == (state != "resolved"), (number, state)


def test_an_alert_says_the_response_that_its_markers_require(world: World) -> None:
    world.place(on_phone(), case="X", response={"grade": "scheduled", "call_back": "free"})
    world.place(on_phone(), case="X", response={"grade": "priority", "call_back": "never", "code_word": "marigold"})
    world.place(on_address(), case="X", response={"grade": "immediate"})
    world.happen(phones=[{"number": HER_NUMBER, "role": "mentioned"}])
    alert = world.alert()
    assert alert["response"] == {"grade": "priority", "call_back": "never", "code_word": "marigold"}
    assert alert["priority"] == "urgent"


def test_a_required_immediate_response_makes_a_telling_match_immediate(world: World) -> None:
    world.place(on_phone(), risk="standard", response={"grade": "immediate"})
    assert world.happen(**from_number())["alerts"][0]["priority"] == "immediate"
    assert world.happen(**from_number(role="mentioned"))["alerts"][0]["priority"] == "routine"
