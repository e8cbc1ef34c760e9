"""How well a target and a part agree, and the sentences that say why."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How surely a match is meant; in the order of the contract, strongest first."""

    EXACT_NUMBER = "exact_number"
    EXACT_IDENTIFIER = "exact_identifier"
    IN_RANGE = "in_range"
    SAME_PREMISES = "same_premises"
    INSIDE = "inside"
    SAME_BUILDING = "same_building"
    MAY_BE_INSIDE = "may_be_inside"
    POSSIBLE = "possible"
    NEAR = "near"


STRENGTH = {level: len(Level) - rank for rank, level in enumerate(Level)}
"""Level → a number that grows with it; a stronger level wins over a better score."""

CERTAIN = frozenset({Level.EXACT_NUMBER, Level.EXACT_IDENTIFIER, Level.IN_RANGE, Level.SAME_PREMISES, Level.INSIDE})
"""Levels that leave no doubt what is meant (`same_building` too, where the caller gave no unit)."""


IN_GENERAL = {
    Level.EXACT_NUMBER: "the number is marked",
    Level.EXACT_IDENTIFIER: "this very thing is marked",
    Level.IN_RANGE: "the number is one of several that are marked",
    Level.SAME_PREMISES: "the premises are marked",
    Level.INSIDE: "the position is inside what is marked",
    Level.SAME_BUILDING: "the building is marked, or another part of it",
    Level.MAY_BE_INSIDE: "the position may be inside what is marked",
    Level.POSSIBLE: "what is marked may be meant: it is not certain",
    Level.NEAR: "the position is near what is marked",
}
"""What a level says to somebody who may not see what was marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A target and a part of an event agree.

    `score` is 0 to 1 and ranks within a level only. `raises` is false for what stands on alerts of its happening but
    raises none itself. `certain` and `telling` are facts that priorities rest on: `telling` means certain, and in a
    role that counts (a number as caller; a place as caller's or incident's).
    """

    level: Level
    score: float
    evidence: tuple[str, ...]
    raises: bool = True
    certain: bool = False
    telling: bool = False

    @property
    def rank(self) -> tuple[int, bool, float]:
        """Sorts matches: the strongest is the greatest."""
        return (STRENGTH[self.level], self.telling, self.score)
