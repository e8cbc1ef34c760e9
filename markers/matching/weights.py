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
