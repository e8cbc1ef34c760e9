"""Ids that tell nothing but the moment: UUIDv7 (RFC 9562) with all 74 random bits random.

Common libraries count within a millisecond, so that two ids tell how many were made between them; a covert alert
could be counted so. Ours is made before sealing, since sealed text is bound to it.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

Randomness = Callable[[int], bytes]
"""n → n random bytes; `secrets.token_bytes`, or a seeded one in tests."""

Ids = Callable[[], UUID]
"""Makes an id that nobody has made before."""


def uuid7(moment: datetime, random: bytes) -> UUID:
    """The id of `moment` with 74 of the 80 bits of `random` (10 bytes)."""
    milliseconds = int(moment.timestamp() * 1000) & (2**48 - 1)
    value = milliseconds << 80 | int.from_bytes(random, "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | 0x7 << 76 | 0x2 << 62)


def new_ids(randomness: Randomness = secrets.token_bytes) -> Ids:
    """A maker of ids by the host's clock; order within a millisecond is left to chance on purpose."""
    return lambda: uuid7(datetime.now(UTC), randomness(10))
