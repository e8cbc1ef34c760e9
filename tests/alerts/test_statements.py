"""What the statements themselves must keep to: one order of locks for every writer, and an index for every question."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event as sqlalchemy_event

from alerts.lateness import escalate_late, unshelve_due
from alerts.retention import forget_keys
from alerts.rules.ladder import Ladder
from tests.builders import at_address, at_point, from_number, on_address, on_circle, on_phone
from tests.world import World, a_world

ORDER = ("move_keys", "event_keys", "happening_refs", "happenings", "contacts", "open_alerts", "alerts", "feeds")
"""Where every writer locks rows, in this order; after the last of them it only inserts what no other can hold."""

LOCKED_ALREADY = ("UPDATE event_keys", "UPDATE move_keys", "UPDATE happening_refs")
"""Receipts and answers under keys that were taken at the beginning; references to a happening that is locked."""

Statement = tuple[str, Any]


@contextmanager
def captured(world: World) -> Iterator[list[list[Statement]]]:
    """The statements of each transaction, in the order of their connections' work."""
    transactions: dict[Any, list[Statement]] = {}
    ended: list[list[Statement]] = []

    def remember(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if threading.current_thread().name != "heed-watch":  # which looks when it likes, in between
            transactions.setdefault(connection, []).append((" ".join(statement.split()), parameters))

    def end(connection: Any) -> None:
        ended.append(transactions.pop(connection, []))

    house = world.client.app.state.house  # type: ignore[attr-defined]
    engines = (house.db.engine, house.intake._db.engine, world.db.engine)
    for engine in engines:
        sqlalchemy_event.listen(engine, "before_cursor_execute", remember)
        sqlalchemy_event.listen(engine, "commit", end)
        sqlalchemy_event.listen(engine, "rollback", end)
    yield ended
    for engine in engines:
        sqlalchemy_event.remove(engine, "before_cursor_execute", remember)
        sqlalchemy_event.remove(engine, "commit", end)
        sqlalchemy_event.remove(engine, "rollback", end)


def a_day(world: World) -> None:
    """Everything that writes to alerts: intake, moves, the watch, the night."""
    world.place(on_phone(), on_address(), on_circle(), reference="A")
    world.place(on_phone("07700 900200"), reference="B", case="X")
    world.happen(call="T-1", **at_point(53.41, -2.98, 3000))
    world.happen(call="T-1", **from_number())
    world.happen(call="T-1", abandoned=True)
    world.happen(type="incident", incident="MP-1", **from_number("07700 900200"))
    world.happen(type="incident", incident="MP-2", **at_address())
    world.happen(call="T-1", incident="MP-1")
    world.happen(call="T-1", incident="MP-1", **at_point(53.4, -2.98, 20))
    looker = world.client.app.state.looker  # type: ignore[attr-defined]
    looker.pause()
    world.happen(call="T-9", **from_number("07700 900300"))
    world.happen(**from_number("07700 900300"))
    world.place(on_phone("07700 900300"), reference="C")
    world.happen(**from_number("07700 900400"))
    world.clock.advance(hours=3)
    world.place(on_phone("07700 900400"), reference="D")
    while looker.look():
        pass
    with world.db.transaction() as session:
        forget_keys(session, world.clock.moment)
    world.clock.advance(hours=-3)
    world.post("/v1/lookups", {"phones": [{"number": "07700 900123"}], "locations": [{"postcode": "L1 4DS"}]})
    [first, second, *_] = world.queue()
    until = world.clock.advance(seconds=1).replace(hour=13).isoformat()
    for move, body in (
        ("acknowledge", {}), ("escalate", {}), ("assign", {"to": "Sam"}), ("note", {"note": "n"}), ("release", {}),
        ("resolve", {"outcome": "attended"}), ("reopen", {"reason": "x"}), ("acknowledge", {}),
    ):  # fmt: skip
        assert world.move(first["id"], move, body, Idempotency_Key=f"k{move}{len(body)}").status_code == 200
    world.move(second["id"], "shelve", {"until": until, "reason": "x"})
    world.read(first["id"])
    world.get("/v1/alerts", queue="control-room", state="resolved", limit=1)
    world.clock.advance(hours=3)
    with world.db.transaction() as session:
        unshelve_due(session, world.clock.moment, Ladder(desks=("supervisors",)))
    world.clock.advance(hours=3)
    with world.db.transaction() as session:
        escalate_late(session, world.clock.moment, Ladder(desks=("supervisors",)))


def table_locked(statement: str) -> str | None:
    """The table whose standing rows a statement locks; an insert that can meet one locks it, too."""
    found = re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", statement)
    if found and (not statement.startswith("INSERT") or "ON CONFLICT" in statement):
        return found.group(1)
    if "FOR UPDATE" in statement:
        return re.search(r"FROM (\w+)", statement).group(1)  # type: ignore[union-attr]
    return None


def test_s20_every_writer_locks_in_one_order(world: World) -> None:
    with captured(world) as transactions:
        a_day(world)
    checked = 0
    for transaction in transactions:
        reached, seen = -1, []
        for statement, _ in transaction:
            table = table_locked(statement)
            if table not in ORDER or statement.startswith(LOCKED_ALREADY):
                continue
            seen.append(table)
            if table in ("happenings", "contacts", "open_alerts") and not statement.startswith("SELECT"):
                continue  # what is locked already, and new claims under a happening that is
            assert ORDER.index(table) >= reached, seen
            reached = ORDER.index(table)
        checked += len(seen) > 1
    assert checked >= 12


def test_after_the_counters_nothing_follows_but_inserts(world: World) -> None:
    """A late-comer who takes the counter early is worse than no order at all."""
    with captured(world) as transactions:
        a_day(world)
    counted = 0
    for transaction in transactions:
        statements = [statement for statement, _ in transaction]
        counters = [place for place, statement in enumerate(statements) if statement.startswith("INSERT INTO feeds")]
        for statement in statements[counters[-1] + 1 :] if counters else ():
            # Reads lock nothing; they answer the move that was made. An answer is kept under a key that is one's own.
            is_own = statement.startswith("UPDATE move_keys")
            locks_nothing = table_locked(statement) is None and statement.startswith(("INSERT INTO", "SELECT"))
            assert is_own or locks_nothing, statement
        counted += bool(counters)
    assert counted >= 15


GROWING = (
    "alerts", "alert_desks", "alert_events", "alert_history", "alert_links", "alert_matches", "events", "event_keys",
    "feed_changes", "happenings", "happening_refs", "open_alerts", "markers", "targets", "match_keys", "trail_entries",
)  # fmt: skip


def test_no_question_reads_a_whole_table_that_grows(sqlite_files: Any) -> None:
    """Every key begins with the force: a question that leaves it out has no index, and gets slower with each alert."""
    with sqlite_files.fresh() as url, a_world(url) as world:
        with captured(world) as transactions:
            a_day(world)
        scanned = set()
        with world.db.engine.connect() as connection:
            for statement, parameters in {text: given for one in transactions for text, given in one}.items():
                if not statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                    continue
                given = parameters[0] if isinstance(parameters, list) else parameters
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
                for *_, step in plan:
                    small = "ix_alerts_due_at" in step or "ix_alerts_shelved_until" in step
                    found = None if small else re.match(r"SCAN (\w+)", step)
                    if found and found.group(1) in GROWING:
                        scanned.add((step, statement))
        assert scanned == set()
