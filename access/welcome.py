"""May a stream go on? Asked at each beat, of tokens and of sessions."""

from datetime import datetime

from sqlalchemy.orm import Session

from access import sessions, tokens
from access.roles import Caller


def is_still_good(session: Session, caller: Caller, now: datetime) -> bool:
    """Neither ended nor changed since the stream began."""
    asked = sessions.is_still_good if caller.in_session else tokens.is_still_good
    return asked(session, caller, now)
