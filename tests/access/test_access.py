"""Who may what, tokens, and the trail."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from access import people
from access.models import Entry, Token
from access.people import NewPerson, answering_at
from access.people import create as create_person
from access.roles import PERMITTED, Caller, Permission, Role, audiences_of
from access.sight import sees_instruction, sees_narrative, sees_targets
from access.slices import Ledger
from access.tokens import (
    Grant,
    NoSuchToken,
    TokenNameTaken,
    create,
    known_by,
    revoke,
    still_good,
    touch,
)
from access.trail import Act, Operation, Recorder, Thing
from access.verify import verify
from db.ids import new_ids
from db.session import Database
from tests.builders import NOON, a_caller

PERMISSIONS = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"


def test_the_table_of_permissions_is_the_one_in_the_docs() -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\|(.*)\|$", PERMISSIONS.read_text(), re.MULTILINE)
    order = list(Role)
    written = {name: {role for role, cell in zip(order, cells.split("|"), strict=True) if cell.strip() == "yes"}
               for name, cells in rows}  # fmt: skip
    assert written == {permission.value: set(roles) for permission, roles in PERMITTED.items()}
    assert set(PERMITTED) == set(Permission)


@pytest.mark.parametrize(
    ("role", "desks", "audiences"),
    [
        (Role.HANDLER, (), {"open"}),
        (Role.HANDLER, ("protected",), {"open", "circle:protected"}),
        (Role.OFFICER, ("protected", "pvpu"), {"open", "circle:protected", "circle:pvpu"}),
        (Role.INTEGRATION, ("protected",), {"open"}),
        (Role.ADMIN, ("protected",), {"open"}),
        (Role.AUDITOR, ("protected",), {"open"}),
    ],
)
def test_circles_are_desks_and_only_people_of_the_room_are_in_them(
    role: Role, desks: tuple[str, ...], audiences: set[str]
) -> None:
    assert audiences_of(a_caller(role=role, desks=desks)) == audiences


def test_without_a_desk_every_open_one_is_theirs() -> None:
    assert a_caller().answers_at(frozenset({"anywhere"}))
    assert a_caller(desks=("dispatch",)).answers_at(frozenset({"control-room", "dispatch"}))
    assert not a_caller(desks=("dispatch",)).answers_at(frozenset({"control-room"}))


def test_a_token_bound_to_sources_posts_as_no_other() -> None:
    bound = a_caller(role=Role.INTEGRATION, sources=("telephony/999",))
    assert bound.may_post_as("telephony/999")
    assert not bound.may_post_as("c2")
    assert a_caller(role=Role.INTEGRATION).may_post_as("anything")


def test_only_officers_read_narratives_and_restricted_markers_outside_alerts() -> None:
    handler, officer = a_caller(), a_caller("Owen", Role.OFFICER)
    assert (sees_narrative(handler), sees_narrative(officer)) == (False, True)
    assert not sees_instruction(handler, "restricted", on_alert=False)
    assert sees_instruction(handler, "restricted", on_alert=True)
    assert sees_instruction(handler, "open", on_alert=False)
    assert (sees_targets(handler, "restricted"), sees_targets(officer, "restricted")) == (False, True)


# Tokens


def grant(name: str = "Priya", role: Role = Role.HANDLER, *desks: str) -> Grant:
    return Grant(name=name, role=role, force="default", desks=frozenset(desks), sources=frozenset({"s"}))


def made(db: Database, wanted: Grant) -> str:
    with db.transaction() as session:
        return create(session, wanted, NOON, new_ids(), lambda n: wanted.name.encode().ljust(n, b".")).secret


def test_a_token_is_known_by_its_secret_and_kept_as_a_hash_only(db: Database) -> None:
    secret = made(db, grant("Priya", Role.HANDLER, "control-room"))
    assert secret.startswith("heed_")
    with db.reading() as session:
        known = known_by(session, secret, NOON)
        row = session.scalars(select(Token)).one()
    assert known is not None
    assert known.is_good
    assert known.caller == Caller(
        name="Priya", role=Role.HANDLER, force="default", token_id=row.id, desks=frozenset({"control-room"}),
        sources=frozenset({"s"}),
    )  # fmt: skip
    assert len(row.secret_hash) == 32
    assert secret.removeprefix("heed_").encode() not in row.secret_hash


def test_a_secret_that_never_was_is_nobodys(db: Database) -> None:
    with db.reading() as session:
        assert known_by(session, "heed_nothing", NOON) is None


def test_a_revoked_or_expired_token_is_known_and_not_good(db: Database) -> None:
    revoked = made(db, grant("Priya"))
    short = Grant(name="Sam", role=Role.SUPERVISOR, force="default", expires_at=NOON + timedelta(hours=1))
    expiring = made(db, short)
    with db.transaction() as session:
        revoke(session, "Priya", "default", NOON)
    with db.reading() as session:
        for secret, moment in ((revoked, NOON), (expiring, NOON + timedelta(hours=1))):
            known = known_by(session, secret, moment)
            assert known is not None
            assert not known.is_good
        known = known_by(session, expiring, NOON)
        assert known is not None
        assert known.is_good
        assert still_good(session, [known.caller], NOON) == {known.caller}
        assert still_good(session, [known.caller], NOON + timedelta(hours=2)) == set()


def test_a_name_stands_for_one_token_in_use(db: Database) -> None:
    made(db, grant("Priya"))
    with pytest.raises(TokenNameTaken):
        made(db, grant("Priya"))
    with db.transaction() as session:
        revoke(session, "Priya", "default", NOON)
    made(db, grant("Priya", Role.SUPERVISOR))
    with pytest.raises(NoSuchToken), db.transaction() as session:
        revoke(session, "Nobody", "default", NOON)


def test_last_use_is_noted_once_a_minute(db: Database) -> None:
    secret = made(db, grant())
    with db.transaction() as session:
        known = known_by(session, secret, NOON)
        assert known is not None
        assert known.to_touch
        touch(session, known.caller, NOON)
    with db.reading() as session:
        again = known_by(session, secret, NOON + timedelta(seconds=59))
        later = known_by(session, secret, NOON + timedelta(seconds=60))
    assert again is not None
    assert later is not None
    assert (again.to_touch, later.to_touch) == (False, True)


def test_those_who_answer_at_a_desk_are_people_of_the_room_whose_desk_it_is(db: Database) -> None:
    made(db, grant("Kit", Role.HANDLER, "protected"))
    made(db, grant("Noor", Role.OFFICER, "protected", "pvpu"))
    made(db, grant("Tess", Role.INTEGRATION, "protected"))
    made(db, grant("Priya"))
    with db.reading() as session:
        assert {person.name for person in answering_at(session, "default", "protected", NOON)} == {"Kit", "Noor"}
        assert answering_at(session, "other-force", "protected", NOON) == []


# The trail


def test_an_entry_names_who_what_and_which_versions_and_no_text(db: Database) -> None:
    recorder = Recorder(new_ids(), Ledger("host:1"))
    act = Act(
        operation=Operation.CONSULTATION, action="look_up", objects=[Thing("marker", "m-1", 3)],
        reason="SENTINELREASON", terms=["tel:+447700900123"], in_hand="SENTINELINCIDENT",
    )  # fmt: skip
    with db.transaction() as session:
        recorder.record(session, a_caller(desks=("control-room",)), act, NOON)
    with db.reading() as session:
        entry = session.scalars(select(Entry)).one()
        values = [getattr(entry, column.name) for column in Entry.__table__.columns]
        assert verify(session).is_intact
    assert (entry.who, entry.role, entry.operation, entry.at) == ("Priya", "handler", "consultation", NOON)
    assert json.loads(entry.objects) == [["marker", "m-1", 3]]
    assert json.loads(entry.desks) == ["control-room"]
    assert not any(word in str(values) for word in ("SENTINEL", "447700900123"))


@pytest.mark.parametrize(
    ("column", "value"),
    [("who", "Nobody"), ("role", "admin"), ("operation", "erasure"), ("objects", "[]"), ("audience", "circle:x"),
     ("at", NOON + timedelta(seconds=1)), ("reason_sealed", None), ("token_id", None), ("writer", "elsewhere"),
     ("outcome", "refused"), ("mark", b"\x00" * 32)],
)  # fmt: skip
def test_any_changed_column_of_an_entry_is_found(db: Database, column: str, value: object) -> None:
    recorder = Recorder(new_ids(), Ledger("host:1"))
    act = Act(operation=Operation.ALTERATION, action="x", objects=[Thing("marker", "m", 1)], reason="because")
    with db.transaction() as session:
        recorder.record(session, a_caller(), act, NOON)
        recorder.record(session, a_caller("Sam"), act, NOON + timedelta(minutes=1))
    with db.transaction() as session:
        setattr(session.scalars(select(Entry).order_by(Entry.at)).all()[1], column, value)
    with db.reading() as session:
        verdict = verify(session)
    assert verdict.entries == 2
    assert not verdict.is_intact


def test_passwords_are_hashed_as_owasp_asks(db: Database) -> None:
    """Argon2id, at least 19 MiB and two passes (OWASP's cheat sheet): what a thief of the database has to pay."""
    with db.transaction() as session:
        person = NewPerson(name="Priya", role=Role.HANDLER, force="default")
        create_person(session, person, "correct horse battery", NOON, new_ids())
        [row] = people.listed(session)
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$", row.password_hash)
    assert found is not None
    assert int(found.group(1)) >= 19 * 1024
    assert int(found.group(2)) >= 2
