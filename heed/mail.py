"""Mail of what somebody is to look at: once a day, to people who have an address; off unless a server is set.

A mail leaves the house: it says how many things wait, of which kind, and where to look; never whom they are about. What
a closed circle has to look at is in no mail.
"""

import json
import logging
import smtplib
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.models import User
from access.roles import OPEN_AUDIENCE, Role
from access.trail import Act, Operation, Recorder, Thing
from db.clock import Clock
from db.errors import StorageError
from db.session import Database
from db.turns import Turn, take_turn
from markers.case_models import Review
from markers.cases.reviews import LATE_AFTER, meant_for

ONCE_IN = timedelta(hours=20)
PATIENCE_S = 20
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
SUBJECT = "Heed: something waits for you"
log = logging.getLogger("heed.mail")


class BadServer(ValueError):
    """The mail server's address can't be used."""

    def __init__(self) -> None:
        super().__init__("smtp://host, smtp+starttls://name:password@host or smtps://… is wanted")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, from whom mail comes, and where its reader is to look."""

    url: str
    sender: str
    console_url: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise BadServer

    def send(self, message: EmailMessage) -> None:
        """Hand one message over; `OSError` or `SMTPException` where that fails."""
        parts = urlsplit(self.url)
        address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
        if parts.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=PATIENCE_S, context=ssl.create_default_context())
        else:
            line = smtplib.SMTP(*address, timeout=PATIENCE_S)
        with line:
            if parts.scheme == "smtp+starttls":
                line.starttls(context=ssl.create_default_context())
            if parts.username:
                line.login(unquote(parts.username), unquote(parts.password or ""))
            line.send_message(message)


Send = Callable[[EmailMessage], None]


@dataclass(frozen=True, slots=True)
class Post:
    """What mailing works with."""

    db: Database
    clock: Clock
    recorder: Recorder
    server: Server


def mail_reviews(post: Post, send: Send | None = None) -> int:
    """Tell everybody who has an address what waits for them, once a day; answers how many were told.

    Whoever takes somebody's turn sends; where that fails the turn is given back, and the next round tries again.
    """
    told = 0
    with post.db.reading() as session:
        reachable = (User.email_sealed.is_not(None), User.disabled_at.is_(None))
        people = [(row.force, row.id) for row in session.execute(select(User.force, User.id).where(*reachable))]
    for force, user_id in people:
        try:
            told += _tell(post, force, user_id, send or post.server.send)
        except (OSError, smtplib.SMTPException) as error:
            log.error("a mail could not be sent", extra={"kind": type(error).__name__})
            with suppress(StorageError), post.db.transaction() as session:
                session.execute(delete(Turn).where(Turn.work == _work(user_id)))
    return told


def _work(user_id: UUID) -> str:
    return f"mail:{user_id}"


def _tell(post: Post, force: str, user_id: UUID, send: Send) -> bool:
    with post.db.transaction() as session:
        now = post.clock.now(session)
        user = session.get_one(User, (force, user_id))
        waiting = _waiting(session, user)
        if not waiting or user.email is None or not take_turn(session, _work(user_id), now, ONCE_IN):
            return False
        late = sum(row.due_at < now - LATE_AFTER for row in waiting)
        message = _message(post.server, user.email, Counter(row.kind for row in waiting), late)
        # Before it is sent: what may have left the house is never unrecorded.
        act = Act(
            operation=Operation.DISCLOSURE, action="mail_reviews", objects=[Thing("user", user_id, 1)], force=force,
            reason="what waits to be looked at: how many, of which kind",
        )  # fmt: skip
        post.recorder.record(session, None, act, now)
    send(message)
    return True


def _waiting(session: Session, user: User) -> list[Review]:
    theirs = meant_for(user.name, Role(user.role), json.loads(user.desks))
    these = (Review.force == user.force, Review.audience == OPEN_AUDIENCE, Review.state == "open", theirs)
    return list(session.scalars(select(Review).where(*these)))


def _message(server: Server, to: str, kinds: Counter[str], late: int) -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = SUBJECT, server.sender, to
    lines = [f"{count} of the kind: {kind.replace('_', ' ')}" for kind, count in sorted(kinds.items())]
    head = f"{kinds.total()} to be looked at" + (f", {late} of them late" if late else "") + ":"
    where = f"\n\nLook here: {server.console_url}" if server.console_url else ""
    message.set_content(f"{head}\n\n" + "\n".join(lines) + where + "\n")
    return message
