"""What partners are told, when it is tried again, and when it is given up. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from alerts.rules.words import Change, Move


class Kind(StrEnum):
    """What a notice tells; the end of its CloudEvents type (`heed.alert.raised`)."""

    RAISED = "raised"
    PRIORITY_CHANGED = "priority_changed"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class MayReceive(StrEnum):
    """What a case's agreement lets a partner be told."""

    ALERT = "alert"
    INSTRUCTION = "instruction"
    LOCATION = "location"
    ORDER = "order"
    OUTCOME = "outcome"


NEEDS: Mapping[Kind, frozenset[MayReceive]] = MappingProxyType(
    {
        Kind.RAISED: frozenset({MayReceive.ALERT}),
        Kind.PRIORITY_CHANGED: frozenset({MayReceive.ALERT}),
        Kind.RESOLVED: frozenset({MayReceive.ALERT, MayReceive.OUTCOME}),
        Kind.REOPENED: frozenset({MayReceive.ALERT}),
    }
)
"""One of these has to be agreed on, or a partner is not told of it at all."""


def kind_of(change: Change | Move, details: Mapping[str, Any]) -> Kind | None:
    """What a change of an alert is to partners; `None` where it is none of theirs."""
    if change is Change.RAISED:
        return Kind.RAISED
    if change is Move.RESOLVE or (change is Move.CONFIRM and "outcome" in details):
        return Kind.RESOLVED
    if change in (Move.REOPEN, Change.BACK_TO_FOLLOW_UP):
        return Kind.REOPENED
    return Kind.PRIORITY_CHANGED if "priority" in details else None


def is_agreed(kind: Kind, may_receive: Collection[str]) -> bool:
    """Does an agreement let a partner be told of this?"""
    return any(one.value in may_receive for one in NEEDS[kind])


GAPS = (5, 15, 60)
"""Seconds after the first failures; from then on every five minutes, and after two hours every fifteen."""
THEN, LATER = timedelta(minutes=5), timedelta(minutes=15)
OFTEN_FOR, GIVEN_UP_AFTER = timedelta(hours=2), timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=1)
"""What a partner may ask for by `Retry-After`."""


def next_try(attempts: int, since: datetime, now: datetime, asked: timedelta | None = None) -> datetime | None:
    """When a notice is sent again that failed `attempts` times since it was made; `None`: it is given up, and listed.

    `asked` is what the partner's `Retry-After` says.
    """
    if now - since >= GIVEN_UP_AFTER:
        return None
    if asked is not None:
        return now + min(max(asked, timedelta(seconds=GAPS[0])), LONGEST_WAIT)
    if attempts <= len(GAPS):
        return now + timedelta(seconds=GAPS[attempts - 1])
    return now + (THEN if now - since < OFTEN_FOR else LATER)
