"""An alert that nobody answers goes up in time while a process lives, and once, soon after an outage."""

import json
import time
from pathlib import Path
from typing import Any

import httpx2

from alerts.models import HistoryLine
from tests.survival.stage import Stage, a_stage
from tests.survival.test_races import Pair, rows_of

NOISE_S = 3.0
"""What a machine that others use, too, may add to the promise of two seconds."""


def lateness(stage: Stage, pair: Pair) -> list[float]:
    """By how many seconds each escalation came late, in order."""
    lines = rows_of(pair, HistoryLine, HistoryLine.change == "escalated_as_late")
    with stage.db.reading() as session:
        told = [json.loads(session.merge(line).details) for line in sorted(lines, key=lambda line: line.version)]
    return [float(one["late_by_s"]) for one in told]


def test_s27_a_late_alert_goes_up_in_time_and_after_an_outage_once(postgres_server: Any, tmp_path: Path) -> None:
    with postgres_server.fresh() as url, a_stage(url, tmp_path) as stage:
        service: Any = stage.start(SURVIVAL_DUE_S="4")
        with httpx2.Client(base_url=service.base_url, timeout=20) as client:
            pair = Pair(stage, [service], [client])
            pair.happen(0)
            stage.wait_until(lambda: len(lateness(stage, pair)) == 1)
        service.kill()
        time.sleep(7)
        assert len(lateness(stage, pair)) == 1
        service = stage.start(SURVIVAL_DUE_S="4")
        began = time.monotonic()
        stage.wait_until(lambda: len(lateness(stage, pair)) >= 2)
        assert time.monotonic() - began < 3 + NOISE_S
        first, second = lateness(stage, pair)
        assert first <= 2 + NOISE_S
        # It is told how long nobody was there; and what nobody was there for is not made up for twice.
        assert second >= 2.5
        service.kill()
