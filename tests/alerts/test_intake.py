"""The one writer: groups, answers after the commit, one bad event alone, and what it does when the storage does not."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.models import Entry
from access.roles import Role
from access.slices import Ledger
from access.trail import Recorder
from alerts import group as group_module
from alerts import intake as intake_module
from alerts.event_models import Event
from alerts.events import Posted, Receipt
from alerts.group import ROOMS, Desk, Laps, Result
from alerts.intake import EventNotStored, Intake, IntakeFull, IntakeStopped
from alerts.models import Alert, FeedChange
from alerts.raising import Outcome
from alerts.rules.ladder import Ladder
from alerts.unstored import body_of, unstored
from db.errors import Contended, StorageFull, StorageUnavailable
from db.ids import new_ids
from db.session import Database
from markers.matcher import Reading
from tests.builders import GB, KEYS, FixedClock, a_caller, a_marker, an_event, from_number, on_phone
from tests.served import a_served
from web.api.event_body import read_event

TESS = a_caller("Tess", Role.INTEGRATION)


class Groups:
    """Remembers the sizes of the groups that were stored."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.failed = 0

    def group_stored(
        self,
        results: Sequence[tuple[Posted, Result]],
        outcome: Outcome | None,  # noqa: ARG002
        rooms: Mapping[str, float],
    ) -> None:
        assert set(rooms) <= set(ROOMS)
        self.sizes.append(len(results))

    def event_not_stored(self) -> None:
        self.failed += 1


def posted(**more: Any) -> Posted:
    return read_event(an_event(**more), TESS, GB)


@contextmanager
def an_intake(db: Database, waiting_at_most: int = 1000) -> Iterator[tuple[Intake, Groups]]:
    desk = Desk(
        clock=FixedClock(), ids=new_ids(), recorder=Recorder(new_ids(), Ledger("test")), reading=Reading(), ladder=Ladder(),
        default_queue="control-room",
    )  # fmt: skip
    groups = Groups()
    made = Intake(db, desk, groups, waiting_at_most)
    try:
        yield made, groups
    finally:
        with suppress(RuntimeError):
            made.stop()


def receipts(futures: Sequence[Future[Receipt]]) -> list[Receipt]:
    return [future.result(20) for future in futures]


def test_all_that_wait_are_stored_in_one_transaction_and_each_is_answered(db: Database) -> None:
    with an_intake(db) as (intake, groups):
        futures = intake.take([posted() for _ in range(50)])
        intake.start()
        ids = [receipt.event for receipt in receipts(futures)]
        assert groups.sizes == [50]
    with db.reading() as session:
        assert {event.id for event in session.scalars(select(Event))} == set(ids)
        [entry] = session.scalars(select(Entry))
        assert (entry.operation, entry.who) == ("collection", "Tess")
        assert {key for _, key, _ in json.loads(entry.objects)} == {str(event) for event in ids}


def test_a_group_is_at_most_256_events(db: Database) -> None:
    with an_intake(db) as (intake, groups):
        futures = intake.take([posted() for _ in range(300)])
        intake.start()
        receipts(futures)
        assert groups.sizes == [256, 44]


def test_an_idle_writer_takes_one_event_at_once(db: Database) -> None:
    with an_intake(db) as (intake, groups):
        intake.start()
        for _ in range(3):
            receipts(intake.take([posted()]))
        assert groups.sizes == [1, 1, 1]


def test_the_answer_comes_after_the_commit(db: Database) -> None:
    """Whoever is answered finds the event from any other connection, at once."""
    writer_db = db.for_writer()
    with an_intake(writer_db) as (intake, _):
        intake.start()
        for _ in range(20):
            [receipt] = receipts(intake.take([posted()]))
            with db.reading() as session:
                assert session.scalar(select(Event.id).where(Event.id == receipt.event)) == receipt.event
    writer_db.close()


def test_s7_one_bad_event_fails_alone_and_its_neighbours_are_stored(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = group_module.store_group

    def refuses_one(session: Session, events: Sequence[Posted], desk: Desk, laps: Laps) -> Any:
        if any(event.payload.find("poison") >= 0 for event in events):
            raise RuntimeError("SENTINEL")
        return whole(session, events, desk, laps)

    monkeypatch.setattr(intake_module, "store_group", refuses_one)
    with an_intake(db) as (intake, groups):
        events = [posted(summary="poison" if number == 17 else "fine") for number in range(40)]
        futures = intake.take(events)
        intake.start()
        failed = [number for number, future in enumerate(futures) if future.exception(20)]
        assert failed == [17]
        assert groups.failed == 1
        error = futures[17].exception()
        assert isinstance(error, EventNotStored)
        assert "SENTINEL" not in str(error)
        assert sum(groups.sizes) == 39
        [again] = intake.take([events[17]])
        assert isinstance(again.exception(20), EventNotStored)
        with db.reading() as session:
            assert len(session.scalars(select(Event)).all()) == 39
            [kept] = unstored(session)
            assert (kept.source, kept.times, kept.reason) == (events[17].source, 2, "RuntimeError")
            assert body_of(session, kept.id) == events[17].payload
        # Mended, and sent again: it is stored, and nothing is left to be seen to.
        monkeypatch.setattr(intake_module, "store_group", whole)
        receipts(intake.take([events[17]]))
    with db.reading() as session:
        assert len(session.scalars(select(Event)).all()) == 40
        assert unstored(session) == []


def test_s7_an_event_that_can_be_neither_stored_nor_kept_aside_stops_nobody(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = group_module.store_group

    def refuses_one(session: Session, events: Sequence[Posted], desk: Desk, laps: Laps) -> Any:
        if any("poison" in event.payload for event in events):
            raise RuntimeError("SENTINEL")
        return whole(session, events, desk, laps)

    def refuses(*_: Any) -> None:
        raise RuntimeError("SENTINEL")

    monkeypatch.setattr(intake_module, "store_group", refuses_one)
    monkeypatch.setattr(intake_module, "keep_aside", refuses)
    with an_intake(db) as (intake, groups):
        futures = intake.take([posted(summary="poison" if number == 100 else "fine") for number in range(256)])
        intake.start()
        assert [number for number, future in enumerate(futures) if future.exception(20)] == [100]
        assert sum(groups.sizes) == 255
        assert intake.is_writing()


@pytest.mark.parametrize("error", [Contended("40P01"), StorageUnavailable("57P01"), StorageUnavailable("connection")])
def test_a_group_in_anothers_way_is_tried_again(
    db: Database, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    whole, tries = group_module.store_group, []

    def fails_twice(session: Session, events: Sequence[Posted], desk: Desk, laps: Laps) -> Any:
        tries.append(1)
        if len(tries) <= 2:
            raise error
        return whole(session, events, desk, laps)

    monkeypatch.setattr(intake_module, "store_group", fails_twice)
    with an_intake(db) as (intake, _):
        futures = intake.take([posted(), posted()])
        intake.start()
        assert len(receipts(futures)) == 2
    assert len(tries) == 3


def test_a_commit_that_was_lost_is_tried_again_and_found_to_have_happened(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection dies after the commit: nobody knows, so the group is stored again, and is there once."""
    once = intake_module.Intake._once
    lost: list[int] = []

    def loses_the_first_answer(self: Intake, events: Sequence[Posted]) -> Any:
        results = once(self, events)
        if not lost:
            lost.append(1)
            raise StorageUnavailable("08006")
        return results

    monkeypatch.setattr(intake_module.Intake, "_once", loses_the_first_answer)
    with an_intake(db) as (intake, _):
        futures = intake.take([posted() for _ in range(5)])
        intake.start()
        assert len({receipt.event for receipt in receipts(futures)}) == 5
    with db.reading() as session:
        assert len(session.scalars(select(Event)).all()) == 5


def test_a_full_disk_is_answered_at_once_and_not_tried_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def full(*_: Any) -> Any:
        tries.append(1)
        raise StorageFull("53100")

    monkeypatch.setattr(intake_module, "store_group", full)
    with an_intake(db) as (intake, _):
        [future] = intake.take([posted()])
        intake.start()
        assert isinstance(future.exception(20), StorageFull)
    assert len(tries) == 1


def test_a_storage_that_stays_away_is_answered_as_unknown(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        raise StorageUnavailable("08006")

    monkeypatch.setattr(intake_module, "store_group", gone)
    monkeypatch.setattr(intake_module, "RETRY_FOR_S", 0.2)
    with an_intake(db) as (intake, _):
        [future] = intake.take([posted()])
        intake.start()
        assert isinstance(future.exception(20), StorageUnavailable)
        assert intake.is_writing()


def test_more_than_may_wait_is_refused_at_once(db: Database) -> None:
    with an_intake(db, waiting_at_most=3) as (intake, _):
        futures = intake.take([posted(), posted()])
        with pytest.raises(IntakeFull):
            intake.take([posted(), posted()])
        futures += intake.take([posted()])
        intake.start()
        assert len(receipts(futures)) == 3


def test_s10_what_waits_is_bounded_in_bytes_too(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    large = [posted(summary="x" * 1000) for _ in range(10)]
    monkeypatch.setattr(intake_module, "WAITING_BYTES_AT_MOST", sum(len(event.payload) for event in large))
    with an_intake(db) as (intake, _):
        futures = intake.take(large)
        with pytest.raises(IntakeFull):
            intake.take([posted()])
        intake.start()
        receipts(futures)
        assert len(receipts(intake.take(large))) == 10


def test_what_was_taken_is_stored_and_answered_when_it_stops_and_nothing_more_is_taken(db: Database) -> None:
    with an_intake(db) as (intake, _):
        futures = intake.take([posted() for _ in range(300)])
        intake.start()
        intake.stop()
        assert all(future.done() for future in futures)
        with pytest.raises(IntakeStopped):
            intake.take([posted()])
    with db.reading() as session:
        assert len(session.scalars(select(Event)).all()) == 300


@pytest.mark.parametrize("rounds", [30, pytest.param(600, marks=[pytest.mark.stress, pytest.mark.timeout(900)])])
def test_two_processes_racing_on_one_happening_make_one_alert(postgres_server: Any, rounds: int) -> None:
    with postgres_server.fresh() as url, a_served(url) as one, a_served(url, secrets=one.secrets) as other:
        one.post("/v1/markers", a_marker(on_phone()), "Owen")
        answers: list[Any] = []

        def play(served: Any, source: str) -> None:
            for number in range(rounds):
                call, incident = {"call": f"T-{number}"}, {"incident": f"I-{number}"}
                references = call if source == "a" else call | incident
                answers.append(served.post("/v1/events", an_event(source=source, **references, **from_number())))

        threads = [threading.Thread(target=play, args=args) for args in ((one, "a"), (other, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {201}
        created = [alert["alert"] for answer in answers for alert in answer.json()["alerts"] if alert["created"]]
        assert len(created) == len(set(created)) == rounds
        page = one.get("/v1/alerts", limit=200).json()["items"]
        assert {alert["event_count"] for alert in page} == {2}
        reader = Database(url, KEYS)
        with reader.reading() as session:
            numbers = session.scalars(select(Alert.number).order_by(Alert.number)).all()
            positions = session.scalars(select(FeedChange.position).order_by(FeedChange.position)).all()
        reader.close()
        assert numbers == list(range(1, rounds + 1))
        assert positions == list(range(1, 2 * rounds + 1))
