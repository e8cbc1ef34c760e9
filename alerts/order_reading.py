"""An order as events are judged by it: its watched conditions, and the places that they name."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.events import objects_in
from db.sealed import read_json
from markers.case_models import Case, CasePart, Condition, Order
from markers.cases.parts import understand
from markers.cases.queries import cases_by_id, conditions_of
from markers.cases.rules.breach import Side, Sign, Thing, Watched
from markers.cases.rules.hours import read_hours
from markers.cases.rules.words import Means
from markers.matcher import Reading
from markers.matching.compare import compare
from markers.matching.values import Part, PersonName, Point, Problem, Role, TargetValue
from markers.matching.weights import VAGUE_M

_PLACES = (Side.ZONE, Side.STAY_IN)
_ROLES = {"caller": Role.CALLER, "incident": Role.INCIDENT}


@dataclass(frozen=True, slots=True)
class OrderReading:
    """How orders are read here: the clock on the wall, and how numbers and places are."""

    zone: ZoneInfo
    reading: Reading


@dataclass(frozen=True, slots=True)
class OrderRead:
    """An order with its case, what is watched of it, and the places of each condition."""

    order: Order
    case: Case
    watched: Sequence[Watched]
    places: Mapping[str, Sequence[TargetValue]]
    near_m: float

    def elsewhere(self, payload: Mapping[str, Any], event: str) -> Iterator[Sign]:
        """For each condition the positions of an event that are in none of its places, nor close to one."""
        for part in _positions(payload):
            for number, values in self.places.items():
                if not any(compare(value, part, self.near_m) for value in values):
                    yield Sign(
                        side=Side.ELSEWHERE, condition=number, thing=Thing.PLACE, role=part.role, certain=True,
                        said="the position is outside of the place that the condition names", event=event,
                    )  # fmt: skip


def _positions(payload: Mapping[str, Any]) -> Iterator[Part]:
    """Positions as they were sent, fine enough to tell where somebody is."""
    for place in objects_in(payload, "locations"):
        point, role = place.get("point"), _ROLES.get(str(place.get("role", "incident")))
        if not isinstance(point, Mapping) or role is None:
            continue
        figures = [point.get(name, 0.0) for name in ("latitude", "longitude", "uncertainty_m")]
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in figures):
            continue
        latitude, longitude, off = (float(one) for one in figures)
        if "latitude" in point and "longitude" in point and abs(latitude) <= 90 and 0 <= off <= VAGUE_M:
            yield Part("", role, Point(latitude, longitude, off))


def read_orders(session: Session, ids: Iterable[UUID], reading: OrderReading) -> dict[UUID, OrderRead]:
    """Orders by id, read."""
    rows = session.scalars(select(Order).where(Order.id.in_(list(ids)))).all()
    forces = {row.force for row in rows}
    cases = cases_by_id(session, forces, {row.case_id for row in rows})
    conditions = conditions_of(session, forces, [row.id for row in rows])
    these = (CasePart.force.in_(forces), CasePart.order_id.in_([row.id for row in rows]))
    parts: dict[UUID, list[CasePart]] = {row.id: [] for row in rows}
    for part in session.scalars(select(CasePart).where(*these)):
        if part.order_id is not None:
            parts[part.order_id].append(part)
    return {row.id: _read(row, cases[row.case_id], conditions[row.id], parts[row.id], reading) for row in rows}


def _read(
    order: Order, case: Case, conditions: Sequence[Condition], parts: Sequence[CasePart], reading: OrderReading
) -> OrderRead:
    sides: dict[str, set[Side]] = {}
    places: dict[str, list[TargetValue]] = {}
    for part in parts:
        if part.condition is None:
            continue
        side = Side(part.side)
        sides.setdefault(part.condition, set()).add(side)
        given = read_json(part.given, None) if side in _PLACES else None
        value = understand(part.kind, given, reading.reading.numbering) if given else None
        if value is not None and not isinstance(value, Problem | PersonName):
            places.setdefault(part.condition, []).append(value)
    protected = read_json(order.protected, []) or []
    hers = {phone["number"] for one in protected for phone in one.get("phones") or ()}
    watched = [
        Watched(
            number=row.number, hours=read_hours(row.hours), sides=frozenset(sides.get(row.number, ())),
            of_all=_is_of_all(row.watch, hers),
        )
        for row in conditions if row.means == Means.WATCHED
    ]  # fmt: skip
    return OrderRead(order, case, watched, places, reading.reading.near_m)


def _is_of_all(watch: str | None, hers: set[str]) -> bool:
    """A contact without numbers of its own, or with those of who is protected, is with all whom the order protects."""
    contact = (json.loads(watch) if watch and watch.startswith("{") else {}).get("contact") or {}
    own = {phone["number"] for phone in contact.get("phones") or ()}
    return not own or bool(own & hers)
