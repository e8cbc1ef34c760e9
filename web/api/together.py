"""One move for a whole group: `POST /v1/alerts/together`."""

import json
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field, model_validator

from alerts import handling
from alerts.handling import AlertNotFound, Done
from alerts.moving import Asked
from alerts.once import keep_answer
from alerts.rules.words import Move
from alerts.together import MOST_TOGETHER, Together, move_together, open_in_group
from db.keyring import Use
from markers.matching.values import Problem
from web.api.alerts import Key
from web.api.describe import problems, takes
from web.api.move_bodies import AssignBody, LeftTold, NoteBody, NoteOnlyBody, ResolveBody, ShelveBody
from web.bodies.shapes import Given, ShortText, Told
from web.body import body_of, validated
from web.caller import MovesAlerts, TheHouse
from web.errors import BadBody
from web.house import House
from web.ids import read_id
from web.moved import act_of

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])
BODIES: dict[str, type[Given]] = {
    Move.ACKNOWLEDGE: NoteOnlyBody, Move.RELEASE: NoteOnlyBody, Move.ESCALATE: NoteOnlyBody, Move.ASSIGN: AssignBody,
    Move.SHELVE: ShelveBody, Move.UNSHELVE: NoteOnlyBody, Move.RESOLVE: ResolveBody, Move.NOTE: NoteBody,
    Move.CONFIRM: NoteOnlyBody, Move.REFUSE: NoteOnlyBody,
}  # fmt: skip
"""The moves that can be made for many, and what each takes."""


class TogetherBody(Given):
    """A group, or alerts by their ids; the move, and under `with` what it takes."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    group: ShortText | None = None
    alerts: list[ShortText] = Field(default=[], max_length=MOST_TOGETHER)
    move: Literal[
        "acknowledge", "release", "escalate", "assign", "shelve", "unshelve", "resolve", "note", "confirm", "refuse"
    ]
    with_: dict[str, Any] = Field(default={}, alias="with", examples=[{"note": "one caller, twenty calls"}])

    @model_validator(mode="after")
    def _some(self) -> "TogetherBody":
        if (self.group is None) == (not self.alerts):
            raise ValueError("a group, or alerts: one of them")
        return self


class TogetherTold(Told):
    """What moved, what waits for a second person, and what was left, with the reason."""

    move: str
    moved: list[UUID]
    waiting: list[UUID]
    left: list[LeftTold]


@router.post(
    "/together", operation_id="move_together", summary="One move for a group",
    openapi_extra=takes(TogetherBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def move_alerts_together(
    caller: MovesAlerts, house: TheHouse, body: Annotated[TogetherBody, Depends(body_of(TogetherBody))],
    key: Key = None,
) -> TogetherTold:  # fmt: skip
    """Make one move with every open alert of a group, or with those that are named: each by itself, none half."""
    said = _said(body)
    ids = {text: read_id(text) for text in body.alerts}
    if body.group is not None:
        with house.db.reading() as session:
            wanted = open_in_group(session, caller, body.group)
    else:
        wanted = [one for one in ids.values() if one is not None]
    text = json.dumps([body.move, said.model_dump(mode="json", exclude_none=True)], sort_keys=True)
    asked = Asked(
        caller=caller, alert_id=UUID(int=0), move=Move(body.move),
        digest=house.db.keys.digest_of(Use.REQUEST, text), to=getattr(said, "to", None),
        note=getattr(said, "note", None) or getattr(said, "reason", None), until=getattr(said, "until", None),
        outcome=getattr(said, "outcome", None), breach=getattr(said, "breach", None),
        follow_up_at=getattr(said, "follow_up_at", None), key=key,
    )  # fmt: skip
    done = move_together(asked, wanted, lambda one: _move(house, one))
    return _told(body.move, done, [text for text, found in ids.items() if found is None])


def _said(body: TogetherBody) -> Given:
    try:
        return validated(BODIES[body.move], body.with_)
    except BadBody as error:
        raise BadBody([_under_with(problem) for problem in error.problems]) from None


def _under_with(problem: Problem) -> Problem:
    at = "with" if problem.at == "body" else f"with.{problem.at}"
    return Problem(at, problem.code, problem.detail)


def _move(house: House, asked: Asked) -> Done:
    """One of them; each has the request's key for itself, so that the whole can be asked again."""
    if asked.key is not None:
        asked = replace(asked, key=f"{asked.key}\x00{asked.alert_id}")
    with house.db.transaction() as session:
        now = house.clock.now(session)
        done = handling.act(session, asked, handling.Room(house.ladder, house.ids), now)
        session.flush()
        if not done.is_repeated:
            keep_answer(session, asked, "{}")
        house.recorder.record(session, asked.caller, act_of(asked, done, done.alert.incident or done.alert.call), now)
        return done


def _told(move: str, done: Together, unknown: list[str]) -> TogetherTold:
    waiting = {one.alert.id for one in done.moved if move == Move.RESOLVE and one.alert.awaiting is not None}
    left = [LeftTold(alert=str(one), because=why) for one, why in done.left]
    left += [LeftTold(alert=text, because=str(AlertNotFound())) for text in unknown]
    moved = [one.alert.id for one in done.moved if one.alert.id not in waiting]
    return TogetherTold(move=move, moved=moved, waiting=list(waiting), left=left)
