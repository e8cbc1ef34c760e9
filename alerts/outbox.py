"""The outbox: what partners are to be told is written in the transaction that changes the alert, or not at all."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from alerts.models import Alert
from alerts.partner_models import Partner, PartnerNotice
from alerts.rules.telling import Kind, is_agreed, kind_of
from alerts.rules.words import Change, Move, State
from alerts.runs import run_of
from db.base import table_of
from db.sealed import read_json
from markers.case_models import Case
from markers.cases.queries import case_of

WAITING, SENT, DEAD = "waiting", "sent", "dead"
IS_WAITING = PartnerNotice.state == literal(WAITING, literal_execute=True)
"""Written into statements as its index has it, as `IS_OPEN` is: years of what has arrived stand beside it."""


class Changed(Protocol):
    """A change of an alert, as its history has it."""

    version: int
    change: Change | Move
    details: dict[str, Any]


def put_out(session: Session, changes: Sequence[tuple[tuple[str, UUID], Changed]], now: datetime) -> None:
    """Queue what partners are to be told of these changes ((force, alert) and line), in their order.

    Written behind the feed's counters: partners' rows are locked last of all, in the order of their names.
    """
    told = [(key, line, kind) for key, line in changes if (kind := kind_of(line.change, line.details)) is not None]
    if not told:
        return
    # One that is disabled is told when it is enabled again.
    known = Partner.force.in_({force for (force, _), _, _ in told})
    partners = set(session.execute(select(Partner.force, Partner.name).where(known)).all())
    if not partners:
        return
    alerts = {alert.id: alert for alert in _alerts(session, {key for key, _, _ in told})}
    rows = [
        {
            "force": force, "partner": name, "id": uuid5(alert_id, f"{name}:{line.version}"), "alert_id": alert_id,
            "version": line.version, "kind": kind.value, "audience": alerts[alert_id].audience, "made_at": now,
            "state": WAITING, "attempts": 0, "next_at": now,
            "said": json.dumps(_as_it_was(alerts[alert_id], kind, line)),
        }
        for (force, alert_id), line, kind in told if alert_id in alerts
        for name in agreed_with(session, alerts[alert_id], kind) if (force, name) in partners
    ]  # fmt: skip
    _number(session, rows)
    if rows:
        session.execute(insert(table_of(PartnerNotice)), rows)


def _as_it_was(alert: Alert, kind: Kind, line: Changed) -> dict[str, Any]:
    """The alert at this change: when it is sent, another may have come."""
    state = {Kind.RAISED: State.RAISED, Kind.REOPENED: State.RAISED, Kind.RESOLVED: State.RESOLVED}.get(kind)
    change = line.details.get("priority")
    return {
        "state": state.value if state else alert.state, "event_count": alert.event_count,
        "priority": change[1] if isinstance(change, list) else alert.priority,
    }  # fmt: skip


def _alerts(session: Session, keys: set[tuple[str, UUID]]) -> Sequence[Alert]:
    these = (Alert.force.in_({force for force, _ in keys}), Alert.id.in_({alert_id for _, alert_id in keys}))
    return session.scalars(select(Alert).where(*these)).all()


def case_for(session: Session, alert: Alert) -> Case | None:
    """The case whose agreements say who is told of this alert: its own force's, in its own audience."""
    run = run_of(alert.force, alert.subject, alert.audience)
    if run is None or run.force != alert.force or not run.subject.startswith("case:"):
        return None
    return case_of(session, run.force, run.audience, run.subject.removeprefix("case:"))


def agreements_of(case: Case) -> dict[str, list[str]]:
    """Partner → what it may be told."""
    partners: Sequence[Mapping[str, Any]] = read_json(case.partners, []) or []
    return {one["partner"]: list(one["may_receive"]) for one in partners}


def agreed_with(session: Session, alert: Alert, kind: Kind) -> list[str]:
    """The partners that are told of this, in the order of their names.

    Where several desks have an alert of one happening, partners are told of the first one's: it happened once.
    """
    case = case_for(session, alert)
    agreed = sorted(name for name, may in agreements_of(case).items() if is_agreed(kind, may)) if case else []
    if not agreed:
        return []
    same = (
        Alert.force == alert.force, Alert.happening_id == alert.happening_id, Alert.subject == alert.subject,
        Alert.audience == alert.audience,
    )  # fmt: skip
    first = session.scalar(select(Alert.queue).where(*same).order_by(Alert.number).limit(1))
    return agreed if first == alert.queue else []


def _number(session: Session, rows: list[dict[str, Any]]) -> None:
    """The place of each in its partner's order, which holds as the commits do."""
    rows.sort(key=lambda row: (row["force"], row["partner"]))
    for force, name in dict.fromkeys((row["force"], row["partner"]) for row in rows):
        mine = [row for row in rows if (row["force"], row["partner"]) == (force, name)]
        this = update(Partner).where(Partner.force == force, Partner.name == name)
        last = session.scalar(
            this.values(last_sequence=Partner.last_sequence + len(mine)).returning(Partner.last_sequence)
        )
        assert last is not None
        for place, row in enumerate(mine, start=last - len(mine) + 1):
            row["sequence"] = place
