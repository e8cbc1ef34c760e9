"""A key that many targets share must not bring them all along: of what only such keys find, the likeliest are compared.

Each audience is counted apart, so that what is hidden pushes out nothing that others see.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from access.roles import OPEN_AUDIENCE
from markers.matching.keys import WEAK_KINDS
from markers.matching.weights import CROWD_AT_MOST
from markers.queries import Candidate


def outside_of_crowds(found: Mapping[str, Sequence[Candidate]]) -> tuple[set[UUID], bool]:
    """The targets to be compared, of those found by each key; and whether any of the open audience are left out.

    All that a telling key finds (a number, a UPRN, a postcode with a house number, a cell) are among them.
    """
    shared: Counter[UUID] = Counter()
    certain: set[UUID] = set()
    audiences: dict[UUID, str] = {}
    for key, candidates in found.items():
        for candidate in candidates:
            shared[candidate.target_id] += 1
            audiences[candidate.target_id] = candidate.audience
            if key.partition(":")[0] not in WEAK_KINDS:
                certain.add(candidate.target_id)
    likeliest = sorted(shared.keys() - certain, key=lambda target: (-shared[target], target))
    room = Counter(dict.fromkeys(audiences.values(), CROWD_AT_MOST))
    kept = set(certain)
    for target in likeliest:
        if room[audiences[target]] > 0:
            room[audiences[target]] -= 1
            kept.add(target)
    return kept, any(audiences[target] == OPEN_AUDIENCE for target in shared.keys() - kept)
