"""Two addresses compared part by part; a table of rules (`rules.py`) decides the level.

Each part gives one `Finding` (how it stands, and a sentence for it): what names the door in `doors.py`, where it is in
`streets.py`.
"""

from dataclasses import replace

from markers.matching import doors, streets
from markers.matching.evidence import Level, Match
from markers.matching.readings import OF_A_BUILDING, RANGE
from markers.matching.rules import DIFFERS, EQUAL, RULES, UNKNOWN, Finding, Findings, Rule, is_
from markers.matching.values import Address, House, Unit
from markers.matching.weights import (
    AGREES,
    ANOTHER_REFERENCE,
    POSSIBLE_SCORE,
)


def compare_addresses(marked: Address, told: Address) -> Match | None:
    """How surely `told` (a caller's) is `marked` (a marker's), with a sentence for every part that it rests on.

    Where a text allows several readings, the one that agrees best counts, and is told.
    """
    best: Match | None = None
    for ours in marked.readings:
        for theirs in told.readings:
            found = _judge(ours, theirs)
            if found and (best is None or found.rank > best.rank):
                best = found
    return best


def _judge(marked: Address, told: Address) -> Match | None:
    """One reading of each."""
    if _are_other_houses(marked, told):
        return None
    marked, told = suffix_as_flat(marked, told), suffix_as_flat(told, marked)
    findings = findings_of(marked, told)
    rule = next(rule for rule in RULES if rule.holds(findings))
    if rule.level is None:
        return None
    return _decided(marked, told, findings, rule)


def findings_of(marked: Address, told: Address) -> dict[str, Finding]:
    """How each named part of one reading of each stands, and its sentence: all that a rule may rest on."""
    name, number = doors.names_of_both(marked, told), doors.numbers(marked, told)
    findings: dict[str, Finding] = {
        "uprn": _uprns(marked, told),
        "house": doors.houses(marked, told, name, number),
        "unit": doors.units_of_both(marked, told),
        "street": streets.streets_of_both(marked, told),
        "postcode": streets.postcodes(marked, told),
    }
    findings["place"] = streets.places(marked, told, findings["postcode"])
    # What the numbers say and weigh is the house's already.
    return findings | {"name": name, "number": Finding(number.stands, AGREES)}


def _decided(marked: Address, told: Address, findings: Findings, rule: Rule) -> Match:
    """The rule's level, lowered where a reading is bold or the place only lies beside; and why."""
    assert rule.level is not None
    level, said = rule.level, [finding.said for finding in findings.values() if finding.said]
    if level is Level.SAME_PREMISES and _is_bold(marked, told):
        level = Level.SAME_BUILDING
    if level is Level.SAME_BUILDING and _is_a_guess(marked, told, findings):
        level = Level.POSSIBLE
    said += [f"read as {address.read_as}" for address in (told, marked) if address.read_as]
    relation = told.relation or marked.relation
    if relation and relation != "outside":
        level = Level.POSSIBLE
        said.append(f"the place given is {relation} the address")
    if level is Level.POSSIBLE:
        said.append(rule.why)
    score = AGREES
    for finding in findings.values():
        score *= finding.score
    ceiling = POSSIBLE_SCORE if level is Level.POSSIBLE else 1.0
    return Match(level=level, score=score * ceiling, evidence=tuple(said))


def _are_other_houses(marked: Address, told: Address) -> bool:
    """Numbers that do not even overlap are a veto, whatever else agrees but the UPRN: most candidates end here."""
    ours, theirs = marked.house, told.house
    if ours is None or theirs is None or (marked.uprn and marked.uprn == told.uprn):
        return False
    return ours.high < theirs.low or theirs.high < ours.low


def _is_bold(marked: Address, told: Address) -> bool:
    """`12 14 HIGH STREET` read as a range proves no more than the building, unless the other says the same range; nor
    does `7 THE CENTRE` read as flat 7, where the other has a number of the house beside the flat.
    """
    if RANGE in (marked.read_as, told.read_as):
        return marked.house != told.house
    return OF_A_BUILDING in (marked.read_as, told.read_as) and (marked.house is None) != (told.house is None)


def _is_a_guess(marked: Address, told: Address, findings: Findings) -> bool:
    """`3 ANDREE HOUSE` and `4 ANDREE HOUSE`: two flats of a building, or two houses of a terrace so called."""
    return OF_A_BUILDING in (marked.read_as, told.read_as) and not is_(findings, "unit", EQUAL)


def suffix_as_flat(address: Address, other: Address) -> Address:
    """`12A` read as Flat A of 12, where the other address has a Flat A at 12: both are written for the same door."""
    house, unit = address.house, other.unit
    if not (house and unit and other.house) or address.unit or other.house.suffix:
        return address
    if not (house.suffix and house.suffix == unit.label and unit.floor is None):
        return address
    said = f"{house} read as {unit.said} of {house.low}"
    return replace(address, house=House(house.low, house.high), unit=Unit(said, house.suffix))


def _uprns(marked: Address, told: Address) -> Finding:
    if not (marked.uprn and told.uprn):
        return Finding(UNKNOWN, AGREES)
    if marked.uprn == told.uprn:
        return Finding(EQUAL, AGREES, "the property reference (UPRN) agrees")
    return Finding(DIFFERS, ANOTHER_REFERENCE, "the property references (UPRN) differ")
