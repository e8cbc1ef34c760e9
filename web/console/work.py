"""What waits for somebody beside the queue, by their role: reviews, desks, sources, measures, the trail."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from access.roles import Caller, Permission
from alerts.desks_seen import desks_seen
from alerts.queries import shelved_or_awaiting
from alerts.silence import is_silent, sources_of
from markers.case_models import Review
from markers.cases.listing import orders_page
from markers.cases.orders import SOON
from markers.cases.queries import reviews_readable_by
from markers.cases.reviews import meant_for
from web.caller import TheHouse
from web.console.pages import Page, show
from web.console.session import AnyoneSignedIn
from web.console.words import gettext as _
from web.house import House

router = APIRouter(include_in_schema=False)
MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A page that is somebody's to work at: where it is, what it is called, what it is for, and what waits there."""

    address: str
    name: str
    about: str
    waits: str = ""
    presses: bool = False


@router.get("/work", operation_id="work_page")
def work_page(request: Request, caller: AnyoneSignedIn, house: TheHouse) -> Response:
    """The pages of this role, each with what waits there."""
    with house.db.reading() as session:
        now = house.clock.now(session)
        places = [
            *_kept(session, caller, now, house.console.zone),
            *_room(session, caller, house, now),
            *_trail(caller),
            *_service(caller),
        ]
    return show(request, Page("work.html", {"places": places}))


def _kept(session: Session, caller: Caller, now: datetime, zone: ZoneInfo) -> list[Place]:
    if not caller.may(Permission.READ_CASES):
        return []
    mine = (reviews_readable_by(caller), Review.state == "open", meant_for(caller.name, caller.role, caller.desks))
    asked = select(func.count(), func.count().filter(Review.due_at <= now)).where(*mine)
    count, due = session.execute(asked).one()
    waits = _("Yours: {count}, due: {due}").format(count=count, due=due) if count else _("None is yours")
    about = _("What is to be looked at again: markers, orders, cases")
    markers = Place("/markers", _("Markers"), _("What you and others have placed, and where each stands"))
    reviews = Place("/reviews", _("Reviews"), about, waits, due > 0)
    cases = Place("/cases", _("Cases"), _("People, how high the risk is, and everything that happened"))
    if not caller.may(Permission.KEEP_CASES):
        return [reviews, markers, cases]
    today = now.astimezone(zone).date()
    ending = orders_page(session, caller, None, None, (None, MOST_COUNTED), ending=(today, SOON)).rows
    waits = _("End within 28 days: {count}").format(count=len(ending)) if ending else _("None ends within 28 days")
    orders = Place("/orders", _("Orders"), _("What courts have ordered, and what of it is watched"), waits)
    return [reviews, markers, cases, orders, Place("/import", _("Bring markers in"), _("A list of them, as a file"))]


def _room(session: Session, caller: Caller, house: House, now: datetime) -> list[Place]:
    places = []
    if caller.may(Permission.KEEP_DESKS):
        desks = desks_seen(session, caller, house.plain_desks, now)
        waiting = sum(desk.waiting for desk in desks)
        empty = sum(desk.people == 0 and desk.waiting > 0 for desk in desks)
        told = _("Alerts that nobody has: {waiting}; desks with some, and nobody there: {empty}").format(
            waiting=waiting, empty=empty
        )
        if caller.may(Permission.READ_ALERTS):
            about = _("Alerts on a shelf, and what a second person has to agree to")
            held = shelved_or_awaiting(session, caller, MOST_COUNTED)
            wanted = sum(one.awaiting is not None for one in held)
            said = _("Awaiting: {wanted}; on a shelf: {shelved}").format(wanted=wanted, shelved=len(held) - wanted)
            places.append(Place("/waiting", _("Shelved and awaiting"), about, said, wanted > 0))
        places.append(Place("/desks", _("Desks"), _("Who is where, what waits, and where it goes on"), told, empty > 0))
    if caller.may(Permission.KEEP_SOURCES):
        silent = [one.source for one in sources_of(session, caller.force) if is_silent(session, one, now)]
        told = _("Silent: {names}").format(names=", ".join(silent)) if silent else _("None is silent")
        places.append(
            Place("/sources", _("Sources"), _("The feeds that are expected to be heard of"), told, bool(silent))
        )
    if caller.may(Permission.READ_MEASURES):
        places.append(Place("/measures", _("Measures"), _("What a desk and a shift went through")))
    return places


def _service(caller: Caller) -> list[Place]:
    places = []
    if caller.may(Permission.READ_PEOPLE):
        places.append(Place("/people", _("People"), _("Who signs in, as what, and at which desks")))
        places.append(Place("/tokens", _("Tokens"), _("What programs hold: made, shown once, and revoked")))
    if caller.may(Permission.KEEP_DESKS):
        places.append(Place("/categories", _("Categories"), _("When markers are looked at again, and erased")))
    if caller.may(Permission.READ_SETTINGS):
        places.append(Place("/settings", _("Settings"), _("What is in force, to be read")))
    return places


def _trail(caller: Caller) -> list[Place]:
    about = _("Who looked at this, and what did this person look at")
    return [Place("/trail", _("Audit trail"), about)] if caller.may(Permission.READ_TRAIL) else []
