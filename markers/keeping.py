"""What the keeper of a marker is asked: to confirm it, to replace a target that is out of use.

Its keeper is its case's officer, else who placed it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from db.ids import Ids
from markers.case_models import Review
from markers.cases.queries import case_of
from markers.cases.reviews import ANY_OFFICER, EXPIRY_TOLD_AT, Addressee, Ask, ask, close, step_before, told_of_end
from markers.cases.rules.words import ReviewKind
from markers.drafts import Dates, Desk
from markers.matching.values import Problem
from markers.models import Marker, Target
from markers.queries import markers_by_id
from markers.refusals import MarkerNotUnderstood, StandingNotAllowed
from markers.standing import row_mark, status_at
from markers.words import SERVICE, Status

ASKED_BEFORE = timedelta(days=7)
"""So long before a provisional marker ends is its confirmation due."""


def ask_of_marker(session: Session, marker: Marker, targets: Sequence[Target], desk: Desk) -> None:
    """Ask its keeper what a marker as it stands wants; the same is not asked twice."""
    asks = [
        Ask(
            kind=ReviewKind.REPLACEMENT_WANTED, about=("marker", marker.id), due_at=desk.now,
            occasion=f"replacement:{marker.id}:{target.ordinal}:{target.out_of_use_since.isoformat()}",
            said=f"marker {named(marker)}: target {target.ordinal + 1} is out of use: what is there in its place?",
        )
        for target in targets if target.out_of_use_since is not None
    ]  # fmt: skip
    if marker.provisional_until is not None:
        asks.append(
            Ask(
                kind=ReviewKind.CONFIRMATION_DUE, about=("marker", marker.id), occasion=f"confirm:{marker.id}",
                due_at=marker.provisional_until - ASKED_BEFORE,
                said=f"marker {named(marker)} is provisional: without an officer's word it ends "
                f"on {marker.provisional_until:%Y-%m-%d}",
            )
        )  # fmt: skip
    if asks:
        ask(session, addressee_of(session, marker), asks, desk.ids, desk.now)


def named(marker: Marker) -> str:
    """What people know it by."""
    return marker.reference or str(marker.id)


def addressee_of(session: Session, marker: Marker) -> Addressee:
    """Who keeps a marker: its case's officer, else who placed it; of a provisional one, any officer."""
    case = case_of(session, marker.force, marker.audience, marker.case_reference) if marker.case_reference else None
    case_id: UUID | None = case.id if case else None
    keeper = case.officer if case else ANY_OFFICER if marker.provisional_until else marker.placed_by
    return Addressee(force=marker.force, audience=marker.audience, case_id=case_id, for_whom=keeper)


def ask_of_false_match(session: Session, marker: Marker, occasion: str, ids: Ids, now: datetime) -> None:
    """An alert of this marker was a false match: its keeper is told, and which one in number it was."""
    number = false_matches_of(session, marker) + 1
    counted = "for the first time" if number == 1 else f"{number} times so far"
    wrong = Ask(
        kind=ReviewKind.FALSE_MATCH, about=("marker", marker.id), occasion=occasion, due_at=now,
        said=f"marker {named(marker)}: an alert was resolved as a false match, {counted}: is the marker right?",
    )  # fmt: skip
    ask(session, addressee_of(session, marker), [wrong], ids, now)


def false_matches_of(session: Session, marker: Marker) -> int:
    """How many of a marker's alerts were resolved as false matches; one that was reopened does not count."""
    return session.scalars(select(func.count()).select_from(Review).where(*_false_match(marker))).one()


def take_back_false_match(session: Session, marker: Marker, occasion: str, now: datetime) -> None:
    """The alert was reopened: what was asked on this occasion (its beginning) is done with, and not counted."""
    asked = select(Review).where(*_false_match(marker), Review.occasion.startswith(occasion, autoescape=True))
    for review in session.scalars(asked.with_for_update()):
        review.state, review.done_by, review.done_at = "done", SERVICE, now
        review.note = "no longer asked: the alert was reopened"


def _false_match(marker: Marker) -> tuple[ColumnElement[bool], ...]:
    return (
        Review.force == marker.force, Review.about_id == marker.id, Review.kind == ReviewKind.FALSE_MATCH,
        or_(Review.done_by.is_(None), Review.done_by != SERVICE),
    )  # fmt: skip


def ask_of_lapsing(session: Session, ids: Ids, now: datetime) -> None:
    """One day's round: markers that end within four weeks, and those whose review is due. Harmless twice."""
    standing = (Marker.withdrawn_at.is_(None), Marker.suspended_at.is_(None))
    today = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
    ends = (Marker.valid_until >= today, Marker.valid_until < today + timedelta(days=max(EXPIRY_TOLD_AT) + 1))
    for marker in session.scalars(select(Marker).where(*standing, *ends).order_by(Marker.force, Marker.id)):
        assert marker.valid_until is not None
        end, day = marker.valid_until.date(), now.date()
        lapse = Ask(
            kind=ReviewKind.LAPSE_COMING, about=("marker", marker.id), due_at=now,
            occasion=f"lapse:{marker.id}:{end}:{step_before(end, day)}",
            said=f"marker {named(marker)} ends {told_of_end(end, day)}: renew it, or let it end",
        )  # fmt: skip
        ask(session, addressee_of(session, marker), [lapse], ids, now)
    due = (Marker.review_due <= now, or_(Marker.valid_until.is_(None), Marker.valid_until > now))
    for marker in session.scalars(select(Marker).where(*standing, *due).order_by(Marker.force, Marker.id)):
        assert marker.review_due is not None
        review = Ask(
            kind=ReviewKind.REVIEW_DUE, about=("marker", marker.id), due_at=marker.review_due,
            occasion=f"review:{marker.id}:{marker.review_due.date()}",
            said=f"marker {named(marker)} is due for review: is it still true?",
        )  # fmt: skip
        ask(session, addressee_of(session, marker), [review], ids, now)


def ask_of_lapsed(session: Session, lapsed: Mapping[UUID, str], ids: Ids, now: datetime) -> None:
    """Markers (id → force) that have ended would have fired just now: their keepers are told, once a day.

    In the order of their ids: of two groups that meet, neither waits for what the other holds.
    """
    found = markers_by_id(session, set(lapsed.values()), lapsed)
    for marker in (found[marker_id] for marker_id in sorted(lapsed) if marker_id in found):
        assert marker.valid_until is not None
        missed = Ask(
            kind=ReviewKind.WOULD_HAVE_FIRED, about=("marker", marker.id), due_at=now,
            occasion=f"missed:{marker.id}:{now.date()}",
            said=f"marker {named(marker)} ended on {marker.valid_until.date()}, and would have fired today: "
            "renew it, or withdraw it",
        )  # fmt: skip
        ask(session, addressee_of(session, marker), [missed], ids, now)


def ask_of_failed_drill(session: Session, marker: Marker, targets: Sequence[int], ids: Ids, now: datetime) -> None:
    """The nightly drill failed on some of its targets (their ordinals): its keeper is told, once a day."""
    which = ", ".join(str(ordinal + 1) for ordinal in targets)
    failed = Ask(
        kind=ReviewKind.DRILL_FAILED, about=("marker", marker.id), due_at=now,
        occasion=f"drill:{marker.id}:{now.date()}",
        said=f"marker {named(marker)} would no longer fire: the drill failed on target {which}",
    )  # fmt: skip
    ask(session, addressee_of(session, marker), [failed], ids, now)


def confirm(session: Session, marker: Marker, dates: Dates, desk: Desk) -> Marker:
    """An officer's word makes a provisional marker lasting: until a date, or without an end."""
    status = status_at(marker, desk.now)
    if marker.provisional_until is None:
        raise StandingNotAllowed(status, "confirmed: it is not provisional")
    if status is Status.WITHDRAWN:
        raise StandingNotAllowed(status, "confirmed")
    _check_end(marker, dates.valid_until, desk.now)
    marker.provisional_until = None
    marker.valid_until = dates.valid_until
    marker.review_due = dates.review_due or desk.now + dates.review_in
    marker.version += 1
    marker.changed_at = desk.now
    marker.mark = row_mark(session, marker)
    close(session, marker.force, f"confirm:{marker.id}", desk.caller.name, desk.now)
    session.flush()
    return marker


def renew(marker: Marker, dates: Dates, now: datetime) -> None:
    """Prolong a marker: until the dates given, else for as long again as before."""
    until = dates.valid_until
    if until is None and marker.valid_until is not None:
        try:
            until = max(now, marker.valid_until) + (marker.valid_until - marker.valid_from)
        except OverflowError:
            told = "as long again as before ends after the year 9999: give the date"
            raise MarkerNotUnderstood([Problem("valid_until", "date_out_of_range", told)]) from None
    _check_end(marker, until, now)
    marker.valid_until = until
    marker.review_due = dates.review_due or now + dates.review_in


def _check_end(marker: Marker, until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise MarkerNotUnderstood([Problem("valid_until", "date_in_the_past", "it would end in the past")])
    if until is not None and until <= marker.valid_from:
        raise MarkerNotUnderstood([Problem("valid_until", "date_before_start", "it would end before it begins")])
