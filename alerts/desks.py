"""Desks: who sits where, what a desk with nobody at it passes on, and which desks the rules name.

A desk that nobody is signed in at is the alert that nobody sees: it goes to the desk's fallback at once, and on from
there until somebody is. A circle has no fallback: what it is told climbs inside it.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from access.people import people_of_the_room
from access.roles import OPEN_AUDIENCE, Caller, circle_named
from access.sessions import seats
from alerts.changes import Line, record
from alerts.desk_models import Desk, RoutingTable
from alerts.models import Alert, AlertDesk
from alerts.queries import lock_alerts
from alerts.rules.routing import Routing
from alerts.rules.words import Change, State
from db.base import table_of
from db.engine import upsert
from markers.matching.values import Numbering
from markers.models import Marker
from markers.targets import target_value
from markers.words import SERVICE, TargetKind

LONGEST_CHAIN = 10


class RoutingChanged(Exception):
    """The rules have changed since the caller saw them."""

    def __init__(self, version: int) -> None:
        super().__init__("the routing rules have changed since you saw them")
        self.version = version


def set_desk(session: Session, caller: Caller, name: str, fallback: str | None, now: datetime) -> None:
    """What a desk passes on goes there from now on; `None`: nowhere."""
    add = upsert(session, table_of(Desk)).values(
        force=caller.force, name=name, fallback=fallback, set_by=caller.name, set_at=now
    )
    said = {column: add.excluded[column] for column in ("fallback", "set_by", "set_at")}
    session.execute(add.on_conflict_do_update(index_elements=["force", "name"], set_=said))


def fallbacks_in(session: Session, force: str) -> dict[str, str]:
    """Desk → its fallback."""
    known = select(Desk.name, Desk.fallback).where(Desk.force == force, Desk.fallback.is_not(None))
    return {row.name: row.fallback for row in session.execute(known) if row.fallback}


def desks_known(session: Session, caller: Caller, plain: Sequence[str], now: datetime) -> set[str]:
    """The desks that this caller may name: those of the settings (`plain`), those that were set, and people's own; a
    closed circle's is known to its own people alone.
    """
    set_here = set(session.scalars(select(Desk.name).where(Desk.force == caller.force)))
    own = {desk for person in people_of_the_room(session, caller.force, now) for desk in person.desks}
    hidden = circles_of(session, caller.force) - caller.desks
    return {*plain, *caller.desks, *((set_here | own) - hidden)}


def circles_of(session: Session, force: str) -> set[str]:
    """The desks that are closed circles: each is one from its first covert marker on."""
    audiences = session.scalars(select(Marker.audience).where(Marker.force == force).distinct())
    return {desk for desk in map(circle_named, audiences) if desk is not None}


def desks_named(session: Session, force: str) -> list[str]:
    """The desks that were set, that others pass on to, and that rules name."""
    rows = session.execute(select(Desk.name, Desk.fallback).where(Desk.force == force))
    named = {desk for row in rows for desk in (row.name, row.fallback) if desk}
    rules, _ = routing_table(session, force)
    return sorted(named.union(*(rule["desks"] for rule in rules)))


def chain_of(fallbacks: Mapping[str, str], desk: str) -> list[str]:
    """The fallback of a desk, that one's, and so on; each once, whatever circle they stand in."""
    chain = [desk]
    while len(chain) <= LONGEST_CHAIN and (then := fallbacks.get(chain[-1])) and then not in chain:
        chain.append(then)
    return chain[1:]


def sits_at(desks: Collection[str], desk: str, default_queue: str) -> bool:
    """Does somebody with these desks sit at this one? Who has none of their own sits at the default one.

    They may answer anywhere; that they are there does not mean that somebody watches every desk.
    """
    return desk in (desks or (default_queue,))


class PassingOn:
    """Where desks with nobody at them pass on to; asked once for each force, and only of desks with a fallback."""

    def __init__(self, session: Session, now: datetime, default_queue: str) -> None:
        self._session = session
        self._now = now
        self._default = default_queue
        self._fallbacks: dict[str, dict[str, str]] = {}
        self._taken: dict[str, list[frozenset[str]]] = {}

    def __call__(self, force: str, desk: str) -> tuple[str, ...]:
        """The desks that answer, too, since nobody is at this one: as far as the first that somebody is at."""
        if force not in self._fallbacks:
            self._fallbacks[force] = fallbacks_in(self._session, force)
        chain = chain_of(self._fallbacks[force], desk)
        if not chain:
            return ()
        if force not in self._taken:
            self._taken[force] = [desks for _, desks in seats(self._session, force, self._now)]
        if self._is_staffed(force, desk):
            return ()
        reached = next((place for place, one in enumerate(chain) if self._is_staffed(force, one)), len(chain))
        return tuple(chain[: reached + 1])

    def _is_staffed(self, force: str, desk: str) -> bool:
        return any(sits_at(desks, desk, self._default) for desks in self._taken[force])


def pass_on_unstaffed(session: Session, now: datetime, default_queue: str) -> list[Alert]:
    """What nobody has, at a desk that everybody has left meanwhile, goes on to its fallback; answers which."""
    falls = (Desk.force == Alert.force, Desk.name == Alert.queue, Desk.fallback.is_not(None))
    waiting = (Alert.state == State.RAISED.value, Alert.audience == OPEN_AUDIENCE, Alert.shelved_until.is_(None))
    known = (AlertDesk.force == Alert.force, AlertDesk.alert_id == Alert.id, AlertDesk.desk == Desk.fallback)
    asked = select(Alert).where(*waiting, exists().where(*falls, ~exists().where(*known).correlate(Alert, Desk)))
    rows = session.scalars(asked.order_by(Alert.id)).all()
    passing = PassingOn(session, now, default_queue)
    wanted = {row.id: found for row in rows if (found := passing(row.force, row.queue))}
    lines: list[tuple[Alert, Line]] = []
    for alert in lock_alerts(session, {row.force for row in rows}, wanted).values():
        if alert.state != State.RAISED:
            continue  # somebody was quicker
        desks = [desk for desk in wanted[alert.id] if _add_desk(session, alert, desk)]
        if desks:
            alert.version += 1
            lines.append((alert, Line(alert.version, SERVICE, Change.PASSED_ON, {"from": alert.queue, "to": desks})))
    record(session, lines, now)
    return [alert for alert, _ in lines]


def _add_desk(session: Session, alert: Alert, desk: str) -> bool:
    if session.get(AlertDesk, (alert.force, alert.id, desk)) is not None:
        return False
    session.add(AlertDesk(force=alert.force, alert_id=alert.id, desk=desk, level=1))
    return True


def routing_table(session: Session, force: str) -> tuple[list[dict[str, Any]], int]:
    """The rules of a force as they were given, and their version (0: none were ever set)."""
    row = session.get(RoutingTable, force)
    return (json.loads(row.rules), row.version) if row is not None else ([], 0)


def set_routing(
    session: Session, caller: Caller, rules: Sequence[Mapping[str, Any]], seen: int | None, now: datetime
) -> int:
    """Put these rules in the place of all that stood; answers their version. `seen` is the one that was read."""
    row = session.get(RoutingTable, caller.force, with_for_update=True)
    standing = row.version if row is not None else 0
    if seen is not None and seen != standing:
        raise RoutingChanged(standing)
    if row is None:
        row = RoutingTable(force=caller.force)
        session.add(row)
    row.rules, row.version, row.set_by, row.set_at = json.dumps(list(rules)), standing + 1, caller.name, now
    return row.version


def routing_of(session: Session) -> Callable[[str], Sequence[Routing]]:
    """Force → its rules; each force's are read once."""
    known: dict[str, Sequence[Routing]] = {}

    def of(force: str) -> Sequence[Routing]:
        if force not in known:
            known[force] = [read_rule(rule) for rule in routing_table(session, force)[0]]
        return known[force]

    return of


def read_rule(given: Mapping[str, Any]) -> Routing:
    """A rule as it is meant; its areas were understood when they were set."""
    areas = [target_value(TargetKind.AREA, area, Numbering()) for area in given.get("areas", ())]
    return Routing(
        name=given["name"], desks=tuple(given["desks"]), categories=frozenset(given.get("categories", ())),
        risks=frozenset(given.get("risks", ())), channels=frozenset(given.get("channels", ())),
        areas=tuple(area for area in areas if area is not None),  # type: ignore[misc]
        postcodes=tuple(given.get("postcodes", ())),
    )  # fmt: skip
