"""Why a marker is not placed, amended or moved, in words that an officer can act on."""

from collections.abc import Sequence

from markers.matching.values import Problem
from markers.words import Status


class MarkerNotUnderstood(Exception):
    """Parts of a marker can't be used; each is named."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            "a part of the marker can't be used"
            if len(problems) == 1
            else f"{len(problems)} parts of the marker can't be used"
        )
        self.problems = tuple(problems)


class ReferenceTaken(Exception):
    """Another marker has this reference."""

    def __init__(self) -> None:
        super().__init__("another marker has this reference")


class CircleTooSmall(Exception):
    """Fewer than two would answer a covert marker's alerts."""

    def __init__(self) -> None:
        super().__init__("fewer than two enabled people or tokens answer at this desk: its alerts could go unheard")


class StandingNotAllowed(Exception):
    """The marker's status does not allow this."""

    def __init__(self, status: Status, wanted: str) -> None:
        super().__init__(f"a marker that is {status} can't be {wanted}")
