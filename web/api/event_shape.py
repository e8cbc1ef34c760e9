"""The event's shape for the OpenAPI document. The body itself is read by `event_body.py`, which refuses far less."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from web.bodies.shapes import MomentOut


class EventPhone(BaseModel):
    """A number that the event names; `null` where the caller's was withheld."""

    number: str | None = Field(None, examples=["07700 900123"])
    role: Literal["caller", "called", "mentioned"] = "caller"


class EventPoint(BaseModel):
    """A position in WGS 84 degrees, and the metres by which it may be off."""

    latitude: float = Field(examples=[53.4030])
    longitude: float = Field(examples=[-2.9800])
    uncertainty_m: float | None = Field(None, examples=[25])


class EventLocation(BaseModel):
    """A place that the event names; every part is optional."""

    role: Literal["incident", "caller", "mentioned"] = "incident"
    address: str | None = Field(None, examples=["Flat 2, 10 Bold Street, Liverpool"])
    postcode: str | None = Field(None, examples=["L1 4DS"])
    uprn: str | None = Field(None, examples=["38000000001"])
    point: EventPoint | None = None


class EventPerson(BaseModel):
    """Somebody whom the event names."""

    name: str
    role: Literal["caller", "victim", "suspect", "mentioned"]


class EventIdentifier(BaseModel):
    """A vehicle, e-mail address or account that the event names."""

    kind: Literal["vehicle", "email", "account"]
    value: str
    role: str = "mentioned"


class EventBody(BaseModel):
    """A call, an incident or a concern. Only the first four fields are required; no other part is ever refused."""

    model_config = ConfigDict(extra="allow")

    source: str = Field(min_length=1, max_length=200, examples=["telephony/999"])
    id: str = Field(min_length=1, max_length=200, examples=["c-000123"])
    type: Literal["call", "incident", "concern"]
    occurred_at: MomentOut = Field(examples=["2026-11-24T10:15:00Z"])
    call: str | None = Field(None, examples=["T-88123"], description="Shared by all events of one call")
    incident: str | None = Field(None, examples=["MP-20261124-0457"], description="The incident log's reference")
    channel: str | None = Field(None, examples=["999"])
    silent_solution: bool = Field(default=False, description="The caller pressed 55")
    abandoned: bool = Field(default=False, description="The line was silent or cleared before anyone spoke")
    line: Literal["silent", "cleared", "cut_off", "open"] | None = None
    summary: str | None = None
    operator_note: str | None = None
    phones: list[EventPhone] = Field(default_factory=list)
    locations: list[EventLocation] = Field(default_factory=list)
    people: list[EventPerson] = Field(default_factory=list)
    identifiers: list[EventIdentifier] = Field(default_factory=list)
    attributes: dict[str, Any] = Field(default_factory=dict)
    queue: str | None = Field(None, description="A concern's desk")
    priority: Literal["immediate", "urgent", "routine"] | None = Field(None, description="A concern's; else urgent")
