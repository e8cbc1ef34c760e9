"""The trail's chain: what was committed can be neither changed, removed, added nor exchanged without being found."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from access import tokens
from access.models import Entry, Head, Pending, Slice, Term
from access.roles import Role
from access.slices import ADOPTED_AFTER, Ledger, adopt, ids_in, leaf_of, root_of, seal_waiting
from access.trail import Act, EntriesLost, Operation, Recorder, Thing
from access.verify import Verdict, verify
from db.ids import new_ids
from db.session import Database
from tests.builders import NOON, FixedClock, a_caller


def write(db: Database, recorder: Recorder, clock: FixedClock, count: int, kind: str = "marker") -> list[UUID]:
    """Entries as a service writes them, a transaction each; their ids in the order of writing."""
    written = []
    for number in range(count):
        act = Act(operation=Operation.ALTERATION, action="x", objects=[Thing(kind, f"m-{number}", 1)], reason="why")
        with db.transaction() as session:
            recorder.record(session, a_caller(force="north" if number % 7 == 3 else "default"), act, clock.moment)
            written += list(session.scalars(select(Pending.entry_id)))
        clock.advance(seconds=1)
    return written


def verdict_of(db: Database) -> Verdict:
    with db.reading() as session:
        return verify(session)


def a_recorder(writer: str) -> Recorder:
    return Recorder(new_ids(), Ledger(writer))


def test_what_a_process_committed_is_sealed_from_its_memory(db: Database, clock: FixedClock) -> None:
    recorder = a_recorder("host:1")
    write(db, recorder, clock, 5)
    assert (verdict_of(db).pending, verdict_of(db).slices) == (5, 0)
    assert seal_waiting(db, clock, recorder.ledger) == 5
    write(db, recorder, clock, 2)
    seal_waiting(db, clock, recorder.ledger)
    assert seal_waiting(db, clock, recorder.ledger) == 0
    verdict = verdict_of(db)
    assert (verdict.is_intact, verdict.entries, verdict.slices, verdict.pending, verdict.adopted) == (True, 7, 3, 0, 0)


def test_what_was_undone_is_neither_stored_nor_sealed(db: Database, clock: FixedClock) -> None:
    recorder = a_recorder("host:1")
    with suppress(ZeroDivisionError), db.transaction() as session:
        recorder.record(session, a_caller(), Act(operation=Operation.ALTERATION, action="x"), clock.moment)
        raise ZeroDivisionError
    assert seal_waiting(db, clock, recorder.ledger) == 0
    assert verdict_of(db) == Verdict(0)


def test_what_a_killed_process_left_is_adopted_by_another_and_counted(db: Database, clock: FixedClock) -> None:
    killed, other = a_recorder("host:1"), a_recorder("host:2")
    write(db, killed, clock, 4)
    clock.moment = NOON + timedelta(seconds=5)
    assert adopt(db, clock, other.ledger.writer) == 0
    clock.moment = NOON + timedelta(seconds=4) + ADOPTED_AFTER
    assert adopt(db, clock, other.ledger.writer) == 4
    verdict = verdict_of(db)
    assert (verdict.is_intact, verdict.adopted, verdict.pending) == (True, 4, 0)


def test_a_process_that_was_only_away_does_not_seal_again_what_others_adopted(db: Database, clock: FixedClock) -> None:
    away, other = a_recorder("host:1"), a_recorder("host:2")
    write(db, away, clock, 4)
    clock.advance(minutes=1)
    adopt(db, clock, other.ledger.writer)
    write(db, away, clock, 1)
    seal_waiting(db, clock, away.ledger)
    verdict = verdict_of(db)
    assert (verdict.is_intact, verdict.entries, verdict.adopted, verdict.pending) == (True, 5, 4, 0)


def test_a_slice_whose_commit_was_taken_for_lost_is_not_made_twice(db: Database, clock: FixedClock) -> None:
    recorder = a_recorder("host:1")
    write(db, recorder, clock, 3)
    waiting = recorder.ledger.take()
    recorder.ledger.note(waiting)
    seal_waiting(db, clock, recorder.ledger)
    recorder.ledger.give_back(waiting)
    seal_waiting(db, clock, recorder.ledger)
    verdict = verdict_of(db)
    assert (verdict.is_intact, verdict.entries) == (True, 3)


def test_what_can_not_be_sealed_now_is_sealed_later(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = a_recorder("host:1")
    write(db, recorder, clock, 3)
    with monkeypatch.context() as broken:
        broken.setattr("access.slices._add_slice", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            seal_waiting(db, clock, recorder.ledger)
    assert verdict_of(db).pending == 3
    assert seal_waiting(db, clock, recorder.ledger) == 3
    assert verdict_of(db).is_intact


def trigger(db: Database, when: str, body: str) -> None:
    """A database administrator's trigger on the entries."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            words = {
                "swallow": "SELECT RAISE(IGNORE)",
                "delete": "DELETE FROM trail_entries WHERE id = NEW.id",
            }[body]
            sql = f"CREATE TRIGGER forger {when} INSERT ON trail_entries BEGIN {words}; END"
            connection.execute(text(sql))
        else:
            words = {
                "swallow": "RETURN NULL",
                "delete": "DELETE FROM trail_entries WHERE id = NEW.id; RETURN NEW",
            }[body]
            connection.execute(
                text(f"CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {words}; END $$")
            )
            connection.execute(
                text(f"CREATE TRIGGER forger {when} INSERT ON trail_entries FOR EACH ROW EXECUTE FUNCTION forge()")
            )


def test_an_entry_that_the_database_swallows_undoes_what_it_records(db: Database, clock: FixedClock) -> None:
    trigger(db, "BEFORE", "swallow")
    with pytest.raises(EntriesLost):
        write(db, a_recorder("host:1"), clock, 1)


def test_an_entry_that_a_trigger_removes_after_it_was_written_is_missed(db: Database, clock: FixedClock) -> None:
    recorder = a_recorder("host:1")
    trigger(db, "AFTER", "delete")
    # On an event: what names other objects has rows of its own that would be in the forger's way.
    [gone] = write(db, recorder, clock, 1, kind="event")
    seal_waiting(db, clock, recorder.ledger)
    assert (verdict_of(db).broken, verdict_of(db).what) == (gone, "is gone")


# A thousand forgeries


def a_trail(db: Database, clock: FixedClock) -> None:
    """Two processes, two forces, several slices, some adopted, some pending."""
    first, second, killed = a_recorder("host:1"), a_recorder("host:2"), a_recorder("host:3")
    for _ in range(2):
        write(db, first, clock, 4)
        seal_waiting(db, clock, first.ledger)
        write(db, second, clock, 4)
        seal_waiting(db, clock, second.ledger)
    write(db, killed, clock, 3)
    clock.advance(seconds=60)
    adopt(db, clock, second.ledger.writer)
    write(db, first, clock, 3)
    seal_waiting(db, clock, first.ledger)
    write(db, first, clock, 2)


Forged = UUID | None
"""The entry that has to be named, where it is one."""
Forgery = Callable[[Session, random.Random], Forged]


def remove(session: Session, ids: Sequence[UUID]) -> None:
    """Entries, with what hangs on them."""
    session.execute(delete(Term).where(Term.entry_id.in_(ids)))
    session.execute(delete(Entry).where(Entry.id.in_(ids)))


def entry(session: Session, chance: random.Random) -> Entry:
    return chance.choice(session.scalars(select(Entry).order_by(Entry.id)).all())


def a_slice(session: Session, chance: random.Random) -> Slice:
    return chance.choice(session.scalars(select(Slice).order_by(Slice.force, Slice.writer, Slice.n)).all())


def change_a_field(session: Session, chance: random.Random) -> Forged:
    """Another name, role, moment, object, outcome: the mark no longer fits."""
    of = entry(session, chance)
    column, value = chance.choice(
        [("who", "Nobody"), ("role", "admin"), ("operation", "erasure"), ("objects", "[]"), ("audience", "circle:x"),
         ("at", NOON - timedelta(days=1)), ("reason_sealed", None), ("writer", "else"), ("outcome", "refused"),
         ("action", "read"), ("desks", '["x"]'), ("mark", chance.randbytes(32))]
    )  # fmt: skip
    setattr(of, column, value)
    return of.id


def remove_an_entry(session: Session, chance: random.Random) -> Forged:
    of = entry(session, chance)
    remove(session, [of.id])
    return of.id


def remove_an_entry_and_that_it_waits(session: Session, chance: random.Random) -> Forged:
    """As if it had never been; only of those that a slice holds: what was never sealed is the one open window."""
    sealed = [row for row in session.scalars(select(Entry).order_by(Entry.id)) if not is_pending(session, row.id)]
    of = chance.choice(sealed)
    session.execute(delete(Pending).where(Pending.entry_id == of.id))
    remove(session, [of.id])
    return of.id


def is_pending(session: Session, entry_id: UUID) -> bool:
    return session.scalars(select(Pending).where(Pending.entry_id == entry_id)).first() is not None


def copy_of(of: Entry, **more: Any) -> Entry:
    return Entry(**({column.name: getattr(of, column.name) for column in Entry.__table__.columns} | more))


def add_an_entry(session: Session, chance: random.Random) -> Forged:
    """A copy under an id of its own, sometimes said to wait: its mark belongs to another."""
    of = entry(session, chance)
    added = copy_of(of, id=new_ids()())
    session.add(added)
    if chance.random() < 0.5:
        session.add(Pending(force=of.force, entry_id=added.id, at=of.at))
    return added.id


def add_an_entry_and_say_that_another_waits(session: Session, chance: random.Random) -> Forged:
    """The numbers agree: what is told of twice pays for what no slice holds."""
    rows = [row for row in session.scalars(select(Entry).order_by(Entry.id)) if not is_pending(session, row.id)]
    of, other = chance.sample(rows, 2)
    added = copy_of(of, id=new_ids()(), who="Innocent")
    session.add(added)
    session.add(Pending(force=other.force, entry_id=other.id, at=other.at))
    return min(added.id, other.id)


def copy_an_entry_to_another_force(session: Session, chance: random.Random) -> Forged:
    of = entry(session, chance)
    session.add(copy_of(of, force="elsewhere"))
    return of.id


def hide_what_an_entry_speaks_of(session: Session, chance: random.Random) -> Forged:
    """Whoever asks "who looked at this" is not told."""
    of = entry(session, chance)
    session.execute(delete(Term).where(Term.entry_id == of.id))
    return of.id


def say_that_an_entry_speaks_of_more(session: Session, chance: random.Random) -> Forged:
    of = entry(session, chance)
    session.add(Term(force=of.force, entry_id=of.id, digest=chance.randbytes(32)))
    return of.id


def exchange_two_entries(session: Session, chance: random.Random) -> Forged:
    """Everything but their ids, marks included."""
    rows = session.scalars(select(Entry).where(Entry.force == "default").order_by(Entry.id)).all()
    one, other = sorted(chance.sample(rows, 2), key=lambda row: row.id)
    names = [column.name for column in Entry.__table__.columns if column.name not in ("id", "force")]
    first = {name: getattr(one, name) for name in names}
    for name in names:
        setattr(one, name, getattr(other, name))
        setattr(other, name, first[name])
    return one.id


def hide_that_an_entry_waits(session: Session, chance: random.Random) -> Forged:
    of = chance.choice(session.scalars(select(Pending).order_by(Pending.entry_id)).all())
    session.delete(of)
    return of.entry_id


def change_a_slice(session: Session, chance: random.Random) -> Forged:
    of = a_slice(session, chance)
    members = ids_in(of.members)
    column, value = chance.choice(
        [("root", chance.randbytes(32)), ("previous", chance.randbytes(32)), ("seal", chance.randbytes(32)),
         ("adopted", not of.adopted), ("at", NOON - timedelta(days=1)), ("members", of.members[16:]),
         ("members", b"".join(one.bytes for one in chance.sample(members, len(members)) + members[:1]))]
    )  # fmt: skip
    setattr(of, column, value)
    return None


def remove_a_slice(session: Session, chance: random.Random) -> Forged:
    """From the middle or the end, with or without its entries, the numbers behind it closed up or not."""
    of = a_slice(session, chance)
    ids = ids_in(of.members)
    session.delete(of)
    session.flush()
    if chance.random() < 0.5:
        remove(session, ids)
    if chance.random() < 0.5:
        behind = (Slice.force == of.force, Slice.writer == of.writer)
        for n in range(of.n + 1, of.n + 10):
            session.execute(update(Slice).where(*behind, Slice.n == n).values(n=n - 1))
    return None


def exchange_two_slices(session: Session, chance: random.Random) -> Forged:
    of = [row for row in session.scalars(select(Slice).order_by(Slice.n)) if row.force == "default"]
    one, other = chance.sample(of, 2)
    for name in ("members", "root", "previous", "seal", "at", "adopted"):
        first = getattr(one, name)
        setattr(one, name, getattr(other, name))
        setattr(other, name, first)
    return None


def change_a_head(session: Session, chance: random.Random) -> Forged:
    """Set back to an earlier slice, which is removed behind it; or taken away."""
    of = chance.choice(session.scalars(select(Head).order_by(Head.force, Head.writer)).all())
    kind = chance.randrange(3)
    if kind == 0:
        session.delete(of)
    elif kind == 1:
        of.mark = chance.randbytes(32)
    else:
        chain = (Slice.force == of.force, Slice.writer == of.writer)
        rows = session.scalars(select(Slice).where(*chain).order_by(Slice.n)).all()
        remove(session, ids_in(rows[-1].members))
        session.delete(rows[-1])
        of.n, of.seal = (rows[-2].n, rows[-2].seal) if len(rows) > 1 else (0, bytes(32))
    return None


KINDS: Sequence[Forgery] = (
    change_a_field, remove_an_entry, remove_an_entry_and_that_it_waits, add_an_entry, exchange_two_entries,
    hide_that_an_entry_waits, change_a_slice, remove_a_slice, exchange_two_slices, change_a_head,
    add_an_entry_and_say_that_another_waits, copy_an_entry_to_another_force, hide_what_an_entry_speaks_of,
    say_that_an_entry_speaks_of_more,
)  # fmt: skip


@pytest.mark.parametrize("forgeries", [140, pytest.param(1_000, marks=pytest.mark.stress)])
@pytest.mark.timeout(300)
def test_forgeries_without_the_key_are_all_found_and_the_first_broken_entry_named(
    db: Database, clock: FixedClock, forgeries: int
) -> None:
    a_trail(db, clock)
    assert verdict_of(db).is_intact
    chance = random.Random(20261125)
    missed = []
    with db.transaction() as session:
        for number in range(forgeries):
            forge = KINDS[number % len(KINDS)]
            with session.begin_nested() as savepoint:
                forged = forge(session, chance)
                session.flush()
                session.expire_all()
                verdict = verify(session)
                if verdict.is_intact or (forged is not None and verdict.broken != forged):
                    missed.append((forge.__name__, forged, verdict))
                savepoint.rollback()
            session.expunge_all()
    assert missed == []
    assert verdict_of(db).is_intact


@pytest.mark.parametrize("column", ["at", "id", "token_id", "mark"])
def test_what_can_not_even_be_read_is_found_and_not_an_error(db: Database, clock: FixedClock, column: str) -> None:
    """SQLite keeps whatever is written into a column; PostgreSQL would refuse it."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's columns hold nothing that is none of theirs")
    recorder = a_recorder("host:1")
    first, *_ = write(db, recorder, clock, 3, kind="event")
    seal_waiting(db, clock, recorder.ledger)
    with db.engine.begin() as connection:
        connection.execute(text(f"UPDATE trail_entries SET {column} = 'garbage' WHERE id = :id"), {"id": first.hex})
    verdict = verdict_of(db)
    assert (verdict.broken, verdict.is_intact) == (first, False)


def test_a_slice_that_can_not_be_read_is_found(db: Database, clock: FixedClock) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's columns hold nothing that is none of theirs")
    a_trail(db, clock)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE trail_slices SET at = 'zzz' WHERE n = 2"))
    assert not verdict_of(db).is_intact


def test_a_trail_that_is_gone_altogether_is_missed(db: Database, clock: FixedClock) -> None:
    a_trail(db, clock)
    with db.transaction() as session:
        grant = tokens.Grant(name="Priya", role=Role.HANDLER, force="default")
        tokens.create(session, grant, clock.moment, new_ids(), random.Random(1).randbytes)
        for model in (Term, Pending, Slice, Head, Entry):
            session.execute(delete(model))
    assert verdict_of(db).what == "every entry is gone: somebody was given a token, and that stands in the trail"


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=40), st.randoms())
def test_no_two_orders_or_sets_of_leaves_have_one_root(marks: list[bytes], chance: random.Random) -> None:
    leaves = [leaf_of(UUID(int=number), mark) for number, mark in enumerate(marks)]
    root = root_of(leaves)
    assert root_of(leaves) == root
    assert root_of(leaves[:-1]) != root
    turned = list(leaves)
    chance.shuffle(turned)
    assert (root_of(turned) == root) == (turned == leaves)
