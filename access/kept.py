"""What somebody had typed when their session ended: kept sealed, and given back to the same person within half an hour.

Never in the browser's own storage: another may sit down at the screen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from access.models import KeptForm
from access.tokens import hash_of
from db.ids import Ids
from db.sealed import read_json

KEPT_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """The page it belongs to, and what stood in its fields."""

    path: str
    form: Mapping[str, str]


def keep(session: Session, whose: tuple[str, UUID], what: Kept, secret: str, moment: tuple[datetime, Ids]) -> None:
    """Keep a form; `secret` goes into a cookie of its own."""
    (force, user_id), (now, ids) = whose, moment
    row = KeptForm(
        force=force, id=ids(), secret_hash=hash_of(secret), user_id=user_id, path=what.path, kept_at=now,
        form_sealed=None,
    )  # fmt: skip
    session.add(row)
    row.form = json.dumps(dict(what.form))


def give_back(session: Session, user_id: UUID, secret: str, now: datetime) -> Kept | None:
    """The form, to the one who typed it; once."""
    found = session.scalars(select(KeptForm).where(KeptForm.secret_hash == hash_of(secret))).first()
    if found is None or found.user_id != user_id or found.kept_at < now - KEPT_FOR:
        return None
    kept = Kept(found.path, read_json(found.form, {}))
    session.delete(found)
    return kept


def remove_old(session: Session, now: datetime) -> int:
    """Drop what nobody came back for; how many."""
    old = delete(KeptForm).where(KeptForm.kept_at < now - KEPT_FOR).returning(KeptForm.id)
    return len(session.scalars(old).all())
