"""What a look-up costs among ten thousand, a hundred thousand and a million stored targets, on both engines; and what
understanding and comparing cost alone.

Four in five targets are telephone numbers, one in five an address: of 300 streets' names in 200 towns, so that many
share a name, a number and a town's word, as in the country. Half of what is asked for is stored, half stands beside.
"""

import json
import random
import secrets
import statistics
import string
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import insert, select, text

from bench.ground import both_engines, share
from bench.page import table
from db.base import table_of
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing, Use
from db.sealed import Place, seal
from db.session import Database
from heed.keys import hold_against_database
from heed.schema import migrate
from markers.matcher import Asked, NotMatched, Reading, matches_for
from markers.matching.address import understand_address
from markers.matching.addresses import compare_addresses
from markers.matching.keys import VERSION, stored_keys
from markers.matching.phone import understand_phone
from markers.matching.postcode import AREAS
from markers.matching.values import Address, Numbering, Part, Phone, Point, Role, TargetValue
from markers.models import Marker, MatchKey, Target

SIZES = (10_000, 100_000, 1_000_000)
ASKED = 1_500
AT_ONCE = 5_000
MARKERS = 500
FUZZED = 10_000
_STRANGE = "FLAT 2 10 12A HIGH ST STREET ROAD THE HOUSE , / - 1/2 UNIT L1 4DS ROOM DOUBLE FIVE NOVEMBER 0 & C/O"
_WORDS = "HIGH CHURCH STATION PARK VICTORIA GREEN MANOR KINGS QUEENS NEW GRANGE MILL SCHOOL NORTH SOUTH WEST".split()
_STEMS = "BOLD PEM HOL BRID WOOD LANG FERN ASH ELM OAK HARR SUTT WALT KEN BEL ROSE MARSH HEATH".split()
_ENDS = "BROOK FIELD LEY TON WICK DALE HURST FORD WORTH MOOR".split()
_TYPES = "STREET ROAD AVENUE CLOSE LANE DRIVE".split()


@dataclass(frozen=True)
class Country:
    """Made addresses and numbers, each by its number, the same in every run."""

    streets: Sequence[str]
    towns: Sequence[tuple[str, str]]

    @classmethod
    def made(cls) -> "Country":
        """300 streets' names and 200 towns with their postcode districts."""
        seeded = random.Random(12)
        names = [*_WORDS, *(stem + end for stem in _STEMS for end in _ENDS)]
        streets = [f"{name} {seeded.choice(_TYPES)}" for name in seeded.sample(names, len(names)) for _ in (0, 1)][:300]
        towns = [f"{stem}{end}TON".title() for stem in _STEMS for end in [*_ENDS, "STEAD", "HAM"]][:200]
        areas = sorted(AREAS)
        districts = [f"{areas[place % len(areas)]}{place % 30 + 1}" for place in range(len(towns))]
        return cls(streets, list(zip(towns, districts, strict=True)))

    def address(self, index: int) -> tuple[str, str]:
        """A flat or a house, and its postcode."""
        town, district = self.towns[index % len(self.towns)]
        street = (index // len(self.towns)) % len(self.streets)
        number = index // (len(self.towns) * len(self.streets)) * 2 + index % 97 + 1
        inward = f"{street % 10}{string.ascii_uppercase[street % 7]}{string.ascii_uppercase[street // 12]}"
        inward = inward.translate(str.maketrans("CIKMOV", "ABDEFG"))
        flat = f"Flat {index % 9 + 1}, " if index % 4 == 0 else ""
        return f"{flat}{number} {self.streets[street].title()}, {town}", f"{district} {inward}"


COUNTRY = Country.made()


def number_of(index: int) -> str:
    """A telephone number."""
    return f"07{400_000_000 + index * 37 % 500_000_000}"


def target_of(index: int) -> tuple[str, dict[str, str], TargetValue]:
    """Kind, what was given, and what it means."""
    if index % 5:
        phone = understand_phone(number_of(index), Numbering())
        assert isinstance(phone, Phone)
        return "phone", {"number": number_of(index)}, phone
    written, postcode = COUNTRY.address(index // 5)
    address = understand_address(written, postcode)
    assert isinstance(address, Address)
    return "address", {"text": written, "postcode": postcode}, address


def part_of(index: int, kind: str) -> Part:
    """What a caller says of it."""
    if kind == "number":
        phone = understand_phone(number_of(index), Numbering())
        assert isinstance(phone, Phone)
        return Part("phones[0]", Role.CALLER, phone)
    if kind == "position":
        return Part("locations[0]", Role.CALLER, Point(50.5 + index % 4_000 / 1_000, -3 + index % 3_001 / 1_000, 30))
    written, postcode = COUNTRY.address(index // 5)
    address = understand_address(written.upper().replace(",", ""), postcode if kind == "address" else None)
    assert isinstance(address, Address)
    return Part("locations[0]", Role.INCIDENT, address)


KINDS = ("number", "address", "address, no postcode", "position")


class Counted:
    """How many candidates there were."""

    def __init__(self) -> None:
        self.candidates: list[int] = []

    def looked_up(self, candidates: int, *, capped: bool) -> None:  # noqa: ARG002  the metrics' own words
        """One question's."""
        self.candidates.append(candidates)


def store(db: Database, start: int, end: int, markers: Sequence[tuple[str, object]]) -> None:
    """Targets of these numbers, with the keys and the sealing of any other."""
    ids = new_ids()
    for begin in range(start, end, AT_ONCE):
        targets, keys = [], []
        for index in range(begin, min(begin + AT_ONCE, end)):
            kind, given, value = target_of(index)
            target_id = ids()
            force, marker_id = markers[index % len(markers)]
            place = Place("targets", "given", str(target_id))
            targets.append(
                {"force": force, "id": target_id, "marker_id": marker_id, "ordinal": index, "kind": kind,
                 "given_sealed": seal(db.keys, place, json.dumps(given)), "keys_version": VERSION, "known_sealed": None}
            )  # fmt: skip
            keys += [
                {"digest": db.keys.digest_of(Use.MATCH, key), "target_id": target_id, "force": force}
                for key in stored_keys(value)
            ]
        keys.sort(key=lambda row: (row["digest"], row["target_id"]))
        with db.transaction() as session:
            session.execute(insert(table_of(Target)), targets)
            session.execute(insert(table_of(MatchKey)), keys)
        if begin % 100_000 == 0:
            print(f"  stored {begin:,}", flush=True)


def some_markers(db: Database) -> list[tuple[str, object]]:
    """Markers to hang targets on."""
    clock, ids = DatabaseClock(), new_ids()
    with db.transaction() as session:
        now = clock.now(session)
        for ordinal in range(MARKERS):
            marker = Marker(
                force="default", id=ids(), audience="open", category="bench", subject_role="other", risk="high",
                sensitivity="open", valid_from=now, placed_by="Owen", placed_at=now, placed_ordinal=ordinal,
                changed_at=now, version=1, mark=b"bench",
            )  # fmt: skip
            session.add(marker)
            marker.instruction = "Treat as urgent."
    with db.reading() as session:
        return [(row.force, row.id) for row in session.execute(select(Marker.force, Marker.id))]


@dataclass(frozen=True)
class Measured:
    """Of one engine, one size and one kind of question."""

    p50_ms: float
    p99_ms: float
    candidates: float


def measure(db: Database, size: int) -> dict[str, Measured]:
    """Each kind of question, one at a time, as a single look-up asks it; understanding is not in it."""
    seeded = random.Random(size)
    found = {}
    for kind in KINDS:
        counted = Counted()
        reading = replace(Reading(), counting=counted)
        # Numbers and addresses: every other one lies beyond what is stored.
        indices = [seeded.randrange(size) // 5 * 5 + (kind == "number") + size * (turn % 2) for turn in range(ASKED)]
        parts = [part_of(index, kind) for index in indices]
        times = []
        with db.reading() as session:
            now = DatabaseClock().now(session)
        for part in parts:
            with db.reading() as session:
                began = time.perf_counter()
                [answer] = matches_for(session, [Asked((part,), (now,))], reading)
                times.append((time.perf_counter() - began) * 1000)
            assert not isinstance(answer, NotMatched)
        times = sorted(times[100:])
        found[kind] = Measured(share(times, 0.5), share(times, 0.99), statistics.mean(counted.candidates))
    return found


def engine_rows(engine: str, url: str) -> Iterator[list[str]]:
    """The rows of one engine: the database grows, and is asked at each size."""
    migrate(url)
    db = Database(url, KeyRing.new(secrets.token_bytes))
    hold_against_database(db, DatabaseClock())
    markers = some_markers(db)
    first: dict[str, Measured] = {}
    stored = 0
    for size in SIZES:
        store(db, stored, size, markers)
        stored = size
        with db.transaction() as session:
            session.execute(text("ANALYZE"))
        for kind, measured in measure(db, size).items():
            first.setdefault(kind, measured)
            row = [
                engine, f"{size:,}", kind, f"{1000 / measured.p50_ms:,.0f}", f"{measured.p50_ms:.2f}",
                f"{measured.p99_ms:.2f}", f"{measured.candidates:.1f}",
                f"{measured.p50_ms / first[kind].p50_ms:.2f}",
            ]  # fmt: skip
            print("  ".join(row), flush=True)
            yield row
    db.close()


def alone() -> list[list[str]]:
    """Understanding and comparing, on one core, without a database; and the slowest of strange texts."""
    pairs = [(COUNTRY.address(index), COUNTRY.address(index + index % 3)) for index in range(4_000)]
    began = time.process_time()
    marked = [understand_address(*one) for one, _ in pairs]
    told = [understand_address(other[0].upper(), other[1]) for _, other in pairs]
    understood = time.process_time() - began
    began = time.process_time()
    for one, other in zip(marked, told, strict=True):
        assert isinstance(one, Address)
        assert isinstance(other, Address)
        compare_addresses(one, other)
    compared = time.process_time() - began
    both = 1 / (understood / (2 * len(pairs)) + compared / len(pairs))
    return [
        ["understood", f"{2 * len(pairs) / understood:,.0f}/s"],
        ["compared", f"{len(pairs) / compared:,.0f}/s"],
        ["understood and compared with one candidate", f"{both:,.0f}/s (wanted: 2,000)"],
        [f"the slowest of {FUZZED:,} strange texts", f"{slowest_ms():.1f} ms (wanted: at most 50)"],
    ]


def slowest_ms() -> float:
    """Milliseconds that the slowest strange text takes to be understood, keyed and compared with itself."""
    seeded = random.Random(5)
    words = [*_STRANGE.split(), "\u00bd", "\n"]
    slowest = 0.0
    for turn in range(FUZZED):
        if turn % 2:
            strange = " ".join(seeded.choices(words, k=seeded.randrange(1, 120)))
        else:
            strange = "".join(chr(seeded.randrange(1, 0x3000)) for _ in range(seeded.randrange(1, 500)))
        began = time.process_time()
        address = understand_address(strange[:500])
        if isinstance(address, Address):
            stored_keys(address)
            compare_addresses(address, address)
        slowest = max(slowest, (time.process_time() - began) * 1000)
    return slowest


def section() -> str:
    """Measure both engines; the section of the page."""
    rows = alone()
    print("\n".join("  ".join(row) for row in rows), flush=True)
    found = [row for engine, url in both_engines() for row in engine_rows(engine, url)]
    head = ["engine", "targets", "asked by", "look-ups/s", "p50 ms", "p99 ms", "candidates", "of 10,000's p50"]
    return _SECTION.format(table=table(head, found), alone=table(["alone, on one core", ""], rows), asked=ASKED)


_SECTION = """## Matching

{asked:,} look-ups of each kind through the matcher (the gazetteer's question, keys, one question, comparison), one at a
time; half of what is asked for is stored. Wanted: the median at a million at most 1.5 times that at ten thousand, a p99
under 5 ms among a hundred thousand.

{table}

{alone}
"""
