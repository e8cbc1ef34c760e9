"""The command `heed`, as a real process: its words, its exit codes, its end."""

import base64
import json
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import inspect, text

from db.session import Database
from heed.demo.story import EXPECTED
from tests.builders import KEYS, NOON, an_event
from tests.process import HEED, environment, heed, serving, settings_of


def test_a_first_token_is_printed_once_alone_on_the_last_line(tmp_path: Path) -> None:
    assert heed(tmp_path, "db", "upgrade").returncode == 0
    made = heed(tmp_path, "token", "create", "--role", "officer", "--name", "Owen", "--desk", "pvpu", "--source", "x")
    assert made.returncode == 0
    assert re.fullmatch(r"heed_[\w-]{43}", made.stdout.splitlines()[-1])
    assert (tmp_path / "heed.keys").exists()
    assert "key file was made" in made.stderr
    again = heed(tmp_path, "token", "create", "--role", "handler", "--name", "Owen")
    assert (again.returncode, again.stdout) == (1, "")
    assert "Owen" in again.stderr
    listed = heed(tmp_path, "token", "list", COLUMNS="200")
    assert "Owen" in listed.stdout
    assert "in use" in listed.stdout
    assert made.stdout.splitlines()[-1] not in listed.stdout
    assert heed(tmp_path, "token", "revoke", "Owen").returncode == 0
    assert heed(tmp_path, "token", "revoke", "Owen").returncode == 1
    verified = heed(tmp_path, "audit", "verify")
    assert verified.stdout == "intact: 2 entries, 2 slices, 0 pending, each as it was written\n"
    with sqlite3.connect(tmp_path / "heed.sqlite") as connection:
        entries = connection.execute("SELECT action, who, force FROM trail_entries ORDER BY at").fetchall()
    connection.close()
    assert [(action, force) for action, _, force in entries] == [
        ("create_token", "default"),
        ("revoke_token", "default"),
    ]
    assert all(who.endswith("(command)") for _, who, _ in entries)


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        (["token", "list"], {}, "`heed db upgrade`"),
        (["audit", "verify"], {"HEED_DATABASE_URL": "sqlite:///nowhere/heed.sqlite"}, "there is no database here"),
        (["db", "upgrade"], {"HEED_DATABASE_URL": "sqlite:///nowhere/heed.sqlite"}, "No such file or directory"),
        (["token", "list"], {"HEED_REGION": "UK"}, "HEED_REGION: no region of telephone numbers"),
        (["token", "list"], {"HEED_NEAR_M": "SENTINEL"}, "HEED_NEAR_M"),
        (["token", "list"], {"HEED_REGOIN": "GB"}, "HEED_REGOIN"),
        (["token", "list"], {"HEED_DATABASE_URL": "mysql://x/y"}, "sqlite:///FILE"),
        (["token", "create", "--role", "king", "--name", "x"], {}, "king"),
        (["serve", "--workers", "2"], {}, "on SQLite one process serves"),
        (["serve", "--migrate"], {"HEED_SEALING_KEYS": "SENTINEL"}, "HEED_SEALING_KEYS"),
        (["serve", "--migrate"], {"HEED_KEY_FILE": "nowhere/heed.keys"}, "No such file or directory"),
    ],
)
def test_what_a_person_can_mend_is_one_line_and_exit_2(
    tmp_path: Path, words: list[str], settings: dict[str, str], told: str
) -> None:
    done = heed(tmp_path, *words, **settings)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "SENTINEL" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("heed:")]) <= 1


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = heed(tmp_path, "serve", "--migrate", "--port", port)
    assert done.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_command_in_the_wrong_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    for words in (["audit", "verify"], ["token", "list"], ["token", "revoke", "Owen"], ["serve"]):
        assert heed(tmp_path, *words).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_the_database_and_the_keys(tmp_path: Path) -> None:
    heed(tmp_path, "db", "upgrade")
    heed(tmp_path, "token", "create", "--role", "admin", "--name", "Alex")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert {"heed.sqlite", "heed.keys"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_database_that_cannot_be_reached_is_exit_3(tmp_path: Path) -> None:
    done = heed(tmp_path, "token", "list", HEED_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


@pytest.mark.parametrize("words", [(), ("--migrate",)])
def test_off_loopback_in_the_clear_it_does_not_start(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = heed(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0", *words)
    assert done.returncode == 2
    assert "--tls-cert and --tls-key" in done.stderr
    assert "--behind-proxy" in done.stderr
    assert list(tmp_path.glob("heed*")) == []


def test_off_loopback_without_keys_it_does_not_start(tmp_path: Path) -> None:
    heed(tmp_path, "db", "upgrade")
    done = heed(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0", "--behind-proxy")
    assert done.returncode == 2
    assert "off loopback" in done.stderr


@pytest.mark.parametrize("key", [bytes(32), bytes(range(32)), b"correct horse battery staple 123", b"ab" * 16])
def test_off_loopback_with_keys_that_somebody_may_know_it_does_not_start(tmp_path: Path, key: bytes) -> None:
    written, good = base64.b64encode(key).decode(), base64.b64encode(random.Random(3).randbytes(32)).decode()
    heed(tmp_path, "db", "upgrade")
    for sealing, digest in ((written, good), (good, written)):
        settings = {"HEED_SEALING_KEYS": f"a:{sealing}", "HEED_DIGEST_KEY": digest}
        done = heed(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0", "--behind-proxy", **settings)
        assert done.returncode == 2
        assert "a key is a text or a pattern that others may know" in done.stderr
        assert written not in done.stderr
        (tmp_path / "heed.sqlite").unlink()
        heed(tmp_path, "db", "upgrade")


def test_with_other_keys_it_does_not_start(tmp_path: Path) -> None:
    heed(tmp_path, "db", "upgrade")
    heed(tmp_path, "token", "create", "--role", "admin", "--name", "Alex")
    sealing, digest = KEYS.written()
    done = heed(tmp_path, "serve", "--port", "0", HEED_SEALING_KEYS=sealing, HEED_DIGEST_KEY=digest)
    assert done.returncode == 2
    assert "not the one that this database was written with" in done.stderr


def test_the_trail_is_read_whole_and_a_forgery_is_exit_1(url: str, tmp_path: Path) -> None:
    settings = settings_of(url)
    with serving(tmp_path, settings) as (process, base_url):
        token = heed(
            tmp_path, "token", "create", "--role", "integration", "--name", "Tess", **settings
        ).stdout.splitlines()[-1]
        for _ in range(3):
            assert (
                httpx2.post(
                    f"{base_url}/v1/events", json=an_event(), headers={"Authorization": f"Bearer {token}"}
                ).status_code
                == 201
            )
        assert process.poll() is None
    intact = heed(tmp_path, "audit", "verify", **settings)
    assert (intact.returncode, intact.stdout.split(":")[0]) == (0, "intact")
    db = Database(url, KEYS)
    with db.transaction() as session:
        session.execute(text("UPDATE trail_entries SET who = 'nobody'"))
    db.close()
    broken = heed(tmp_path, "audit", "verify", **settings)
    assert broken.returncode == 1
    assert re.search(r"broken: entry [0-9a-f-]{36}", broken.stdout)


def test_on_sigterm_what_was_accepted_is_answered_streams_hear_goodbye_and_it_ends_in_time(  # noqa: C901  one evening
    url: str, tmp_path: Path
) -> None:
    settings = settings_of(url, HEED_INTAKE_DEADLINE_S="20")
    with serving(tmp_path, settings) as (process, base_url):
        tokens = {
            name: heed(tmp_path, "token", "create", "--role", role, "--name", name, **settings).stdout.splitlines()[-1]
            for name, role in (("Tess", "integration"), ("Priya", "handler"))
        }
        answered: list[str] = []
        heard: dict[int, str] = {}
        beats = threading.Semaphore(0)

        def post(number: int) -> None:
            with httpx2.Client(base_url=base_url, timeout=20) as client:
                for index in range(1000):
                    try:
                        answer = client.post(
                            "/v1/events",
                            json=an_event(id=f"{number}-{index}"),
                            headers={"Authorization": f"Bearer {tokens['Tess']}"},
                        )
                    except httpx2.TransportError:
                        return
                    if answer.status_code != 201:
                        assert answer.status_code == 503
                        return
                    answered.append(answer.json()["event"])

        def follow(number: int) -> None:
            with (
                httpx2.Client(base_url=base_url, timeout=20) as client,
                client.stream(
                    "GET", "/v1/alerts/stream", headers={"Authorization": f"Bearer {tokens['Priya']}"}
                ) as stream,
            ):
                for line in stream.iter_lines():
                    if line.startswith("event: "):
                        if number not in heard:
                            beats.release()
                        heard[number] = line

        threads = [
            threading.Thread(target=work, args=(n,)) for work, count in ((post, 4), (follow, 6)) for n in range(count)
        ]
        for thread in threads:
            thread.start()
        for _ in range(6):
            assert beats.acquire(timeout=20)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        took = time.monotonic() - began
        for thread in threads:
            thread.join(20)
    assert took < 10
    assert set(heard.values()) == {"event: bye"}
    assert len(answered) > 5
    db = Database(url, KEYS)
    with db.reading() as session:
        stored = {str(row[0]).replace("-", "") for row in session.execute(text("SELECT id FROM events"))}
    db.close()
    assert {event.replace("-", "") for event in answered} <= stored


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_demonstration_raises_every_expected_alert_and_no_other(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if engine == "sqlite":
        done = heed(tmp_path, "demo", "--once", HEED_DATABASE_URL="mysql://ignored", HEED_NONSENSE="ignored")
    else:
        with request.getfixturevalue("postgres_server").empty() as url:
            done = heed(tmp_path, "demo", "--once", "--database-url", url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"raised the {len(EXPECTED)} alerts that were expected, and no other" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demonstration_wants_an_empty_database(url: str, tmp_path: Path) -> None:
    assert heed(tmp_path, "demo", "--once", "--database-url", url).returncode == 0
    again = heed(tmp_path, "demo", "--once", "--database-url", url)
    assert (again.returncode, "not empty" in again.stderr, "Traceback" in again.stderr) == (1, True, False)


def test_the_demonstration_touches_no_database_of_somebody_else(engines: Any, tmp_path: Path) -> None:
    with engines.empty() as url:
        if url.startswith("sqlite"):
            Path(url.removeprefix("sqlite:///")).touch()
        db = Database(url, KEYS)
        with db.transaction() as session:
            session.execute(text("CREATE TABLE ledger (line TEXT)"))
        done = heed(tmp_path, "demo", "--once", "--database-url", url)
        assert (done.returncode, "not empty" in done.stderr) == (1, True)
        with db.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["ledger"]
        db.close()


def test_the_demonstration_ends_on_ctrl_c_also_when_started_in_the_background(tmp_path: Path) -> None:
    # A shell without job control starts background commands with SIGINT ignored.
    process = subprocess.Popen(
        ["sh", "-c", f"'{sys.executable}' -m heed demo & echo $!; wait $!"], cwd=tmp_path, env=environment(tmp_path),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    child = int(process.stdout.readline())
    said = ""
    for line in process.stdout:
        said += line
        if "IMMEDIATE" in line:
            break
    assert "http://127.0.0.1:" in said
    assert "Priya" in said
    os.kill(child, signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()


def test_every_log_line_is_json_without_anything_personal(tmp_path: Path) -> None:
    heed(tmp_path, "db", "upgrade")
    token = heed(tmp_path, "token", "create", "--role", "integration", "--name", "Tess").stdout.splitlines()[-1]
    process = subprocess.Popen(
        [*HEED, "serve", "--port", "0"], cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if "listens on" in line:
                ready.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert ready.wait(20)
    base_url = re.search(r"http://\S+", "".join(lines))
    assert base_url
    headers = {"Authorization": f"Bearer {token}"}
    body = an_event(
        occurred_at=NOON.isoformat(), summary="SENTINEL", phones=[{"number": "07700 900123", "role": "caller"}]
    )
    for sent in (body, body | {"summary": "SENTINELTWO"}, {"SENTINEL": 1}):
        httpx2.post(f"{base_url.group(0)}/v1/events", json=sent, headers=headers)
    httpx2.get(f"{base_url.group(0)}/v1/alerts/SENTINEL", headers=headers)
    httpx2.get(f"{base_url.group(0)}/SENTINEL?number=07700900123", headers=headers)
    process.send_signal(signal.SIGTERM)
    process.wait(15)
    reader.join(5)
    process.stderr.close()
    records: list[dict[str, Any]] = [json.loads(line) for line in lines if "listens on" not in line]
    assert {"event taken", "answered"} <= {record["event"] for record in records}
    assert not re.search(r"SENTINEL|900123", "".join(lines))
