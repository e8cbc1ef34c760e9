"""Where the door is: streets, postcodes and towns."""

from itertools import pairwise

from markers.matching.alike import alike, shared_by, slips
from markers.matching.doors import line_of
from markers.matching.rules import CLOSE, DIFFERS, EQUAL, UNKNOWN, WEAK, Finding
from markers.matching.values import Address, Street
from markers.matching.weights import (
    A_SLIP,
    AGREES,
    ANOTHER_DISTRICT,
    ANOTHER_POSTCODE_OF_THE_DISTRICT,
    ANOTHER_STREET,
    ANOTHER_TYPE,
    DISTRICT_ALONE,
    IS_ANOTHER,
    LONG_TYPO,
    MAY_BE_A_PLACE,
    NO_TOWN_SHARED,
    NOT_SAID,
    ONE_NAMES_THE_OTHER,
    OTHER_PLACES_DIFFER,
    PART_OF_THE_OTHER,
    TOWN_AGREES,
    WRITTEN_OTHERWISE,
)
from markers.matching.words import BUSINESS_WORDS, COMPASS, COUNTIES, OPPOSITES, PLAIN_NAME_WORDS


def streets_of_both(marked: Address, told: Address) -> Finding:
    """The thoroughfares: a slip of the hand is close, another type or a part of the other is weak."""
    ours, theirs = marked.street, told.street
    if ours is None or theirs is None:
        return Finding(UNKNOWN, NOT_SAID, "no street was given" if ours else "")
    mine, yours = str(ours).title(), str(theirs).title()
    apart = _are_apart(marked, told)
    if ours == theirs:
        return Finding(EQUAL, AGREES, f"{yours} agrees")
    if _written_together(ours, theirs):
        return Finding(WEAK if apart else CLOSE, WRITTEN_OTHERWISE, f"{yours} is {mine} written otherwise")
    if len(ours.name) == len(theirs.name) and all(map(alike, ours.name, theirs.name)):
        if ours.type == theirs.type or not (ours.type and theirs.type):
            return Finding(CLOSE, A_SLIP, f"{yours} is close to {mine}")
        # Two slips are one too many: `Swinbourne Road` and `Swinborne Court` stand side by side.
        # And of Park Road North and South, of Victoria Road and Victoria Court, each is its own.
        is_other = apart or ours.name != theirs.name or bool({ours.type, theirs.type} & _OF_ITS_OWN)
        return Finding(DIFFERS if is_other else WEAK, ANOTHER_TYPE, f"{yours} is not {mine}, though the name is alike")
    return _one_in_the_other(marked, told, ours, theirs)


_OF_ITS_OWN = frozenset({*COMPASS.values(), "COURT", "TERRACE", "MEWS", "PARADE"})
"""What stands in a type's place and is never said for another one."""


def _one_in_the_other(marked: Address, told: Address, ours: Street, theirs: Street) -> Finding:
    """Two streets that are not alike: does one stand somewhere in the other address?"""
    mine, yours = str(ours).title(), str(theirs).title()
    if _may_be_a_place(ours, marked, told) or _may_be_a_place(theirs, told, marked):
        return Finding(WEAK, MAY_BE_A_PLACE, f"{yours} may be a place and no street")
    if not (_stands_in(ours, told) or _stands_in(theirs, marked)):
        return Finding(DIFFERS, ANOTHER_STREET, f"{yours} is not {mine}")
    if marked.house and told.house and not (_begins(ours, theirs) or marked.names or told.names):
        # `105 HOLLY COURT, HIGH STREET` is not 105 High Street: the numbers stand in front of different things.
        return Finding(DIFFERS, ONE_NAMES_THE_OTHER, f"{yours} is not {mine}, though one names the other")
    return Finding(WEAK, PART_OF_THE_OTHER, f"{yours} is part of what the other address says")


def _are_apart(marked: Address, told: Address) -> bool:
    """Both gave a whole postcode, and not the same: then two like names are two streets."""
    ours, theirs = marked.postcode, told.postcode
    return bool(ours and theirs and ours.is_full and theirs.is_full and ours != theirs)


def _written_together(ours: Street, theirs: Street) -> bool:
    """`SMITHYBRIDGE ROAD` and `SMITHY BRIDGE ROAD`; `OLD CROFTS BANK` and `OLD CROFTS BANK ROAD`; `HIGH SREET`."""
    for street, longer in ((ours, theirs), (theirs, ours)):
        if street.type and (*street.name, street.type) == longer.name:
            return True
    if ours.type and theirs.type:
        return ours.type == theirs.type and "".join(ours.name) == "".join(theirs.name)
    one, other = str(ours).replace(" ", ""), str(theirs).replace(" ", "")
    return one == other or (min(len(one), len(other)) >= LONG_TYPO and slips(one, other) <= 1)


def _may_be_a_place(street: Street, address: Address, other: Address) -> bool:
    """Behind a house's name, what has no street's type may be a village: a word of it stands on the other side."""
    if street.type or address.house or not address.names:
        return False
    places = [word for word in street.name if word not in PLAIN_NAME_WORDS]
    return any(alike(word, there) for word in places for there in line_of(other))


def _begins(ours: Street, theirs: Street) -> bool:
    """One is the other with more behind it."""
    short, long = sorted((str(ours), str(theirs)), key=len)
    return f"{long} ".startswith(f"{short} ")


def _stands_in(street: Street, address: Address) -> bool:
    """All words of `street` stand together in what `address` says (`7 Kempston House, Guildhall Street`)."""
    line = f" {' '.join(filter(None, line_of(address)))} "
    return bool(street.name) and f" {street} " in line


def postcodes(marked: Address, told: Address) -> Finding:
    """Equal, in one district, in one area, or far apart."""
    ours, theirs = marked.postcode, told.postcode
    if ours is None or theirs is None:
        return Finding(UNKNOWN, NOT_SAID, "no postcode was given" if ours else "")
    if ours == theirs:
        return Finding(EQUAL, AGREES, f"postcode {theirs} agrees" if ours.is_full else f"district {theirs} agrees")
    if ours.outward == theirs.outward or _is_short_for(ours.outward, theirs.outward):
        if ours.is_full and theirs.is_full:
            return Finding(CLOSE, ANOTHER_POSTCODE_OF_THE_DISTRICT, f"postcode {theirs} is in the district of {ours}")
        return Finding(CLOSE, DISTRICT_ALONE, f"postcode district {theirs.outward} agrees")
    if ours.area == theirs.area:
        return Finding(WEAK, ANOTHER_DISTRICT, f"postcode {theirs} is not {ours}, in the same area")
    return Finding(DIFFERS, IS_ANOTHER, f"postcode {theirs} is far from {ours}")


def _is_short_for(one: str, other: str) -> bool:
    """`SW1` for `SW1A`: people leave out the letter of a London district."""
    short, long = sorted((one, other), key=len)
    return long[:-1] == short and long[-1].isalpha()


def places(marked: Address, told: Address, postcode: Finding) -> Finding:
    """Are both in the same town? A shared postcode says so; else a word of the places must."""
    if postcode.stands is EQUAL:
        return Finding(EQUAL, AGREES)
    if _are_opposites(marked, told):
        return Finding(DIFFERS, IS_ANOTHER, "the villages differ")
    villages = _other_villages(marked, told) or _may_be_another_village(marked, told)
    return Finding(EQUAL, AGREES) if postcode.stands is CLOSE and not villages else _by_town(marked, told, postcode)


def _by_town(marked: Address, told: Address, postcode: Finding) -> Finding:
    """No postcode settles it: do they share a town, or a place that stands for one?"""
    ours, theirs = _towns(marked), _towns(told)
    shared = shared_by(ours, theirs | _elsewhere(told)) or shared_by(theirs, ours | _elsewhere(marked))
    if shared:
        said = f"{shared.title()} agrees"
        if postcode.stands is CLOSE:
            return Finding(WEAK, OTHER_PLACES_DIFFER, f"{said}, and other places differ")
        # A postcode that lies far off, beside a town that agrees, may have a letter wrong: worth a look.
        return Finding(WEAK if postcode.stands in (DIFFERS, WEAK) else CLOSE, TOWN_AGREES, said)
    if postcode.stands is DIFFERS or (ours and theirs):
        return Finding(DIFFERS, IS_ANOTHER, "the towns differ")
    if postcode.stands is CLOSE:
        return Finding(WEAK, OTHER_PLACES_DIFFER)
    return Finding(DIFFERS if postcode.stands is WEAK else UNKNOWN, NO_TOWN_SHARED)


def _are_opposites(marked: Address, told: Address) -> bool:
    """Great Snoring and Little Snoring: one word of a pair stands on each side, and nowhere on the other."""
    ours, theirs = set(marked.places) - set(told.places), set(told.places) - set(marked.places)
    return any(len(pair & ours) == 1 and len(pair & theirs) == 1 and pair <= ours | theirs for pair in OPPOSITES)


def _other_villages(marked: Address, told: Address) -> bool:
    """Both gave whole postcodes, and not the same, and each names a place that the other does not."""
    if not _are_apart(marked, told):
        return False
    ours, theirs = _towns(marked) or _in_front(marked), _towns(told) or _in_front(told)
    return any(shared_by({word}, theirs) is None for word in ours) and any(
        shared_by({word}, ours) is None for word in theirs
    )


def _may_be_another_village(marked: Address, told: Address) -> bool:
    """A district has many High Streets: the postcodes are more than a slip apart, and one side names no village."""
    if not _are_apart(marked, told) or (marked.places and told.places):
        return False
    assert marked.postcode is not None
    assert told.postcode is not None
    return slips(marked.postcode.inward, told.postcode.inward) > 1


def _towns(address: Address) -> set[str]:
    """The words of its places that are no county's: a county agreeing is no evidence that the town does."""
    return {word for word in address.places if word not in COUNTIES}


def _in_front(address: Address) -> set[str]:
    """`ROXTON BEDFORD, 6 HIGH STREET`: where nothing stands behind the street, the places stand in front."""
    return {word for word in address.names if word not in COUNTIES} if address.house else set()


def _elsewhere(address: Address) -> set[str]:
    """Where else a place may stand: among the names, in a street without a type, in two words written as one."""
    own = address.street_words
    street = own if address.street and not address.street.type else ()
    joined = {first + second for first, second in pairwise(address.places)}
    # Monkchester Road School stands in Monkchester Road, and that says of no town.
    names = [word for word in address.names if word not in own]
    return {word for word in (*names, *street) if word not in BUSINESS_WORDS} | joined
