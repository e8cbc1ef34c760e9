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
    "CTRE": "CENTRE", "CENTER": "CENTRE", "MED": "MEDICAL", "HLTH": "HEALTH", "SURG": "SURGERY", "VILL": "VILLAGE",
    "PREC": "PRECINCT", "PRECT": "PRECINCT", "PCT": "PRECINCT", "SCH": "SCHOOL", "HOSP": "HOSPITAL", "STN": "STATION",
    "PHARM": "PHARMACY", "PHCY": "PHARMACY", "APTS": "APARTMENTS", "MANS": "MANSIONS",
    "UNIV": "UNIVERSITY", "CLGE": "COLLEGE", "COLL": "COLLEGE", "FM": "FARM", "BUS": "BUSINESS", "RET": "RETAIL",
    "TRAD": "TRADING", "INDL": "INDUSTRIAL", "PRIM": "PRIMARY", "NURS": "NURSING", "UNI": "UNIVERSITY",
    "1ST": "FIRST", "2ND": "SECOND", "3RD": "THIRD", "4TH": "FOURTH", "5TH": "FIFTH", "6TH": "SIXTH", "7TH": "SEVENTH",
    "CAERDYDD": "CARDIFF", "ABERTAWE": "SWANSEA", "CASNEWYDD": "NEWPORT", "WRECSAM": "WREXHAM",
    "CAERFYRDDIN": "CARMARTHEN", "CAERGYBI": "HOLYHEAD", "DINBYCH": "DENBIGH", "ABERHONDDU": "BRECON",
    "CAERFFILI": "CAERPHILLY", "HWLFFORDD": "HAVERFORDWEST", "TREFYNWY": "MONMOUTH", "BIWMARES": "BEAUMARIS",
}  # fmt: skip
"""Abbreviation, ordinal, or Welsh name of a town → the word that is compared, anywhere in a name."""

ENDINGS_OF_A_DOOR = frozenset(
    """
    BARN BARNS BUNGALOW COTTAGE COTTAGES FARM FARMHOUSE HALL HOUSE LODGE MANOR MILL STABLES VILLA VICARAGE RECTORY
    """.split()
)
"""Last words of houses' names that tell one door of a yard from another."""

UNIT_SIGNS = frozenset(
    """
    FLAT APARTMENT FLOOR LEFT RIGHT FRONT REAR BACK UPPER MIDDLE LOWER ATTIC LOFT MEZZANINE GARDEN WING BLOCK POD
    ENTRANCE STAIR STAIRCASE MAISONETTE GARAGE SHED STORE LAND ABOVE BELOW OVER FFL FFR TFL TFR GFL GFR RO
    """.split()
)
"""Words that say of a name that it is a part of the building, which was not understood further."""

UNIT_WORDS = {
    "FLAT": "FLAT FLT FLA", "APARTMENT": "APARTMENT APT APPT APART", "UNIT": "UNIT", "ROOM": "ROOM RM",
    "STUDIO": "STUDIO", "SUITE": "SUITE", "MAISONETTE": "MAISONETTE", "BEDSIT": "BEDSIT", "CARAVAN": "CARAVAN",
    "PLOT": "PLOT", "PENTHOUSE": "PENTHOUSE", "ANNEXE": "ANNEXE ANNEX", "OFFICE": "OFFICE", "PITCH": "PITCH",
    "BERTH": "BERTH", "CHALET": "CHALET", "KIOSK": "KIOSK", "WORKSHOP": "WORKSHOP", "CABIN": "CABIN",
}  # fmt: skip
UNIT_WORDS = {written: full for full, forms in UNIT_WORDS.items() for written in forms.split()}
"""What stands in front of a unit's label; which of them was used matters little."""

UNITS_WITHOUT_LABEL = frozenset({"ANNEXE", "PENTHOUSE", "STUDIO", "MAISONETTE"})

FLATS_BY_PLACE = frozenset("GRANNY ATTIC UPPER MIDDLE LOWER GARDEN FRONT BACK LEFT RIGHT MEWS LOFT".split())
"""What stands in front of `FLAT` in a label's place: the middle flat is none of those with a number."""

_STOREYS = {
    0: "GROUND GRD GRND GND G", 1: "FIRST 1ST", 2: "SECOND 2ND", 3: "THIRD 3RD", 4: "FOURTH 4TH", 5: "FIFTH 5TH",
    6: "SIXTH 6TH", 7: "SEVENTH 7TH", 8: "EIGHTH 8TH", 9: "NINTH 9TH", 10: "TENTH 10TH", 99: "TOP",
}  # fmt: skip
FLOORS = {
    f"{storey} {floor}": number
    for number, storeys in _STOREYS.items() for storey in storeys.split() for floor in ("FLOOR", "FLR", "FL")
} | {
    "BASEMENT": -1, "LOWER GROUND": -1, "LOWER GROUND FLOOR": -1, "LOWER GROUND FLR": -1, "LGF": -1, "LGFF": -1,
    "UPPER GROUND": 50, "UPPER GROUND FLOOR": 50, "UPPER GROUND FLR": 50, "UGF": 50,
    "LF": -1, "BASEMENT FLOOR": -1, "BSMT": -1, "BSMNT": -1, "BMT": -1, "GROUND": 0, "GF": 0, "GFF": 0, "FFF": 1,
    "SFF": 2, "TFF": 99, "TOP": 99, "FIRST": 1, "SECOND": 2, "THIRD": 3,
}  # fmt: skip
"""Words for floors → the floor's number; 99 is the top, whichever that is, and 50 the one over the ground."""

BARE_FLOORS = frozenset(
    {
        "GROUND",
        "UPPER GROUND",
        "LOWER GROUND",
        "BASEMENT",
        "BSMT",
        "BSMNT",
        "BMT",
        "LF",
        "TOP",
        "FIRST",
        "SECOND",
        "THIRD",
    }
)
"""A floor only in front of a flat's word: there are Recreation Grounds, and a Second Avenue."""

FLOOR_NAMES = {
    -1: "basement",
    0: "ground floor",
    1: "first floor",
    2: "second floor",
    3: "third floor",
    4: "fourth floor",
    5: "fifth floor",
    6: "sixth floor",
    7: "seventh floor",
    8: "eighth floor",
    9: "ninth floor",
    10: "tenth floor",
    50: "upper ground floor",
    99: "top floor",
}

COMPASS = {"N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST"}

NAMELIKE_TYPES = frozenset(
    "VIEW GROVE COURT MOUNT RISE GARDENS GREEN PARK VILLAS CROFT BANK HILL HEIGHTS SIDE VALE MEADOW MEADOWS END".split()
)
"""Types of streets in which houses' names end, too: `SEA VIEW, MERSEY ROAD`."""

OPPOSITES = frozenset(
    frozenset(pair.split()) for pair in "GREAT LITTLE|UPPER LOWER|NORTH SOUTH|EAST WEST|OLD NEW|HIGHER LOWER".split("|")
)
"""Words that tell two of a name apart: Great and Little Snoring."""

COUNTRY_WORDS = frozenset({"UK", "GB", "ENGLAND", "SCOTLAND", "WALES", "CYMRU", "UNITED", "KINGDOM", "BRITAIN", "NI"})
"""Say nothing about which town is meant."""

COUNTIES = frozenset(
    """
    BEDFORDSHIRE BERKSHIRE BUCKINGHAMSHIRE CAMBRIDGESHIRE CHESHIRE CLEVELAND CORNWALL CUMBRIA DERBYSHIRE DEVON DORSET
    DURHAM ESSEX GLOUCESTERSHIRE HAMPSHIRE HEREFORDSHIRE HERTFORDSHIRE HUMBERSIDE KENT LANCASHIRE LEICESTERSHIRE
    LINCOLNSHIRE MERSEYSIDE MIDDLESEX NORFOLK NORTHAMPTONSHIRE NORTHUMBERLAND NOTTINGHAMSHIRE OXFORDSHIRE RUTLAND
    SHROPSHIRE SOMERSET STAFFORDSHIRE SUFFOLK SURREY SUSSEX WARWICKSHIRE WILTSHIRE WORCESTERSHIRE YORKSHIRE
    ABERDEENSHIRE ANGUS ARGYLL AYRSHIRE FIFE LANARKSHIRE LOTHIAN PERTHSHIRE CLWYD DYFED GWENT GWYNEDD POWYS ANTRIM
    ARMAGH DOWN FERMANAGH LONDONDERRY TYRONE NORTH SOUTH EAST WEST MID GREATER CENTRAL UPON THE AND OF ON IN LE
    BEDS BERKS BUCKS CAMBS DERBYS GLOS HANTS HERTS LANCS LEICS LINCS MIDDX NORTHANTS NORTHD NOTTS OXON SALOP STAFFS
    WARKS WILTS WORCS YORKS MIDLANDS ISLE BOROUGH CITY COUNTY
    """.split()
)
"""A county agreeing is no evidence that the town does."""

NUMBER_PREFIXES = frozenset({"NO", "NUMBER", "NUM", "NR"})

RELATIONS = {
    r"NEXT DOOR(?: TO)?": "next door to",
    r"(?:NEXT TO|ADJ(?:ACENT)?(?: TO)?)": "next to",
    r"OPP(?:OSITE)?(?: TO)?": "opposite",
    r"ACROSS (?:THE (?:ROAD|STREET|WAY) )?FROM": "across from",
    r"(?:BESIDE|ALONGSIDE)": "beside",
    r"(?:(?:ALLEY|ALLEYWAY|LANE|FIELD) )?BEHIND": "behind",
    r"(?:NEAR(?: TO)?|NR|NEARBY|CLOSE TO|(?:IN THE )?VICINITY OF)": "near",
    r"FACING": "facing",
    r"(?:A |ONE|TWO|THREE|FOUR|FEW|SEVERAL|\d) ?(?:DOORS?|HOUSES?) (?:UP|DOWN|ALONG|AWAY)(?: FROM)?": "some doors from",
    r"BETWEEN": "between",
    r"(?:A?ROUND )?THE CORNER (?:FROM|OF)": "round the corner from",
    r"CORNER OF": "at the corner of",
    r"JUNCTION OF": "at the junction of",
    r"(?:THE )?NEIGHBOURS? (?:OF|TO)": "a neighbour of",
    r"(?:OUTSIDE(?: OF)?|IN FRONT OF)": "outside",
}
"""How a place is said to lie to the address that is given → how that is told. At most `possible`, `outside` apart."""

NAME_ENDINGS = frozenset(
    """
    ABBEY ACADEMY ARMS BARN BARNS BUNGALOW CASTLE CENTRE CHAPEL CHURCH CLINIC COLLEGE COTTAGE COTTAGES FARM FARMHOUSE
    GRANGE HALL HOSPITAL HOTEL HOUSE INN LIBRARY LODGE MANOR MILL MUSEUM RECTORY SCHOOL STABLES STATION SURGERY
    TOWER VICARAGE VILLA
    """.split()
)
"""Last words of the names that stand in a number's place."""

BUILDING_ENDINGS = NAME_ENDINGS | frozenset(
    """
    APARTMENTS BLOCK BUILDING BUILDINGS CHAMBERS COURT GABLES HEIGHTS LOFTS MANSIONS PLAZA POINT PRIORY QUAY
    RESIDENCE TERRACE TOWERS WHARF WORKS CLOISTERS ATRIUM GREENACRES
    """.split()
)
"""Last words of a building's name that stands between a flat's number and the street."""

BUSINESS_WORDS = frozenset(
    """
    ACADEMY ASDA BAKERY BANK BAR BEAUTY BOOTS BUSINESS CAFE CARE CENTRE CHEMIST CHEMISTS CLINIC COLLEGE CO COMPANY CP
    DENTAL DEPARTMENT DOCTORS FAMILY FOODS GARAGE GROUP HAIR HEALTH HOSPITAL HOTEL INDUSTRIAL INFANT INFANTS JUNIOR
    LIBRARY LIMITED LLP LTD MARKET MEDICAL MORRISONS NHS NURSERY NURSING OFFICE OFFICES PARK PARTNERS PARTNERSHIP
    PHARMACY PLC PRACTICE PRECINCT PRIMARY PUB RESOURCE RESTAURANT RETAIL SAINSBURYS SALON SCHOOL SERVICE SERVICES SHOP
    SHOPPING STATION STORE STORES SUPERMARKET SUPERSTORE SURGERY TESCO TRADING TRUST UNIVERSITY WAREHOUSE
    """.split()
)
"""Words of what a place is used for: a business comes and goes, and says nothing of which door it is."""

PLAIN_NAME_WORDS = frozenset(
    """
    THE OF AND AT A OLD NEW HOUSE HOUSES COTTAGE COTTAGES BARN BARNS LODGE HALL FARM BUILDING BUILDINGS BUNGALOW ANNEXE
    SITE
    """.split()
)
"""Words of houses' names that many share: they tell no house from another."""
