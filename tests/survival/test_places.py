"""The process ends, or an answer is lost, at each place where a promise could break: hit on purpose, by name."""

import random
from pathlib import Path

import pytest

from tests.survival.clients import a_load
from tests.survival.faulty import KILLED
from tests.survival.record import Told
from tests.survival.stage import a_stage

SEED = 7


@pytest.mark.parametrize(
    "place", ["before_commit:7", "after_counter:3", "after_commit:7", "after_first_answer:9", "before_sealing:2"]
)
def test_s2_s3_s6_a_process_that_ends_at_a_named_place_loses_and_doubles_nothing(
    url: str, tmp_path: Path, place: str
) -> None:
    with a_stage(url, tmp_path) as stage:
        service = stage.start(SURVIVAL_FAULT=place)
        with a_load([service.base_url], stage.secrets, SEED, stage.record) as load:
            load.senders(3)
            load.people("Priya")
            load.screens(1)
            assert service.process.wait(30) == KILLED
            stage.start_again(service)
            stage.wait_for_more(random.Random(SEED), 5, 10)
            stage.settle(load)
        findings, _, adopted = stage.end()
    assert findings == []
    assert any(post.told is Told.UNKNOWN for post in stage.record.posts)
    assert adopted > 0 or not place.startswith(("after_commit", "before_sealing"))


def test_s3_a_commit_whose_answer_is_lost_is_settled_by_the_key(url: str, tmp_path: Path) -> None:
    with a_stage(url, tmp_path) as stage:
        service = stage.start(SURVIVAL_FAULT="commit_unknown:3")
        with a_load([service.base_url], stage.secrets, SEED, stage.record) as load:
            load.senders(3)
            load.screens(1)
            stage.wait_for_more(random.Random(SEED), 20, 30)
            stage.settle(load)
        findings, rows, _ = stage.end()
    assert findings == []
    # The writer asked again by itself: nobody was told that anything is unknown, nor 409.
    assert {post.told for post in stage.record.posts} == {Told.OK}
    assert any("group tried again" in line for line in service.said)
    assert any(post.replayed and post.status == 200 for post in stage.record.posts)
    assert len(rows.alerts) > 0
