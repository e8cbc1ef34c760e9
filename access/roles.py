"""Pure: the six roles, what each may do, and who is asking.

`docs/reference/permissions.md` says the same in a table that a test reads: change both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class Role(StrEnum):
    """Whom a token or a person acts as."""

    HANDLER = "handler"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    INTEGRATION = "integration"
    AUDITOR = "auditor"
    ADMIN = "admin"


class CannotBeDone(Exception):
    """What somebody asked of a command can't be done as things stand; its words say why."""


class Permission(StrEnum):
    """What a route asks for; every route names one."""

    POST_EVENTS = "post_events"
    READ_MARKERS = "read_markers"
    KEEP_MARKERS = "keep_markers"
    LOOK_UP = "look_up"
    READ_ALERTS = "read_alerts"
    MOVE_ALERTS = "move_alerts"
    READ_CASES = "read_cases"
    KEEP_CASES = "keep_cases"
    KEEP_SOURCES = "keep_sources"
    KEEP_DESKS = "keep_desks"
    KEEP_PARTNERS = "keep_partners"
    POST_HEARTBEATS = "post_heartbeats"
    READ_MEASURES = "read_measures"
    READ_TRAIL = "read_trail"
    READ_METRICS = "read_metrics"
    READ_PEOPLE = "read_people"
    KEEP_PEOPLE = "keep_people"
    READ_SETTINGS = "read_settings"
    USE_CONSOLE = "use_console"


_PEOPLE_OF_THE_ROOM = frozenset({Role.HANDLER, Role.OFFICER, Role.SUPERVISOR})

PERMITTED: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        # Handlers, officers and supervisors post a `concern` only: which type it is, the body says.
        Permission.POST_EVENTS: _PEOPLE_OF_THE_ROOM | {Role.INTEGRATION, Role.ADMIN},
        Permission.READ_MARKERS: _PEOPLE_OF_THE_ROOM,
        Permission.KEEP_MARKERS: frozenset({Role.OFFICER}),
        Permission.LOOK_UP: _PEOPLE_OF_THE_ROOM,
        Permission.READ_ALERTS: _PEOPLE_OF_THE_ROOM,
        Permission.MOVE_ALERTS: _PEOPLE_OF_THE_ROOM,
        Permission.READ_CASES: frozenset({Role.OFFICER, Role.SUPERVISOR}),
        Permission.KEEP_CASES: frozenset({Role.OFFICER}),
        Permission.KEEP_SOURCES: frozenset({Role.SUPERVISOR, Role.ADMIN}),
        Permission.KEEP_DESKS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
        Permission.KEEP_PARTNERS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
        Permission.POST_HEARTBEATS: frozenset({Role.INTEGRATION}),
        Permission.READ_MEASURES: frozenset({Role.SUPERVISOR}),
        Permission.READ_TRAIL: frozenset({Role.AUDITOR}),
        Permission.READ_METRICS: frozenset({Role.ADMIN}),
        Permission.READ_PEOPLE: frozenset({Role.AUDITOR, Role.ADMIN}),
        Permission.KEEP_PEOPLE: frozenset({Role.ADMIN}),
        Permission.READ_SETTINGS: frozenset({Role.AUDITOR, Role.ADMIN}),
        Permission.USE_CONSOLE: frozenset(Role) - {Role.INTEGRATION},
    }
)

POSTS_ANY_EVENT = frozenset({Role.INTEGRATION, Role.ADMIN})
"""Roles that post calls and incidents; the others of `POST_EVENTS` post concerns."""

READS_NARRATIVES = frozenset({Role.OFFICER})
"""Background that only officers read."""

GRANTED_BY_TWO = frozenset({Role.OFFICER, Role.AUDITOR, Role.ADMIN})
"""Roles that read what others may not, or grant: at a screen a second administrator has to agree."""

READS_RISK_NOTES = frozenset({Role.OFFICER})
"""Who reads why a risk was graded as it was, and the notes of a case."""

READS_RESTRICTED = frozenset({Role.OFFICER})
"""Who reads a restricted marker's instruction and targets outside of an alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is asking. `desks` empty: every open queue and no closed circle; `sources` empty: all sources.

    `token_id` is that of the token, or of the session in the console (`in_session`).
    """

    name: str
    role: Role
    force: str
    token_id: UUID
    desks: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    in_session: bool = False

    @property
    def is_of_the_room(self) -> bool:
        """A person who answers alerts: a handler, an officer or a supervisor."""
        return self.role in _PEOPLE_OF_THE_ROOM

    @property
    def circles(self) -> frozenset[str]:
        """The desks whose covert markers this caller reads: circles are desks, and only people of the room answer."""
        return self.desks if self.is_of_the_room else frozenset()

    def may(self, permission: Permission) -> bool:
        """Is it this role's to do?"""
        return self.role in PERMITTED[permission]

    def may_post_as(self, source: str) -> bool:
        """A token bound to sources posts under no other name."""
        return not self.sources or source in self.sources

    def answers_at(self, desks: frozenset[str]) -> bool:
        """Is one of `desks` this caller's own? Without desks of their own, every open one is."""
        return not self.desks or bool(self.desks & desks)


OPEN_AUDIENCE = "open"
"""The audience of everybody whose role reads the thing at all."""


def circle_of(desk: str) -> str:
    """The audience that a covert marker's desk is: markers, alerts and feeds are told apart by it."""
    return f"circle:{desk}"


def circle_named(audience: str) -> str | None:
    """The desk whose circle an audience is."""
    _kind, found, desk = audience.partition("circle:")
    return desk if found else None


def audiences_of(caller: Caller) -> frozenset[str]:
    """All audiences that this caller belongs to."""
    return frozenset({OPEN_AUDIENCE}) | {circle_of(desk) for desk in caller.circles}
