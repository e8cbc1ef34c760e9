"""The example force: who works there, what is marked, what happens, and which alerts must follow.

Numbers are Ofcom's for drama (07700 900xxx, 0151 496 0xxx), addresses those of public buildings; the people are made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from access.roles import Role

CONTROL_ROOM = "control-room"
PROTECTED = "protected-persons"
"""The closed circle of the example force: a desk that alone knows of its covert markers."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with a token."""

    name: str
    role: Role
    desks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


CAST = (
    Worker("Priya", Role.HANDLER),
    Worker("Owen", Role.OFFICER),
    Worker("Sam", Role.SUPERVISOR),
    Worker("Tess", Role.INTEGRATION, sources=("telephony/999", "telephony/101", "command-and-control")),
    Worker("Ada", Role.AUDITOR),
    Worker("Alex", Role.ADMIN),
    Worker("Joan", Role.ADMIN),
    Worker("Noor", Role.OFFICER, desks=(PROTECTED, CONTROL_ROOM)),
    Worker("Kit", Role.HANDLER, desks=(PROTECTED, CONTROL_ROOM)),
)


def phone(number: str) -> dict[str, Any]:
    """A target on a number."""
    return {"phone": {"number": number}}


def address(text: str, postcode: str) -> dict[str, Any]:
    """A target on an address."""
    return {"address": {"text": text, "postcode": postcode}}


def circle(latitude: float, longitude: float, radius_m: float) -> dict[str, Any]:
    """A target on all within a radius."""
    return {"area": {"circle": {"latitude": latitude, "longitude": longitude, "radius_m": radius_m}}}


def marker(reference: str, category: str, risk: str, instruction: str, *targets: dict[str, Any], **more: Any) -> Any:
    """A marker's body; Owen places it, or Noor where it is the circle's (`player.py`)."""
    body = {"reference": reference, "category": category, "risk": risk, "instruction": instruction}
    return body | {"targets": list(targets)} | more


MARKERS: Sequence[dict[str, Any]] = (
    # A woman who is being stalked; the order against him; his number.
    marker(
        "MRK-0017", "stalking", "high",
        "Deploy at once. She may not be able to speak. Do not ring this number back.",
        phone("07700 900123"), address("Flat 2, 88 Wood Street, Liverpool", "L1 4DQ"), circle(53.4039, -2.9806, 120),
        subject_role="victim", case="SPO-17", narrative="Left him in June. He has a key to the old flat.",
        response={"grade": "immediate", "call_back": "never", "code_word": "marigold"},
    ),
    marker(
        "MRK-0018", "stalking protection order", "high",
        "Stalking Protection Order: he may not contact her nor come near Wood Street. Tell the duty officer.",
        phone("07700 900555"), subject_role="suspect", case="SPO-17",
    ),
    # Domestic abuse, medium risk: a call on which nobody speaks comes later.
    marker(
        "MRK-0023", "domestic abuse", "medium", "Treat as urgent. Children in the house: ask for them by name.",
        phone("07700 900201"), address("36 Hope Street, Liverpool", "L1 9BX"), subject_role="victim", case="DA-23",
    ),
    marker(
        "MRK-0024", "domestic abuse", "standard", "Agreed safe question: 'Did the parcel come?'",
        phone("0151 496 0124"), subject_role="victim", case="DA-24",
    ),
    marker(
        "MRK-0031", "repeat caller", "standard", "Known to the mental-health team. Put through to the nurse at the desk.",
        phone("0151 496 0107"), case="RC-31",
    ),
    marker(
        "MRK-0035", "honour-based abuse", "high", "Never tell a family member that she rang. Female officer if possible.",
        phone("07700 900310"), subject_role="victim",
    ),
    marker(
        "MRK-0040", "firearms", "medium", "Firearms certificate holder at the address: tell responding officers.",
        address("The Bluecoat, School Lane, Liverpool", "L1 3BX"), subject_role="other",
    ),
    marker(
        "MRK-0041", "vulnerable adult", "standard", "Deaf: he texts. Allow time for the relay.",
        address("Flat 4, 5-11 Hope Street, Liverpool", "L1 9BH"), subject_role="other",
    ),
    marker(
        "MRK-0042", "threats to life", "high", "Osman warning given. Two officers, body armour.",
        circle(53.4106, -2.9779, 150), subject_role="victim", sensitivity="restricted", case="TL-42",
    ),
    marker(
        "MRK-0050", "witness", "high", "Protected: ring the duty officer of the protected persons' desk first.",
        phone("07700 900777"), address("Liverpool Town Hall, High Street, Liverpool", "L2 3SW"),
        subject_role="witness", sensitivity="covert", queue=PROTECTED,
    ),
    marker(
        "MRK-0051", "stalking", "medium", "He waits at her work. Ask whether he is in sight.",
        {"area": {"polygon": {"type": "Polygon", "coordinates": [[
            [-2.9860, 53.4040], [-2.9835, 53.4040], [-2.9835, 53.4055], [-2.9860, 53.4055], [-2.9860, 53.4040],
        ]]}}}, subject_role="victim", case="ST-51",
    ),
    # Markers that must stay silent: not yet, no longer, put on hold.
    marker(
        "MRK-0060", "domestic abuse", "high", "From the day that he is released.",
        phone("07700 900600"), valid_from="2099-01-01T00:00:00Z",
    ),
    *(
        marker(f"MRK-01{index:02}", category, risk, instruction, address(place, postcode), subject_role=role)
        for index, (category, risk, role, instruction, place, postcode) in enumerate((
            ("domestic abuse", "standard", "victim", "Ask to speak to her alone.", "Walker Art Gallery, William Brown Street, Liverpool", "L3 8EL"),
            ("missing from home", "medium", "victim", "Often returns here. Ring the care home.", "Central Library, William Brown Street, Liverpool", "L3 8EW"),
            ("violence to staff", "medium", "suspect", "Do not attend alone.", "82 George Square, Glasgow", "G2 1DU"),
            ("repeat caller", "standard", "other", "Warm line number in the notes.", "Manchester Central Library, St Peter's Square, Manchester", "M2 5PD"),
            ("stalking", "medium", "victim", "Alarm fitted at the rear door.", "Philharmonic Hall, Hope Street, Liverpool", "L1 9BP"),
            ("domestic abuse", "high", "victim", "Treat as urgent. Ex-partner on bail.", "Flat 9, 88 Wood Street, Liverpool", "L1 4DQ"),
            ("vulnerable adult", "standard", "other", "Key safe by the door.", "Leeds Town Hall, The Headrow, Leeds", "LS1 3AD"),
            ("hate crime", "medium", "victim", "Repeated damage at night: ask for the vehicle.", "Sheffield Town Hall, Pinstone Street, Sheffield", "S1 2HH"),
            ("domestic abuse", "medium", "suspect", "May answer her telephone: ask a closed question.", "Mansion House, St Helen's Square, York", "YO1 9QL"),
            ("exploitation", "high", "victim", "Young person: do not let the adult speak for them.", "The Library of Birmingham, Centenary Square, Birmingham", "B1 2ND"),
        ))
    ),
    *(
        marker(f"MRK-02{index:02}", category, risk, instruction, phone(number), subject_role=role)
        for index, (category, risk, role, instruction, number) in enumerate((
            ("domestic abuse", "medium", "victim", "Safe number is her sister's.", "07700 900410"),
            ("domestic abuse", "standard", "victim", "Text before ringing.", "07700 900411"),
            ("stalking", "high", "victim", "Treat as urgent.", "07700 900412"),
            ("stalking", "medium", "suspect", "Bail: may not ring 07700 900412.", "07700 900413"),
            ("repeat caller", "standard", "other", "Two calls a day are usual.", "0151 496 0188"),
            ("vulnerable adult", "standard", "other", "Dementia: give time.", "0151 496 0189"),
            ("missing from home", "high", "victim", "If he rings, keep him on the line.", "07700 900414"),
            ("honour-based abuse", "high", "victim", "Call from her work only.", "07700 900415"),
            ("domestic abuse", "high", "victim", "Refuge: the address is never said.", "0151 496 0190"),
            ("firearms", "standard", "other", "Certificate holder.", "07700 900416"),
        ))
    ),
)  # fmt: skip


CASES: Sequence[dict[str, Any]] = (
    {
        "reference": "SPO-17", "officer": "Owen", "deputy": "Noor", "team": "protecting vulnerable people",
        "people": [
            {"role": "victim", "name": "Anna Jones", "phones": [{"number": "07700 900123"}]},
            {"role": "suspect", "name": "Martin Reeve", "phones": [{"number": "07700 900555"}]},
        ],
        "risk": [{"grade": "high", "as_written": "High", "model": "S-DASH", "version": "2009", "by": "Owen",
                  "reason": "He has a key to the old flat, and waits at her work."}],
        "partners": [{"partner": "housing", "may_receive": ["alert", "instruction"]}],
    },
    {"reference": "DA-24", "officer": "Owen", "deputy": "Noor", "team": "protecting vulnerable people"},
)  # fmt: skip
ORDERS: Sequence[dict[str, Any]] = (
    {
        "reference": "ORD-0017", "case": "SPO-17", "kind": "stalking_protection_order", "made_on": "2026-06-01",
        "expires_on": "2036-06-01", "court": "Liverpool Magistrates' Court",
        "service": {"state": "served", "on": "2026-06-02"},
        "respondent": {
            "name": "Martin Reeve", "phones": [{"number": "07700 900555"}],
            "identifiers": [{"kind": "vehicle", "value": "AB12 CDE"}],
        },
        "protected": [{"name": "Anna Jones", "phones": [{"number": "07700 900123"}]}],
        "conditions": [
            {"number": "1", "kind": "prohibition", "text": "Not to contact Anna Jones by any means.",
             "means": "watched", "watch": {"contact": {}}},
            {"number": "2", "kind": "prohibition", "text": "Not to enter Wood Street or the streets beside it.",
             "means": "watched", "watch": {"zone": circle(53.4039, -2.9806, 150)}},
            {"number": "3", "kind": "requirement", "text": "To hand over his second telephone.", "means": "task",
             "due_on": "2026-06-10"},
            {"number": "4", "kind": "prohibition", "text": "Not to mention her on social media.", "means": "reported"},
        ],
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """An event of the feed: what to say to who watches, and the body to post; it happens so many hours ago."""

    told: str
    body: dict[str, Any]
    by: str = "Tess"
    wait_s: float = 4.0
    hours_ago: float = 0.0


def call(number: str | None, **more: Any) -> dict[str, Any]:
    """A call from a number."""
    phones = [{"number": number, "role": "caller"}]
    return {"source": "telephony/999", "type": "call", "channel": "999", "phones": phones} | more


def log_entry(**more: Any) -> dict[str, Any]:
    """An incident from command and control."""
    return {"source": "command-and-control", "type": "incident"} | more


def at_point(latitude: float, longitude: float, uncertainty_m: float, role: str = "caller") -> list[dict[str, Any]]:
    """A position as a handset or a mast gives it."""
    point = {"latitude": latitude, "longitude": longitude, "uncertainty_m": uncertainty_m}
    return [{"role": role, "point": point}]


def at_address(text: str, postcode: str | None = None, role: str = "incident") -> list[dict[str, Any]]:
    """A place as somebody said it."""
    return [{"role": role, "address": text} | ({"postcode": postcode} if postcode else {})]


SCENES: Sequence[Scene] = (
    Scene("An ordinary call from a number that nobody has marked.", call("0151 496 0001", summary="Noise next door")),
    Scene("She rings 999 and presses 55: she can't speak.", call("+447700900123", silent_solution=True, call="T-1")),
    Scene("A known repeat caller, from a switch that writes 0044.", call("0044 151 496 0107", call="T-2")),
    Scene("A withheld number, a burglary somewhere else.", call(None, summary="Burglary", call="T-3")),
    Scene(
        "The incident log of her call: it joins her alert.",
        log_entry(call="T-1", incident="MP-0001", locations=at_address("flat 2 88 wood st liverpool", "L1 4DQ")),
    ),
    Scene(
        "A call from the flat above hers: another door, and it says so.",
        log_entry(incident="MP-0002", locations=at_address("Flat 3, 88 Wood St, Liverpool", "L1 4DQ")),
    ),
    Scene("A mobile call: all that is known is its mast, 3 km wide.", call("07700 900002", call="T-4", locations=at_point(53.4090, -2.9800, 3000))),
    Scene("18 seconds later the handset gives its position, 20 m: inside a marked area.", call("07700 900002", call="T-4", locations=at_point(53.4107, -2.9780, 20)), wait_s=2),
    Scene("The log of that call, from another source, naming both.", log_entry(call="T-4", incident="MP-0003", summary="Man shouting outside")),
    Scene("His number rings hers: an order is broken, and the alert names its condition.", call("07700900555", call="T-5", phones=[
        {"number": "07700 900555", "role": "caller"}, {"number": "07700 900123", "role": "called"}])),
    Scene("He rings 999 himself: his number is marked, no more is known.", call("07700 900555", call="T-10", summary="Says that he has lost his way")),
    Scene("20 seconds later the position of his call: he stands where he may not be.", call("07700 900555", call="T-10", locations=at_point(53.4041, -2.9809, 25)), wait_s=2),
    Scene("The log of a call on Saturday arrives late: she rang, and rang off.", call("0151 496 0124", call="T-11"), hours_ago=100, wait_s=2),
    Scene("Another, from Sunday.", call("0151 496 0124", call="T-12"), hours_ago=72, wait_s=2),
    Scene("And from yesterday.", call("0151 496 0124", call="T-13"), hours_ago=24, wait_s=2),
    Scene("She rings again: standard risk, an ordinary call, but the fourth within a week. Now it is urgent.", call("0151 496 0124", call="T-14")),
    Scene("A call from a marked number; the operator hears nothing yet.", call("sip:+447700900201@switch.example;user=phone", call="T-6")),
    Scene("A moment later: nobody spoke, and the line was cut. The same alert, now immediate.", call("07700 900201", call="T-6", abandoned=True, line="cut_off"), wait_s=2),
    Scene("An address as a tired caller says it.", log_entry(incident="MP-0004", locations=at_address("flt 4, 5 hope st.,  lpool, l19bh"))),
    Scene("A number found among other words.", log_entry(incident="MP-0005", phones=[{"number": "ring her on 07700 900310 please", "role": "mentioned"}])),
    Scene("A position 60 m outside a marked area: near, and no alert by itself.", call("07700 900003", call="T-7", locations=at_point(53.4047, -2.9826, 5))),
    Scene("A call that a covert marker is on: only its own desk hears of it.", call("07700 900777", call="T-8")),
    Scene("A number whose marker begins another day.", call("07700 900600", call="T-9")),
    Scene("A house that is next door to a marked one.", log_entry(incident="MP-0006", locations=at_address("38 Hope Street, Liverpool", "L1 9BX"))),
    Scene("The repeat caller again, on the line still.", call("0151 496 0107", call="T-2", summary="Asks for the nurse")),
    Scene("Priya is worried, without any call.", {
        "source": "control-room/priya", "type": "concern", "summary": "He has rung the front desk four times today asking where she works.",
        "phones": [{"number": "07700 900412", "role": "mentioned"}]}, by="Priya"),
    Scene("A name in place of a number, in capitals, without commas.", log_entry(incident="MP-0007", locations=at_address("CENTRAL LIBRARY WILLIAM BROWN STREET LIVERPOOL L3 8EW"))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that must have been raised when the feed has been played."""

    about: frozenset[str]
    priority: str
    events: int
    queue: str = CONTROL_ROOM
    levels: frozenset[str] = field(default_factory=frozenset)


def expect(priority: str, events: int, *about: str, queue: str = CONTROL_ROOM, levels: str = "") -> Expected:
    """In short."""
    return Expected(frozenset(about), priority, events, queue, frozenset(levels.split()))


EXPECTED: Sequence[Expected] = (
    expect("immediate", 2, "MRK-0017", levels="exact_number same_premises"),
    expect("routine", 2, "MRK-0031", levels="exact_number"),
    expect("routine", 1, "MRK-0017", levels="same_building"),
    expect("routine", 1, "MRK-0105", levels="same_building"),
    expect("urgent", 2, "MRK-0105", levels="same_building"),
    expect("urgent", 3, "MRK-0042", "MRK-0017", "MRK-0051", levels="inside may_be_inside"),
    expect("urgent", 1, "MRK-0017", "MRK-0018", levels="exact_number"),
    expect("immediate", 2, "MRK-0018", "MRK-0017", levels="exact_number inside"),
    expect("routine", 1, "MRK-0024", levels="exact_number"),
    expect("routine", 1, "MRK-0024", levels="exact_number"),
    expect("routine", 1, "MRK-0024", levels="exact_number"),
    expect("urgent", 1, "MRK-0024", levels="exact_number"),
    expect("immediate", 2, "MRK-0023", levels="exact_number"),
    expect("routine", 1, "MRK-0041", levels="same_premises"),
    expect("urgent", 1, "MRK-0035", levels="exact_number"),
    expect("urgent", 1, "MRK-0050", queue=PROTECTED, levels="exact_number"),
    expect("urgent", 1, "MRK-0202", levels="exact_number"),
    expect("urgent", 1, "MRK-0101", levels="same_premises"),
)
