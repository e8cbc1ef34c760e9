"""`make words`: gather every text of the console into its catalogue, with the translations that it has.

Texts stand in templates and rooms as `_("…")`, and in tables that are looked up by a word.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from alerts.rules import patterns
from web.console import (
    alert,
    amend,
    bearing,
    choices,
    look_up,
    marker,
    moves,
    plainly,
    register,
    reviews,
    rows,
    script_words,
    trail,
)
from web.console.words import LANGUAGE
from web.problems import ANSWERS

ROOT = Path(__file__).parents[1] / "web" / "console"
FILE = ROOT / "words" / f"{LANGUAGE}.po"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]


def from_tables() -> Iterator[str]:
    """Texts of tables."""
    for table in (
        alert.KINDS, bearing.RESULTS, patterns.DAYS_TOLD, alert.PRIORITIES, alert.CHANGES, alert.AGAIN, moves.SAID, moves.NEEDS_WORDS, plainly.ADVICE, rows.GRADES,
        rows.CALL_BACKS, look_up.LEVELS, look_up.KINDS, script_words.WORDS, reviews.KINDS, trail.OPERATIONS, register.STATUSES, amend.SAYS,
    ):  # fmt: skip
        yield from table.values()
    for _, words in choices.ACTIONS.values():
        yield words
    for _, words in (*alert.SHELF_FOR, *alert.FOLLOW_UP, *marker.LASTS):
        yield words
    yield moves.WAITS
    for answer in ANSWERS.values():
        yield answer.title


def gathered() -> Catalog:
    """The catalogue as it has to be: every text, with what the file has for it."""
    catalogue = Catalog(locale=LANGUAGE, project="Heed", copyright_holder="the Heed developers", fuzzy=False)
    for _, _, text, _, _ in extract_from_dir(str(ROOT), METHODS):
        catalogue.add(text)
    for text in from_tables():
        catalogue.add(text)
    with FILE.open("rb") as opened:
        known = read_po(opened, locale=LANGUAGE)
    for message in catalogue:
        has = known.get(message.id) if message.id else None
        if has is not None and has.string:
            message.string = has.string
    return catalogue


def written() -> bytes:
    """As it stands in the file: no dates, no places, in the order of the texts."""
    out = BytesIO()
    write_po(out, gathered(), width=120, no_location=True, omit_header=True, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n"Project-Id-Version: Heed\\n"\n'
        f'"Language: {LANGUAGE}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header.encode() + out.getvalue()


if __name__ == "__main__":
    FILE.write_bytes(written())
