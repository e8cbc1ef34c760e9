"""The page of what was measured: a head, and a part for each section, which can be measured anew by itself."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"
HEAD = """# Performance

Written by `make bench`. Ratios within one run count, not absolute figures: machines are shared, and the client takes
its part of them. {cores} cores, Python {python}.
"""
_PART = re.compile(r"<!-- (\w+) -->\n(.*?)(?=\n<!-- \w+ -->\n|\Z)", re.DOTALL)


def parts_of(page: str) -> dict[str, str]:
    """Section → what the page says of it."""
    return {found.group(1): found.group(2) for found in _PART.finditer(page)}


def put_together(head: str, parts: Mapping[str, str]) -> str:
    """The whole page."""
    return "\n".join([head, *(f"<!-- {name} -->\n{text}" for name, text in parts.items())])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])
