"""People who sign in to the console, and everybody whose name can stand on an alert.

A password is kept as an Argon2id hash only. Signing in comes with the console.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from access.models import Token, User
from access.roles import OPEN_AUDIENCE, CannotBeDone, Role, circle_of
from db.ids import Ids

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128
"""Characters. Length is what counts (NIST SP 800-63B); the limit above keeps a hash from being work for nothing."""


class UserNameTaken(CannotBeDone):
    """Somebody who is enabled has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a person named {name!r} is known here already: disable them first, or choose another name")


class NoSuchUser(CannotBeDone):
    """Nobody who is enabled has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"nobody named {name!r} is enabled here")


class BadPassword(ValueError):
    """A password that can't be taken; says why, never what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Who is to be able to sign in."""

    name: str
    role: Role
    force: str
    desks: frozenset[str] = frozenset()


def create(session: Session, person: NewPerson, password: str, now: datetime, ids: Ids) -> UUID:
    """Store somebody who may sign in; answers their id."""
    _check_password(person.name, password)
    enabled = select(User.id).where(User.force == person.force, User.name == person.name, User.disabled_at.is_(None))
    if session.scalars(enabled).first() is not None:
        raise UserNameTaken(person.name)
    user_id = ids()
    session.add(
        User(
            id=user_id,
            force=person.force,
            name=person.name,
            role=person.role.value,
            desks=json.dumps(sorted(person.desks)),
            password_hash=_HASHER.hash(password),
            created_at=now,
        )
    )
    return user_id


_HASHER = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """What an unknown name's password is held against, so that it takes as long as a known one's."""
    return _HASHER.hash("the password of nobody at all")


def who_is(session: Session, force: str, name: str) -> User | None:
    """The enabled person of this name."""
    enabled = (User.force == force, User.name == name, User.disabled_at.is_(None))
    return session.scalars(select(User).where(*enabled)).one_or_none()


def is_password_of(user: User | None, password: str) -> bool:
    """Is it this person's? Takes the same time for nobody; about a tenth of a second of a core."""
    stored = user.password_hash if user is not None else _nobodys_hash()
    try:
        _HASHER.verify(stored, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


def set_password(user: User, password: str) -> None:
    """From now on this is theirs."""
    _check_password(user.name, password)
    user.password_hash = _HASHER.hash(password)


def _check_password(name: str, password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadPassword(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if name.casefold() in password.casefold():
        raise BadPassword("the password holds the person's own name")


def listed(session: Session, force: str | None = None) -> Sequence[User]:
    """Everybody (of a force), those who are enabled first."""
    asked = select(User).order_by(User.disabled_at.is_not(None), User.force, User.created_at, User.id)
    return session.scalars(asked.where(User.force == force) if force is not None else asked).all()


def of_id(session: Session, force: str, user_id: UUID) -> User | None:
    """Somebody of a force, enabled or not."""
    return session.get(User, (force, user_id))


def set_desks(user: User, desks: Collection[str]) -> None:
    """From now on these are theirs."""
    user.desks = json.dumps(sorted(desks))


def disable(session: Session, name: str, force: str, now: datetime) -> UUID:
    """From now on they are nobody here; answers their id."""
    enabled = select(User).where(User.force == force, User.name == name, User.disabled_at.is_(None))
    user = session.scalars(enabled.with_for_update()).one_or_none()
    if user is None:
        raise NoSuchUser(name)
    user.disabled_at = now
    return user.id


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose name can stand on an alert; `by_token`: who has a token, and need not sign in."""

    id: UUID
    name: str
    role: Role
    desks: frozenset[str]
    by_token: bool = False

    def reads(self, audience: str) -> bool:
        """Does this person read what is of an audience? A circle's is its own people's."""
        return audience == OPEN_AUDIENCE or audience in map(circle_of, self.desks)


_OF_THE_ROOM = (Role.HANDLER, Role.OFFICER, Role.SUPERVISOR)


def people_of_the_room(session: Session, force: str, now: datetime) -> list[Person]:
    """Everybody of a force who answers alerts: people who are enabled, and tokens that are good now."""
    roles = [role.value for role in _OF_THE_ROOM]
    users = session.scalars(
        select(User).where(User.force == force, User.role.in_(roles), User.disabled_at.is_(None)).order_by(User.id)
    )
    tokens = session.scalars(
        select(Token)
        .where(
            Token.force == force,
            Token.role.in_(roles),
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
        )
        .order_by(Token.id)
    )
    return [
        Person(row.id, row.name, Role(row.role), frozenset(json.loads(row.desks)), isinstance(row, Token))
        for row in (*users, *tokens)
    ]


def answering_at(session: Session, force: str, desk: str, now: datetime) -> list[Person]:
    """Those of them who have `desk` among their own; somebody with a token beside their password is one."""
    found = {person.name: person for person in people_of_the_room(session, force, now) if desk in person.desks}
    return list(found.values())


def ever_known(session: Session, force: str, role: Role) -> set[str]:
    """The names of all who ever had this role here, whatever became of them."""
    people = select(User.name).where(User.force == force, User.role == role.value)
    holders = select(Token.name).where(Token.force == force, Token.role == role.value)
    return set(session.scalars(people.union(holders)))
