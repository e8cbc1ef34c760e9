"""What else bears on an alert than the match in hand: orders that may be broken, and what came before.

Facts of a rule come from the alert's own audience alone: what a closed circle was told counts in its own run.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.drafts import Draft, Finding, Least
from alerts.events import Fresh
from alerts.found_orders import OrderHit, OrderWatch
from alerts.happenings import Key, Shared
from alerts.queries import is_open_about
from alerts.rules.orders import OrderFacts
from alerts.rules.orders import rule_for as order_rule_for
from alerts.rules.patterns import NEARLY_HIS, SIGHTING, UNMARKED, adds_up
from alerts.rules.words import Priority
from alerts.runs import CONTACT, Met, Run, count_of, happenings_of, note
from alerts.setting import Room
from alerts.standing import about, own_key
from alerts.weighing import weigh_run
from db.keyring import Use
from db.sealed import keys_of
from markers.case_models import Case
from markers.cases.queries import case_of
from markers.cases.rules.words import Finding as FindingWord
from markers.cases.rules.words import Service
from markers.matcher import Found
from markers.matching.evidence import Level
from markers.matching.keys import asked_keys
from markers.matching.place import cell_of
from markers.matching.values import Address, Phone, Point, Role
from markers.models import Marker

PLACE_CELL = 8
"""The H3 resolution at which positions count as one place (some 500 m across)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """An alert that several events add up to: what it is about, how pressing, and the happenings that it shows."""

    key: Key
    least: Least
    happenings: Sequence[UUID]
    officer: str | None = None


class Circumstances:
    """Orders and runs, while a group of events is decided upon."""

    def __init__(self, session: Session, room: Room, orders: OrderWatch) -> None:
        self._session = session
        self._room = room
        self._orders = orders
        self._hits: dict[tuple[str, str, str], list[OrderHit]] = {}

    def begin(self, fresh: Fresh, home: Shared, wanted: dict[Key, list[Found]]) -> None:
        """An event's turn: what it shows of orders, and the alerts that it asks for besides (added to `wanted`)."""
        self._hits.clear()
        home.caller = home.caller or self._number(fresh)
        for hit in self._orders.hits(fresh, home):
            for key in self._keys(hit.case, fresh.posted.by.force):
                force, subject, _, audience = key
                self._hits.setdefault((force, subject, audience), []).append(hit)
                claims = (*wanted, *(claim.key for claim in home.open))
                if not any((one[0], one[1], one[3]) == (force, subject, audience) for one in claims):
                    wanted.setdefault(key, [])

    def _keys(self, case: Case, here: str) -> Iterator[Key]:
        """Where an order of this case is told: at its own desk, where the call was taken, and where she is now."""
        own = case_key(case, self._room.default_queue)
        yield own
        for force in dict.fromkeys((here, self._room.present(case.force, case.reference))):
            if force and force != case.force and case.audience == OPEN_AUDIENCE:
                yield (force, f"{case.force}/{own[1]}", self._room.default_queue, OPEN_AUDIENCE)

    def touches(self, draft: Draft) -> bool:
        """Does the event show something of an order that this alert is about?"""
        return (draft.claim.force, draft.claim.subject, draft.claim.audience) in self._hits

    def weigh(self, draft: Draft, fresh: Fresh, home: Shared, *, anew: bool) -> None:
        """Put on an alert what the event shows of orders, and the run that it adds to; both may press it."""
        hits = self._hits.get((draft.claim.force, draft.claim.subject, draft.claim.audience), [])
        for hit in hits:
            draft.find(_findings(hit, fresh))
            facts = OrderFacts(
                wanted=_is_wanted(hit), certain=any(fit.certain for fit in hit.fits),
                served=hit.order.service_state != Service.NOT_RECORDED,
            )  # fmt: skip
            rule = order_rule_for(facts)
            draft.leasts.append((rule.priority, _told(hit, rule.because)))
        if not (anew or hits):
            return
        breach = any(fit.finding is FindingWord.POSSIBLE_BREACH for hit in hits for fit in hit.fits)
        met = self._met(fresh, CONTACT, voiceless=home.voiceless, breach=breach)
        weigh_run(self._session, draft, (home.id, met), self._room.now, of_order=bool(hits))

    def adding_up(self, fresh: Fresh, home: Shared, found: Collection[Found]) -> list[Summary]:
        """What events below alerting level add up to with this one."""
        raised = {about(own_key(one, self._room.default_queue)) for one in found if one.match.raises}
        summaries = []
        if fresh.posted.kind != "call":
            around = {own_key(one, self._room.default_queue) for one in found if self._is_sighting(fresh, one)}
            for key in sorted(around):
                if about(key) not in raised:
                    summaries += self._add(SIGHTING, key, fresh, home, self._keeper(key))
        for case in self._orders.nearly_his(fresh):
            key = case_key(case, self._room.default_queue)
            if about(key) not in raised:
                summaries += self._add(NEARLY_HIS, key, fresh, home, case.officer)
        number = self._number(fresh) or home.caller
        silent = home.voiceless and fresh.posted.kind == "call" and not home.raised
        if number is not None and silent and not _is_marked(found, fresh):
            subject = f"number:{number.hex()}"
            key = (fresh.posted.by.force, subject, self._room.default_queue, OPEN_AUDIENCE)
            summaries += self._add(UNMARKED, key, fresh, home)
        return summaries

    def _keeper(self, key: Key) -> str | None:
        """Who keeps what an alert is about: the case's officer, or who placed the marker."""
        force, subject, _, audience = key
        kind, _, name = subject.partition(":")
        if kind == "case":
            case = case_of(self._session, force, audience, name)
            return case.officer if case else None
        return self._session.scalar(select(Marker.placed_by).where(Marker.force == force, Marker.id == UUID(name)))

    def _add(self, kind: str, key: Key, fresh: Fresh, home: Shared, officer: str | None = None) -> list[Summary]:
        force, subject, _, audience = key
        run, rule = Run(force, subject, audience), adds_up(kind)
        note(self._session, run, home.id, self._met(fresh, kind, voiceless=home.voiceless))
        since = self._room.now - timedelta(days=rule.days)
        count = count_of(self._session, run, kind, since)
        if not rule.holds(count) or is_open_about(self._session, force, subject, audience):
            return []
        least = (Priority.ROUTINE, f"{count} {rule.because}")
        return [Summary(key, least, happenings_of(self._session, run, kind, since), officer)]

    @staticmethod
    def _is_sighting(fresh: Fresh, found: Found) -> bool:
        """An incident near what is marked: not where somebody happens to call from."""
        part = fresh.posted.parts[found.part]
        return not found.match.raises and found.match.level is Level.NEAR and part.role is Role.INCIDENT

    def _met(self, fresh: Fresh, kind: str, *, voiceless: bool, breach: bool = False) -> Met:
        hour = fresh.occurred_at.astimezone(self._room.zone).hour
        return Met(
            kind=kind, at=fresh.occurred_at, hour=hour, voiceless=voiceless, breach=breach,
            number=self._number(fresh), place=self._place(fresh),
        )  # fmt: skip

    def _number(self, fresh: Fresh) -> bytes | None:
        """The caller's number, as a digest; a relay's or an alarm company's is a channel, and nobody's."""
        for part in fresh.posted.parts:
            if isinstance(part.value, Phone) and part.role is Role.CALLER:
                number = part.value.e164
                return None if number in self._room.channels else self._digest(f"tel:{number}")
        return None

    def _place(self, fresh: Fresh) -> bytes | None:
        for part in fresh.posted.parts:
            if isinstance(part.value, Address):
                keys = sorted(asked_keys(part.value), key=lambda key: (not key.startswith(("uprn:", "pn:")), key))
                if keys:
                    return self._digest(keys[0])
            elif isinstance(part.value, Point):
                return self._digest(f"cell:{cell_of(part.value, PLACE_CELL)}")
        return None

    def _digest(self, text: str) -> bytes:
        return keys_of(self._session).digest_of(Use.MATCH, f"run\x00{text}")


def case_key(case: Case, default_queue: str) -> Key:
    """What there is one open alert of, about a case, at its own desk."""
    return (case.force, f"case:{case.reference}", case.queue or default_queue, case.audience)


def _is_marked(found: Collection[Found], fresh: Fresh) -> bool:
    """Is the caller's number marked, as far as everybody may know? What a circle marks is unmarked for others."""
    return any(
        one.candidate.audience == OPEN_AUDIENCE and isinstance(fresh.posted.parts[one.part].value, Phone)
        for one in found
    )


def _is_wanted(hit: OrderHit) -> bool:
    return hit.order.wanted_since is not None and (hit.wanted is not None or bool(hit.fits))


def _told(hit: OrderHit, because: str) -> str:
    reference = hit.order.reference
    if _is_wanted(hit):
        return f"{because}: wanted since {hit.order.wanted_since} ({reference})"
    # Of what is certain and what is not, the alert speaks of what presses it.
    pressing = [fit for fit in hit.fits if fit.certain] or hit.fits
    numbers = ", ".join(dict.fromkeys(fit.number for fit in pressing))
    joined = f"{because} of condition" if because == "possible breach" else f"{because}: condition"
    return f"{joined} {numbers} of {reference}"


def _findings(hit: OrderHit, fresh: Fresh) -> list[Finding]:
    order = hit.order
    found = [
        Finding(order.force, order.id, fit.number, fit.finding.value, fit.certain, fit.evidence, fresh.received_at)
        for fit in hit.fits
    ]
    if hit.wanted is not None and not found:
        found.append(Finding(order.force, order.id, "", None, True, (hit.wanted.said,), fresh.received_at))  # noqa: FBT003
    return found
