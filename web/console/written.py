"""What came of a form that records or amends: done, wrong at a field, or overtaken by somebody else.

A form remembers what each of its fields said when it was opened. So it is known, when somebody else was faster, what
was really written in it: a field that was left alone takes what stands now, and what the other added stays.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from web.console.forms import Form
from web.console.words import gettext as _

OPENED = "opened"
"""The hidden field that says what a form's fields said when it was opened: short digests, by their names."""
OVERTAKEN = "overtaken"
_BLOCK = re.compile(r"([a-z])(\d{1,2})_(\w+)")
"""A field of one of several people or conditions: whose list, which place in it, and what."""
_DIGITS = 12
Stands = Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Came:
    """The id of what was written, or what is wrong with which field; what `stands` now beside what was written, and the
    form as it is shown again, where somebody else was faster.
    """

    found: str = ""
    wrong: Mapping[str, str] | None = None
    status: int = 422
    stands: Stands = ()
    merged: Mapping[str, str] = field(default_factory=dict)


NOT_YET = Came(wrong={}, status=200)
"""Nothing was to be written: the form is shown once more, with more room in it."""


def opened_with(now: Mapping[str, str]) -> str:
    """What the form remembers of what stands as it is opened."""
    return json.dumps({name: _digest(value) for name, value in now.items()}, separators=(",", ":"))


def _digest(value: str) -> str:
    return hashlib.sha256(value.strip().encode()).hexdigest()[:_DIGITS]


def _remembered(text: str) -> dict[str, str]:
    try:
        known = json.loads(text)
    except ValueError:
        return {}
    return {str(name): str(digest) for name, digest in known.items()} if isinstance(known, dict) else {}


def overtaken(now: Mapping[str, str], form: Form, told: Callable[[str], str]) -> Came:
    """Somebody has changed it since the form was opened: each field that says something else now, by its name as
    `told`, with what was written in it, and nothing where it was left alone.
    """
    merged, written = merge(now, form)
    was = _remembered(form[OPENED])
    stands = [
        (told(name), now.get(name, ""), merged[name] if name in written else "")
        for name in dict.fromkeys([*now, *written])
        if not name.endswith("_stood") and (was.get(name, _digest("")) != _digest(now.get(name, "")) or name in written)
        and now.get(name, "") != (merged[name] if name in written else None)
    ]  # fmt: skip
    wrong = {OVERTAKEN: _("Somebody has changed it since you opened it")}
    return Came(wrong=wrong, status=409, stands=stands, merged=merged)


def merge(now: Mapping[str, str], form: Form) -> tuple[dict[str, str], set[str]]:
    """The form with what was written in it over what stands now; and the names of the fields that were written in.

    Somebody who was added where the other has added somebody, too, moves to a place of their own.
    """
    was = _remembered(form[OPENED])
    given = {name: value for name, value in form.items() if name not in (OPENED, "seen", "act")}
    written = {name for name, value in given.items() if _digest(value) != was.get(name, _digest(""))}
    moved = dict(_moves(now, was, written))
    merged, names = dict(now), set()
    for name, value in given.items():
        own = _moved(name, moved)
        if name in written:
            merged[own] = value
            names.add(own)
        elif own not in merged:
            merged[own] = value
    return merged, names


def _moves(now: Mapping[str, str], was: Mapping[str, str], written: set[str]) -> Iterator[tuple[str, str]]:
    """Places that both have filled since: the one of the form, and a free one for it."""
    taken = {block[0] for block in map(_block, [*now, *written]) if block}
    added = {block[0] for block in map(_block, now) if block} - {block[0] for block in map(_block, was) if block}
    for place in sorted(added & {block[0] for block in map(_block, written) if block}):
        free = next(f"{place[0]}{n}_" for n in range(100) if f"{place[0]}{n}_" not in taken)
        taken.add(free)
        yield place, free


def _block(name: str) -> tuple[str, str] | None:
    found = _BLOCK.fullmatch(name)
    return (f"{found[1]}{found[2]}_", found[3]) if found else None


def _moved(name: str, moved: Mapping[str, str]) -> str:
    block = _block(name)
    return moved[block[0]] + block[1] if block and block[0] in moved else name
