"""Desks and the rules that route to them: `/v1/desks`, `/v1/routing` (supervisor, admin)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from access.trail import Act, Operation, Outcome
from alerts.desks import routing_table
from alerts.desks_seen import DeskSeen, desks_seen
from markers.matching.values import Problem
from web.api.describe import problems, takes
from web.bodies.routing import RoutingBody, wrong_with
from web.bodies.shapes import Given, MomentOut, Name, Told
from web.body import body_of
from web.caller import KeepsDesks, TheHouse
from web.errors import BadBody
from web.paging import IfMatch, etag_of, version_in
from web.registry import Room

router = APIRouter(prefix="/v1", tags=["desks"])


class DeskBody(Given):
    """A desk, and the one that answers, too, where nobody is signed in at it; `null`: none."""

    desk: Name = Field(examples=["dispatch"])
    fallback: Name | None = Field(examples=["control-room"])


class DeskTold(Told):
    """A desk as it stands: who is signed in, what nobody has, since when, and by when it is to be answered."""

    desk: str
    fallback: str | None
    people: int = Field(description="How many are there")
    present: list[str] = Field(description="Who they are, at your own desks and those of the settings")
    open: int
    waiting: int
    oldest_waiting_at: MomentOut | None
    next_due_at: MomentOut | None

    @classmethod
    def of(cls, seen: DeskSeen) -> "DeskTold":
        """A desk as a body."""
        return cls(**{name: getattr(seen, name) for name in cls.model_fields})


class DesksTold(Told):
    """All desks that are known of."""

    items: list[DeskTold]
    next_cursor: str | None = None


class RoutingTold(Told):
    """The rules in force; where none fits, and the marker names no desk, the default desk answers."""

    rules: list[dict[str, Any]]
    version: int
    default_queue: str


@router.put(
    "/desks", operation_id="set_desk", summary="Set a desk's fallback",
    openapi_extra=takes(DeskBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def put_desk(caller: KeepsDesks, house: TheHouse, body: Annotated[DeskBody, Depends(body_of(DeskBody))]) -> DeskTold:
    """Say where a desk passes on what comes while nobody is signed in at it."""
    if body.desk == body.fallback:
        raise BadBody([Problem("fallback", "same_desk", "a desk can't pass on to itself")])
    with house.db.transaction() as session:
        room = Room(house, session, caller)
        room.set_desk(body.desk, body.fallback)
        seen = desks_seen(session, caller, house.plain_desks, room.desk.now)
    return next(DeskTold.of(one) for one in seen if one.desk == body.desk)


@router.get("/desks", operation_id="list_desks", summary="Every desk at a glance", responses=problems(401, 403, 503))
def list_desks(caller: KeepsDesks, house: TheHouse) -> DesksTold:
    """Who is signed in at each desk, what waits there, and by when it has to be answered."""
    with house.db.reading() as session:
        seen = desks_seen(session, caller, house.plain_desks, house.clock.now(session))
    house.record(caller, Act(operation=Operation.CONSULTATION, action="list_desks", outcome=Outcome.SHOWN), session)
    return DesksTold(items=[DeskTold.of(one) for one in seen])


@router.put(
    "/routing", operation_id="set_routing", summary="Set the routing rules",
    openapi_extra=takes(RoutingBody), responses=problems(401, 403, 412, 413, 415, 422, 503),
)  # fmt: skip
def put_routing(
    caller: KeepsDesks, house: TheHouse, body: Annotated[RoutingBody, Depends(body_of(RoutingBody))],
    response: Response, if_match: IfMatch = None,
) -> RoutingTold:  # fmt: skip
    """Put these rules in the place of all that stood; with `If-Match` only if they are those that you saw."""
    rules = [rule.model_dump(mode="json", exclude_defaults=True) for rule in body.rules]
    wrong = wrong_with(body)
    if wrong:
        raise BadBody(wrong)
    with house.db.transaction() as session:
        version = Room(house, session, caller).set_routing(rules, version_in(if_match))
    response.headers["ETag"] = etag_of(version)
    return RoutingTold(rules=rules, version=version, default_queue=house.default_queue)


@router.get("/routing", operation_id="read_routing", summary="The routing rules", responses=problems(401, 403, 503))
def read_routing(caller: KeepsDesks, house: TheHouse, response: Response) -> RoutingTold:
    """The rules by which desks are named; their version is the `ETag`."""
    with house.db.reading() as session:
        rules, version = routing_table(session, caller.force)
    house.record(caller, Act(operation=Operation.CONSULTATION, action="read_routing", outcome=Outcome.SHOWN), session)
    response.headers["ETag"] = etag_of(version)
    return RoutingTold(rules=rules, version=version, default_queue=house.default_queue)
