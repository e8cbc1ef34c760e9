"""A stolen database tells little; a tampered one is noticed, and raises its alerts all the same."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from access.models import Entry
from access.verify import verify
from db.sealed import CANNOT_BE_OPENED
from tests.builders import HER_NUMBER, at_address, at_point, from_number, on_address, on_circle, on_phone
from tests.world import CIRCLE, World, a_world

SECRETS = {
    "number": "07700900123",
    "number as sent": "07700 900123",
    "e164": "447700900123",
    "postcode": "L1 4DS",
    "postcode without space": "L14DS",
    "street": "Bold Street",
    "flat": "Flat 2, 10",
    "instruction": "Do not ring back: SENTINELINSTRUCTION",
    "narrative": "SENTINELNARRATIVE",
    "code word": "SENTINELMARIGOLD",
    "summary": "SENTINELSUMMARY",
    "operator note": "SENTINELNOTE",
    "name": "SENTINELNAME",
    "move note": "SENTINELMOVENOTE",
    "reason": "SENTINELREASON",
    "call reference": "SENTINELCALL",
    "incident reference": "SENTINELINCIDENT",
    "external id": "SENTINELID07700900123",
}


def a_busy_evening(world: World) -> None:
    """Everything that carries text goes through once."""
    marker = world.place(
        on_phone(HER_NUMBER), on_address(), on_circle(), instruction=SECRETS["instruction"],
        narrative=SECRETS["narrative"], response={"grade": "immediate", "code_word": SECRETS["code word"]},
    )  # fmt: skip
    world.happen(
        id=SECRETS["external id"], call=SECRETS["call reference"], incident=SECRETS["incident reference"],
        summary=SECRETS["summary"], operator_note=SECRETS["operator note"],
        people=[{"name": SECRETS["name"], "role": "suspect"}], **from_number("+44 7700 900123"), **at_address(),
    )  # fmt: skip
    world.happen(call=SECRETS["call reference"], **at_point(53.4, -2.98, 3000))
    body = {
        "phones": [{"number": HER_NUMBER}],
        "locations": [{"address": "Flat 2, 10 Bold Street", "postcode": "L1 4DS"}],
    }
    world.post("/v1/lookups", body | {"reason": SECRETS["reason"]})
    alert = world.alert()
    world.move(alert["id"], "acknowledge", {"note": SECRETS["move note"]}, idempotency_key="k-1")
    world.move(alert["id"], "shelve", {"until": "2026-11-24T18:00:00Z", "reason": SECRETS["reason"]})
    world.post(f"/v1/markers/{marker['id']}/suspend", {"reason": SECRETS["reason"]}, "Owen")


def all_cells(world: World) -> dict[str, list[Any]]:
    """Every value of every table."""
    cells: dict[str, list[Any]] = {}
    with world.db.reading() as session:
        for table in sorted(world_tables(world)):
            rows = session.execute(text(f'SELECT * FROM "{table}"')).all()
            cells[table] = [value for row in rows for value in row]
    return cells


def world_tables(world: World) -> list[str]:
    return list(inspect(world.db.engine).get_table_names())


def forms_of(secret: str) -> list[bytes]:
    """A text as it might lie about: plain, UTF-16, hex, and base64 at each of its three offsets."""
    plain = secret.encode()
    forms = [plain, secret.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode()]
    for shift in range(3):
        encoded = base64.b64encode(b"\x00" * shift + plain).rstrip(b"=")
        # The first signs hold what stands before it, the last one what stands behind.
        stable = encoded[(0, 2, 3)[shift] : len(encoded) - (1 if (shift + len(plain)) % 3 else 0)]
        if len(stable) >= 6:
            forms.append(stable)
    return forms


def lies_in(secret: str, raw: bytes) -> bool:
    return any(form in raw for form in forms_of(secret)) or secret.lower().encode() in raw.lower()


def test_the_search_itself_finds_what_lies_about() -> None:
    secret = "Bold Street"
    for form in (secret, secret.upper(), secret.encode().hex(), base64.b64encode(f"x{secret}yz".encode()).decode()):
        assert lies_in(secret, f"..{form}..".encode())
    assert not lies_in(secret, b"Bald Street")


def test_no_table_shows_a_number_an_address_a_name_or_a_narrative(world: World) -> None:
    a_busy_evening(world)
    cells = all_cells(world)
    assert sum(map(len, cells.values())) > 200, "the evening has left its traces"
    found = {
        (table, name)
        for table, values in cells.items()
        for value in values
        for name, secret in SECRETS.items()
        if lies_in(secret, bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())
    }
    assert found == set()


def test_the_sqlite_file_and_its_log_show_none_either(sqlite_files: Any) -> None:
    with sqlite_files.fresh() as url, a_world(url) as world:
        a_busy_evening(world)
        file = Path(url.removeprefix("sqlite:///"))
        raw = b"".join(path.read_bytes() for path in sorted(file.parent.iterdir()))
    assert len(raw) > 100_000
    assert [name for name, secret in SECRETS.items() if lies_in(secret, raw)] == []


def swap(world: World, table: str, column: str, order: str) -> None:
    """Exchange a sealed column between the first two rows of a table, by SQL alone."""
    with world.db.transaction() as session:
        rows = session.execute(text(f"SELECT id, {column} FROM {table} ORDER BY {order}")).all()
        (one, first), (other, second) = rows[:2]
        change = text(f"UPDATE {table} SET {column} = :value WHERE id = :id")
        session.execute(change, {"value": second, "id": one})
        session.execute(change, {"value": first, "id": other})


def named_in_trail(world: World) -> set[str]:
    with world.db.reading() as session:
        listed = session.query(Entry.unopened).all()
    return {place for (places,) in listed for place in json.loads(places)}


def test_a_moved_instruction_is_not_opened_it_is_named_and_the_alert_is_raised_all_the_same(world: World) -> None:
    hers = world.place(on_phone(), instruction="Send two to HER.", reference="A")
    world.place(on_phone("07700 900200"), instruction="Send two to HIM.", reference="B")
    swap(world, "markers", "instruction_sealed", "reference")
    receipt = world.happen(**from_number())
    assert len(receipt["alerts"]) == 1
    [match] = world.alert()["matches"]
    assert match["instruction"] == CANNOT_BE_OPENED
    assert f"markers.instruction:{hers['id']}" in named_in_trail(world)


@pytest.mark.parametrize(
    ("target", "event", "level"),
    [
        (on_phone(), from_number(), "exact_number"),
        (on_address(uprn="38000000001"), {"locations": [{"role": "incident", "uprn": "38000000001"}]}, "same_premises"),
        (on_address(), at_address(), "possible"),
        (on_circle(), at_point(53.4, -2.98, 10), "possible"),
    ],
    ids=["a number's key proves it", "a UPRN's key proves it", "an address is possible", "an area is possible"],
)
def test_a_target_that_cannot_be_opened_keeps_the_level_that_its_key_alone_proves(
    world: World, target: dict[str, Any], event: dict[str, Any], level: str
) -> None:
    world.place(target, reference="A")
    world.place(on_phone("07700 900200"), reference="B")
    swap(world, "targets", "given_sealed", "marker_id")
    receipt = world.happen(**event)
    assert len(receipt["alerts"]) == 1
    [match] = world.alert()["matches"]
    assert match["level"] == level
    assert match["evidence"] == ["the marker's own text can't be opened: judged by its key alone"]
    assert any(place.startswith("targets.given:") for place in named_in_trail(world))


def test_a_moved_event_is_said_in_its_place_and_the_other_rows_are_unharmed(world: World) -> None:
    world.place(on_phone())
    world.happen(call="T-1", summary="first", **from_number())
    world.happen(call="T-1", summary="second")
    world.happen(call="T-2", summary="elsewhere", **from_number())
    swap(world, "events", "payload_sealed", "received_at, ordinal, id")
    summaries = [event["summary"] for alert in world.queue() for event in alert["events"]]
    assert sorted(summaries) == sorted([CANNOT_BE_OPENED, CANNOT_BE_OPENED, "elsewhere"])


def test_the_trail_is_intact_after_all_this_and_a_changed_entry_is_named(world: World) -> None:
    a_busy_evening(world)
    with world.db.reading() as session:
        verdict = verify(session)
        ids = [row.id for row in session.query(Entry).order_by(Entry.at, Entry.id)]
    assert verdict.is_intact
    assert verdict.entries == len(ids) >= 6
    with world.db.transaction() as session:
        entry = session.query(Entry).filter(Entry.id == ids[2]).one()
        entry.who = "Nobody"
    with world.db.reading() as session:
        verdict = verify(session)
    assert (verdict.broken, verdict.what) == (ids[2], "is not as it was written")


def test_digests_of_one_number_in_match_keys_trail_and_idempotency_all_differ(world: World) -> None:
    a_busy_evening(world)
    with world.db.reading() as session:
        digests = {
            table: {bytes(row[0]) for row in session.execute(text(f"SELECT {column} FROM {table}"))}
            for table, column in (("match_keys", "digest"), ("trail_terms", "digest"), ("happening_refs", "digest"),
                                  ("event_keys", "id_digest"), ("move_keys", "key_digest"))
        }  # fmt: skip
    assert all(digests.values())
    assert len(set().union(*digests.values())) == sum(map(len, digests.values()))


def test_a_covert_markers_circle_stands_in_no_text_but_its_desks_name(world: World) -> None:
    world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE, instruction="SENTINELCOVERT")
    assert not re.search("SENTINELCOVERT", str(all_cells(world)))
