"""The words of addresses: what is written for what. Tables only, in capitals.

Sources: Royal Mail's PAF programmers' guide (street types and their abbreviations), BS 7666 (units), and the habits
of callers and typists as the labelled pairs show them.
"""

STREET_TYPES = {
    "ALLEY": "ALY", "APPROACH": "APPR", "ARCADE": "ARC", "AVENUE": "AV AVE AVN", "BANK": "BK", "BOULEVARD": "BLVD BVD",
    "BRIDGE": "BRG", "BROADWAY": "BDWY", "BUILDINGS": "BLDGS BLDS", "BYPASS": "", "CAUSEWAY": "CSWY", "CHASE": "",
    "CIRCUS": "CIR", "CLOSE": "CL CLS", "COMMON": "", "CORNER": "CNR", "COTTAGES": "COTTS", "COURT": "CT CRT",
    "COURTYARD": "CTYD", "CRESCENT": "CRES CR CRESC", "CROFT": "", "CROSS": "", "DALE": "", "DENE": "",
    "DRIVE": "DR DRV", "DRIVEWAY": "", "END": "", "ESPLANADE": "ESP", "ESTATE": "EST", "FIELD": "FLD",
    "FIELDS": "FLDS", "FOLD": "", "GARDEN": "", "GARDENS": "GDNS GDS GDN", "GARTH": "", "GATE": "", "GLADE": "",
    "GLEBE": "", "GREEN": "GRN", "GROVE": "GR GRV", "HEATH": "", "HEIGHTS": "HTS", "HILL": "", "LANE": "LN LA",
    "LAWN": "", "LEA": "", "LOAN": "", "MALL": "", "MEAD": "", "MEADOW": "MDW", "MEADOWS": "MDWS", "MEWS": "MWS",
    "MOUNT": "MT", "PARADE": "PDE PAR", "PARK": "PK", "PASSAGE": "PASS", "PATH": "", "PLACE": "PL", "PLAIN": "",
    "PRECINCT": "", "PROMENADE": "PROM", "QUADRANT": "QUAD", "QUAY": "", "RISE": "", "ROAD": "RD", "ROW": "",
    "SQUARE": "SQ", "STEPS": "", "STREET": "STR", "TERRACE": "TER TERR TCE", "VALE": "", "VIEW": "VW", "VILLAS": "VLS",
    "WALK": "WK WLK", "WAY": "WY", "WHARF": "WHF", "WYND": "", "YARD": "YD",
    # Welsh
    "FFORDD": "", "HEOL": "", "LON": "", "RHODFA": "", "STRYD": "", "TERAS": "",
}  # fmt: skip
"""Street type → its abbreviations. `ST` is not among them: its place decides between Saint and Street."""

IN_FRONT_TYPES = frozenset({"FFORDD", "HEOL", "LON", "RHODFA", "STRYD", "TERAS"})
"""Welsh types stand in front of the name: `HEOL FAWR`."""

STREET_TYPE_OF = {
    written: full for full, short in STREET_TYPES.items() for written in (full, *short.split()) if written
}

WRITTEN_OUT = STREET_TYPE_OF | {
    "HSE": "HOUSE", "HO": "HOUSE", "COTT": "COTTAGE", "CTR": "CENTRE", "IND": "INDUSTRIAL", "GT": "GREAT",
    "LT": "LITTLE", "LWR": "LOWER", "UPR": "UPPER", "NTH": "NORTH", "STH": "SOUTH", "BLDG": "BUILDING",
}  # fmt: skip
"""Abbreviation → word, anywhere in a name."""

UNIT_WORDS = {
    "FLAT": "FLAT FLT FLA", "APARTMENT": "APARTMENT APT APPT APART", "UNIT": "UNIT", "ROOM": "ROOM RM",
    "STUDIO": "STUDIO", "SUITE": "SUITE", "MAISONETTE": "MAISONETTE", "BEDSIT": "BEDSIT", "CARAVAN": "CARAVAN",
    "PLOT": "PLOT", "PENTHOUSE": "PENTHOUSE", "ANNEXE": "ANNEXE ANNEX",
}  # fmt: skip
UNIT_WORDS = {written: full for full, forms in UNIT_WORDS.items() for written in forms.split()}
"""What stands in front of a unit's label; which of them was used matters little."""

UNITS_WITHOUT_LABEL = frozenset({"ANNEXE", "PENTHOUSE", "STUDIO", "MAISONETTE"})

FLOORS = {
    "BASEMENT": -1, "LOWER GROUND": -1, "LOWER GROUND FLOOR": -1, "LGF": -1,
    "GROUND FLOOR": 0, "GROUND": 0, "GRD FLR": 0, "GRD FLOOR": 0, "GF": 0, "GFF": 0,
    "FIRST FLOOR": 1, "1ST FLOOR": 1, "FFF": 1, "SECOND FLOOR": 2, "2ND FLOOR": 2, "SFF": 2,
    "THIRD FLOOR": 3, "3RD FLOOR": 3, "FOURTH FLOOR": 4, "4TH FLOOR": 4, "TOP FLOOR": 99, "TFF": 99,
}  # fmt: skip
"""Words for floors → the floor's number; 99 is the top, whichever that is."""

FLOOR_NAMES = {
    -1: "basement",
    0: "ground floor",
    1: "first floor",
    2: "second floor",
    3: "third floor",
    4: "fourth floor",
    99: "top floor",
}

COMPASS = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}

COUNTRY_WORDS = frozenset({"UK", "GB", "ENGLAND", "SCOTLAND", "WALES", "CYMRU", "UNITED", "KINGDOM", "BRITAIN", "NI"})
"""Say nothing about which town is meant."""

COUNTIES = frozenset(
    """
    BEDFORDSHIRE BERKSHIRE BUCKINGHAMSHIRE CAMBRIDGESHIRE CHESHIRE CLEVELAND CORNWALL CUMBRIA DERBYSHIRE DEVON DORSET
    DURHAM ESSEX GLOUCESTERSHIRE HAMPSHIRE HEREFORDSHIRE HERTFORDSHIRE HUMBERSIDE KENT LANCASHIRE LEICESTERSHIRE
    LINCOLNSHIRE MERSEYSIDE MIDDLESEX NORFOLK NORTHAMPTONSHIRE NORTHUMBERLAND NOTTINGHAMSHIRE OXFORDSHIRE RUTLAND
    SHROPSHIRE SOMERSET STAFFORDSHIRE SUFFOLK SURREY SUSSEX WARWICKSHIRE WILTSHIRE WORCESTERSHIRE YORKSHIRE
    ABERDEENSHIRE ANGUS ARGYLL AYRSHIRE FIFE LANARKSHIRE LOTHIAN PERTHSHIRE CLWYD DYFED GWENT GWYNEDD POWYS ANTRIM
    ARMAGH DOWN FERMANAGH LONDONDERRY TYRONE NORTH SOUTH EAST WEST MID GREATER
    """.split()
)
"""A county agreeing is no evidence that the town does."""

NUMBER_PREFIXES = frozenset({"NO", "NUMBER", "NUM", "NR"})

RELATION_WORDS = ("NEXT DOOR TO", "NEXT TO", "OPPOSITE", "OPP", "OUTSIDE", "NEAR", "BEHIND", "CORNER OF", "ACROSS FROM")
"""The place is not the address but stands to it in this relation: at most `possible`, `outside` apart."""

NAME_ENDINGS = frozenset(
    """
    ABBEY ACADEMY ARMS BARN BARNS BUNGALOW CASTLE CENTRE CHAPEL CHURCH CLINIC COLLEGE COTTAGE COTTAGES FARM FARMHOUSE
    GRANGE HALL HOSPITAL HOTEL HOUSE INN LIBRARY LODGE MANOR MILL MUSEUM RECTORY SCHOOL STABLES STATION SURGERY
    TOWER VICARAGE VILLA
    """.split()
)
"""Last words of the names that stand in a number's place."""
