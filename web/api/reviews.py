"""What a named person is to look at again: `/v1/reviews` (officer; supervisors read)."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from access.trail import Act, Operation, Outcome
from markers.case_models import Review
from markers.cases.listing import ReviewFilter, reviews_page
from markers.cases.rules.words import ReviewKind
from markers.cases.things import thing_of_review
from web.api.describe import problems, takes
from web.bodies.shapes import Given, LongText, Moment, MomentOut, Told
from web.body import body_of
from web.caller import KeepsCases, ReadsCases, TheHouse
from web.paging import FilterText, PageQuery
from web.registry import Reviews

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])


class ReviewQuery(PageQuery):
    """Which reviews, and which page of them."""

    for_: FilterText | None = Field(None, alias="for")
    state: Literal["open", "done"] | None = None
    kind: ReviewKind | None = None
    due_before: Moment | None = None


class ReviewTold(Told):
    """Something to be looked at again."""

    id: UUID
    kind: ReviewKind
    about: dict[str, str]
    said: str
    for_: str = Field(serialization_alias="for")
    due_at: MomentOut
    state: str
    escalated_to: str | None
    made_at: MomentOut
    done_by: str | None
    done_at: MomentOut | None
    note: str | None

    @classmethod
    def of(cls, row: Review) -> "ReviewTold":
        """A review as a body."""
        return cls(
            id=row.id, kind=ReviewKind(row.kind), about={row.about_kind: str(row.about_id)}, said=row.said,
            for_=row.for_whom, due_at=row.due_at, state=row.state, escalated_to=row.escalated_to, made_at=row.made_at,
            done_by=row.done_by, done_at=row.done_at, note=row.note,
        )  # fmt: skip


class ReviewsTold(Told):
    """A page of reviews."""

    items: list[ReviewTold]
    next_cursor: str | None


class DoneBody(Given):
    """What was found, where that is worth saying."""

    note: LongText | None = None


@router.get("", operation_id="list_reviews", summary="What is to be looked at", responses=problems(401, 403, 422, 503))
def list_reviews(caller: ReadsCases, house: TheHouse, wanted: Annotated[ReviewQuery, Query()]) -> ReviewsTold:
    """The reviews that you may read, those due first before the others."""
    keys = house.db.keys
    after = wanted.after(keys, "reviews")
    chosen = ReviewFilter(
        for_whom=wanted.for_, state=wanted.state, kind=wanted.kind, due_before=wanted.due_before
    )  # fmt: skip
    with house.db.reading() as session:
        page = reviews_page(session, caller, chosen, (after, wanted.limit))
        items = [ReviewTold.of(row) for row in page.rows]
    things = [thing_of_review(row) for row in page.rows]
    act = Act(
        operation=Operation.CONSULTATION, action="list_reviews", search=True, outcome=Outcome.SHOWN, objects=things
    )  # fmt: skip
    house.record(caller, act, session)
    return ReviewsTold(items=items, next_cursor=wanted.next_cursor(keys, "reviews", page.last))


@router.post(
    "/{review_id}/done", operation_id="finish_review", summary="It was looked at",
    openapi_extra=takes(DoneBody, required=False), responses=problems(401, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
def finish_review(
    caller: KeepsCases, house: TheHouse, review_id: str, body: Annotated[DoneBody, Depends(body_of(DoneBody))]
) -> ReviewTold:
    """Say that it was looked at, and what was found."""
    with house.db.transaction() as session:
        return ReviewTold.of(Reviews(house, session, caller).finish(review_id, body.note))
