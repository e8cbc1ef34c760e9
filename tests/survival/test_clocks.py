"""A host's clock is set while the service runs: alerts go up when they would have, and once a step.

The process's own clock is set (libfaketime, Debian's `faketime`), so that nobody else's is touched. Skipped, aloud,
where it is absent.
"""

import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from alerts.models import HistoryLine
from tests.survival.stage import a_stage
from tests.survival.test_lateness import NOISE_S
from tests.survival.test_races import Pair, rows_of

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
DUE_S = 4.0

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime was not found: install Debian's `faketime`")


def faked(file: Path) -> dict[str, Any]:
    """The environment of a process whose wall clock is off by what `file` says, and whose other clocks are not."""
    return {
        "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "SURVIVAL_DUE_S": str(int(DUE_S)),
    }  # fmt: skip


def ups(pair: Pair) -> int:
    """How many steps the alert has gone up."""
    return len(rows_of(pair, HistoryLine, HistoryLine.change == "escalated_as_late"))


@pytest.mark.parametrize(
    ("engine", "step"),
    [
        ("sqlite_files", "-3600"),
        ("sqlite_files", "+3600"),
        pytest.param("sqlite_files", "-2", marks=pytest.mark.stress),
        ("postgres_server", "-3600"),
        pytest.param("postgres_server", "+3600", marks=pytest.mark.stress),
        pytest.param("postgres_server", "-2", marks=pytest.mark.stress),
    ],
)
def test_s28_a_clock_that_is_set_neither_misses_nor_doubles_an_escalation(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, step: str
) -> None:
    engines: Any = request.getfixturevalue(engine)
    file = tmp_path / "off"
    file.write_text("+0")
    with engines.fresh() as url, a_stage(url, tmp_path) as stage:
        service: Any = stage.start(**faked(file))
        with httpx2.Client(base_url=service.base_url, timeout=20) as client:
            pair = Pair(stage, [service], [client])
            sent = time.monotonic()
            pair.happen(0)
            began = time.monotonic()
            time.sleep(1)
            file.write_text(step)
            stage.wait_until(lambda: ups(pair) == 1)
            now = time.monotonic()
            assert now - began <= DUE_S + 2 + NOISE_S
            # On PostgreSQL lateness goes by the database's clock: nothing happened there.
            if engine == "postgres_server":
                assert now - sent >= DUE_S - 0.5
            time.sleep(2.5)
            assert ups(pair) == 1
            if step != "-2":
                assert "the clock was set" in "".join(service.said)
            service.end()
