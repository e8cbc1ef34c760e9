"""What waits beside the queue, over all desks: alerts on a shelf, and what a second person has to agree to."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from access.roles import Caller, Permission
from access.trail import Act, Operation, Outcome
from alerts.queries import shelved_or_awaiting
from alerts.seen import alerts_seen, things_on
from web.caller import TheHouse
from web.console.bearing import awaiting_told
from web.console.pages import Page, show
from web.console.rows import row_of
from web.console.session import KeepsDesksAtScreen
from web.errors import NotPermitted
from web.house import House

router = APIRouter(include_in_schema=False)
MOST = 200


@router.get("/waiting", operation_id="waiting_page")
def waiting_page(request: Request, caller: KeepsDesksAtScreen, house: TheHouse) -> Response:
    """Awaiting confirmation with the reason beside it, to be agreed to or refused; and shelved until when, and why."""
    if not caller.may(Permission.READ_ALERTS):
        raise NotPermitted
    return show(request, Page("waiting.html", _waiting(house, caller)))


def _waiting(house: House, caller: Caller) -> dict[str, Any]:
    with house.db.reading() as session:
        now = house.clock.now(session)
        seen = alerts_seen(session, shelved_or_awaiting(session, caller, MOST), now, whole=True)
        rows = [(row_of(one), one, awaiting_told(one), _shelved_because(one.history or ())) for one in seen]
    things = list(dict.fromkeys(thing for one in seen for thing in things_on(one)))
    act = Act(
        operation=Operation.CONSULTATION, action="list_alerts", search=True, outcome=Outcome.SHOWN, objects=things
    )
    house.record(caller, act, session)
    return {
        "now": now, "most": MOST, "is_cut": len(seen) == MOST,
        "awaiting": [row for row in rows if row[0].awaiting],
        "shelved": [row for row in rows if row[0].shelved_until is not None],
    }  # fmt: skip


def _shelved_because(history: Any) -> tuple[str, str]:
    """Who put it on the shelf last, and why."""
    line = next((one for one in reversed(list(history)) if one.change == "shelve"), None)
    return (line.by, line.note or "") if line is not None else ("", "")
