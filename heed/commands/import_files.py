"""The files of an import: the one that is read, the one of category names, and the one of what was refused."""

import csv
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.table import Table

from markers.rows import Fate, Told
from web.api.marker_cells import with_apostrophe
from web.api.marker_rows import LEFT_OUT, LONGEST_CELL, Header, Lines

SHOWN_REFUSALS = 20
"""So many refused rows are shown; all of them stand in the file of refused rows."""


class BadFile(ValueError):
    """The file can't be read as it is; nothing of it was brought in."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that was read once from end to end: all of it can be decoded, and its lines are counted."""

    path: Path
    encoding: str
    header: Header
    cells: Sequence[str]
    lines: int

    @classmethod
    def of(cls, path: Path, encoding: str) -> "CsvFile":
        """The file, if its encoding and its header are as they must be."""
        csv.field_size_limit(LONGEST_CELL)
        by = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        try:
            with path.open(encoding=by, newline="") as opened:
                cells = next(csv.reader(opened, strict=True), [])
                lines = 1 + sum(1 for _ in opened)
        except UnicodeDecodeError:
            told = "save it as CSV UTF-8, or say --encoding cp1252 (what older spreadsheets write)"
            raise BadFile(f"{path.name} is not {encoding.upper()}: {told}") from None
        except LookupError:
            raise BadFile(f"{encoding}: there is no encoding of this name") from None
        except csv.Error:
            raise BadFile(f"{path.name}: its first line is not CSV") from None
        return cls(path, by, Header.read(cells), cells, lines)

    def opened(self) -> IO[str]:
        """The file, from its beginning."""
        return self.path.open(encoding=self.encoding, newline="")


class Keeping:
    """A reader that keeps each line's cells until it is known what became of the line."""

    def __init__(self, reader: Lines) -> None:
        self._reader = reader
        self._kept: dict[int, list[str]] = {}

    @property
    def line_num(self) -> int:
        """Lines of the file read so far."""
        return self._reader.line_num

    def __next__(self) -> list[str]:
        line = self.line_num + 1
        cells = next(self._reader)
        self._kept[line] = cells
        return cells

    def let_go(self, line: int) -> list[str]:
        """A line's cells, kept no longer; none where the line was not CSV."""
        return self._kept.pop(line, [])


def read_categories(path: Path) -> Mapping[str, str]:
    """A force's own category names, in lower case, and ours: two columns, with or without the header
    `as_written,category`.
    """
    names: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as opened:
        for number, cells in enumerate(csv.reader(opened), start=1):
            said = [cell.strip() for cell in cells]
            if not any(said) or [cell.lower() for cell in said] == ["as_written", "category"]:
                continue
            if len(said) != 2 or not all(said):
                raise BadFile(f"{path.name}, line {number}: two cells are wanted: a name as it is written, and ours")
            names[said[0].casefold()] = said[1]
    return names


@dataclass(slots=True)
class Report:
    """What became of the rows; the refused ones go to `path` as they were, with their line and the reason."""

    path: Path
    source: CsvFile
    fates: Counter[Fate] = field(default_factory=Counter)
    _shown: list[tuple[int, str]] = field(default_factory=list)
    _handle: IO[str] | None = None
    _writer: Any = None

    def take(self, chunk: Sequence[Told], kept: Keeping) -> None:
        """Count a chunk's rows, and write the refused ones down."""
        for told in chunk:
            self.fates[told.fate] += 1
            cells = kept.let_go(told.line)
            if told.fate is Fate.REFUSED:
                reason = "; ".join(f"{one.at}: {one.detail}" for one in told.problems)
                self._write_down(told.line, cells, reason)
                if len(self._shown) < SHOWN_REFUSALS:
                    self._shown.append((told.line, reason))

    def _write_down(self, line: int, cells: Sequence[str], reason: str) -> None:
        names = [cell.strip().lower() for cell in self.source.cells]
        if self._handle is None:
            # Only its owner reads it: it holds numbers and addresses in plain.
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._handle = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._handle, quoting=csv.QUOTE_ALL)
            self._writer.writerow([*(name for name in names if name not in LEFT_OUT), *LEFT_OUT])
        said = dict(zip(names, cells, strict=False))
        own = [said.get(name, "") for name in names if name not in LEFT_OUT]
        self._writer.writerow([*map(with_apostrophe, own), str(line), reason])

    def counted(self) -> str:
        """The counts so far, in a line."""
        return " · ".join(f"{self.fates[fate]} {fate}" for fate in Fate if self.fates[fate])

    def close(self) -> None:
        """What was refused is written out."""
        if self._handle:
            self._handle.close()

    def show(self, console: Console, *, dry_run: bool) -> None:
        """Tell it to whoever ran the command."""
        if self._shown:
            table = Table("line", "refused because")
            for line, reason in self._shown:
                table.add_row(str(line), reason)
            console.print(table)
            if self.fates[Fate.REFUSED] > len(self._shown):
                console.print(f"and {self.fates[Fate.REFUSED] - len(self._shown)} more")
            console.print(f"Mend them in {self.path.name}, and bring that file in again.")
        told = self.counted() or "no rows"
        console.print(f"dry run, nothing was kept: {told}" if dry_run else f"done: {told}")
