"""What a run of events costs: the question that counts it, with 10, 1,000 and 10,000 past events on one case.

Beside 200,000 contacts of other cases; and the whole transaction of one matching event, as the intake stores it.
"""

import random
import secrets
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from access.roles import Caller, Role
from access.slices import Ledger
from access.trail import Recorder
from alerts.event_models import Contact, ContactMark
from alerts.group import Desk, Laps, store_group
from alerts.rules.ladder import Ladder
from alerts.runs import Run, pattern_of
from bench.ground import both_engines, share
from bench.page import table
from db.base import table_of
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate
from markers import register
from markers.drafts import Desk as Placing
from markers.drafts import Draft, TargetGiven
from markers.matcher import Reading
from markers.matching.values import Numbering
from markers.words import Risk, TargetKind
from web.api.event_body import read_event

PAST = (10, 1_000, 10_000)
OTHERS = 200_000
QUESTIONS = 400
EVENTS = 150
AT_ONCE = 5_000
MARKS = {"number": 40, "place": 12}
OWEN = Caller(name="Owen", role=Role.OFFICER, force="default", token_id=UUID(int=1))
TESS = Caller(name="Tess", role=Role.INTEGRATION, force="default", token_id=UUID(int=2))


def number_of(case: int) -> str:
    """The number that is marked on a case."""
    return f"07700 90{case:04}"


def contacts(db: Database, subject: str, count: int) -> None:
    """So many past contacts, over a year, from some dozens of numbers and places."""
    seeded = random.Random(count)
    ids = new_ids()
    with db.reading() as session:
        now = DatabaseClock().now(session)
    left = count
    while left:
        rows: list[dict[str, Any]] = [
            {
                "force": "default", "happening_id": ids(), "audience": "open", "kind": "contact", "subject": subject,
                "at": now - timedelta(minutes=seeded.randrange(525_000)), "hour": seeded.randrange(24),
                "voiceless": seeded.random() < 0.1, "breach": seeded.random() < 0.05, "is_false": False,
                "number": bytes([seeded.randrange(40)]) * 16, "place": bytes([seeded.randrange(12)]) * 16,
            }
            for _ in range(min(left, AT_ONCE))
        ]  # fmt: skip
        with db.transaction() as session:
            session.execute(insert(table_of(Contact)), rows)
        left -= len(rows)
    run = {"force": "default", "subject": subject, "audience": "open"}
    marks = [run | {"kind": kind, "digest": bytes([one]) * 16} for kind, count in MARKS.items() for one in range(count)]
    with db.transaction() as session:
        session.execute(insert(table_of(ContactMark)), marks)


def fill(db: Database) -> None:
    """A marked number for each case, its past, and other cases' beside."""
    for case, count in enumerate(PAST):
        with db.transaction() as session:
            now = DatabaseClock().now(session)
            desk = Placing(caller=OWEN, now=now, ids=new_ids(), reading=Reading())
            target = TargetGiven(kind=TargetKind.PHONE, given={"number": number_of(case)})
            draft = Draft(category="x", risk=Risk.STANDARD, instruction="x", targets=[target], case=f"C-{count}")
            register.place(session, draft, desk)
        contacts(db, f"case:C-{count}", count)
    for other in range(200):
        contacts(db, f"case:O-{other}", OTHERS // 200)


def questions(db: Database, count: int) -> list[float]:
    """Milliseconds of the question alone."""
    took = []
    for _ in range(QUESTIONS):
        with db.reading() as session:
            now = DatabaseClock().now(session)
            began = time.perf_counter()
            pattern_of(session, Run("default", f"case:C-{count}", "open"), now)
            took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def events(db: Database, desk: Desk, case: int) -> list[float]:
    """Milliseconds of a whole transaction: one event that matches the case's marker."""
    took = []
    for _ in range(EVENTS):
        body = {
            "source": "bench", "id": secrets.token_hex(8), "type": "call", "occurred_at": "2026-01-01T00:00:00Z",
            "phones": [{"number": number_of(case), "role": "caller"}],
        }  # fmt: skip
        event = read_event(body, TESS, Numbering())
        began = time.perf_counter()
        with db.transaction() as session:
            store_group(session, [event], desk, Laps())
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def measure(engine: str, url: str) -> list[list[str]]:
    """The rows of one engine."""
    migrate(url)
    db = Database(url, KeyRing.new(secrets.token_bytes))
    hold_against_database(db, DatabaseClock())
    fill(db)
    desk = Desk(
        clock=DatabaseClock(), ids=new_ids(), recorder=Recorder(new_ids(), Ledger("bench")), reading=Reading(),
        ladder=Ladder(), default_queue="control-room",
    )  # fmt: skip
    rows = []
    for case, count in enumerate(PAST):
        asked, stored = questions(db, count), events(db, desk, case)
        cells = [f"{share(took, part):.1f}" for took in (asked, stored) for part in (0.5, 0.99)]
        rows.append([engine, f"{count:,}", *cells])
        print("  ".join(rows[-1]), flush=True)
    db.close()
    return rows


def section() -> str:
    """Measure both engines; the section of the page."""
    rows = [row for engine, url in both_engines() for row in measure(engine, url)]
    heads = ["engine", "past events", "question p50 ms", "p99 ms", "event stored p50 ms", "p99 ms"]
    return _SECTION.format(table=table(heads, rows), others=OTHERS, questions=QUESTIONS, events=EVENTS)


_SECTION = """## Patterns

The question that counts a case's run of events over a day, a week, two and four weeks and a year, beside {others:,}
contacts of 200 other cases ({questions} questions each); and the whole transaction of one event that matches the
case's marker, as the intake stores it, the question in it ({events} each).

{table}
"""
