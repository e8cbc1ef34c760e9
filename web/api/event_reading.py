"""An event while it is read: what is understood and what is not gather, and nothing is refused for a part.

How each kind of field is read, one way for all parts of the body; `event_body.py` says which fields there are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alerts.events import reference_in
from markers.matching.parts import Understood
from markers.matching.values import Numbering, Part, Problem, Role


@dataclass(slots=True)
class Reading:
    """An event while it is read: parts and problems gather here."""

    body: dict[str, Any]
    numbering: Numbering
    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    has_failed: bool = False

    def problem(self, at: str, code: str, detail: str) -> None:
        """Name a part that is kept and not used."""
        self.problems.append(Problem(at, code, detail))

    def add(self, at: str, understand: Callable[[], Understood]) -> None:
        """Take over what is understood of a piece, and what is not; where understanding itself fails, say so."""
        try:
            understood = understand()
        except Exception:  # noqa: BLE001  whatever it is, the event must be kept and a person told
            self.has_failed = True
            self.problem(at, "not_matched", "the service failed on this part; a person was told")
        else:
            self.parts += understood.parts
            self.problems += understood.problems


def pieces_of(reading: Reading, name: str, most: int) -> Sequence[tuple[str, dict[str, Any]]]:
    """The objects of a list, with their paths; what is too many or no object is named and kept."""
    listed = reading.body.get(name)
    if listed is None:
        return []
    if not isinstance(listed, list):
        reading.problem(name, "wrong_kind", "a list is wanted: kept as it was sent, and not matched")
        return []
    pieces = []
    for index, piece in enumerate(listed):
        if index >= most:
            reading.problem(f"{name}[{index}]", "too_many", f"past the {most}th: kept, and not matched")
        elif isinstance(piece, dict):
            pieces.append((f"{name}[{index}]", piece))
        else:
            reading.problem(f"{name}[{index}]", "wrong_kind", "an object is wanted: kept, and not matched")
    return pieces


def name_unknown(reading: Reading, at: str, piece: Mapping[str, Any], known: frozenset[str]) -> None:
    """Say that a piece has fields that are none of ours."""
    if any(name not in known for name in piece):
        reading.problem(at, "unknown_field", "a field here is none that Heed knows: kept as it was sent")


def role_of(reading: Reading, at: str, piece: Mapping[str, Any], allowed: tuple[Role, ...], default: Role) -> Role:
    """The piece's role; one that is missing or none of those `allowed` is the default, and named."""
    role = piece.get("role")
    if isinstance(role, str) and role in allowed:
        return Role(role)
    reading.problem(f"{at}.role", "role_not_understood", f"taken as {default}")
    return default


def number_in(value: Any) -> float | None:
    """A number, also where it was sent as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def flag(reading: Reading, name: str) -> bool:
    """A yes or no; said in another way it counts as yes where it can mean yes, and is named."""
    value = reading.body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    reading.problem(name, "wrong_kind", "true or false is wanted")
    return value == 1 or (isinstance(value, str) and value.strip().casefold() in ("true", "yes", "y", "1"))


def one_of(reading: Reading, name: str, words: Sequence[str]) -> str | None:
    """One of some words, or nothing; anything else is named."""
    value = reading.body.get(name)
    if value is None:
        return None
    if isinstance(value, str) and value in words:
        return value
    reading.problem(name, f"{name}_not_understood", f"one of {', '.join(words)}")
    return None


def text_of(reading: Reading, name: str) -> str | None:
    """A text, or a whole number as one; anything else is named."""
    value = reading.body.get(name)
    text = reference_in(value)
    if text is None and value is not None and not isinstance(value, str):
        reading.problem(name, "wrong_kind", "text is wanted: kept as it was sent, and not used")
    return text


def word_in(reading: Reading, at: str, piece: Mapping[str, Any], name: str, words: Sequence[str]) -> str | None:
    """One of some words in a piece where it must stand; anything else is named."""
    said = piece.get(name)
    if isinstance(said, str) and said in words:
        return said
    reading.problem(f"{at}.{name}", f"{name}_not_understood", f"one of {', '.join(words)}")
    return None
