"""What the OpenAPI document says is so: generated requests, with each role's token, are answered as it says.

No answer is a 5xx, none has a status, a type or a body that the document does not name, and no error repeats what was
sent.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.builders import a_marker, an_event, from_number
from tests.served import Served, a_served
from tests.world import CAST

STREAM = "/v1/alerts/stream"
"""Never ends by itself; tests/web/test_stream.py reads it."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
SAID_AT_LEAST = 10
"""Characters of a text that can't stand in an answer by chance."""


@schemathesis.serializer("application/x-ndjson", "text/csv")
def _as_lines(_context: Any, value: Any) -> bytes:
    """Text as it is; anything else as a line of JSON."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@dataclass(frozen=True)
class Ground:
    """A service, with something to be found by id."""

    served: Served
    marker: str
    alert: str


@contextmanager
def a_ground(url: str) -> Iterator[Ground]:
    with a_served(url) as served:
        marker = served.post("/v1/markers", a_marker(), "Owen").json()["id"]
        alert = served.post("/v1/events", an_event(**from_number())).json()["alerts"][0]["alert"]
        yield Ground(served, marker, alert)


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a request, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


@pytest.mark.parametrize("who", ["Priya", "Owen", "Sam", "Tess", "Ada", "Alex"])
@pytest.mark.parametrize("examples", [2, pytest.param(150, marks=[pytest.mark.stress, pytest.mark.timeout(1800)])])
@pytest.mark.timeout(300)
def test_every_operation_answers_each_role_as_the_document_says(url: str, who: str, examples: int) -> None:
    assert CAST[who]
    with a_ground(url) as ground:
        schema = schemathesis.openapi.from_url(f"{ground.served.base_url}/openapi.json")
        document = ground.served.client.get("/openapi.json").text
        asked: Counter[str] = Counter()
        operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
        for operation in operations:
            if operation.path != STREAM:
                _ask(operation, ground, who, examples, asked, document)
        assert len(asked) == len(operations) - 1
        assert ground.served.client.get("/healthz").status_code == 200


def _ask(operation: Any, ground: Ground, who: str, examples: int, asked: Counter[str], document: str) -> None:
    """Good and bad requests of one operation, half of them about things that are there."""
    chance = random.Random(f"{who} {operation.label}")
    good, bad = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=good | bad)
    def ask(case: Any) -> None:
        for name in case.path_parameters or {}:
            if chance.random() < 0.7:
                case.path_parameters[name] = ground.alert if "alert" in name else ground.marker
        answer = case.call(headers=ground.served.headers(who), timeout=30)
        asked[operation.label] += 1
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            said = answer.content.decode()
            for text in texts_in([case.body, dict(case.query or {}), dict(case.headers or {})]):
                assert len(text) < SAID_AT_LEAST or text in document or text not in said

    ask()
