"""What events show of orders: the signs of a happening, judged by each order that the event in hand touches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, insert, select
from sqlalchemy.orm import Session

from alerts.events import Fresh
from alerts.happenings import Shared
from db.base import table_of
from db.sealed import CANNOT_BE_OPENED, Place, keys_of, read_json, seal
from markers.case_models import Case, CasePart, Order, OrderSign
from markers.cases.queries import cases_by_id, conditions_of, is_in_force, orders_by_id, sides_of
from markers.cases.rules.breach import Fit, Present, Side, Sign, Thing, Watched, findings, shows_him
from markers.cases.rules.hours import read_hours
from markers.cases.rules.words import Means, Service
from markers.cases.watching import PartSign
from markers.matching.values import Identifier, IdentifierKind, Part, Phone, Point, Role
from markers.matching.weights import VAGUE_M


@dataclass(frozen=True, slots=True)
class OrderHit:
    """An order that an event touched: what fitted, and, where he is wanted, the sign that it is he."""

    order: Order
    case: Case
    fits: Sequence[Fit]
    wanted: Sign | None


class OrderWatch:
    """The orders of a group of events. `signs` are those that each event showed by itself."""

    def __init__(self, session: Session, zone: ZoneInfo, signs: dict[UUID, list[PartSign]]) -> None:
        self._session = session
        self._zone = zone
        self._signs = signs
        self._came: list[tuple[Shared, PartSign]] = []
        self._watched: dict[UUID, list[Watched]] = {}
        every = [sign for listed in signs.values() for sign in listed]
        forces = {sign.force for sign in every}
        self._cases = cases_by_id(session, forces, {sign.case_id for sign in every})
        self._orders = orders_by_id(session, forces, {sign.order_id for sign in every if sign.order_id})

    def hits(self, fresh: Fresh, home: Shared) -> list[OrderHit]:
        """What this event shows, with what its happening's earlier ones showed; mostly nothing."""
        own = self._signs.get(fresh.event_id, ())
        if not own:
            return []
        earlier = [sign for shared, sign in self._came if shared.final() is home]
        earlier += self._stored(home)
        self._came += [(home, sign) for sign in own]
        touched = dict.fromkeys(sign.order_id for sign in own if sign.order_id in self._orders)
        present = _present(fresh.posted.parts)
        found = []
        for order_id in touched:
            assert order_id is not None
            order = self._orders[order_id]
            signs = [one.sign for one in (*own, *earlier) if one.order_id == order_id]
            hit = self._hit(order, signs, present, fresh.occurred_at)
            if hit is not None:
                found.append(hit)
        return found

    def nearly_his(self, fresh: Fresh) -> list[Case]:
        """The cases whose respondent's number the caller's differs from in a digit or two."""
        near = [one for one in self._signs.get(fresh.event_id, ()) if one.sign.side is Side.NEARLY_HIS]
        return [self._cases[case_id] for case_id in dict.fromkeys(one.case_id for one in near)]

    def _hit(self, order: Order, signs: Sequence[Sign], present: Present, at: datetime) -> OrderHit | None:
        local = at.astimezone(self._zone)
        if not is_in_force(order, local.date()):
            return None
        fits = findings(self._conditions(order), signs, present, local, Service(order.service_state))
        wanted = shows_him(signs) if order.wanted_since is not None and order.wanted_since <= local.date() else None
        if not (fits or wanted):
            return None
        return OrderHit(order, self._cases[order.case_id], fits, wanted)

    def _conditions(self, order: Order) -> list[Watched]:
        if order.id not in self._watched:
            sides = sides_of(self._session, order.force, order.id)
            rows = conditions_of(self._session, {order.force}, {order.id})[order.id]
            self._watched[order.id] = [
                Watched(
                    number=row.number, hours=read_hours(row.hours),
                    sides=frozenset(Side(side) for side in sides.get(row.number, ())),
                )
                for row in rows if row.means == Means.WATCHED
            ]  # fmt: skip
        return self._watched[order.id]

    def _stored(self, home: Shared) -> list[PartSign]:
        """What the events that came to this happening before showed."""
        if not home.stored:
            return []
        mine = (OrderSign.force == home.force, OrderSign.happening_id.in_(home.stored))
        of_part = and_(CasePart.id == OrderSign.part_id)
        return [
            PartSign(
                part.force, part.case_id, part.order_id, part.id,
                Sign(
                    side=Side(part.side), condition=part.condition, thing=_thing(part.kind), role=Role(row.role),
                    certain=row.certain, said=row.said or CANNOT_BE_OPENED,
                ),
            )
            for row, part in self._session.execute(select(OrderSign, CasePart).join(CasePart, of_part).where(*mine))
        ]  # fmt: skip


def _thing(kind: str) -> Thing:
    return {"phone": Thing.PHONE, "identifier": Thing.IDENTIFIER, "name": Thing.NAME}.get(kind, Thing.PLACE)


def _present(parts: Iterable[Part]) -> Present:
    parts = list(parts)
    return Present(
        position=any(
            isinstance(one.value, Point)
            and one.value.uncertainty_m <= VAGUE_M
            and not one.value.of_address
            and one.role in (Role.CALLER, Role.INCIDENT)
            for one in parts
        ),
        vehicle=any(isinstance(one.value, Identifier) and one.value.kind is IdentifierKind.VEHICLE for one in parts),
        caller=any(isinstance(one.value, Phone) and one.role is Role.CALLER for one in parts),
    )


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
