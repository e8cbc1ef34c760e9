"""A marker as the trail names it: by id, version and audience, never by what it says."""

from access.trail import Thing
from markers.models import Marker


def thing_of(marker: Marker) -> Thing:
    """The marker, at the version that it has now."""
    return Thing("marker", marker.id, marker.version, marker.audience)
