"""A service to be measured: its database filled, itself a process of its own, and loads against it."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from access.roles import Caller, Role
from access.tokens import Grant, create
from bench.load import NUMBERS, number_of
from db.base import table_of
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate
from markers.drafts import Desk, Draft, TargetGiven
from markers.matcher import Reading
from markers.matching.keys import VERSION
from markers.models import Marker, MatchKey, Target
from markers.register import place
from markers.words import Risk, TargetKind
from tests.engines import PostgresServer

KEYS_EACH = 3
"""Keys of one target that only fills the tables."""
AT_ONCE = 5_000


def both_engines() -> Iterator[tuple[str, str]]:
    """Each engine's name with the address of an empty database of its own, one after the other."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="heed-bench-"))
        yield "SQLite", f"sqlite:///{folder}/heed.sqlite"
        yield "PostgreSQL", stack.enter_context(PostgresServer(stack).empty())


@dataclass(frozen=True)
class Tokens:
    """Who asks."""

    admin: str
    handler: str


def fill(db: Database) -> Tokens:
    """20,000 markers and the tokens."""
    ids, clock = new_ids(), DatabaseClock()
    hold_against_database(db, clock)
    with db.transaction() as session:
        now = clock.now(session)
        admin, handler = (
            create(session, Grant(name=role.value, role=role, force="default"), now, ids, secrets.token_bytes).secret
            for role in (Role.ADMIN, Role.HANDLER)
        )
    caller = Caller(name="Owen", role=Role.OFFICER, force="default", token_id=ids())
    for start in range(0, NUMBERS, 500):
        with db.transaction() as session:
            desk = Desk(caller=caller, now=now, ids=ids, reading=Reading())
            for index in range(start, start + 500):
                target = TargetGiven(kind=TargetKind.PHONE, given={"number": number_of(index)})
                draft = Draft(category="bench", risk=Risk.MEDIUM, instruction="Treat as urgent.", targets=[target])
                place(session, draft, desk)
    return Tokens(admin, handler)


def fatten(db: Database, targets: int) -> None:
    """So many targets more, with keys that nothing asks for: what an index has to be searched among."""
    ids = new_ids()
    with db.reading() as session:
        marker = session.scalars(select(Marker.id).limit(1)).one()
    for start in range(0, targets, AT_ONCE):
        rows = [
            {"force": "default", "id": ids(), "marker_id": marker, "ordinal": start + number, "kind": "phone",
             "given_sealed": secrets.token_bytes(80), "keys_version": VERSION}
            for number in range(min(AT_ONCE, targets - start))
        ]  # fmt: skip
        keys = [
            {"digest": secrets.token_bytes(32), "target_id": row["id"], "force": "default"}
            for row in rows for _ in range(KEYS_EACH)
        ]  # fmt: skip
        with db.transaction() as session:
            session.execute(insert(table_of(Target)), rows)
            session.execute(insert(table_of(MatchKey)), keys)


@contextmanager
def serving(url: str, keys: KeyRing) -> Iterator[tuple[int, int]]:
    """The service as a process of its own; its port and its process id."""
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
            yield int(port), process.pid
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def a_database(url: str) -> Iterator[tuple[Database, Tokens, KeyRing]]:
    """Migrated and filled."""
    migrate(url)
    keys = KeyRing.new(secrets.token_bytes)
    db = Database(url, keys)
    print(f"{db.url.get_backend_name()}: storing {NUMBERS:,} markers", flush=True)
    try:
        yield db, fill(db), keys
    finally:
        db.close()


@dataclass(frozen=True)
class Result:
    """What a load was answered."""

    a_second: float
    p50_ms: float
    p99_ms: float

    def cells(self) -> list[str]:
        """Of a table's row."""
        return [f"{self.a_second:,.0f}", f"{self.p50_ms:.1f}", f"{self.p99_ms:.1f}"]


def load(port: int, token: str, **asked: Any) -> Result:
    """One load; a process of its own."""
    plain = {"host": "127.0.0.1", "port": port, "token": token, "matching": 20, "seconds": 5.0, "connections": 1}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(plain | asked), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    if set(told["answers"]) - {"200", "201"}:
        raise RuntimeError(f"answers were {told['answers']}")
    latencies = told["latencies_ms"]
    requests = sum(told["answers"].values()) * (asked.get("lines") or 1)
    return Result(requests / told["seconds"], share(latencies, 0.5), share(latencies, 0.99))


def share(sorted_values: list[float], part: float) -> float:
    """A quantile."""
    return sorted_values[min(len(sorted_values) - 1, int(part * len(sorted_values)))]
