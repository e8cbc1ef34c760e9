"""How fast events are taken, beside a route of the same service that does nothing, on both engines.

20,000 markers are stored; one event in twenty matches. The limit is what the same HTTP stack, process and client reach
on `/healthz`.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from access.roles import Caller, Role
from access.tokens import Grant, create
from bench.load import NUMBERS, number_of
from bench.page import table
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate
from markers.drafts import Desk, Draft, TargetGiven
from markers.matcher import Reading
from markers.register import place
from markers.words import Risk, TargetKind
from tests.engines import PostgresServer

CONNECTIONS = (1, 8, 32)
SECONDS = 5.0
MATCHING = 20


def fill(db: Database) -> str:
    """20,000 markers and a token; the token is answered."""
    ids, clock = new_ids(), DatabaseClock()
    hold_against_database(db, clock)
    with db.transaction() as session:
        now = clock.now(session)
        grant = Grant(name="bench", role=Role.ADMIN, force="default")
        secret = create(session, grant, now, ids, secrets.token_bytes).secret
    caller = Caller(name="Owen", role=Role.OFFICER, force="default", token_id=ids())
    for start in range(0, NUMBERS, 500):
        with db.transaction() as session:
            desk = Desk(caller=caller, now=now, ids=ids, reading=Reading())
            for index in range(start, start + 500):
                target = TargetGiven(kind=TargetKind.PHONE, given={"number": number_of(index)})
                place(
                    session,
                    Draft(category="bench", risk=Risk.MEDIUM, instruction="Treat as urgent.", targets=[target]),
                    desk,
                )
    return secret


@contextmanager
def serving(url: str, keys: KeyRing) -> Iterator[int]:
    """The service as a process of its own; its port."""
    sealing, digest = keys.written()
    settings = {
        "HEED_DATABASE_URL": url, "HEED_SEALING_KEYS": sealing, "HEED_DIGEST_KEY": digest,
        "HEED_INTAKE_DEADLINE_S": "30",
    }  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEED_")} | settings
    command = [sys.executable, "-m", "heed", "serve", "--port", "0"]
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, env=environment, stderr=log) as process:
        try:
            port = ""
            while not port:
                time.sleep(0.1)
                log.seek(0)
                port = next((line.rpartition(":")[2].strip() for line in log if "listens on" in line), "")
                if process.poll() is not None:
                    raise RuntimeError("the service did not start")
            time.sleep(0.5)
            yield int(port)
        finally:
            process.terminate()
            process.wait(20)


def load(port: int, token: str, method: str, path: str, connections: int) -> dict[str, Any]:
    """One load; a process of its own."""
    asked = {
        "host": "127.0.0.1", "port": port, "path": path, "method": method, "token": token, "connections": connections,
        "seconds": SECONDS, "matching": MATCHING,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if set(told["answers"]) - {"200", "201"}:
        raise RuntimeError(f"answers were {told['answers']}")
    return told


def share(sorted_values: list[float], part: float) -> float:
    """A quantile."""
    return sorted_values[min(len(sorted_values) - 1, int(part * len(sorted_values)))]


def measure(engine: str, url: str) -> list[list[str]]:
    """The rows of one engine."""
    migrate(url)
    keys = KeyRing.new(secrets.token_bytes)
    db = Database(url, keys)
    print(f"{engine}: storing {NUMBERS} markers", flush=True)
    token = fill(db)
    db.close()
    rows = []
    with serving(url, keys) as port:
        load(port, token, "POST", "/v1/events", 8)
        for connections in CONNECTIONS:
            nothing = load(port, token, "GET", "/healthz", connections)
            events = load(port, token, "POST", "/v1/events", connections)
            rates = [sum(told["answers"].values()) / told["seconds"] for told in (nothing, events)]
            p50, p99 = (share(events["latencies_ms"], part) for part in (0.5, 0.99))
            rows.append(
                [
                    engine,
                    str(connections),
                    f"{rates[1]:.0f}",
                    f"{p50:.1f}",
                    f"{p99:.1f}",
                    f"{rates[0]:.0f}",
                    f"{rates[1] / rates[0]:.2f}",
                ]
            )
            print("  ".join(rows[-1]), flush=True)
    return rows


def section() -> str:
    """Measure both engines; the section of the page."""
    rows = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="heed-bench-"))
        rows += measure("SQLite", f"sqlite:///{folder}/heed.sqlite")
        rows += measure("PostgreSQL", stack.enter_context(PostgresServer(stack).empty()))
    head = ["engine", "connections", "events/s", "p50 ms", "p99 ms", "no-op/s", "ratio"]
    return _SECTION.format(table=table(head, rows), numbers=f"{NUMBERS:,}", matching=MATCHING, seconds=f"{SECONDS:.0f}")


_SECTION = """## Events

Single posts to `POST /v1/events`, one process, {numbers} markers stored, one event in {matching} matching (each match
raises an alert), each event with a number and an address; beside `GET /healthz` of the same process by the same client,
which does nothing. {seconds} s each.

{table}

Every event pays for: reading and understanding its parts, sealing, its digests, its own row and key row, its happening,
and its part of the group's audit entry; the token is looked up for each request.
"""
