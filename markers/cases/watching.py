"""What the parts of events say of cases and orders: keys → one question → signs.

As with markers, it is asked over everything, whatever the force, the desk or the audience; a few parts are found, and
compared. What a sign means is the order's rules' to say (`rules/breach.py`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from db.engine import any_of
from db.keyring import Use
from db.sealed import Place, SealBroken, keys_of, unseal
from markers.case_models import CaseKey, CasePart
from markers.cases.parts import PartValue, is_nearly, near_keys, understand
from markers.cases.rules.breach import Side, Sign, Thing
from markers.matcher import Keyed, Reading
from markers.matching.compare import compare
from markers.matching.evidence import Level
from markers.matching.names import name_keys, same_name
from markers.matching.values import Identifier, Numbering, Part, PersonName, Phone, Problem, Role

_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class PartSign:
    """A sign, and the part that it is of."""

    force: str
    case_id: UUID
    order_id: UUID | None
    part_id: UUID
    sign: Sign


def signs_for(session: Session, questions: Sequence[Keyed], reading: Reading) -> list[list[PartSign]]:
    """For each question the signs in it; mostly none, and then nothing is opened."""
    asked = [_digests(session, question) for question in questions]
    found = _found(session, sorted({digest for digests in asked for digest in digests}))
    if not found:
        return [[] for _ in questions]
    meant = {part.id: _open(session, part, reading.numbering) for parts in found.values() for part in parts}
    answers = []
    for question, digests in zip(questions, asked, strict=True):
        parts = {part.id: part for digest in digests for part in found.get(digest, ())}
        answers.append(_signs(question.asked.parts, list(parts.values()), meant, reading.near_m))
    return answers


def _digests(session: Session, question: Keyed) -> set[bytes]:
    ring = keys_of(session)
    more: set[str] = set()
    for part in question.asked.parts:
        if isinstance(part.value, PersonName):
            more |= name_keys(part.value)
        elif isinstance(part.value, Phone) and part.role is Role.CALLER:
            more |= near_keys(part.value)
    return {*question.digests, *(ring.digest_of(Use.MATCH, key) for key in more)}


def _found(session: Session, digests: Sequence[bytes]) -> dict[bytes, list[CasePart]]:
    """Digest → the parts that have it."""
    found: dict[bytes, list[CasePart]] = {}
    joined = and_(CasePart.force == CaseKey.force, CasePart.id == CaseKey.part_id)
    for start in range(0, len(digests), _AT_ONCE):
        has_key = any_of(session, CaseKey.digest, digests[start : start + _AT_ONCE])
        hits = session.execute(select(CaseKey.digest, CaseKey.force, CaseKey.part_id).where(has_key)).all()
        if not hits:
            continue
        these = (CasePart.force.in_({hit.force for hit in hits}), CasePart.id.in_({hit.part_id for hit in hits}))
        asked = select(CaseKey.digest, CasePart).join(CasePart, joined).where(has_key, *these)
        for digest, part in session.execute(asked):
            found.setdefault(digest, []).append(part)
    return found


def _open(session: Session, part: CasePart, numbering: Numbering) -> PartValue | None:
    """What a part means; `None` where its text can't be opened or is understood no longer."""
    try:
        text = unseal(keys_of(session), Place("case_parts", "given", str(part.id)), part.given_sealed)
    except SealBroken:
        return None
    value = understand(part.kind, json.loads(text), numbering)
    return None if isinstance(value, Problem) else value


def _signs(
    asked: Sequence[Part], parts: Sequence[CasePart], meant: Mapping[UUID, PartValue | None], near_m: float
) -> list[PartSign]:
    """The best sign of each part that the event's own parts show."""
    best: dict[tuple[UUID, Side], PartSign] = {}
    for row in parts:
        value = meant[row.id]
        if value is None:
            continue
        for part in asked:
            sign = _sign(row, value, part, near_m)
            if sign is None:
                continue
            held = best.get((row.id, sign.side))
            if held is None or _telling(sign) > _telling(held.sign):
                best[row.id, sign.side] = PartSign(row.force, row.case_id, row.order_id, row.id, sign)
    return list(best.values())


def _telling(sign: Sign) -> tuple[bool, bool]:
    return sign.certain, sign.role is not Role.MENTIONED


_WHOSE = {
    Side.RESPONDENT: "the respondent's",
    Side.PROTECTED: "the protected person's",
    Side.CONTACT: "the protected person's",
    Side.ONLY_PHONE: "the one he may use",
    Side.ONLY_VEHICLE: "the one he may use",
}
_AS = {
    Role.CALLER: "the caller's number",
    Role.CALLED: "the number called",
    Role.MENTIONED: "a number that was mentioned",
}


def _sign(row: CasePart, value: PartValue, part: Part, near_m: float) -> Sign | None:
    side = Side(row.side)
    match value, part.value:
        case PersonName() as known, PersonName() as named:
            return _name_sign(row, known, named, part.role)
        case Phone() as known_number, Phone() as number:
            return _phone_sign(row, known_number, number, part.role)
        case PersonName() | Phone(), _:
            return None
        case Identifier() as known_thing, _:
            match = compare(known_thing, part, near_m)
            said = f"{match.evidence[0].split(' is ')[0]} is {_WHOSE[side]}" if match else ""
            certain = match is not None and match.level is Level.EXACT_IDENTIFIER
            return _new(row, Thing.IDENTIFIER, part.role, said, certain=certain) if match else None
        case place, _:
            match = compare(place, part, near_m)
            if match is None or match.level is Level.NEAR or not match.raises:
                return None
            said = match.evidence[0].replace("the marked area", "the area of the order")
            said = said.replace("the marked address", "an address of the order").replace("the marked", "the order's")
            return _new(row, Thing.PLACE, part.role, said, certain=match.certain)


def _name_sign(row: CasePart, known: PersonName, named: PersonName, role: Role) -> Sign | None:
    same = same_name(known, named)
    if same is False:
        return None
    whose = _WHOSE.get(Side(row.side), "the case's")
    said = f"the name given is {whose}" if same else f"the name given may be {whose}"
    return _new(row, Thing.NAME, role, said, certain=bool(same))


def _phone_sign(row: CasePart, known: Phone, number: Phone, role: Role) -> Sign | None:
    side = Side(row.side)
    if known.e164 == number.e164:
        supposed = f" (if the area is {number.supposed_area})" if number.supposed_area else ""
        said = f"{_AS.get(role, 'a number')} {number.national}{supposed} is {_WHOSE[side]}"
        return _new(row, Thing.PHONE, role, said, certain=not number.supposed_area)
    if side is Side.RESPONDENT and role is Role.CALLER and is_nearly(known, number):
        said = f"the caller's number {number.national} is nearly the respondent's {known.national}"
        return Sign(side=Side.NEARLY_HIS, condition=None, thing=Thing.PHONE, role=role, certain=False, said=said)
    return None


def _new(row: CasePart, thing: Thing, role: Role, said: str, *, certain: bool) -> Sign:
    return Sign(side=Side(row.side), condition=row.condition, thing=thing, role=role, certain=certain, said=said)
