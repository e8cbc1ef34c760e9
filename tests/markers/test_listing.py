"""A list is found in several ways, and each finds the same."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import func, select, update

from access.roles import Role
from markers.listing import MOST_COUNTED, MarkerFilter, Way, counts_of, listed_as, markers_page
from markers.models import Marker
from markers.queries import status_is
from markers.words import Status
from tests.builders import NOON, a_caller, on_phone
from tests.world import World

LATER, EARLIER = NOON + timedelta(days=1), NOON - timedelta(days=1)
OWEN = a_caller("Owen", Role.OFFICER)


@pytest.fixture
def every_standing(world: World) -> World:
    """A marker for each way in which dates, a suspension and a withdrawal can stand together."""
    combined = list(product((EARLIER, NOON, LATER), (None, EARLIER, NOON, LATER), (None, EARLIER), (None, EARLIER)))
    for number in range(len(combined)):
        world.place(on_phone(f"07700 9001{number:02}"), reference=f"M-{number}")
    with world.db.transaction() as session:
        for number, (begun, ends, suspended, withdrawn) in enumerate(combined):
            standing = {"valid_from": begun, "valid_until": ends, "suspended_at": suspended, "withdrawn_at": withdrawn}
            session.execute(update(Marker).where(Marker.reference == f"M-{number}").values(**standing))
    return world


def test_every_way_to_a_standing_finds_the_same_markers(every_standing: World) -> None:
    with every_standing.db.reading() as session:
        for status in Status:
            expected = set(session.scalars(select(Marker.id).where(status_is(status, NOON))))
            assert expected
            for way in Way:
                assert (
                    set(session.scalars(select(Marker.id).where(listed_as(session, status, NOON, way)))) == expected
                ), (status, way)
            for kept_by in (None, "Owen"):
                page = markers_page(session, OWEN, MarkerFilter(status=status, kept_by=kept_by), NOON, (None, 100))
                assert {row.id for row in page.rows} == expected
        total = session.scalar(select(func.count()).select_from(Marker))
        counts = counts_of(session, OWEN, MarkerFilter(), NOON)
        assert counts == counts_of(session, OWEN, MarkerFilter(kept_by="Owen"), NOON)
        assert sum(counts.values()) == total


@pytest.mark.parametrize("few", [0, 2000])
def test_pages_follow_one_another_both_ways_whoever_keeps_many(
    every_standing: World, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("markers.listing.FEW", few)
    with every_standing.db.reading() as session:
        for newest_first in (False, True):
            for wanted in (MarkerFilter(kept_by="Owen"), MarkerFilter(), MarkerFilter(status=Status.LAPSED)):
                whole = markers_page(session, OWEN, wanted, NOON, (None, 200), newest_first=newest_first)
                found, after = [], None
                while True:
                    page = markers_page(session, OWEN, wanted, NOON, (after, 7), newest_first=newest_first)
                    found += [row.id for row in page.rows]
                    if page.last is None:
                        break
                    after = page.last
                assert found == [row.id for row in whole.rows]
                times = [row.placed_at for row in whole.rows]
                assert times == sorted(times, reverse=newest_first)


def test_a_count_ends_at_its_bound(every_standing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("markers.listing.MOST_COUNTED", 3)
    with every_standing.db.reading() as session:
        assert counts_of(session, OWEN, MarkerFilter(), NOON)["withdrawn"] == 3
    assert MOST_COUNTED == 200
