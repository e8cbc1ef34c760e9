"""What the events of a happening show of an order's watched conditions.

Pure: signs in, findings out. A sign is something that an event named and an order knows: his number, her number, a
place of the order. Her calling him is no breach of his; what is only mentioned is worth checking.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from markers.cases.rules.hours import Hours, applies
from markers.cases.rules.law import told_of_service
from markers.cases.rules.words import Finding, Service
from markers.matching.values import Role


class Side(StrEnum):
    """What an order knows of a part: whose it is, or what a condition says of it.

    `elsewhere` is a position that is in none of a condition's places; `nearly_his` a caller's number that differs from
    his in a digit or two.
    """

    RESPONDENT = "respondent"
    PROTECTED = "protected"
    CONTACT = "contact"
    ZONE = "zone"
    STAY_IN = "stay_in"
    ONLY_VEHICLE = "only_vehicle"
    ONLY_PHONE = "only_phone"
    ELSEWHERE = "elsewhere"
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

    `certain`: no doubt what is meant (the exact number, inside the area, the full name). `said` is a sentence. `event`
    tells the events of a happening apart: who turned to whom is said by one of them.
    """

    side: Side
    condition: str | None
    thing: Thing
    role: Role
    certain: bool
    said: str
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A watched condition: its number, what of its own is known (`sides`), and when it applies (empty: always).

    `of_all`: whoever the order protects may not be contacted, by whatever means; else only the numbers of its own.
    """

    number: str
    sides: frozenset[Side]
    hours: tuple[Hours, ...] = ()
    of_all: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What a happening's events name at all, known to the order or not: what is absent from them breaks nothing.

    `via`: it came through somebody else.
    """

    vehicle: bool = False
    caller: bool = False
    via: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """What was found of a condition; `certain` says that nothing but service stood against a breach."""

    number: str
    finding: Finding
    certain: bool
    evidence: tuple[str, ...]


def findings(
    conditions: Iterable[Watched], signs: Sequence[Sign], present: Present, local: Sequence[datetime], service: Service
) -> list[Fit]:
    """What a happening's signs show of each condition at one of its local moments; most show nothing."""
    found = []
    for condition in conditions:
        if not any(applies(condition.hours, moment) for moment in local):
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


ASK_WHETHER_HE_KNOWS = told_of_service(Service.NOT_RECORDED)
THROUGH_OTHERS = "it came through somebody else"

_Shown = tuple[bool, tuple[str, ...]]


def _shown(condition: Watched, signs: Sequence[Sign], present: Present) -> _Shown | None:
    """The strongest of what its parts show."""
    shown = [one for judge in _JUDGES if (one := judge(condition, signs, present)) is not None]
    return max(shown, key=lambda one: one[0], default=None)


def _contact(condition: Watched, signs: Sequence[Sign], present: Present) -> _Shown | None:
    """His number calls hers; or both are named, and it is not she who calls him."""
    if Side.CONTACT not in condition.sides:
        return None
    his = [sign for sign in signs if sign.side is Side.RESPONDENT and sign.thing is not Thing.PLACE]
    hers = [sign for sign in signs if _is_hers(sign, condition)]
    pairs = [(he, she) for he in his for she in hers if not _she_turns_to_him(he, she)]
    if not pairs:
        return None
    he, she = max(pairs, key=lambda pair: (_he_turns_to_her(*pair), pair[0].certain, pair[1].certain))
    through = (THROUGH_OTHERS,) if present.via else ()
    return _he_turns_to_her(he, she), (he.said, she.said, *through)


def _is_hers(sign: Sign, condition: Watched) -> bool:
    """A number of the condition's own; where all may not be contacted, her name or account, too."""
    if sign.side is Side.CONTACT:
        return sign.condition == condition.number
    return condition.of_all and sign.side is Side.PROTECTED and sign.thing in (Thing.NAME, Thing.IDENTIFIER)


def _he_turns_to_her(he: Sign, she: Sign) -> bool:
    """In one event his number called hers. Of two it may be the control room that called her back."""
    by_number = he.thing is Thing.PHONE and he.role is Role.CALLER and she.role is Role.CALLED
    return by_number and he.certain and she.certain and he.event == she.event


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
    he = max(him, key=_shows_that_it_is_him)
    away = [sign for sign in _elsewhere(condition, signs) if sign.role is Role.CALLER]
    place = max(where, key=lambda sign: (_places_him(he, sign, away), sign.certain))
    return _places_him(he, place, away) and _shows_that_it_is_him(he), (he.said, place.said)


def _places_him(he: Sign, place: Sign, away: Sequence[Sign]) -> bool:
    """Is it where he is? Who calls is where his call is located; if that is elsewhere, the incident is not about it."""
    if not place.certain or place.role is Role.MENTIONED:
        return False
    calls = he.thing is Thing.PHONE or he.role is Role.CALLER
    return not calls or place.role is Role.CALLER or not away


def _elsewhere(condition: Watched, signs: Iterable[Sign]) -> list[Sign]:
    return [sign for sign in signs if sign.side is Side.ELSEWHERE and sign.condition == condition.number]


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


def _stay_in(condition: Watched, signs: Sequence[Sign], _: Present) -> _Shown | None:
    """He is located outside of where he has to be: by his own call, or by his tag or car."""
    if Side.STAY_IN not in condition.sides:
        return None
    if any(sign.side is Side.STAY_IN and sign.condition == condition.number for sign in signs):
        return None
    away = _elsewhere(condition, signs)
    for he in him_in(signs):
        for place in away:
            if _shows_that_it_is_him(he) and (he.thing is not Thing.PHONE or place.role is Role.CALLER):
                return True, (he.said, place.said)
    return None


def _only(condition: Watched, signs: Sequence[Sign], present: Present) -> _Shown | None:
    """He uses another vehicle or telephone than the one he may: who drives or speaks has to be found out."""
    for side, is_there, roles, what in (
        (Side.ONLY_VEHICLE, present.vehicle, _DRIVES, "a vehicle was named that is not the one he may use"),
        (Side.ONLY_PHONE, present.caller, _SPEAKS, "the caller's number is not the one he may use"),
    ):
        if side not in condition.sides or not is_there:
            continue
        allowed = [sign for sign in signs if sign.side is side and sign.condition == condition.number]
        him = [
            sign for sign in him_in(signs)
            if sign.role in roles and (side is Side.ONLY_VEHICLE or sign.thing is not Thing.PHONE)
        ]  # fmt: skip
        if him and not allowed:
            return False, (him[0].said, what)
    return None


_DRIVES, _SPEAKS = frozenset({Role.CALLER, Role.SUSPECT}), frozenset({Role.CALLER})


_JUDGES: tuple[Callable[[Watched, Sequence[Sign], Present], _Shown | None], ...] = (_contact, _zone, _stay_in, _only)


def shows_him(signs: Iterable[Sign]) -> Sign | None:
    """The sign by which it is he himself, and no name alone: for one who is wanted that is enough."""
    return next((one for one in him_in(signs) if one.thing is not Thing.NAME and _shows_that_it_is_him(one)), None)


def calls_her(signs: Sequence[Sign]) -> bool:
    """Does a number that is nearly his call, in one event, one of hers?"""
    near = {sign.event for sign in signs if sign.side is Side.NEARLY_HIS}
    return any(
        sign.event in near and sign.thing is Thing.PHONE and sign.side in (Side.PROTECTED, Side.CONTACT)
        and sign.role in (Role.CALLED, Role.MENTIONED)
        for sign in signs
    )  # fmt: skip
