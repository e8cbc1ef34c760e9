"""What the events of a happening show of an order's watched conditions.

Pure: signs in, findings out. A sign is something that an event named and an order knows: his number, her number, a
place of the order. Her calling him is no breach of his; what is only mentioned is worth checking.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from markers.cases.rules.hours import Hours, applies
from markers.cases.rules.words import Finding, Service
from markers.matching.values import Role


class Side(StrEnum):
    """What an order knows of a part: whose it is, or what a condition says of it."""

    RESPONDENT = "respondent"
    PROTECTED = "protected"
    CONTACT = "contact"
    ZONE = "zone"
    STAY_IN = "stay_in"
    ONLY_VEHICLE = "only_vehicle"
    ONLY_PHONE = "only_phone"
    NEARLY_HIS = "nearly_his"


class Thing(StrEnum):
    """What kind of part it is."""

    PHONE = "phone"
    IDENTIFIER = "identifier"
    NAME = "name"
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Something that an event named and an order knows. `condition` is the number of the one whose own it is.

    `certain`: no doubt what is meant (the exact number, inside the area, the full name). `said` is a sentence.
    """

    side: Side
    condition: str | None
    thing: Thing
    role: Role
    certain: bool
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A watched condition: its number, what of its own is known (`sides`), and when it applies (empty: always)."""

    number: str
    sides: frozenset[Side]
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What the event in hand names at all, known to the order or not: what is absent from it breaks nothing."""

    position: bool = False
    vehicle: bool = False
    caller: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """What was found of a condition; `certain` says that nothing but service stood against a breach."""

    number: str
    finding: Finding
    certain: bool
    evidence: tuple[str, ...]


def findings(
    conditions: Iterable[Watched], signs: Sequence[Sign], present: Present, local: datetime, service: Service
) -> list[Fit]:
    """What a happening's signs show of each condition, at this local moment; most show nothing."""
    found = []
    for condition in conditions:
        if not applies(condition.hours, local):
            continue
        shown = _shown(condition, signs, present)
        if shown is None:
            continue
        certain, evidence = shown
        if certain and service is not Service.NOT_RECORDED:
            found.append(Fit(condition.number, Finding.POSSIBLE_BREACH, certain, evidence))
        else:
            asks = (ASK_WHETHER_HE_KNOWS,) if service is Service.NOT_RECORDED else ()
            found.append(Fit(condition.number, Finding.WORTH_CHECKING, certain, (*evidence, *asks)))
    return found


ASK_WHETHER_HE_KNOWS = "service not recorded: ask whether he knows of the order"

_Shown = tuple[bool, tuple[str, ...]]


def _shown(condition: Watched, signs: Sequence[Sign], present: Present) -> _Shown | None:
    """The strongest of what its parts show."""
    shown = [one for judge in _JUDGES if (one := judge(condition, signs, present)) is not None]
    return max(shown, key=lambda one: one[0], default=None)


def _contact(condition: Watched, signs: Sequence[Sign], _: Present) -> _Shown | None:
    """His number calls hers; or both are named, and it is not she who calls him."""
    if Side.CONTACT not in condition.sides:
        return None
    his = [sign for sign in signs if sign.side is Side.RESPONDENT and sign.thing is not Thing.PLACE]
    hers = [sign for sign in signs if _is_hers(sign, condition)]
    pairs = [(he, she) for he in his for she in hers if not _she_turns_to_him(he, she)]
    if not pairs:
        return None
    he, she = max(pairs, key=lambda pair: (_he_turns_to_her(*pair), pair[0].certain, pair[1].certain))
    return _he_turns_to_her(he, she), (he.said, she.said)


def _is_hers(sign: Sign, condition: Watched) -> bool:
    own = sign.side is Side.CONTACT and sign.condition == condition.number
    return own or (sign.side is Side.PROTECTED and sign.thing is Thing.PHONE)


def _he_turns_to_her(he: Sign, she: Sign) -> bool:
    by_number = he.thing is Thing.PHONE and he.role is Role.CALLER and she.role is Role.CALLED
    return by_number and he.certain and she.certain


def _she_turns_to_him(he: Sign, she: Sign) -> bool:
    """His number was called: by her, or by somebody who spoke of her."""
    return he.thing is Thing.PHONE and he.role is Role.CALLED and she.role is not Role.CALLED


def _zone(condition: Watched, signs: Sequence[Sign], _: Present) -> _Shown | None:
    """He is located, or named, where he may not be."""
    if Side.ZONE not in condition.sides:
        return None
    where = [sign for sign in signs if sign.side is Side.ZONE and sign.condition == condition.number]
    him = him_in(signs)
    if not (where and him):
        return None
    place = max(where, key=lambda sign: (sign.certain, sign.role is not Role.MENTIONED))
    he = max(him, key=_shows_that_it_is_him)
    certain = place.certain and place.role is not Role.MENTIONED and _shows_that_it_is_him(he)
    return certain, (he.said, place.said)


def him_in(signs: Iterable[Sign]) -> list[Sign]:
    """Signs of himself: his number, his name, his car; not of where he lives, nor of who was called."""
    return [
        sign for sign in signs
        if sign.side is Side.RESPONDENT and sign.thing is not Thing.PLACE
        and sign.role not in (Role.CALLED, Role.VICTIM)
    ]  # fmt: skip


def _shows_that_it_is_him(sign: Sign) -> bool:
    if sign.thing is Thing.IDENTIFIER:
        return sign.certain
    return sign.certain and sign.role in (Role.CALLER, Role.SUSPECT)


def _stay_in(condition: Watched, signs: Sequence[Sign], present: Present) -> _Shown | None:
    """He is located outside of where he has to be."""
    if Side.STAY_IN not in condition.sides or not present.position:
        return None
    inside = [sign for sign in signs if sign.side is Side.STAY_IN and sign.condition == condition.number]
    him = [sign for sign in him_in(signs) if _shows_that_it_is_him(sign)]
    if inside or not him:
        return None
    return True, (him[0].said, "the position is outside of where he has to be at this hour")


def _only(condition: Watched, signs: Sequence[Sign], present: Present) -> _Shown | None:
    """He uses another vehicle or telephone than the one he may: who drives or speaks has to be found out."""
    for side, is_there, what in (
        (Side.ONLY_VEHICLE, present.vehicle, "a vehicle was named that is not the one he may use"),
        (Side.ONLY_PHONE, present.caller, "the caller's number is not the one he may use"),
    ):
        if side not in condition.sides or not is_there:
            continue
        allowed = [sign for sign in signs if sign.side is side and sign.condition == condition.number]
        him = [sign for sign in him_in(signs) if sign.role in (Role.CALLER, Role.SUSPECT)]
        if him and not allowed:
            return False, (him[0].said, what)
    return None


_JUDGES: tuple[Callable[[Watched, Sequence[Sign], Present], _Shown | None], ...] = (_contact, _zone, _stay_in, _only)


def shows_him(signs: Iterable[Sign]) -> Sign | None:
    """The sign by which it is he himself, and no name alone: for one who is wanted that is enough."""
    return next((one for one in him_in(signs) if one.thing is not Thing.NAME and _shows_that_it_is_him(one)), None)
