"""Merge patches (RFC 7396): which parts can be used is known once it is merged; its shape, before anything is found."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel

from web.body import parse_object, read_bytes, validated

Model = TypeVar("Model", bound=BaseModel)


async def patch_of(request: Request) -> dict[str, Any]:
    """The patch as it was sent."""
    data = await read_bytes(request)
    return parse_object(data) if data else {}


def check_shape(
    model: type[BaseModel], harmless: Mapping[str, Any], patch: Mapping[str, Any], kept: Collection[str] = ()
) -> None:
    """Refuse a patch whose parts could never be used: the same answer for any id.

    `harmless` stands in for required fields. `null` takes a field away that may be absent; of any other, and of those
    in `kept`, it is no use, and is refused with the rest.
    """
    removed = {name for name, value in patch.items() if value is None and name in model.model_fields}
    validated(model, {**harmless, **{name: value for name, value in patch.items() if name not in removed - set(kept)}})


def merged(standing: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396: null removes, objects are merged, everything else replaces."""
    found = dict(standing)
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


def patched(model: type[Model], standing: Mapping[str, Any], patch: Mapping[str, Any]) -> Model:
    """What stands, with the patch merged into it, as a body."""
    return validated(model, merged(standing, patch))
