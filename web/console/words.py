"""The console's words: every text goes through a catalogue (`words/en_GB.po`), so that Welsh can follow; and times.

Times are shown in the force's own zone and kept in UTC. In the hour that comes twice, which of the two is said.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po

import web.console

LANGUAGE = "en_GB"


@cache
def _catalogue(language: str) -> dict[str, str]:
    file = files(web.console) / "words" / f"{language}.po"
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=language)
    return {
        message.id: message.string for message in catalogue
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string
    }  # fmt: skip


def gettext(text: str) -> str:
    """A text in the console's language: as it stands where the catalogue has no other."""
    return _catalogue(LANGUAGE).get(text, text)


def sentence(text: str) -> str:
    """A text that begins as a sentence does, and is left alone behind that."""
    return text[:1].upper() + text[1:]


@cache
def times_in(zone: ZoneInfo) -> dict[str, Callable[[Any], str]]:
    """Moments as text: `hour` (10:15), `moment` (24 Nov 2026, 10:15), `day` (24 November 2026; also of a date)."""

    def written(at: datetime, pattern: str) -> str:
        told = format_datetime(at, pattern, tzinfo=zone, locale=LANGUAGE)
        return f"{told} {at.astimezone(zone).tzname()}" if comes_twice(at, zone) else told

    return {
        "hour": lambda at: written(at, "HH:mm"),
        "exactly": lambda at: written(at, "d MMM yyyy, HH:mm:ss"),
        "moment": lambda at: written(at, "d MMM yyyy, HH:mm"),
        "day": lambda at: (
            format_datetime(at, "d MMMM yyyy", tzinfo=zone, locale=LANGUAGE)
            if isinstance(at, datetime)
            else format_date(date.fromisoformat(str(at)), "d MMMM yyyy", locale=LANGUAGE)
        ),
        "utc": lambda at: at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def comes_twice(at: datetime, zone: ZoneInfo) -> bool:
    """Is this clock reading one of the two of the night on which clocks go back?"""
    local = at.astimezone(zone)
    reading = local.replace(tzinfo=None, fold=0)
    hour = timedelta(hours=1)
    return any((at + step).astimezone(zone).replace(tzinfo=None, fold=0) == reading for step in (hour, -hour))
