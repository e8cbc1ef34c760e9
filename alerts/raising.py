"""From matches to alerts: an event joins the open alerts of its happening, or raises new ones.

Decided in memory, event by event, over rows that are locked already; `storing.py` then writes it all at once.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from uuid import UUID

from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.circumstances import Circumstances
from alerts.drafts import Draft, Least, event_details
from alerts.event_models import Event
from alerts.events import Fresh, RaisedAlert
from alerts.faint import in_audience, kept, show_stored
from alerts.found_orders import OrderWatch
from alerts.happenings import Claim, Ground, Key, Settled, Shared, is_public, refs_of
from alerts.models import Alert
from alerts.order_reading import OrderReading
from alerts.queries import events_of_happenings, related_to
from alerts.rules.words import Change, Priority
from alerts.setting import Room
from alerts.standing import (
    by_claim,
    changed_among,
    claim_in,
    name_one_another,
    occasion_of,
    resolved_alerts,
    standing_drafts,
    stored_details,
    stored_matches,
)
from markers.cases.watching import PartSign
from markers.matcher import Answer, Found, NotMatched


@dataclass(slots=True)
class Raised:
    """What became of one event."""

    place: int
    fresh: Fresh
    home: Shared
    faint: list[Found]
    alerts: list[RaisedAlert] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of a group, to be written."""

    raised: list[Raised]
    drafts: list[Draft]
    signs: dict[UUID, list[PartSign]] = field(default_factory=dict)


NOT_MATCHED = (Priority.ROUTINE, "the service could not match this event: check it by hand")
CONCERN = "somebody in the room is worried"


def raise_alerts(
    session: Session, ground: Ground, answered: Sequence[tuple[Fresh, Answer]], room: Room,
    signs: dict[UUID, list[PartSign]],
) -> Outcome:  # fmt: skip
    """Join and raise for a group of events, in the order in which they came; `signs` are what they show of orders."""
    watch = OrderWatch(session, OrderReading(room.zone, room.reading), signs)
    floor = _Floor(session, ground, room, Circumstances(session, room, watch))
    return Outcome([floor.take(fresh, answer) for fresh, answer in answered], floor.changed(), signs)


class _Floor:
    """The group's open alerts while it is decided upon."""

    def __init__(self, session: Session, ground: Ground, room: Room, circumstances: Circumstances) -> None:
        self._session = session
        self._circumstances = circumstances
        self._ground = ground
        self._room = room
        self._drafts = standing_drafts(session, ground)
        self._came: dict[UUID, list[Raised]] = {}
        self._place = self._merged = 0

    def changed(self) -> list[Draft]:
        """Alerts that this group raised or added to."""
        return changed_among(self._drafts.values())

    def take(self, fresh: Fresh, answer: Answer) -> Raised:
        """One event: settle where it belongs, add it to what is open there, raise what it matches."""
        # In the order of the event's parts: so are the alerts that it raises.
        found = [] if isinstance(answer, NotMatched) else sorted(answer, key=lambda one: one.part)
        occasion = occasion_of(fresh.posted.parts, fresh.posted.channel)
        asked = by_claim([one for one in found if one.match.raises], fresh.posted.by.force, self._room, occasion)
        settled = self._ground.settle(fresh, refs_of(self._session, fresh), asked.found)
        home = settled.home
        self._show_merged()
        wanted = asked.beside(home.open)
        home.voiceless = home.voiceless or fresh.posted.voiceless
        self._circumstances.begin(fresh, home, wanted)
        raised = Raised(self._place, fresh, home, [one for one in found if not one.match.raises])
        self._place += 1
        touched = self._join(raised, wanted)
        touched += self._open(raised, wanted)
        touched += self._add_up(raised, found)
        own = self._own_claim(fresh, home, answer)
        if own and not self._stands_for(own, touched, home):
            touched.append(self._new(own[0], raised, [], least=own[1]))
        self._relate(settled, touched)
        public = [(draft, created) for draft, created in touched if is_public(draft.claim, home.force)]
        home.has_alerts, home.raised = home.has_alerts or bool(touched), home.raised or bool(public)
        raised.alerts = [
            RaisedAlert(draft.id, created, draft.priority.value, draft.claim.queue) for draft, created in public
        ]
        self._came.setdefault(home.id, []).append(raised)
        return raised

    def _show_merged(self) -> None:
        """Where a happening has just become part of another, what came to each is shown on the other's open alerts."""
        for other, home in self._ground.moved[self._merged :]:
            theirs, ours = self._came.pop(other.id, []), self._came.get(home.id, [])
            self._show_all(home.open, self._stored(other) if home.open else (), theirs, home)
            self._show_all(other.open, self._stored(home) if other.open else (), ours, home)
            home.absorb(other)
            self._came[home.id] = sorted([*ours, *theirs], key=lambda raised: raised.place)
        self._merged = len(self._ground.moved)

    def _stored(self, shared: Shared) -> Sequence[Event]:
        return events_of_happenings(self._session, shared.force, shared.stored) if shared.stored else ()

    def _show_all(
        self, claims: dict[Claim, UUID], stored: Sequence[Event], came: Sequence[Raised], home: Shared
    ) -> None:
        for claim, alert_id in claims.items():
            draft = self._drafts[alert_id]
            self._show_earlier(draft, claim, stored, came)
            for details in (*map(stored_details, stored), *(event_details(earlier.fresh) for earlier in came)):
                draft.record(None, Change.EVENT_ADDED, details)
            draft.judge(voiceless=home.voiceless)

    def _join(self, raised: Raised, wanted: dict[Key, list[Found]]) -> list[tuple[Draft, bool]]:
        """Add the event to every open alert of its happening, whether or not it matches what that alert is about."""
        joined = []
        for claim, alert_id in raised.home.open.items():
            draft = self._drafts[alert_id]
            before = draft.priority
            found = wanted.get(claim.key, [])
            self._add(draft, raised, found)
            anew = bool(found) or raised.fresh.posted.voiceless or self._circumstances.touches(draft)
            self._circumstances.weigh(draft, raised.fresh, raised.home, anew=anew)
            draft.judge(voiceless=raised.home.voiceless, anew=anew)
            details = event_details(raised.fresh)
            if anew and draft.row is not None and draft.row.awaiting is not None:
                # What was asked for was asked before this: it has to be asked again.
                draft.happened_anew = True
                details |= {"awaiting_confirmation": "ended"}
            if draft.priority is not before:
                details |= {"priority": [before.value, draft.priority.value]}
            draft.record(raised.fresh.posted.by.name, Change.EVENT_ADDED, details)
            joined.append((draft, False))
        return joined

    def _open(self, raised: Raised, wanted: dict[Key, list[Found]]) -> list[tuple[Draft, bool]]:
        """Raise alerts for what the event matches, and, where nobody spoke, anew for what was resolved."""
        home = raised.home
        past = resolved_alerts(self._session, home, self._drafts) if home.has_alerts else {}
        asked = wanted | {key: [] for key in past if raised.fresh.posted.voiceless and key not in wanted}
        standing = {claim.key for claim in home.open}
        return [
            self._new(claim_in(home, key), raised, found, previous=past.get(key))
            for key, found in asked.items()
            if key not in standing
        ]

    def _new(
        self,
        claim: Claim,
        raised: Raised,
        found: Collection[Found],
        *,
        previous: Alert | None = None,
        least: Least | None = None,
    ) -> tuple[Draft, bool]:
        home, fresh = raised.home, raised.fresh
        draft = Draft(claim, self._room.ids(), None, {}, previous=previous.id if previous else None, caller=home.caller)
        self._show_earlier(draft, claim, self._stored(home), self._came.get(home.id, []))
        if previous:
            if claim.subject.startswith("event:"):
                least = Priority(previous.priority), json.loads(previous.because)[0]
            draft.call, draft.incident = previous.call or draft.call, previous.incident or draft.incident
            draft.match(stored_matches(self._session, previous))
        self._add(draft, raised, found)
        self._circumstances.weigh(draft, fresh, home, anew=True)
        draft.judge(voiceless=home.voiceless, least=least)
        draft.record(fresh.posted.by.name, Change.RAISED, event_details(fresh))
        home.open[claim] = draft.id
        self._drafts[draft.id] = draft
        name_one_another(draft, home, self._drafts)
        return draft, True

    def _add_up(self, raised: Raised, found: Collection[Found]) -> list[tuple[Draft, bool]]:
        """Alerts that this event makes together with others, none of which raised one by itself."""
        standing = {claim.key for claim in raised.home.open}
        opened = []
        for summary in self._circumstances.adding_up(raised.fresh, raised.home, found):
            if summary.key in standing:
                continue
            claim = claim_in(raised.home, summary.key)
            draft, _ = self._new(claim, raised, [], least=summary.least)
            draft.officer = summary.officer
            for event in events_of_happenings(self._session, raised.home.force, summary.happenings):
                draft.show_also((event.force, event.id))
            opened.append((draft, True))
        return opened

    def _show_earlier(self, draft: Draft, claim: Claim, stored: Iterable[Event], came: Iterable[Raised]) -> None:
        """An alert raised later shows the earlier events too, and what they faintly matched."""
        show_stored(draft, claim, stored)
        for earlier in came:
            draft.show(
                (earlier.home.force, earlier.fresh.event_id), earlier.fresh.posted.call, earlier.fresh.posted.incident
            )
            draft.match(kept(in_audience(earlier.faint, claim), len(draft.matches)))

    def _add(self, draft: Draft, raised: Raised, found: Collection[Found]) -> None:
        posted = raised.fresh.posted
        draft.show((raised.home.force, raised.fresh.event_id), posted.call, posted.incident)
        faint = in_audience(raised.faint, draft.claim)
        draft.match(kept([*found, *faint], len(draft.matches)))

    def _own_claim(self, fresh: Fresh, home: Shared, answer: Answer) -> tuple[Claim, Least] | None:
        """The alert that an event raises for itself: a concern always does, and one that could not be matched."""
        posted = fresh.posted
        if posted.notice:
            said = posted.notice
            claim = Claim(posted.by.force, home.id, said.subject, said.queue, said.audience)
            return claim, (Priority.ROUTINE, said.because)
        if isinstance(answer, NotMatched) or posted.has_failed:
            queue, least = self._room.default_queue, NOT_MATCHED
        elif posted.kind == "concern":
            queue, least = posted.queue or self._room.default_queue, (posted.priority or Priority.URGENT, CONCERN)
        else:
            return None
        return Claim(posted.by.force, home.id, f"event:{fresh.event_id}", queue, OPEN_AUDIENCE), least

    @staticmethod
    def _stands_for(own: tuple[Claim, Least], touched: Sequence[tuple[Draft, bool]], home: Shared) -> bool:
        """Has the event just raised an alert at the desk of its own one, for a marker? Then that one says it all.

        One that was open before does not do: somebody may have it already, and would not look again.
        """
        wanted, least = own
        if least is NOT_MATCHED:
            return False  # what could not be matched may be about something else altogether
        for draft, created in touched:
            claim = draft.claim
            same_desk = (claim.force, claim.queue, claim.audience) == (wanted.force, wanted.queue, wanted.audience)
            if created and same_desk:
                draft.judge(voiceless=home.voiceless, least=least)
                return True
        return False

    def _relate(self, settled: Settled, touched: Sequence[tuple[Draft, bool]]) -> None:
        """Where two happenings that have both raised met in an event, their open alerts name each other."""
        theirs = [self._drafts[alert] for other in settled.related for alert in other.open.values()]
        mine = [draft for draft, _ in touched]
        if not (mine and theirs):
            return
        self._know_links([draft for draft in (*mine, *theirs) if not draft.is_new and draft.linked is None])
        for my, their in product(mine, theirs):
            same = (my.claim.force, my.claim.audience) == (their.claim.force, their.claim.audience)
            if same and my.link(their.id):
                their.link(my.id)
                my.record(None, Change.RELATED, {"alert": str(their.id)})
                their.record(None, Change.RELATED, {"alert": str(my.id)})

    def _know_links(self, drafts: Sequence[Draft]) -> None:
        """Which alerts those that stand name already: log lines that repeat both references are the normal case."""
        forces, ids = {draft.claim.force for draft in drafts}, [draft.id for draft in drafts]
        known = related_to(self._session, forces, ids) if ids else {}
        for draft in drafts:
            draft.linked = set(known[draft.id])
