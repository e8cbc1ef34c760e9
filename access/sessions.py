"""Sessions of the console: 32 random bytes in a cookie, kept as a SHA-256 only.

What somebody may is read anew each time: role and desks are those of the person now, and never what they were when the
session began; taken away, they are gone at the next request. A kiosk's session is a wall screen's: outside every
circle, and it may do nothing by itself.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, select, update
from sqlalchemy.orm import Session

from access.models import SignedIn, Token, User
from access.people import Person, people_of_the_room
from access.roles import Caller, Role
from access.tokens import hash_of, new_secret
from db.ids import Ids, Randomness

PERSON, KIOSK = "person", "kiosk"
TOUCH_EVERY = timedelta(seconds=20)
"""`seen_at` is true to this: a write for every request would cost more than it tells."""
KIOSK_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a session may stand unused, and how long it may last at all."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A session that is good: who it is, at which desk, and what they chose for their screens."""

    caller: Caller
    session_id: UUID
    user_id: UUID
    desk: str | None
    is_kiosk: bool
    ends_at: datetime
    seen_at: datetime
    previous_at: datetime | None
    choices: str

    @property
    def me(self) -> str:
        """Whose alerts are "yours" here; at a wall screen nobody's."""
        return "" if self.is_kiosk else self.caller.name


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun. Its secret goes into the cookie, and is kept nowhere."""

    id: UUID
    secret: str


def begin(session: Session, user: User, patience: Patience, moment: tuple[datetime, Ids, Randomness]) -> NewSession:
    """A session for somebody who said who they are."""
    now, ids, randomness = moment
    ends_at = now + patience.longest
    made = _add(session, user, (PERSON, None), (now, min(now + patience.idle, ends_at), ends_at), (ids, randomness))
    user.signed_in_at = now
    return made


def begin_kiosk(session: Session, user: User, desk: str, moment: tuple[datetime, Ids, Randomness]) -> NewSession:
    """A wall screen's session, set up by somebody who is signed in."""
    now, ids, randomness = moment
    ends_at = now + KIOSK_LASTS
    return _add(session, user, (KIOSK, desk), (now, ends_at, ends_at), (ids, randomness))


def _add(
    session: Session, user: User, what: tuple[str, str | None], times: tuple[datetime, datetime, datetime],
    new: tuple[Ids, Randomness],
) -> NewSession:  # fmt: skip
    (kind, desk), (now, good_until, ends_at), (ids, randomness) = what, times, new
    secret = new_secret(randomness)
    row = SignedIn(
        force=user.force, id=ids(), secret_hash=hash_of(secret), user_id=user.id, kind=kind, desk=desk, began_at=now,
        seen_at=now, good_until=good_until, ends_at=ends_at, looking_at=None,
        previous_at=user.signed_in_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return NewSession(row.id, secret)


_WITH_PERSON = select(SignedIn, User).join(User, and_(User.force == SignedIn.force, User.id == SignedIn.user_id))


def known_by(session: Session, secret: str, now: datetime) -> Visit | None:
    """Whose session this is; `None` for one that never was, has ended, or whose person is disabled."""
    asked = _WITH_PERSON.where(SignedIn.secret_hash == hash_of(secret))
    found = session.execute(asked).first()
    return _visit(found) if found is not None and _is_good(found, now) else None


def _is_good(found: Row[SignedIn, User], now: datetime) -> bool:
    row, user = found
    return row.good_until > now and user.disabled_at is None


def _visit(found: Row[SignedIn, User]) -> Visit:
    row, user = found
    is_kiosk = row.kind == KIOSK
    caller = caller_for(user, row.id)
    if is_kiosk:
        caller = replace(caller, desks=frozenset())
    return Visit(
        caller=caller, session_id=row.id, user_id=user.id, desk=row.desk, is_kiosk=is_kiosk,
        ends_at=row.ends_at, seen_at=row.seen_at, previous_at=row.previous_at, choices=user.choices,
    )  # fmt: skip


def owner_of(session: Session, secret: str) -> tuple[str, UUID] | None:
    """Whose session this is or was: force and id of the person."""
    asked = select(SignedIn.force, SignedIn.user_id).where(SignedIn.secret_hash == hash_of(secret))
    found = session.execute(asked).first()
    return (found.force, found.user_id) if found is not None else None


def caller_for(user: User, session_id: UUID) -> Caller:
    """Somebody as the one who asks, in a session."""
    desks = frozenset(json.loads(user.desks))
    return Caller(
        name=user.name, role=Role(user.role), force=user.force, token_id=session_id, desks=desks, in_session=True
    )


def still_good(session: Session, callers: Collection[Caller], now: datetime) -> set[Caller]:
    """Those whose session has not ended, and who are what they were when their streams began."""
    found = session.execute(_WITH_PERSON.where(SignedIn.id.in_({caller.token_id for caller in callers})))
    return {visit.caller for one in found if _is_good(one, now) and (visit := _visit(one))} & set(callers)


def touch(session: Session, visit: Visit, patience: Patience, now: datetime) -> None:
    """It was used: good for as long again. A kiosk's stands as long as it was begun for."""
    values = {"seen_at": now} | ({} if visit.is_kiosk else {"good_until": min(now + patience.idle, visit.ends_at)})
    mine = (SignedIn.force == visit.caller.force, SignedIn.id == visit.session_id, SignedIn.good_until > now)
    session.execute(update(SignedIn).where(*mine).values(**values))


def sit_at(session: Session, visit: Visit, desk: str | None) -> None:
    """The desk whose queue this session shows; `None`: all of the person's own."""
    mine = (SignedIn.force == visit.caller.force, SignedIn.id == visit.session_id)
    session.execute(update(SignedIn).where(*mine).values(desk=desk))


def look_at(session: Session, visit: Visit, alert_id: UUID | None) -> None:
    """Which alert this person's page shows."""
    mine = (SignedIn.force == visit.caller.force, SignedIn.id == visit.session_id)
    session.execute(update(SignedIn).where(*mine).values(looking_at=alert_id))


def end(session: Session, force: str, user_id: UUID, session_id: UUID, now: datetime) -> bool:
    """End one of somebody's sessions; was there one? That there was stays known for a day: whose alerts it left."""
    mine = (SignedIn.force == force, SignedIn.user_id == user_id, SignedIn.id == session_id)
    return _ended(session, mine, now) > 0


def end_others(session: Session, force: str, user_id: UUID, but: UUID | None, now: datetime) -> int:
    """End somebody's sessions but the one; how many."""
    mine = [SignedIn.force == force, SignedIn.user_id == user_id]
    if but is not None:
        mine.append(SignedIn.id != but)
    return _ended(session, mine, now)


def _ended(session: Session, these: Iterable[ColumnElement[bool]], now: datetime) -> int:
    good = update(SignedIn).where(*these, SignedIn.good_until > now)
    return len(session.scalars(good.values(good_until=now, looking_at=None).returning(SignedIn.id)).all())


def of_person(session: Session, force: str, user_id: UUID, now: datetime) -> Sequence[SignedIn]:
    """Somebody's sessions that are good, newest first."""
    mine = (SignedIn.force == force, SignedIn.user_id == user_id, SignedIn.good_until > now)
    return session.scalars(select(SignedIn).where(*mine).order_by(SignedIn.began_at.desc())).all()


def signed_in(session: Session, force: str, now: datetime) -> list[Person]:
    """Those who answer alerts and are signed in to the console, or have a good token, which needs no signing in."""
    these = (SignedIn.force == force, SignedIn.good_until > now, SignedIn.kind == PERSON)
    with_session = set(session.scalars(select(SignedIn.user_id).where(*these)))
    return [one for one in people_of_the_room(session, force, now) if one.by_token or one.id in with_session]


HERE_WITHIN = timedelta(minutes=5)


def seats(session: Session, force: str, now: datetime) -> list[tuple[str, frozenset[str]]]:
    """(Name, desks) of each person who answers alerts now; without desks: at every open one.

    Who chose one desk's queue for their screen sits there. A token sits where it was used within the last minutes.
    """
    these = (SignedIn.force == force, SignedIn.good_until > now, SignedIn.kind == PERSON)
    chosen: dict[UUID, set[str | None]] = {}
    for user_id, desk in session.execute(select(SignedIn.user_id, SignedIn.desk).where(*these)):
        chosen.setdefault(user_id, set()).add(desk)
    used = (Token.force == force, Token.last_used_at > now - HERE_WITHIN)
    in_use = set(session.scalars(select(Token.id).where(*used)))
    taken = []
    for person in people_of_the_room(session, force, now):
        if person.by_token:
            taken += [(person.name, person.desks)] if person.id in in_use else []
        else:
            of = chosen.get(person.id, ())
            taken += [(person.name, frozenset({desk}) if desk else person.desks) for desk in of]
    return taken


def here(session: Session, force: str, now: datetime) -> list[str]:
    """Who was seen within the last minutes; names in order, each once."""
    return _names(session, force, now)


def looking_at(session: Session, force: str, alert_id: UUID, now: datetime) -> list[str]:
    """Who has this alert's page open."""
    return _names(session, force, now, SignedIn.looking_at == alert_id)


def _names(session: Session, force: str, now: datetime, *more: "object") -> list[str]:
    these = (SignedIn.force == force, SignedIn.good_until > now, SignedIn.seen_at > now - HERE_WITHIN)
    asked = _WITH_PERSON.where(*these, SignedIn.kind == PERSON, User.disabled_at.is_(None), *more)  # type: ignore[arg-type]
    return sorted({user.name for _, user in session.execute(asked)})


ENDED_KNOWN_FOR = timedelta(days=1)


def remove_ended(session: Session, now: datetime) -> int:
    """Drop sessions that ended yesterday or before; how many."""
    ended = delete(SignedIn).where(SignedIn.good_until < now - ENDED_KNOWN_FOR)
    return len(session.scalars(ended.returning(SignedIn.id)).all())
