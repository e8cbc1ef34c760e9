"""What an unclear text may mean, and text that came from speech."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.address import understand_address
from markers.matching.addresses import compare_addresses
from markers.matching.compare import compare
from markers.matching.evidence import Level
from markers.matching.keys import asked_keys, stored_keys
from markers.matching.readings import readings
from markers.matching.speech import heard, with_postcode_spelt
from markers.matching.values import Address, Part, Role
from tests.builders import an_address


def level(marked: str, told: str, postcode: str | None = "L1 4DS", told_postcode: str | None = "L1 4DS") -> str:
    match = compare_addresses(an_address(marked, postcode), an_address(told, told_postcode))
    return match.level.value if match else "none"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("FLAT TWO TEN BOLD STREET", "FLAT 2 10 BOLD STREET"),
        ("ONE HUNDRED AND FIVE HIGH ROAD", "105 HIGH ROAD"),
        ("TWENTY FOUR HIGH ROAD", "24 HIGH ROAD"),
        ("DOUBLE FIVE HIGH ROAD", "55 HIGH ROAD"),
        ("ONE OH SEVEN HIGH ROAD", "107 HIGH ROAD"),
        ("TWO HUNDRED HIGH ROAD", "200 HIGH ROAD"),
        ("FLAT THREE TWENTY TWO HIGH ROAD", "FLAT 3 22 HIGH ROAD"),
        ("HIGH ROAD", "HIGH ROAD"),
    ],
)
def test_numbers_that_were_spoken(said: str, written: str) -> None:
    assert " ".join(heard(said.split())) == written


@pytest.mark.parametrize(
    "text",
    [
        "10 BOLD STREET LIMA ONE FOUR DELTA SIERRA",
        "10 BOLD STREET L ONE FOUR D S",
        "10 BOLD STREET LIMA 1 4 DELTA SIERRA",
    ],
)
def test_a_postcode_that_was_spelt(text: str) -> None:
    assert str(an_address(text).postcode) == "L1 4DS"
    assert with_postcode_spelt("10 VICTOR ROAD LIVERPOOL") == "10 VICTOR ROAD LIVERPOOL"


@pytest.mark.parametrize(
    ("marked", "told", "expected"),
    [
        # A flat of a named building, with the building's own number or without.
        ("32 Slade House, 2 Edgar Road", "32 SLADE HOUSE EDGAR ROAD", "same_premises"),
        ("FLAT 5 CRESTED COURT 3 SHEARWATER DRIVE", "FLAT 5 CRESTED COURT SHEARWATER DRIVE", "same_premises"),
        ("22 PARK ROW APARTMENTS 8 GREEK STREET", "Flat 22, Park Row Apartments, 8 Greek Street", "same_premises"),
        ("3 ANDREE HOUSE GRANGE ROAD", "4 ANDREE HOUSE GRANGE ROAD", "possible"),
        # Two numbers in a row: a flat and a house, or a range.
        ("101 103 REDLAND ROAD", "101-103 Redland Road", "same_premises"),
        ("FLAT 3 41 43 LOWER BRECK ROAD", "FLAT 3 41 LOWER BRECK ROAD", "same_premises"),
        ("202 B 202 BROOKE ROAD", "202B BROOKE ROAD", "same_premises"),
        ("FLAT 19 19 NORTHILL ROAD", "19 NORTHILL ROAD FLAT 19", "same_premises"),
        ("45-47 ST CUTHBERTS STREET", "45 & 47 St Cuthberts Street", "same_premises"),
        ("45-47 ST CUTHBERTS STREET", "45 to 47 St Cuthberts Street", "same_premises"),
        # Rooms, floors, letters.
        ("FLAT 4 128 HIGH STREET", "ROOM 3 FLAT 4 128 HIGH STREET", "same_building"),
        ("GROUND FLOOR FLAT 12 HIGH STREET", "G/F FLAT, 12 HIGH STREET", "same_premises"),
        ("BASEMENT FLAT 12 HIGH STREET", "BSMT FLAT, 12 HIGH STREET", "same_premises"),
        ("FIRST FLOOR FLAT 12 HIGH STREET", "FLAT 1ST FLR, 12 HIGH STREET", "same_premises"),
        ("TOP FLOOR FLAT 12 HIGH STREET", "TOP FLAT, 12 HIGH STREET", "same_premises"),
        ("FLAT E 28A HIGH STREET", "E, 28A HIGH STREET", "same_premises"),
        ("66D DE PARYS AVENUE", "66 d De Parys Avenue", "same_premises"),
        # Names.
        ("THE SCREES PUMP LANE FILLONGLEY", "THE SCREES DIDGLEY LANE FILLONGLEY", "same_building"),
        ("PASTURE VIEW 19 MALTKILN ROAD FENTON", "PASTURE VIEW MALTKILN ROAD FENTON", "same_premises"),
        ("HUNT COTTAGE MAIN STREET ARROW", "HUNT COTTAGE ARROW ALCESTER", "same_premises"),
        ("ROSE COTTAGE CHURCH LANE", "IVY COTTAGE CHURCH LANE", "none"),
        ("ROSE COTTAGE CHURCH LANE", "CHURCH LANE", "possible"),
        ("Tesco Pharmacy, Hereford Street", "Hereford Street", "same_premises"),
        ("Horsedge Street, Oldham", "44 Horsedge Street, Oldham", "same_building"),
        ("44 Horsedge Street, Oldham", "Horsedge Street, Oldham", "possible"),
        ("105 HIGH STREET BILLERICAY", "105 HOLLY COURT HIGH STREET BILLERICAY", "possible"),
        # Written as one word, or with a slip.
        ("69 Smithybridge Road", "69 Smithy Bridge Road", "same_premises"),
        ("4 High Street, Shaw", "4 High Sreet, Shaw", "same_premises"),
        ("12 Hill Road, Cambridge", "12 Hills Road, Cambridge", "possible"),
        ("FLT10 OAKLEY COURT, PRITCHATTS ROAD", "Flat 10, Oakley Court, Pritchatts Road", "same_premises"),
    ],
)
def test_readings_are_compared_and_the_best_counts(marked: str, told: str, expected: str) -> None:
    assert level(marked, told) == expected


def test_the_reading_that_was_used_is_told() -> None:
    marked = an_address("Flat 22, Park Row Apartments, 8 Greek Street", "LS1 5RW")
    match = compare_addresses(marked, an_address("22 PARK ROW APARTMENTS 8 GREEK STREET", "LS1 5RW"))
    assert match is not None
    assert "read as a flat of a named building" in match.evidence


def test_two_public_buildings_of_one_street_are_two() -> None:
    library, museum = (
        "Central Library, William Brown Street, Liverpool",
        "World Museum, William Brown Street, Liverpool",
    )
    assert level(library, museum, "L3 8EW", "L3 8EL") == "none"
    assert level(library, museum, "L3 8EW", None) == "possible"


def test_villages_of_one_name_in_two_sectors_are_not_one_place() -> None:
    ipswich = level("74 High Street, Hadleigh, Ipswich", "74 High Street, Bildeston, Ipswich", "IP7 5EF", "IP7 7EX")
    assert ipswich == "possible"
    assert level("8 Rayleigh Road, Hutton", "8 Rayleigh Close, Hutton", "CM13 1LZ", "CM13 1AR") == "none"


@pytest.mark.parametrize(
    ("marked", "told", "postcodes", "expected"),
    [
        # The flats of a Scottish stair begin anew on every floor.
        ("Flat 4, 65 Shenfield Road", "Flat 1/4, 65 Shenfield Road", ("CM15 8HA",) * 2, "same_building"),
        ("Flat 1/4, 65 Shenfield Road", "1/4, 65 Shenfield Road", ("CM15 8HA",) * 2, "same_premises"),
        ("1F2, 65 Shenfield Road", "First Floor Flat 2, 65 Shenfield Road", ("CM15 8HA",) * 2, "same_premises"),
        # A district's villages.
        ("39 High Street, Harrold, Bedford", "39 High Street, Oakley, Bedford", ("MK43 7DA", "MK43 7RH"), "possible"),
        ("39 High Street, Harrold, Bedford", "39 High Street", ("MK43 7DA", "MK43 7RH"), "possible"),
        ("39 High Street, Harrold, Bedford", "39 High Street", ("MK43 7DA", "MK43 7DB"), "same_premises"),
        ("6 High Street, Thurleigh, Bedford", "Roxton Bedford, 6 High Street", ("MK44 2DB", "MK44 3EA"), "possible"),
        # What a street is called after names no house in it.
        ("Potley Hill Primary School, Potley Hill Road", "Frogmore College, Potley Hill Road", ("GU46 6AG",) * 2,
         "same_building"),
        ("Bridgeview Special School, Pickering Road", "WHITEHOUSE REFERRAL UNIT PICKERING ROAD", ("HU4 7AD",) * 2,
         "same_building"),
        ("Infant School, Perry Street, Billericay", "BILLERICAY, 46 PERRY STREET", ("CM12 0NX", "CM12 0NA"), "possible"),
        ("Manchester Road, Droylsden", "Monkchester Road School, Monkchester Road, Walker", ("M43 6TQ", None), "none"),
        # Two slips in one street's name are one too many.
        ("12 Swinborne Court, Basildon", "12 Swinbourne Road, Basildon", ("SS13 1QA",) * 2, "possible"),
        # A number that may be a flat's, beside one that is the house's.
        ("7 The Centre, High Street", "Flat 7, 8 The Centre, High Street", ("CO9 2AJ",) * 2, "same_building"),
        ("97 Woodleigh House, Ashburnham Road", "97 WOODLEIGH HOUSE ASHBURNHAM ROAD FLAT 12", ("MK40 1EA",) * 2,
         "same_building"),
        ("64C High Street", "C/O SMITH 64 HIGH STREET", ("CM14 4AN",) * 2, "same_building"),
        # Edinburgh's flats stand behind the house's number; rising ones may be a range.
        ("15/4 Leith Walk, Edinburgh", "15/5 Leith Walk, Edinburgh", ("EH6 5AA",) * 2, "same_building"),
        ("15/4 Leith Walk, Edinburgh", "Flat 4, 15 Leith Walk, Edinburgh", ("EH6 5AA",) * 2, "same_premises"),
        ("15/4 Leith Walk, Edinburgh", "15 Leith Walk, Edinburgh", ("EH6 5AA",) * 2, "same_building"),
        ("2F1, 15 Leith Walk, Edinburgh", "15 Leith Walk 2F1 Edinburgh", ("EH6 5AA", None), "same_building"),
        ("PF1, 15 Leith Walk", "PF2, 15 Leith Walk", ("EH6 5AA",) * 2, "same_building"),
        ("TFL, 15 Leith Walk", "TFR, 15 Leith Walk", ("EH6 5AA",) * 2, "same_building"),
        ("Flat G/1, 15 Leith Walk", "Flat G/2, 15 Leith Walk", ("EH6 5AA",) * 2, "same_building"),
        ("Flat 1.2, 15 Leith Walk", "Flat 1.3, 15 Leith Walk", ("EH6 5AA",) * 2, "same_building"),
        ("Ground Floor Flat, 24 Acacia Road", "Upper Ground Floor Flat, 24 Acacia Road", ("LS6 1AA",) * 2, "same_building"),
        ("24 Acacia Avenue", "Studio 24 Acacia Avenue", ("LS6 1AA",) * 2, "same_building"),
        ("Middle Flat, 24 Acacia Avenue", "Upper Flat 24 Acacia Avenue", ("LS6 1AA",) * 2, "same_building"),
        ("Granny Flat, 24 Acacia Avenue", "GRANNY FLAT 24 ACACIA AVENUE", ("LS6 1AA",) * 2, "same_premises"),
        ("The Annexe, 24 Acacia Avenue", "THE ANNEXE 24 ACACIA AVENUE", ("LS6 1AA",) * 2, "same_premises"),
        # Park Road North is not Park Road South, Little Snoring not Great Snoring, a court not a road.
        ("12 Park Road North, Leeds", "12 Park Road South, Leeds", ("LS1 1AA",) * 2, "possible"),
        ("12 Park Road North, Leeds", "12 Park Road South, Leeds", (None, None), "none"),
        ("12 Park Road North, Leeds", "12 Park Road North, Leeds", (None, None), "same_premises"),
        ("10 High Street, Little Snoring, Fakenham", "10 High Street, Great Snoring, Fakenham", (None, None), "none"),
        ("12 Victoria Road, Leeds", "12 Victoria Terrace, Leeds", ("LS1 1AA",) * 2, "possible"),
        # A letter of the postcode's area misheard, a district without its letter, a sector.
        ("Flat 2, 10 Bold Street, Liverpool", "Flat 2, 10 Bold Street, Liverpool", ("L1 4DS", "M1 4DS"), "possible"),
        ("10 Downing Street, London", "10 Downing St", ("SW1A 2AA", "SW1"), "same_premises"),
        ("10 Bold Street, Liverpool", "10 Bold Street, Liverpool", ("L1 4DS", "L1 4"), "same_premises"),
        # As it is written, and as it is said.
        ("144½ High Street, Leigh", "144 1/2 High Street, Leigh", ("WN7 1AA",) * 2, "same_premises"),
        ("144½ High Street, Leigh", "144 and a half High Street, Leigh", ("WN7 1AA",) * 2, "same_premises"),
        ("144½ High Street, Leigh", "144 High Street, Leigh", ("WN7 1AA",) * 2, "same_building"),
        ("10 Bold Street, Liverpool", "1O Bold Street, Liverpool", ("L1 4DS",) * 2, "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "Liverpool, Bold Street, 10, Flat 2", ("L1 4DS", None), "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "2nd flat, 10 Bold Street, Liverpool", ("L1 4DS",) * 2, "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "flat to, 10 bold street", ("L1 4DS",) * 2, "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "Flat II, 10 Bold Street", ("L1 4DS",) * 2, "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "F2 10 Bold Street", ("L1 4DS",) * 2, "same_premises"),
        ("Flat 2, 10 Bold Street, Liverpool", "Flat 2 10 The Bold Street", ("L1 4DS",) * 2, "same_premises"),
        ("12 First Avenue, Leeds", "12 1st Avenue, Leeds", ("LS1 1AA",) * 2, "same_premises"),
        ("3 Heol Fawr, Cardiff", "3 Heol Fawr, Caerdydd", ("CF10 1AA", None), "same_premises"),
        ("Flat 5, Sea View, Mersey Road, Liverpool", "Flat 5 Sea View, Mersey Road", ("L3 1AA",) * 2, "same_premises"),
        ("Flat 5, 155 Beach Road", "Flat five, one double five Beach Road", ("LS1 1AA",) * 2, "same_premises"),
        ("Flat B, 12 High Street", "flat bravo twelve high street", ("LS1 1AA",) * 2, "same_premises"),
        ("Flat 3, 27 Whiteladies Road", "3 Flat, 27Whiteladies Road", ("BS1 1AA",) * 2, "same_premises"),
        ("Flat 3, 27 Whiteladies Road", "Flat 3 - 27 Whiteladies Road", ("BS1 1AA",) * 2, "same_premises"),
        ("Home Farm, Ashby", "Home Farm Cottage, Ashby", ("LE65 1AA",) * 2, "same_building"),
        # A business without a number is not its whole street.
        ("Group Practice Surgery, Chester Road, Whitby", "114 Chester Road, Whitby", ("CH65 6TG",) * 2, "possible"),
        # Who is in a building, and the building.
        ("Old Market House, Hamilton Street, Birkenhead", "Wirral CCG, Old Market House, Hamilton Street, Birkenhead",
         ("CH41 5AL", None), "same_building"),
    ],
)  # fmt: skip
def test_what_was_once_taken_for_the_same(
    marked: str, told: str, postcodes: tuple[str, str | None], expected: str
) -> None:
    """Found among all labelled markers stored at once, with made neighbours beside them."""
    assert level(marked, told, *postcodes) == expected


PARTS_OF_A_BUILDING = [
    ("Flat One", "Flat Two"), ("Flat twenty one", "Flat twenty two"), ("Flat 3F2", "Flat 3F1"),
    ("First floor left", "First floor right"), ("First floor front flat", "First floor rear flat"),
    ("Front flat", "Rear flat"), ("Left hand flat", "Right hand flat"), ("FFL", "FFR"), ("1FL", "1FR"), ("TFL", "TFR"),
    ("PF1", "PF2"), ("Upper Flat", "Lower Flat"), ("Upper Maisonette", "Lower Maisonette"), ("Flat 3 Rear", "Flat 3 Front"),
    ("Flat A Left", "Flat A Right"), ("Mezzanine Flat", "Attic Flat"), ("East Wing", "West Wing"),
    ("Upper ground floor flat", "Ground Floor Flat"), ("Garden Flat", ""), ("Rear of", ""), ("R/O", ""),
    ("Flat 3, Block A", "Flat 3, Block B"), ("Pod A", "Pod B"), ("Flat 3, Entrance A", "Flat 3, Entrance B"),
    ("Garage of", ""), ("11th Floor Flat", "12th Floor Flat"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PARTS_OF_A_BUILDING)
def test_two_parts_of_a_building_are_never_the_same_premises(one: str, other: str) -> None:
    """However they are called: what is not understood as a flat is still no other flat."""
    marked, told = (f"{part}, 10 Beach Road, Skegness".removeprefix(", ") for part in (one, other))
    found = level(marked, told, "PE25 1AA", "PE25 1AA")
    assert found in ("same_building", "possible")
    assert level(told, marked, "PE25 1AA", "PE25 1AA") == found
    assert level(marked, marked, "PE25 1AA", "PE25 1AA") == "same_premises"


@pytest.mark.parametrize(
    "told", ["2nd flat, 77 Nile Street", "77 Nile Street, left hand flat", "Top flat, 77 Nile Street"]
)
def test_a_flat_that_was_given_is_never_told_as_none(told: str) -> None:
    """Where nobody spoke, `same_building` is immediate only if the caller gave no flat."""
    marked = an_address("Flat 9, 77 Nile Street", "LE65 1AA")
    match = compare(marked, Part("locations[0]", Role.CALLER, an_address(told, "LE65 1AA")))
    assert match is not None
    assert (match.level, match.certain) == (Level.SAME_BUILDING, False)
    assert not any("no flat was given" in line for line in match.evidence)


@pytest.mark.parametrize(
    "text",
    ["The Grove, Mill Lane, Ely", "Sea View, Mersey Road, Liverpool", "Flat 5, Sea View, Mersey Road", "Hill View, Ely",
     "The Croft, Mill Lane", "The Mount, High Street", "Wood End, Mill Lane", "Apartment 12, Alexandra Gardens, Liverpool"],
)  # fmt: skip
def test_a_house_whose_name_ends_as_a_street_does_has_a_door(text: str) -> None:
    address = an_address(text, "CB7 4AA")
    assert any(one.finds_a_door for one in (address, *address.others))
    assert level(text, text.upper(), "CB7 4AA", "CB7 4AA") == "same_premises"


@pytest.mark.parametrize(
    "told",
    ["next door to {}", "Flat 2, next door to 10 Bold Street, Liverpool", "I am opposite {}", "she's at next door to {}",
     "across the road from {}", "neighbour of {}", "adj {}", "beside {}", "facing {}", "two doors down from {}", "near {}",
     "close to {}", "in the vicinity of {}", "round the corner from {}", "alleyway behind {}", "the house next to {}",
     "adjacent to {}", "{}, next door", "10 Bold Street, Liverpool, next door to"],
)  # fmt: skip
def test_a_place_beside_an_address_is_worth_a_look_and_says_so(told: str) -> None:
    """Wherever in the text it is said."""
    hers = "Flat 2, 10 Bold Street, Liverpool"
    match = compare_addresses(an_address(hers, "L1 4DS"), an_address(told.format(hers)))
    assert match is not None
    assert match.level is Level.POSSIBLE
    assert any(line.startswith("the place given is ") for line in match.evidence)


@pytest.mark.parametrize(
    "told", ["10 Bold Street, Liverpool, near Diss", "10 Bold Street, opposite the school", "Outside 10 Bold Street"]
)
def test_what_says_more_of_the_address_itself_is_no_relation(told: str) -> None:
    assert level("10 Bold Street, Liverpool", told, "L1 4DS", "L1 4DS") == "same_premises"


@pytest.mark.parametrize("number", [22, 24, 26])
def test_every_number_of_a_range_is_found_without_its_postcode(number: int) -> None:
    marked, told = an_address("22-26 High Street, Leeds", "LS1 1AA"), an_address(f"{number} High Street, Leeds")
    assert stored_keys(marked) & asked_keys(told)


def test_a_flat_whose_house_and_postcode_are_missing_is_found() -> None:
    marked, told = an_address("Flat 2, 10 Bold Street, Liverpool", "L1 4DS"), an_address("Flat 2 Bold Street Liverpool")
    assert stored_keys(marked) & asked_keys(told)


WORDS = st.sampled_from(
    "FLAT 2 10 12 12A HIGH STREET ST ROAD COURT HOUSE ROSE THE , ROOM UNIT 1F2 A B 74 202 GROUND FLOOR TWO DOUBLE".split()
)


@given(st.lists(WORDS, max_size=14))
def test_reading_a_reading_once_more_changes_nothing(tokens: list[str]) -> None:
    for said, read in readings(tokens):
        if not said:
            assert next(iter(readings(read)))[1] == read


@given(st.lists(WORDS, min_size=1, max_size=10), st.lists(WORDS, min_size=1, max_size=10))
def test_two_house_numbers_that_differ_in_every_reading_are_never_the_same_premises(
    one: list[str], other: list[str]
) -> None:
    ours, theirs = understand_address(" ".join(one), "L1 4DS"), understand_address(" ".join(other), "L1 4DS")
    if not (isinstance(ours, Address) and isinstance(theirs, Address)):
        return
    houses = [{reading.house.low for reading in (a, *a.others) if reading.house} for a in (ours, theirs)]
    apart = all(reading.house for a in (ours, theirs) for reading in (a, *a.others)) and not houses[0] & houses[1]
    ranges = any(r.house and r.house.low != r.house.high for a in (ours, theirs) for r in (a, *a.others))
    match = compare_addresses(ours, theirs)
    if apart and not ranges and match is not None:
        assert match.level.value == "possible"
