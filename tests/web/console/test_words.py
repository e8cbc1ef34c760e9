"""Every text of the console stands in its catalogue, and a translation in the catalogue is what a page shows."""

import re
from pathlib import Path

import pytest

from tests.words import FILE, ROOT, gathered, written
from web.console import words
from web.console.script_words import WORDS


def test_the_catalogue_is_complete() -> None:
    assert FILE.read_bytes() == written(), "run `make words`"
    assert len(gathered()) > 300


def test_a_translation_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en_GB.po").write_text('msgid "Queue"\nmsgstr "Ciw"\n')
    monkeypatch.setattr(words, "files", lambda _: tmp_path)
    words._catalogue.cache_clear()
    assert (words.gettext("Queue"), words.gettext("Help")) == ("Ciw", "Help")
    words._catalogue.cache_clear()


def test_scripts_say_nothing_of_their_own() -> None:
    used = set()
    for script in sorted((ROOT / "assets" / "own").glob("*.js")):
        text = script.read_text()
        used |= {name for asked in re.findall(r"\bword\(([^,)]*)", text) for name in re.findall(r'"(\w+)"', asked)}
        assert re.findall(r"(?:textContent|told\(|say\(\"\w+\",) ?=? ?[\"`][A-Z]\w+ ", text) == [], script.name
    assert used == set(WORDS)


OF_ONE_PAGE = {"area.js", "import.js", "plot.js"}
"""Scripts that one kind of page loads: a map that is drawn on, a file that is read, a plot."""


def test_the_consoles_own_scripts_stay_small() -> None:
    """600 lines on every page, 200 more on single ones, of at most 120 characters, blank ones left out: what is longer
    counts as the lines that it would fill.
    """
    scripts = sorted((ROOT / "assets" / "own").glob("*.js"))
    long = {
        script.name: sum(1 + (len(line) - 1) // 120 for line in script.read_text().splitlines() if line.strip())
        for script in scripts
    }
    assert sum(count for name, count in long.items() if name not in OF_ONE_PAGE) <= 600
    assert sum(count for name, count in long.items() if name in OF_ONE_PAGE) <= 200
