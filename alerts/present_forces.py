"""Where the person of a case is now: another force, whose desk hears of it, too, as long as people answer there."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.people import people_of_the_room
from access.roles import OPEN_AUDIENCE
from markers.case_models import Case


def present_forces(session: Session, now: datetime) -> Callable[[str, str], str | None]:
    """Force and case → the other force; asked once for each case of a group, and only where a case is named."""
    known: dict[tuple[str, str], str | None] = {}
    answered: dict[str, bool] = {}

    def present(force: str, reference: str) -> str | None:
        if (force, reference) not in known:
            this = (Case.force == force, Case.audience == OPEN_AUDIENCE, Case.reference == reference)
            found = session.scalar(select(Case.present_force).where(*this))
            if found and found not in answered:
                answered[found] = bool(people_of_the_room(session, found, now))
            known[force, reference] = found if found and answered[found] else None
        return known[force, reference]

    return present
