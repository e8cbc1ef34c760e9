"""A key that many share brings a hundred of each audience along at most, and what a telling key finds always."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from markers.crowds import outside_of_crowds
from markers.matching.weights import CROWD_AT_MOST
from markers.queries import Candidate
from tests.builders import at_address, on_address
from tests.world import World


def a_candidate(number: int, audience: str = "open") -> Candidate:
    return Candidate(
        digest=b"", target_id=UUID(int=number), ordinal=0, kind="address", given_sealed=b"",
        known_sealed=None, marker_id=UUID(int=number),
        placed_at=datetime(2026, 1, 1, tzinfo=UTC), placed_ordinal=0, force="default", audience=audience, queue=None,
        case_reference=None, category="stalking", risk="high", response_grade=None, valid_from=datetime(2026, 1, 1, tzinfo=UTC), valid_until=None,
    )  # fmt: skip


def test_of_a_crowd_those_that_share_most_are_compared() -> None:
    crowd = [a_candidate(number) for number in range(500)]
    kept, capped = outside_of_crowds({"nt:1|LEEDS|H": crowd, "ns:1|H230": crowd[480:], "pn:LS1 4DS|1": crowd[:3]})
    assert capped
    assert {UUID(int=number) for number in (0, 1, 2, *range(480, 500))} <= kept
    assert len(kept) == CROWD_AT_MOST + 3


def test_what_is_hidden_pushes_out_nothing_and_is_counted_apart() -> None:
    crowd = [a_candidate(number) for number in range(60)]
    hidden = [a_candidate(1000 + number, "circle:x") for number in range(300)]
    kept, capped = outside_of_crowds({"ww:A B": [*hidden, *crowd]})
    assert not capped
    assert {one.target_id for one in crowd} <= kept
    assert len(kept) == 60 + CROWD_AT_MOST


def test_what_has_lapsed_takes_no_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("markers.crowds.CROWD_AT_MOST", 2)
    until = (world.clock.moment + timedelta(hours=1)).isoformat()
    for _ in range(3):
        world.place(on_address("Rosebank, Formby", None), valid_until=until)
    world.clock.advance(hours=2)
    standing = world.place(on_address("Rosebank, Formby", None))
    world.happen(occurred_at=world.clock.moment.isoformat(), **at_address("Rosebank, Formby", None))
    assert [match["marker"] for match in world.alert()["matches"]] == [standing["id"]]
