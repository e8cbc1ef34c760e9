"""The service is killed where it stands, again and again, while clients post: nothing acknowledged is lost or doubled.

Random kills seldom hit the one moment that matters (test_places.py hits those by name); they look for what nobody
named.
"""

import random
from pathlib import Path

import pytest

from tests.survival.clients import a_load
from tests.survival.record import Told
from tests.survival.stage import a_stage

SEED = 20261125


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=[pytest.mark.stress, pytest.mark.timeout(900)])])
def test_s1_s2_s20_s21_nothing_acknowledged_is_lost_or_doubled_by_kills(url: str, tmp_path: Path, kills: int) -> None:
    chance = random.Random(SEED)
    with a_stage(url, tmp_path) as stage:
        service = stage.start()
        with a_load([service.base_url], stage.secrets, SEED, stage.record) as load:
            load.senders(6)
            load.people("Priya", "Kit")
            load.screens(2)
            for _ in range(kills):
                stage.wait_for_more(chance)
                service.kill()
                service = stage.start_again(service)
            stage.wait_for_more(chance)
            stage.settle(load)
        findings, rows, adopted = stage.end()
        record = stage.record
    unknown = sum(post.told is Told.UNKNOWN for post in record.posts)
    print(f"{kills} kills: {len(record.acknowledged())} acknowledged, {unknown} unknown, {adopted} entries adopted")
    assert findings == []
    # A run in which no kill fell while something was under way, or nothing was raised or answered, shows nothing.
    assert unknown > 0
    assert adopted > 0
    assert len(rows.alerts) > 5
    assert any(move.told is Told.OK for move in record.moves)
