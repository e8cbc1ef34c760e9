"""A marker as a line of a file says it, and what is other in it than in the marker that stands.

A file has a say in its own columns only: what it does not speak of stays as it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from db.sealed import read_json
from markers.drafts import Draft, Response, TargetGiven
from markers.matching.values import Problem
from markers.models import Marker, Target
from markers.refusals import MarkerNotUnderstood
from markers.words import CallBack, Grade, Risk, Sensitivity, SubjectRole, TargetKind


class Fate(StrEnum):
    """What became of a row."""

    PLACED = "placed"
    AMENDED = "amended"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A marker as a line of a file says it.

    `speaks_of` are the fields of the draft that the file has a say in, `kinds` the kinds of target (`KINDS`): what it
    does not speak of stays as it is. `places` names where each target stands in the line.
    `status` is what the marker was where it comes from.
    """

    line: int
    draft: Draft
    speaks_of: frozenset[str]
    kinds: frozenset[str]
    places: Sequence[str] = ()
    status: str | None = None

    @property
    def reference(self) -> str:
        """What the marker is known again by."""
        return self.draft.reference or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of a line; why, where it was refused."""

    line: int
    fate: Fate
    problems: Sequence[Problem] = ()


def draft_of(marker: Marker, targets: Sequence[Target]) -> Draft:
    """What a marker says now, as the draft that would place it."""
    given = [read_json(target.given, None) for target in targets]
    if None in given:
        told = "what stands there can't be opened (a key is missing): place it anew"
        raise MarkerNotUnderstood([Problem("targets", "cannot_be_opened", told)])
    return Draft(
        category=marker.category,
        category_as_written=marker.category_as_written,
        risk=Risk(marker.risk),
        instruction=marker.instruction or "",
        targets=[
            TargetGiven(kind=TargetKind(target.kind), given=one) for target, one in zip(targets, given, strict=True)
        ],
        sensitivity=Sensitivity(marker.sensitivity),
        subject_role=SubjectRole(marker.subject_role),
        reference=marker.reference,
        narrative=marker.narrative,
        queue=marker.queue,
        case=marker.case_reference,
        response=Response(
            grade=Grade(marker.response_grade) if marker.response_grade else None,
            call_back=CallBack(marker.response_call_back) if marker.response_call_back else None,
            code_word=marker.response_code_word,
        ),
        valid_from=marker.valid_from,
        valid_until=marker.valid_until,
        review_due=marker.review_due,
    )


def merged_with(row: Row, standing: Draft) -> tuple[Draft, frozenset[str]]:
    """The standing draft with what the row says, and the fields in which that is another."""
    says = {name: getattr(row.draft, name) for name in row.speaks_of if "." not in name}
    if "category_as_written" not in says and says.get("category", standing.category) != standing.category:
        says["category_as_written"] = None  # another category: the force's own word was for the one before
    if says.get("valid_from", 0) is None:
        del says["valid_from"]  # without a date it began when it was placed
    if "response" in says:
        given = {one.name: getattr(row.draft.response, one.name) for one in fields(Response)}
        spoken = {name: value for name, value in given.items() if f"response.{name}" in row.speaks_of}
        says["response"] = replace(standing.response, **spoken)
    if row.kinds:
        kept = [target for target in standing.targets if kind_of(target) not in row.kinds]
        says["targets"] = [*row.draft.targets, *kept]
        if sorted(map(_written, says["targets"])) == sorted(map(_written, standing.targets)):
            says["targets"] = standing.targets
    merged = replace(standing, **says)
    changed = {one.name for one in fields(Draft) if getattr(merged, one.name) != getattr(standing, one.name)}
    if merged.response.code_word != standing.response.code_word:
        changed.add("response.code_word")
    return merged, frozenset(changed)


def kind_of(target: TargetGiven) -> str:
    """`phone`, `range`, `address`, `circle`, `polygon` or `identifier`: what a file's columns can say, each apart."""
    if target.kind is TargetKind.PHONE and "range" in target.given:
        return "range"
    return next(iter(target.given)) if target.kind is TargetKind.AREA else target.kind.value


KINDS = frozenset({"phone", "range", "address", "circle", "polygon", "identifier"})
"""All that `kind_of` says."""


def _written(target: TargetGiven) -> str:
    given: Mapping[str, object] = target.given
    return f"{target.kind} {json.dumps(given, sort_keys=True)}"
