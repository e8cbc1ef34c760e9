"""What the OpenAPI document says of bodies and problems, which are read and answered by our own hand."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.bodies.shapes import ErrorBody

_REF = "#/components/schemas/{model}"
_TAKEN: dict[str, type[BaseModel]] = {ErrorBody.__name__: ErrorBody}

_MEANING = {
    401: "No good token",
    408: "The body did not arrive in time",
    403: "Your role, source or desk does not allow it",
    404: "Absent, or not for you to know of",
    409: "The state does not allow it",
    412: "It has changed since you saw it",
    413: "The body is too large",
    415: "The content's type or encoding is not read here",
    422: "Parts of the request can't be used; `errors` names them",
    428: "If-Match is required",
    503: "Unknown whether it happened: ask again",
}


def takes(
    model: type[BaseModel], *, required: bool = True, also: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """`openapi_extra` of a route whose body is `model`; `also` are other media types with their schemas."""
    _TAKEN[model.__name__] = model
    schema = {"$ref": _REF.format(model=model.__name__)}
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    content |= {media_type: {"schema": other} for media_type, other in (also or {}).items()}
    return {"requestBody": {"required": required, "content": content}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that may answer these problems."""
    schema = {"$ref": _REF.format(model=ErrorBody.__name__)}
    content = {"application/problem+json": {"schema": schema}}
    return {status: {"description": _MEANING[status], "content": content} for status in statuses}


def problems_by_text(*statuses: int) -> dict[str, dict[str, Any]]:
    """The same in a document that is already written."""
    return {str(status): told for status, told in problems(*statuses).items()}


def install(app: FastAPI) -> None:
    """Make the application's document complete: bodies, problems, and how to sign in."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    components = found.setdefault("components", {})
    modes = [(model, "validation") for model in _TAKEN.values()]
    _, definitions = models_json_schema(modes, ref_template=_REF)  # type: ignore[arg-type]
    components.setdefault("schemas", {}).update(definitions.get("$defs", {}))
    # FastAPI's own words for what is answered by our problems: nothing refers to them.
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, methods in found["paths"].items():
        if path.startswith("/v1/"):
            for operation in methods.values():
                operation["security"] = [{"token": []}]
                if "requestBody" in operation:
                    operation["responses"] |= problems_by_text(408)
    return found
