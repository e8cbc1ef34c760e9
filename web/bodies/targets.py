"""A marker's targets as bodies: a number or a block of them, an address, an area, or a thing."""

from typing import Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from markers.drafts import TargetGiven
from markers.matching.values import IdentifierKind
from markers.words import TargetKind
from web.bodies.shapes import Degrees, Given, LongText, Metres, Moment, Place, ShortText, missing


class RangeGiven(Given):
    """A block of consecutive numbers, both ends in it."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    from_: ShortText = Field(alias="from", examples=["0151 496 0100"])
    to: ShortText = Field(examples=["0151 496 0199"])


class PhoneGiven(Given):
    """A telephone number as it is written, or a block of them."""

    range: RangeGiven | None = None
    number: ShortText | None = Field(None, validate_default=True, examples=["07700 900123"])

    @field_validator("number")
    @classmethod
    def _unless_a_range(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("range", "") is None:
            raise missing()
        return value

    @model_validator(mode="after")
    def _one(self) -> "PhoneGiven":
        if self.number is not None and self.range is not None:
            raise ValueError("a phone is either a number or a range of them")
        return self


class IdentifierGiven(Given):
    """A registration mark, an e-mail address, or an account (`platform:name`)."""

    kind: IdentifierKind
    value: LongText = Field(examples=["AB12 CDE"])


class PointGiven(Place):
    """A position: WGS 84 degrees, or metres or a reference of the British National Grid."""

    uncertainty_m: Metres | None = None


class AddressGiven(Given):
    """An address as it is written, with what is known beside it."""

    text: LongText | None = Field(None, examples=["Flat 2, 10 Bold Street, Liverpool"])
    postcode: ShortText | None = Field(None, examples=["L1 4DS"])
    uprn: ShortText | None = Field(None, examples=["38000000001"])
    point: PointGiven | None = None


class CircleGiven(Place):
    """All within a radius of a centre."""

    radius_m: Metres


class PolygonGiven(Given):
    """A GeoJSON polygon: rings of [longitude, latitude]."""

    type: Literal["Polygon"]
    coordinates: list[list[list[Degrees]]] = Field(max_length=100)

    @model_validator(mode="after")
    def _pairs(self) -> "PolygonGiven":
        if any(len(position) not in (2, 3) for ring in self.coordinates for position in ring):
            raise ValueError("each position is [longitude, latitude]")
        return self


class AreaGiven(Given):
    """A circle or a polygon."""

    circle: CircleGiven | None = None
    polygon: PolygonGiven | None = None

    @model_validator(mode="after")
    def _one(self) -> "AreaGiven":
        if (self.circle is None) == (self.polygon is None):
            raise ValueError("an area is either a circle or a polygon")
        return self


class OutOfUseGiven(Given):
    """Why a target does not fire for now (`in police hands`, `number changed`), and since when."""

    reason: ShortText
    since: Moment | None = None


class TargetBody(Given):
    """One number or block of numbers, address, area or identifier; `out_of_use` keeps it from firing."""

    out_of_use: OutOfUseGiven | None = None
    phone: PhoneGiven | None = None
    address: AddressGiven | None = None
    area: AreaGiven | None = None
    identifier: IdentifierGiven | None = None

    @model_validator(mode="after")
    def _one(self) -> "TargetBody":
        if sum(given is not None for given in (self.phone, self.address, self.area, self.identifier)) != 1:
            raise ValueError("a target is either a phone, an address, an area or an identifier")
        return self

    def given(self) -> TargetGiven:
        """The target as the register takes it."""
        for kind in TargetKind:
            own: Given | None = getattr(self, kind.value)
            if own is not None:
                given = own.model_dump(exclude_none=True)
                if self.out_of_use is not None:
                    given["out_of_use"] = self.out_of_use.model_dump(mode="json", exclude_none=True)
                return TargetGiven(kind=kind, given=given)
        raise AssertionError("unreachable: the validator let one kind through")
