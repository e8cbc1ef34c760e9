"""Reference addresses (a gazetteer's): the keys that find them, which of those found is meant, and what that proves.

A resolver only adds: what it finds stands beside the comparison of the texts, and the higher level of the two counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from markers.matching.addresses import compare_addresses
from markers.matching.evidence import Level, Match
from markers.matching.keys import GENERIC_WORDS, towns_of
from markers.matching.values import Address, Known, Unit
from markers.matching.weights import BY_REFERENCE

MOST_NAMES = 3
"""Words of a name, and places, that keys are made of: a text has more where it tells a story."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A gazetteer's address, as it was understood, and what is known of it."""

    address: Address
    known: Known


def reference_keys(address: Address) -> frozenset[int]:
    """The keys that a gazetteer's address is kept under, and those that ask for it: 64-bit numbers.

    They are tighter than a marker's (`keys.py`): who resolves wants the one address, and of a doubtful one none.
    """
    texts = (text for reading in address.readings for text in _texts(reading))
    return frozenset(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True) for text in texts)


def _texts(address: Address) -> Iterator[str]:
    units = {_unit(address.unit)}
    if address.house and address.house.suffix and not address.unit:
        units.add(_unit(Unit("", address.house.suffix)))
    postcode = str(address.postcode) if address.has_whole_postcode else None
    towns = towns_of(address)[:MOST_NAMES]
    if address.house:
        doors = [str(number) for number in sorted({address.house.low, address.house.high})]
        where = [f"{' '.join(address.street_words)}|{town}" for town in towns] if address.street else []
    else:
        doors = [word for word in address.names if word not in GENERIC_WORDS][:MOST_NAMES]
        where = towns
    for door in doors:
        for unit in sorted(units):
            if postcode:
                yield f"{door}|{unit}|{postcode}"
            yield from (f"{door}|{unit}|{place}" for place in where)


def _unit(unit: Unit | None) -> str:
    return f"{unit.label}/{'' if unit.floor is None else unit.floor}/{unit.room}" if unit else ""


def resolve(asked: Address, found: Iterable[Reference]) -> Known | None:
    """What is known of the one reference address that `asked` is, without a doubt; of several that it may be, none.

    Written alike part by part, and of the same premises by the rules: a resolver adds what nobody can check against the
    words, so it forgives no slip. `10 HIGH STREET` is not The Coach House there.
    """
    same: dict[str, Known] = {}
    for reference in found:
        # By what was written alone: a UPRN beside the text has its own way.
        plain = replace(reference.address, uprn=None)
        for reading in asked.readings:
            alone = replace(reading, uprn=None, others=())
            match = compare_addresses(plain, alone) if _door(plain) == _door(reading) else None
            if match and match.level is Level.SAME_PREMISES:
                same[reference.known.uprn] = reference.known
    return next(iter(same.values())) if len(same) == 1 else None


def _door(address: Address) -> tuple[object, ...]:
    return (_unit(address.unit), address.house, frozenset(address.names), address.street)


def related(marked: Address, told: Address, by_text: Match | None) -> Match | None:
    """What the property references prove of two addresses, where a gazetteer knows them both.

    `by_text` is what the comparison of what was written came to.
    """
    ours, theirs = _references(marked), _references(told)
    if not (ours and theirs) or not (marked.known or told.known):
        return None
    relation = told.relation or marked.relation
    level, said = Level.SAME_PREMISES, "in the gazetteer both are one property (they have one UPRN)"
    if ours[0] != theirs[0]:
        if not set(ours) & set(theirs):
            return None
        level, said = Level.SAME_BUILDING, "in the gazetteer both are parts of one building"
    if not (marked.is_a_reference_alone or told.is_a_reference_alone) and by_text is None:
        said += ", though what was written of them differs"
    if relation and relation != "outside":
        level, said = Level.POSSIBLE, f"{said}, and the place given is {relation} the address"
    return Match(level=level, score=BY_REFERENCE, evidence=(said,))


def _references(address: Address) -> Sequence[str]:
    """Its own UPRN and its building's."""
    if address.known:
        return [address.known.uprn, *([address.known.parent] if address.known.parent else [])]
    return [address.uprn] if address.uprn else []
