"""Looking back: a marker placed or amended now is matched against what came before it.

The happenings of the last two hours are raised at their true priority: a marker placed during the call must not wait.
What else would have fired is one `routine` alert to the marker's own queue and audience.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from alerts.drafts import Draft, KeptMatch
from alerts.event_models import Event, Happening
from alerts.faint import kept, show_stored
from alerts.happenings import Claim, Ground, Key, Shared, is_public, lock_happenings
from alerts.models import Alert, AlertEvent
from alerts.past import MarkerKey
from alerts.queries import events_of_happenings
from alerts.raising import Outcome
from alerts.rules.routing import Occasion
from alerts.rules.words import Change, Priority
from alerts.runs import CONTACT, Met
from alerts.setting import Room
from alerts.standing import (
    by_claim,
    changed_among,
    claim_in,
    name_one_another,
    occasion_of,
    own_key,
    resolved_alerts,
    standing_drafts,
    stored_details,
    stored_matches,
)
from alerts.storing import store
from alerts.weighing import weigh_run
from db.base import table_of
from db.engine import upsert
from db.errors import Contended
from db.sealed import read_json
from markers.matcher import Asked, Found, NotMatched, Reading, matches_for
from markers.matching.values import Part
from markers.models import Marker

RECENT = timedelta(hours=2)
"""What is younger is matched at its true priority."""
SHOWN_AT_MOST = 50
"""So many of the newest events stand on one alert of what would have fired."""
RAISED_LATER = "the marker was placed or changed after this happened"
WOULD_HAVE_FIRED = "would have fired"

ReadsParts = Callable[[str], Sequence[Part]]
"""A stored event's body → its parts, as intake read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How things are read while looking back."""

    reading: Reading
    parts_of: ReadsParts


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored event that means one of the markers."""

    event: Event
    found: Sequence[Found]
    occasion: Occasion


def hits_of(
    session: Session, events: Sequence[tuple[str, UUID]], markers: Collection[MarkerKey], ways: Ways, now: datetime
) -> list[Hit]:
    """Those of `events` that mean one of the markers as it stands now, in the order in which they came."""
    rows = session.scalars(
        select(Event).where(*_these(events)).order_by(Event.received_at, Event.ordinal, Event.id)
    ).all()
    readable = Marker.id.in_([marker_id for _, marker_id in markers])
    asked = [Asked(ways.parts_of(row.payload or "{}"), (now,)) for row in rows]
    answers = matches_for(session, asked, ways.reading, readable)
    hits = []
    for row, question, answer in zip(rows, asked, answers, strict=True):
        found = [] if isinstance(answer, NotMatched) else sorted(answer, key=lambda one: one.part)
        raising = [one for one in found if one.match.raises]
        if raising:
            channel = read_json(row.payload, {}).get("channel")
            hits.append(Hit(row, raising, occasion_of(question.parts, channel if isinstance(channel, str) else None)))
    return hits


def _these(events: Collection[tuple[str, UUID]]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The condition for events of these forces and ids, column by column: SQLite has no index for pairs."""
    return Event.force.in_({force for force, _ in events}), Event.id.in_({event_id for _, event_id in events})


def recall(session: Session, hits: Sequence[Hit], room: Room) -> Outcome:
    """Raise what has just happened, at its true priority, or add it to what is open for it. Writes it, too."""
    homes = _homes_of(session, [hit.event for hit in hits])
    ground = Ground({(hit.event.force, hit.event.id.bytes): homes[hit.event.id] for hit in hits})
    desk = _Recall(session, ground, room)
    for hit in hits:
        desk.take(hit, homes[hit.event.id])
    outcome = Outcome([], desk.changed())
    store(session, ground, outcome, room)
    return outcome


def _homes_of(session: Session, events: Collection[Event]) -> dict[UUID, Shared]:
    """Event → its happening, locked, for events that were stored before; one that needed no row until now is given one.

    Where one has become part of another meanwhile, it is tried again.
    """
    rows = [
        {
            "force": event.force, "id": event.happening_id, "voiceless": event.voiceless, "raised": False,
            "has_alerts": False, "merged_into": None, "begun_at": event.received_at, "caller": None,
        }
        for event in sorted({one.happening_id: one for one in events}.values(), key=lambda one: one.happening_id)
    ]  # fmt: skip
    if rows:
        session.execute(upsert(session, table_of(Happening)).on_conflict_do_nothing(), rows)
    found = lock_happenings(session, {(event.force, event.happening_id) for event in events})
    these = _these([(event.force, event.id) for event in events])
    where = dict(session.execute(select(Event.id, Event.happening_id).where(*these)).all())
    if any(where[event.id] not in found for event in events):
        raise Contended("happening")
    return {event.id: found[where[event.id]] for event in events}


class _Recall:
    """Open alerts of happenings that are looked back at, while it is decided upon them."""

    def __init__(self, session: Session, ground: Ground, room: Room) -> None:
        self._session = session
        self._room = room
        self._drafts = standing_drafts(session, ground)

    def changed(self) -> list[Draft]:
        """Alerts that were raised or added to."""
        return changed_among(self._drafts.values())

    def take(self, hit: Hit, home: Shared) -> None:
        """One event: better what is open for it, or raise what it means now."""
        standing = {claim.key: alert for claim, alert in home.open.items()}
        asked = by_claim(hit.found, hit.event.force, self._room, hit.occasion)
        for key, found in asked.beside(home.open).items():
            if key in standing:
                self._add(self._drafts[standing[key]], hit, found, home)
            else:
                self._raise(claim_in(home, key), hit, found, home)

    def _add(self, draft: Draft, hit: Hit, found: Sequence[Found], home: Shared) -> None:
        before = draft.priority
        draft.match(_unknown(kept(found, len(draft.matches)), draft.matches.values()))
        if not draft.touched:
            return
        self._weigh(draft, hit, home)
        draft.judge(voiceless=home.voiceless)
        details = _details(hit.event)
        if draft.priority is not before:
            details |= {"priority": [before.value, draft.priority.value]}
        draft.record(None, Change.LOOKED_BACK, details)

    def _weigh(self, draft: Draft, hit: Hit, home: Shared) -> None:
        """What came before the marker counts in its run, too; whoever called is not read again for it."""
        hour = hit.event.occurred_at.astimezone(self._room.zone).hour
        met = Met(kind=CONTACT, at=hit.event.occurred_at, hour=hour, voiceless=home.voiceless)
        weigh_run(self._session, draft, (home.id, met), self._room.now)

    def _raise(self, claim: Claim, hit: Hit, found: Sequence[Found], home: Shared) -> None:
        past = resolved_alerts(self._session, home, self._drafts).get(claim.key)
        known = stored_matches(self._session, past) if past else []
        new = _unknown(kept(found, len(known)), known)
        if not new:
            return  # somebody has answered for it
        draft = Draft(claim, self._room.ids(), None, {}, previous=past.id if past else None, caller=home.caller)
        show_stored(draft, claim, events_of_happenings(self._session, home.force, home.stored))
        draft.match([*known, *new])
        self._weigh(draft, hit, home)
        draft.judge(voiceless=home.voiceless)
        draft.because = (*draft.because, RAISED_LATER)
        draft.record(None, Change.RAISED, _details(hit.event))
        home.open[claim] = draft.id
        home.has_alerts, home.raised = True, home.raised or is_public(claim, home.force)
        self._drafts[draft.id] = draft
        name_one_another(draft, home, self._drafts)


def _unknown(found: Sequence[KeptMatch], known: Collection[KeptMatch]) -> list[KeptMatch]:
    """Matches that say more than what is known: an amended marker has other targets, and says the same again."""
    told = {(one.marker_id, one.level) for one in known}
    return [one for one in found if (one.marker_id, one.level) not in told]


def _details(event: Event) -> dict[str, Any]:
    return stored_details(event) | {"looked_back": True}


def would_have_fired(session: Session, hits: Sequence[Hit], room: Room) -> Outcome:
    """One `routine` alert for each subject, of what came before the last two hours and was told to nobody."""
    drafts = []
    homes = []
    for key, told in _by_subject(hits, room.default_queue).items():
        new = _not_shown(session, key, told)
        if new:
            home = Shared(key[0], room.ids(), room.now, is_new=True, has_alerts=True)
            claim = claim_in(home, key)
            home.raised = is_public(claim, home.force)
            homes.append(home)
            drafts.append(_summary(claim, new, room))
    ground = Ground({(home.force, home.id.bytes): home for home in homes})
    outcome = Outcome([], drafts)
    store(session, ground, outcome, room)
    return outcome


def _by_subject(hits: Sequence[Hit], default_queue: str) -> Mapping[Key, list[Hit]]:
    """The marker's own queue and audience → the events that would have fired there."""
    told: dict[Key, dict[UUID, Hit]] = {}
    for hit in hits:
        for one in hit.found:
            told.setdefault(own_key(one, default_queue), {})[hit.event.id] = hit
    return {key: list(events.values()) for key, events in told.items()}


def _not_shown(session: Session, key: Key, hits: Sequence[Hit]) -> list[Hit]:
    """Those that stand on no alert of this subject and audience."""
    force, subject, _, audience = key
    ids = [hit.event.id for hit in hits]
    of_alert = and_(Alert.force == AlertEvent.force, Alert.id == AlertEvent.alert_id)
    shown = set(
        session.scalars(
            select(AlertEvent.event_id)
            .join(Alert, of_alert)
            .where(AlertEvent.event_id.in_(ids), Alert.force == force, Alert.subject == subject)
            .where(Alert.audience == audience)
        )
    )
    return [hit for hit in hits if hit.event.id not in shown]


def _summary(claim: Claim, hits: Sequence[Hit], room: Room) -> Draft:
    draft = Draft(claim, room.ids(), None, {})
    for hit in hits[-SHOWN_AT_MOST:]:
        draft.show((hit.event.force, hit.event.id), None, None)
        mine = [one for one in hit.found if own_key(one, room.default_queue) == claim.key]
        draft.match(kept(mine, len(draft.matches)))
    events = f"{len(hits)} earlier events name" if len(hits) > 1 else "an earlier event names"
    draft.priority = Priority.ROUTINE
    draft.because = (f"{WOULD_HAVE_FIRED}: {events} what is marked now",)
    draft.record(None, Change.RAISED, {"looked_back": True, "events": len(hits)})
    return draft
