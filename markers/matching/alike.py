"""Are two words one, allowing for a slip of the hand or of the ear?"""

from collections.abc import Collection, Iterable

from rapidfuzz.distance import DamerauLevenshtein

from markers.matching.soundex import soundex
from markers.matching.weights import LONG_TYPO, SHORTEST_TYPO


def alike(word: str, other: str) -> bool:
    """The same word, allowing for a slip of the hand in a longer one, or for words that sound the same."""
    if word == other:
        return True
    shorter = min(len(word), len(other))
    if {word, other} == {f"{word}S", word} or {word, other} == {f"{other}S", other}:
        return False  # Hill Road and Hills Road are two
    if len(word) != len(other) and shorter == SHORTEST_TYPO - 1 and word[0] == other[0]:
        # A letter left out of a longer word; exchanged, it would make another one of the same length.
        return not (word + other).isdigit() and slips(word, other) <= 1
    if shorter < SHORTEST_TYPO or word.isdigit() or other.isdigit():
        return False
    if slips(word, other) <= (2 if shorter >= LONG_TYPO else 1):
        return True
    return soundex(word) == soundex(other) and slips(word, other) <= 3


def slips(word: str, other: str) -> int:
    """Letters left out, put in, exchanged or turned round; more than three are four."""
    return DamerauLevenshtein.distance(word, other, score_cutoff=3)


def shared_by(ours: Iterable[str], theirs: Collection[str]) -> str | None:
    """The first word of ours that theirs have too."""
    return next((word for word in sorted(ours) if any(alike(word, other) for other in theirs)), None)
