"""What came of a form that records or amends: done, wrong at a field, or overtaken by somebody else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from web.console.forms import Form
from web.console.words import gettext as _


@dataclass(frozen=True, slots=True)
class Came:
    """The id of what was written, or what is wrong with which field; what `stands` now beside what was written."""

    found: str = ""
    wrong: Mapping[str, str] | None = None
    status: int = 422
    stands: Sequence[tuple[str, str, str]] = ()


NOT_YET = Came(wrong={}, status=200)
"""Nothing was to be written: the form is shown once more, with more room in it."""


def overtaken(now: Mapping[str, str], form: Form, told: Callable[[str], str]) -> Came:
    """Somebody has changed it since the form was opened: each field that says something else, by its name as `told`."""
    stands = [(told(field), said, form[field]) for field, said in now.items()
              if said != form[field] and not field.endswith("_stood")]  # fmt: skip
    return Came(wrong={"changed": _("Somebody has changed it since you opened it")}, status=409, stands=stands)
