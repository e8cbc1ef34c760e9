"""The register as a list, narrowed by what each count says, page by page; and what an officer does with a marker."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from markers.drafts import Dates
from markers.listing import MOST_COUNTED, MarkerFilter, categories_in_use, counts_of, markers_page
from markers.refusals import MarkerNotUnderstood, StandingNotAllowed
from markers.standing import status_at
from markers.things import thing_of
from markers.words import Risk, Standing, Status
from web.caller import TheHouse
from web.console.forms import Form, key_in, whole
from web.console.marker import MOST_DAYS
from web.console.marker_page import marker_shown
from web.console.pages import Page, show
from web.console.session import PlacesAtScreen, ReadsMarkersAtScreen, TheForm
from web.console.words import gettext as _
from web.house import House
from web.registry import LOOKED_BACK, Markers, review_in

router = APIRouter(include_in_schema=False)
MOST, LONGEST_WORDS = 50, 4000
SOON = timedelta(days=28)
STATUSES = {
    Status.ACTIVE: "would fire now", Status.SCHEDULED: "not begun", Status.SUSPENDED: "suspended",
    Status.LAPSED: "ended", Status.WITHDRAWN: "withdrawn",
}  # fmt: skip


class MarkersQuery(BaseModel):
    """Which markers, and behind which one the page begins."""

    model_config = ConfigDict(hide_input_in_errors=True)

    whose: Literal["mine", "all"] = "mine"
    status: Literal["", "active", "scheduled", "suspended", "lapsed", "withdrawn"] = "active"
    review: bool = False
    risk: Literal["", "high", "medium", "standard"] = ""
    category: str = Field("", max_length=200)
    unproven: bool = False
    after: str = Field("", pattern=r"^(\d{4}-\d\d-\d\dT[\d:.+]+ \d{1,9} [0-9a-f-]{36})?$")


@router.get("/markers", operation_id="markers_page")
def markers_at_screen(
    request: Request, caller: ReadsMarkersAtScreen, house: TheHouse, wanted: Annotated[MarkersQuery, Query()]
) -> Response:
    """One's own markers or all that one may see; each count is of what one may see."""
    with house.db.reading() as session:
        now = house.clock.now(session)
        chosen = MarkerFilter(
            status=Status(wanted.status) if wanted.status else None,
            kept_by=caller.name if wanted.whose == "mine" else None,
            review_due_before=now + SOON if wanted.review else None, category=wanted.category or None,
            risk=Risk(wanted.risk) if wanted.risk else None, is_unproven=wanted.unproven,
        )  # fmt: skip
        counts = counts_of(session, caller, chosen, now)
        page = markers_page(session, caller, chosen, now, (_key(wanted.after), MOST), newest_first=True)
        rows = [(row, status_at(row, now)) for row in page.rows]
        categories = categories_in_use(session, caller)
    objects = [thing_of(row) for row in page.rows]
    act = Act(
        operation=Operation.CONSULTATION, action="list_markers", search=True, outcome=Outcome.SHOWN, objects=objects
    )  # fmt: skip
    house.record(caller, act, session)
    holds = {
        "rows": rows, "counts": counts, "wanted": wanted, "now": now, "statuses": STATUSES,
        "most_counted": MOST_COUNTED, "categories": categories,
        "next": " ".join(str(part) for part in page.last) if page.last else None,
    }  # fmt: skip
    return show(request, Page("markers.html", holds))


def _key(text: str) -> list[Any] | None:
    """The key behind which a page begins; one that is none begins at the first."""
    at, _space, rest = text.partition(" ")
    ordinal, _space, marker_id = rest.partition(" ")
    key = key_in(f"{at} {marker_id}")
    return [key[0], ordinal, key[1]] if key and ordinal else None


@router.post("/markers/{marker_id}/{move}", operation_id="stand_marker_at_screen")
def stand_at_screen(
    request: Request, caller: PlacesAtScreen, house: TheHouse, marker_id: str,
    move: Literal["suspend", "reinstate", "withdraw", "renew", "confirm"], form: TheForm,
) -> Response:  # fmt: skip
    """Suspend, reinstate, withdraw, renew or confirm it; who saw an older version looks again, and loses no word."""
    wrong: dict[str, str] = {}
    if not form["reason"]:
        wrong["reason"] = _("Say why")
    elif len(form["reason"]) > LONGEST_WORDS:
        wrong["reason"] = _("At most {most} characters").format(most=LONGEST_WORDS)
    status = 422
    if not wrong:
        wrong, status = _stood(house, caller, marker_id, (move, form))
    if not wrong:
        return RedirectResponse(f"/markers/{marker_id}", 303)
    holds = marker_shown(house, caller, marker_id)
    holds |= {"wrong": wrong, "typed": dict(form.items()), "tried": move}
    return show(request, Page("marker.html", holds, status))


def _stood(house: House, caller: Caller, marker_id: str, wanted: tuple[str, Form]) -> tuple[dict[str, str], int]:
    """Do it, or say what is wrong, and with which status."""
    move, form = wanted
    try:
        with house.db.transaction() as session:
            registry = Markers(house, session, caller)
            marker = registry.find(marker_id, to_change=True)
            if form["seen"] != str(marker.version):
                return {"reason": _("Somebody has changed it since you saw it: look at it again, then send this")}, 409
            dates = _dates(form["lasts"], registry.desk.now, house)
            if move == "confirm":
                registry.confirm(marker, dates, form["reason"])
            else:
                registry.stand(marker, Standing(move), dates, form["reason"])
            found = marker.id
    except StandingNotAllowed as error:
        return {"reason": str(error)}, 409
    except MarkerNotUnderstood as error:
        return {"lasts": error.problems[0].detail}, 422
    if move == "confirm" or move in LOOKED_BACK:
        house.look_back([(caller.force, found)])
    return {}, 200


def _dates(lasts: str, now: datetime, house: House) -> Dates:
    """Until when, from the form: days from now; 0 and nothing are what each move takes them for."""
    days = whole(lasts, MOST_DAYS) if lasts else None
    return Dates(valid_until=now + timedelta(days=days) if days else None, review_in=review_in(house))
