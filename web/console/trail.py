"""The trail for who audits: who looked at this, what did this person look at, in rows that say it in words."""

import json
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import func, select
from starlette.responses import Response

from access.models import Entry
from access.reading import EntryFilter, entries_page
from access.roles import Caller
from access.trail import Act, Operation, Outcome
from access.verify import verify
from web.caller import TheHouse
from web.console.forms import KEY, key_in
from web.console.pages import Page, show
from web.console.session import ReadsTrailAtScreen, TheForm
from web.console.trail_names import ids_named, names_of
from web.console.words import gettext as _
from web.house import House
from web.ids import read_id

router = APIRouter(include_in_schema=False)
MOST, MOST_READ = 100, 50_000
"""How many entries a page shows, and how many can be read again while somebody waits for it."""
OPERATIONS = {
    Operation.COLLECTION: "collected", Operation.ALTERATION: "changed", Operation.CONSULTATION: "looked at",
    Operation.DISCLOSURE: "told to others", Operation.COMBINATION: "brought together", Operation.ERASURE: "erased",
    Operation.SIGN_IN: "signed in or out", Operation.REFUSAL: "refused",
}  # fmt: skip


class TrailQuery(BaseModel):
    """What is asked of the trail."""

    model_config = ConfigDict(hide_input_in_errors=True)

    who: str = Field("", max_length=200)
    object: str = Field("", max_length=200)
    operation: str = Field("", pattern=f"^({'|'.join(Operation)})?$")
    days: int = Field(7, ge=1, le=366)
    before: str = Field("", pattern=KEY)


@router.get("/trail", operation_id="trail_page")
def trail_page(
    request: Request, caller: ReadsTrailAtScreen, house: TheHouse, wanted: Annotated[TrailQuery, Query()]
) -> Response:
    """The newest entries that fit, a hundred at a time; what was searched for stays sealed."""
    return show(request, Page("trail.html", _entries(house, caller, wanted)))


@router.post("/trail", operation_id="ask_trail")
def ask_trail(request: Request, caller: ReadsTrailAtScreen, house: TheHouse, form: TheForm) -> Response:
    """The same by the form: a number that somebody types into a box of it stands in no address."""
    try:
        wanted = TrailQuery.model_validate(dict(form.items()))
    except ValidationError as error:
        holds = _entries(house, caller, TrailQuery())
        wrong = {str(one["loc"][0]): _("Too long, or not one of what may be chosen") for one in error.errors()}
        return show(request, Page("trail.html", holds | {"wrong": wrong, "typed": dict(form.items())}, 422))
    return show(request, Page("trail.html", _entries(house, caller, wanted)))


@router.post("/trail/verify", operation_id="verify_trail_at_screen")
def verify_at_screen(request: Request, caller: ReadsTrailAtScreen, house: TheHouse) -> Response:
    """Read every entry again, and say in words what that found."""
    with house.db.reading() as session:
        count = session.scalar(select(func.count()).select_from(Entry)) or 0
        verdict = verify(session) if count <= MOST_READ else None
    act = Act(operation=Operation.CONSULTATION, action="verify_trail", outcome=Outcome.SHOWN)
    house.record(caller, act, session)
    holds = _entries(house, caller, TrailQuery()) | {"verdict": verdict, "count": count, "was_verified": True}
    return show(request, Page("trail.html", holds))


def _entries(house: House, caller: Caller, wanted: TrailQuery) -> dict[str, Any]:
    with house.db.reading() as session:
        now = house.clock.now(session)
        name = wanted.object.strip()
        ids = ids_named(session, caller.force, name) if name else set()
        chosen = EntryFilter(
            who=wanted.who.strip() or None, object=name or None, also=frozenset(ids),
            operation=Operation(wanted.operation) if wanted.operation else None,
            since=now - timedelta(days=wanted.days),
        )  # fmt: skip
        page = entries_page(session, caller, chosen, (key_in(wanted.before), MOST))
        rows = [(row, json.loads(row.objects)) for row in page.rows]
        reasons = {row.id: row.reason for row in page.rows}
        names = names_of(session, caller.force, (one for _row, objects in rows for one in objects))
    asked = [f"{name}={value}" for name, value in wanted.model_dump().items() if value]
    act = Act(
        operation=Operation.CONSULTATION, action="read_trail", outcome=Outcome.SHOWN, search=True, terms=asked
    )  # fmt: skip
    house.record(caller, act, session)
    return {
        "rows": rows, "reasons": reasons, "names": names,
        "is_unknown": bool(name) and not ids and not page.rows and read_id(name) is None,
        "wanted": wanted, "operations": OPERATIONS,
        "operation_choices": [("", _("anything")), *((one.value, _(told)) for one, told in OPERATIONS.items())],
        "next": " ".join(page.last) if page.last else None, "wrong": {}, "typed": wanted.model_dump(mode="json"),
    }  # fmt: skip
