"""Every example in the README and the docs is run as it is printed, or stands in a list that says why not."""

import csv
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from markers.cases.rules.words import ReviewKind
from tests.builders import HER_NUMBER, from_number, on_phone
from tests.process import a_service, environment, heed, settings_of
from tests.scenarios.safeguarding import open_case
from tests.served import Served, a_served
from tests.web.test_imports import a_file, a_row
from tests.world import World
from web.bodies.rows import COLUMNS

ROOT = Path(__file__).parents[2]
Place = tuple[str, int]
"""A page, and the how-manieth block of it."""

TUTORIAL = "docs/tutorial/first-alert.md"
TELEPHONY = "docs/how-to/connect-a-telephony-platform.md"
IMPORT = "docs/how-to/bring-your-markers-in.md"
DRILL = "docs/how-to/prove-that-a-marker-fires.md"
VERIFY = "docs/how-to/verify-the-trail.md"
API = "docs/reference/api.md"
MATCHING = "docs/how-to/judge-the-matching.md"
GAZETTEER = "docs/how-to/load-a-gazetteer.md"

HAND_OVER = "docs/how-to/hand-over-a-shift.md"
LOOK_AFTER = "docs/how-to/look-after-markers.md"
PARTNER = "docs/how-to/connect-a-partner.md"
SOURCE = "docs/how-to/connect-a-source.md"
PLACE = "docs/how-to/place-a-marker.md"
ORDER = "docs/how-to/record-an-order.md"

RUN: dict[str, int] = {
    PLACE: 1,
    ORDER: 1,
    TUTORIAL: 10,
    IMPORT: 4,
    DRILL: 3,
    VERIFY: 3,
    API: 7,
    MATCHING: 2,
    GAZETTEER: 2,
    HAND_OVER: 4,
    LOOK_AFTER: 5,
    PARTNER: 3,
    SOURCE: 3,
}
"""Pages whose blocks are run here, and how many they have."""
RUN_ELSEWHERE: dict[Place, str] = {
    (TELEPHONY, 0): "tests/heed/test_command.py makes tokens",
    (TELEPHONY, 1): "tests/scenarios/test_how_to.py", (TELEPHONY, 2): "tests/scenarios/test_how_to.py",
    (TELEPHONY, 3): "tests/scenarios/test_how_to.py",
    ("README.md", 0): "make demo: tests/heed/test_command.py plays the demonstration",
    ("README.md", 1): "make test: it is what runs this",
    ("README.md", 2): "an installation needs a fresh environment: it is what CI does before it runs this",
    ("docs/how-to/serve-the-console.md", 0): "a proxy's own configuration: there is none in the tests",
    ("docs/how-to/run-on-postgresql.md", 0): "a machine's own PostgreSQL; the commands are run on one by tests/heed",
}  # fmt: skip


def pages() -> list[str]:
    return ["README.md", *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").rglob("*.md")))]


def blocks(page: str) -> list[str]:
    found = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)
    return [str(block) for block in found]


def test_every_example_is_run_or_says_where() -> None:
    there = {(page, number) for page in pages() for number in range(len(blocks(page)))}
    told = {(page, number) for page, count in RUN.items() for number in range(count)} | RUN_ELSEWHERE.keys()
    assert there == told


def sh(script: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """As somebody types it; any line that fails ends it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    given = environment(folder, **variables) | {"PATH": path}
    return subprocess.run(
        ["sh", "-euc", script], cwd=folder, env=given, capture_output=True, text=True, timeout=90, check=False
    )


def test_the_tutorial_is_told_as_it_happens(tmp_path: Path) -> None:
    _, serve, *steps = blocks(TUTORIAL)
    assert serve.split() == ["heed", "serve", "--migrate"]
    with a_service(tmp_path, {}) as service:
        script = ""
        for step in steps:
            # The stream goes on until its reader leaves: here after a moment, which is no failure.
            ends = "|| true" if "curl -sN" in step else ""
            here = step.strip().replace("http://127.0.0.1:8000", service.base_url).replace("-sN", "-sN --max-time 2")
            script += f"{{ {here}\n}} {ends}\necho; echo ======\n"
        told = sh(script, tmp_path)
    assert told.returncode == 0, told.stderr
    _, marker, event, queue, acknowledged, resolved, stream, verified, _ = told.stdout.split("======\n")
    assert json.loads(marker)["reference"] == "MRK-1"
    [alert] = json.loads(event)["alerts"]
    assert (alert["created"], alert["priority"]) == (True, "immediate")
    [listed] = json.loads(queue)["items"]
    assert listed["matches"][0]["instruction"] == "Treat as urgent. Do not ring this number back."
    assert json.loads(acknowledged)["acknowledged_by"] == "Priya"
    assert json.loads(resolved)["state"] == "resolved"
    assert "event: beat" in stream
    assert verified.startswith("intact: ")


@pytest.fixture
def served(url: str) -> Any:
    with a_served(url) as running:
        yield running


def given_in(page: str, holding: str) -> dict[str, Any]:
    """The JSON block of a page that holds these words."""
    [block] = [block for block in blocks(page) if holding in block and block.startswith("{")]
    found: dict[str, Any] = json.loads(block)
    return found


def same_shape(printed: Any, answered: Any) -> None:
    """What is printed has the names that are answered, all the way down."""
    if isinstance(printed, dict):
        assert printed.keys() == answered.keys()
        for name, value in printed.items():
            same_shape(value, answered[name])
    elif isinstance(printed, list) and printed and answered:
        same_shape(printed[0], answered[0])


def test_the_reference_prints_what_is_taken_and_answered(served: Served) -> None:
    marker = served.post("/v1/markers", given_in(API, '"targets"') | {"valid_from": None}, "Owen")
    assert marker.status_code == 201, marker.text
    event = served.post("/v1/events", given_in(API, '"silent_solution"') | {"phones": [
        {"number": HER_NUMBER, "role": "caller"}, {"number": "twelve", "role": "mentioned"},
    ]})  # fmt: skip
    assert event.status_code == 201
    same_shape(given_in(API, '"replayed"'), event.json())
    looked_up = served.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, "Priya")
    same_shape(given_in(API, '"understood"'), looked_up.json())
    same_shape(given_in(API, '"next_cursor"'), served.get("/v1/audit", "Ada", operation="consultation").json())


def test_cases_and_orders_are_taken_as_printed(served: Served) -> None:
    case = served.post("/v1/cases", given_in(API, '"partners"'), "Owen")
    assert case.status_code == 201, case.text
    order = served.post("/v1/orders", given_in(API, '"court_reference"'), "Owen")
    assert (order.status_code, order.json()["warnings"]) == (201, []), order.text
    [as_told] = [json.loads(block) for block in blocks(ORDER)]
    again = served.post("/v1/orders", as_told | {"reference": "ORD-2"}, "Owen")
    assert (again.status_code, again.json()["warnings"]) == (201, []), again.text
    [marker] = [json.loads(block) for block in blocks(PLACE)]
    placed = served.post("/v1/markers", marker, "Owen")
    assert (placed.status_code, placed.json()["warnings"]) == (201, []), placed.text


def test_a_drill_is_asked_for_as_printed(served: Served, tmp_path: Path) -> None:
    refusal, asks, answer = blocks(DRILL)
    body = {"category": "x", "risk": "high", "instruction": "x"}
    address = {"address": {"text": "New House, Ely"}}
    refused = served.post("/v1/markers", body | {"targets": [address]}, "Owen").json()
    assert {**json.loads(refusal), "title": 0, "detail": 0}.keys() == refused.keys()
    assert json.loads(refusal)["errors"] == refused["errors"]
    marker = served.post("/v1/markers", body | {"targets": [on_phone()]}, "Owen").json()["id"]
    told = sh(asks, tmp_path, HEED=served.base_url, MARKER=marker, OFFICER=served.secrets["Owen"])
    assert json.loads(told.stdout) == json.loads(answer)


def test_markers_are_brought_in_and_out_as_printed(tmp_path: Path) -> None:
    header, bring, _, out = blocks(IMPORT)
    assert tuple(next(csv.reader([header.strip()]))) == COLUMNS
    assert heed(tmp_path, "db", "upgrade").returncode == 0
    made = heed(tmp_path, "token", "create", "--role", "officer", "--name", "Owen")
    assert made.returncode == 0, made.stderr
    (tmp_path / "markers.csv").write_bytes(a_file(a_row("M-1"), a_row("M-2", phones="07700 900124")))
    told = sh(bring + out, tmp_path)
    assert (told.returncode, told.stdout.splitlines()) == (
        0, ["dry run, nothing was kept: 2 placed", "done: 2 placed"],
    )  # fmt: skip
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 3


def test_the_report_is_as_printed(world: World) -> None:
    report = blocks(IMPORT)[2]
    headers = world.headers("Owen") | {"Content-Type": "text/csv"}
    data = a_file(a_row("M-1"), a_row("M-2", risk="huge"))
    answer = world.client.post("/v1/markers/import", content=data, headers=headers).json()
    same_shape(json.loads(report), answer)
    assert json.loads(report)["refusals"] == answer["refusals"]


def test_the_trail_is_verified_as_printed(tmp_path: Path) -> None:
    asks, intact, broken = blocks(VERIFY)
    assert heed(tmp_path, "db", "upgrade").returncode == 0
    for name in ("Owen", "Priya"):
        assert heed(tmp_path, "token", "create", "--role", "officer", "--name", name).returncode == 0
    assert re.sub(r"[\d,]+", "N", sh(asks, tmp_path).stdout) == re.sub(r"[\d,]+", "N", intact)
    told = sh(
        "python3 -c \"import sqlite3; c = sqlite3.connect('heed.sqlite'); "
        "c.execute('UPDATE trail_entries SET who = 1'); c.commit()\"", tmp_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    found = sh(asks, tmp_path)
    assert found.returncode == 1
    numbers = re.compile(r"[0-9a-f]{8}-[0-9a-f-]+|01a2…|[\d,]+")
    assert numbers.sub("N", found.stdout) == numbers.sub("N", broken)


def test_pairs_are_judged_as_printed(tmp_path: Path) -> None:
    pairs, command = blocks(MATCHING)
    (tmp_path / "pairs.jsonl").write_text(pairs)
    told = heed(tmp_path, *command.split()[1:], COLUMNS="160")
    assert told.returncode == 0, told.stderr
    assert "recall, same premises" in told.stdout
    assert "flat behind" in (tmp_path / "report.html").read_text()


def test_a_gazetteer_is_loaded_as_printed(url: str, tmp_path: Path) -> None:
    rows, command = blocks(GAZETTEER)
    (tmp_path / "gazetteer.csv").write_text(rows)
    told = heed(tmp_path, *command.split()[1:], **settings_of(url))
    assert (told.returncode, told.stdout) == (0, "done: 2 kept\n"), told.stderr


def test_a_shift_is_handed_over_and_desks_are_set_as_the_page_says(world: World) -> None:
    given, together, desk, rules = map(json.loads, blocks(HAND_OVER))
    world.place(on_phone(HER_NUMBER), case="SPO-17")
    world.happen(**from_number())
    alert = world.alert()
    world.move(alert["id"], "acknowledge")
    assert world.post("/v1/alerts/hand-over", given, "Sam").json()["moved"] == [alert["id"]]
    world.move(alert["id"], "release", {}, "Sam")
    assert world.post("/v1/alerts/together", together | {"group": alert["group"]}).json()["moved"] == [alert["id"]]
    for path, body in (("/v1/desks", desk), ("/v1/routing", rules)):
        answer = world.client.put(path, json=body, headers=world.headers("Sam"))
        assert answer.status_code == 200, answer.text


def test_markers_are_looked_after_as_the_page_says(world: World, tmp_path: Path) -> None:
    review, trigger, out_of_use, report, periods = blocks(LOOK_AFTER)
    marker = world.place(on_phone(HER_NUMBER), case="SPO-17")
    assert world.post("/v1/cases/SPO-17/triggers", json.loads(trigger), "Owen").status_code == 201
    seen = {"If-Match": f'"{marker["version"]}"'}
    assert world.patch(f"/v1/markers/{marker['id']}", json.loads(out_of_use), "Owen", **seen).status_code == 200
    assert world.client.put("/v1/categories", json=json.loads(periods), headers=world.headers("Sam")).status_code == 200
    told = sh(f"{review}\n{report}", tmp_path, **settings_of(world.url, COLUMNS="200"))
    assert told.returncode == 0, told.stderr
    assert "trigger point" in told.stdout
    assert "replacement wanted" in told.stdout
    assert "markers that are active, scheduled or suspended" in told.stdout
    page = (ROOT / LOOK_AFTER).read_text()
    assert [kind for kind in ReviewKind if f"`{kind}`" not in page] == [ReviewKind.CASE_INCOMPLETE]


def test_a_partner_is_connected_as_the_page_says(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    partner, agreement, client = blocks(PARTNER)
    made = world.client.put("/v1/partners", json=json.loads(partner), headers=world.headers("Alex"))
    assert made.status_code == 200, made.text
    case = open_case(world)
    seen = {"If-Match": f'"{case["version"]}"'}
    assert world.patch("/v1/cases/SPO-17", json.loads(agreement), "Owen", **seen).status_code == 200
    room: dict[str, Any] = {}
    exec(client, room)
    body = json.dumps({"id": "n1", "type": "heed.alert.raised", "data": {"case": "SPO-17", "priority": "urgent"}})
    now, secret = datetime.now(UTC), made.json()["secret"]
    headers = {
        "webhook-id": "n1", "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("n1", now, body),
    }  # fmt: skip
    taken: set[str] = set()
    assert [room["taken"](secret, body.encode(), headers, taken) for _ in range(2)] == [204, 204]
    assert capsys.readouterr().out == "heed.alert.raised SPO-17 urgent\n"
    assert room["taken"](secret, b"{}", headers, taken) == 401


def test_a_source_is_connected_as_the_page_says(world: World, tmp_path: Path) -> None:
    token, expected, beat = blocks(SOURCE)
    made = sh(token, tmp_path, **settings_of(world.url))
    assert made.returncode == 0, made.stderr
    put = world.client.put("/v1/sources", json=json.loads(expected), headers=world.headers("Sam"))
    assert put.status_code == 200, put.text
    world.secrets["cad"] = made.stdout.splitlines()[-1]
    assert world.post("/v1/heartbeats", json.loads(beat), "cad").json() == {"source": "cad", "expected_every_s": 300}
