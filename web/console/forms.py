"""Forms as a browser sends them: plain fields, within bounds, each once unless it is a list."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request

from markers.matching.values import Problem
from web.body import is_unwritable, read_bytes
from web.errors import BadBody

TYPE = "application/x-www-form-urlencoded"
LIMIT = 256 * 1024
MOST_FIELDS = 600


class Form(Mapping[str, str]):
    """The fields of a form, trimmed; one that is not there is empty."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._lists: dict[str, list[str]] = {}
        for name, value in pairs:
            self._lists.setdefault(name, []).append(value.replace("\r\n", "\n").strip())

    def __getitem__(self, name: str) -> str:
        return self._lists[name][-1] if name in self._lists else ""

    def __iter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204  of a mapping of texts
        return iter(self._lists)

    def __contains__(self, name: object) -> bool:
        return name in self._lists

    def __len__(self) -> int:
        return len(self._lists)

    def all(self, name: str) -> list[str]:
        """Every value of a field that may stand several times."""
        return self._lists.get(name, [])


async def read_form(request: Request) -> Form:
    """The form, or `BadBody`."""
    data = await read_bytes(request, (TYPE,), LIMIT)
    try:
        pairs = parse_qsl(data.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise BadBody([Problem("body", "not_a_form", "this is no form in UTF-8")]) from None
    if any(is_unwritable(text) for pair in pairs for text in pair):
        raise BadBody([Problem("body", "unwritable_text", "a NUL or a lone surrogate stands in it")])
    return Form(pairs)


def whole(text: str, most: int) -> int | None:
    """A whole number from 0 to `most` as it stands in a form; nothing else is one (`²` is a digit to Python)."""
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) and int(text) <= most else None


KEY = r"^(\d{4}-\d\d-\d\dT[\d:.+]+ [0-9a-f-]{36})?$"
"""The key of a list's last row as it stands in an address: a moment and an id."""


def key_in(text: str) -> list[str] | None:
    """The key behind which a page begins; one that is none begins at the first."""
    moment, _space, row_id = text.partition(" ")
    try:
        return [datetime.fromisoformat(moment).astimezone(UTC).isoformat(), str(UUID(row_id))]
    except (ValueError, OverflowError):
        return None


EARLIEST_YEAR = 1900
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def day_in(text: str) -> date | None:
    """A day as people here write it: 1 12 2026, 01/12/2026, 1 December 2026, 2026-12-01; the day before the month."""
    parts = [part for part in re.split(r"[\s./-]+", text.strip().lower()) if part]
    try:
        first, month, last = parts
        if month[:3] in _MONTHS and month.isalpha():
            month = str(_MONTHS.index(month[:3]) + 1)
        numbers = [int(part) for part in (first, month, last) if re.fullmatch(r"\d{1,4}", part, re.ASCII)]
        year, of_year, day = numbers if len(first) == len("2026") else reversed(numbers)
        return date(year, of_year, day) if year >= EARLIEST_YEAR else None
    except ValueError:
        return None
