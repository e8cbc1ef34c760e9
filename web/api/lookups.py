"""Lookups: `POST /v1/lookups`. A handler asks by number or address what is known; recorded as a consultation."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from markers.matcher import NotMatched
from markers.matching.parts import (
    Location,
    Position,
    Understood,
    read_back,
    search_term,
    understand_location,
    understand_number,
    understand_thing,
)
from markers.matching.values import IdentifierKind, Numbering, Part, Problem, Role
from web.api.describe import problems, takes
from web.bodies.shapes import Given, LongText, Metres, Place, ProblemBody, ShortText, Told
from web.body import body_of
from web.caller import LooksUp, TheHouse
from web.looking_up import Hit, act_of, looked_up

router = APIRouter(prefix="/v1/lookups", tags=["lookups"])


class PhoneAsked(Given):
    """A number as the caller gave it."""

    number: ShortText | None = Field(None, examples=["07700 900123"])
    role: ShortText | None = None


class PointAsked(Place):
    """A position, with the metres by which it may be off."""

    uncertainty_m: Metres | None = None


class LocationAsked(Given):
    """A place, as in an event; every part is optional."""

    role: ShortText | None = None
    address: LongText | None = Field(None, examples=["Flat 2, 10 Bold Street, Liverpool"])
    postcode: ShortText | None = None
    uprn: ShortText | None = None
    point: PointAsked | None = None

    def location(self) -> Location:
        """What matching reads."""
        point = Position(**self.point.model_dump()) if self.point else None
        return Location(address=self.address, postcode=self.postcode, uprn=self.uprn, point=point)


class IdentifierAsked(Given):
    """A registration mark, an e-mail address, or an account (`platform:name`)."""

    kind: IdentifierKind
    value: LongText = Field(examples=["AB12 CDE"])
    role: ShortText | None = None


class LookupBody(Given):
    """What is looked up, and why."""

    phones: list[PhoneAsked] = Field(default_factory=list, max_length=20)
    locations: list[LocationAsked] = Field(default_factory=list, max_length=10)
    identifiers: list[IdentifierAsked] = Field(default_factory=list, max_length=20)
    reason: LongText | None = None
    incident: ShortText | None = Field(None, description="The call's or incident's reference in hand, for the trail")


class MatchTold(Told):
    """A marker that what was looked up means, by one of its targets."""

    marker: UUID
    reference: str | None
    level: str
    score: float
    category: str
    risk: str
    subject_role: str
    instruction: str | None
    evidence: list[str]


class UnderstoodTold(Told):
    """What a part was understood as, to be read back to the caller."""

    at: str
    as_: str = Field(serialization_alias="as")


class LookupTold(Told):
    """The matches, best first, one per marker and target; what was understood, and what was not."""

    matches: list[MatchTold]
    understood: list[UnderstoodTold]
    problems: list[ProblemBody]


@router.post(
    "", operation_id="look_up", summary="Look up a number or a place",
    openapi_extra=takes(LookupBody), responses=problems(401, 403, 413, 415, 422, 503),
)  # fmt: skip
def look_up(caller: LooksUp, house: TheHouse, body: Annotated[LookupBody, Depends(body_of(LookupBody))]) -> LookupTold:
    """What is known of a number or a place, among the markers that you may read and that would fire now."""
    understood = _understood(body, house.reading.numbering)
    with house.db.reading() as session:
        found = looked_up(session, caller, understood.parts, house.reading, house.clock.now(session))
        hits = [] if isinstance(found, NotMatched) else found
    terms = [*map(search_term, understood.parts), *_not_understood(body, understood)]
    house.record(caller, act_of(hits, terms, in_hand=body.incident, reason=body.reason), session)
    unmatched = [Problem("body", "not_matched", "the service could not match this")]
    told = [*understood.problems, *(unmatched if isinstance(found, NotMatched) else [])]
    return LookupTold(
        matches=[_match(hit) for hit in hits],
        understood=[UnderstoodTold(at=part.at, as_=read_back(part)) for part in understood.parts],
        problems=[ProblemBody.of(problem) for problem in told],
    )


def _understood(body: LookupBody, numbering: Numbering) -> Understood:
    parts: list[Part] = []
    told: list[Problem] = []
    pieces = [
        *(
            understand_number(f"phones[{index}]", phone.number, Role.CALLER, numbering)
            for index, phone in enumerate(body.phones)
        ),
        *(
            understand_location(f"locations[{index}]", place.location(), Role.INCIDENT)
            for index, place in enumerate(body.locations)
        ),
        *(
            understand_thing(f"identifiers[{index}]", thing.kind, thing.value, Role.MENTIONED)
            for index, thing in enumerate(body.identifiers)
        ),
    ]
    for piece in pieces:
        parts += piece.parts
        told += piece.problems
    return Understood(tuple(parts), tuple(told))


def _not_understood(body: LookupBody, understood: Understood) -> Iterator[str]:
    """What was asked for in words that could not be read: who asked is to be known all the same."""
    read = {part.at for part in understood.parts}
    for index, phone in enumerate(body.phones):
        if phone.number and f"phones[{index}]" not in read:
            yield phone.number.casefold()
    for index, place in enumerate(body.locations):
        if f"locations[{index}]" not in read:
            yield from (text.casefold() for text in (place.address, place.postcode, place.uprn) if text)
    for index, thing in enumerate(body.identifiers):
        if f"identifiers[{index}]" not in read:
            yield thing.value.casefold()


def _match(hit: Hit) -> MatchTold:
    marker = hit.marker
    return MatchTold(
        marker=marker.id,
        reference=marker.reference,
        level=hit.level,
        score=hit.score,
        category=marker.category,
        risk=marker.risk,
        subject_role=marker.subject_role,
        instruction=hit.instruction,
        evidence=list(hit.evidence),
    )
