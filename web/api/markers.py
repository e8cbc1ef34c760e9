"""Markers: `/v1/markers`. Officers keep them; handlers and supervisors read what their role may see."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from access.roles import Caller, Permission
from access.trail import Act, Operation, Outcome
from alerts.erasing import forget_evidence
from markers import register
from markers.drafts import Dates
from markers.drill import drill, mark_proven
from markers.listing import MarkerFilter, markers_page
from markers.models import Marker
from markers.queries import targets_of, with_targets
from markers.retention import erase
from markers.things import thing_of
from markers.words import Standing, Status
from web.api.describe import problems, takes
from web.bodies.markers import (
    ConfirmBody,
    DrillTold,
    MarkerBody,
    MarkersTold,
    MarkerTold,
    NoBody,
    ReasonBody,
    RenewBody,
    as_given,
)
from web.bodies.shapes import Moment
from web.body import body_of, validated
from web.caller import KeepsMarkers, ReadsMarkers, TheHouse
from web.errors import NotPermitted
from web.house import House
from web.paging import FilterText, IfMatch, PageQuery, check_seen, etag_of
from web.patching import check_shape, patch_of, patched
from web.registry import LOOKED_BACK, Markers, review_in

router = APIRouter(prefix="/v1/markers", tags=["markers"])


class MarkerQuery(PageQuery):
    """Which markers, and which page of them."""

    status: Status | None = None
    category: FilterText | None = None
    case: FilterText | None = None
    review_due_before: Moment | None = None


class MarkerRegistry(Markers):
    """The register at one moment, and what the API tells of it."""

    def told(self, marker: Marker) -> MarkerTold:
        """What the caller may read of it."""
        targets = targets_of(self.session, marker.force, [marker.id])[marker.id]
        return MarkerTold.of(marker, targets, self.caller, self.desk.now)


@router.post(
    "", status_code=201, operation_id="place_marker", summary="Place a marker",
    openapi_extra=takes(MarkerBody), responses=problems(401, 403, 409, 413, 415, 422, 503),
)  # fmt: skip
def place_marker(
    caller: ReadsMarkers,
    house: TheHouse,
    sent: Annotated[dict[str, Any], Depends(patch_of)],
    response: Response,
) -> MarkerTold:
    """Store a marker. It fires from the moment that it is answered; one that could never fire is refused.

    Officers place them; a handler or supervisor one that is `provisional`, which an officer confirms.
    """
    if not (caller.may(Permission.KEEP_MARKERS) or sent.get("provisional") is True):
        raise NotPermitted
    body = validated(MarkerBody, sent)
    with house.db.transaction() as session:
        registry = MarkerRegistry(house, session, caller)
        marker = register.place(session, body.draft(), registry.desk)
        told = registry.told(marker)
        registry.record(Operation.COLLECTION, "place_marker", thing_of(marker))
    # What happens now must not wait: it is raised before the officer is answered.
    house.look_back([(caller.force, told.id)])
    response.headers["ETag"] = etag_of(told.version)
    response.headers["Location"] = f"/v1/markers/{told.id}"
    return told


@router.post(
    "/{marker_id}/drill", operation_id="drill_marker", summary="Would this marker fire?",
    openapi_extra=takes(NoBody, required=False), responses=problems(401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
def drill_marker(
    caller: KeepsMarkers,
    house: TheHouse,
    marker_id: str,
    _: Annotated[NoBody, Depends(body_of(NoBody))],
) -> DrillTold:
    """Play each target as an event would name it, through the real matching path; nothing is raised."""
    with house.db.transaction() as session:
        registry = MarkerRegistry(house, session, caller)
        own = with_targets(session, [registry.find(marker_id, to_change=False)])
        [(marker, targets)] = own.values()
        drilled = drill(session, own, house.reading, registry.desk.now)[marker.id]
        mark_proven(targets, drilled, registry.desk.now)
        act = Act(
            operation=Operation.CONSULTATION, action="drill_marker", outcome=Outcome.SHOWN, objects=[thing_of(marker)]
        )  # fmt: skip
        house.recorder.record(session, caller, act, registry.desk.now)
    return DrillTold.of(drilled)


@router.get(
    "", operation_id="list_markers", summary="List markers", responses=problems(401, 403, 422, 503)
)  # fmt: skip
def list_markers(caller: ReadsMarkers, house: TheHouse, wanted: Annotated[MarkerQuery, Query()]) -> MarkersTold:
    """The markers that you may read, in the order in which they were placed."""
    keys = house.db.keys
    after = wanted.after(keys, "markers")
    chosen = MarkerFilter(
        status=wanted.status, category=wanted.category, case=wanted.case, review_due_before=wanted.review_due_before
    )
    with house.db.reading() as session:
        now = house.clock.now(session)
        page = markers_page(session, caller, chosen, now, (after, wanted.limit))
        targets = targets_of(session, caller.force, [row.id for row in page.rows])
        items = [MarkerTold.of(row, targets[row.id], caller, now) for row in page.rows]
    act = Act(
        operation=Operation.CONSULTATION,
        action="list_markers",
        search=True,
        outcome=Outcome.SHOWN,
        objects=[thing_of(row) for row in page.rows],
    )
    house.record(caller, act, session)
    return MarkersTold(items=items, next_cursor=wanted.next_cursor(keys, "markers", page.last))


@router.get("/{marker_id}", operation_id="read_marker", summary="Read a marker", responses=problems(401, 403, 404, 503))
def read_marker(caller: ReadsMarkers, house: TheHouse, marker_id: str, response: Response) -> MarkerTold:
    """One marker, as you may read it; its version is the `ETag`."""
    with house.db.reading() as session:
        registry = MarkerRegistry(house, session, caller)
        marker = registry.find(marker_id, to_change=False)
        told = registry.told(marker)
    act = Act(
        operation=Operation.CONSULTATION,
        action="read_marker",
        outcome=Outcome.SHOWN,
        objects=[thing_of(marker)],
    )
    house.record(caller, act, session)
    response.headers["ETag"] = etag_of(told.version)
    return told


@router.patch(
    "/{marker_id}", operation_id="amend_marker", summary="Amend a marker",
    openapi_extra=takes(MarkerBody), responses=problems(401, 403, 404, 409, 412, 413, 415, 422, 428, 503),
)  # fmt: skip
def amend_marker(
    caller: KeepsMarkers,
    house: TheHouse,
    marker_id: str,
    patch: Annotated[dict[str, Any], Depends(patch_of)],
    response: Response,
    if_match: IfMatch = None,
) -> MarkerTold:
    """Change what a marker says, by JSON merge patch; lists are replaced whole. Sensitivity is not amended."""
    check_shape(MarkerBody, _harmless, patch, ("sensitivity",))
    with house.db.transaction() as session:
        registry = MarkerRegistry(house, session, caller)
        marker = registry.find(marker_id, to_change=True)
        check_seen(if_match, marker.version)
        standing = as_given(marker, targets_of(session, marker.force, [marker.id])[marker.id])
        merged = patched(MarkerBody, standing, patch)
        if patch:
            register.amend(session, marker, merged.draft(), _changed(patch), registry.desk)
        told = registry.told(marker)
        registry.record(Operation.ALTERATION, "amend_marker", thing_of(marker))
    if patch:
        house.look_back([(caller.force, told.id)])
    response.headers["ETag"] = etag_of(told.version)
    return told


_harmless: dict[str, Any] = {
    "category": "any", "risk": "high", "instruction": "any", "targets": [{"phone": {"number": "any"}}],
}  # fmt: skip
"""What stands in for the required fields while a patch's shape is checked: the same answer for any id."""


def _changed(patch: dict[str, Any]) -> frozenset[str]:
    """The fields that a patch speaks of; of `response`, its one sealed part apart."""
    response = patch.get("response")
    says_code_word = "response" in patch and (not isinstance(response, dict) or "code_word" in response)
    return frozenset({*patch, *(["response.code_word"] if says_code_word else [])})


def _stand(standing: Standing, house: House, caller: Caller, marker_id: str, body: ReasonBody) -> MarkerTold:
    dates = Dates(review_in=review_in(house))
    if isinstance(body, RenewBody):
        dates = Dates(valid_until=body.valid_until, review_due=body.review_due, review_in=dates.review_in)
    with house.db.transaction() as session:
        registry = MarkerRegistry(house, session, caller)
        marker = registry.find(marker_id, to_change=True)
        registry.stand(marker, standing, dates, body.reason)
        told = registry.told(marker)
    if standing in LOOKED_BACK:
        house.look_back([(caller.force, told.id)])
    return told


def _add_standing(standing: Standing, model: type[ReasonBody], told: str) -> Callable[..., MarkerTold]:
    """A route for what an officer does with a marker's standing; each takes a reason."""

    def stand(
        caller: KeepsMarkers,
        house: TheHouse,
        marker_id: str,
        body: Annotated[ReasonBody, Depends(body_of(model))],
        response: Response,
    ) -> MarkerTold:
        marker = _stand(standing, house, caller, marker_id, body)
        response.headers["ETag"] = etag_of(marker.version)
        return marker

    stand.__doc__ = told
    return router.post(
        f"/{{marker_id}}/{standing}",
        operation_id=f"{standing}_marker",
        summary=f"{standing.capitalize()} a marker",
        openapi_extra=takes(model),
        responses=problems(401, 403, 404, 409, 413, 415, 422, 503),
    )(stand)


@router.post(
    "/{marker_id}/confirm", operation_id="confirm_marker", summary="Confirm a provisional marker",
    openapi_extra=takes(ConfirmBody, required=False), responses=problems(401, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
def confirm_marker(
    caller: KeepsMarkers, house: TheHouse, marker_id: str,
    body: Annotated[ConfirmBody, Depends(body_of(ConfirmBody))], response: Response,
) -> MarkerTold:  # fmt: skip
    """An officer's word: a marker that somebody of the room placed lasts from now on."""
    dates = Dates(valid_until=body.valid_until, review_due=body.review_due, review_in=review_in(house))
    with house.db.transaction() as session:
        registry = MarkerRegistry(house, session, caller)
        marker = registry.find(marker_id, to_change=True)
        registry.confirm(marker, dates, body.reason)
        told = registry.told(marker)
    house.look_back([(caller.force, told.id)])
    response.headers["ETag"] = etag_of(told.version)
    return told


@router.post(
    "/{marker_id}/erase", status_code=204, operation_id="erase_marker", summary="Erase a marker that has ended",
    openapi_extra=takes(ReasonBody), responses=problems(401, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
def erase_marker(
    caller: KeepsMarkers, house: TheHouse, marker_id: str, body: Annotated[ReasonBody, Depends(body_of(ReasonBody))]
) -> Response:
    """Leave no text of it, for good: its words, its targets, and what alerts say of them. It has to have ended."""
    with house.db.transaction() as session:
        registry = MarkerRegistry(house, session, caller)
        marker = registry.find(marker_id, to_change=True)
        erase(session, marker, registry.desk)
        forget_evidence(session, marker)
        registry.record(Operation.ERASURE, "erase_marker", thing_of(marker), body.reason)
    return Response(status_code=204)


_add_standing(Standing.SUSPEND, ReasonBody, "Keep a marker from firing until it is reinstated.")
_add_standing(Standing.REINSTATE, ReasonBody, "Let a suspended marker fire again.")
_add_standing(Standing.WITHDRAW, ReasonBody, "End a marker for good; it stays to be read, and never fires again.")
_add_standing(Standing.RENEW, RenewBody, "Prolong a marker; without dates, for as long again as before.")
