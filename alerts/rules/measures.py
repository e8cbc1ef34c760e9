"""What a desk and a shift went through, after EEMUA 191: rates per person in ten minutes, floods, shares, answers.

Averages hide floods: everything is counted in ten minutes and for each person. The figures and their limits stand here.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.rules.words import Priority

BUCKET = timedelta(minutes=10)
FLOOD_BEGINS, FLOOD_ENDS = 10, 5
"""More than so many alerts for each person in ten minutes begin a flood; fewer than so many end it."""
MOST_AT_THE_TOP = 0.05
"""The share of immediate alerts above which `immediate` says less and less."""
STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An alert, as far as it is measured."""

    raised_at: datetime
    priority: Priority
    answered_by: frozenset[str]
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    event_count: int
    escalations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The figures. Seconds to the answer are those of alerts that were answered; shares are 0 to 1.

    `repeats` is the share of events that came to an alert that stood already; `standing` what was open at the end,
    `stale` what had been for over a day.
    """

    alerts: int
    people: int
    per_person_in_10_min: float
    most_in_10_min: float
    floods: int
    flooded_min: int
    share: dict[str, float]
    too_many_at_the_top: bool
    repeats: float
    escalated: int
    acknowledged: int
    median_s: float | None
    p95_s: float | None
    standing: int
    stale: int


def measure(alerts: Sequence[Measured], since: datetime, until: datetime) -> Measures:
    """The measures of the alerts raised between two moments, as they stood at the second."""
    people = len({name for one in alerts for name in one.answered_by}) or 1
    buckets = _buckets(alerts, since, until)
    waits = sorted((one.acknowledged_at - one.raised_at).total_seconds() for one in alerts if one.acknowledged_at)
    counted = Counter(one.priority for one in alerts)
    events = sum(one.event_count for one in alerts)
    share = {one.value: round(counted[one] / len(alerts), 3) if alerts else 0.0 for one in Priority}
    open_then = [one for one in alerts if one.resolved_at is None or one.resolved_at > until]
    floods, flooded = _floods(buckets, people)
    return Measures(
        alerts=len(alerts), people=people, share=share, floods=floods, flooded_min=flooded * 10,
        per_person_in_10_min=round(sum(buckets) / max(len(buckets), 1) / people, 2),
        most_in_10_min=round(max(buckets, default=0) / people, 2),
        too_many_at_the_top=share[Priority.IMMEDIATE] > MOST_AT_THE_TOP,
        repeats=round(1 - len(alerts) / events, 3) if events else 0.0,
        escalated=sum(one.escalations > 0 for one in alerts), acknowledged=len(waits),
        median_s=_share_of(waits, 0.5), p95_s=_share_of(waits, 0.95), standing=len(open_then),
        stale=sum(until - one.raised_at > STALE_AFTER for one in open_then),
    )  # fmt: skip


def rates(alerts: Sequence[Measured], since: datetime, until: datetime) -> list[float]:
    """Of each ten minutes: how many alerts were raised for each person who answered in this time."""
    people = len({name for one in alerts for name in one.answered_by}) or 1
    return [round(count / people, 2) for count in _buckets(alerts, since, until)]


def _buckets(alerts: Sequence[Measured], since: datetime, until: datetime) -> list[int]:
    """How many were raised in each ten minutes; the last may be shorter."""
    found = [0] * max(1, -(-(until - since) // BUCKET))
    for one in alerts:
        found[min((one.raised_at - since) // BUCKET, len(found) - 1)] += 1
    return found


def _floods(buckets: Sequence[int], people: int) -> tuple[int, int]:
    """How many floods there were, and how many tens of minutes they lasted."""
    floods = flooded = 0
    in_flood = False
    for count in buckets:
        rate = count / people
        if not in_flood and rate > FLOOD_BEGINS:
            in_flood, floods = True, floods + 1
        elif in_flood and rate < FLOOD_ENDS:
            in_flood = False
        flooded += in_flood
    return floods, flooded


def _share_of(ordered: Sequence[float], part: float) -> float | None:
    """The value below which a part of them lies; `None` where there are none."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else None
