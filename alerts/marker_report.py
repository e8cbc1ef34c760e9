"""How the register stands: how many markers are held, provisional, lapsed, overdue …, each count with its definition.

Counted of the open audience alone: what a closed circle holds is its own. A figure without its definition was given as
83, then 1,122, then 253 for the same area (`docs/how-to/look-after-markers.md`).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.models import AlertMatch
from db.base import table_of
from markers.case_models import Case
from markers.matching.address import understand_address
from markers.matching.values import Address
from markers.minding import gone_from
from markers.models import Marker, MarkerCount, Target
from markers.queries import status_is
from markers.words import Grade, Risk, Status, TargetKind

DEFINITIONS: Mapping[str, str] = {
    "held": "markers that are active, scheduled or suspended: neither lapsed nor withdrawn",
    "active": "markers that would fire now, by their dates",
    "provisional": "held, placed by the room, and not yet confirmed by an officer",
    "suspended": "held, and kept from firing by an officer",
    "lapsed": "markers whose end has passed, neither renewed, withdrawn nor erased",
    "overdue": "held, and their review was due before now",
    "unproven": "held, with a target in use that no drill has proven to fire",
    "out_of_use": "held, and none of their targets is in use: they cannot fire",
    "never_matched": "held, and no alert has ever matched them",
    "ownerless": "held, and whoever keeps them (the case's officer, else who placed it) is known here no more",
    "targets": "numbers, addresses, areas and things of held markers",
    "premises": "different addresses of held markers, a flat apart from its neighbour",
    "buildings": "different addresses of held markers, whatever the flat",
}
"""Every count that the report gives, and what it counts."""
AT_THE_TOP = "at_the_top"
MOST_AT_THE_TOP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many there are of a kind, of one category and risk (empty: of all)."""

    of: str
    category: str
    risk: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The counts, and which share of the held markers asks for the most: over 5 % it says less and less."""

    counts: Sequence[Count]
    share_at_the_top: float

    def of(self, name: str) -> int:
        """A count over all categories and risks."""
        return sum(one.number for one in self.counts if one.of == name)


def _conditions(session: Session, force: str, now: datetime) -> dict[str, ColumnElement[bool]]:
    held = or_(*(status_is(one, now) for one in (Status.ACTIVE, Status.SCHEDULED, Status.SUSPENDED)))
    in_use = and_(Target.force == Marker.force, Target.marker_id == Marker.id, Target.out_of_use_since.is_(None))
    of_case = (Case.force == Marker.force, Case.audience == Marker.audience, Case.reference == Marker.case_reference)
    gone = gone_from(session, force, now)
    keeper_gone = or_(
        exists().where(*of_case, Case.officer.in_(gone)), and_(Marker.placed_by.in_(gone), ~exists().where(*of_case))
    )
    matched = exists().where(AlertMatch.marker_force == Marker.force, AlertMatch.marker_id == Marker.id)
    return {
        "held": held,
        "active": status_is(Status.ACTIVE, now),
        "provisional": and_(held, Marker.provisional_until.is_not(None)),
        "suspended": status_is(Status.SUSPENDED, now),
        "lapsed": and_(status_is(Status.LAPSED, now), Marker.erased_at.is_(None)),
        "overdue": and_(held, Marker.review_due <= now),
        "unproven": and_(held, exists().where(in_use, Target.proven_at.is_(None))),
        "out_of_use": and_(held, ~exists().where(in_use)),
        "never_matched": and_(held, ~matched),
        "ownerless": and_(held, keeper_gone),
    }  # fmt: skip


def report(session: Session, force: str, now: datetime, seen: Callable[[int], object] = lambda _: None) -> Report:
    """Count a force's register; `seen` is told of each address that was looked at."""
    own = (Marker.force == force, Marker.audience == OPEN_AUDIENCE)
    counts: list[Count] = []
    conditions = _conditions(session, force, now)
    for name, condition in conditions.items():
        asked = select(Marker.category, Marker.risk, func.count()).where(*own, condition)
        rows = session.execute(asked.group_by(Marker.category, Marker.risk).order_by(Marker.category, Marker.risk))
        counts += [Count(of=name, category=category, risk=risk, number=number) for category, risk, number in rows]
    of_held = (Target.force == Marker.force, Target.marker_id == Marker.id)
    targets = select(func.count()).select_from(Target).join(Marker, and_(*of_held)).where(*own, conditions["held"])
    places = list(_places(session, (*own, conditions["held"]), seen))
    for name, number in (
        ("targets", session.scalar(targets) or 0), ("premises", len(set(places))),
        ("buildings", len({place[:-1] for place in places})),
    ):  # fmt: skip
        counts.append(Count(of=name, category="", risk="", number=number))
    top = or_(Marker.response_grade == Grade.IMMEDIATE.value, Marker.risk == Risk.HIGH.value)
    at_top = session.scalar(select(func.count()).select_from(Marker).where(*own, conditions["held"], top)) or 0
    held = sum(one.number for one in counts if one.of == "held")
    return Report(counts=counts, share_at_the_top=round(at_top / held, 3) if held else 0.0)


def _places(
    session: Session, these: Sequence[ColumnElement[bool]], seen: Callable[[int], object]
) -> Iterator[tuple[str, ...]]:
    """Each address as what makes it one; the last part is the flat."""
    of_held = and_(Target.force == Marker.force, Target.marker_id == Marker.id)
    asked = select(Target).join(Marker, of_held).where(*these, Target.kind == TargetKind.ADDRESS.value)
    for target in session.scalars(asked.order_by(Target.id).execution_options(yield_per=500)):
        given: Mapping[str, Any] = json.loads(target.given or "{}")
        address = understand_address(given.get("text"), given.get("postcode"), given.get("uprn"))
        seen(1)
        if isinstance(address, Address):
            parts = (address.house, address.names, address.street, address.postcode or address.places, address.unit)
            yield tuple(map(str, parts)) if any(parts) else ("uprn", str(address.uprn), "")


def keep_month(session: Session, now: datetime) -> list[str]:
    """Keep this month's counts of every force, where none are kept yet; answers which forces'."""
    month = f"{now:%Y-%m}"
    kept = set(session.scalars(select(MarkerCount.force).where(MarkerCount.month == month).distinct()))
    forces = [one for one in session.scalars(select(Marker.force).distinct().order_by(Marker.force)) if one not in kept]
    for force in forces:
        rows = [
            {
                "force": force, "month": month, "count_of": one.of, "category": one.category, "risk": one.risk,
                "number": one.number,
            }
            for one in report(session, force, now).counts
        ]  # fmt: skip
        session.execute(insert(table_of(MarkerCount)), rows)
    return forces


def series(session: Session, force: str, months: int) -> dict[str, Counter[str]]:
    """Month → count → how many, of the newest months that are kept, the oldest first."""
    asked = select(MarkerCount.month).where(MarkerCount.force == force).distinct()
    newest = sorted(session.scalars(asked.order_by(MarkerCount.month.desc()).limit(months)))
    told: dict[str, Counter[str]] = {month: Counter() for month in newest}
    these = (MarkerCount.force == force, MarkerCount.month.in_(newest))
    for row in session.scalars(select(MarkerCount).where(*these)):
        told[row.month][row.count_of] += row.number
    return told
