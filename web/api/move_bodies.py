"""What the moves on alerts take."""

from uuid import UUID

from pydantic import ConfigDict, Field

from alerts.rules.words import Breach, Outcome, Priority
from web.bodies.shapes import Given, LongText, Moment, ShortText, Told


class NoteOnlyBody(Given):
    """Words for the history, where wanted."""

    note: LongText | None = None


class NoteBody(Given):
    """Words for the history."""

    note: LongText


class AssignBody(NoteOnlyBody):
    """To whom."""

    to: ShortText


class ShelveBody(Given):
    """Until when, and why."""

    until: Moment
    reason: LongText


class ResolveBody(NoteOnlyBody):
    """What came of it."""

    outcome: Outcome
    breach: Breach | None = Field(None, description="Whether it broke an order, as far as was found out")
    follow_up_at: Moment | None = Field(None, description="When the alert comes back to be looked at again")


class RegradeBody(Given):
    """To which priority, and why."""

    priority: Priority
    reason: LongText


class IncidentBody(Given):
    """The command-and-control reference."""

    incident: ShortText


class HandOverBody(Given):
    """To whom, and whose: one's own, or (for a supervisor) somebody else's; all that they have, or the alerts named."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    to: ShortText
    note: LongText | None = None
    from_: ShortText | None = Field(None, alias="from")
    alerts: list[ShortText] = Field(default=[], max_length=500)


class LeftTold(Told):
    """An alert that was named and stays where it is."""

    alert: str
    because: str


class HandedOverTold(Told):
    """What has another owner now."""

    to: str
    moved: list[UUID]
    left: list[LeftTold]


class ReopenBody(Given):
    """Why."""

    reason: LongText
