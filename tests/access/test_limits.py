"""Limits on tries: a burst is exact also when many ask at once, and comes back with time, on both engines."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from access.limits import Limit, forget_spent, forgive, try_once
from db.session import Database
from tests.builders import NOON

FIVE = Limit("test", 5, timedelta(minutes=1))


def tried(db: Database, whose: str = "Priya", after: timedelta = timedelta(0)) -> bool:
    with db.transaction() as session:
        return try_once(session, FIVE, whose, NOON + after)


def test_a_burst_is_exact_and_one_comes_back_each_minute(db: Database) -> None:
    assert [tried(db) for _ in range(7)] == [True] * 5 + [False] * 2
    assert tried(db, "Sam")
    assert not tried(db, after=timedelta(seconds=59))
    assert tried(db, after=timedelta(seconds=61))
    assert not tried(db, after=timedelta(seconds=62))
    assert [tried(db, after=timedelta(minutes=30)) for _ in range(6)] == [True] * 5 + [False]


def test_many_at_once_are_counted_exactly(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(lambda _: tried(db), range(40))) == {True: 5, False: 35}


def test_who_got_it_right_has_tried_nothing_and_what_is_spent_goes(db: Database) -> None:
    for _ in range(6):
        tried(db)
    with db.transaction() as session:
        forgive(session, FIVE, "priya")
    assert tried(db)
    with db.transaction() as session:
        assert forget_spent(session, NOON) == 0
        assert forget_spent(session, NOON + timedelta(hours=1)) == 1
        assert session.execute(text("SELECT count(*) FROM rates")).scalar_one() == 0


def test_a_name_is_kept_as_a_digest_only(db: Database) -> None:
    tried(db)
    with db.reading() as session:
        assert b"riya" not in bytes(session.execute(text("SELECT digest FROM rates")).scalar_one())


@settings(max_examples=25)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=25))
def test_never_more_than_the_burst_and_one_a_minute(waits: list[int]) -> None:
    """The rule itself, against counting: within any stretch, at most the burst and one for each minute of it."""
    spent, at, taken = 0.0, 0, []
    for wait in waits:
        at += wait
        if spent - at <= (FIVE.burst - 1) * 60:
            spent = max(spent, at) + 60
            taken.append(at)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= FIVE.burst + (taken[last] - taken[first]) / 60 + 1
