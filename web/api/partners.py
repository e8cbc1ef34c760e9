"""Partners that are told by webhook: `/v1/partners` (supervisor, admin)."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from access.trail import Act, Operation, Outcome, Thing
from alerts.partner_models import Partner, PartnerNotice
from alerts.partners import (
    PartnerSeen,
    new_partner_secret,
    notices_of,
    partners_seen,
    renew_secret,
    replay,
    set_partner,
)
from web.api.describe import problems, takes
from web.bodies.markers import NoBody
from web.bodies.shapes import Given, MomentOut, Told
from web.body import body_of
from web.caller import KeepsPartners, TheHouse
from web.errors import NothingThere

router = APIRouter(prefix="/v1/partners", tags=["partners"])
LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?", re.ASCII)
LONGEST_URL = 2000


class PartnerBody(Given):
    """A partner, and where it is told. Cases name it, and say what it may receive."""

    partner: Annotated[str, Field(strict=True, pattern=r"^[\w][\w .-]{0,99}$", examples=["housing"])]
    url: str = Field(strict=True, max_length=LONGEST_URL, examples=["https://hooks.example/heed"])
    enabled: bool = Field(default=True, strict=True)

    @field_validator("url")
    @classmethod
    def _can_be_told(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("an address is wanted: https://host/path") from None
        if not host or not value.isascii() or any(sign.isspace() for sign in value) or port == 0:
            raise ValueError("an address is wanted: https://host/path")
        if parts.username or parts.password:
            raise ValueError("a name or password has no place here: notices are signed")
        if parts.scheme != "https" and not (parts.scheme == "http" and LOOPBACK.fullmatch(host)):
            raise ValueError("https is wanted: a notice speaks of somebody's danger")
        return value


class PartnerTold(Told):
    """A partner as it stands; `secret` is told once, when it is made."""

    partner: str
    url: str
    enabled: bool
    set_by: str
    set_at: MomentOut
    waiting: int
    sent: int
    dead: int
    oldest_waiting_at: MomentOut | None
    last_sent_at: MomentOut | None
    secret: str | None = None

    @classmethod
    def of(cls, seen: PartnerSeen, secret: str | None = None) -> "PartnerTold":
        """A partner as a body."""
        return cls(**{name: getattr(seen, name) for name in seen.__dataclass_fields__}, secret=secret)


class PartnersTold(Told):
    """The partners of a force."""

    items: list[PartnerTold]
    next_cursor: str | None = None


class NoticeTold(Told):
    """A notice: what it tells of, and what became of it. What it says stands nowhere here."""

    id: UUID
    sequence: int
    kind: str
    alert: UUID
    made_at: MomentOut
    state: Literal["waiting", "sent", "dead"]
    attempts: int
    next_at: MomentOut | None
    failed_with: str | None
    ended_at: MomentOut | None

    @classmethod
    def of(cls, row: PartnerNotice) -> "NoticeTold":
        """A notice as a body."""
        state: Literal["waiting", "sent", "dead"] = row.state  # type: ignore[assignment]
        return cls(
            id=row.id, sequence=row.sequence, kind=row.kind, alert=row.alert_id, made_at=row.made_at, state=state,
            attempts=row.attempts, next_at=row.next_at if state == "waiting" else None, failed_with=row.failed_with,
            ended_at=row.ended_at,
        )  # fmt: skip


class NoticesTold(Told):
    """A partner's notices in their order, the newest of them."""

    items: list[NoticeTold]
    next_cursor: str | None = None


class NoticeQuery(BaseModel):
    """Which notices."""

    model_config = ConfigDict(hide_input_in_errors=True)

    state: Literal["waiting", "sent", "dead"] | None = None
    limit: int = Field(50, ge=1, le=200)


class ReplayBody(Given):
    """The notices to send again; without them, all that were given up."""

    notices: list[UUID] | None = Field(None, max_length=1000)


class ReplayedTold(Told):
    """How many wait again."""

    replayed: int


@router.put(
    "", operation_id="set_partner", summary="Tell a partner",
    openapi_extra=takes(PartnerBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def put_partner(
    caller: KeepsPartners, house: TheHouse, body: Annotated[PartnerBody, Depends(body_of(PartnerBody))]
) -> PartnerTold:
    """Tell a partner at this address; a new one's secret is answered once. Not `enabled`: what waits, waits on."""
    secret = new_partner_secret(house.randomness)
    with house.db.transaction() as session:
        now = house.clock.now(session)
        wanted = (body.partner, body.url, body.enabled)
        row, is_new = set_partner(session, caller, wanted, secret, (now, house.ids))
        act = Act(operation=Operation.ALTERATION, action="set_partner", objects=[Thing("partner", row.id, 1)])
        house.recorder.record(session, caller, act, now)
        [seen] = [one for one in partners_seen(session, caller) if one.partner == body.partner]
    return PartnerTold.of(seen, secret if is_new else None)


@router.get("", operation_id="list_partners", summary="The partners", responses=problems(401, 403, 503))
def list_partners(caller: KeepsPartners, house: TheHouse) -> PartnersTold:
    """Who is told, where, and what waits for each."""
    with house.db.reading() as session:
        items = [PartnerTold.of(one) for one in partners_seen(session, caller)]
    act = Act(operation=Operation.CONSULTATION, action="list_partners", outcome=Outcome.SHOWN)
    house.record(caller, act, session)
    return PartnersTold(items=items)


@router.post(
    "/{partner}/secret", operation_id="renew_partner_secret", summary="Another secret",
    openapi_extra=takes(NoBody, required=False), responses=problems(401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
def renew_partner_secret(
    caller: KeepsPartners, house: TheHouse, partner: str, _: Annotated[NoBody, Depends(body_of(NoBody))]
) -> PartnerTold:
    """Sign with a new secret from now on, told once; the old one signs beside it for a day."""
    secret = new_partner_secret(house.randomness)
    with house.db.transaction() as session:
        now = house.clock.now(session)
        row = renew_secret(session, caller.force, partner, secret, now)
        if row is None:
            raise NothingThere
        act = Act(operation=Operation.ALTERATION, action="renew_partner_secret", objects=[Thing("partner", row.id, 1)])
        house.recorder.record(session, caller, act, now)
        [seen] = [one for one in partners_seen(session, caller) if one.partner == partner]
    return PartnerTold.of(seen, secret)


@router.get(
    "/{partner}/notices", operation_id="list_notices", summary="A partner's notices",
    responses=problems(401, 403, 404, 422, 503),
)  # fmt: skip
def list_notices(
    caller: KeepsPartners, house: TheHouse, partner: str, wanted: Annotated[NoticeQuery, Query()]
) -> NoticesTold:
    """What was told, what waits, and what was given up (`state=dead`), in the order in which it is sent."""
    with house.db.reading() as session:
        if session.get(Partner, (caller.force, partner)) is None:
            raise NothingThere
        rows = notices_of(session, caller, partner, wanted.state, wanted.limit)
        items = [NoticeTold.of(row) for row in rows]
    act = Act(
        operation=Operation.CONSULTATION, action="list_notices", outcome=Outcome.SHOWN, search=True,
        objects=[Thing("alert", row.alert_id, row.version, row.audience) for row in rows],
    )  # fmt: skip
    house.record(caller, act, session)
    return NoticesTold(items=items)


@router.post(
    "/{partner}/replay", operation_id="replay_notices", summary="Send again what was given up",
    openapi_extra=takes(ReplayBody, required=False), responses=problems(401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
def replay_notices(
    caller: KeepsPartners, house: TheHouse, partner: str, body: Annotated[ReplayBody, Depends(body_of(ReplayBody))]
) -> ReplayedTold:
    """Send again what was given up: each with its own id, in its own place."""
    with house.db.transaction() as session:
        now = house.clock.now(session)
        if session.get(Partner, (caller.force, partner)) is None:
            raise NothingThere
        count = replay(session, caller, partner, body.notices, now)
        act = Act(operation=Operation.ALTERATION, action="replay_notices", terms=[partner[:200]])
        house.recorder.record(session, caller, act, now)
    return ReplayedTold(replayed=count)
