"""Markers as bodies: what comes in becomes a draft, what goes out depends on who reads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from access.roles import Caller
from access.sight import sees_instruction, sees_narrative, sees_targets
from db.sealed import CANNOT_BE_OPENED, read_json
from markers.drafts import Draft, Response
from markers.drill import Drilled
from markers.instructions import warnings_of
from markers.models import Marker, Target
from markers.standing import status_at
from markers.words import CallBack, Grade, Risk, Sensitivity, Status, SubjectRole
from web.bodies.shapes import Given, LongText, Moment, MomentOut, Name, ProblemBody, Reference, ShortText, Told
from web.bodies.targets import TargetBody


class ResponseBody(Given):
    """The response that a marker requires."""

    grade: Grade | None = None
    call_back: CallBack | None = None
    code_word: ShortText | None = None


class MarkerBody(Given):
    """A marker as an officer places it."""

    reference: Reference | None = Field(None, examples=["MRK-2026-0042"])
    category: ShortText = Field(examples=["stalking"])
    category_as_written: ShortText | None = Field(None, description="The force's own name for the category")
    subject_role: SubjectRole = SubjectRole.OTHER
    risk: Risk
    sensitivity: Sensitivity = Sensitivity.OPEN
    instruction: LongText = Field(examples=["Treat as urgent. Do not call back on this number."])
    narrative: str | None = Field(None, strict=True, max_length=20_000)
    response: ResponseBody | None = None
    targets: list[TargetBody] = Field(min_length=1, max_length=20)
    queue: Name | None = None
    case: Name | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    review_due: Moment | None = None
    provisional: bool = Field(
        default=False, strict=True, description="Placed by somebody of the room: it fires, and an officer confirms it"
    )

    def draft(self) -> Draft:
        """What the register places."""
        response = self.response or ResponseBody()
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in ("targets", "response")}
        return Draft(
            **plain,
            targets=[target.given() for target in self.targets],
            response=Response(grade=response.grade, call_back=response.call_back, code_word=response.code_word),
        )


class NoBody(Given):
    """Nothing need be said."""


class DrilledTold(Told):
    """What became of one target. `cannot_fire`: `suspended`, `withdrawn`, `lapsed`, or `cannot_be_opened`."""

    index: int
    fired: bool
    level: str | None
    evidence: list[str]
    cannot_fire: str | None


class DrillTold(Told):
    """What became of a marker's targets, in their order."""

    targets: list[DrilledTold]

    @classmethod
    def of(cls, drilled: Sequence[Drilled]) -> "DrillTold":
        """A drill as it is answered."""
        return cls(
            targets=[
                DrilledTold(
                    index=one.index, fired=one.fired, level=one.level, evidence=list(one.evidence),
                    cannot_fire=one.cannot_fire,
                )
                for one in drilled
            ]
        )  # fmt: skip


class ReasonBody(Given):
    """Why, in words."""

    reason: LongText


class ConfirmBody(Given):
    """Until when it lasts from now on; without dates it has no end, and is reviewed in some months."""

    reason: LongText | None = None
    valid_until: Moment | None = None
    review_due: Moment | None = None


class RenewBody(ReasonBody):
    """Why, and until when; without dates, as long again as before."""

    valid_until: Moment | None = None
    review_due: Moment | None = None


class MarkerTold(Told):
    """A marker as its reader may see it: `null` stands where a field is not for them."""

    id: UUID
    version: int
    status: Status
    reference: str | None
    category: str
    category_as_written: str | None
    subject_role: SubjectRole
    risk: Risk
    sensitivity: Sensitivity
    instruction: str | None
    narrative: str | None
    response: dict[str, Any] | None
    targets: list[dict[str, Any]] | None
    queue: str | None
    case: str | None
    valid_from: MomentOut
    valid_until: MomentOut | None
    review_due: MomentOut | None
    placed_by: str
    placed_at: MomentOut
    changed_at: MomentOut
    provisional_until: MomentOut | None
    warnings: list[ProblemBody] | None

    @classmethod
    def of(cls, marker: Marker, targets: Sequence[Target], seen_by: Caller, now: datetime) -> "MarkerTold":
        """What this caller may read of the marker."""
        on_sight = sees_instruction(seen_by, marker.sensitivity, on_alert=False)
        return cls(
            id=marker.id,
            version=marker.version,
            status=status_at(marker, now),
            reference=marker.reference,
            category=marker.category,
            category_as_written=marker.category_as_written,
            subject_role=SubjectRole(marker.subject_role),
            risk=Risk(marker.risk),
            sensitivity=Sensitivity(marker.sensitivity),
            instruction=marker.instruction if on_sight else None,
            narrative=marker.narrative if sees_narrative(seen_by) else None,
            response=_response(marker) if on_sight else None,
            targets=_targets(targets) if sees_targets(seen_by, marker.sensitivity) else None,
            queue=marker.queue,
            case=marker.case_reference,
            valid_from=marker.valid_from,
            valid_until=marker.valid_until,
            review_due=marker.review_due,
            placed_by=marker.placed_by,
            placed_at=marker.placed_at,
            changed_at=marker.changed_at,
            provisional_until=marker.provisional_until,
            warnings=_warnings(marker) if sees_narrative(seen_by) else None,
        )


def _warnings(marker: Marker) -> list[ProblemBody]:
    """What its officer should look at again; nothing is refused for it."""
    found = warnings_of(marker.instruction or "")
    return [ProblemBody(at="instruction", code=code, detail=said) for code, said in found]


def _response(marker: Marker) -> dict[str, Any] | None:
    parts = {
        "grade": marker.response_grade,
        "call_back": marker.response_call_back,
        "code_word": marker.response_code_word,
    }
    return parts if any(parts.values()) else None


def _targets(targets: Sequence[Target]) -> list[dict[str, Any]]:
    return [_target(target, {"unreadable": CANNOT_BE_OPENED}) for target in targets]


def _target(target: Target, otherwise: dict[str, Any]) -> dict[str, Any]:
    """A target as it was given; that it is out of use stands beside it."""
    given = dict(read_json(target.given, otherwise))
    out_of_use = given.pop("out_of_use", None)
    if target.out_of_use_since is None:
        return {target.kind: given}
    since = {"since": target.out_of_use_since.isoformat().replace("+00:00", "Z")}
    return {target.kind: given, "out_of_use": {"reason": CANNOT_BE_OPENED} | (out_of_use or {}) | since}


class MarkersTold(Told):
    """A page of markers."""

    items: list[MarkerTold]
    next_cursor: str | None


def as_given(marker: Marker, targets: Sequence[Target]) -> dict[str, Any]:
    """A marker as the body that would place it: what a merge patch is merged into.

    What can't be opened stands in it as words that say so; it is written back only where the patch says something else.
    """
    body: dict[str, Any] = {
        "reference": marker.reference,
        "category": marker.category,
        "category_as_written": marker.category_as_written,
        "subject_role": marker.subject_role,
        "risk": marker.risk,
        "sensitivity": marker.sensitivity,
        "instruction": marker.instruction,
        "narrative": marker.narrative,
        "response": _response(marker),
        "targets": [_target(target, _UNREADABLE[target.kind]) for target in targets],
        "queue": marker.queue,
        "case": marker.case_reference,
    }
    dates = {name: getattr(marker, name) for name in ("valid_from", "valid_until", "review_due")}
    body |= {name: moment.isoformat() for name, moment in dates.items() if moment}
    return {name: value for name, value in body.items() if value is not None}


_UNREADABLE: dict[str, dict[str, Any]] = {
    "phone": {"number": CANNOT_BE_OPENED},
    "address": {"text": CANNOT_BE_OPENED},
    "area": {"circle": {"latitude": 0.0, "longitude": 0.0, "radius_m": 1.0}},
    "identifier": {"kind": "account", "value": CANNOT_BE_OPENED},
}
"""What has a target's shape, where its own can't be opened."""
