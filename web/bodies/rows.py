"""A file of markers: its columns, and its lines as rows that the register can be brought to."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markers.matching.values import Problem
from markers.rows import KINDS, Fate, Row, Told
from web.bodies.cells import DATES, LONG, PLAIN, RESPONSE, targets_in, without_apostrophe
from web.bodies.csv_lines import Record
from web.bodies.markers import MarkerBody
from web.body import parse_object, validated
from web.errors import BadBody, BadHeader

COLUMNS = tuple(
    """
    reference category subject_role risk sensitivity instruction narrative phones address postcode uprn latitude
    longitude radius_m case queue valid_from valid_until review_due
    """.split()
)
"""The columns of the contract, in the order in which they are written."""
MORE = ("category_as_written", "response_grade", "response_call_back", "response_code_word", "more_targets", "status")
"""Columns of ours that may follow: so that what is written can be read again without loss."""
LEFT_OUT = ("line", "reason")
"""Columns of a file of refused rows: they may stay when it is mended and read again."""
REQUIRED = ("reference", "category", "risk", "instruction")
TARGETS = ("phones", "address", "postcode", "uprn", "latitude", "more_targets")
"""One of these at least: a marker without a target is none."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, in its own order."""

    names: Sequence[str]

    @classmethod
    def read(cls, cells: Sequence[str]) -> "Header":
        """The first line's cells, or `BadHeader` that says what is wrong and what is wanted."""
        names = tuple(cell.strip().lower() for cell in cells)
        known = {*COLUMNS, *MORE, *LEFT_OUT}
        # What stands in a cell may be anything, a number included, where the header itself was forgotten.
        unknown = [str(place + 1) for place, name in enumerate(names) if name not in known]
        if unknown:
            raise BadHeader(f"the header's column {', '.join(unknown)} is none that Heed knows", COLUMNS)
        if len(set(names)) != len(names):
            raise BadHeader("a column stands twice in the header", COLUMNS)
        missing = [name for name in REQUIRED if name not in names]
        if missing:
            raise BadHeader(f"the header lacks {', '.join(missing)}", COLUMNS)
        if not set(names) & set(TARGETS):
            raise BadHeader("no column of the header says where the marker is to fire (phones, address, …)", COLUMNS)
        return cls(names)


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read: `categories` maps a force's own names, in lower case, to the ones used here."""

    categories: Mapping[str, str] = field(default_factory=dict)


def csv_rows(header: Header, records: Iterable[Record], reading: Reading) -> Iterator[Row | Told]:
    """The rows behind a header; a line that can't be read is told as refused, and the next one is read."""
    for record in records:
        if record.problem:
            yield _refused(record.line, [record.problem])
        elif any(cell.strip() for cell in record.cells):
            cells = dict(zip(header.names, map(without_apostrophe, record.cells), strict=True))
            yield row_of(record.line, cells, reading)


def ndjson_rows(lines: Iterable[bytes], reading: Reading) -> Iterator[Row | Told]:
    """Markers as the API takes them, one a line; what a line does not name stays as it is."""
    for line, data in enumerate(lines, start=1):
        if not data.strip():
            continue
        try:
            given = parse_object(data)
            body = validated(MarkerBody, _with_category(given, reading))
        except BadBody as error:
            yield _refused(line, error.problems)
            continue
        if body.reference is None:
            yield _refused(line, [_NO_REFERENCE])
            continue
        draft = body.draft()
        speaks_of = {name for name in given if name != "targets"}
        if draft.category_as_written is not None:
            speaks_of.add("category_as_written")
        speaks_of |= {f"response.{name}" for name in RESPONSE if "response" in given}
        places = [f"targets[{index}]" for index in range(len(draft.targets))]
        yield Row(line=line, draft=draft, speaks_of=frozenset(speaks_of), kinds=KINDS, places=places)


_NO_REFERENCE = Problem(
    "reference", "required", "without a reference the row could not be known again, and would double"
)


def row_of(line: int, cells: Mapping[str, str], reading: Reading) -> Row | Told:
    """One line's cells as a row, or what is wrong with them, by column."""
    said = {name: text if name in LONG else text.strip() for name, text in cells.items() if text.strip()}
    if not said.get("reference"):
        return _refused(line, [_NO_REFERENCE])
    try:
        targets, places = targets_in(said)
        if not targets:
            told = "nothing says where the marker is to fire (phones, address, …)"
            return _refused(line, [Problem("phones", "required", told)])
        given: dict[str, Any] = {name: said[name] for name in PLAIN if said.get(name)}
        given |= {name: _moment(name, said[name]) for name in DATES if said.get(name)}
        response = {name: said[f"response_{name}"] for name in RESPONSE if said.get(f"response_{name}")}
        given |= {"response": response} if response else {}
        given |= {"category_as_written": said["category_as_written"]} if said.get("category_as_written") else {}
        body = validated(MarkerBody, _with_category(given | {"targets": targets}, reading))
    except BadBody as error:
        return _refused(line, [_by_column(problem, locals().get("places", ())) for problem in error.problems])
    draft = body.draft()
    return Row(
        line=line, draft=draft, speaks_of=_speaks_of(cells, draft.category_as_written), kinds=_kinds(cells),
        places=places, status=said.get("status") or None,
    )  # fmt: skip


def _with_category(given: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """The category by our name, and the force's own kept beside it where they differ."""
    written = given.get("category")
    ours = reading.categories.get(written.strip().casefold()) if isinstance(written, str) else None
    return given | {"category": ours, "category_as_written": written} if ours and ours != written else given


def _speaks_of(cells: Mapping[str, str], as_written: str | None) -> frozenset[str]:
    named = {name for name in (*PLAIN, *DATES) if name in cells}
    if "category_as_written" in cells or as_written is not None:
        named.add("category_as_written")
    parts = {f"response.{name}" for name in RESPONSE if f"response_{name}" in cells}
    return frozenset(named | parts | ({"response"} if parts else set()))


def _kinds(cells: Mapping[str, str]) -> frozenset[str]:
    kinds = {"phone"} if "phones" in cells else set()
    kinds |= {"address"} if {"address", "postcode", "uprn"} & set(cells) else set()
    kinds |= {"circle"} if "radius_m" in cells else set()
    return KINDS if "more_targets" in cells else frozenset(kinds)


def _moment(column: str, text: str) -> str:
    """A day alone counts from its beginning, and until its end, in UTC."""
    if not _DAY.fullmatch(text):
        return text
    return f"{text}T23:59:59Z" if column == "valid_until" else f"{text}T00:00:00Z"


def _by_column(problem: Problem, places: Sequence[str]) -> Problem:
    at = problem.at
    if at.startswith("targets["):
        index = int(at[len("targets[") :].partition("]")[0])
        at = places[index] if index < len(places) else "more_targets"
    elif at.startswith("response."):
        at = at.replace(".", "_")
    return Problem(at, problem.code, problem.detail)


def _refused(line: int, problems: Sequence[Problem]) -> Told:
    return Told(line=line, fate=Fate.REFUSED, problems=problems)
