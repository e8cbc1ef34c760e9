"""CloudEvents 1.0 in structured mode: the envelope taken off, so that the same event is the same in either form.

Only `source`, `id`, `type` and `time` of the envelope are the event's. The rest of it (tracing, schema) is the
transport's: it may differ when the event is sent again, and is not kept.
"""

from collections.abc import Mapping
from typing import Any

from markers.matching.values import Problem
from web.errors import BadBody

MEDIA_TYPE = "application/cloudevents+json"
TYPES = {"heed.call": "call", "heed.incident": "incident"}
SCHEMA = {
    "type": "object",
    "required": ["specversion", "type", "source", "id", "time"],
    "properties": {
        "specversion": {"const": "1.0"}, "type": {"enum": list(TYPES)}, "source": {"type": "string"},
        "id": {"type": "string"}, "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "description": "The event's other fields"},
    },
}  # fmt: skip
"""The envelope, for the OpenAPI document."""
_OWN = ("source", "id", "type", "occurred_at")


def unwrapped(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The event in a CloudEvent, or `BadBody` for what is wrong with the envelope.

    Where `data` says another source, id, type or time than the envelope does, the envelope's counts, and what `data`
    says is kept as an unknown field is.
    """
    problems = []
    if envelope.get("specversion") != "1.0":
        problems.append(Problem("specversion", "enum", "1.0 is wanted"))
    kind = envelope.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        problems.append(Problem("type", "enum", f"one of {', '.join(TYPES)}"))
    missing = [name for name in ("source", "id", "time") if not isinstance(envelope.get(name), str)]
    problems += [Problem(name, "required", "text is required here") for name in missing]
    data = envelope.get("data", {})
    if not isinstance(data, dict) or "data_base64" in envelope:
        problems.append(Problem("data", "model_type", "the event's other fields are wanted, as an object"))
    if problems:
        raise BadBody(problems)
    own = {
        "source": envelope["source"],
        "id": envelope["id"],
        "type": TYPES[envelope["type"]],
        "occurred_at": envelope["time"],
    }
    differing = {f"data.{name}": data[name] for name in _OWN if name in data and data[name] != own[name]}
    return {name: value for name, value in data.items() if name not in _OWN} | differing | own
