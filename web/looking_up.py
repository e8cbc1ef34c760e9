"""A look-up, for the API and the console alike: what is found, and what of it this reader may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from access.roles import Caller
from access.sight import sees_instruction, sees_targets
from access.trail import Act, Operation, Outcome
from markers.matcher import Asked, Found, NotMatched, Reading, matches_for
from markers.matching.evidence import IN_GENERAL, Level
from markers.matching.values import Part
from markers.models import Marker
from markers.queries import markers_by_id, readable_by
from markers.things import thing_of

MOST = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A marker by one of its targets; no `instruction` and general `evidence` where they are not for the reader."""

    marker: Marker
    level: Level
    score: float
    instruction: str | None
    evidence: Sequence[str]


def looked_up(
    session: Session, caller: Caller, parts: Sequence[Part], reading: Reading, now: datetime
) -> list[Hit] | NotMatched:
    """What parts mean among the markers that this caller may read and that would fire now, best first."""
    [answer] = matches_for(session, [Asked(tuple(parts), (now,))], reading, readable_by(caller))
    if isinstance(answer, NotMatched):
        return answer
    found = answer[:MOST]
    markers = markers_by_id(session, [caller.force], {one.candidate.marker_id for one in found})
    return [_hit(one, markers[one.candidate.marker_id], caller) for one in found]


def _hit(found: Found, marker: Marker, caller: Caller) -> Hit:
    on_sight = sees_instruction(caller, marker.sensitivity, on_alert=False)
    # Of a marker whose targets are not for this reader: what agrees, and not what was marked.
    shows = sees_targets(caller, marker.sensitivity)
    return Hit(
        marker=marker,
        level=found.match.level,
        score=found.match.score,
        instruction=marker.instruction if on_sight else None,
        evidence=list(found.match.evidence) if shows else [IN_GENERAL[found.match.level]],
    )


def act_of(hits: Sequence[Hit], terms: Iterable[str], *, in_hand: str | None, reason: str | None) -> Act:
    """What the trail keeps of it: what was asked for, why, and which markers were shown."""
    markers = {hit.marker.id: hit.marker for hit in hits}
    return Act(
        operation=Operation.CONSULTATION, action="look_up", search=True, outcome=Outcome.SHOWN,
        objects=[thing_of(marker) for marker in markers.values()], in_hand=in_hand, reason=reason, terms=list(terms),
    )  # fmt: skip
