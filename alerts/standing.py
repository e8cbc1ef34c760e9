"""What stands for a happening: its open alerts as drafts, those that are resolved, and which alert a match is for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.drafts import Draft, KeptMatch
from alerts.event_models import Event
from alerts.happenings import Claim, Ground, Key, Shared
from alerts.models import Alert
from alerts.queries import alerts_of_happenings, lock_alerts, matches_of
from alerts.rules.routing import Occasion, desks_for
from alerts.rules.words import Change
from alerts.setting import Room
from markers.matcher import Found
from markers.matching.values import Address, Part, Point, Role


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


def occasion_of(parts: Iterable[Part], channel: str | None) -> Occasion:
    """Where and how an event came, as rules ask for it: what it only mentions is not where it is."""
    there = [part.value for part in parts if part.role in (Role.INCIDENT, Role.CALLER)]
    return Occasion(
        channel=channel, points=[value for value in there if isinstance(value, Point)],
        postcodes=[value.postcode for value in there if isinstance(value, Address) and value.postcode],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What there is to be one alert of → the matches that raise there; and the keys that no rule and no marker named:
    the default desk's.
    """

    found: dict[Key, list[Found]]
    by_default: set[Key]

    def beside(self, standing: Iterable[Claim]) -> dict[Key, list[Found]]:
        """The same, where alerts stand already: what nothing routes goes to those of its subject, at whatever desk."""
        stands: dict[tuple[str, str, str], list[Key]] = {}
        for claim in standing:
            stands.setdefault(about(claim.key), []).append(claim.key)
        wanted: dict[Key, list[Found]] = {}
        for key, found in self.found.items():
            for taken in (stands.get(about(key)) if key in self.by_default else None) or [key]:
                wanted.setdefault(taken, []).extend(found)
        return wanted


def about(key: Key) -> tuple[str, str, str]:
    """Whose alert it is, of which audience, at whatever desk: what a circle is told keeps nothing from others."""
    force, subject, _, audience = key
    return force, subject, audience


def by_claim(found: Iterable[Found], here: str, room: Room, occasion: Occasion) -> Wanted:
    """What there is to be one alert of; `here` is the force that took the event.

    An open marker raises at its own force's desks, where the call was taken, and where its case says that she is now; a
    covert one in its own circle alone.
    """
    wanted = Wanted({}, set())
    for one in found:
        own = own_key(one, room.default_queue)
        force, subject, _, audience = own
        if audience != OPEN_AUDIENCE:
            wanted.found.setdefault(own, []).append(one)
            continue
        _want(wanted, one, (force, subject), one.candidate.queue, (room, occasion))
        case = one.candidate.case_reference
        elsewhere = room.present(force, case) if case else None
        for other in dict.fromkeys((here, elsewhere)):
            if other and other != force:
                _want(wanted, one, (other, f"{force}/{subject}"), None, (room, occasion))
    return wanted


def _want(wanted: Wanted, one: Found, whose: tuple[str, str], queue: str | None, where: tuple[Room, Occasion]) -> None:
    """An alert at each desk that the marker or a rule of this force names; at the default one where none does."""
    (force, subject), (room, occasion) = whose, where
    named = desks_for(room.routing(force), one.candidate.category, one.candidate.risk, occasion)
    desks = list(dict.fromkeys([*([queue] if queue else []), *named]))
    for desk in desks or [room.default_queue]:
        key = (force, subject, desk, OPEN_AUDIENCE)
        wanted.found.setdefault(key, []).append(one)
        if desks:
            wanted.by_default.discard(key)
        elif len(wanted.found[key]) == 1:
            wanted.by_default.add(key)


def own_key(found: Found, default_queue: str) -> Key:
    """The alert of this match at its marker's own desk: it is about the marker's case, or the marker."""
    marker = found.candidate
    subject = f"case:{marker.case_reference}" if marker.case_reference else f"marker:{marker.marker_id}"
    return (marker.force, subject, marker.queue or default_queue, marker.audience)


def name_one_another(draft: Draft, home: Shared, drafts: Mapping[UUID, Draft]) -> None:
    """A new alert of several desks': those of the same subject in this happening name each other."""
    for claim, alert_id in home.open.items():
        their = drafts[alert_id]
        if their is draft or about(claim.key) != about(draft.claim.key) or not draft.link(their.id):
            continue
        their.link(draft.id)
        if not their.is_new:
            draft.record(None, Change.RELATED, {"alert": str(their.id)})
            their.record(None, Change.RELATED, {"alert": str(draft.id)})
