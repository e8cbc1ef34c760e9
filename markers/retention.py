"""For how long markers are kept: a category says when they are looked at again, and when they are erased.

Nothing is erased by itself: a deletion that is due is asked of the marker's keeper, who erases it or says why it stays.
What is erased leaves that there was a marker, of which category, from when to when; and no text.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from access.roles import Caller
from db.base import table_of
from db.engine import upsert
from db.ids import Ids
from markers.case_models import Review
from markers.cases.reviews import Ask, ask
from markers.cases.rules.words import ReviewKind
from markers.drafts import Dates, Desk
from markers.keeping import addressee_of
from markers.models import Category, LookBack, Marker
from markers.queries import drop_targets
from markers.refusals import StandingNotAllowed
from markers.standing import row_mark, status_at
from markers.words import Status

ERASED = "erased"
_ENDED = (Status.WITHDRAWN, Status.LAPSED)


def set_category(
    session: Session, caller: Caller, name: str, periods: tuple[int | None, int | None], now: datetime
) -> Category:
    """From now on markers of this category have these periods, in days: of review, and of deletion after their end."""
    review_days, delete_after_days = periods
    add = upsert(session, table_of(Category)).values(
        force=caller.force, name=name, review_days=review_days, delete_after_days=delete_after_days,
        set_by=caller.name, set_at=now,
    )  # fmt: skip
    said = {column: add.excluded[column] for column in ("review_days", "delete_after_days", "set_by", "set_at")}
    session.execute(add.on_conflict_do_update(index_elements=["force", "name"], set_=said))
    return session.get_one(Category, (caller.force, name), populate_existing=True)


def categories_of(session: Session, force: str) -> Sequence[Category]:
    """The categories that have periods."""
    return session.scalars(select(Category).where(Category.force == force).order_by(Category.name)).all()


def give_review_dates(session: Session, markers: Sequence[Marker], now: datetime) -> None:
    """New markers that name no date are looked at again when their category says."""
    wanted = {marker.category for marker in markers if marker.review_due is None}
    if not wanted:
        return
    these = (Category.force == markers[0].force, Category.name.in_(wanted), Category.review_days.is_not(None))
    days = dict(session.execute(select(Category.name, Category.review_days).where(*these)).all())
    for marker in markers:
        if marker.review_due is None and (period := days.get(marker.category)):
            marker.review_due = now + timedelta(days=period)


def by_category(session: Session, marker: Marker, dates: Dates) -> Dates:
    """The dates of a renewal, where none are named: the category's own period comes before the service's."""
    category = session.get(Category, (marker.force, marker.category))
    if category is None or category.review_days is None:
        return dates
    return replace(dates, review_in=timedelta(days=category.review_days))


def ask_of_deletions(session: Session, ids: Ids, now: datetime) -> None:
    """One day's round: markers whose deletion is due. One that is kept is asked of again after another period."""
    of_category = and_(Category.force == Marker.force, Category.name == Marker.category)
    ended = (Marker.erased_at.is_(None), or_(Marker.withdrawn_at <= now, Marker.valid_until <= now))
    asked = select(Marker, Category.delete_after_days).join(Category, of_category)
    for marker, days in session.execute(asked.where(*ended, Category.delete_after_days.is_not(None))):
        end = ended_at(marker)
        assert end is not None
        assert days is not None
        periods = (now - end) // timedelta(days=days)
        if periods < 1:
            continue
        due = Ask(
            kind=ReviewKind.DELETION_DUE, about=("marker", marker.id), due_at=end + periods * timedelta(days=days),
            occasion=f"deletion:{marker.id}:{end.date()}:{periods}",
            said=f"marker {marker.reference or marker.id} ended on {end.date()}, and markers of its category are "
            f"erased after {days} days: erase it, or say why it is kept",
        )  # fmt: skip
        ask(session, addressee_of(session, marker), [due], ids, now)


def ended_at(marker: Marker) -> datetime | None:
    """When it was withdrawn or lapsed, whichever came first."""
    return min((one for one in (marker.withdrawn_at, marker.valid_until) if one is not None), default=None)


def erase(session: Session, marker: Marker, desk: Desk) -> None:
    """Leave no text of a marker that has ended: its words, its targets with their keys, and what was asked about it.

    That there was one, of which category and risk, from when to when, stays, for the trail and for what is counted.
    """
    status = status_at(marker, desk.now)
    if status not in _ENDED:
        raise StandingNotAllowed(status, "erased: withdraw it first")
    drop_targets(session, marker.force, marker.id)
    session.execute(delete(LookBack).where(LookBack.force == marker.force, LookBack.marker_id == marker.id))
    marker.reference = marker.category_as_written = marker.case_reference = None
    marker.instruction, marker.narrative, marker.response_code_word = ERASED, None, None
    marker.erased_at = marker.changed_at = desk.now
    marker.version += 1
    marker.mark = row_mark(session, marker)
    for review in session.scalars(select(Review).where(Review.force == marker.force, Review.about_id == marker.id)):
        review.said = f"{review.kind.replace('_', ' ')} of a marker that is erased"
        review.note = None
        if review.state == "open":
            review.state, review.done_by, review.done_at = "done", desk.caller.name, desk.now
    session.flush()
