"""Work on what officers keep: a session at one moment, who works in it, and what the trail is told of it."""

from sqlalchemy.orm import Session

from access.roles import Caller
from access.trail import Act, Operation, Thing
from markers.drafts import Desk
from web.house import House


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
