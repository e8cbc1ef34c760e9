"""What happened over thirteen weeks: a picture of days and hours, and the same as a list, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.models import Alert
from alerts.seen import number_of
from markers.models import Marker
from web.console.words import gettext as _

WEEKS = 13
SPAN = timedelta(weeks=WEEKS)
DAY_PX, HOUR_PX = 6, 4
LEAST = 2
"""A picture of fewer tells nothing that the list does not."""
PRIORITIES = {"immediate": "▲", "urgent": "◆", "routine": "●"}


@dataclass(frozen=True, slots=True)
class Plot:
    """Dots on a plane of days (across, today at the right) and hours of the wall clock (down); with it in words."""

    dots: Sequence[tuple[int, int]]
    width: int
    height: int
    told: str


def plot_of(moments: Sequence[datetime], now: datetime, zone: ZoneInfo) -> Plot | None:
    """The moments of the last thirteen weeks as a picture; nothing where there are too few to see anything in it."""
    today, days = now.astimezone(zone).date(), WEEKS * 7
    local = [at for at in (moment.astimezone(zone) for moment in moments) if 0 <= (today - at.date()).days < days]
    dots = [
        ((days - 1 - (today - at.date()).days) * DAY_PX + DAY_PX // 2, at.hour * HOUR_PX + at.minute * HOUR_PX // 60)
        for at in local
    ]
    if len(dots) < LEAST:
        return None
    by_night = sum(at.hour < 6 or at.hour >= 22 for at in local)
    told = _("{count} in {weeks} weeks, {nights} of them between 22:00 and 6:00").format(
        count=len(dots), weeks=WEEKS, nights=by_night
    )
    return Plot(dots, days * DAY_PX, 24 * HOUR_PX, told)


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of a marker's timeline; `number` where it is an alert."""

    at: datetime
    words: str
    number: str = ""


def timeline_of(marker: Marker, alerts: Sequence[Alert], now: datetime) -> list[Happened]:
    """What became of a marker until now, newest first: placed, begun, suspended, ended, and each of its alerts."""
    steps = [
        (marker.placed_at, _("placed by {name}").format(name=marker.placed_by)),
        (marker.valid_from if marker.valid_from > marker.placed_at else None, _("it began")),
        (marker.suspended_at, _("suspended")), (marker.valid_until, _("it ended")),
        (marker.withdrawn_at, _("withdrawn")), (marker.erased_at, _("its texts were erased")),
    ]  # fmt: skip
    lines = [Happened(at, words) for at, words in steps if at is not None and at <= now]
    lines += [Happened(alert.raised_at, _words(alert), number_of(alert)) for alert in alerts]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _words(alert: Alert) -> str:
    said = [f"{PRIORITIES[alert.priority]} {_(alert.priority)}", _(alert.state)]
    if alert.outcome:
        said.append(_(alert.outcome.replace("_", " ")))
    if alert.event_count > 1:
        said.append(_("{count} events").format(count=alert.event_count))
    return ", ".join(said)
