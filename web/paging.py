"""Pages and versions: cursors that tell nothing and fit one list only, and ETags that are versions."""

import base64
import binascii
import json
import re
from typing import Annotated, Any

from fastapi import Header, Query
from pydantic import AfterValidator, BaseModel, ConfigDict

from db.keyring import KeyRing
from db.sealed import Place, SealBroken, seal, unseal
from web.body import is_unwritable
from web.errors import BadCursor, MarkerChanged, PreconditionRequired


def _writable(text: str) -> str:
    if is_unwritable(text):
        raise ValueError("a NUL stands in it")
    return text


Limit = Annotated[int, Query(ge=1, le=200, description="At most so many in one answer")]
CursorText = Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before")]
FilterText = Annotated[str, AfterValidator(_writable), Query(max_length=200)]
"""What a list is narrowed to: text that a database can be asked for."""
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The version that you saw, in quotes")]


class PageQuery(BaseModel):
    """Which page of a list; by what the list may be narrowed is each one's own."""

    model_config = ConfigDict(hide_input_in_errors=True)

    limit: Limit = 50
    cursor: CursorText = None

    def after(self, keys: KeyRing, list_name: str) -> list[Any] | None:
        """The key of the last row of the page before; `None` at the beginning."""
        return read_cursor(keys, list_name, self.filters(), self.cursor) if self.cursor else None

    def next_cursor(self, keys: KeyRing, list_name: str, last: list[Any] | None) -> str | None:
        """The cursor of the page behind this one; `None` where there is none."""
        return cursor_of(keys, list_name, self.filters(), last) if last else None

    def filters(self) -> dict[str, Any]:
        """What a cursor of this list is bound to."""
        return self.model_dump(mode="json", exclude={"limit", "cursor"})


def cursor_of(keys: KeyRing, list_name: str, filters: dict[str, Any], last: list[Any]) -> str:
    """A cursor behind the last row shown, sealed and bound to its list and filters."""
    blob = seal(keys, _place(list_name, filters), json.dumps(last))
    return base64.urlsafe_b64encode(blob).rstrip(b"=").decode()


def read_cursor(keys: KeyRing, list_name: str, filters: dict[str, Any], cursor: str) -> list[Any]:
    """What `cursor_of` was given for the same list and filters, or `BadCursor`."""
    try:
        blob = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        last: list[Any] = json.loads(unseal(keys, _place(list_name, filters), blob))
    except (binascii.Error, SealBroken, ValueError):
        raise BadCursor from None
    return last


def _place(list_name: str, filters: dict[str, Any]) -> Place:
    return Place("cursor", list_name, json.dumps(filters, sort_keys=True, default=str))


def etag_of(version: int) -> str:
    """The version in quotes."""
    return f'"{version}"'


def version_in(if_match: str | None) -> int | None:
    """The version that `If-Match` names; -1, which none has, where it names none; `None` for `*` or no header."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'\s*"?(\d{1,9})"?\s*', if_match, re.ASCII)
    return int(found.group(1)) if found else -1


def check_seen(if_match: str | None, version: int, what: str = "marker") -> None:
    """Whoever changes something has to have seen the version that stands."""
    if if_match is None:
        raise PreconditionRequired
    seen = version_in(if_match)
    if seen is not None and seen != version:
        raise MarkerChanged(version, what)
