"""What a marker is to say, before it is one; and who places it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from access.roles import Caller
from db.ids import Ids
from markers.matcher import Reading
from markers.targets import Given
from markers.words import CallBack, Grade, Risk, Sensitivity, SubjectRole, TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The response that a marker requires."""

    grade: Grade | None = None
    call_back: CallBack | None = None
    code_word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGiven:
    """A target as it was given: its kind, and its own object of the contract."""

    kind: TargetKind
    given: Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that a marker says, before it is one. `category_as_written` is the force's own name for the category."""

    category: str
    risk: Risk
    instruction: str
    targets: Sequence[TargetGiven]
    sensitivity: Sensitivity = Sensitivity.OPEN
    subject_role: SubjectRole = SubjectRole.OTHER
    category_as_written: str | None = None
    reference: str | None = None
    narrative: str | None = None
    queue: str | None = None
    case: str | None = None
    response: Response = Response()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    review_due: datetime | None = None
    provisional: bool = False


PROVISIONAL_FOR = timedelta(days=45)
"""How long a marker that somebody of the room placed stands without an officer's word, unless a setting says else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who places, at what moment, with which ids, and how things are read."""

    caller: Caller
    now: datetime
    ids: Ids
    reading: Reading
    provisional_for: timedelta = PROVISIONAL_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """New dates for a renewal; without them, as long again as before."""

    valid_until: datetime | None = None
    review_due: datetime | None = None
    review_in: timedelta = timedelta(days=90)
