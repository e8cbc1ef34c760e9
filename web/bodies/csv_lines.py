"""Reading CSV line by line so that one broken line harms no other.

A quote that is never closed would take all lines behind it into one cell: a record that can't be read is given up after
its first line, and reading goes on with the next.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markers.matching.values import Problem

LONGEST_CELL = 100_000
"""Characters; a cell that never ends is one with a quote too many."""
csv.field_size_limit(LONGEST_CELL)

_NOT_CSV = Problem("row", "not_csv", "this line is not CSV: a quote too many or too few, or a control character")


@dataclass(frozen=True, slots=True)
class Record:
    """A line, or several where a cell holds line breaks. With a `problem`, `cells` are what could be told apart."""

    line: int
    cells: Sequence[str]
    problem: Problem | None = None


class CsvLines:
    """The records of a file. `line_num` is how many lines were read, `width` how many cells a record has to have."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()
        self.line_num = 0
        self.width: int | None = None

    def header(self) -> Sequence[str]:
        """The first record's cells; every other one has to have as many."""
        first = next(self, None)
        cells = first.cells if first and not first.problem else ()
        self.width = len(cells)
        return cells

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        taken: list[str] = []
        line = self.line_num + 1
        try:
            cells = next(csv.reader(self._feed(taken), strict=True))
        except StopIteration:
            if not taken:
                raise
            cells = []
        except csv.Error:
            return self._given_up(line, taken, _NOT_CSV)
        if any(cell.strip() for cell in cells) and self.width is not None and len(cells) != self.width:
            told = f"{len(cells)} cells where the header has {self.width}: is a comma or a quote missing?"
            problem = Problem("row", "wrong_number_of_cells", told)
            if len(taken) > 1:
                return self._given_up(line, taken, problem)
            return Record(line, cells, problem)
        return Record(line, cells)

    def _feed(self, taken: list[str]) -> Iterator[str]:
        while True:
            text = self._ahead.popleft() if self._ahead else next(self._lines, None)
            if text is None:
                return
            self.line_num += 1
            taken.append(text)
            yield text

    def _given_up(self, line: int, taken: Sequence[str], problem: Problem) -> Record:
        """Only its first line: what the rest says is read anew."""
        self._ahead.extendleft(reversed(taken[1:]))
        self.line_num -= len(taken) - 1
        return Record(line, [taken[0].rstrip("\r\n")], problem)
