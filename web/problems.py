"""Errors as answers: RFC 9457 problem details, from one table. An error says what happened and knows no status.

`type` is a short relative reference (`not-your-desk`), listed in `docs/reference/problems.md`. Nothing that was sent
is ever repeated: not by a validation error, not by an unexpected one.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from access.roles import Caller
from access.tokens import TokenEnded
from access.trail import Act, Operation, Outcome, Thing
from alerts.awaiting import SecondPersonWanted
from alerts.desks import RoutingChanged
from alerts.events import OtherContent
from alerts.feed import BadPosition
from alerts.handing_over import NotYoursToHandOver, OwnerUnknown
from alerts.handling import AlertNotFound, FollowUpTime, NotYourDesk, ShelfTime, StaleVersion
from alerts.intake import EventNotStored, IntakeFull, IntakeStopped
from alerts.moving import AlreadyAcknowledged, PersonUnknown
from alerts.once import KeyReused
from alerts.rules.moves import MoveNotAllowed
from db.errors import DataRefused, StorageError, StorageUnavailable
from markers.cases.refusals import CaseNotUnderstood, CaseReferenceTaken, ReviewDone
from markers.matching.values import Problem
from markers.refusals import CircleTooSmall, MarkerNotUnderstood, ReferenceTaken, StandingNotAllowed
from web.errors import (
    BadBody,
    BadCursor,
    BadHeader,
    ForeignRequest,
    ImportsRunning,
    MarkerChanged,
    MarkerNotFound,
    NothingThere,
    NotPermitted,
    NotYourEventType,
    NotYourSource,
    OtherSchema,
    PreconditionRequired,
    SignedOut,
    SignInFailed,
    TooLarge,
    TooManyTries,
    TooSlow,
    Unauthenticated,
    UnsupportedMedia,
    WaitedTooLong,
)
from web.house import house_of
from web.ids import read_id

log = logging.getLogger("heed.web")


@dataclass(frozen=True, slots=True)
class Answer:
    """How an error is told over HTTP."""

    status: int
    type: str
    title: str


ANSWERS: Mapping[type[Exception], Answer] = {
    Unauthenticated: Answer(401, "not-signed-in", "No good token"),
    TokenEnded: Answer(401, "not-signed-in", "No good token"),
    SignedOut: Answer(401, "signed-out", "You are not signed in"),
    SignInFailed: Answer(401, "sign-in-failed", "That did not sign you in"),
    TooManyTries: Answer(429, "too-many-tries", "Too many tries"),
    ForeignRequest: Answer(403, "foreign-request", "This did not come from a page of Heed"),
    NotPermitted: Answer(403, "not-permitted", "Your role may not do this"),
    NotYourSource: Answer(403, "not-your-source", "Your token posts for other sources"),
    NotYourEventType: Answer(403, "not-your-event-type", "Your role posts concerns only"),
    NotYoursToHandOver: Answer(403, "not-yours-to-hand-over", "Somebody else answers for these"),
    NotYourDesk: Answer(403, "not-your-desk", "Another desk answers for this alert"),
    UnsupportedMedia: Answer(415, "unsupported-media-type", "This content can't be read"),
    TooLarge: Answer(413, "too-large", "The body is too large"),
    TooSlow: Answer(408, "too-slow", "The body did not arrive in time"),
    BadBody: Answer(422, "invalid", "Parts of the request can't be used"),
    BadHeader: Answer(422, "invalid-header", "The file's first line can't be used"),
    BadCursor: Answer(422, "invalid-cursor", "This cursor can't be used"),
    BadPosition: Answer(422, "invalid-position", "This position can't be used"),
    CaseNotUnderstood: Answer(422, "case-not-understood", "Parts of the case or order can't be used"),
    MarkerNotUnderstood: Answer(422, "marker-not-understood", "Parts of the marker can't be used"),
    PersonUnknown: Answer(422, "person-unknown", "Nobody of this name answers for the alert"),
    OwnerUnknown: Answer(422, "person-unknown", "Nobody of this name has alerts"),
    ShelfTime: Answer(422, "shelf-time", "An alert can't be shelved until then"),
    FollowUpTime: Answer(422, "follow-up-time", "An alert can't come back then"),
    SecondPersonWanted: Answer(403, "second-person-wanted", "Somebody else has to agree to this"),
    KeyReused: Answer(422, "idempotency-key-reused", "This key belongs to another request"),
    MarkerNotFound: Answer(404, "not-found", "There is no such thing here"),
    NothingThere: Answer(404, "not-found", "There is no such thing here"),
    AlertNotFound: Answer(404, "not-found", "There is no such thing here"),
    PreconditionRequired: Answer(428, "precondition-required", "Say which version you saw"),
    MarkerChanged: Answer(412, "stale-version", "It has changed since you saw it"),
    RoutingChanged: Answer(412, "stale-version", "It has changed since you saw it"),
    StaleVersion: Answer(412, "stale-version", "It has changed since you saw it"),
    AlreadyAcknowledged: Answer(409, "already-acknowledged", "Somebody else has this alert"),
    MoveNotAllowed: Answer(409, "move-not-allowed", "The alert's state does not allow this"),
    StandingNotAllowed: Answer(409, "standing-not-allowed", "The marker's status does not allow this"),
    CaseReferenceTaken: Answer(409, "reference-taken", "This reference is in use"),
    ReviewDone: Answer(409, "review-done", "Somebody has dealt with this"),
    ReferenceTaken: Answer(409, "reference-taken", "Another marker has this reference"),
    CircleTooSmall: Answer(409, "circle-too-small", "Too few would answer at this desk"),
    OtherContent: Answer(409, "other-content", "This event was taken before, with other content"),
    ImportsRunning: Answer(503, "try-again", "Other files are being brought in"),
    IntakeFull: Answer(503, "try-again", "Too much is waiting"),
    IntakeStopped: Answer(503, "try-again", "The service is stopping"),
    OtherSchema: Answer(503, "try-again", "The database is another version's"),
    WaitedTooLong: Answer(503, "try-again", "The storage did not answer in time"),
    StorageUnavailable: Answer(503, "try-again", "The storage can't be reached"),
    EventNotStored: Answer(500, "internal", "The service failed"),
    StorageError: Answer(500, "internal", "The service failed"),
}
"""Exception → its answer; a subclass without a row of its own is told as its parent."""

RETRY_AFTER_S = 1
_RECORDED = frozenset({403, 404})
_BY_STATUS = {404: ("not-found", "There is no such thing here"), 405: ("method-not-allowed", "Not by this method")}


class ProblemResponse(JSONResponse):
    """An `application/problem+json` body."""

    media_type = "application/problem+json"


def answer_for(error: Exception) -> Answer:
    """The row of `ANSWERS` for an error."""
    return next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)


def problem_of(error: Exception) -> dict[str, Any]:
    """The body of an error that has a row."""
    answer = answer_for(error)
    body: dict[str, Any] = {"type": answer.type, "title": answer.title, "status": answer.status}
    if answer.status < 500:
        body["detail"] = str(error)
    elif answer.status == 503:
        body["detail"] = "what was asked may have happened or not: ask again"
    return body | _members_of(error)


def _members_of(error: Exception) -> dict[str, Any]:
    """What an error tells beside its words."""
    named = {
        PersonUnknown: ("to", "person_unknown"),
        OwnerUnknown: ("from", "person_unknown"),
        ShelfTime: ("until", "shelf_time"),
        FollowUpTime: ("follow_up_at", "follow_up_time"),
    }
    members: dict[str, Any] = {}
    if isinstance(error, BadBody | MarkerNotUnderstood | CaseNotUnderstood):
        members["errors"] = errors_of(error.problems)
    if type(error) in named:
        members["errors"] = errors_of([Problem(*named[type(error)], str(error))])
    if isinstance(error, AlreadyAcknowledged):
        members["acknowledged_by"] = error.by
    if isinstance(error, StaleVersion | MarkerChanged | RoutingChanged):
        members["version"] = error.version
    if isinstance(error, StaleVersion):
        members["acknowledged_by"] = error.acknowledged_by
    return members


def errors_of(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Problems as the contract writes them."""
    return [{"at": problem.at, "code": problem.code, "detail": problem.detail} for problem in problems]


def response_for(error: Exception) -> ProblemResponse:
    """The whole answer to an error that has a row, with the headers that its status wants."""
    body = problem_of(error)
    headers = {
        503: {"Retry-After": str(RETRY_AFTER_S)},
        429: {"Retry-After": "60"},
        401: {"WWW-Authenticate": "Bearer"},
    }
    return ProblemResponse(body, body["status"], headers.get(body["status"]))


def install(app: FastAPI) -> None:
    """Answer every error of ours, of FastAPI and of Starlette, and the unexpected, as a problem."""
    for kind in ANSWERS:
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(DataRefused, _answer_refused_data)
    app.add_exception_handler(RequestValidationError, _answer_bad_parameters)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unexpected)


async def _answer(request: Request, error: Exception) -> ProblemResponse:
    body = problem_of(error)
    caller: Caller | None = getattr(request.state, "caller", None)
    if body["status"] in _RECORDED and caller is not None:
        await run_in_threadpool(_record_refusal, request, caller, body)
    return response_for(error)


def _record_refusal(request: Request, caller: Caller, body: Mapping[str, Any]) -> None:
    """A refusal stands in the trail with its route; where it can't be written, it is refused all the same."""
    route = request.scope.get("route")
    asked = [str(value) for value in request.path_params.values()]
    act = Act(
        operation=Operation.REFUSAL,
        action=getattr(route, "operation_id", None) or "unknown",
        outcome=Outcome.ABSENT if body["status"] == 404 else Outcome.REFUSED,
        objects=[Thing("asked", found, 0) for text in asked if (found := read_id(text))],
        # Somebody may have put a number or an address there: kept as what was searched for is.
        terms=[text[:_LONGEST_ASKED] for text in asked if read_id(text) is None],
    )
    try:
        house_of(request).record(caller, act)
    except StorageUnavailable as error:
        log.warning("refusal not recorded", extra={"reason": error.code})


_LONGEST_ASKED = 200


async def _answer_refused_data(request: Request, error: Exception) -> ProblemResponse:
    """Two who took the same reference in one moment: the database let one of them."""
    assert isinstance(error, DataRefused)
    if "reference" in error.constraint:
        return await _answer(request, ReferenceTaken())
    log.error("data refused", extra={"reason": error.code, "constraint": error.constraint})
    return await _answer(request, error)


async def _answer_bad_parameters(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    problems = [
        Problem(".".join(str(part) for part in found["loc"][1:]), str(found["type"]), "this value can't be used")
        for found in error.errors()
    ]
    return await _answer(request, BadBody(problems))


async def _answer_http(_request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    kind, title = _BY_STATUS.get(error.status_code, ("http-error", "The request can't be answered"))
    body = {"type": kind, "title": title, "status": error.status_code, "detail": title}
    return ProblemResponse(body, error.status_code, error.headers)


async def _answer_unexpected(_request: Request, error: Exception) -> ProblemResponse:
    """The kind of error and where it was raised go to the log; its words never do, for they may hold what was sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "unknown"
    log.error("unexpected error", extra={"kind": type(error).__name__, "place": place})
    body = {"type": "internal", "title": "The service failed", "status": 500}
    # The server ends the line behind it: said, so that the next request does not meet a reset.
    return ProblemResponse(body, 500, {"Connection": "close"})
