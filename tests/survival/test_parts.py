"""A part of the process that dies alone is told by `/readyz`, and the process ends so that a whole one takes its place."""

import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from heed.guard import BROKEN, CLOCK_STEP_S, ENDS_AFTER_S, SILENT_AFTER_S, Guard, Part
from tests.process import a_service, settings_of
from tests.survival.faulty import PARTS
from tests.survival.stage import FAULTY


@pytest.mark.parametrize("part", sorted(PARTS))
def test_s31_a_part_that_dies_alone_makes_readyz_503_and_ends_the_process(
    engines: Any, postgres_server: Any, tmp_path: Path, part: str
) -> None:
    # Only PostgreSQL has a bell with threads; the other parts are the same on both.
    with postgres_server.fresh() if part == "bell" else engines.fresh() as url:
        settings = settings_of(url, SURVIVAL_DEAD=part)
        with a_service(tmp_path, settings, program=FAULTY) as service:
            assert httpx2.get(f"{service.base_url}/healthz").status_code == 200
            told, deadline = httpx2.get(f"{service.base_url}/readyz"), time.monotonic() + 20
            while told.status_code == 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)
                told = httpx2.get(f"{service.base_url}/readyz")
            silent = {name for name, good in told.json().items() if good is False}
            assert silent == {"ready", part}
            assert service.process.wait(30) == BROKEN
    assert any("a part has died" in line and part in line for line in service.said)


class Ground:
    """A guard over two parts, with clocks that the test moves."""

    def __init__(self) -> None:
        self.now, self.step, self.beats = 1000.0, 0.0, {"writer": 1000.0, "schedule": 1000.0}
        self.answers, self.revived = True, 0
        self.set: list[float] = []
        parts = [
            Part("writer", lambda: self.now - self.beats["writer"]),
            Part("schedule", lambda: self.now - self.beats["schedule"], self._revive),
        ]
        self.guard = Guard(
            parts, lambda: self.answers, self._was_set, monotonic=lambda: self.now, wall=lambda: self.now + self.step
        )

    def _revive(self) -> None:
        self.revived += 1

    def _was_set(self, seconds: float) -> None:
        self.set.append(seconds)

    def look(self, seconds: float, *alive: str) -> str | None:
        """So many seconds pass, a look each; who is alive beats."""
        found = None
        for _ in range(round(seconds)):
            self.now += 1
            for name in alive:
                self.beats[name] = self.now
            found = found or self.guard.look()
        return found


def test_s31_a_silent_part_is_told_after_five_seconds_and_ends_the_process_after_thirty() -> None:
    ground = Ground()
    assert ground.look(SILENT_AFTER_S, "schedule") is None
    assert ground.guard.beating() == {"writer": True, "schedule": True}
    assert ground.look(1, "schedule") is None
    assert ground.guard.beating() == {"writer": False, "schedule": True}
    assert ground.look(ENDS_AFTER_S - SILENT_AFTER_S - 2, "schedule") is None
    assert ground.look(1, "schedule") == "writer"


def test_a_part_that_beats_again_is_forgiven() -> None:
    ground = Ground()
    assert ground.look(ENDS_AFTER_S - 2, "schedule") is None
    assert ground.look(1, "schedule", "writer") is None
    assert ground.look(ENDS_AFTER_S - 2, "schedule") is None


def test_silence_that_the_database_explains_ends_nothing() -> None:
    ground = Ground()
    ground.answers = False
    assert ground.look(10 * ENDS_AFTER_S, "schedule") is None
    ground.answers = True
    assert ground.look(1, "schedule") == "writer"


def test_s32_a_process_that_was_suspended_does_not_take_its_parts_for_dead() -> None:
    """All threads have slept alike: what the guard did not see pass does not count."""
    ground = Ground()
    ground.look(3, "writer", "schedule")
    ground.now += 300
    assert ground.guard.look() is None
    assert ground.look(5, "writer", "schedule") is None


@pytest.mark.parametrize("step", [-3600.0, 3600.0, -CLOCK_STEP_S - 0.1])
def test_s28_a_clock_that_is_set_is_told_and_the_schedule_reckons_anew(step: float) -> None:
    ground = Ground()
    ground.look(3, "writer", "schedule")
    ground.step += step
    ground.look(3, "writer", "schedule")
    assert ground.set == [pytest.approx(step)]
    assert ground.revived == 1
