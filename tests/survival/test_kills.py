"""The service is killed where it stands, again and again, while clients post: nothing acknowledged is lost or doubled.

Random kills seldom hit the one moment that matters (test_places.py hits those by name); they look for what nobody
named.
"""

import random
import time
from pathlib import Path

import httpx2
import pytest

from db.session import Database
from tests.builders import KEYS, FixedClock, a_marker
from tests.process import Service, settings_of
from tests.survival.checker import check
from tests.survival.clients import MARKED, Load, a_load
from tests.survival.record import Record, Told
from tests.survival.rows import read_rows, verify_with_what_was_left
from tests.world import CAST, grant_tokens

SEED = 20261125


def place_markers(base_url: str, secrets: dict[str, str]) -> None:
    for number in MARKED:
        body = a_marker({"phone": {"number": number}})
        headers = {"Authorization": f"Bearer {secrets['Owen']}"}
        assert httpx2.post(f"{base_url}/v1/markers", json=body, headers=headers).status_code == 201


def posts_while_it_lived(load: Load, record: Record, chance: random.Random) -> None:
    """Wait until so many more were acknowledged, and then a moment that no one chose."""
    wanted, deadline = len(record.acknowledged()) + chance.randrange(10, 60), time.monotonic() + 30
    while len(record.acknowledged()) < wanted:
        assert time.monotonic() < deadline, "nothing was acknowledged"
        assert not load.stopping.is_set()
        time.sleep(0.005)
    time.sleep(chance.random() * 0.05)


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=[pytest.mark.stress, pytest.mark.timeout(900)])])
def test_nothing_acknowledged_is_lost_or_doubled_by_kills(url: str, tmp_path: Path, kills: int) -> None:
    settings, chance = settings_of(url), random.Random(SEED)
    secrets = grant_tokens(url, FixedClock(), CAST)
    db = Database(url, KEYS)
    record = Record(tmp_path / "record.jsonl")
    service = Service(tmp_path, settings)
    service.wait_until_it_serves()
    port = int(service.base_url.rpartition(":")[2])
    place_markers(service.base_url, secrets)
    try:
        with a_load([service.base_url], secrets, SEED, record) as load:
            load.senders(6)
            load.people("Priya", "Kit")
            load.screens(2)
            for _ in range(kills):
                posts_while_it_lived(load, record, chance)
                service.kill()
                service = Service(tmp_path, settings, port=port)
                service.wait_until_it_serves()
            posts_while_it_lived(load, record, chance)
            load.settle(lambda: not [found for found in check(record, read_rows(db)) if found.startswith("I6")])
        service.end()
    finally:
        service.close()
    verdict, adopted = verify_with_what_was_left(db)
    rows = read_rows(db)
    db.close()
    unknown = sum(post.told is Told.UNKNOWN for post in record.posts)
    print(f"{kills} kills: {len(record.acknowledged())} acknowledged, {unknown} unknown, {adopted} entries adopted")
    assert check(record, rows) == []
    assert verdict.is_intact, verdict
    assert (verdict.pending, verdict.adopted) == (0, adopted)
    # A run in which no kill fell while something was under way shows nothing.
    assert unknown > 0
    assert adopted > 0
