"""What tests speak of: they give what matters to them, and these give the rest."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from access.roles import Caller, Role
from db.keyring import KeyRing
from markers.matching.address import understand_address
from markers.matching.phone import understand_phone
from markers.matching.values import Address, Numbering, Part, Phone, Point
from markers.matching.values import Role as PartRole

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GB = Numbering("GB")
HER_NUMBER = "07700 900123"
HER_ADDRESS = "Flat 2, 10 Bold Street, Liverpool"
HER_POSTCODE = "L1 4DS"

KEYS = KeyRing({"test1": bytes(range(32))}, "test1", bytes(range(32, 64)))
"""The same keys for every test: they guard nothing."""

_numbers = count(1)


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.moment = now

    def now(self, _session: Session) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> datetime:
        self.moment += timedelta(**duration)
        return self.moment


def a_caller(name: str = "Priya", role: Role = Role.HANDLER, **more: Any) -> Caller:
    given: dict[str, Any] = {"force": "default", "token_id": UUID(int=1)} | more
    desks = frozenset(given.pop("desks", ()))
    sources = frozenset(given.pop("sources", ()))
    return Caller(name=name, role=role, desks=desks, sources=sources, **given)


def a_phone(text: str = HER_NUMBER) -> Phone:
    phone = understand_phone(text, GB)
    assert isinstance(phone, Phone), phone
    return phone


def an_address(text: str | None = HER_ADDRESS, postcode: str | None = None, uprn: str | None = None) -> Address:
    address = understand_address(text, postcode, uprn)
    assert isinstance(address, Address), address
    return address


def a_part(value: Phone | Address | Point, role: PartRole = PartRole.CALLER, at: str = "phones[0]") -> Part:
    return Part(at, role, value)


def on_phone(number: str = HER_NUMBER) -> dict[str, Any]:
    return {"phone": {"number": number}}


def on_address(text: str = HER_ADDRESS, postcode: str | None = HER_POSTCODE, **more: Any) -> dict[str, Any]:
    return {"address": {"text": text} | ({"postcode": postcode} if postcode else {}) | more}


def on_circle(latitude: float = 53.4, longitude: float = -2.98, radius_m: float = 150) -> dict[str, Any]:
    return {"area": {"circle": {"latitude": latitude, "longitude": longitude, "radius_m": radius_m}}}


def a_marker(*targets: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A marker's body; on her number unless it says otherwise."""
    body: dict[str, Any] = {"category": "stalking", "risk": "high", "instruction": "Treat as urgent."}
    return body | {"targets": list(targets) or [on_phone()]} | more


def an_event(**more: Any) -> dict[str, Any]:
    """A call's body, of an id of its own."""
    body: dict[str, Any] = {
        "source": "telephony/999",
        "id": f"c-{next(_numbers):06}",
        "type": "call",
        "occurred_at": NOON.isoformat(),
    }
    return body | more


def from_number(number: str | None = HER_NUMBER, role: str = "caller") -> dict[str, Any]:
    return {"phones": [{"number": number, "role": role}]}


def at_address(
    address: str = HER_ADDRESS, postcode: str | None = HER_POSTCODE, role: str = "incident"
) -> dict[str, Any]:
    return {"locations": [{"role": role, "address": address, "postcode": postcode}]}


def at_point(latitude: float, longitude: float, uncertainty_m: float = 0, role: str = "caller") -> dict[str, Any]:
    point = {"latitude": latitude, "longitude": longitude, "uncertainty_m": uncertainty_m}
    return {"locations": [{"role": role, "point": point}]}
