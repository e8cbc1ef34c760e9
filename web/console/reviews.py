"""The day's list of who keeps markers, orders and cases: what is to be looked at again, and a form to say it was."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from access.roles import Caller, Permission
from access.trail import Act, Operation, Outcome
from markers.case_models import Case, Order, Review
from markers.cases.listing import ReviewFilter, reviews_page
from markers.cases.refusals import ReviewDone
from markers.cases.rules.words import ReviewKind
from markers.cases.things import thing_of_review
from markers.models import Marker
from web.caller import TheHouse
from web.console.pages import Page, show
from web.console.session import KeepsCasesAtScreen, ReadsCasesAtScreen, TheForm
from web.console.words import gettext as _
from web.house import House
from web.registry import Reviews

router = APIRouter(include_in_schema=False)
MOST, LONGEST_WORDS, LOOK_BACK = 200, 4000, timedelta(days=31)
KINDS = {
    ReviewKind.STILL_COVERS: "does it still cover?", ReviewKind.TASK_DUE: "a task",
    ReviewKind.DUTY_DUE: "a duty of his", ReviewKind.ORDER_EXPIRING: "an order ends",
    ReviewKind.SERVICE_NOT_RECORDED: "service not recorded", ReviewKind.QUIET_AFTER_RISE: "quiet after a rise",
    ReviewKind.CASE_INCOMPLETE: "a case to complete", ReviewKind.CONFIRMATION_DUE: "to be confirmed",
    ReviewKind.LAPSE_COMING: "a marker ends", ReviewKind.REVIEW_DUE: "review due",
    ReviewKind.REPLACEMENT_WANTED: "a replacement", ReviewKind.FALSE_MATCH: "a false match",
    ReviewKind.WOULD_HAVE_FIRED: "would have fired", ReviewKind.OFFICER_GONE: "officer gone",
    ReviewKind.NEVER_PROVEN: "never proven", ReviewKind.DRILL_FAILED: "a drill failed",
    ReviewKind.TRIGGER_POINT: "a trigger point", ReviewKind.DELETION_DUE: "deletion due",
}  # fmt: skip


class ReviewsQuery(BaseModel):
    """Whose, and whether those that are done are shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    whose: Literal["mine", "all"] = Field("mine")
    state: Literal["open", "done"] = "open"


@router.get("/reviews", operation_id="reviews_page")
def reviews_at_screen(
    request: Request, caller: ReadsCasesAtScreen, house: TheHouse, wanted: Annotated[ReviewsQuery, Query()]
) -> Response:
    """What is to be looked at, those due first."""
    return show(request, Page("reviews.html", _list(house, caller, wanted)))


def _list(house: House, caller: Caller, wanted: ReviewsQuery) -> dict[str, Any]:
    chosen = ReviewFilter(for_whom=caller.name if wanted.whose == "mine" else None, state=wanted.state)
    with house.db.reading() as session:
        now = house.clock.now(session)
        if wanted.state == "done":
            chosen = replace(chosen, done_since=now - LOOK_BACK)
        page = reviews_page(session, caller, chosen, (None, MOST))
        # A note is sealed: it is read while the session holds the keys.
        rows = [(row, row.note, _named(session, caller, row)) for row in page.rows]
    things = [thing_of_review(row) for row in page.rows]
    act = Act(
        operation=Operation.CONSULTATION, action="list_reviews", search=True, outcome=Outcome.SHOWN, objects=things
    )  # fmt: skip
    house.record(caller, act, session)
    return {
        "rows": rows, "now": now, "wanted": wanted, "kinds": KINDS, "may_finish": caller.may(Permission.KEEP_CASES),
        "more": page.last is not None, "most": MOST, "wrong": {}, "typed": {},
    }  # fmt: skip


def _named(session: Session, caller: Caller, review: Review) -> tuple[str, str | None]:
    """What it is about, by the name that people know it by, and the page that shows it, if there is one."""
    key = (review.force, review.about_id)
    if review.about_kind == "marker":
        marker = session.get(Marker, key)
        return (marker.reference or _("a marker") if marker else _("a marker"), f"/markers/{review.about_id}")
    if review.about_kind == "order":
        order = session.get(Order, key)
        may_read = order is not None and caller.may(Permission.KEEP_CASES)
        return (order.reference if order else "", f"/orders/{review.about_id}" if may_read else None)
    case = session.get(Case, key)
    return (case.reference, f"/cases/{case.id}") if case else ("", None)


@router.post("/reviews/{review_id}/done", operation_id="finish_review_at_screen")
def finish_at_screen(
    request: Request, caller: KeepsCasesAtScreen, house: TheHouse, review_id: str, form: TheForm
) -> Response:
    """It was looked at; what was found, where that is worth saying."""
    wrong = _("At most {most} characters").format(most=LONGEST_WORDS) if len(form["note"]) > LONGEST_WORDS else ""
    if not wrong:
        wrong = _finished(house, caller, review_id, form["note"] or None)
    if wrong:
        holds = _list(house, caller, ReviewsQuery())
        holds |= {"wrong": {f"note-{review_id}": wrong}, "typed": {f"note-{review_id}": form["note"]}}
        return show(request, Page("reviews.html", holds, 422))
    return RedirectResponse("/reviews", 303)


def _finished(house: House, caller: Caller, review_id: str, note: str | None) -> str:
    try:
        with house.db.transaction() as session:
            Reviews(house, session, caller).finish(review_id, note)
    except ReviewDone as error:
        return str(error)
    return ""
