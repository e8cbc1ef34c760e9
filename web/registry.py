"""Work on what officers keep: a session at one moment, who works in it, and what the trail is told of it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from access.roles import Caller
from access.trail import Act, Operation, Thing
from markers import keeping, register
from markers.drafts import Dates, Desk
from markers.models import Marker
from markers.queries import marker_readable_by
from markers.things import thing_of
from markers.words import Standing
from web.errors import MarkerNotFound
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


def review_in(house: House) -> timedelta:
    """When a marker is looked at again, where nobody says."""
    return timedelta(days=house.review_days)


LOOKED_BACK = (Standing.REINSTATE, Standing.RENEW)
"""After these a marker fires that did not: what happens now must not wait for it."""
