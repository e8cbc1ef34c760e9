"""Shapes that several bodies share, and how times and texts are read and written."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from markers.matching.values import Problem

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_LEAP_SECOND = re.compile(r"(?<=\d\d:\d\d:)60")


def read_moment(text: str) -> datetime | None:
    """The moment that `text` means (RFC 3339 with an offset; seconds may be left out), in UTC; `None` when it is none.

    A leap second is the second before it: no clock of ours knows it.
    """
    capitals = text.strip().upper()
    if not _RFC_3339.fullmatch(capitals):
        return None
    try:
        return datetime.fromisoformat(_LEAP_SECOND.sub("59", capitals)).astimezone(UTC)
    except (ValueError, OverflowError):
        # No such day, or a moment that lies outside the years 1 to 9999 in UTC.
        return None


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else read_moment(value) if isinstance(value, str) else None
    if moment is None:
        raise ValueError("a time with an offset is wanted (2026-11-24T10:15:00Z)")
    return moment


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A time as it comes in: RFC 3339 with an offset."""

MomentOut = Annotated[datetime, PlainSerializer(_written, return_type=str)]
"""A time as it goes out: UTC, `Z`."""


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("this may not be blank")
    return text


def _trimmed(text: str) -> str:
    """Blanks at the ends of a name or a reference are nobody's intention, and would keep two that are one apart."""
    return _says_something(text).strip()


_Said = AfterValidator(_says_something)
_Trimmed = AfterValidator(_trimmed)
ShortText = Annotated[str, Field(strict=True, min_length=1, max_length=200), _Trimmed]


def _shown(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a name has no characters that are not shown")
    return text


LONGEST_NAME = 100
"""Characters of a desk's or a case's name: they stand in keys, which an index limits."""
Name = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_NAME), _Trimmed, AfterValidator(_shown)]
Reference = Annotated[str, Field(strict=True, min_length=1, max_length=200), _Trimmed, AfterValidator(_shown)]
"""A name by which people find a thing again: no mark that turns a line round, and nothing that is not seen."""
LongText = Annotated[str, Field(strict=True, min_length=1, max_length=4000), _Said]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Metres = Annotated[float, Field(strict=True, allow_inf_nan=False)]


def without(*names: str) -> Callable[[Any], Any]:
    """A body as it was read: what is only ever told (`names`) is passed over when it is sent back with the rest."""

    def passed_over(body: Any) -> Any:
        return {name: value for name, value in body.items() if name not in names} if isinstance(body, dict) else body

    return passed_over


class Given(BaseModel):
    """A body that comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def missing() -> PydanticCustomError:
    """A field that has to be there, since nothing stands in its place."""
    return PydanticCustomError("missing", "this is required")


class Place(Given):
    """A place in one of three ways: latitude and longitude, easting and northing, or a grid reference."""

    easting: Metres | None = Field(None, description="Metres on the British National Grid")
    northing: Metres | None = Field(None, validate_default=True)
    grid_reference: ShortText | None = Field(None, examples=["SJ 34000 90000"])
    latitude: Degrees | None = Field(None, validate_default=True)
    longitude: Degrees | None = Field(None, validate_default=True)

    @field_validator("northing")
    @classmethod
    def _beside_its_easting(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is None and info.data.get("easting") is not None:
            raise missing()
        return value

    @field_validator("latitude", "longitude")
    @classmethod
    def _unless_by_the_grid(cls, value: float | None, info: ValidationInfo) -> float | None:
        # What is there and wrong is named for itself.
        by_the_grid = (info.data.get(name, "") is not None for name in ("easting", "northing", "grid_reference"))
        if value is None and not any(by_the_grid):
            raise missing()
        return value

    @model_validator(mode="after")
    def _in_one_way(self) -> "Place":
        degrees = self.latitude is not None or self.longitude is not None
        metres = self.easting is not None or self.northing is not None
        if degrees + metres + (self.grid_reference is not None) != 1 or (metres and self.easting is None):
            raise ValueError("latitude and longitude, easting and northing, or a grid_reference: one of them")
        return self


class Told(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(frozen=True)


class ProblemBody(Told):
    """A part that could not be used or understood."""

    at: str = Field(examples=["phones[0].number"])
    code: str = Field(examples=["phone_not_understood"])
    detail: str = Field(examples=["this could not be read as a telephone number"])

    @classmethod
    def of(cls, problem: Problem) -> "ProblemBody":
        """A problem as the contract writes it."""
        return cls(at=problem.at, code=problem.code, detail=problem.detail)


class ErrorBody(Told):
    """RFC 9457 problem details."""

    type: str = Field(description="A short name of the problem, listed in docs/reference/problems.md")
    title: str
    status: int
    detail: str | None = None
    errors: list[ProblemBody] | None = None
