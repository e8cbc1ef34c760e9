"""The words of markers, as the contract spells them."""

from enum import StrEnum


class Risk(StrEnum):
    """How high the risk was judged to be."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"


def is_lower(risk: Risk, than: Risk) -> bool:
    """Is this grade below the other?"""
    grades = tuple(Risk)
    return grades.index(risk) < grades.index(than)


class Sensitivity(StrEnum):
    """Who sees what: a restricted instruction stands on alerts only; a covert marker exists for its desk only."""

    OPEN = "open"
    RESTRICTED = "restricted"
    COVERT = "covert"


class SubjectRole(StrEnum):
    """What the person whom a marker is about is to it (after DPA 2018 s. 38)."""

    VICTIM = "victim"
    SUSPECT = "suspect"
    CONVICTED = "convicted"
    WITNESS = "witness"
    OTHER = "other"


class Status(StrEnum):
    """Where a marker stands at a moment; derived, never stored."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    LAPSED = "lapsed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class Grade(StrEnum):
    """The response that a marker requires, most demanding first."""

    IMMEDIATE = "immediate"
    PRIORITY = "priority"
    SCHEDULED = "scheduled"
    NONE = "none"


class CallBack(StrEnum):
    """Whether the caller may be rung back, most careful first."""

    NEVER = "never"
    SAFE_NUMBER_ONLY = "safe_number_only"
    FREE = "free"


class TargetKind(StrEnum):
    """What a target is."""

    PHONE = "phone"
    ADDRESS = "address"
    AREA = "area"
    IDENTIFIER = "identifier"


class Standing(StrEnum):
    """What an officer does with a marker's standing; each takes a reason."""

    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"
    RENEW = "renew"


SERVICE = "heed"
"""Who did it, where no person did."""
