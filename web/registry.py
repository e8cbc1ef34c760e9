"""Work by the API and at screens: a session at one moment, who works in it, and what the trail is told of it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from access.roles import Caller
from access.trail import Act, Operation, Thing
from alerts.desks import set_desk, set_routing
from alerts.event_models import Source
from alerts.silence import Expected, expect
from markers import keeping, register
from markers.case_models import Review
from markers.cases.reviews import finish, review_readable_by
from markers.cases.things import thing_of_review
from markers.drafts import Dates, Desk
from markers.models import Category, Marker
from markers.queries import marker_readable_by
from markers.retention import set_category
from markers.things import thing_of
from markers.words import Standing
from web.errors import MarkerNotFound, NothingThere
from web.house import House
from web.ids import read_id


class Registry:
    """The files at one moment. Markers, cases and orders each add how one is found and what is told of it."""

    def __init__(self, house: House, session: Session, caller: Caller) -> None:
        self.house = house
        self.session = session
        self.caller = caller
        self.desk = Desk(
            caller=caller,
            now=house.clock.now(session),
            ids=house.ids,
            reading=house.reading,
            provisional_for=house.provisional_for,
        )

    def record(self, operation: Operation, action: str, thing: Thing, reason: str | None = None) -> None:
        """What was done to a thing, with the version that it made."""
        act = Act(operation=operation, action=action, objects=[thing], reason=reason)
        self.house.recorder.record(self.session, self.caller, act, self.desk.now)


class Markers(Registry):
    """The register of markers at one moment."""

    def find(self, marker_id: str, *, to_change: bool) -> Marker:
        """The marker as this caller may see it; an id that is none is one that is not there."""
        wanted = read_id(marker_id)
        marker = wanted and marker_readable_by(self.session, self.caller, wanted, to_change=to_change)
        if not marker:
            raise MarkerNotFound
        return marker

    def stand(self, marker: Marker, standing: Standing, dates: Dates, reason: str) -> None:
        """Suspend, reinstate, withdraw or renew it, with the reason for the trail."""
        register.stand(self.session, marker, standing, dates, self.desk)
        self.record(Operation.ALTERATION, f"{standing}_marker", thing_of(marker), reason)

    def confirm(self, marker: Marker, dates: Dates, reason: str | None) -> None:
        """An officer's word: what somebody of the room placed lasts from now on."""
        keeping.confirm(self.session, marker, dates, self.desk)
        self.record(Operation.ALTERATION, "confirm_marker", thing_of(marker), reason)


class Reviews(Registry):
    """What is to be looked at again, at one moment."""

    def finish(self, review_id: str, note: str | None) -> Review:
        """It was looked at, and what was found; one that this caller may not read is one that is not there."""
        wanted = read_id(review_id)
        review = wanted and review_readable_by(self.session, self.caller, wanted)
        if not review:
            raise NothingThere
        finish(review, self.caller.name, note, self.desk.now)
        self.session.flush()
        self.record(Operation.ALTERATION, "finish_review", thing_of_review(review))
        return review


class Room(Registry):
    """The control room's own settings, at one moment."""

    def set_desk(self, name: str, fallback: str | None) -> None:
        """Say where a desk passes on what comes while nobody is at it."""
        set_desk(self.session, self.caller, name, fallback, self.desk.now)
        self.record(Operation.ALTERATION, "set_desk", Thing("desk", name, 1))

    def set_routing(self, rules: Sequence[Mapping[str, Any]], seen: int | None) -> int:
        """Put these rules in the place of all that stood; answers their version."""
        version = set_routing(self.session, self.caller, rules, seen, self.desk.now)
        self.record(Operation.ALTERATION, "set_routing", Thing("routing", self.caller.force, version))
        return version

    def set_category(self, name: str, periods: tuple[int | None, int | None]) -> Category:
        """Say when markers of a category are looked at again, and when those that ended are to be erased (days)."""
        row = set_category(self.session, self.caller, name, periods, self.desk.now)
        self.record(Operation.ALTERATION, "set_category", Thing("category", name, 1))
        return row

    def expect(self, wanted: Expected) -> Source:
        """Expect a source to be heard of, or no longer."""
        source = expect(self.session, self.caller, wanted, self.desk.now)
        self.record(Operation.ALTERATION, "expect_source", Thing("source", wanted.source, 1))
        return source


def review_in(house: House) -> timedelta:
    """When a marker is looked at again, where nobody says."""
    return timedelta(days=house.review_days)


LOOKED_BACK = (Standing.REINSTATE, Standing.RENEW)
"""After these a marker fires that did not: what happens now must not wait for it."""
