"""Which markers do these parts mean? Keys → one question → compare.

Matching is always over everything: every force, desk and audience, whoever asks. Only what people read is scoped.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from db.keyring import Use
from db.sealed import Place, SealBroken, keys_of, unopened_in, unseal
from markers.crowds import outside_of_crowds
from markers.gazetteer import known_parts, read_known, spelt_out
from markers.matching.compare import compare, of_key_alone
from markers.matching.evidence import Match
from markers.matching.keys import FAINT, asked_keys, faint_keys
from markers.matching.values import Address, Numbering, Part, TargetValue
from markers.matching.weights import NEAR_M
from markers.queries import FAINT_AT_MOST, Candidate, candidates_for, faint_candidates_for
from markers.targets import target_value


class Counting(Protocol):
    """Who counts what matching finds; of closed circles it is told nothing."""

    def looked_up(self, candidates: int, *, capped: bool) -> None:
        """One question was answered from so many candidates; `capped`: there were more than are looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How things are read here: the numbering plan, how far `near` reaches in metres, and who counts."""

    numbering: Numbering = field(default_factory=Numbering)
    near_m: float = NEAR_M
    counting: Counting | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for, and when: a marker fires when its dates hold at either of `moments`."""

    parts: Sequence[Part]
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A target that an event or a lookup means; `part` is the place of the part that says so among those asked."""

    candidate: Candidate
    match: Match
    part: int


class NotMatched(Exception):
    """Matching itself failed on this event; what was being compared stays out of the words."""


@dataclass(slots=True)
class _Keys:
    """The keys of one question: key → the places of the parts that have it; what is vague is asked for apart."""

    asked: dict[str, list[int]] = field(default_factory=dict)
    faint: set[str] = field(default_factory=set)
    vague: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A question with its keys (or that finding them failed), and the keys by their digests."""

    asked: Asked
    keys: _Keys | NotMatched
    digests: Mapping[bytes, str]

    @property
    def packed(self) -> bytes | None:
        """The beginnings of its digests in one row of bytes, to be looked back at; `None` where it has none."""
        return b"".join(sorted(digest[:PACKED_BYTES] for digest in self.digests)) or None


LAPSED_AT_MOST = 50
"""So many pairs with markers that have lapsed are compared."""

PACKED_BYTES = 8
"""Bytes of a digest that are packed: what agrees in them by chance is compared, and is no match."""


Answer = list[Found] | NotMatched


def matches_for(
    session: Session, asked: Sequence[Asked], reading: Reading, readable: ColumnElement[bool] | None = None
) -> list[Answer]:
    """For each of `asked` its matches, strongest first and one per target; or that matching it failed."""
    return answers_to(session, keyed(session, asked, reading), reading, readable)


def keyed(session: Session, asked: Sequence[Asked], reading: Reading) -> list[Keyed]:
    """Each of `asked` with what the gazetteer knows of it, and the keys that it is looked up by."""
    parts = known_parts(session, [question.parts for question in asked])
    ring = keys_of(session)
    answers = []
    for question, known in zip(asked, parts, strict=True):
        keys = _keys_or_failure(known, reading.near_m)
        found = keys.asked if isinstance(keys, _Keys) else {}
        digests = {ring.digest_of(Use.MATCH, key): key for key in found}
        answers.append(Keyed(replace(question, parts=known), keys, digests))
    return answers


def answers_to(
    session: Session, questions: Sequence[Keyed], reading: Reading, readable: ColumnElement[bool] | None = None,
    lapsed: list[Found] | None = None,
) -> list[Answer]:  # fmt: skip
    """For each question its matches, strongest first and one per target; or that matching it failed.

    One statement for the whole group (and one for each vague position). One event's failure does not touch its
    neighbours'. What would have raised, had its marker not lapsed, is added to `lapsed`.
    """
    ring = keys_of(session)
    by_digest = {digest: key for question in questions for digest, key in question.digests.items()}
    candidates: dict[str, list[Candidate]] = {}
    for candidate in candidates_for(session, by_digest, readable):
        candidates.setdefault(by_digest[candidate.digest], []).append(candidate)
    opened: dict[UUID, TargetValue | None] = {}
    answers: list[Answer] = []
    for one in questions:
        question, keys = one.asked, one.keys
        if isinstance(keys, NotMatched):
            answers.append(keys)
            continue
        # Asked outside of what is caught: an error of the storage is the whole group's.
        digests = {ring.digest_of(Use.MATCH, key) for key in keys.faint}
        faint = faint_candidates_for(session, digests, readable)
        # What names nothing asks nothing: the service's own word is such, and may be a closed circle's.
        shared = {key: candidates[key] for key in keys.asked if key in candidates}
        # Those whose dates do not hold take no room in a crowd.
        holding = {key: [found for found in those if _holds(found, question)] for key, those in shared.items()}
        compared, capped = outside_of_crowds(holding)
        if reading.counting and question.parts:
            _count(reading.counting, [one for found in shared.values() for one in found], faint, capped=capped)
        certain = {key: [one for one in found if one.target_id in compared] for key, found in holding.items()}
        pairs = chain(_pairs(keys.asked, certain), _faint_pairs(keys.vague, faint, question))
        try:
            found = _found(session, question, pairs, opened, reading)
            if lapsed is not None:
                ended = {key: [one for one in those if _has_lapsed(one, question)] for key, those in shared.items()}
                missed = islice(_pairs(keys.asked, ended), LAPSED_AT_MOST)
                lapsed += [one for one in _found(session, question, missed, opened, reading) if one.match.raises]
        except Exception as error:  # noqa: BLE001  whatever it is, the event must be kept and a person told
            answers.append(NotMatched(type(error).__name__))
        else:
            answers.append(found)
    return answers


def _count(counting: Counting, certain: Sequence[Candidate], faint: Sequence[Candidate], *, capped: bool) -> None:
    open_faint = sum(one.audience == OPEN_AUDIENCE for one in faint)
    found = {one.target_id for one in certain if one.audience == OPEN_AUDIENCE}
    counting.looked_up(len(found) + open_faint, capped=capped or open_faint >= FAINT_AT_MOST)


def _keys_or_failure(parts: Sequence[Part], near_m: float) -> _Keys | NotMatched:
    keys = _Keys()
    try:
        for place, part in enumerate(parts):
            for key in asked_keys(part.value, near_m):
                keys.asked.setdefault(key, []).append(place)
            faint = faint_keys(part.value, near_m)
            if faint:
                keys.faint |= faint
                keys.vague.append(place)
    except Exception as error:  # noqa: BLE001  as above
        return NotMatched(type(error).__name__)
    return keys


_Pair = tuple[Candidate, int, str]


def _pairs(keys: Mapping[str, Sequence[int]], candidates: Mapping[str, Sequence[Candidate]]) -> Iterator[_Pair]:
    """Each (target, part) once, with the most telling of the keys that they share."""
    seen = set()
    for key in sorted(keys.keys() & candidates.keys(), key=lambda key: (not key.startswith(("tel:", "uprn:")), key)):
        for candidate in candidates[key]:
            for place in keys[key]:
                if (candidate.target_id, place) not in seen:
                    seen.add((candidate.target_id, place))
                    yield candidate, place, key.partition(":")[0]


def _faint_pairs(vague: Sequence[int], candidates: Sequence[Candidate], question: Asked) -> Iterator[_Pair]:
    """Each vague position with each target that it touches."""
    for candidate in candidates:
        if _holds(candidate, question):
            yield from ((candidate, place, FAINT) for place in vague)


def _holds(candidate: Candidate, question: Asked) -> bool:
    """Do its marker's dates hold at one of the moments asked for?"""
    begins, ends = candidate.valid_from, candidate.valid_until
    return any(begins <= moment and (ends is None or moment < ends) for moment in question.moments)


def _has_lapsed(candidate: Candidate, question: Asked) -> bool:
    """Had it ended, at each of the moments asked for?"""
    ends = candidate.valid_until
    return ends is not None and all(ends <= moment for moment in question.moments)


def _found(
    session: Session,
    question: Asked,
    pairs: Iterator[tuple[Candidate, int, str]],
    opened: dict[UUID, TargetValue | None],
    reading: Reading,
) -> list[Found]:
    best: dict[UUID, Found] = {}
    for candidate, place, key_kind in pairs:
        if candidate.target_id not in opened:
            opened[candidate.target_id] = _open(session, candidate, reading.numbering)
        target, part = opened[candidate.target_id], question.parts[place]
        match = compare(target, part, reading.near_m) if target else of_key_alone(key_kind, part)
        held = best.get(candidate.target_id)
        if match is not None and (held is None or match.rank > held.match.rank):
            best[candidate.target_id] = Found(candidate, match, place)
    return sorted(best.values(), key=_strongest_first)


def _strongest_first(found: Found) -> tuple[Any, ...]:
    marker = found.candidate
    strength = (-value for value in found.match.rank)
    return (*strength, found.part, marker.placed_at, marker.placed_ordinal, marker.ordinal)


def _open(session: Session, candidate: Candidate, numbering: Numbering) -> TargetValue | None:
    """The target as it was meant; `None`, and named for the trail, when its text can't be opened."""
    place = Place("targets", "given", str(candidate.target_id))
    try:
        text = unseal(keys_of(session), place, candidate.given_sealed)
    except SealBroken:
        unopened_in(session).append(str(place))
        return None
    value = target_value(candidate.kind, json.loads(text), numbering)
    if candidate.known_sealed is None or not isinstance(value, Address):
        return value
    try:
        known = unseal(keys_of(session), Place("targets", "known", place.row_id), candidate.known_sealed)
    except SealBroken:
        return value
    return spelt_out(replace(value, known=read_known(known)))
