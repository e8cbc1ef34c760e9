"""The values that matching speaks of. Frozen; no behaviour but what follows from their own fields.

What a text was understood as is one of these, or a `Problem` that says which part was not understood and why.
A problem's words never repeat the text: they are answered, logged and kept in plain.
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that could not be taken as it was meant.

    `at` is the JSON path of the part (`phones[0].number`), `code` a word for machines, `detail` a sentence for people.
    """

    at: str
    code: str
    detail: str

    def under(self, parent: str) -> "Problem":
        """The same problem, told from one floor up: `number` under `phones[0]` is `phones[0].number`."""
        separator = "." if self.at and not self.at.startswith("[") else ""
        return Problem(f"{parent}{separator}{self.at}", self.code, self.detail)


@dataclass(frozen=True, slots=True)
class Numbering:
    """How numbers without a country are read.

    `region` is an ISO 3166 code as phonenumbers knows it; `area_codes` are those in which a local number, said without
    one, may lie (`0151`).
    """

    region: str = "GB"
    area_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number as everybody dials it.

    `e164` is the one key of all its written forms; `national` is what a handler reads out; `extension` is kept and
    not matched. `read_out_of_text` says that other words stood around the number, `supposed_area` which area code was
    put in front of a number that was given without one.
    """

    e164: str
    national: str
    extension: str | None = None
    read_out_of_text: bool = False
    supposed_area: str = ""


@dataclass(frozen=True, slots=True)
class PhoneRange:
    """A block of consecutive numbers of one length, both ends in it: a refuge's extensions, a batch of handsets."""

    first: Phone
    last: Phone


class IdentifierKind(StrEnum):
    """What else than a number or a place tells a person or a thing apart."""

    VEHICLE = "vehicle"
    EMAIL = "email"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A registration mark, an e-mail address or an account.

    `value` is the one form of all its spellings, `skeleton` the same with what is mixed up in reading (O and 0, I and
    1 on a number plate) made one; `said` is what a handler reads out.
    """

    kind: IdentifierKind
    value: str
    skeleton: str
    said: str


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in capitals, without titles: its words, given names first."""

    words: tuple[str, ...]

    @property
    def last(self) -> str:
        """The family name, as far as the order of words tells."""
        return self.words[-1]


@dataclass(frozen=True, slots=True)
class Withheld:
    """The caller's number was withheld or not available: that is a fact, not a problem."""


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode of the United Kingdom; `inward` is empty when only the outward part was given."""

    outward: str
    inward: str = ""

    @property
    def is_full(self) -> bool:
        """Both halves are known, so that it names a street or a part of one."""
        return bool(self.inward)

    @property
    def area(self) -> str:
        """The letters in front: `L` of `L1 4DS`."""
        return self.outward[: 2 if self.outward[1:2].isalpha() else 1]

    @property
    def sector(self) -> str:
        """The outward part with the first digit of the inward: `L1 4` of `L1 4DS`."""
        return f"{self.outward} {self.inward[:1]}"

    def __str__(self) -> str:
        return f"{self.outward} {self.inward}".strip()


@dataclass(frozen=True, slots=True)
class House:
    """The number on the door: `12`, `12A`, or a range `10-12` (`low` 10, `high` 12)."""

    low: int
    high: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.low}{self.suffix}" if self.low == self.high else f"{self.low}-{self.high}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a building that has a door of its own: a flat, a room, a floor.

    `label` is its number or letter (`2`, `B`), `floor` the floor's number where the text gives one (0 is the ground
    floor, -1 the basement), `room` a room's within a flat, `said` the words as a handler should read them.
    `counts_by_floor`: it was written as Scottish flats are (`2/1`), whose numbers begin anew on every floor.
    """

    said: str
    label: str = ""
    floor: int | None = None
    room: str = ""
    counts_by_floor: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Street:
    """A thoroughfare: `name` without its type, in capitals; `type` is `ROAD`, `STREET`, or empty for `BROADWAY`."""

    name: tuple[str, ...]
    type: str = ""

    def __str__(self) -> str:
        return " ".join((*self.name, self.type)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address in its parts (after BS 7666), in capitals.

    `names` are the words in front of the number or in place of one (a house's or a business's name); `places` all that
    follows the street (a further street, locality, town, county); `relation` is `opposite`, `next to` and the like,
    where the text names a place beside the address and not the address itself. `others` are further readings of the
    same text, where it allows more than one (`4 12 HIGH STREET`); `read_as` says how such a one was read. `known` is
    what a gazetteer knows of it, where one is loaded and has it.
    """

    unit: Unit | None = None
    house: House | None = None
    names: tuple[str, ...] = ()
    street: Street | None = None
    places: tuple[str, ...] = ()
    postcode: Postcode | None = None
    uprn: str | None = None
    point: "Point | None" = None
    relation: str = ""
    known: "Known | None" = None
    read_as: str = ""
    others: "tuple[Address, ...]" = ()

    @property
    def finds_a_door(self) -> bool:
        """Something in it names one door: a UPRN, a house's number or name, or a flat's number in a street."""
        flat = self.unit and self.unit.label and self.street
        return bool(self.uprn or self.house or self.names or flat)

    @property
    def readings(self) -> "tuple[Address, ...]":
        """All that its text may mean, the plainest first."""
        return (self, *self.others)

    @property
    def street_words(self) -> tuple[str, ...]:
        """The street's name without its type; none where there is no street."""
        return self.street.name if self.street else ()

    @property
    def has_whole_postcode(self) -> bool:
        """Both halves of it, so that it names a street or a part of one."""
        return self.postcode is not None and self.postcode.is_full

    @property
    def is_a_reference_alone(self) -> bool:
        """A UPRN and no word of where that is."""
        return bool(self.uprn) and not (self.street or self.places or self.postcode or self.house or self.names)

    @property
    def says_where(self) -> bool:
        """Something in it says where that building stands: a number alone is any door in the country."""
        return bool(self.uprn or self.street or self.places or self.postcode)


@dataclass(frozen=True, slots=True)
class Point:
    """A position on WGS 84 in degrees, with the radius in metres within which it may really be (0: not said).

    `of_address` says that nobody was located there: it is where a gazetteer has an address that was given.
    """

    latitude: float
    longitude: float
    uncertainty_m: float = 0.0
    of_address: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a gazetteer knows of an address: its property reference, its building's, and where it stands.

    `text` and `postcode` are how it is written there, for one that was marked by its reference alone.
    """

    uprn: str
    parent: str | None = None
    point: Point | None = None
    text: str | None = None
    postcode: str | None = None


@dataclass(frozen=True, slots=True)
class Circle:
    """An area: all within `radius_m` metres of the centre (WGS 84, degrees)."""

    latitude: float
    longitude: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """An area: `rings` of (longitude, latitude) in degrees, closed; the first is the outline, the others are holes."""

    rings: tuple[tuple[tuple[float, float], ...], ...]


TargetValue = Phone | PhoneRange | Address | Circle | Polygon | Identifier
PartValue = Phone | Address | Point | Identifier | PersonName


class Role(StrEnum):
    """What a number or a place is to the event that names it."""

    CALLER = "caller"
    CALLED = "called"
    INCIDENT = "incident"
    VICTIM = "victim"
    SUSPECT = "suspect"
    MENTIONED = "mentioned"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an event or a lookup names: where it stands in the body, in which role, and what it means."""

    at: str
    role: Role
    value: PartValue
