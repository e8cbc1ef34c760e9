"""Cases: `/v1/cases`. Officers keep them; supervisors read them without the notes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from access.roles import Caller
from access.trail import Act, Operation, Outcome
from markers.cases import casebook
from markers.cases.listing import cases_page
from markers.cases.queries import risks_of
from markers.cases.refusals import CaseNotUnderstood
from markers.cases.things import thing_of_case
from markers.cases.triggers import trigger
from markers.matching.values import Problem
from web.api.describe import problems, takes
from web.bodies.cases import CaseBody, CasesTold, CaseTold, NoteBody, TriggerBody, case_as_given
from web.body import body_of
from web.caller import KeepsCases, ReadsCases, TheHouse
from web.casework import CaseRegistry
from web.paging import FilterText, IfMatch, PageQuery, check_seen, etag_of
from web.patching import check_shape, patch_of, patched

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class CaseQuery(PageQuery):
    """Which cases, and which page of them."""

    officer: FilterText | None = None


def _own_force(body: CaseBody, caller: Caller) -> None:
    if body.force is not None and body.force != caller.force:
        raise CaseNotUnderstood([Problem("force", "not_your_force", "a case is opened by the force that owns it")])


@router.post(
    "", status_code=201, operation_id="open_case", summary="Open a case",
    openapi_extra=takes(CaseBody), responses=problems(401, 403, 409, 413, 415, 422, 503),
)  # fmt: skip
def open_case(
    caller: KeepsCases, house: TheHouse, body: Annotated[CaseBody, Depends(body_of(CaseBody))], response: Response
) -> CaseTold:
    """Open a case, or complete one that a marker or an order opened by naming it."""
    _own_force(body, caller)
    with house.db.transaction() as session:
        registry = CaseRegistry(house, session, caller)
        case = casebook.open_case(session, body.draft(), registry.desk)
        told = registry.told(case)
        registry.record(Operation.COLLECTION, "open_case", thing_of_case(case))
    response.headers["ETag"] = etag_of(told.version)
    response.headers["Location"] = f"/v1/cases/{told.id}"
    return told


@router.get("", operation_id="list_cases", summary="List cases", responses=problems(401, 403, 422, 503))
def list_cases(caller: ReadsCases, house: TheHouse, wanted: Annotated[CaseQuery, Query()]) -> CasesTold:
    """The cases that you may read, in the order in which they were opened."""
    keys = house.db.keys
    after = wanted.after(keys, "cases")
    with house.db.reading() as session:
        registry = CaseRegistry(house, session, caller)
        page = cases_page(session, caller, wanted.officer, (after, wanted.limit))
        items = registry.told_of(page.rows)
    things = [thing_of_case(case) for case in page.rows]
    act = Act(
        operation=Operation.CONSULTATION, action="list_cases", search=True, outcome=Outcome.SHOWN, objects=things
    )  # fmt: skip
    house.record(caller, act, session)
    return CasesTold(items=items, next_cursor=wanted.next_cursor(keys, "cases", page.last))


@router.get("/{name}", operation_id="read_case", summary="Read a case", responses=problems(401, 403, 404, 503))
def read_case(caller: ReadsCases, house: TheHouse, name: str, response: Response) -> CaseTold:
    """One case by its id or reference; its version is the `ETag`."""
    with house.db.reading() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=False)
        told = registry.told(case)
    act = Act(
        operation=Operation.CONSULTATION, action="read_case", outcome=Outcome.SHOWN, objects=[thing_of_case(case)]
    )  # fmt: skip
    house.record(caller, act, session)
    response.headers["ETag"] = etag_of(told.version)
    return told


_harmless: dict[str, Any] = {"reference": "any", "officer": "any", "deputy": "any", "team": "any"}


@router.patch(
    "/{name}", operation_id="amend_case", summary="Amend a case",
    openapi_extra=takes(CaseBody), responses=problems(401, 403, 404, 409, 412, 413, 415, 422, 428, 503),
)  # fmt: skip
def amend_case(
    caller: KeepsCases, house: TheHouse, name: str, patch: Annotated[dict[str, Any], Depends(patch_of)],
    response: Response, if_match: IfMatch = None,
) -> CaseTold:  # fmt: skip
    """Change what a case says, by JSON merge patch; its risk history is only added to."""
    check_shape(CaseBody, _harmless, patch)
    with house.db.transaction() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=True)
        check_seen(if_match, case.version, "case")
        body = patched(CaseBody, case_as_given(case, risks_of(session, case)), patch)
        _own_force(body, caller)
        if patch:
            casebook.amend_case(session, case, body.draft(), frozenset(patch), registry.desk)
        told = registry.told(case)
        registry.record(Operation.ALTERATION, "amend_case", thing_of_case(case))
    response.headers["ETag"] = etag_of(told.version)
    return told


@router.post(
    "/{name}/notes", status_code=201, operation_id="note_case", summary="Note something on a case",
    openapi_extra=takes(NoteBody), responses=problems(401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
def note_case(
    caller: KeepsCases, house: TheHouse, name: str, body: Annotated[NoteBody, Depends(body_of(NoteBody))],
    response: Response,
) -> CaseTold:  # fmt: skip
    """Add words to a case; they are never changed."""
    with house.db.transaction() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=True)
        casebook.add_note(session, case, body.note, registry.desk)
        told = registry.told(case)
        registry.record(Operation.ALTERATION, "note_case", thing_of_case(case))
    response.headers["ETag"] = etag_of(told.version)
    return told


@router.post(
    "/{name}/triggers", status_code=201, operation_id="trigger_case", summary="Name a trigger point",
    openapi_extra=takes(TriggerBody), responses=problems(401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
def trigger_case(
    caller: KeepsCases, house: TheHouse, name: str, body: Annotated[TriggerBody, Depends(body_of(TriggerBody))],
    response: Response,
) -> CaseTold:  # fmt: skip
    """Something happens on a day that asks for a new risk assessment: the case's officer is asked for it then."""
    with house.db.transaction() as session:
        registry = CaseRegistry(house, session, caller)
        case = registry.find(name, to_change=True)
        trigger(session, case, body.kind, body.on, registry.desk)
        told = registry.told(case)
        registry.record(Operation.ALTERATION, "trigger_case", thing_of_case(case))
    response.headers["ETag"] = etag_of(told.version)
    return told
