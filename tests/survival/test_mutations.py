"""A harness that can't fail proves nothing: with a promise taken out of the code, it must say which one is broken."""

import random
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select, text

from alerts.models import Alert
from tests.builders import NOON
from tests.survival.clients import MARKED, a_load, post_event
from tests.survival.faulty import KILLED
from tests.survival.stage import Stage, a_stage
from tests.survival.test_races import Pair

SEED = 11


def broken_in(findings: list[str]) -> set[str]:
    return {finding.split()[0] for finding in findings}


def drop_key(stage: Stage, table: str) -> None:
    """The mutation's database has not the unique key either."""
    with stage.db.transaction() as session:
        session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}"))


def at_once(*works: Callable[[], object]) -> None:
    """Run them in threads that start together."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def a_call(number: int, phone: str) -> dict[str, object]:
    return {
        "source": "relay/race", "id": f"race-{number}", "type": "call", "call": f"race-{number}",
        "occurred_at": NOON.isoformat(), "phones": [{"number": phone, "role": "caller"}],
    }  # fmt: skip


@pytest.mark.stress
def test_an_answer_before_the_commit_is_caught(url: str, tmp_path: Path) -> None:
    with a_stage(url, tmp_path) as stage:
        service = stage.start(SURVIVAL_MUTATION="answer_before_commit", SURVIVAL_FAULT="before_commit:5")
        with a_load([service.base_url], stage.secrets, SEED, stage.record) as load:
            load.senders(3)
            assert service.process.wait(30) == KILLED
            load.give_up()
        findings, _, _ = stage.end()
    assert "I1" in broken_in(findings)


@pytest.mark.stress
def test_positions_of_a_sequence_are_caught(postgres_server: Any, tmp_path: Path) -> None:
    with postgres_server.fresh() as url, a_stage(url, tmp_path) as stage:
        service = stage.start(SURVIVAL_MUTATION="number_before_commit", SURVIVAL_FAULT="after_counter:4")
        with a_load([service.base_url], stage.secrets, SEED, stage.record) as load:
            load.senders(3)
            assert service.process.wait(30) == KILLED
            stage.start_again(service)
            stage.wait_for_more(random.Random(SEED), 5, 10)
            load.give_up()
        findings, _, _ = stage.end()
    assert "I5" in broken_in(findings)


@pytest.mark.parametrize("mutation", ["no_unique_event", pytest.param("", marks=pytest.mark.stress)])
def test_without_a_unique_source_and_id_a_race_is_caught(postgres_server: Any, tmp_path: Path, mutation: str) -> None:
    """Two processes are given the same event at the same moment; with the key, nothing is found."""
    with postgres_server.fresh() as url, a_stage(url, tmp_path) as stage:
        if mutation:
            drop_key(stage, "event_keys")
        urls = [stage.start(SURVIVAL_MUTATION=mutation).base_url for _ in range(2)]
        with httpx2.Client(headers={"Authorization": f"Bearer {stage.secrets['Tess']}"}, timeout=20) as client:

            def send(base_url: str, body: dict[str, object]) -> None:
                stage.record.post(post_event(client, base_url, "race", body))

            for number in range(60):
                body = a_call(number, MARKED[number % len(MARKED)])
                at_once(*(lambda base_url=base_url, body=body: send(base_url, body) for base_url in urls))
        findings, _, _ = stage.end()
    assert ("I2" in broken_in(findings)) == bool(mutation)
    assert mutation or findings == []


@pytest.mark.stress
def test_without_a_unique_open_alert_a_race_is_caught(postgres_server: Any, tmp_path: Path) -> None:
    """Reopened while a further event arrives: two alerts of one happening are open (tests/survival/test_races.py)."""
    with postgres_server.fresh() as url, a_stage(url, tmp_path) as stage, ExitStack() as stack:
        drop_key(stage, "open_alerts")
        services = [stage.start(SURVIVAL_MUTATION="no_unique_open_alert") for _ in range(2)]
        clients = [stack.enter_context(httpx2.Client(base_url=one.base_url, timeout=20)) for one in services]
        pair = Pair(stage, services, clients)
        for number in range(200):
            call = f"O-{number}"
            alert = pair.alert_of(pair.happen(0, call=call))
            pair.ask(0, "POST", f"/v1/alerts/{alert}/resolve", {"outcome": "advice_given", "note": "x"}, "Priya")
            pair.at_once(
                partial(pair.ask, 0, "POST", f"/v1/alerts/{alert}/reopen", {"reason": "x"}, "Priya"),
                partial(pair.happen, 1, call=call),
            )
            counted = select(func.count()).select_from(Alert).where(Alert.state != "resolved")
            with stage.db.reading() as session:
                standing = session.execute(counted.add_columns(Alert.happening_id).group_by(Alert.happening_id)).all()
            if any(count > 1 for count, _ in standing):
                return
    raise AssertionError("two alerts of one happening were never open at once")


@pytest.mark.stress
def test_a_claim_without_a_lock_is_caught_by_the_versions_own_key(postgres_server: Any, tmp_path: Path) -> None:
    """Two watches see the same late alert; the second's line of history has a version that is taken, and it is told."""
    with postgres_server.fresh() as url, a_stage(url, tmp_path) as stage:
        services = [stage.start(SURVIVAL_MUTATION="claim_without_lock", SURVIVAL_DUE_S="3") for _ in range(2)]
        with httpx2.Client(headers={"Authorization": f"Bearer {stage.secrets['Tess']}"}, timeout=20) as client:
            stage.record.post(post_event(client, services[0].base_url, "race", a_call(1, MARKED[0])))
        stage.wait_until(lambda: any("could not look for late alerts" in line for one in services for line in one.said))
        stage.end()
