"""A concern: what a person of the room is worried about without a call. It always raises an alert."""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from access.roles import Caller
from alerts.events import OtherContent, Posted, Receipt
from alerts.queries import alerts_by_id
from alerts.rules.words import Priority
from alerts.seen import number_of
from markers.matching.box import understand_box
from markers.matching.parts import read_back
from markers.matching.values import Part, Phone, Point
from web.caller import TheHouse
from web.console.forms import Form, read_form
from web.console.pages import Page, show
from web.console.queue import desks_of
from web.console.session import RaisesConcerns
from web.console.words import gettext as _
from web.house import House
from web.settling import settled

router = APIRouter(include_in_schema=False)
SOURCE = "heed/console"
LONGEST, LONGEST_REFERENCE = 2000, 200
PATIENCE = 4
"""A person waits longer than a platform that holds a call's audio."""
_ID = re.compile(r"[0-9a-f-]{36}")


@router.get("/concerns/new", operation_id="concern_page")
def concern_page(request: Request, caller: RaisesConcerns, house: TheHouse) -> Response:
    """The empty form."""
    holds = {"typed": {}, "desks": desks_of(house, caller), "id": house.ids()}
    return show(request, Page("concern.html", holds))


@router.post("/concerns/new", operation_id="raise_concern")
async def raise_concern(
    request: Request, caller: RaisesConcerns, house: TheHouse, form: Annotated[Form, Depends(read_form)]
) -> Response:
    """Raise it, or show the form with what is missing; a look-up hands its text over to it."""
    holds: dict[str, Any] = {
        "typed": dict(form.items()),
        "desks": desks_of(house, caller),
        "id": form["id"] or house.ids(),
    }
    if form["from"] == "look-up":
        return show(request, Page("concern.html", holds))
    wrong = (
        {}
        if 0 < len(form["summary"]) <= LONGEST
        else {"summary": _("Say what the worry is, in up to 2,000 characters")}
    )
    about = understand_box(form["box"], house.reading.numbering)
    if form["box"] and not about.parts:
        wrong["box"] = _("This is neither a number nor a place: leave it empty, or write it otherwise")
    if form["queue"] and form["queue"] not in holds["desks"]:
        wrong["queue"] = _("This is none of your desks")
    if len(form["incident"]) > LONGEST_REFERENCE:
        wrong["incident"] = _("At most {most} characters").format(most=LONGEST_REFERENCE)
    if wrong:
        return show(request, Page("concern.html", holds | {"wrong": wrong}, 422))
    # The form has its own id from the start: sent twice, it is one concern.
    posted = _posted(form, about.parts, caller, form["id"] if _ID.fullmatch(form["id"]) else str(house.ids()))
    [answer] = house.intake.take([posted])
    try:
        receipt = await settled(answer, PATIENCE * house.intake_deadline_s)
    except OtherContent:
        told = {"summary": _("This was raised already, in other words: send it again to raise another")}
        return show(request, Page("concern.html", holds | {"wrong": told, "id": house.ids()}, 409))
    number = await run_in_threadpool(_number_of, house, caller, receipt)
    return RedirectResponse(f"/alerts/{number}" if number else "/queue", 303)


def _number_of(house: House, caller: Caller, receipt: Receipt) -> str | None:
    with house.db.reading() as session:
        alerts = alerts_by_id(session, caller, [one.alert for one in receipt.alerts])
        return number_of(alerts[0]) if alerts else None


def _posted(form: Form, parts: Sequence[Part], caller: Caller, event_id: str) -> Posted:
    """The concern as an event: its number or place as it was understood, with the words."""
    phones = [{"number": read_back(one), "role": "mentioned"} for one in parts if isinstance(one.value, Phone)]
    places = [
        {"role": "mentioned", "point": {"latitude": one.value.latitude, "longitude": one.value.longitude}}
        if isinstance(one.value, Point) else {"role": "mentioned", "address": read_back(one)}
        for one in parts if not isinstance(one.value, Phone)
    ]  # fmt: skip
    priority = Priority(form["priority"]) if form["priority"] in set(Priority) else Priority.URGENT
    queue = form["queue"] or None
    payload = {
        "source": SOURCE, "id": event_id, "type": "concern", "summary": form["summary"], "phones": phones,
        "locations": places, "priority": priority.value, "queue": queue, "incident": form["incident"] or None,
    }  # fmt: skip
    return Posted(
        by=caller, source=SOURCE, id=event_id, kind="concern", occurred_at=None, call=None,
        incident=form["incident"] or None, voiceless=False, parts=tuple(parts), problems=(),
        content=json.dumps(payload, sort_keys=True), payload=json.dumps(payload), queue=queue, priority=priority,
    )  # fmt: skip
