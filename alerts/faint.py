"""Matches that raise nothing by themselves: kept with their event, to stand on the alerts of its happening.

`near`, and positions that may be too far off, must not raise every marker of a city; an alert that something else
raises shows them all the same.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from alerts.drafts import Draft, KeptMatch
from alerts.event_models import Event
from alerts.events import reference_in
from alerts.happenings import Claim
from db.sealed import read_json
from markers.matcher import Found

MOST_FAINT = 50
"""A mast's cell touches many markers: so many of the best of each audience are kept with the event."""


def in_audience(found: Iterable[Found], claim: Claim) -> list[Found]:
    """Faint matches that may stand on an alert: of its own force and audience, and no others."""
    return [one for one in found if (one.candidate.audience, one.candidate.force) == (claim.audience, claim.force)]


def kept(found: Iterable[Found], start: int) -> list[KeptMatch]:
    """Matches as an alert keeps them, in their order, counted on from `start`."""
    return [KeptMatch.of(one, start + place) for place, one in enumerate(found)]


def read_faint(text: str | None, claim: Claim, start: int) -> list[KeptMatch]:
    """Faint matches as an event's row keeps them (`written_faint`), those of this audience."""
    rows = read_json(text, [])
    mine = [row for row in rows if (row.pop("audience"), row.pop("force")) == (claim.audience, claim.force)]
    return [
        KeptMatch(
            **{
                **row,
                "marker_id": UUID(row["marker_id"]),
                "target_id": UUID(row["target_id"]),
                "ordinal": start + place,
            }
        )
        for place, row in enumerate(mine)
    ]


def written_faint(faint: Sequence[Found]) -> str | None:
    """What an event's row keeps of the matches that raised nothing by themselves."""
    rows = []
    # Counted for each audience apart: a covert one may not push out what others see.
    so_far: Counter[tuple[str, str]] = Counter()
    for one in faint:
        whose = (one.candidate.audience, one.candidate.force)
        so_far[whose] += 1
        if so_far[whose] > MOST_FAINT:
            continue
        match = KeptMatch.of(one, 0)
        fields = {name: getattr(match, name) for name in KeptMatch.__dataclass_fields__}
        fields |= {"marker_id": str(match.marker_id), "target_id": str(match.target_id)}
        rows.append(fields | {"audience": one.candidate.audience, "force": one.candidate.force})
    return json.dumps(rows) if rows else None


def show_stored(draft: Draft, claim: Claim, stored: Iterable[Event]) -> None:
    """An alert shows the events that its happening had before, and what they faintly matched."""
    for event in stored:
        posted = read_json(event.payload, {})
        # Kept as it was sent, and read as it was read then.
        call, incident = reference_in(posted.get("call")), reference_in(posted.get("incident"))
        draft.show((event.force, event.id), call, incident)
        draft.match(read_faint(event.faint, claim, len(draft.matches)))
