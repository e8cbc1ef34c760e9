"""Markers of an older version are keyed anew before a service listens, and are found by today's keys."""

from uuid import UUID

from sqlalchemy import select, text

from markers.matching.values import Numbering
from markers.models import Target
from markers.rekeying import key_anew, to_be_keyed
from tests.builders import at_address, on_address
from tests.world import World


def test_older_targets_are_keyed_anew_once_and_found(world: World) -> None:
    world.place(on_address())
    broken = world.place(on_address("14 Bold Street, Liverpool"))
    with world.db.transaction() as session:
        session.execute(text("DELETE FROM match_keys"))
        session.execute(text("UPDATE targets SET keys_version = 1"))
        [lost] = session.scalars(select(Target).where(Target.marker_id == UUID(broken["id"])))
        lost.given_sealed = lost.given_sealed[:20]
    assert world.happen(**at_address())["alerts"] == []
    told: list[int] = []
    assert key_anew(world.db, Numbering(), told.append) == 2
    assert told == [2]
    assert len(world.happen(**at_address())["alerts"]) == 1
    with world.db.reading() as session:
        # What can't be opened can't be keyed, and is left as it is.
        assert to_be_keyed(session) == 1
    assert key_anew(world.db, Numbering(), told.append) == 1
