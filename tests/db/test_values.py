"""Times, ids, keys, digests and sealed text."""

import re
import secrets
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.base import NaiveTime, UtcTime
from db.ids import new_ids, uuid7
from db.keyring import BadKeys, KeyRing, Use
from db.sealed import Place, SealBroken, seal, unseal
from tests.builders import KEYS, NOON

HERE = Place("markers", "instruction", "row-1")


def test_a_time_without_an_offset_is_refused() -> None:
    with pytest.raises(NaiveTime):
        UtcTime().process_bind_param(datetime(2026, 11, 24, 12, 0), None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_a_time_with_another_offset_is_kept_in_utc() -> None:
    local = datetime(2026, 7, 1, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    kept = UtcTime().process_bind_param(local, None)  # type: ignore[arg-type]
    assert kept is not None
    assert (kept.tzinfo, kept.hour) == (UTC, 12)


def test_an_id_is_a_uuid_of_version_7_with_its_moment() -> None:
    made = uuid7(NOON, b"\xff" * 10)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(NOON.timestamp() * 1000)


def test_ids_of_one_millisecond_tell_nothing_of_their_number() -> None:
    """All 74 bits are random: of many ids, each of those bits is set about half the time, and none follows another."""
    made = [uuid7(NOON, secrets.token_bytes(10)).int for _ in range(2000)]
    for bit in [*range(62), *range(64, 76)]:
        share = sum(value >> bit & 1 for value in made) / len(made)
        assert 0.4 < share < 0.6, bit
    rising = sum(one < other for one, other in pairwise(made)) / (len(made) - 1)
    assert 0.4 < rising < 0.6


def test_ids_differ() -> None:
    make = new_ids()
    assert len({make() for _ in range(1000)}) == 1000


@given(st.text(max_size=500))
def test_what_is_sealed_opens_where_it_belongs(text: str) -> None:
    assert unseal(KEYS, HERE, seal(KEYS, HERE, text)) == text


def test_the_same_text_sealed_twice_differs() -> None:
    assert seal(KEYS, HERE, "her address") != seal(KEYS, HERE, "her address")


@pytest.mark.parametrize(
    "place",
    [Place("markers", "instruction", "row-2"), Place("markers", "narrative", "row-1"), Place("targets", "instruction", "row-1"),
     Place("marker", "sinstruction", "row-1")],
)  # fmt: skip
def test_a_sealed_text_opens_nowhere_else(place: Place) -> None:
    with pytest.raises(SealBroken):
        unseal(KEYS, place, seal(KEYS, HERE, "her address"))


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_is_found(index: int, change: int) -> None:
    blob = bytearray(seal(KEYS, HERE, "Treat as urgent. Send two."))
    blob[index % len(blob)] ^= change
    with pytest.raises(SealBroken):
        unseal(KEYS, HERE, bytes(blob))


def test_a_missing_key_is_said_and_nothing_of_the_text() -> None:
    other = KeyRing({"other": b"x" * 32}, "other", b"y" * 32)
    with pytest.raises(SealBroken, match="its key is missing") as told:
        unseal(other, HERE, seal(KEYS, HERE, "her address"))
    assert "her address" not in str(told.value)


def test_text_of_an_older_key_opens_while_the_ring_has_it() -> None:
    old = KeyRing({"a": b"a" * 32}, "a", b"d" * 32)
    both = KeyRing({"b": b"b" * 32, "a": b"a" * 32}, "b", b"d" * 32)
    assert unseal(both, HERE, seal(old, HERE, "kept")) == "kept"


def test_digests_of_one_text_differ_by_use_and_by_key() -> None:
    digests = {KEYS.digest_of(use, "tel:+447700900123") for use in Use}
    assert len(digests) == len(Use)
    assert {len(digest) for digest in digests} == {16}
    other = KeyRing(dict(KEYS.sealing), "test1", b"z" * 32)
    assert other.digest_of(Use.MATCH, "tel:+447700900123") != KEYS.digest_of(Use.MATCH, "tel:+447700900123")


def test_keys_are_read_as_they_are_written() -> None:
    keys = KeyRing.new(secrets.token_bytes)
    again = KeyRing.parse(*keys.written())
    assert (again.sealing, again.current, again.digest) == (keys.sealing, keys.current, keys.digest)


@pytest.mark.parametrize(
    ("sealing", "digest"),
    [("", "AAAA"), ("k1", "AAAA"), ("k1:not base64!", "AAAA"), ("k1:AAAA", "AAAA"), ("a/b:AAAA", "AAAA")],
)
def test_keys_that_are_none_are_refused_without_being_repeated(sealing: str, digest: str) -> None:
    with pytest.raises(BadKeys) as told:
        KeyRing.parse(sealing, digest)
    assert "not base64!" not in str(told.value)


def test_keys_do_not_stand_in_their_own_description() -> None:
    assert not re.search(r"\\x|bytes|[0-9a-f]{16}", repr(KEYS))
