"""By which name people know what the trail speaks of: references and alert numbers, of what is open to everybody.

Who audits sees that there is a marker, its reference and its keeper (and nothing of what it says); what belongs to a
closed circle has no name here.
"""

import re
from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.roles import OPEN_AUDIENCE
from alerts.models import Alert
from markers.case_models import Case, Order
from markers.models import Marker
from web.ids import read_id

REFERRED: dict[str, type[Marker | Case | Order]] = {"marker": Marker, "case": Case, "order": Order}
_NUMBER = re.compile(r"(?:alert\s*)?#?(\d{1,12})", re.IGNORECASE | re.ASCII)


def ids_named(session: Session, force: str, text: str) -> set[str]:
    """The ids of what is called this: a reference, or an alert's number."""
    found: set[str] = set()
    for model in (Marker, Case, Order):
        these = (model.force == force, model.reference == text, model.audience == OPEN_AUDIENCE)
        found |= {str(one) for one in session.scalars(select(model.id).where(*these))}
    number = _NUMBER.fullmatch(text)
    if number:
        numbered = (Alert.force == force, Alert.number == int(number[1]), Alert.audience == OPEN_AUDIENCE)
        found |= {str(one) for one in session.scalars(select(Alert.id).where(*numbered))}
    return found


def names_of(session: Session, force: str, objects: Iterable[Collection[object]]) -> dict[str, str]:
    """Id → its reference or number, of those objects (kind, id, version) of entries that have one."""
    by_kind: dict[str, set[UUID]] = {}
    for kind, object_id, *_version in objects:
        known = read_id(str(object_id))
        if known:
            by_kind.setdefault(str(kind), set()).add(known)
    names: dict[str, str] = {}
    for kind, model in REFERRED.items():
        these = (model.force == force, model.id.in_(by_kind.get(kind, set())), model.audience == OPEN_AUDIENCE)
        names |= {
            str(row[0]): row[1] for row in session.execute(select(model.id, model.reference).where(*these)) if row[1]
        }
    these = (Alert.force == force, Alert.id.in_(by_kind.get("alert", set())), Alert.audience == OPEN_AUDIENCE)
    return names | {str(row[0]): f"#{row[1]}" for row in session.execute(select(Alert.id, Alert.number).where(*these))}
