"""What the law says of an order, as a body."""

from typing import Any

from markers.cases.rules.law import OrderLaw
from markers.cases.rules.words import Consequence
from web.bodies.shapes import Told


class LawTold(Told):
    """What the law says of this kind of order, by Heed's tables."""

    name: str
    source: str
    who: str
    breach: Consequence
    breach_told: str
    service_told: str
    binds: str
    duties: list[dict[str, Any]]

    @classmethod
    def of(cls, law: OrderLaw) -> "LawTold":
        """A row of the tables as a body."""
        plain = ("name", "source", "who", "breach", "breach_told", "service_told", "binds")
        duties = [
            {"what": one.what, "within_days": one.within_days, "counted_from": one.counted_from, "again": one.again}
            for one in law.duties
        ]
        return cls(**{name: getattr(law, name) for name in plain}, duties=duties)
