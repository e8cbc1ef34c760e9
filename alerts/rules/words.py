"""The words of alerts, as the contract spells them."""

from enum import StrEnum


class State(StrEnum):
    """Where an alert stands (after ISA-18.2); shelving stands apart from it."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Priority(StrEnum):
    """How soon somebody must answer; `IMMEDIATE` first."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    ROUTINE = "routine"


RANK = {priority: rank for rank, priority in enumerate(Priority)}
"""Priority → its place in the queue; 0 is the top."""


def higher(one: Priority, other: Priority) -> Priority:
    """The more pressing of the two."""
    return min(one, other, key=RANK.__getitem__)


class Outcome(StrEnum):
    """What came of a resolved alert."""

    ATTENDED = "attended"
    ADVICE_GIVEN = "advice_given"
    PASSED_TO_PARTNER = "passed_to_partner"
    NO_ACTION_NEEDED = "no_action_needed"
    FALSE_MATCH = "false_match"


class Breach(StrEnum):
    """Whether what was alerted broke an order, as far as was found out."""

    CONFIRMED = "confirmed"
    NOT_A_BREACH = "not_a_breach"
    UNKNOWN = "unknown"


class Move(StrEnum):
    """What a person may do with an alert."""

    ACKNOWLEDGE = "acknowledge"
    RELEASE = "release"
    ASSIGN = "assign"
    ESCALATE = "escalate"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    REGRADE = "regrade"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    INCIDENT = "incident"
    NOTE = "note"


class Change(StrEnum):
    """What an alert's history says happened, beside the moves of people."""

    RAISED = "raised"
    EVENT_ADDED = "event_added"
    RELATED = "related"
    LOOKED_BACK = "looked_back"
    ESCALATED_AS_LATE = "escalated_as_late"
    BACK_FROM_SHELF = "back_from_shelf"
    HANDED_OVER = "handed_over"
    CONFIRMATION_ASKED = "confirmation_asked"
    BACK_TO_FOLLOW_UP = "back_to_follow_up"
    PASSED_ON = "passed_on"
    RAISED_AGAIN = "raised_again"
    SWEPT = "swept"
