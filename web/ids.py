"""Ids as they come in an address or a form."""

from uuid import UUID


def read_id(text: str) -> UUID | None:
    """An id; a text that is none is the id of nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None
