"""From a call posted to its row in a browser, with two hundred further screens open; and what memory does meanwhile.

Service, screens, browser and poster share the machine's cores: who used how much of them is told with the figures.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, sync_playwright

from access.people import NewPerson
from access.people import create as create_person
from access.roles import Caller, Role
from access.tokens import Grant, create
from bench.ground import both_engines, serving, share
from bench.load import number_of
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
from tests.browsers import arguments, chromium

STREAMS, ROWS, EVERY_S = 200, 200, 0.25
PASSWORD = "bench correct horse"
Rows = list[list[str]]
WATCH = """() => {
  window.shown = {};
  const note = () => { for (const row of document.querySelectorAll('tr.row'))
    window.shown[row.dataset.reference] ??= performance.timeOrigin + performance.now(); };
  new MutationObserver(note).observe(document.getElementById('whole'), {childList: true, subtree: true});
}"""


@dataclass
class Told:
    """What was measured, a row for each engine."""

    rows: Rows = field(default_factory=list)
    shares: Rows = field(default_factory=list)


@contextmanager
def _database(url: str) -> Iterator[tuple[KeyRing, str]]:
    """Migrated, with a marked number for each call, a sender's token, and Priya."""
    migrate(url)
    keys, ids, clock = KeyRing.new(secrets.token_bytes), new_ids(), DatabaseClock()
    db = Database(url, keys)
    hold_against_database(db, clock)
    with db.transaction() as session:
        now = clock.now(session)
        sender = create(
            session, Grant(name="sender", role=Role.ADMIN, force="default"), now, ids, secrets.token_bytes
        ).secret
        create_person(session, NewPerson(name="Priya", role=Role.HANDLER, force="default"), PASSWORD, now, ids)
        owen = Caller(name="Owen", role=Role.OFFICER, force="default", token_id=ids())
        desk = Desk(caller=owen, now=now, ids=ids, reading=Reading())
        for index in range(ROWS + 1):
            target = TargetGiven(kind=TargetKind.PHONE, given={"number": number_of(index)})
            words = "Treat as urgent. Children in the house: ask for them by name."
            place(session, Draft(category="bench", risk=Risk.MEDIUM, instruction=words, targets=[target]), desk)
    try:
        yield keys, sender
    finally:
        db.close()


def _event(index: int, call: str) -> dict[str, Any]:
    return {
        "source": "bench", "id": call, "type": "call", "call": call, "incident": call,
        "occurred_at": "2026-11-24T10:15:00Z", "phones": [{"number": number_of(index), "role": "caller"}],
        "locations": [{"role": "caller", "address": f"{index + 1} Example Street", "postcode": "LS1 4DS"}],
    }  # fmt: skip


def _cookie(base: str) -> str:
    form = {"name": "Priya", "password": PASSWORD}
    answer = httpx2.post(f"{base}/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})
    return answer.headers["set-cookie"].partition(";")[0]


def _queue(page: Page, base: str) -> None:
    page.goto(base)
    page.get_by_label("Name").fill("Priya")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator('#live[data-state="live"]').wait_for()
    page.evaluate(WATCH)


def _posted(base: str, sender: str) -> dict[str, float]:
    """Call → when it was sent, in ms since the epoch."""
    sent: dict[str, float] = {}
    with httpx2.Client(base_url=base, headers={"Authorization": f"Bearer {sender}"}, timeout=30) as client:
        for index in range(ROWS):
            call = f"B-{index}"
            sent[call] = time.time() * 1000
            client.post("/v1/events", json=_event(index, call)).raise_for_status()
            time.sleep(EVERY_S)
    return sent


def measure(engine: str, url: str, told: Told) -> None:
    """One engine."""
    with _database(url) as (keys, sender), serving(url, keys) as (port, service), ExitStack() as stack:
        base = f"http://127.0.0.1:{port}"
        streams = subprocess.Popen(
            [sys.executable, "-m", "bench.console", str(port), _cookie(base)], stdout=subprocess.PIPE, text=True
        )
        stack.callback(streams.wait)
        stack.callback(streams.terminate)
        assert streams.stdout is not None
        streams.stdout.readline()
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments())
        stack.callback(browser.close)
        page = browser.new_page()
        _queue(page, base)
        begun, before, memory = time.monotonic(), _used(service, streams.pid), _resident_mib(service)
        heap = page.evaluate("() => performance.memory.usedJSHeapSize / 2 ** 20")
        sent = _posted(base, sender)
        page.locator("tr.row").nth(ROWS - 1).wait_for()
        took, after = time.monotonic() - begun, _used(service, streams.pid)
        shown = page.evaluate("() => window.shown")
        found = sorted(shown[call] - at for call, at in sent.items())
        heaps = f"{heap:.0f} / {page.evaluate('() => performance.memory.usedJSHeapSize / 2 ** 20'):.0f}"
        memories = f"{memory:.0f} / {_resident_mib(service):.0f}"
        told.rows.append(
            [
                engine,
                str(STREAMS),
                str(len(found)),
                f"{share(found, 0.5):.0f}",
                f"{share(found, 0.99):.0f}",
                memories,
                heaps,
            ]
        )
        told.shares.append([engine, *(f"{100 * (after[name] - before[name]) / took:.0f}%" for name in before)])
        print("  ".join(told.rows[-1] + told.shares[-1]), flush=True)


def _used(service: int, streams: int) -> dict[str, float]:
    """Seconds of processor time that each has used so far."""
    tick = os.sysconf("SC_CLK_TCK")

    def seconds(process: Path) -> float:
        parts = (process / "stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / tick

    browser = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if "chrom" in (process / "comm").read_text():
                browser += seconds(process)
        except OSError:
            continue
    return {
        "service": seconds(Path(f"/proc/{service}")),
        "screens": seconds(Path(f"/proc/{streams}")),
        "browser": browser,
    }


def _resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def _screens(port: int, cookie: str) -> None:
    """Two hundred open feeds, read and thrown away."""

    async def follow() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        writer.write(f"GET /console/feed HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"event: beat"):
                begun.release()

    begun = asyncio.Semaphore(0)
    running = [asyncio.ensure_future(follow()) for _ in range(STREAMS)]
    for _ in running:
        await begun.acquire()
    print("open", flush=True)
    await asyncio.gather(*running)


def section() -> str:
    """Measure both engines; the section of the page."""
    told = Told()
    for engine, url in both_engines():
        measure(engine, url, told)
    head = [
        "engine",
        "further screens",
        "rows",
        "p50 ms",
        "p99 ms",
        "service MiB before / after",
        "page's heap MiB before / after",
    ]
    return _SECTION.format(
        rows=table(head, told.rows), shares=table(["engine", "service", "screens", "browser"], told.shares),
        every=EVERY_S, streams=STREAMS,
    )  # fmt: skip


_SECTION = """## The console

From the moment when a call is posted to the moment when its row stands in a browser's queue: a call every {every} s,
with {streams} further screens of the same desk open.

{rows}

Of one core's time, who used how much meanwhile (the rest of the machine's cores was idle, or the poster's):

{shares}
"""

if __name__ == "__main__":
    asyncio.run(_screens(int(sys.argv[1]), sys.argv[2]))
