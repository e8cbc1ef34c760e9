"""A day's round over the register: whose keeper is gone, and which targets no drill has ever proven."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from access.people import ever_known, people_of_the_room
from access.roles import Role
from db.ids import Ids
from markers.case_models import Case
from markers.cases.reviews import ANY_OFFICER, Addressee, Ask, ask
from markers.cases.rules.words import ReviewKind
from markers.keeping import addressee_of, named
from markers.models import Marker, Target
from markers.queries import status_is
from markers.words import Status

PROVEN_WITHIN = timedelta(days=1)
"""Each night drills every marker: what is not proven by then never was."""


def gone_from(session: Session, force: str, now: datetime) -> set[str]:
    """Officers who were known here once and are not any more; a name that never was is as the force wrote it."""
    here = {one.name for one in people_of_the_room(session, force, now) if one.role is Role.OFFICER}
    return ever_known(session, force, Role.OFFICER) - here


def ask_of_gone_officers(session: Session, ids: Ids, now: datetime) -> None:
    """Cases and markers whose officer is gone: the deputy is asked for another, else the team, else the supervisors."""
    held = or_(status_is(Status.ACTIVE, now), status_is(Status.SCHEDULED, now), status_is(Status.SUSPENDED, now))
    for force in session.scalars(select(Marker.force).union(select(Case.force))).all():
        gone = gone_from(session, force, now)
        if not gone:
            continue
        for case in session.scalars(select(Case).where(Case.force == force, Case.officer.in_(gone)).order_by(Case.id)):
            to = next((one for one in (case.deputy, case.team) if one and one not in gone), ANY_OFFICER)
            wanted = Ask(
                kind=ReviewKind.OFFICER_GONE, about=("case", case.id), due_at=now,
                occasion=f"gone:{case.id}:{case.officer}",
                said=f"case {case.reference}: its officer {case.officer} is no longer here: who keeps it now?",
            )  # fmt: skip
            of = Addressee(force=force, audience=case.audience, case_id=case.id, for_whom=to)
            ask(session, of, [wanted], ids, now)
        in_case = exists().where(
            Case.force == Marker.force, Case.audience == Marker.audience, Case.reference == Marker.case_reference
        )
        theirs = (Marker.force == force, Marker.placed_by.in_(gone), held, ~in_case, Marker.erased_at.is_(None))
        for marker in session.scalars(select(Marker).where(*theirs).order_by(Marker.id)):
            wanted = Ask(
                kind=ReviewKind.OFFICER_GONE, about=("marker", marker.id), due_at=now,
                occasion=f"gone:{marker.id}:{marker.placed_by}",
                said=f"marker {named(marker)}: {marker.placed_by}, who placed it, is no longer here: who keeps it now?",
            )  # fmt: skip
            of = Addressee(force=force, audience=marker.audience, case_id=None, for_whom=ANY_OFFICER)
            ask(session, of, [wanted], ids, now)


def ask_of_unproven(session: Session, ids: Ids, now: datetime) -> None:
    """Markers that fire, by their dates, with a target in use that no drill has ever proven: once a month."""
    unproven = exists().where(
        Target.force == Marker.force, Target.marker_id == Marker.id, Target.proven_at.is_(None),
        Target.out_of_use_since.is_(None),
    )  # fmt: skip
    these = and_(status_is(Status.ACTIVE, now), Marker.placed_at <= now - PROVEN_WITHIN, unproven)
    for marker in session.scalars(select(Marker).where(these).order_by(Marker.force, Marker.id)):
        wanted = Ask(
            kind=ReviewKind.NEVER_PROVEN, about=("marker", marker.id), due_at=now,
            occasion=f"unproven:{marker.id}:{now:%Y-%m}",
            said=f"marker {named(marker)} has a target that no drill has ever proven: would it fire?",
        )  # fmt: skip
        ask(session, addressee_of(session, marker), [wanted], ids, now)
