"""Reading a body: its type, size and JSON are strict, and what is wrong is named without being repeated.

FastAPI would read a body before it asks who sends it, and would echo what it could not use; so bodies are read here,
behind the permission.
"""

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from markers.matching.values import Problem
from web.errors import BadBody, TooLarge, TooSlow, UnsupportedMedia

LIMIT = 256 * 1024
"""Bytes of one body."""
PATIENCE_S = 10.0
"""Seconds for a body to arrive; the server's own library has no such limit."""
ROOT = "body"
"""`at` of what is wrong with a body as a whole."""
JSON = "application/json"
_DEEPEST = 100
_MOST_DIGITS = 1000
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")

Model = TypeVar("Model", bound=BaseModel)


async def read_bytes(request: Request, content_types: Sequence[str] = (JSON,), limit: int = LIMIT) -> bytes:
    """The body, of one of these types, not encoded and not too large; empty when there is none."""
    if "content-encoding" in request.headers:
        raise UnsupportedMedia(" or ".join(content_types))
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise TooLarge(limit)
    if "transfer-encoding" in request.headers and "content-length" in request.headers:
        raise _bad("two_lengths", "Content-Length and Transfer-Encoding exclude each other")
    received = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for chunk in request.stream():
                received += chunk
                if len(received) > limit:
                    raise TooLarge(limit)
    except TimeoutError:
        raise TooSlow(PATIENCE_S) from None
    sent_type = media_type_of(request)
    if (received or sent_type) and sent_type not in content_types:
        raise UnsupportedMedia(" or ".join(content_types))
    return bytes(received)


def media_type_of(request: Request) -> str:
    """What the sender says that the body is, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_object(data: bytes) -> dict[str, Any]:
    """The JSON object that `data` is: UTF-8, no key twice, no NaN or infinity, not nested beyond reason."""
    try:
        body = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except BadBody:
        raise
    except (ValueError, RecursionError):
        raise _bad("not_json", "this is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise _bad("not_an_object", "a JSON object is wanted")
    if _is_deeper(body, _DEEPEST):
        raise _bad("too_deep", f"nested more than {_DEEPEST} levels deep")
    return body


def _bad(code: str, detail: str) -> BadBody:
    return BadBody([Problem(ROOT, code, detail)])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad("key_twice", "a key stands twice in one object")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise _bad("not_finite", "NaN and infinity are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _bad("not_finite", "a number is too large")
    return number


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise _bad("not_finite", f"a number has more than {_MOST_DIGITS} digits")
    return int(text)


def _is_deeper(value: Any, levels: int) -> bool:
    row = [value]
    for _ in range(levels):
        row = [
            inner
            for one in row
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        if not row:
            return False
    return True


def strings_in(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with where it stands; a key stands at its object."""
    if isinstance(value, str):
        yield at or ROOT, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield at or ROOT, key
            yield from strings_in(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings_in(inner, f"{at}[{index}]")


def is_unwritable(text: str) -> bool:
    """Has it a NUL or a lone surrogate, which no database keeps as it is?"""
    return _UNWRITABLE.search(text) is not None


def body_of(model: type[Model]) -> Callable[[Request], Awaitable[Model]]:
    """A dependency that reads a JSON body as `model`; an absent body is `{}`."""

    async def read(request: Request) -> Model:
        data = await read_bytes(request)
        return validated(model, parse_object(data) if data else {})

    return read


def validated(model: type[Model], body: dict[str, Any]) -> Model:
    """`body` as `model`, or `BadBody` naming every part that can't be used."""
    unwritable = [at for at, text in strings_in(body) if is_unwritable(text)]
    if unwritable:
        told = "a NUL or a lone surrogate stands in it"
        raise BadBody([Problem(_known_path(model, at), "unwritable_text", told) for at in unwritable])
    try:
        return model.model_validate(body)
    except ValidationError as error:
        # No context: the original error holds what was sent.
        raise BadBody([_problem(found) for found in error.errors(include_input=False)]) from None


def _known_path(model: type[BaseModel], at: str) -> str:
    """A path that repeats no unknown field's name: its first part, where that is a field of ours."""
    first = at.partition(".")[0]
    return first if first.partition("[")[0] in model.model_fields else ROOT


def _problem(found: ErrorDetails) -> Problem:
    kind, location = found["type"], list(found["loc"])
    if kind == "extra_forbidden":
        return Problem(_path(location[:-1]), "unknown_field", "a field here is none that Heed knows")
    if kind == "missing":
        return Problem(_path(location), "required", "this is required")
    if kind == "value_error":
        # Raised by our own validators, which repeat nothing.
        return Problem(_path(location), "invalid", str(found["msg"]).removeprefix("Value error, "))
    if kind == "enum":
        # Our own words, and never the one that was sent.
        return Problem(_path(location), kind, f"one of these is wanted: {found['ctx']['expected']}".replace("'", ""))
    return Problem(_path(location), kind, _WORDS.get(kind, "this value can't be used"))


_WORDS = {
    "string_type": "text is wanted",
    "string_too_short": "this may not be empty",
    "string_too_long": "this is too long",
    "timezone_aware": "a time with an offset is wanted (2026-11-24T10:15:00Z)",
    "datetime_from_date_parsing": "a time with an offset is wanted (2026-11-24T10:15:00Z)",
    "datetime_parsing": "a time with an offset is wanted (2026-11-24T10:15:00Z)",
    "float_type": "a number is wanted",
    "int_type": "a whole number is wanted",
    "list_type": "a list is wanted",
    "model_type": "an object is wanted",
    "too_short": "this list is too short",
    "too_long": "this list is too long",
}


def _path(location: list[int | str]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else (f".{part}" if path else part)
    return path or ROOT
