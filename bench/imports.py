"""Markers brought in while 50 events a second are posted: how long a post waits, and how memory grows."""

import csv
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from access.roles import Role
from access.tokens import Grant, create
from bench.ground import both_engines, serving, share
from bench.page import table
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate

ROWS = 20_000
EVENTS_A_SECOND = 50
ALONE_S = 20.0
STREETS = (
    "Bold Hope Rodney Duke Slater Seel Wood Hanover Berry Renshaw Mount Pleasant Canning Huskisson Falkner".split()
)


def write_rows(path: Path, rows: int) -> None:
    """A file as a force might have it: a number and an address each."""
    with path.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(
            "reference,category,subject_role,risk,instruction,phones,address,postcode,review_due".split(",")
        )
        for n in range(rows):
            # As many streets and towns as so many addresses of a force area have.
            street = f"{STREETS[n % 13]} {STREETS[n // 13 % 13]}ton"
            address = f"Flat {n % 9 + 1}, {n % 250 + 1} {street} Street, {STREETS[n // 169 % 13]}ham"
            postcode = f"L{n % 39 + 1} {n // 7 % 9 + 1}{'ABDEFGHJLN'[n % 10]}{'PQRSTUWXYZ'[n // 10 % 10]}"
            number = f"07{300_000_000 + n}"
            writer.writerow(
                [f"M-{n}", "stalking", "victim", "high", "Treat as urgent.", number, address, postcode, "2027-06-01"]
            )


@dataclass
class Feed:
    """Posts events at a steady pace, each by a thread of its own if the one before has not been answered."""

    port: int
    token: str
    latencies_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _count: int = 0

    def run(self, workers: int = 8) -> list[threading.Thread]:
        """Begin; each worker posts at its share of the pace."""
        threads = [threading.Thread(target=self._post, args=(number, workers)) for number in range(workers)]
        for thread in threads:
            thread.start()
        return threads

    def stop(self, threads: list[threading.Thread]) -> None:
        """End."""
        self._stop.set()
        for thread in threads:
            thread.join()

    def _post(self, number: int, workers: int) -> None:
        pause = workers / EVENTS_A_SECOND
        due = time.monotonic() + number / EVENTS_A_SECOND
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as client:
            n = 0
            while not self._stop.wait(max(0.0, due - time.monotonic())):
                # From when it was due: one that waited behind a slow one has waited.
                began = min(due, time.monotonic())
                answer = client.post("/v1/events", json=an_event(f"{number}-{n}"), headers=self._headers())
                self.latencies_ms.append(1000 * (time.monotonic() - began))
                if answer.status_code != 201:
                    self.failures.append(f"{answer.status_code}")
                n += 1
                due += pause

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def an_event(name: str) -> dict[str, Any]:
    """A call from a number that nobody marked."""
    number = f"07{900_000_000 + secrets.randbelow(90_000_000)}"
    return {
        "source": "telephony/999", "id": f"{secrets.token_hex(6)}-{name}", "type": "call",
        "occurred_at": "2026-11-24T10:15:00Z", "phones": [{"number": number, "role": "caller"}],
        "locations": [{"role": "caller", "address": "12 Bold Street, Liverpool", "postcode": "L1 4DS"}],
    }  # fmt: skip


def rss_mib(pid: int) -> float:
    """A process's memory now, in MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def figures(latencies_ms: list[float]) -> tuple[float, float, float]:
    """Median, p99 and the worst."""
    ordered = sorted(latencies_ms)
    return share(ordered, 0.5), share(ordered, 0.99), ordered[-1]


def measure(engine: str, url: str, rows: int) -> dict[str, Any]:
    """One engine: posts alone, then posts beside the import."""
    migrate(url)
    keys = KeyRing.new(secrets.token_bytes)
    db = Database(url, keys)
    hold_against_database(db, DatabaseClock())
    with db.transaction() as session:
        grant = Grant(name="bench", role=Role.ADMIN, force="default")
        token = create(session, grant, DatabaseClock().now(session), new_ids(), secrets.token_bytes).secret
    db.close()
    with tempfile.TemporaryDirectory() as folder, serving(url, keys) as (port, _):
        write_rows(Path(folder) / "in.csv", rows)
        alone = Feed(port, token)
        threads = alone.run()
        time.sleep(ALONE_S)
        alone.stop(threads)
        beside = Feed(port, token)
        threads = beside.run()
        sealing, digest = keys.written()
        settings = {"HEED_DATABASE_URL": url, "HEED_SEALING_KEYS": sealing, "HEED_DIGEST_KEY": digest}
        began = time.monotonic()
        command = [sys.executable, "-m", "heed", "markers", "import", str(Path(folder) / "in.csv")]
        with subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True) as process:
            memory = []
            while process.poll() is None:
                memory.append(rss_mib(process.pid))
                time.sleep(1.0)
            said = process.stdout.read() if process.stdout else ""
        seconds = time.monotonic() - began
        beside.stop(threads)
    tenth = max(1, len(memory) // 10)
    told = {
        "engine": engine, "rows": rows, "seconds": round(seconds), "rows_a_second": round(rows / seconds),
        "said": said.strip(), "memory_after_a_tenth_mib": round(memory[tenth]), "memory_most_mib": round(max(memory)),
        "alone_ms": [round(one, 1) for one in figures(alone.latencies_ms)],
        "beside_ms": [round(one, 1) for one in figures(beside.latencies_ms)],
        "posts": len(beside.latencies_ms), "failed": len(alone.failures) + len(beside.failures),
    }  # fmt: skip
    print(json.dumps(told), flush=True)
    return told


def section(rows: int = ROWS) -> str:
    """Measure both engines; the section of the page."""
    told = [measure(engine, url, rows) for engine, url in both_engines()]
    lines = [
        [
            one["engine"], f"{one['rows']:,}", str(one["rows_a_second"]),
            f"{one['memory_after_a_tenth_mib']} / {one['memory_most_mib']}",
            " / ".join(map(str, one["alone_ms"])), " / ".join(map(str, one["beside_ms"])), str(one["failed"]),
        ]
        for one in told
    ]  # fmt: skip
    head = ["engine", "rows", "rows/s", "MiB after a tenth / most", "posts alone, ms", "posts beside, ms", "failed"]
    return _SECTION.format(table=table(head, lines), pace=EVENTS_A_SECOND)


_SECTION = """## Bringing markers in

`heed markers import`, a number and an address in each row, while {pace} events a second are posted to a service on the
same database and machine; milliseconds are median / p99 / worst of a post.

{table}
"""

if __name__ == "__main__":
    print(section(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
