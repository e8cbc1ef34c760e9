"""Every weight and threshold of matching, each with its reason."""

NEAR_M = 100.0
"""Metres beside an area that still are `near`: across the street, behind the house (a setting)."""

PREMISES_RADIUS_M = 15.0
"""Metres around an address's own point that count as the premises: a house and its garden."""

VAGUE_M = 500.0
"""Metres of uncertainty above which `may_be_inside` raises nothing by itself: one mast must not raise a city."""

SAYS_NOTHING_M = 25_000.0
"""Metres of uncertainty above which a position is asked only whether a marked area holds all of it."""

SHORTEST_TYPO = 5
"""Letters from which one slip in a word is forgiven: in shorter ones it makes another word (`MILL`, `HILL`)."""

LONG_TYPO = 9
"""Letters from which two slips are forgiven."""

CROWD_AT_MOST = 100
"""Targets of one audience that are compared for what only weak keys find: those that share most of them."""

POSSIBLE_SCORE = 0.5
"""Below any `same_building`: worth a look, not certain."""

# How much each finding about an address adds. They rank matches *within* a level and decide none: the levels are the
# table's (`rules.py`). A match's score is the product of its findings'.

AGREES = 1.0
IS_ANOTHER = 0.0
"""A number, a postcode or a town that is plainly another: a veto, and nothing to be weighed."""
NOT_SAID = 0.9
"""A street or a postcode that one side leaves out: callers leave out much."""

IN_A_RANGE = 0.9
"""A number of `10-14`: one of a few doors."""
LETTER_ON_ONE_SIDE, ANOTHER_LETTER = 0.8, 0.6
"""`12` and `12A` may be one door; `12A` and `12B` are two."""
NAME_IN_PLACE_OF_A_NUMBER = 0.95
"""A house's name names it nearly as well as a number."""
PLAIN_NAME_ALIKE, NAME_IN_PARTS = 0.8, 0.7
"""Names that share only words that many have, or only most of their words."""
ANOTHER_BUSINESS, ANOTHER_NAME, ANOTHER_NAME_IN_ITS_PLACE = 0.7, 0.4, 0.3
"""A business comes and goes; a house's name seldom changes."""
NEITHER_SAYS_A_DOOR, NO_DOOR_MARKED, NO_DOOR_GIVEN = 0.8, 0.7, 0.6
"""The less is said of the door, the more doors it may be."""
UNIT_IN_PART, UNIT_ON_ONE_SIDE, ANOTHER_UNIT = 0.8, 0.7, 0.5
"""A floor or room that one side leaves out; a flat that one side leaves out; another flat."""

WRITTEN_OTHERWISE, A_SLIP, ANOTHER_TYPE = 0.97, 0.95, 0.6
"""`Smithybridge` and `Smithy Bridge`; `Howrad` and `Howard`; `Bold Road` and `Bold Street`."""
PART_OF_THE_OTHER, MAY_BE_A_PLACE, ONE_NAMES_THE_OTHER, ANOTHER_STREET = 0.8, 0.7, 0.4, 0.3
"""A street found somewhere in the other address; the closer to the street's own place, the better."""
DISTRICT_ALONE, ANOTHER_POSTCODE_OF_THE_DISTRICT, ANOTHER_DISTRICT = 0.95, 0.85, 0.6
"""An outward part alone agrees; a whole postcode may be a neighbour's; another district is seldom a slip."""
TOWN_AGREES, NO_TOWN_SHARED, OTHER_PLACES_DIFFER = 0.95, 0.8, 0.6
"""What stands behind the street."""
ANOTHER_REFERENCE, BY_REFERENCE = 0.8, 0.9
"""UPRNs that differ beside texts that agree; and what is known by a gazetteer's references alone."""
