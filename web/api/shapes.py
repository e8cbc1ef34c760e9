"""Shapes that several bodies share, and how times and texts are read and written."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from markers.matching.values import Problem


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text_only(value: Any) -> Any:
    if not isinstance(value, str):
        told = "a time with an offset is wanted (2026-11-24T10:15:00Z)"
        raise ValueError(told)  # noqa: TRY004  Pydantic takes it for a finding
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_in_utc)]
"""A time as it comes in: RFC 3339 with an offset."""

MomentOut = Annotated[datetime, PlainSerializer(_written, return_type=str)]
"""A time as it goes out: UTC, `Z`."""

ShortText = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
LongText = Annotated[str, Field(strict=True, min_length=1, max_length=4000)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Metres = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Given(BaseModel):
    """A body that comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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
