"""Which desks answer for what is marked: a table of rules by category, risk, channel and area.

Every rule that fits adds its desks to the marker's own; the default desk answers where none is named. A desk too many
is better than one too few: a position counts as inside an area as soon as it may be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markers.matching.place import circle_distance, disc_on_plane, polygon_on_plane
from markers.matching.values import Circle, Point, Polygon, Postcode

MOST_RULES, MOST_DESKS = 200, 5
"""Rules of a force, and desks that one of them names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where and how something came: the channel, and the places where it happens or is called from."""

    channel: str | None = None
    points: Sequence[Point] = ()
    postcodes: Sequence[Postcode] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """A rule: what is named has to fit, each in one of its ways; what is not named fits always.

    `areas` and `postcodes` (`L`, `L1`, `L1 4`) are one condition: where it is.
    """

    name: str
    desks: tuple[str, ...]
    categories: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    areas: tuple[Circle | Polygon, ...] = ()
    postcodes: tuple[str, ...] = ()

    def fits(self, category: str, risk: str, occasion: Occasion) -> bool:
        """Does it hold for a marker of this category and risk, on this occasion?"""
        return (
            (not self.categories or category in self.categories)
            and (not self.risks or risk in self.risks)
            and (not self.channels or occasion.channel in self.channels)
            and (not (self.areas or self.postcodes) or self._is_there(occasion))
        )

    def _is_there(self, occasion: Occasion) -> bool:
        return any(_reaches(point, area) for point in occasion.points for area in self.areas) or any(
            _is_of(known, wanted) for known in occasion.postcodes for wanted in self.postcodes
        )


def _reaches(point: Point, area: Circle | Polygon) -> bool:
    if isinstance(area, Circle):
        return circle_distance(point, area) <= area.radius_m + point.uncertainty_m
    return polygon_on_plane(point, area).intersects(disc_on_plane(max(point.uncertainty_m, 0.1)))


def _is_of(known: Postcode, wanted: str) -> bool:
    """`L` is a whole postcode area, `L1` a district (and not `L15`), `L1 4` a sector."""
    outward, _, inward = wanted.upper().partition(" ")
    if inward:
        return known.outward == outward and known.inward.startswith(inward)
    return outward in (known.outward, known.area)


def desks_for(rules: Iterable[Routing], category: str, risk: str, occasion: Occasion) -> tuple[str, ...]:
    """The desks that the rules name, each once, in the order of the rules."""
    return tuple(dict.fromkeys(desk for rule in rules if rule.fits(category, risk, occasion) for desk in rule.desks))
