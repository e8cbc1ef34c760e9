"""`heed serve --workers`: what dies is started again, and all ends in time."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.builders import an_event
from tests.process import heed, serving, settings_of


@pytest.fixture
def settings(postgres_server: Any) -> Iterator[dict[str, str]]:
    with postgres_server.fresh() as url:
        yield settings_of(url)


def workers_of(master: int) -> set[int]:
    """The processes that a master has started to serve; multiprocessing's own helper is none of them."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                serves = b"spawn_main" in (folder / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended meanwhile
            if parent == master and serves:
                found.add(int(folder.name))
    return found


def wait_for(true: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def is_there(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_what_dies_is_started_again_and_all_ends_in_time(tmp_path: Path, settings: dict[str, str]) -> None:
    with serving(tmp_path, settings, "--workers", "2") as (process, base_url):
        token = heed(tmp_path, "token", "create", "--role", "admin", "--name", "Alex", **settings).stdout.split()[-1]
        headers = {"Authorization": f"Bearer {token}"}

        def post() -> int:
            try:
                return httpx2.post(f"{base_url}/v1/events", json=an_event(), headers=headers, timeout=20).status_code
            except httpx2.HTTPError:
                return 0

        wait_for(lambda: post() == 201)
        first = workers_of(process.pid)
        assert len(first) == 2
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len(workers_of(process.pid) - {killed}) == 2)
        wait_for(lambda: post() == 201)
        assert process.poll() is None
        last = workers_of(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert time.monotonic() - began < 10
        assert not any(is_there(pid) for pid in last)
    intact = heed(tmp_path, "audit", "verify", **settings)
    assert intact.returncode == 0, intact.stdout


def test_workers_whose_master_was_killed_end_too(tmp_path: Path, settings: dict[str, str]) -> None:
    with serving(tmp_path, settings, "--workers", "2") as (process, _):
        wait_for(lambda: len(workers_of(process.pid)) == 2)
        left = workers_of(process.pid)
        time.sleep(3)  # a worker looks for its master once it has begun to serve
        process.kill()
        process.wait(20)
        wait_for(lambda: not any(is_there(pid) for pid in left))
