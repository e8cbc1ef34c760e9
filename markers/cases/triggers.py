"""Trigger points: what asks for a new risk assessment, and on which day. Each is a review of the case's officer."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from markers.case_models import Case, Review
from markers.cases.reviews import Ask, ask_for
from markers.cases.rules.words import ReviewKind, Trigger
from markers.drafts import Desk

TOLD_WITHIN_A_WORKING_DAY = frozenset({Trigger.ARREST, Trigger.BAIL, Trigger.RELEASE, Trigger.PRISON_RELEASE})
"""She is told of these within one working day (the victims' code)."""
SATURDAY = 5


def next_working_day(day: date) -> date:
    """The day after, unless that is a weekend's; bank holidays are not known here."""
    following = day + timedelta(days=1)
    while following.weekday() >= SATURDAY:
        following += timedelta(days=1)
    return following


def trigger(session: Session, case: Case, what: Trigger, on: date, desk: Desk, reference: str = "") -> None:
    """Something happens on a day that asks for a new assessment; the same said twice is asked once.

    `reference` is the order's, where the trigger is one.
    """
    is_told = what in TOLD_WITHIN_A_WORKING_DAY
    due = next_working_day(on) if is_told else on
    also = "; she is to be told within one working day" if is_told else ""
    named = f" ({reference})" if reference else ""
    wanted = Ask(
        kind=ReviewKind.TRIGGER_POINT, about=("case", case.id),
        occasion=f"trigger:{case.id}:{what.value}:{on}:{reference}",
        due_at=datetime(due.year, due.month, due.day, tzinfo=desk.now.tzinfo),
        said=f"case {case.reference}: {what.value.replace('_', ' ')}{named} on {on}: "
        f"is a new risk assessment wanted?{also}",
    )  # fmt: skip
    ask_for(session, case, [wanted], desk.ids, desk.now)


def triggers_of(session: Session, case: Case) -> Sequence[Review]:
    """The trigger points of a case, the earliest first."""
    these = (Review.force == case.force, Review.about_id == case.id, Review.kind == ReviewKind.TRIGGER_POINT.value)
    return session.scalars(select(Review).where(*these).order_by(Review.due_at, Review.id)).all()


def read_trigger(review: Review) -> tuple[str, str]:
    """What it was, and on which day."""
    _, _, what, on, _ = review.occasion.split(":", 4)
    return what, on
