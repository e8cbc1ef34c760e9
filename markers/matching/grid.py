"""The British National Grid: grid references, eastings and northings, as positions on WGS 84.

EPSG:27700 to 4326 by PROJ. The exact OSTN15 grid is no part of pyproj and is never fetched: without it a position is
right to about five metres, which is added to its uncertainty.
"""

import math
import re
import unicodedata
from functools import cache

from pyproj import Transformer, network

from markers.matching.values import Problem

GRID_OFF_M = 5.0
"""Metres by which a position is off where OSTN15 is not there (Ordnance Survey: 3 to 5 m for one set of parameters)."""
EAST_M, NORTH_M = 700_000, 1_300_000
"""The grid's extent in metres."""

_REFERENCE = re.compile(r"([HJNOST][A-HJ-Z])(\d{2,10})", re.ASCII)
_LABEL = re.compile(r"^\W*(?:O\.?S\.?\s*)?(?:GRID\s*(?:REF(?:ERENCE)?)?|NGR|OSGR)\b[\s.:]*", re.IGNORECASE)
_SQUARES = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_OFF_THE_GRID = "no place on the British National Grid"


def grid_square(text: str) -> tuple[float, float, float] | Problem:
    """Easting and northing of the middle of the square that a grid reference names, and its side, all in metres.

    `SJ 34 90` names a square of a kilometre, `SJ 34000 90000` one of a metre.
    """
    plain = _LABEL.sub("", unicodedata.normalize("NFKC", text)).upper()
    found = _REFERENCE.fullmatch(re.sub(r"[\s,.\-]", "", plain))
    if not found or len(found.group(2)) % 2:
        told = "a grid reference has two letters and an even number of digits (SJ 340 900)"
        return Problem("grid_reference", "point_not_understood", told)
    letters, digits = found.groups()
    half = len(digits) // 2
    side = 10.0 ** (5 - half)
    first, second = (_SQUARES.index(letter) for letter in letters)
    # The squares of 500 km are lettered from the north-west, and the grid's own origin lies in S.
    east = ((first - 2) % 5) * 500_000 + (second % 5) * 100_000
    north = (19 - first // 5 * 5 - second // 5) * 100_000
    easting, northing = east + int(digits[:half]) * side + side / 2, north + int(digits[half:]) * side + side / 2
    if not _is_on_the_grid(easting, northing):
        return Problem("grid_reference", "point_off_the_globe", _OFF_THE_GRID)
    return easting, northing, side


def looks_like_a_reference(text: str) -> bool:
    """Is the whole text a grid reference, so that it is no address?"""
    return not isinstance(grid_square(text), Problem)


def reach_of_square(side_m: float) -> float:
    """Metres from the middle of a square to its corners: how far off its middle what was meant may be."""
    return side_m / math.sqrt(2) + GRID_OFF_M


def from_grid(easting: float, northing: float) -> tuple[float, float] | Problem:
    """Latitude and longitude in WGS 84 degrees of metres on the grid."""
    if not _is_on_the_grid(easting, northing):
        return Problem("easting", "point_off_the_globe", _OFF_THE_GRID)
    longitude, latitude = _transformer().transform(easting, northing)
    return float(latitude), float(longitude)


def _is_on_the_grid(easting: float, northing: float) -> bool:
    return 0 <= easting <= EAST_M and 0 <= northing <= NORTH_M


@cache
def _transformer() -> Transformer:
    network.set_network_enabled(active=False)  # type: ignore[attr-defined]  # public, and not in an __all__
    return Transformer.from_crs(27700, 4326, always_xy=True)
