"""The one form of a body is the standard's, also where a faster writer makes it."""

from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from web.api.canonical import canonical, cleaned

SMALL = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
TEXT = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | SMALL | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


@given(st.dictionaries(TEXT, JSON, max_size=5).map(cleaned))
def test_every_body_is_written_as_the_standard_writes_it(body: dict[str, Any]) -> None:
    assert canonical(body) == rfc8785.dumps(body).decode()


def test_characters_that_are_escaped_and_keys_that_sort_otherwise_in_utf16() -> None:
    bodies: list[Any] = [
        {"".join(map(chr, range(1, 128))): "".join(map(chr, range(1, 0x2030)))},
        {"\ue000": 1, "\U0001f600": 2, "é": 3},
        {"a": [True, {"b": None, "B": -0.0}], "A": 1e21},
    ]
    for body in bodies:
        assert canonical(body) == rfc8785.dumps(body).decode()


def test_numbers_beyond_a_double_are_told_apart() -> None:
    assert canonical({"n": 2**53 + 1}) != canonical({"n": 2**53 + 2})
