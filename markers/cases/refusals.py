"""Why a case or an order is not recorded or changed, in words that an officer can act on."""

from collections.abc import Sequence

from markers.matching.values import Problem


class CaseNotUnderstood(Exception):
    """Parts of a case or an order can't be used; each is named."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = "a part can't be used" if len(problems) == 1 else f"{len(problems)} parts can't be used"
        super().__init__(told)
        self.problems = tuple(problems)


class CaseReferenceTaken(Exception):
    """Another case or order has this reference."""

    def __init__(self, what: str) -> None:
        super().__init__(f"another {what} has this reference")


class ReviewDone(Exception):
    """Somebody has dealt with it already."""

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has done this")
