"""Who follows the queue, how they are told, and what one look at the feed holds for all who share it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from access.trail import Thing
from alerts.feed import Position, View
from alerts.seen import AlertSeen


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the feed, written once for all streams that share it: the bytes, and what they show."""

    wire: bytes
    beat: bytes
    shows: Mapping[UUID | str, Thing]
    upto: Position
    is_whole: bool
    unopened: tuple[str, ...]


@dataclass(slots=True)
class Sent:
    """What a stream has shown since its last entry in the trail."""

    shown: dict[UUID | str, Thing] = field(default_factory=dict)
    unopened: set[str] = field(default_factory=set)
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Face:
    """How alerts are told to one kind of reader: the name of the messages, and what each says.

    What it says may depend on the view's force, role, desks and desk, and on nothing else of its reader: readers with
    the same view share it.
    """

    event: str
    render: Callable[[AlertSeen, View], str]


@dataclass(slots=True, eq=False)
class Reader:
    """Somebody who follows the queue: what they see, where they stand, how they are told, whether they still may."""

    view: View
    position: Position
    face: Face
    sent: Sent = field(default_factory=Sent)
    is_welcome: bool = True
