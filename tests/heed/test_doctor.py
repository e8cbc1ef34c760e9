"""`heed doctor` finds what is wrong, and says which."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select, text, update

from access.slices import Ledger
from access.trail import Act, Operation, Recorder
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keycheck import KeyCheck
from db.session import Database
from db.turns import Turn, take_turn
from heed.commands.doctor import Finding, asked, examined
from heed.keys import hold_against_database
from heed.settings import Settings, plain_settings
from heed.watch import LOOKING
from tests.builders import KEYS, a_caller
from tests.served import Served, a_served


@pytest.fixture
def settings(url: str, db: Database) -> Settings:
    hold_against_database(db, DatabaseClock())
    sealing, digest = KEYS.written()
    return plain_settings(database_url=url, sealing_keys=sealing, digest_key=digest)


def found(settings: Settings) -> dict[str, Finding]:
    return {one.what: one for one in examined(settings)}


def wrong(settings: Settings) -> list[str]:
    return [one.what for one in examined(settings) if one.good is False]


def test_all_is_well(settings: Settings) -> None:
    assert set(found(settings)) == {
        "disk",
        "database",
        "schema",
        "storage",
        "clock",
        "events",
        "watch",
        "sealer",
        "schedule",
        "keys",
    }
    assert wrong(settings) == []


def unsealed(db: Database) -> None:
    recorder = Recorder(new_ids(), Ledger("killed"))
    with db.transaction() as session:
        now = DatabaseClock().now(session) - timedelta(minutes=5)
        recorder.record(session, a_caller(), Act(operation=Operation.ALTERATION, action="x"), now)


def no_night(db: Database) -> None:
    with db.transaction() as session:
        now = DatabaseClock().now(session)
        assert take_turn(session, "nightly_drill", now - timedelta(days=3), timedelta(hours=12))


def old_schema(db: Database) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'the_spine'"))


@pytest.mark.parametrize(
    ("break_it", "named"),
    [(unsealed, ["sealer"]), (no_night, ["schedule"]), (old_schema, ["schema"])],
)
def test_what_is_wrong_is_named(
    settings: Settings, db: Database, break_it: Callable[[Database], None], named: list[str]
) -> None:
    break_it(db)
    assert wrong(settings) == named


def test_other_keys_and_no_database_are_named(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"digest_key": plain_settings(digest_key="A" * 43 + "=").digest_key})
    assert wrong(other) == ["keys"]
    nowhere = plain_settings(database_url=f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert wrong(nowhere) == ["database"]


def test_a_full_disk_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heed.commands.doctor.DISK_FREE_AT_LEAST", 10**18)
    assert wrong(settings) == ["disk"]


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with a_served(url) as running:
        yield running


def told_by(base_url: str, tries: int = 5) -> list[tuple[bool | None, str]]:
    """What it says; a machine with much to do may need longer than the service allows one question."""
    told = [(one.good, one.told) for one in asked(base_url)]
    return told_by(base_url, tries - 1) if tries and "can't answer now" in told[0][1] else told


def test_a_running_service_is_asked(served: Served) -> None:
    assert told_by(served.base_url) == [(True, "ready")]
    served.stop()
    assert [(one.good, one.told) for one in asked(served.base_url)] == [(False, "it does not answer")]


@pytest.mark.parametrize("body", ["[]", "{}", '{"type": "not-found"}', "not json"])
def test_what_is_no_heed_is_not_taken_for_one(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    answer = httpx2.Response(200, text=body)
    monkeypatch.setattr("heed.commands.doctor.httpx2.get", lambda *_, **__: answer)
    assert [one.good for one in asked("http://127.0.0.1:1")] == [False]


def test_a_heed_with_too_much_to_do_is_told_from_none(monkeypatch: pytest.MonkeyPatch) -> None:
    late = {"type": "try-again", "title": "The storage did not answer in time", "status": 503}
    monkeypatch.setattr("heed.commands.doctor.httpx2.get", lambda *_, **__: httpx2.Response(503, json=late))
    told = "it can't answer now: The storage did not answer in time"
    assert [(one.good, one.told) for one in asked("http://127.0.0.1:1")] == [(False, told)]


def test_it_only_looks(url: str, db: Database) -> None:
    """Keys that nobody has used yet are not written down as this database's own."""
    sealing, digest = KEYS.written()
    settings = plain_settings(database_url=url, sealing_keys=sealing, digest_key=digest)
    assert found(settings)["keys"].good is None
    with db.reading() as session:
        assert session.scalars(select(KeyCheck)).all() == []


def test_a_database_that_can_not_be_reached_is_a_finding(tmp_path: Path) -> None:
    settings = plain_settings(database_url="postgresql://nobody@127.0.0.1:1/none", key_file=tmp_path / "none")
    assert wrong(settings) == ["database"]


def test_that_no_service_watches_any_more_is_told(settings: Settings, db: Database) -> None:
    assert found(settings)["watch"].good is None
    with db.transaction() as session:
        now = DatabaseClock().now(session)
        assert take_turn(session, LOOKING, now, timedelta(0))
    assert found(settings)["watch"].good
    with db.transaction() as session:
        session.execute(update(Turn).where(Turn.work == LOOKING).values(taken_at=now - timedelta(minutes=2)))
    assert wrong(settings) == ["watch"]


def test_an_alert_that_nobody_sent_up_says_that_the_watch_is_silent(settings: Settings, db: Database) -> None:
    with a_served(settings.database_url) as running:
        running.post("/v1/markers", {"category": "x", "risk": "high", "instruction": "x",
                                     "targets": [{"phone": {"number": "07700 900123"}}]}, "Owen")  # fmt: skip
        event = {"source": "a", "id": "1", "type": "call", "occurred_at": "2026-11-24T12:00:00Z",
                 "phones": [{"number": "07700 900123", "role": "caller"}]}  # fmt: skip
        assert running.post("/v1/events", event).status_code == 201
    # Its clock stood a day ago, and no service is running any more.
    assert "watch" in wrong(settings)
