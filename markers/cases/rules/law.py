"""What the law says of each kind of order: read from the tables of `law/`, one for each jurisdiction.

An order that binds beyond its own jurisdiction is told by the table of the courts that made it. What the tables do not
know is told as such: they warn, and never refuse.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from markers.cases.rules.words import Consequence, Jurisdiction, MadeBy, OrderKind, Service

_TABLES = Path(__file__).parent / "law"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Something that he has to tell: within so many days, counted from `service` or from when it was `made`.

    `again` names what it begins anew with. It is not owed a first time after the kind of order that this one replaced,
    nor while one of the kinds it does not stand beside is in force.
    """

    what: str
    within_days: int
    counted_from: str
    again: str
    not_after_replacing: OrderKind | None = None
    not_beside: tuple[OrderKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLaw:
    """A kind of order in a jurisdiction: who makes it, for how long, and what a breach is. Days are calendar days."""

    name: str
    source: str
    who: str
    made_by: tuple[MadeBy, ...]
    until_further_order: bool
    breach: Consequence
    breach_told: str
    service_told: str
    at_least_days: int | None = None
    at_most_days: int | None = None
    tag_at_most_days: int | None = None
    power_of_arrest_by_condition: bool = False
    prohibitions_only: bool = False
    binds: str = ""
    duties: tuple[Duty, ...] = ()


@cache
def tables() -> Mapping[Jurisdiction, tuple[str, Mapping[OrderKind, OrderLaw]]]:
    """Jurisdiction → its name, and what it knows of each kind."""
    return {one: _read(_TABLES / f"{one}.toml") for one in Jurisdiction}


def _read(path: Path) -> tuple[str, Mapping[OrderKind, OrderLaw]]:
    said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    name: str = said.pop("name")
    return name, {OrderKind(kind): _law(told) for kind, told in said.items()}


def _law(told: dict[str, Any]) -> OrderLaw:
    duties = tuple(_duty(duty) for duty in told.pop("duties", ()))
    made_by = tuple(MadeBy(word) for word in told.pop("made_by"))
    return OrderLaw(breach=Consequence(told.pop("breach")), made_by=made_by, duties=duties, **told)


def _duty(told: dict[str, Any]) -> Duty:
    replaced = told.pop("not_after_replacing", None)
    beside = tuple(OrderKind(kind) for kind in told.pop("not_beside", ()))
    return Duty(not_after_replacing=OrderKind(replaced) if replaced else None, not_beside=beside, **told)


def law_of(jurisdiction: Jurisdiction, kind: OrderKind) -> OrderLaw:
    """What is known of this kind there; of one that the jurisdiction does not know, what is known of any order."""
    _, laws = tables()[jurisdiction]
    return laws.get(kind) or laws[OrderKind.OTHER]


def is_known(jurisdiction: Jurisdiction, kind: OrderKind) -> bool:
    """Do its courts make orders of this kind?"""
    return kind in tables()[jurisdiction][1]


def consequence_of(law: OrderLaw, *, power_of_arrest: bool) -> Consequence:
    """What a breach of a condition is: under a condition with a power of arrest attached, there is one."""
    return Consequence.ARREST_UNDER_POWER if law.power_of_arrest_by_condition and power_of_arrest else law.breach


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDates:
    """What the limits are asked of."""

    jurisdiction: Jurisdiction
    kind: OrderKind
    made_by: MadeBy
    made_on: date
    expires_on: date | None
    until_further_order: bool
    served_on: date | None = None
    has_requirements: bool = False
    today: date | None = None


def warnings_of(order: OrderDates) -> Sequence[tuple[str, str]]:
    """What is unusual for an order of this kind: (field, sentence). It is stored all the same."""
    law = law_of(order.jurisdiction, order.kind)
    found = []
    if not is_known(order.jurisdiction, order.kind):
        found.append(("kind", f"courts of {tables()[order.jurisdiction][0]} are not known to make this kind of order"))
    elif order.made_by not in law.made_by:
        found.append(("made_by", f"the {law.name} is not known to be made on {order.made_by}"))
    if order.until_further_order and not law.until_further_order:
        found.append(("until_further_order", f"the {law.name} is not known to be made until further order"))
    if order.expires_on is not None:
        found += _warned_of_days(law, (order.expires_on - order.made_on).days)
    elif not order.until_further_order:
        found.append(("expires_on", "neither an end nor until further order: is that what the order says?"))
    if order.until_further_order and order.expires_on is not None:
        found.append(("until_further_order", "it has an end, too: which of the two does the order say?"))
    if order.today is not None:
        later = (("made_on", order.made_on), ("service.on", order.served_on))
        found += [(field, "this day lies ahead") for field, day in later if day is not None and day > order.today]
    if order.served_on is not None and order.served_on < order.made_on:
        found.append(("service.on", "it was served before it was made"))
    if order.has_requirements and law.prohibitions_only:
        found.append(("conditions", f"the {law.name} is known to hold prohibitions only"))
    return found


def _warned_of_days(law: OrderLaw, days: int) -> list[tuple[str, str]]:
    if days < 0:
        return [("expires_on", "it ended before it was made")]
    if law.at_least_days is not None and days < law.at_least_days - 1:
        return [("expires_on", f"the {law.name} lasts {law.at_least_days} days at least; this one {days}")]
    if law.at_most_days is not None and days > law.at_most_days:
        return [("expires_on", f"the {law.name} lasts {law.at_most_days} days at most; this one {days}")]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFacts:
    """What decides when a duty of his is due for the first time."""

    made_on: date
    service: Service
    served_on: date | None
    replaced: OrderKind | None
    beside: frozenset[OrderKind]


def first_due(duty: Duty, facts: DutyFacts) -> date | None:
    """The day by which he has to have told it; `None` where it is not owed, or service is not recorded."""
    if duty.not_after_replacing is not None and facts.replaced is duty.not_after_replacing:
        return None
    if facts.beside & set(duty.not_beside):
        return None
    if duty.counted_from == "made":
        return facts.made_on + timedelta(days=duty.within_days)
    if facts.service is Service.NOT_RECORDED:
        return None
    return (facts.served_on or facts.made_on) + timedelta(days=duty.within_days)


def told_of_service(service: Service) -> str:
    """What is said of it on an alert; that it is not recorded never means that it does not bind."""
    return _SERVICE_TOLD[service]


_SERVICE_TOLD = {
    Service.SERVED: "he was served with it",
    Service.TOLD_OF_TERMS: "he was told of its terms",
    Service.PRESENT_IN_COURT: "he was in court when it was made",
    Service.NOT_RECORDED: "service not recorded: ask whether he knows of the order",
}
