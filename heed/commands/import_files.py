"""The files of an import: the one that is read, the one of category names, and the one of what was refused."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from heed.commands.ground import private_file
from markers.rows import Fate, Told
from web.bodies.cells import with_apostrophe
from web.bodies.csv_lines import CsvLines, Record
from web.bodies.rows import LEFT_OUT, Header

SHOWN_REFUSALS = 20
"""So many refused rows are shown; all of them stand in the file of refused rows."""


def codec_of(encoding: str) -> str:
    """Python's name of an encoding; of UTF-8 the one that a spreadsheet's mark in front does no harm."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def progress_bar(console: Console) -> Progress:
    """A bar with counts behind it (`told`); none where nobody looks."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"), console=console, disable=not console.is_terminal,
    )  # fmt: skip


def show_refusals(console: Console, shown: Sequence[tuple[int, str]], refused: int) -> None:
    """The first refused lines with their reasons, and how many more there are."""
    table = Table("line", "refused because")
    for line, reason in shown:
        table.add_row(str(line), reason)
    console.print(table)
    if refused > len(shown):
        console.print(f"and {refused - len(shown):,} more")


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
        by = codec_of(encoding)
        try:
            with path.open(encoding=by, newline="") as opened:
                cells = CsvLines(opened).header()
                opened.seek(0)
                lines = sum(1 for _ in opened)
        except UnicodeDecodeError:
            told = "save it as CSV UTF-8, or say --encoding cp1252 (what older spreadsheets write)"
            raise BadFile(f"{path.name} is not {encoding.upper()}: {told}") from None
        except LookupError:
            raise BadFile(f"{encoding}: there is no encoding of this name") from None
        return cls(path, by, Header.read(cells), cells, lines)

    def opened(self) -> IO[str]:
        """The file, from its beginning."""
        return self.path.open(encoding=self.encoding, newline="")


class Keeping:
    """Records on their way, each kept until it is known what became of its line."""

    def __init__(self, records: CsvLines) -> None:
        self._records = records
        self._kept: dict[int, Record] = {}

    @property
    def line_num(self) -> int:
        """Lines of the file read so far."""
        return self._records.line_num

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            if record.problem or any(cell.strip() for cell in record.cells):
                self._kept[record.line] = record
            yield record

    def let_go(self, line: int) -> Record:
        """A line's record, kept no longer."""
        return self._kept.pop(line)


def read_categories(path: Path) -> Mapping[str, str]:
    """A force's own category names, in lower case, and ours: two columns, with or without the header
    `as_written,category`.
    """
    names: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(f"{path.name} is not UTF-8: save it as CSV UTF-8") from None
    for number, cells in enumerate(csv.reader(text.splitlines()), start=1):
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

    @classmethod
    def beside(cls, source: CsvFile, wanted: Path | None) -> "Report":
        """Where refused rows may go without harm: never over the file that is read, nor over one that is there."""
        if wanted is None:
            names = (f"{source.path.stem}.refused{number}.csv" for number in chain([""], map(".{}".format, count(2))))
            wanted = next(path for name in names if not (path := source.path.with_name(name)).exists())
        elif wanted.exists():
            raise BadFile(f"{wanted.name} is there already: rows may have been mended in it; name another file")
        if not (wanted.parent.is_dir() and os.access(wanted.parent, os.W_OK)):
            raise BadFile(f"{wanted.parent}: refused rows can't be written there")
        return cls(wanted, source)

    def take(self, chunk: Sequence[Told], kept: Keeping) -> None:
        """Count a chunk's rows, and write the refused ones down."""
        for told in chunk:
            self.fates[told.fate] += 1
            record = kept.let_go(told.line)
            if told.fate is Fate.REFUSED:
                reason = "; ".join(f"{one.at}: {one.detail}" for one in told.problems)
                self._write_down(record, reason)
                if len(self._shown) < SHOWN_REFUSALS:
                    self._shown.append((told.line, reason))

    def _write_down(self, record: Record, reason: str) -> None:
        """Its cells as they were, also where there are too many or too few: such a row stays refused until mended."""
        names = [cell.strip().lower() for cell in self.source.cells]
        own = [name for name in names if name not in LEFT_OUT]
        if self._handle is None:
            self._handle = private_file(self.path)
            self._writer = csv.writer(self._handle, quoting=csv.QUOTE_ALL)
            self._writer.writerow([*own, *LEFT_OUT])
        if len(record.cells) == len(names):
            said = dict(zip(names, record.cells, strict=True))
            cells = [said[name] for name in own]
        else:
            cells = list(record.cells)
        self._writer.writerow([*map(with_apostrophe, cells), str(record.line), reason])

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
            show_refusals(console, self._shown, self.fates[Fate.REFUSED])
            console.print(f"Mend them in {self.path.name}, and bring that file in again.")
        told = self.counted() or "no rows"
        console.print(f"dry run, nothing was kept: {told}" if dry_run else f"done: {told}")
