"""The one form of a body, by which a replay is known again (RFC 8785), and text that every database keeps."""

import json
from collections.abc import Container
from typing import Any

import rfc8785

from web.body import is_unwritable


def canonical(body: Any) -> str:
    """The body's one form (RFC 8785). Whole numbers that a double can't hold are taken exactly, as marked text."""
    if _is_plain(body):
        return _PLAIN.encode(body)
    return rfc8785.dumps(_with_exact_numbers(body)).decode()


_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
"""Writes what is plain as the standard wants it, five times as fast: it escapes the same characters in the same way."""
_EXACT = 2**53 - 1


def _is_plain(value: Any) -> bool:
    """No fraction, no number beyond a double, and keys that sort by UTF-16 as they do by code point."""
    if isinstance(value, dict):
        return all(key.isascii() and _is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(_is_plain(inner) for inner in value)
    return not isinstance(value, float) and not (isinstance(value, int) and abs(value) > _EXACT)


def _with_exact_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_exact_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_exact_numbers(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        # No text has a NUL any more, so that no text is taken for such a number.
        return f"\x00{value}"
    return value


def cleaned(value: Any) -> Any:
    """NUL and lone surrogates replaced by U+FFFD, in keys too: no database keeps them."""
    if isinstance(value, str):
        if not is_unwritable(value):
            return value
        return "".join("\ufffd" if char == "\x00" or "\ud800" <= char <= "\udfff" else char for char in value)
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for key, inner in value.items():
            found[free_name(cleaned(key), found)] = cleaned(inner)
        return found
    if isinstance(value, list):
        return [cleaned(inner) for inner in value]
    return value


def free_name(name: str, taken: Container[str]) -> str:
    """`name`, or with underscores behind it what is not taken yet: nothing that was sent is lost to a like name."""
    while name in taken:
        name += "_"
    return name
