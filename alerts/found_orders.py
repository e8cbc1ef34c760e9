"""What events show of orders: the signs of a happening, judged by each order that the event in hand touches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, select
from sqlalchemy.orm import Session

from alerts.events import Fresh, objects_in
from alerts.happenings import Shared
from alerts.order_reading import OrderRead, OrderReading, read_orders
from alerts.queries import events_of_happenings
from db.base import table_of
from db.sealed import CANNOT_BE_OPENED, Place, keys_of, read_json, seal
from markers.case_models import Case, CasePart, Order, OrderSign
from markers.cases.queries import cases_by_id, is_in_force
from markers.cases.rules.breach import Fit, Present, Side, Sign, Thing, calls_her, findings, shows_him
from markers.cases.rules.words import Service
from markers.cases.watching import PartSign
from markers.matching.values import Role


@dataclass(frozen=True, slots=True)
class OrderHit:
    """An order that an event touched: what fitted, and, where he is wanted, the sign that it is he."""

    order: Order
    case: Case
    fits: Sequence[Fit]
    wanted: Sign | None


@dataclass(frozen=True)
class _Came:
    """An event of a happening, as far as orders are judged by it. Most touch no order, and are never read."""

    event: str
    text: str | None
    at: datetime

    @cached_property
    def payload(self) -> Mapping[str, Any]:
        """As it was sent."""
        sent: Mapping[str, Any] = read_json(self.text, {})
        return sent


@dataclass(slots=True)
class _Story:
    """What the events of a happening showed so far."""

    came: list[_Came]
    signs: list[PartSign]


class OrderWatch:
    """The orders of a group of events. `signs` are those that each event showed by itself."""

    def __init__(self, session: Session, reading: OrderReading, signs: dict[UUID, list[PartSign]]) -> None:
        self._session = session
        self._reading = reading
        self._signs = signs
        self._came: list[tuple[Shared, _Came, list[PartSign]]] = []
        self._orders: dict[UUID, OrderRead] = {}
        self._cases: dict[UUID, Case] = {}
        self._any: bool | None = None

    def hits(self, fresh: Fresh, home: Shared) -> list[OrderHit]:
        """What this event, with those that came to its happening before, shows of orders; mostly nothing."""
        event = str(fresh.event_id)
        own = [_of_event(one, event) for one in self._signs.get(fresh.event_id, ())]
        before = self._before(home, shows=bool(own))
        came = _Came(event, fresh.posted.payload, fresh.occurred_at)
        self._came.append((home, came, own))
        if not (own or before.signs):
            return []
        named = dict.fromkeys(one.order_id for one in (*own, *before.signs) if one.order_id)
        found = []
        for order in self._read(named):
            hit = self._judged(order, _Story([*before.came, came], [*before.signs, *own]))
            earlier = self._judged(order, before) if before.came else None
            if hit is not None and (any(one.order_id == order.order.id for one in own) or _says_more(hit, earlier)):
                found.append(hit)
        return found

    def nearly_his(self, fresh: Fresh) -> list[Case]:
        """The cases whose respondent's number the caller's nearly is, who calls one of the protected."""
        own = self._signs.get(fresh.event_id, ())
        near = {one.case_id: one.force for one in own if one.sign.side is Side.NEARLY_HIS}
        known = any(one.sign.thing is Thing.PHONE and one.sign.role is Role.CALLER and one.sign.certain for one in own)
        theirs = [case_id for case_id in near if calls_her([one.sign for one in own if one.case_id == case_id])]
        if known or not theirs:
            return []
        self._cases |= cases_by_id(self._session, set(near.values()), set(theirs) - self._cases.keys())
        return [self._cases[case_id] for case_id in theirs]

    def _judged(self, order: OrderRead, story: _Story) -> OrderHit | None:
        local = [one.at.astimezone(self._reading.zone) for one in story.came]
        days = {moment.date() for moment in local}
        if not any(is_in_force(order.order, day) for day in days):
            return None
        mine = [one.sign for one in story.signs if one.order_id == order.order.id]
        mine += [sign for one in story.came for sign in order.elsewhere(one.payload, one.event)]
        present = _present([one.payload for one in story.came])
        fits = findings(order.watched, mine, present, local, Service(order.order.service_state))
        since = order.order.wanted_since
        wanted = shows_him(mine) if since is not None and since <= max(days) else None
        return OrderHit(order.order, order.case, fits, wanted) if fits or wanted else None

    def _before(self, home: Shared, *, shows: bool) -> _Story:
        """What came to this happening before: in this group, and stored. `shows`: the event in hand shows something."""
        came = [(one, signs) for shared, one, signs in self._came if shared.final() is home]
        story = _Story([one for one, _ in came], [sign for _, signs in came for sign in signs])
        if not home.stored or not (shows or self._any_stored()):
            return story
        stored = _stored_signs(self._session, home)
        if not (stored or shows):
            return story
        events = events_of_happenings(self._session, home.force, home.stored)
        theirs = [_Came(str(one.id), one.payload, one.occurred_at) for one in events]
        return _Story([*theirs, *story.came], [*stored, *story.signs])

    def _any_stored(self) -> bool:
        """Is there any sign at all? A service without orders asks nothing more."""
        if self._any is None:
            self._any = self._session.scalars(select(OrderSign.event_id).limit(1)).first() is not None
        return self._any

    def _read(self, named: Iterable[UUID]) -> list[OrderRead]:
        wanted = list(named)
        unknown = [one for one in wanted if one not in self._orders]
        if unknown:
            self._orders |= read_orders(self._session, unknown, self._reading)
        return [self._orders[one] for one in wanted if one in self._orders]


def _of_event(one: PartSign, event: str) -> PartSign:
    return replace(one, sign=replace(one.sign, event=event))


def _says_more(hit: OrderHit, earlier: OrderHit | None) -> bool:
    told = {(fit.number, fit.certain) for fit in earlier.fits} if earlier else set()
    return any((fit.number, fit.certain) not in told for fit in hit.fits)


def _stored_signs(session: Session, home: Shared) -> list[PartSign]:
    mine = (OrderSign.force == home.force, OrderSign.happening_id.in_(home.stored))
    of_part = and_(CasePart.id == OrderSign.part_id)
    return [
        PartSign(
            part.force, part.case_id, part.order_id, part.id,
            Sign(
                side=Side(part.side), condition=part.condition, thing=_thing(part.kind), role=Role(row.role),
                certain=row.certain, said=row.said or CANNOT_BE_OPENED, event=str(row.event_id),
            ),
        )
        for row, part in session.execute(select(OrderSign, CasePart).join(CasePart, of_part).where(*mine))
    ]  # fmt: skip


def _thing(kind: str) -> Thing:
    return {"phone": Thing.PHONE, "identifier": Thing.IDENTIFIER, "name": Thing.NAME}.get(kind, Thing.PLACE)


def _present(payloads: Iterable[Mapping[str, Any]]) -> Present:
    """What events name at all, as they were sent."""
    vehicle = caller = via = False
    for payload in payloads:
        vehicle = vehicle or any(one.get("kind") == "vehicle" for one in objects_in(payload, "identifiers"))
        caller = caller or any(
            one.get("role") == "caller" and one.get("number") for one in objects_in(payload, "phones")
        )
        via = via or bool(payload.get("via"))
    return Present(vehicle=vehicle, caller=caller, via=via)


def store_signs(session: Session, event: tuple[str, UUID, UUID], signs: Sequence[PartSign], now: datetime) -> None:
    """Keep what an event (its force, happening and id) showed, for those that come later."""
    force, happening, event_id = event
    ring = keys_of(session)
    rows: list[dict[str, Any]] = [
        {
            "force": force, "event_id": event_id, "part_id": one.part_id, "happening_id": happening,
            "role": one.sign.role.value, "certain": one.sign.certain, "at": now,
            "said_sealed": seal(ring, Place("order_signs", "said", f"{event_id}/{one.part_id}"), one.sign.said),
        }
        for one in signs if one.sign.side is not Side.NEARLY_HIS
    ]  # fmt: skip
    if rows:
        session.execute(insert(table_of(OrderSign)), rows)


def evidence_of(text: str | None) -> list[str]:
    """The sentences that an alert keeps of a finding."""
    said: list[str] = read_json(text, [CANNOT_BE_OPENED])
    return said
