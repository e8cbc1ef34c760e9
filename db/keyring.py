"""The service's keys: by key id for sealing, one for digests, and a subkey of its own for each use.

A digest from one table joins no other, since each use has its own subkey (HKDF-SHA-256, RFC 5869).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from db.ids import Randomness

KEY_BYTES = 32
DIGEST_BYTES = 16
FEWEST_VALUES = 12
"""Different bytes among 32 random ones: fewer are met once in some 10^20 keys."""


class BadKeys(ValueError):
    """The keys given can't be used; says which setting and why, never a key."""


class Use(StrEnum):
    """What a digest or a mark is for; each use has a subkey of its own."""

    MATCH = "match"
    REFERENCE = "reference"
    EVENT_KEY = "event-key"
    EVENT_CONTENT = "event-content"
    REQUEST = "request"
    TRAIL_TERM = "trail-term"
    TRAIL_MARK = "trail-mark"
    TRAIL_SEAL = "trail-seal"
    TRAIL_HEAD = "trail-head"
    ROW_MARK = "row-mark"
    CURSOR = "cursor"
    RATE = "rate"
    CHECK = "check"


@dataclass(frozen=True)
class KeyRing:
    """All keys of a service. `sealing` maps key id → key (32 bytes); new text is sealed under `current`."""

    sealing: Mapping[str, bytes] = field(repr=False)
    current: str
    digest: bytes = field(repr=False)

    @classmethod
    def new(cls, randomness: Randomness) -> "KeyRing":
        """Fresh keys, for a database that has none yet."""
        return cls({"k1": randomness(KEY_BYTES)}, "k1", randomness(KEY_BYTES))

    @classmethod
    def parse(cls, sealing: str, digest: str) -> "KeyRing":
        """From the settings' forms: `id:base64,id:base64` (the first one seals), and base64."""
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in sealing.split(","))):
            key_id, separator, text = entry.partition(":")
            if not (separator and key_id.isalnum() and len(key_id) <= 32) or key_id in keys:
                raise BadKeys("HEED_SEALING_KEYS: each is ID:BASE64, the ids letters and digits, none twice")
            keys[key_id] = _key(text, "HEED_SEALING_KEYS")
        if not keys:
            raise BadKeys("HEED_SEALING_KEYS: no key in it")
        return cls(keys, next(iter(keys)), _key(digest, "HEED_DIGEST_KEY"))

    @property
    def looks_chosen(self) -> bool:
        """Is one of the keys a text, a pattern or zeros? Then somebody may know it: random bytes are none of these."""
        return any(_looks_chosen(key) for key in (*self.sealing.values(), self.digest))

    def written(self) -> tuple[str, str]:
        """The two settings' values, as `parse` reads them."""
        ordered = [self.current, *(key_id for key_id in self.sealing if key_id != self.current)]
        sealing = ",".join(f"{key_id}:{base64.b64encode(self.sealing[key_id]).decode()}" for key_id in ordered)
        return sealing, base64.b64encode(self.digest).decode()

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        return {key_id: AESGCM(_subkey(key, "sealing")) for key_id, key in self.sealing.items()}

    @cached_property
    def _hashes(self) -> dict[Use, "hashlib.blake2b"]:
        # Prepared once and copied: a third of the time of a new keyed object for each digest.
        return {
            use: hashlib.blake2b(key=_subkey(self.digest, f"digest:{use}"), digest_size=DIGEST_BYTES) for use in Use
        }

    @cached_property
    def _mark_keys(self) -> dict[Use, bytes]:
        return {use: _subkey(self.digest, f"mark:{use}") for use in Use}

    def cipher(self, key_id: str) -> AESGCM | None:
        """The cipher of a key, or `None` when the ring has no such key."""
        return self._ciphers.get(key_id)

    def digest_of(self, use: Use, text: str) -> bytes:
        """A keyed digest of 16 bytes (BLAKE2b), told apart by use."""
        prepared = self._hashes[use].copy()
        prepared.update(text.encode("utf-8", "surrogatepass"))
        return prepared.digest()

    def mark_of(self, use: Use, data: bytes) -> bytes:
        """A keyed mark of 32 bytes (HMAC-SHA-256): without the key nobody can make another."""
        return hmac.digest(self._mark_keys[use], data, "sha256")

    def check_values(self) -> dict[tuple[str, str], bytes]:
        """(kind, key id) → what the database keeps to know these keys again; tells nothing of the keys."""
        checks = {("sealing", key_id): _subkey(key, "check")[:DIGEST_BYTES] for key_id, key in self.sealing.items()}
        return checks | {("digest", "digest"): self.digest_of(Use.CHECK, "heed")}


def _key(text: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise BadKeys(f"{setting}: a key is not base64") from None
    if len(key) != KEY_BYTES:
        raise BadKeys(f"{setting}: a key is {KEY_BYTES} random bytes in base64")
    return key


def _looks_chosen(key: bytes) -> bool:
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return len(steps) == 1 or len(set(key)) < FEWEST_VALUES or all(32 <= value < 127 for value in key)


def _subkey(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"heed/1/{use}".encode()).derive(key)
