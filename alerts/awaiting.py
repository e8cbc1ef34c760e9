"""What waits for a second person: kept on the alert, agreed to or refused by somebody else (`rules/second_person.py`).

Until then the alert stands where it stood, is due again, and goes up like one that nobody answered.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from access import sessions
from access.roles import Caller, Role
from alerts.models import Alert
from alerts.queries import matches_of
from alerts.rules.ladder import Ladder
from alerts.rules.second_person import Rule, Wanted, may_agree, rule_for
from alerts.rules.words import Outcome, Priority
from markers.queries import markers_by_id
from markers.words import Risk


class SecondPersonWanted(Exception):
    """Somebody else has to agree: a supervisor, as long as another one is signed in."""

    def __init__(self) -> None:
        super().__init__("a second person has to agree to this: a supervisor other than the one who asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What somebody asked for, as it is kept: a priority (`to`), or an outcome with what belongs to it."""

    what: str
    by: str
    at: datetime
    because: str
    to: Priority | None = None
    outcome: Outcome | None = None
    breach: str | None = None
    follow_up_at: datetime | None = None

    def written(self) -> str:
        """As the alert's row keeps it."""
        return json.dumps({name: _plain(value) for name, value in asdict(self).items() if value is not None})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def asked_for(alert: Alert) -> AskedFor | None:
    """What an alert waits for; `None` where it waits for nobody."""
    if alert.awaiting is None:
        return None
    kept: Mapping[str, Any] = json.loads(alert.awaiting)
    times = {name: datetime.fromisoformat(kept[name]) for name in ("at", "follow_up_at") if kept.get(name)}
    words: dict[str, Any] = {}
    if kept.get("to"):
        words["to"] = Priority(kept["to"])
    if kept.get("outcome"):
        words["outcome"] = Outcome(kept["outcome"])
    return AskedFor(**{**kept, **times, **words})


def rule_against(
    session: Session, alert: Alert, to: Priority | None = None, outcome: Outcome | None = None
) -> Rule | None:
    """The rule by which one person is not enough for this; `None` where one is."""
    wanted = Wanted(
        priority=Priority(alert.priority), to=to, outcome=outcome,
        high_risk=outcome is not None and has_high_risk(session, alert),
    )  # fmt: skip
    return rule_for(wanted)


def has_high_risk(session: Session, alert: Alert) -> bool:
    """Is the risk of one of the markers that raised it high, by what the marker says today?"""
    matches = [match for match in matches_of(session, [alert.force], [alert.id])[alert.id] if match.raises]
    markers = markers_by_id(session, {one.marker_force for one in matches}, {one.marker_id for one in matches})
    return any(marker.risk == Risk.HIGH for marker in markers.values())


def ask(alert: Alert, wanted: AskedFor, reason: str | None, ladder: Ladder, now: datetime) -> dict[str, Any]:
    """Let it wait: due as an alert of its priority is that nobody has answered. What was asked before, is no more."""
    alert.awaiting, alert.awaiting_reason = wanted.written(), reason
    alert.due_at = ladder.due_at(Priority(alert.priority), now)
    said = {"to": wanted.to, "outcome": wanted.outcome}
    return {"what": wanted.what, "because": wanted.because} | {name: value for name, value in said.items() if value}


def agree(session: Session, alert: Alert, caller: Caller, now: datetime) -> tuple[AskedFor, bool]:
    """What this caller may agree to or refuse, or `SecondPersonWanted`; and whether for want of a supervisor."""
    wanted = asked_for(alert)
    assert wanted is not None
    is_supervisor = caller.role is Role.SUPERVISOR
    others = is_supervisor or _is_supervised(session, alert, {wanted.by, caller.name}, now)
    if not may_agree(asked_by=wanted.by, name=caller.name, is_supervisor=is_supervisor, other_supervisors=others):
        raise SecondPersonWanted
    return wanted, not is_supervisor


def end(alert: Alert) -> None:
    """It waits for nobody any more."""
    alert.awaiting = alert.awaiting_reason = None


def _is_supervised(session: Session, alert: Alert, but: set[str], now: datetime) -> bool:
    """Is a supervisor signed in who may read this alert, other than these?"""
    return any(
        person.role is Role.SUPERVISOR and person.name not in but and person.reads(alert.audience)
        for person in sessions.signed_in(session, alert.force, now)
    )
