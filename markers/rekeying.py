"""Targets that an older version keyed are keyed anew: only then does a better reading find them.

Done before a service listens. A target whose text can't be opened keeps the keys that it has.
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.base import rowcount_of
from db.sealed import read_json
from db.session import Database
from markers.case_models import CaseKey, CasePart
from markers.cases.parts import keys_for, understand
from markers.cases.queries import store_part_keys
from markers.cases.rules.breach import Side
from markers.gazetteer import resolved
from markers.matching.keys import VERSION, stored_keys
from markers.matching.values import Numbering, Problem
from markers.models import MatchKey, Target
from markers.queries import store_keys
from markers.targets import target_value
from markers.words import TargetKind

AT_ONCE = 200


def to_be_keyed(session: Session) -> int:
    """How many targets, and parts of cases and orders, have keys of an older version."""
    older = (select(func.count()).select_from(kind).where(kind.keys_version < VERSION) for kind in (Target, CasePart))
    return sum(session.scalars(statement).one() for statement in older)


def key_anew(db: Database, numbering: Numbering, told: Callable[[int], None]) -> int:
    """Key all of them, some at a time, each in a short transaction; how many there were. `told` hears of progress."""
    done, after = 0, None
    while True:
        with db.transaction() as session:
            rows = _next(session, after)
            for row in rows:
                _key(session, row, numbering)
        if not rows:
            return done + _key_parts_anew(db, numbering)
        done, after = done + len(rows), (rows[-1][0], rows[-1][1])
        told(done)


def _key_parts_anew(db: Database, numbering: Numbering) -> int:
    """The same of what cases and orders know: there are few of them."""
    with db.transaction() as session:
        older = select(CasePart).where(CasePart.keys_version < VERSION).order_by(CasePart.force, CasePart.id)
        rows = session.scalars(older.with_for_update()).all()
        for row in rows:
            given = read_json(row.given, None)
            value = understand(row.kind, given, numbering) if given is not None else None
            if value is None or isinstance(value, Problem):
                continue
            session.execute(delete(CaseKey).where(CaseKey.force == row.force, CaseKey.part_id == row.id))
            store_part_keys(session, row.force, [(row.id, key) for key in keys_for(Side(row.side), value)])
            row.keys_version = VERSION
        return len(rows)


def wants_anew(session: Session) -> int:
    """Address targets are to be keyed anew, since another gazetteer knows other things of them; how many there are."""
    addresses = update(Target).where(Target.kind == TargetKind.ADDRESS.value).values(keys_version=0)
    return rowcount_of(session.execute(addresses))


def _next(session: Session, after: tuple[str, UUID] | None) -> list[tuple[str, UUID]]:
    older = select(Target.force, Target.id).where(Target.keys_version < VERSION)
    if after:
        force, target_id = after
        older = older.where((Target.force > force) | ((Target.force == force) & (Target.id > target_id)))
    return [(row.force, row.id) for row in session.execute(older.order_by(Target.force, Target.id).limit(AT_ONCE))]


def _key(session: Session, place: tuple[str, UUID], numbering: Numbering) -> None:
    # Another process may key the same ones: whoever has the row does it, and the other finds it done.
    row = session.get(Target, place, with_for_update=True)
    if row is None or row.keys_version >= VERSION:
        return
    given = read_json(row.given, None)
    value = target_value(row.kind, given, numbering) if given is not None else None
    if value is None:
        return
    [value] = resolved(session, [row], [value])
    session.execute(delete(MatchKey).where(MatchKey.force == row.force, MatchKey.target_id == row.id))
    store_keys(session, row.force, [(row.id, key) for key in stored_keys(value)])
    row.keys_version = VERSION
