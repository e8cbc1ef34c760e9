"""An alert is weighed by the run of events that it belongs to, which this happening is added to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from alerts.drafts import Draft
from alerts.rules.patterns import Facts, rule_for, said_of
from alerts.runs import Met, note, pattern_of, run_of
from markers.matching.evidence import Level

COUNTED = frozenset({Level.EXACT_NUMBER, Level.EXACT_IDENTIFIER, Level.SAME_PREMISES, Level.SAME_BUILDING})
"""Levels that speak of one person or door. A block of numbers or an area is many people's: what happens there adds up
to no pattern."""


def weigh_run(session: Session, draft: Draft, met: tuple[UUID, Met], now: datetime, *, of_order: bool = False) -> None:
    """Add a happening to the run of an alert's case or marker, and let the rules of patterns press the alert.

    `of_order`: an order was touched, which speaks of somebody whatever matched.
    """
    claim = draft.claim
    run = run_of(claim.force, claim.subject, claim.audience)
    if run is None or not (of_order or _speaks_of_somebody(draft)):
        return
    note(session, run, *met)
    pattern = pattern_of(session, run, now)
    if pattern is None:
        return
    windows = {one.days: one for one in pattern.windows}
    rule = rule_for(Facts(windows, breach_now=met[1].breach))
    if rule is None:
        draft.see(pattern)
        return
    said = said_of(rule, windows)
    draft.see(pattern.told([said]))
    draft.leasts.append((rule.priority, said))


def _speaks_of_somebody(draft: Draft) -> bool:
    return any(one.raises and one.certain and Level(one.level) in COUNTED for one in draft.matches.values())
