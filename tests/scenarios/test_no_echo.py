"""What was sent stands in no error, no log line and no metric, wherever it stood: also when the service itself fails.

Libraries that tell problems like to repeat the input; so do databases, in the detail of what they refuse.
"""

import copy
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.builders import a_marker, an_event, at_address, from_number, on_address, on_circle, on_phone
from tests.process import a_service, settings_of
from tests.survival.stage import FAULTY
from tests.world import a_world

SENTINEL = "Sentinel-Text-4711"
NUMBER = "+447700900999"
"""A number that Ofcom keeps for drama; nobody has it."""
SPOKEN = (SENTINEL, NUMBER, NUMBER[3:], "07700 900999")
PUT: tuple[Any, ...] = (SENTINEL, NUMBER, 7700900999, [SENTINEL], {SENTINEL: NUMBER}, {NUMBER: [SENTINEL]})
"""What is put in every place, one after the other."""

EVENT = an_event(
    call="T-1", incident="I-1", channel="999", summary="x", operator_note="x", line="open", attributes={"a": "b"},
    people=[{"name": "x", "role": "suspect"}], **from_number(), **at_address(),
)  # fmt: skip
MARKER = a_marker(
    on_phone(), on_address(), on_circle(), reference="R-1", narrative="x", queue="control-room", case="C-1",
    response={"grade": "urgent", "call_back": "never", "code_word": "x"}, valid_until="2027-11-24T00:00:00Z",
)  # fmt: skip
LOOKUP = {"phones": [{"number": "07700 900123", "role": "caller"}], "reason": "x", "incident": "x", **at_address()}
MOVES: dict[str, dict[str, Any]] = {
    "acknowledge": {}, "release": {}, "assign": {"to": "Sam"}, "escalate": {},
    "shelve": {"until": "2026-11-25T00:00:00Z", "reason": "x"}, "unshelve": {},
    "resolve": {"outcome": "attended", "note": "x"}, "reopen": {"reason": "x"}, "note": {"note": "x"},
}  # fmt: skip


def changed(body: Any) -> Iterator[Any]:
    """The body with each thing put in each of its places, and beside them; and in place of all of it."""
    for thing in PUT:
        for path in places(body):
            one = copy.deepcopy(body)
            at = one
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = thing
            yield one
        yield body | {SENTINEL: thing}
        yield thing


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield (*path, step)
        yield from places(value[step], (*path, step))


Asked = tuple[str, str, str, Any, dict[str, str], dict[str, str]]
"""Who asks, method, path, body, headers, query."""


def bodies() -> Iterator[Asked]:
    for body in changed(EVENT):
        yield "Tess", "POST", "/v1/events", body, {}, {}
    for body in changed(MARKER):
        yield "Owen", "POST", "/v1/markers", body, {}, {}
    for body in changed(LOOKUP):
        yield "Priya", "POST", "/v1/lookups", body, {}, {}
    for move, plain in MOVES.items():
        for body in changed(plain):
            yield "Priya", "POST", f"/v1/alerts/{{alert}}/{move}", body, {}, {}


def elsewhere() -> Iterator[Asked]:
    """In paths, queries and headers, where a proxy's log would keep it, too."""
    for text in (SENTINEL, NUMBER):
        yield "Priya", "GET", f"/v1/alerts/{text}", None, {}, {}
        yield "Priya", "GET", f"/v1/markers/{text}", None, {}, {}
        yield "Priya", "GET", f"/{text}", None, {}, {}
        yield "Priya", text, "/v1/alerts", None, {}, {}
        for name in ("cursor", "limit", "state", "queue", "after", SENTINEL):
            yield "Priya", "GET", "/v1/alerts", None, {}, {name: text}
            yield "Owen", "GET", "/v1/markers", None, {}, {name: text}
            yield "Ada", "GET", "/v1/audit", None, {}, {name: text}
        for name in ("since", "until", "object", "operation", "who"):
            yield "Ada", "GET", "/v1/audit", None, {}, {name: text}
        for name in ("status", "category", "case", "reference", "review_due_before"):
            yield "Owen", "GET", "/v1/markers", None, {}, {name: text}
        yield "Priya", "GET", "/v1/alerts/stream", None, {"Last-Event-ID": text}, {}
        yield "Priya", "GET", "/v1/alerts/stream", None, {}, {"after": text}
        for name in ("If-Match", "Idempotency-Key", "Content-Type", "Content-Encoding", "Authorization", "Accept"):
            yield "Priya", "POST", "/v1/alerts/{alert}/note", {"note": "x"}, {name: text}, {}
        yield "Owen", "POST", "/v1/markers/import", f"{text},{NUMBER}\n1,2\n".encode(), {"Content-Type": "text/csv"}, {}
        row = f'reference,category,risk,instruction,phones\n{text},x,{text},x,{text}\n{text}\n"{text}'
        yield "Owen", "POST", "/v1/markers/import", row.encode(), {"Content-Type": "text/csv"}, {}
        yield "Tess", "POST", "/v1/events", f'{{"{text}": {text}'.encode(), {}, {}
        yield "Tess", "POST", "/v1/events", f'{{"{text}": 1, "{text}": 2}}'.encode(), {}, {}
        for kind in ("application/x-ndjson", "application/cloudevents+json"):
            path = "/v1/events/batch" if "ndjson" in kind else "/v1/events"
            yield (
                "Tess",
                "POST",
                path,
                json.dumps({"id": text, "data": {text: text}}).encode(),
                {"Content-Type": kind},
                {},
            )


@pytest.mark.timeout(300)
def test_no_answer_log_line_or_metric_repeats_what_was_sent(url: str, tmp_path: Path) -> None:
    with a_world(url) as world:
        world.place(on_phone())
        alert = world.happen(**from_number())["alerts"][0]["alert"]
        secrets = world.secrets
    settings = settings_of(url, SURVIVAL_MUTATION="fail_on_what_was_sent", SURVIVAL_SENTINEL=f"fails: {SENTINEL}")
    told: Counter[int] = Counter()
    with a_service(tmp_path, settings, program=FAULTY) as service, httpx2.Client(base_url=service.base_url) as client:

        def ask(asked: Asked) -> Any:
            who, method, path, body, headers, query = asked
            mine = {"Authorization": f"Bearer {secrets[who]}", "Content-Type": "application/json"} | headers
            content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            this: dict[str, Any] = {"content": content, "headers": mine, "params": query, "timeout": 30}
            answer = client.request(method, path.replace("{alert}", alert), **this)
            for _ in range(20):
                if answer.status_code != 503:
                    break
                # A slow machine: nobody knows yet, and who sent it asks again.
                assert not [text for text in SPOKEN if text in answer.text]
                time.sleep(0.2)
                answer = client.request(method, path.replace("{alert}", alert), **this)
            told[answer.status_code] += 1
            return answer

        for asked in (*bodies(), *elsewhere()):
            answer = ask(asked)
            # Who placed a marker or made a note is answered with it; a post's own receipt names no text.
            if answer.status_code >= 400 or asked[2].startswith("/v1/events"):
                said = answer.text + str(dict(answer.headers))
                assert not [text for text in SPOKEN if text in said], (asked, said)
        failing = {"summary": f"fails: {SENTINEL} {NUMBER}"}
        for asked in (
            ("Tess", "POST", "/v1/events", an_event() | failing, {}, {}),
            ("Owen", "POST", "/v1/markers", a_marker(reference=f"fails: {SENTINEL}"), {}, {}),
            ("Priya", "POST", "/v1/lookups", LOOKUP | {"reason": f"fails: {SENTINEL} {NUMBER}"}, {}, {}),
        ):
            answer = ask(asked)
            assert answer.status_code == 500, answer.text
            assert not [text for text in SPOKEN if text in answer.text]
        metrics = client.get("/metrics").text
        assert not [text for text in SPOKEN if text in metrics]
        service.end()
    lines = "".join(service.said)
    assert "unexpected error" in lines
    assert not [text for text in SPOKEN if text in lines]
    assert {status for status in told if status >= 500} == {500}
    assert told[500] == 3
    assert {201, 404, 405, 415, 422} <= told.keys()
