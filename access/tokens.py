"""Bearer tokens: 32 random bytes behind `heed_`, kept as a SHA-256 only, looked up by an index on it."""

import base64
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from access.models import Token
from access.roles import Caller, CannotBeDone, Role
from db.ids import Ids, Randomness

PREFIX = "heed_"
TOUCH_EVERY = timedelta(minutes=1)
"""`last_used_at` is true to a minute: a write for every request would cost more than it tells."""


class TokenNameTaken(CannotBeDone):
    """A token that is still good has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a token named {name!r} is in use: revoke it first, or choose another name")


class NoSuchToken(CannotBeDone):
    """No token that is still good has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no token named {name!r} is in use")


class TokenEnded(Exception):
    """The token was revoked or has expired since its holder was last asked who they are."""

    def __init__(self) -> None:
        super().__init__("send a good token: Authorization: Bearer TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a new token is to be good for."""

    name: str
    role: Role
    force: str
    desks: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made. Its secret is told once, and kept nowhere."""

    id: UUID
    secret: str


def create(session: Session, grant: Grant, now: datetime, ids: Ids, randomness: Randomness) -> NewToken:
    """Store a token's hash and answer its secret, which nobody can read again."""
    taken = select(Token.id).where(Token.force == grant.force, Token.name == grant.name, Token.revoked_at.is_(None))
    if session.scalars(taken).first() is not None:
        raise TokenNameTaken(grant.name)
    secret = PREFIX + new_secret(randomness)
    token_id = ids()
    session.add(
        Token(
            id=token_id,
            force=grant.force,
            name=grant.name,
            role=grant.role.value,
            desks=json.dumps(sorted(grant.desks)),
            sources=json.dumps(sorted(grant.sources)),
            secret_hash=hash_of(secret),
            created_at=now,
            expires_at=grant.expires_at,
        )
    )
    return NewToken(token_id, secret)


def new_secret(randomness: Randomness) -> str:
    """32 random bytes as text: of a token, or of a cookie."""
    return base64.urlsafe_b64encode(randomness(32)).rstrip(b"=").decode()


def hash_of(secret: str) -> bytes:
    """What is kept of a token. It has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def listed(session: Session, force: str | None = None) -> Sequence[Token]:
    """All tokens (of a force), those in use first."""
    asked = select(Token).order_by(Token.revoked_at.is_not(None), Token.force, Token.created_at, Token.id)
    return session.scalars(asked.where(Token.force == force) if force is not None else asked).all()


def revoke(session: Session, name: str, force: str, now: datetime) -> UUID:
    """From now on this token is good for nothing, and its streams end at their next beat; answers its id."""
    good = (Token.force == force, Token.name == name, Token.revoked_at.is_(None))
    revoked = session.scalars(update(Token).where(*good).values(revoked_at=now).returning(Token.id)).one_or_none()
    if revoked is None:
        raise NoSuchToken(name)
    return revoked


@dataclass(frozen=True, slots=True)
class Known:
    """A token that was found by its secret: whose it is, whether it is good now, and whether to note its use."""

    caller: Caller
    is_good: bool
    to_touch: bool


def known_by(session: Session, secret: str, now: datetime) -> Known | None:
    """Whose token this is; `None` for one that never was."""
    row = session.execute(
        select(
            Token.id, Token.force, Token.name, Token.role, Token.desks, Token.sources,
            Token.revoked_at, Token.expires_at, Token.last_used_at,
        ).where(Token.secret_hash == hash_of(secret))
    ).first()  # fmt: skip
    if row is None:
        return None
    caller = Caller(
        name=row.name,
        role=Role(row.role),
        force=row.force,
        token_id=row.id,
        desks=frozenset(json.loads(row.desks)),
        sources=frozenset(json.loads(row.sources)),
    )
    is_good = row.revoked_at is None and (row.expires_at is None or row.expires_at > now)
    return Known(caller, is_good, row.last_used_at is None or now - row.last_used_at >= TOUCH_EVERY)


def touch(session: Session, caller: Caller, now: datetime) -> None:
    """Note that a token was used."""
    session.execute(
        update(Token).where(Token.force == caller.force, Token.id == caller.token_id).values(last_used_at=now)
    )


def ended_among(session: Session, callers: Iterable[Caller], now: datetime) -> set[Caller]:
    """Those whose token is good no longer, asked in one statement; a caller without a token of their own is good."""
    by_id = {caller.token_id: caller for caller in callers}
    gone = or_(Token.revoked_at.is_not(None), Token.expires_at <= now)
    found = session.scalars(select(Token.id).where(Token.id.in_(list(by_id)), gone))
    return {by_id[token_id] for token_id in found}


def still_good(session: Session, callers: Collection[Caller], now: datetime) -> set[Caller]:
    """Those whose token is neither revoked nor expired, and says what it said when their streams began."""
    rows = session.scalars(select(Token).where(Token.id.in_({caller.token_id for caller in callers})))
    good = {
        (row.force, row.id, row.role, frozenset(json.loads(row.desks))) for row in rows
        if row.revoked_at is None and (row.expires_at is None or row.expires_at > now)
    }  # fmt: skip
    return {caller for caller in callers if (caller.force, caller.token_id, caller.role, caller.desks) in good}
