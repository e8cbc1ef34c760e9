"""Would this marker fire? Each target is played as an event would name it, through the real matching path.

A drill asks with the marker's own words, understood anew; its keys are looked up and what is found is compared, as for
any event. It raises nothing and is told of the drilled marker alone, so that what else is on her number stays unknown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlalchemy.orm import Session

from db.sealed import CANNOT_BE_OPENED
from markers.matcher import Answer, Asked, NotMatched, Reading, matches_for
from markers.matching.parts import (
    Location,
    Position,
    Understood,
    understand_location,
    understand_number,
    understand_thing,
)
from markers.matching.place import inner_point
from markers.matching.values import Circle, IdentifierKind, Numbering, Part, Problem, Role
from markers.models import Marker, Target
from markers.refusals import MarkerNotUnderstood
from markers.standing import status_at
from markers.targets import understand_target
from markers.words import Status, TargetKind

OUT_OF_USE = "out_of_use"
"""Somebody said so: her telephone is in police hands, the number has changed."""
UNREADABLE = "cannot_be_opened"
"""The target's own text can't be opened, so nobody can say what an event would have to name."""
NOT_MATCHED = "not_matched"
"""Matching itself failed on it."""
_NEVER_FIRES = (Status.SUSPENDED, Status.WITHDRAWN, Status.LAPSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What became of one target. `cannot_fire` says why it could not have fired, whatever an event names."""

    index: int
    fired: bool
    level: str | None = None
    evidence: Sequence[str] = ()
    cannot_fire: str | None = None

    @property
    def fails(self) -> bool:
        """It should have fired, and did not; or nobody can say whether it would."""
        return not self.fired and self.cannot_fire not in {OUT_OF_USE, *(status.value for status in _NEVER_FIRES)}


def drill(
    session: Session, markers: Mapping[UUID, tuple[Marker, Sequence[Target]]], reading: Reading, now: datetime
) -> dict[UUID, list[Drilled]]:
    """Marker id → what became of its targets, in their order; one question for all of these markers.

    One that is `scheduled` is drilled as at the moment when it begins.
    """
    questions: list[tuple[UUID, Target]] = []
    asked: list[Asked] = []
    drilled: dict[UUID, dict[int, Drilled]] = {marker_id: {} for marker_id in markers}
    for marker_id, (marker, targets) in markers.items():
        status = status_at(marker, now)
        for target in targets:
            why = status.value if status in _NEVER_FIRES else OUT_OF_USE if target.out_of_use_since else None
            parts = _parts_of(target, reading.numbering) if why is None else ()
            if parts is None:
                why = UNREADABLE
            if why is not None or parts is None:
                drilled[marker_id][target.ordinal] = Drilled(index=target.ordinal, fired=False, cannot_fire=why)
            else:
                questions.append((marker_id, target))
                asked.append(Asked(parts, (max(now, marker.valid_from),)))
    # By the targets' own keys first: a popular key would bring hundreds of others along.
    own = and_(Target.id.in_([target.id for _, target in questions]), Marker.id.in_(markers))
    # A drill is no look-up of anybody's: it is not counted.
    answers = matches_for(session, asked, replace(reading, counting=None), own) if asked else []
    for (marker_id, target), answer in zip(questions, answers, strict=True):
        drilled[marker_id][target.ordinal] = _judged(target, answer)
    return {marker_id: [found[ordinal] for ordinal in sorted(found)] for marker_id, found in drilled.items()}


def prove(
    session: Session, markers: Mapping[UUID, tuple[Marker, Sequence[Target]]], reading: Reading, now: datetime
) -> None:
    """Drill what was just stored: `MarkerNotUnderstood` if it would not fire, since such a marker must not be kept.

    What can't be opened is no reason to refuse an officer who amends something else: the nightly drill tells of it.
    """
    for marker_id, drilled in drill(session, markers, reading, now).items():
        mark_proven(markers[marker_id][1], drilled, now)
        wrong = [one for one in drilled if one.fails and one.cannot_fire != UNREADABLE]
        if wrong:
            raise MarkerNotUnderstood(
                [Problem(f"targets[{one.index}]", "would_not_fire", _WHY[one.cannot_fire]) for one in wrong]
            )


def news_of(targets: Sequence[Target], drilled: Sequence[Drilled]) -> list[tuple[Target, bool]]:
    """Targets that a drill has just proven, and those that were and fail now."""
    by_ordinal = {one.index: one for one in drilled}
    told = [(target, by_ordinal[target.ordinal]) for target in targets]
    return [
        (target, one.fired) for target, one in told
        if (one.fired and target.proven_at is None) or (one.fails and target.proven_at is not None)
    ]  # fmt: skip


def mark_proven(targets: Sequence[Target], drilled: Sequence[Drilled], now: datetime) -> None:
    """Keep which targets a drill proved; one that fails is proven no longer."""
    for target, fired in news_of(targets, drilled):
        target.proven_at = now if fired else None


_WHY = {
    None: "drilled with its own words it was not found, so a marker here would never fire: say more of where it is",
    NOT_MATCHED: "drilled with its own words the service failed on it: write it in another way, and report this",
}


def _judged(target: Target, answer: Answer) -> Drilled:
    if isinstance(answer, NotMatched):
        return Drilled(index=target.ordinal, fired=False, cannot_fire=NOT_MATCHED)
    for found in answer:
        if found.candidate.target_id == target.id:
            match = found.match
            return Drilled(index=target.ordinal, fired=match.raises, level=match.level, evidence=match.evidence)
    return Drilled(index=target.ordinal, fired=False)


def _parts_of(target: Target, numbering: Numbering) -> Sequence[Part] | None:
    """What an event would name that means this target; `None` where its own text can't be opened."""
    text = target.given
    if text is None or text == CANNOT_BE_OPENED:
        return None
    given: Mapping[str, Any] = json.loads(text)
    return _understood(TargetKind(target.kind), given, numbering).parts


def _understood(kind: TargetKind, given: Mapping[str, Any], numbering: Numbering) -> Understood:
    if kind is TargetKind.PHONE:
        number = given["range"]["from"] if "range" in given else given["number"]
        return understand_number("phones[0]", number, Role.CALLER, numbering)
    if kind is TargetKind.IDENTIFIER:
        return understand_thing("identifiers[0]", IdentifierKind(given["kind"]), given["value"], Role.MENTIONED)
    if kind is TargetKind.ADDRESS:
        place = Location(address=given.get("text"), postcode=given.get("postcode"), uprn=given.get("uprn"))
        return understand_location("locations[0]", place, Role.INCIDENT)
    polygon = given.get("polygon")
    area = understand_target(kind, given, numbering) if polygon is None else None
    if isinstance(area, Problem):
        return Understood(problems=(area,))
    if isinstance(area, Circle):
        point = Position(latitude=area.latitude, longitude=area.longitude)
    else:
        assert polygon is not None
        longitude, latitude = inner_point([[(x, y) for x, y, *_ in ring] for ring in polygon["coordinates"]])
        point = Position(latitude=latitude, longitude=longitude)
    return understand_location("locations[0]", Location(point=point), Role.INCIDENT)
