"""The audit trail: `GET /v1/audit`. Auditors ask who did what to which objects; reading it is an entry itself."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from access.models import Entry
from access.reading import EntryFilter, entries_page
from access.trail import Act, Operation, Outcome
from web.api.describe import problems
from web.bodies.shapes import Moment, MomentOut, Told
from web.caller import ReadsTrail, TheHouse
from web.paging import FilterText, PageQuery

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class AuditQuery(PageQuery):
    """Which entries, and which page of them."""

    who: FilterText | None = None
    object: FilterText | None = None
    operation: Operation | None = None
    since: Moment | None = None
    until: Moment | None = None


class ThingTold(Told):
    """Something that was seen or changed, at its version then."""

    kind: str
    id: str
    version: int


class EntryTold(Told):
    """An entry. What was searched for stays sealed; `searched` says that something was."""

    id: UUID
    at: MomentOut
    who: str
    role: str
    desks: list[str]
    operation: str
    action: str
    outcome: str
    objects: list[ThingTold]
    in_hand: str | None = Field(description="The call or incident that the person had in hand")
    reason: str | None
    searched: bool
    unopened: list[str] = Field(description="Sealed texts that could not be opened then, by their place")

    @classmethod
    def of(cls, entry: Entry) -> "EntryTold":
        """The entry as an auditor reads it."""
        return cls(
            id=entry.id,
            at=entry.at,
            who=entry.who,
            role=entry.role,
            desks=json.loads(entry.desks),
            operation=entry.operation,
            action=entry.action,
            outcome=entry.outcome,
            objects=[ThingTold(kind=kind, id=key, version=version) for kind, key, version in json.loads(entry.objects)],
            in_hand=entry.in_hand,
            reason=entry.reason,
            searched=entry.terms_sealed is not None,
            unopened=json.loads(entry.unopened),
        )


class EntriesTold(Told):
    """A page of entries, newest first."""

    items: list[EntryTold]
    next_cursor: str | None


@router.get("", operation_id="read_trail", summary="Read the audit trail", responses=problems(401, 403, 422, 503))
def read_trail(caller: ReadsTrail, house: TheHouse, wanted: Annotated[AuditQuery, Query()]) -> EntriesTold:
    """Who did what to which objects, newest first. `object` is an id; `since` is included, `until` is not."""
    keys = house.db.keys
    after = wanted.after(keys, "audit")
    chosen = EntryFilter(
        who=wanted.who, object=wanted.object, operation=wanted.operation, since=wanted.since, until=wanted.until
    )
    with house.db.reading() as session:
        page = entries_page(session, caller, chosen, (after, wanted.limit))
        items = [EntryTold.of(entry) for entry in page.rows]
    asked = [f"{name}={value}" for name, value in wanted.filters().items() if value is not None]
    act = Act(
        operation=Operation.CONSULTATION, action="read_trail", outcome=Outcome.SHOWN, search=True, terms=asked
    )  # fmt: skip
    house.record(caller, act, session)
    return EntriesTold(items=items, next_cursor=wanted.next_cursor(keys, "audit", page.last))
