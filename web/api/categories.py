"""For how long markers are kept, by category: `/v1/categories` (supervisor, admin)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from access.trail import Act, Operation, Outcome
from markers.models import Category
from markers.retention import categories_of
from web.api.describe import problems, takes
from web.bodies.shapes import Given, MomentOut, ShortText, Told
from web.body import body_of
from web.caller import KeepsDesks, TheHouse
from web.registry import Room

router = APIRouter(prefix="/v1/categories", tags=["categories"])
A_CENTURY = 36_525
Days = Annotated[int, Field(strict=True, ge=1, le=A_CENTURY)]


class CategoryBody(Given):
    """A category, and its periods in days; `null`: none."""

    category: ShortText = Field(examples=["stalking"])
    review_days: Days | None = Field(examples=[180], description="Until a new marker is looked at again")
    delete_after_days: Days | None = Field(examples=[2190], description="From a marker's end until it is to be erased")


class CategoryTold(Told):
    """A category as it stands."""

    category: str
    review_days: int | None
    delete_after_days: int | None
    set_by: str
    set_at: MomentOut

    @classmethod
    def of(cls, row: Category) -> "CategoryTold":
        """A category as a body."""
        return cls(
            category=row.name, review_days=row.review_days, delete_after_days=row.delete_after_days, set_by=row.set_by,
            set_at=row.set_at,
        )  # fmt: skip


class CategoriesTold(Told):
    """The categories that have periods; all others are looked at and kept as the service's settings say."""

    items: list[CategoryTold]
    next_cursor: str | None = None


@router.put(
    "", operation_id="set_category", summary="Set a category's periods",
    openapi_extra=takes(CategoryBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def put_category(
    caller: KeepsDesks, house: TheHouse, body: Annotated[CategoryBody, Depends(body_of(CategoryBody))]
) -> CategoryTold:
    """Say when markers of a category are looked at again, and when those that have ended are to be erased."""
    with house.db.transaction() as session:
        row = Room(house, session, caller).set_category(body.category, (body.review_days, body.delete_after_days))
        return CategoryTold.of(row)


@router.get("", operation_id="list_categories", summary="Categories with periods", responses=problems(401, 403, 503))
def list_categories(caller: KeepsDesks, house: TheHouse) -> CategoriesTold:
    """The categories that have periods of their own."""
    with house.db.reading() as session:
        items = [CategoryTold.of(row) for row in categories_of(session, caller.force)]
    act = Act(operation=Operation.CONSULTATION, action="list_categories", outcome=Outcome.SHOWN)
    house.record(caller, act, session)
    return CategoriesTold(items=items)
