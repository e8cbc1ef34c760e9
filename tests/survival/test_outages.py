"""The database hangs, is gone, locked, or not at head: 503, unknown, in time; and all is well by itself afterwards."""

import asyncio
import json
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy.engine import make_url

from db.session import Database
from tests.builders import KEYS, an_event, from_number
from tests.process import Service, a_service, settings_of
from tests.survival.clients import MARKED
from tests.survival.proxy import Proxy, a_line_to
from tests.survival.rows import read_rows
from tests.world import a_world

AT_ONCE = 200
"""Requests that wait while the database is away."""

Outage = Callable[[str, Proxy | None], Any]


@contextmanager
def hangs(_url: str, line: Proxy | None) -> Iterator[None]:
    """Nothing comes back from the server, and no line breaks."""
    assert line is not None
    line.hold()
    yield
    line.mend()


@contextmanager
def is_gone(_url: str, line: Proxy | None) -> Iterator[None]:
    """Lines break, and new ones are refused."""
    assert line is not None
    line.cut()
    yield
    line.mend()


@contextmanager
def is_locked(url: str, line: Proxy | None) -> Iterator[None]:
    """Somebody else holds what the intake needs."""
    if line is None:
        with sqlite3.connect(make_url(url).database or "", isolation_level=None) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
    else:
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE event_keys IN ACCESS EXCLUSIVE MODE")
            yield
            holder.rollback()


@contextmanager
def has_moved(url: str, _line: Proxy | None) -> Iterator[None]:
    """The file is not where it was: what is written to it now, nobody would find again."""
    file = Path(make_url(url).database or "")
    away = file.with_name("away.sqlite")
    file.rename(away)
    yield
    away.rename(file)


@contextmanager
def is_not_at_head(url: str, line: Proxy | None) -> Iterator[None]:
    """Another version's schema, by its mark alone: everything would still seem to work."""
    connect: Any = sqlite3.connect if line is None else psycopg.connect
    place = make_url(url).database if line is None else url
    for mark in ("'x' || version_num", "substr(version_num, 2)"):
        with closing(connect(place)) as connection:
            connection.execute(f"UPDATE alembic_version SET version_num = {mark}")
            connection.commit()
        # Each process looks once a second.
        time.sleep(2.5)
        if mark.startswith("'x'"):
            yield


CASES = [
    pytest.param("postgres", hangs, id="postgres hangs"), pytest.param("postgres", is_gone, id="postgres is gone"),
    pytest.param("postgres", is_locked, id="postgres is locked"),
    pytest.param("postgres", is_not_at_head, id="postgres is not at head"),
    pytest.param("sqlite", is_locked, id="sqlite is locked"), pytest.param("sqlite", has_moved, id="sqlite has moved"),
    pytest.param("sqlite", is_not_at_head, id="sqlite is not at head"),
]  # fmt: skip


@contextmanager
def a_ground(engine: str, sqlite_files: Any, postgres_server: Any, folder: Path) -> Iterator[Any]:
    """A database, a line to it that can be cut (PostgreSQL), its tokens, and a service over it."""
    with ExitStack() as stack:
        files = postgres_server if engine == "postgres" else sqlite_files
        url = stack.enter_context(files.fresh())
        with a_world(url) as world:
            secrets = world.secrets
        line = stack.enter_context(a_line_to(url)) if engine == "postgres" else None
        service = stack.enter_context(a_service(folder, settings_of(line.url if line else url)))
        yield url, line, secrets, service


async def all_at_once(service: Service, token: str, events: list[dict[str, Any]]) -> list[tuple[Any, float]]:
    """Post them all in one moment; each answer, and after how many seconds it came."""
    limits = httpx2.Limits(max_connections=len(events))
    async with httpx2.AsyncClient(base_url=service.base_url, timeout=30, limits=limits) as client:

        async def post(event: dict[str, Any]) -> tuple[Any, float]:
            began = time.monotonic()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            answer = await client.post("/v1/events", content=json.dumps(event), headers=headers)
            return answer, time.monotonic() - began

        # Each on a line that is open already: what is measured is the service, and not how fast a client dials.
        await asyncio.gather(*(client.get("/healthz") for _ in events))
        with is_up_meanwhile(service):
            return list(await asyncio.gather(*(post(event) for event in events)))


@contextmanager
def is_up_meanwhile(service: Service) -> Iterator[None]:
    """The process answers for itself throughout, whatever becomes of its database."""
    ended, seen = threading.Event(), [0.0]

    def ask() -> None:
        with httpx2.Client(base_url=service.base_url, timeout=10) as client:
            while not ended.wait(0.1):
                began = time.monotonic()
                assert client.get("/healthz").status_code == 200
                seen.append(time.monotonic() - began)

    with ThreadPoolExecutor(1) as asking:
        asked = asking.submit(ask)
        yield
        ended.set()
        asked.result()
    sys.stderr.write(f"\nhealthz meanwhile: at most {max(seen) * 1000:.0f} ms\n")


def some_events(count: int) -> list[dict[str, Any]]:
    return [an_event(**from_number(MARKED[0] if number % 20 == 0 else None)) for number in range(count)]


@pytest.mark.parametrize(("engine", "outage"), CASES)
def test_s9_s10_s11_s18_while_the_database_is_away_every_post_is_unknown_in_time_and_then_all_is_well(
    sqlite_files: Any, postgres_server: Any, tmp_path: Path, engine: str, outage: Outage
) -> None:
    with a_ground(engine, sqlite_files, postgres_server, tmp_path) as (url, line, secrets, service):
        events = some_events(AT_ONCE)
        before = asyncio.run(all_at_once(service, secrets["Tess"], events[:5]))
        assert {answer.status_code for answer, _ in before} == {201}
        with outage(url, line):
            answers = asyncio.run(all_at_once(service, secrets["Tess"], events[5:]))
            told = Counter(answer.status_code for answer, _ in answers)
            assert told == {503: len(events) - 5}
            for answer, _ in answers:
                assert answer.headers["retry-after"] == "1"
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["type"] == "try-again"
            seconds = sorted(seconds for _, seconds in answers)
            sys.stderr.write(f"503 after p50 {seconds[len(seconds) // 2]:.2f} s, most {seconds[-1]:.2f} s\n")
            ready = httpx2.get(f"{service.base_url}/readyz", timeout=10)
            assert ready.status_code in ((503,) if outage is not is_locked else (200, 503))
            # A statement that hangs must hold nobody else: what asks nothing of the database is answered.
            assert httpx2.get(f"{service.base_url}/healthz", timeout=10).status_code == 200
            assert service.process.poll() is None
        mended = time.monotonic()
        token = secrets["Tess"]
        while asyncio.run(all_at_once(service, token, events[5:6]))[0][0].status_code == 503:
            assert time.monotonic() < mended + 20
        sys.stderr.write(f"first stored {time.monotonic() - mended:.2f} s after\n")
        again = [answer for answer, _ in asyncio.run(all_at_once(service, token, events))]
        while any(answer.status_code == 503 for answer in again):
            assert time.monotonic() < mended + 20
            again = [answer for answer, _ in asyncio.run(all_at_once(service, token, events))]
        assert {answer.status_code for answer in again} <= {200, 201}
        assert httpx2.get(f"{service.base_url}/readyz", timeout=10).status_code == 200
        service.end()
        _each_is_there_once(url, events, again)


def _each_is_there_once(url: str, events: list[dict[str, Any]], answers: list[Any]) -> None:
    """Stored once, each with the id that its sender was told last."""
    db = Database(url, KEYS)
    rows = read_rows(db)
    db.close()
    stored = {row.id: row.event for row in rows.events}
    assert len(rows.events) == len(stored) == len(events)
    assert {event["id"]: answer.json()["event"] for event, answer in zip(events, answers, strict=True)} == stored
