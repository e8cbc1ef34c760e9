"""Alerts: the queue, one alert, and the moves that people make. `/v1/alerts` (handler, supervisor, officer)."""

import json
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from alerts import handling
from alerts.feed import View, where_now
from alerts.handling import AlertNotFound
from alerts.listing import AlertFilter, alerts_page
from alerts.moving import Asked
from alerts.once import keep_answer
from alerts.queries import alert_readable_by
from alerts.rules.words import Move, Priority, State
from alerts.seen import alerts_seen, things_on
from db.keyring import Use
from web.api.alert_bodies import AlertsTold, AlertTold, WholeAlertTold
from web.api.describe import problems, takes
from web.api.move_bodies import (
    AssignBody,
    IncidentBody,
    NoteBody,
    NoteOnlyBody,
    RegradeBody,
    ReopenBody,
    ResolveBody,
    ShelveBody,
)
from web.bodies.shapes import Given
from web.body import body_of
from web.caller import MovesAlerts, ReadsAlerts, TheHouse
from web.house import House
from web.ids import read_id
from web.moved import act_of
from web.paging import FilterText, IfMatch, PageQuery, etag_of, version_in

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
Key = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=200, description="The same move again is answered the same")
]


class AlertQuery(PageQuery):
    """Which alerts, and which page of them."""

    state: State | None = None
    queue: FilterText | None = None
    priority: Priority | None = None
    assigned_to: FilterText | None = None
    group: FilterText | None = None


@router.get("", operation_id="list_alerts", summary="The queue", responses=problems(401, 403, 422, 503))
def list_alerts(caller: ReadsAlerts, house: TheHouse, wanted: Annotated[AlertQuery, Query()]) -> AlertsTold:
    """The alerts of your desks, highest priority first, then oldest; without `state`, those not resolved."""
    keys = house.db.keys
    last = wanted.after(keys, "alerts")
    chosen = AlertFilter(
        state=wanted.state,
        queue=wanted.queue,
        priority=wanted.priority,
        assigned_to=wanted.assigned_to,
        group=wanted.group,
    )
    with house.db.reading() as session:
        position = last[0] if last else str(where_now(session, View(caller, wanted.queue)))
        page = alerts_page(session, caller, chosen, (last[1] if last else None, wanted.limit), house.clock.now(session))
        items = [AlertTold.of(seen) for seen in page.items]
    act = Act(
        operation=Operation.CONSULTATION,
        action="list_alerts",
        search=True,
        outcome=Outcome.SHOWN,
        objects=list(dict.fromkeys(thing for seen in page.items for thing in things_on(seen))),
    )
    house.record(caller, act, session)
    cursor = wanted.next_cursor(keys, "alerts", [position, page.last] if page.last else None)
    return AlertsTold(items=items, next_cursor=cursor, position=position)


def _id(text: str) -> UUID:
    """An id that is none is one that is not there."""
    found = read_id(text)
    if found is None:
        raise AlertNotFound
    return found


@router.get("/{alert_id}", operation_id="read_alert", summary="Read an alert", responses=problems(401, 403, 404, 503))
def read_alert(caller: ReadsAlerts, house: TheHouse, alert_id: str, response: Response) -> WholeAlertTold:
    """One alert with all its events and its whole history; its version is the `ETag`."""
    with house.db.reading() as session:
        alert = alert_readable_by(session, caller, _id(alert_id))
        if alert is None:
            raise AlertNotFound
        [seen] = alerts_seen(session, [alert], house.clock.now(session), whole=True)
        told = WholeAlertTold.of(seen)
    act = Act(
        operation=Operation.CONSULTATION,
        action="read_alert",
        outcome=Outcome.SHOWN,
        objects=things_on(seen),
        in_hand=told.incident or told.call,
    )
    house.record(caller, act, session)
    response.headers["ETag"] = etag_of(told.version)
    return told


def _move(house: House, asked: Asked, response: Response) -> Response:
    """One transaction: the move, its trail entry, and the answer that a repeated request is to be given."""
    with house.db.transaction() as session:
        now = house.clock.now(session)
        done = handling.act(session, asked, handling.Room(house.ladder, house.ids), now)
        if done.answered is None:
            session.flush()
            [seen] = alerts_seen(session, [done.alert], now, whole=True)
            answer = WholeAlertTold.of(seen).model_dump(mode="json")
        else:
            answer = dict(done.answered)
        if done.is_repeated:
            response.headers["Idempotency-Replayed"] = "true"
        else:
            keep_answer(session, asked, json.dumps(answer))
        act = act_of(asked, done, answer["incident"] or answer["call"])
        house.recorder.record(session, asked.caller, act, now)
    headers = dict(response.headers) | {"ETag": etag_of(answer["version"])}
    headers.pop("content-length", None)
    waits = asked.move in _MAY_WAIT and answer["awaiting_confirmation"] is not None
    return Response(json.dumps(answer), 202 if waits else 200, media_type="application/json", headers=headers)


def _asked(house: House, caller: Caller, alert_id: str, move: Move, body: Given, seen: "Seen") -> Asked:
    """A move as it was asked for; its digest tells a repeated request from another one."""
    said = body.model_dump(mode="json", exclude_none=True)
    text = json.dumps([str(alert_id).lower(), move, said], sort_keys=True)
    note = getattr(body, "note", None) or getattr(body, "reason", None)
    return Asked(
        caller=caller,
        alert_id=_id(alert_id),
        move=move,
        digest=house.db.keys.digest_of(Use.REQUEST, text),
        note=note,
        to=getattr(body, "to", None),
        until=getattr(body, "until", None),
        outcome=getattr(body, "outcome", None),
        priority=getattr(body, "priority", None),
        breach=getattr(body, "breach", None),
        follow_up_at=getattr(body, "follow_up_at", None),
        incident=getattr(body, "incident", None),
        if_match=seen.version,
        key=seen.key,
    )


_MAY_WAIT = (Move.REGRADE, Move.RESOLVE)
"""Moves that may need a second person."""


_SUMMARIES = {
    Move.NOTE: "Note something on an alert", Move.CONFIRM: "Agree to what was asked",
    Move.REFUSE: "Refuse what was asked", Move.INCIDENT: "Give an alert its incident",
}  # fmt: skip


class Seen:
    """What a move says beside its body: the version that the person saw, and the request's own key."""

    def __init__(self, if_match: IfMatch = None, idempotency_key: Key = None) -> None:
        self.version = version_in(if_match)
        self.key = idempotency_key


def _add_move(move: Move, model: type[Given], told: str) -> Callable[..., Response]:
    """A route for a move; all moves go down one corridor (`alerts/handling.py`)."""
    must_say = any(field.is_required() for field in model.model_fields.values())

    def route(
        caller: MovesAlerts,
        house: TheHouse,
        body: Annotated[Given, Depends(body_of(model))],
        alert_id: str,
        seen: Annotated[Seen, Depends()],
        response: Response,
    ) -> Response:
        return _move(house, _asked(house, caller, alert_id, move, body, seen), response)

    route.__doc__ = told
    return router.post(
        f"/{{alert_id}}/{move}",
        operation_id=f"{move}_alert",
        summary=_SUMMARIES.get(move, f"{move.capitalize()} an alert"),
        response_model=WholeAlertTold,
        openapi_extra=takes(model, required=must_say),
        responses=problems(401, 403, 404, 409, 412, 413, 415, 422, 503)
        | (
            {202: {"model": WholeAlertTold, "description": "It waits for a second person"}} if move in _MAY_WAIT else {}
        ),
    )(route)


_add_move(Move.ACKNOWLEDGE, NoteOnlyBody, "Take the alert: from now on you answer for it.")
_add_move(Move.RELEASE, NoteOnlyBody, "Give the alert back to its desk: it is due again.")
_add_move(Move.ASSIGN, AssignBody, "Say who is to handle the alert: somebody who may read it.")
_add_move(Move.ESCALATE, NoteOnlyBody, "Send the alert one step up.")
_add_move(Move.SHELVE, ShelveBody, "Put the alert away until a time; it comes back by itself.")
_add_move(Move.UNSHELVE, NoteOnlyBody, "Bring a shelved alert back now.")
_add_move(Move.RESOLVE, ResolveBody, "End the alert, saying what came of it.")
_add_move(Move.REOPEN, ReopenBody, "Take back a resolution, within 15 minutes.")
_add_move(Move.REGRADE, RegradeBody, "Set another priority; down from immediate waits for a second person.")
_add_move(Move.CONFIRM, NoteOnlyBody, "Agree to what somebody else asked for: a supervisor, if another is signed in.")
_add_move(Move.REFUSE, NoteOnlyBody, "Refuse what somebody else asked for: the alert stays as it is.")
_add_move(Move.INCIDENT, IncidentBody, "Give the command-and-control reference, typed by hand.")
_add_move(Move.NOTE, NoteBody, "Add words to the alert's history.")
