"""Handing over a shift: `POST /v1/alerts/hand-over`."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from alerts.handing_over import GONE, HandOver, hand_over
from alerts.once import keep_answer, take_key
from db.keyring import Use
from web.api.alerts import Key
from web.api.describe import problems, takes
from web.api.move_bodies import HandedOverTold, HandOverBody, LeftTold
from web.body import body_of
from web.caller import MovesAlerts, TheHouse
from web.ids import read_id
from web.moved import act_of_hand_over

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.post(
    "/hand-over", operation_id="hand_over_alerts", summary="Hand over",
    openapi_extra=takes(HandOverBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def hand_over_alerts(
    caller: MovesAlerts, house: TheHouse, body: Annotated[HandOverBody, Depends(body_of(HandOverBody))],
    response: Response, key: Key = None,
) -> HandedOverTold:  # fmt: skip
    """Give what you answer for to somebody else, in one move; a supervisor, what somebody else does."""
    named = {text: read_id(text) for text in body.alerts}
    ids: list[UUID] = [one for one in named.values() if one is not None]
    if body.alerts and not ids:
        return HandedOverTold(to=body.to, moved=[], left=[LeftTold(alert=text, because=GONE) for text in named])
    said = json.dumps(["hand-over", body.model_dump(mode="json")], sort_keys=True)
    wanted = HandOver(
        caller=caller, whose=body.from_ or caller.name, to=body.to, note=body.note, alerts=ids, key=key,
        digest=house.db.keys.digest_of(Use.REQUEST, said),
    )  # fmt: skip
    with house.db.transaction() as session:
        now = house.clock.now(session)
        taken = take_key(session, wanted, house.ids, now)
        if taken is not None and taken.is_repeated and taken.answered is not None:
            response.headers["Idempotency-Replayed"] = "true"
            return HandedOverTold.model_validate(taken.answered)
        done = hand_over(session, wanted, now)
        left = [LeftTold(alert=str(one), because=why) for one, why in done.left]
        left += [LeftTold(alert=text, because=GONE) for text, found in named.items() if found is None]
        told = HandedOverTold(to=body.to, moved=[alert.id for alert in done.moved], left=left)
        keep_answer(session, wanted, told.model_dump_json())
        house.recorder.record(session, caller, act_of_hand_over(done), now)
    return told
