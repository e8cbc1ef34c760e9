"""The page of what was measured."""

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"
HEAD = """# Performance

Written by `make bench`. Ratios within one run count, not absolute figures: machines are shared, and the client takes
its part of them. {cores} cores, Python {python}.
"""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])
