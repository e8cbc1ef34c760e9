"""When a condition applies: hours of the day and days of the week, by the clock on the wall."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from markers.cases.rules.words import Day

_DAYS = tuple(Day)


@dataclass(frozen=True, slots=True)
class Hours:
    """From a time until another, on some days (none named: on all). `until` before `since` runs over midnight."""

    since: time
    until: time
    days: frozenset[Day] = frozenset()

    def hold(self, local: datetime) -> bool:
        """Does this local moment lie within? A night belongs to the day on which it began."""
        at = local.time()
        if self.since < self.until:
            return self.since <= at < self.until and self._on(local.weekday())
        if at >= self.since:
            return self._on(local.weekday())
        return at < self.until and self._on((local.weekday() - 1) % 7)

    def _on(self, weekday: int) -> bool:
        return not self.days or _DAYS[weekday] in self.days


def applies(hours: Collection[Hours], local: datetime) -> bool:
    """Does a condition with these hours hold now? Without hours it always does."""
    return not hours or any(one.hold(local) for one in hours)


def told(hours: Sequence[Hours]) -> str:
    """Hours in words, as they stand on an alert."""
    return "; ".join(_told(one) for one in hours)


def _told(one: Hours) -> str:
    days = ", ".join(day.capitalize() for day in _DAYS if day in one.days) or "every day"
    return f"{days} {one.since:%H:%M} to {one.until:%H:%M}"


def read_hours(text: str | None) -> tuple[Hours, ...]:
    """Hours as a condition keeps them (JSON of the contract)."""
    kept = json.loads(text) if text else []
    return tuple(
        Hours(_time(one["from"]), _time(one["until"]), frozenset(Day(day) for day in one.get("days") or ()))
        for one in kept
    )


def _time(text: str) -> time:
    return time.fromisoformat(text)
