"""What stands for a happening: its open alerts as drafts, those that are resolved, and which alert a match is for."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.drafts import Draft, KeptMatch
from alerts.event_models import Event
from alerts.happenings import Claim, Ground, Key, Shared
from alerts.models import Alert
from alerts.queries import alerts_of_happenings, lock_alerts, matches_of
from alerts.setting import Room
from markers.matcher import Found


def stored_details(event: Event) -> dict[str, Any]:
    """The same of an event that was stored before."""
    return {"event": str(event.id), "type": event.kind, "source": event.source}


def standing_drafts(session: Session, ground: Ground) -> dict[UUID, Draft]:
    """The open alerts of happenings, locked by id, as drafts that can be added to."""
    open_now = {alert: claim for shared in ground.happenings() for claim, alert in shared.open.items()}
    forces = {claim.force for claim in open_now.values()}
    rows = lock_alerts(session, forces, open_now)
    matches = matches_of(session, forces, rows)
    return {
        key: Draft.standing(open_now[key], row, [KeptMatch.stored(match) for match in matches[key]])
        for key, row in rows.items()
    }


def changed_among(drafts: Iterable[Draft]) -> list[Draft]:
    """Those that were raised or added to: standing ones by id, then new ones as they were raised."""
    changed = [draft for draft in drafts if draft.lines]
    standing = sorted((d for d in changed if not d.is_new), key=lambda d: (d.claim.force, d.id))
    return standing + [draft for draft in changed if draft.is_new]


def resolved_alerts(session: Session, home: Shared, drafts: Collection[UUID]) -> dict[Key, Alert]:
    """The latest resolved alert of each kind of a happening; `drafts` are those that are open."""
    rows = alerts_of_happenings(session, [home.id, *home.parts])
    return {(a.force, a.subject, a.queue, a.audience): a for a in rows if a.id not in drafts}


def stored_matches(session: Session, alert: Alert) -> list[KeptMatch]:
    """What an alert matched."""
    return [KeptMatch.stored(row) for row in matches_of(session, [alert.force], [alert.id])[alert.id]]


def claim_in(home: Shared, key: Key) -> Claim:
    """What there is one alert of, in this happening."""
    force, subject, queue, audience = key
    return Claim(force, home.id, subject, queue, audience)


def by_claim(found: Iterable[Found], here: str, room: Room) -> dict[Key, list[Found]]:
    """What there is to be one alert of → the matches that raise there; `here` is the force that took the event.

    An open marker raises at its own force's desk, where the call was taken, and where its case says that she is now; a
    covert one in its own circle alone.
    """
    claims: dict[Key, list[Found]] = {}
    for one in found:
        own = own_key(one, room.default_queue)
        claims.setdefault(own, []).append(one)
        force, subject, _, audience = own
        if audience != OPEN_AUDIENCE:
            continue
        case = one.candidate.case_reference
        elsewhere = room.present(force, case) if case else None
        for other in dict.fromkeys((here, elsewhere)):
            if other and other != force:
                claims.setdefault((other, f"{force}/{subject}", room.default_queue, OPEN_AUDIENCE), []).append(one)
    return claims


def own_key(found: Found, default_queue: str) -> Key:
    """The alert of this match at its marker's own desk: it is about the marker's case, or the marker."""
    marker = found.candidate
    subject = f"case:{marker.case_reference}" if marker.case_reference else f"marker:{marker.marker_id}"
    return (marker.force, subject, marker.queue or default_queue, marker.audience)
