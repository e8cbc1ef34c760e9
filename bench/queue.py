"""What a long memory costs the queue: its list, an acknowledgement, an event and a look of the watch, with 1,000 and
with 100,000 alerts stored, of which the same 200 are open.
"""

import json
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from access.roles import Caller, Role
from access.slices import Ledger
from access.trail import Recorder
from alerts import handling
from alerts.group import Desk, Laps, store_group
from alerts.listing import AlertFilter, alerts_page
from alerts.models import Alert, AlertDesk, HistoryLine, OpenAlert
from alerts.moving import Asked
from alerts.rules.ladder import Ladder
from alerts.rules.words import Move
from bench.ground import both_engines, share
from bench.page import table
from bench.patterns import OWEN, TESS
from db.base import table_of
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.positions import Feed, Wanted, take
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate
from heed.watch import Watch
from markers import register
from markers.drafts import Desk as Placing
from markers.drafts import Draft, TargetGiven
from markers.matcher import Reading
from markers.matching.values import Numbering
from markers.words import Risk, TargetKind
from web.api.event_body import read_event

STORED, OPEN, TIMES, AT_ONCE = (1_000, 100_000), 200, 150, 2_000
PRIYA = Caller(name="Priya", role=Role.HANDLER, force="default", token_id=UUID(int=3))
NUMBER = "07700 900001"


def fill(db: Database, wanted: int) -> None:
    """So many alerts of the last year: 200 are open and nobody's, the others were resolved."""
    ids, clock = new_ids(), DatabaseClock()
    with db.transaction() as session:
        now = clock.now(session)
        target = TargetGiven(kind=TargetKind.PHONE, given={"number": NUMBER})
        draft = Draft(category="x", risk=Risk.MEDIUM, instruction="x", targets=[target])
        register.place(session, draft, Placing(caller=OWEN, now=now, ids=ids, reading=Reading()))
    made = 0
    while made < wanted:
        count = min(AT_ONCE, wanted - made)
        rows: list[dict[str, Any]] = []
        with db.transaction() as session:
            taken = take(session, {("default", Feed.OPEN): Wanted(0, count)})["default", Feed.OPEN]
            for place in range(made, made + count):
                is_open = place < OPEN
                at = now - (timedelta(minutes=place) if is_open else timedelta(minutes=5 * place))
                rows.append(
                    {
                        "force": "default", "id": ids(), "feed": "open", "number": taken.number(), "audience": "open",
                        "queue": "control-room", "happening_id": ids(), "subject": f"marker:{place}",
                        "state": "raised" if is_open else "resolved", "priority": "routine", "priority_rank": 2,
                        "because": json.dumps(["x"]), "raised_at": at, "due_at": now + timedelta(hours=1),
                        "escalation_level": 0, "event_count": 0, "version": 1,
                        "resolved_at": None if is_open else at + timedelta(minutes=20),
                    }
                )  # fmt: skip
            session.execute(insert(table_of(Alert)), rows)
            of = [{"force": "default", "alert_id": row["id"]} for row in rows]
            session.execute(insert(table_of(AlertDesk)), [one | {"desk": "control-room", "level": 0} for one in of])
            lines = [one | {"version": 1, "at": now, "by": "x", "change": "raised"} for one in of]
            session.execute(insert(table_of(HistoryLine)), lines)
            claims = [
                {name: row[name] for name in ("force", "happening_id", "subject", "queue", "audience")}
                | {"alert_id": row["id"]} for row in rows if row["state"] == "raised"
            ]  # fmt: skip
            if claims:
                session.execute(insert(table_of(OpenAlert)), claims)
        made += count
    with db.transaction() as session:
        session.execute(text("ANALYZE"))


def timed(work: Callable[[int], object]) -> list[float]:
    """Milliseconds of each of so many."""
    took = []
    for number in range(TIMES):
        began = time.perf_counter()
        work(number)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def measure(url: str, stored: int) -> dict[str, list[float]]:
    """What each takes with so many alerts stored."""
    migrate(url)
    db = Database(url, KeyRing.new(secrets.token_bytes))
    hold_against_database(db, DatabaseClock())
    fill(db, stored)
    clock, ids = DatabaseClock(), new_ids()
    desk = Desk(
        clock=clock, ids=ids, recorder=Recorder(ids, Ledger("bench")), reading=Reading(), ladder=Ladder(),
        default_queue="control-room",
    )  # fmt: skip
    watch = Watch(db, clock, Ladder())
    with db.reading() as session:
        open_now = list(session.scalars(select(Alert.id).where(Alert.state == "raised").limit(TIMES)))

    def listed(_: int) -> None:
        with db.reading() as session:
            alerts_page(session, PRIYA, AlertFilter(), (None, 50), clock.now(session))

    def acknowledged(number: int) -> None:
        asked = Asked(caller=PRIYA, alert_id=open_now[number], move=Move.ACKNOWLEDGE, digest=b"")
        with db.transaction() as session:
            handling.act(session, asked, handling.Room(Ladder(), ids), clock.now(session))

    def happened(_: int) -> None:
        body = {
            "source": "bench", "id": secrets.token_hex(8), "type": "call", "occurred_at": "2026-01-01T00:00:00Z",
            "phones": [{"number": NUMBER, "role": "caller"}],
        }  # fmt: skip
        with db.transaction() as session:
            store_group(session, [read_event(body, TESS, Numbering())], desk, Laps())

    told = {"a page of the list": timed(listed), "an acknowledgement": timed(acknowledged)}
    told |= {"an event that raises": timed(happened), "a look of the watch": timed(lambda _: watch.look())}
    db.close()
    return told


def section() -> str:
    """Measure both engines; the section of the page."""
    rows = []
    few, many = STORED
    found: dict[tuple[str, int], dict[str, list[float]]] = {}
    for stored in STORED:
        for engine, url in both_engines():
            found[engine, stored] = measure(url, stored)
            print(f"{engine}, {stored:,} stored: measured", flush=True)
    for engine in dict.fromkeys(engine for engine, _ in found):
        for what, took in found[engine, few].items():
            longer = found[engine, many][what]
            cells = [f"{share(one, part):.1f}" for one in (took, longer) for part in (0.5, 0.99)]
            rows.append([engine, what, *cells, f"{share(longer, 0.5) / share(took, 0.5):.2f}"])
            print("  ".join(rows[-1]), flush=True)
    heads = [
        "engine",
        "what",
        f"{few:,} stored: p50 ms",
        "p99 ms",
        f"{many:,} stored: p50 ms",
        "p99 ms",
        "ratio of p50",
    ]
    return _SECTION.format(table=table(heads, rows), times=TIMES, open=OPEN)


_SECTION = """## A long memory

The queue with 1,000 and with 100,000 alerts stored, of which the same {open} are open; each {times} times, as
the service does it, in its own transaction.

{table}
"""
