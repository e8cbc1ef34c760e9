"""How well matching judges labelled pairs: all their markers stored at once, every event looked up against them.

A pair is a JSON object `{"id", "kind", "marker": {"text", "postcode"}, "event": {"address", "postcode"}, "expect"}`,
one a line; `accept` lists the answers that a careful reader would let pass. Pure: nothing is stored but in memory.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markers.matching.address import understand_address
from markers.matching.compare import compare
from markers.matching.evidence import Level, Match
from markers.matching.keys import asked_keys, stored_keys
from markers.matching.values import Address, Part, Role
from markers.neighbours import Written, are_written_alike

NONE = "none"
LEVELS = (Level.SAME_PREMISES.value, Level.SAME_BUILDING.value, Level.POSSIBLE.value, NONE)
_FOUND = frozenset({Level.SAME_PREMISES.value, Level.SAME_BUILDING.value})
_AT = "locations[0]"


class BadPair(ValueError):
    """A line is no labelled pair; says which, and what is wrong, and repeats nothing of it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")


@dataclass(frozen=True, slots=True)
class Pair:
    """What was stored, what was said, and how it should be judged."""

    id: str
    kind: str
    marker: Written
    event: Written
    expect: str
    accept: frozenset[str]

    @property
    def is_near_miss(self) -> bool:
        """Another premises, or another part of the building: not to be called the same."""
        return self.expect != Level.SAME_PREMISES.value


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with what became of it: its own marker's level and why, and other premises that were called the same.

    Of one premises in two spellings, each is the other's: `others` are those that are written for another door.
    """

    pair: Pair
    level: str
    match: Match | None
    candidates: int
    was_candidate: bool
    others: tuple[Written, ...]

    @property
    def is_right(self) -> bool:
        """Its marker's level is one that the label lets pass."""
        return self.level in self.pair.accept


@dataclass(slots=True)
class Evaluation:
    """All pairs, judged; `seconds` of a core are what understanding, finding and comparing the events took."""

    judged: list[Judged] = field(default_factory=list)
    stored: int = 0
    not_understood: int = 0
    seconds: float = 0.0

    def kinds(self) -> dict[str, list[Judged]]:
        """Kind → its pairs, those with most errors first."""
        by_kind: dict[str, list[Judged]] = defaultdict(list)
        for one in self.judged:
            by_kind[one.pair.kind].append(one)
        return dict(sorted(by_kind.items(), key=lambda item: sum(one.is_right for one in item[1]) / len(item[1])))

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of an address, strongest first, and none."""
        return LEVELS

    @property
    def positives(self) -> list[Judged]:
        """The pairs that are one premises."""
        return [one for one in self.judged if not one.pair.is_near_miss]

    @property
    def near_misses(self) -> list[Judged]:
        """The others."""
        return [one for one in self.judged if one.pair.is_near_miss]

    def share(self, among: Sequence[Judged], levels: Iterable[str]) -> float | None:
        """How many of `among` have one of `levels`; `None` of nothing."""
        wanted = frozenset(levels)
        return sum(one.level in wanted for one in among) / len(among) if among else None

    def figures(self) -> dict[str, float | int | None]:
        """What counts, by name."""
        counted = sorted(one.candidates for one in self.judged)
        return {
            "pairs": len(self.judged),
            "markers stored": self.stored,
            "recall, same premises": self.share(self.positives, {Level.SAME_PREMISES.value}),
            "recall, same premises or building": self.share(self.positives, _FOUND),
            "found as a candidate": _mean([one.was_candidate for one in self.positives]),
            "near-misses judged rightly": _mean([one.is_right for one in self.near_misses]),
            "near-misses called the same premises": sum(one.level == LEVELS[0] for one in self.near_misses),
            "answers that the labels accept": _mean([one.is_right for one in self.judged]),
            "look-ups in which another premises was called the same": sum(bool(one.others) for one in self.judged),
            "candidates a look-up, mean": _mean(counted),
            "candidates a look-up, most": counted[-1] if counted else None,
            "events not understood": self.not_understood,
            "look-ups a second of one core": len(self.judged) / self.seconds if self.seconds else None,
        }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def read_pairs(lines: Iterable[str]) -> Iterator[Pair]:
    """The pairs of a file, without those whose label is open (`unsure`, `disputed`)."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
        except ValueError:
            raise BadPair(number, "this is not JSON") from None
        if not isinstance(body, dict):
            raise BadPair(number, "an object is wanted")
        if body.get("disputed") or body.get("expect") == "unsure":
            continue
        yield _pair(number, body)


def _pair(number: int, body: dict[str, Any]) -> Pair:
    expect = body.get("expect")
    if expect not in LEVELS:
        raise BadPair(number, f"expect: one of {', '.join(LEVELS)} is wanted")
    accept = body.get("accept") or _accepted(expect)
    if not isinstance(accept, list) or not set(accept) <= set(LEVELS):
        raise BadPair(number, f"accept: a list of {', '.join(LEVELS)} is wanted")
    return Pair(
        id=str(body.get("id", number)),
        kind=str(body.get("kind", "pair")),
        marker=_written(number, body, "marker", "text"),
        event=_written(number, body, "event", "address"),
        expect=expect,
        accept=frozenset(accept),
    )


def _accepted(expect: str) -> list[str]:
    """Worth a look is a right answer for what is not the same premises."""
    return [expect] if expect == LEVELS[0] else [expect, Level.POSSIBLE.value]


def _written(number: int, body: dict[str, Any], name: str, text: str) -> Written:
    part = body.get(name)
    if not isinstance(part, dict) or not isinstance(part.get(text), str):
        raise BadPair(number, f"{name}.{text}: text is wanted")
    postcode = part.get("postcode")
    if postcode is not None and not isinstance(postcode, str):
        raise BadPair(number, f"{name}.postcode: text or null is wanted")
    return part[text], postcode or None


class Store:
    """Markers in memory, found by the keys that the database would find them by."""

    def __init__(self, written: Iterable[Written]) -> None:
        self._by_key: dict[str, list[Written]] = defaultdict(list)
        self.values: dict[Written, Address] = {}
        for one in dict.fromkeys(written):
            address = understand_address(*one)
            if isinstance(address, Address):
                self.values[one] = address
                for key in stored_keys(address):
                    self._by_key[key].append(one)

    def candidates(self, address: Address) -> set[Written]:
        """What shares a key with an address."""
        return {one for key in asked_keys(address) for one in self._by_key.get(key, ())}


def evaluate(pairs: Sequence[Pair], beside: Iterable[Written] = (), *, without_postcode: bool = False) -> Evaluation:
    """Judge every pair among the markers of all of them, and those that stand beside."""
    store = Store([*(pair.marker for pair in pairs), *beside])
    done = Evaluation(stored=len(store.values))
    began = time.process_time()
    for pair in pairs:
        text, postcode = pair.event
        address = understand_address(text, None if without_postcode else postcode)
        if isinstance(address, Address):
            done.judged.append(_judge(pair, address, store))
        else:
            done.not_understood += 1
            done.judged.append(Judged(pair, NONE, None, 0, was_candidate=False, others=()))
    done.seconds = time.process_time() - began
    return done


def _judge(pair: Pair, address: Address, store: Store) -> Judged:
    part = Part(_AT, Role.INCIDENT, address)
    candidates = store.candidates(address)
    matches = {one: compare(store.values[one], part) for one in candidates}
    mine = matches.get(pair.marker)
    called = [
        one for one, match in matches.items()
        if one != pair.marker and match is not None and match.level is Level.SAME_PREMISES
    ]  # fmt: skip
    own = store.values.get(pair.marker) if not pair.is_near_miss else None
    others = tuple(
        one for one in called
        if not any(are_written_alike(store.values[one], same) for same in (address, own) if same)
    )  # fmt: skip
    level = mine.level.value if mine else NONE
    return Judged(pair, level, mine, len(candidates), pair.marker in candidates, others)
