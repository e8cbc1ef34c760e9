"""The clients that the how-to guide prints do what it says: they are taken from it, and run."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import an_event, from_number, on_phone
from tests.served import Served, a_served

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "connect-a-telephony-platform.md"


def printed(language: str, holding: str) -> str:
    """The block of the guide in this language that holds these words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    [found] = [block for block in blocks if holding in block]
    return str(found)


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with a_served(url) as running:
        yield running


@pytest.fixture
def environment(served: Served) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HEED": served.base_url, "TOKEN": served.secrets["Tess"]}


def test_the_shell_loop_sends_each_event_once_however_often_it_is_run(
    served: Served, environment: dict[str, str]
) -> None:
    served.post("/v1/markers", {"category": "x", "risk": "high", "instruction": "x", "targets": [on_phone()]}, "Owen")
    events = "".join(f"{json.dumps(an_event(**from_number()))}\n" for _ in range(3))
    for _ in range(2):
        ran = subprocess.run(
            ["sh", "-c", printed("sh", "post.sh")], input=events, env=environment, capture_output=True, text=True,
            timeout=60, check=True,
        )  # fmt: skip
        assert ran.stderr == ""
    listed = served.client.get("/v1/alerts", headers=served.headers("Priya")).json()["items"]
    assert len(listed) == 3


def test_the_shell_loop_loses_no_line_and_keeps_what_is_refused(
    served: Served, environment: dict[str, str], tmp_path: Path
) -> None:
    """The last line may have no newline; a line that is no event is kept apart, and does not stop the others."""
    lines = [json.dumps(an_event()) for _ in range(3)]
    ran = subprocess.run(
        ["sh", "-c", printed("sh", "post.sh")], input=f"{lines[0]}\n{lines[1]}\nnope\n{lines[2]}", env=environment,
        capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert ran.stderr == ""
    assert (tmp_path / "refused.ndjson").read_text() == "not taken (422): nope\n"
    again = [served.post("/v1/events", json.loads(line)) for line in lines]
    assert [answer.json()["replayed"] for answer in again] == [True] * 3


def test_the_shell_loop_keeps_an_event_while_its_token_is_not_good(
    served: Served, environment: dict[str, str], tmp_path: Path
) -> None:
    event = an_event()
    process = subprocess.Popen(
        ["sh", "-c", printed("sh", "post.sh")], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env=environment | {"TOKEN": "heed_wrong"}, start_new_session=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stderr
    process.stdin.write(f"{json.dumps(event)}\n")
    process.stdin.close()
    assert process.stderr.readline() == "the token is not good here (401): trying on\n"
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)
    process.stderr.close()
    assert not (tmp_path / "refused.ndjson").exists()
    assert served.post("/v1/events", event).json()["replayed"] is False


def test_the_python_client_gives_the_receipt(environment: dict[str, str]) -> None:
    event = an_event()
    script = f"{printed('python', 'def post')}\nprint(json.dumps([post({event!r}), post({event!r})]))"
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    first, second = json.loads(ran.stdout)
    assert (first["replayed"], second["replayed"], first["event"] == second["event"]) == (False, True, True)


def test_the_curl_line_posts_the_call(environment: dict[str, str]) -> None:
    ran = subprocess.run(
        ["sh", "-c", printed("sh", "c-000123")], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(ran.stdout)["replayed"] is False
