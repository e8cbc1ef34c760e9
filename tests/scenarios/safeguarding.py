"""A case with its order, as Owen would record them; tests say what matters to them."""

from typing import Any

from tests.world import World

HIS = "07700 900555"
HERS = "07700 900123"
HIS_NAME = "John Paul Smith"
HIS_CAR = "AB12 CDE"
ZONE = {"area": {"circle": {"latitude": 53.4, "longitude": -2.98, "radius_m": 300}}}
IN_ZONE = {"latitude": 53.4005, "longitude": -2.9801, "uncertainty_m": 20}
OUTSIDE = {"latitude": 53.45, "longitude": -2.98, "uncertainty_m": 20}

CONTACT = {
    "number": "1", "kind": "prohibition", "text": "Not to contact her by any means.", "means": "watched",
    "watch": {"contact": {"phones": [{"number": HERS}]}},
}  # fmt: skip
AREA = {
    "number": "2", "kind": "prohibition", "text": "Not to enter the area on the map.", "means": "watched",
    "watch": {"zone": ZONE},
}  # fmt: skip
TELL = {
    "number": "3", "kind": "requirement", "text": "Notify a new address within three days.", "means": "task",
    "due_on": "2026-11-26",
}  # fmt: skip
ONLINE = {
    "number": "4", "kind": "prohibition", "text": "Not to mention her on social media.", "means": "reported",
}  # fmt: skip


def a_case(**more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"reference": "SPO-17", "officer": "Owen", "deputy": "Dana", "team": "pvpu"}
    return body | more


def an_order(*conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "reference": "ORD-2026-17", "case": "SPO-17", "kind": "stalking_protection_order", "made_on": "2026-06-01",
        "service": {"state": "served", "on": "2026-06-02"}, "expires_on": "2028-06-01",
        "respondent": {
            "name": HIS_NAME, "phones": [{"number": HIS}], "identifiers": [{"kind": "vehicle", "value": HIS_CAR}],
        },
        "protected": [{"name": "Anna Jones", "phones": [{"number": HERS}]}],
        "conditions": list(conditions) or [CONTACT, AREA, TELL, ONLINE],
    }  # fmt: skip
    return body | more


def open_case(world: World, as_: str = "Owen", **more: Any) -> dict[str, Any]:
    answer = world.post("/v1/cases", a_case(**more), as_)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def record_order(world: World, *conditions: dict[str, Any], as_: str = "Owen", **more: Any) -> dict[str, Any]:
    answer = world.post("/v1/orders", an_order(*conditions, **more), as_)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def call(his: str | None = HIS, hers: str | None = HERS, **more: Any) -> dict[str, Any]:
    """He calls her."""
    phones = [{"number": his, "role": "caller"}] if his else []
    phones += [{"number": hers, "role": "called"}] if hers else []
    return {"phones": phones} | more


def found(alert: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The conditions on an alert, with what was found of each."""
    return [(one["condition"], one["finding"]) for one in alert["conditions"]]


def reviews(world: World, as_: str = "Owen", **params: Any) -> list[dict[str, Any]]:
    answer = world.get("/v1/reviews", as_, **params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
