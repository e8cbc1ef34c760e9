"""What the chained trail costs: single entries (look-ups) and the intake's groups, beside the same entries unchained.

Also where a commit takes 5 ms, as on a synchronous standby: a sleep in the transaction, before its end, stands for it.
"""

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from access.models import Entry
from access.roles import Caller, Role
from access.slices import Ledger
from access.trail import Act, Operation, Outcome, Recorder, Thing
from alerts.group import Desk, Laps, store_group
from alerts.rules.ladder import Ladder
from bench.ground import both_engines
from bench.load import body_of
from bench.page import table
from db.base import table_of
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate
from heed.sealer import Sealer
from markers.matcher import Reading
from markers.matching.values import Numbering
from web.api.event_body import read_event
from web.body import parse_object

SECONDS = 3.0
ROUNDS = 3
THREADS = 8
GROUP = 16
COMMITS_MS = (0, 5)
PRIYA = Caller(name="Priya", role=Role.HANDLER, force="default", token_id=UUID(int=1))
TESS = Caller(name="Tess", role=Role.INTEGRATION, force="default", token_id=UUID(int=2))


@dataclass(frozen=True, slots=True)
class Unchained(Recorder):
    """Writes the same entries, and nothing that chains them."""

    def _store(self, session: Session, rows: Sequence[dict[str, Any]]) -> None:
        session.execute(insert(table_of(Entry)), rows)


def look_up(db: Database, recorder: Recorder) -> int:
    """What a look-up writes; answers how many."""
    act = Act(
        operation=Operation.CONSULTATION, action="look_up", outcome=Outcome.SHOWN, search=True, in_hand="MP-1",
        terms=[f"tel:+4477009{secrets.randbelow(100000):05}"], objects=[Thing("marker", new_ids()(), 1)],
    )  # fmt: skip
    with db.transaction() as session:
        recorder.record(session, PRIYA, act, DatabaseClock().now(session))
    return 1


def group(db: Database, recorder: Recorder) -> int:
    """A group of events, as the intake stores it; answers how many."""
    desk = Desk(
        clock=DatabaseClock(), ids=new_ids(), recorder=recorder, reading=Reading(), ladder=Ladder(),
        default_queue="control-room",
    )  # fmt: skip
    events = [read_event(parse_object(body_of(random.randrange(10**6), 0)), TESS, Numbering()) for _ in range(GROUP)]
    with db.transaction() as session:
        store_group(session, events, desk, Laps())
    return GROUP


@contextmanager
def slow_commits(db: Database, milliseconds: int) -> Iterator[None]:
    """Every commit of this database's engine takes so much longer."""

    def wait(_connection: object) -> None:
        time.sleep(milliseconds / 1000)

    if milliseconds:
        event.listen(db.engine, "commit", wait)
    yield
    if milliseconds:
        event.remove(db.engine, "commit", wait)


def rate(db: Database, recorder: Recorder, work: Callable[[Database, Recorder], int], threads: int) -> float:
    """How many a second, by so many threads."""
    until, done = time.monotonic() + SECONDS, [0] * threads

    def run(number: int) -> None:
        while time.monotonic() < until:
            done[number] += work(db, recorder)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    began = time.monotonic()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(done) / (time.monotonic() - began)


def measure(engine: str, url: str) -> list[list[str]]:
    """The rows of one engine: the two are measured in turns, so that a noisy moment falls on both."""
    migrate(url)
    db = Database(url, KeyRing.new(secrets.token_bytes), pool_size=THREADS + 2)
    hold_against_database(db, DatabaseClock())
    rows = []
    for milliseconds in COMMITS_MS:
        for name, work, threads in (("look-ups", look_up, THREADS), ("groups of 16", group, 1)):
            rates: dict[str, list[float]] = {"unchained": [], "chained": []}
            for _ in range(ROUNDS):
                with slow_commits(db, milliseconds):
                    rates["unchained"].append(rate(db, Unchained(new_ids(), Ledger("bench")), work, threads))
                    chained = Recorder(new_ids(), Ledger(f"bench:{secrets.token_hex(4)}"))
                    sealer = Sealer(db, DatabaseClock(), chained.ledger)
                    sealer.start()
                    rates["chained"].append(rate(db, chained, work, threads))
                    sealer.stop()
            plain, with_chain = (sorted(found)[ROUNDS // 2] for found in rates.values())
            rows.append(
                [engine, name, f"{milliseconds} ms", f"{plain:.0f}", f"{with_chain:.0f}", f"{with_chain / plain:.2f}"]
            )
            print("  ".join(rows[-1]), flush=True)
    db.close()
    return rows


def section() -> str:
    """Measure both engines; the section of the page."""
    rows = [row for engine, url in both_engines() for row in measure(engine, url)]
    return _SECTION.format(table=table(["engine", "what", "a commit takes", "unchained/s", "chained/s", "ratio"], rows))


_SECTION = """## The chained trail

What is written for a look-up (its entry alone, by eight threads: a whole look-up over HTTP takes some ten times as
long), and groups of 16 events as the intake stores them, beside the same with entries that nothing chains; the middle
of three turns. Where a commit takes longer, as on a synchronous standby, a sleep before it stands for that.

{table}
"""
