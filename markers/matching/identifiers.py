"""Registration marks, e-mail addresses and accounts: what their spellings have in common.

They name one thing and are compared whole; only a registration mark is also read with what people mix up when they read
or hear one.
"""

import re
import unicodedata

from markers.matching.values import Identifier, IdentifierKind, Problem

SHORTEST_MARK, LONGEST_MARK = 2, 10
"""Letters and digits of a registration mark, anywhere in the world."""
MOST_LETTERS = 7
"""Letters of a mark that has no digit; more of them are words (`a white van`)."""
LONGEST_VALUE = 320
"""Characters of an e-mail address (RFC 5321: 64 and 255 around the sign)."""

_LABEL = re.compile(r"^\W*(?:REG(?:ISTRATION)?(?:\.|\b)(?: ?(?:NO|NUMBER|MARK|PLATE)\b\.?)?|VRM|PLATE)[\s:]*(?=\S)")
_BRITISH = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2} ?[A-Z]{3}(?![A-Z0-9])")
_PAGE = re.compile(
    r"(?:(\w+) ?: ?)?https?://(?:www\.|m\.)?([\w-]+)(?:\.[\w-]+)+/@?([^/?#\s]+)(?:[/?#].*)?", re.IGNORECASE
)
"""`https://platform.example/name`: an account's page, as it is copied."""
_MIXED_UP = str.maketrans({"O": "0", "I": "1"})
_ADDR_SPEC = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+\.[^\s@<>,;:\".]+")


def understand_identifier(kind: IdentifierKind, text: str) -> Identifier | Problem:
    """What an identifier of this kind means, or why nothing could be found by it."""
    plain = unicodedata.normalize("NFKC", text)
    plain = " ".join("".join(char for char in plain if unicodedata.category(char) != "Cf").split())
    read = {
        IdentifierKind.VEHICLE: _vehicle,
        IdentifierKind.EMAIL: _email,
        IdentifierKind.ACCOUNT: _account,
    }[kind]
    return read(plain) if len(plain) <= LONGEST_VALUE else _problem(kind, f"longer than {LONGEST_VALUE} characters")


def _problem(kind: IdentifierKind, detail: str) -> Problem:
    return Problem("value", f"{kind.value}_not_understood", detail)


def _vehicle(text: str) -> Identifier | Problem:
    capitals = _LABEL.sub("", text.upper())
    found = set(_BRITISH.findall(capitals))
    # `AB12 CDE (blue Ford)`: the mark stands among other words.
    written = found.pop() if len(found) == 1 else capitals
    mark = "".join(char for char in written if char.isalnum())
    if not SHORTEST_MARK <= len(mark) <= LONGEST_MARK:
        told = f"a registration mark has {SHORTEST_MARK} to {LONGEST_MARK} letters and digits"
        return _problem(IdentifierKind.VEHICLE, told)
    if len(mark) > MOST_LETTERS and mark.isalpha():
        return _problem(IdentifierKind.VEHICLE, "these are words and no registration mark")
    return Identifier(IdentifierKind.VEHICLE, mark, mark.translate(_MIXED_UP), _spaced(mark))


def _spaced(mark: str) -> str:
    """A mark of today's British form is read out in its two halves; any other as one."""
    return f"{mark[:4]} {mark[4:]}" if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z]{3}", mark, re.ASCII) else mark


def _email(text: str) -> Identifier | Problem:
    found = _ADDR_SPEC.findall(re.sub(r"^mailto:|\?.*$", "", text, flags=re.IGNORECASE))
    if len(found) != 1:
        return _problem(IdentifierKind.EMAIL, "one e-mail address (name@host) is wanted")
    address = found[0].casefold()
    return Identifier(IdentifierKind.EMAIL, address, address, address)


def _account(text: str) -> Identifier | Problem:
    page = _PAGE.fullmatch(text)
    if page:
        text = f"{page.group(1) or page.group(2)}:{page.group(3)}"
    platform, colon, name = (part.strip() for part in text.partition(":"))
    name = name.removeprefix("@")
    if not (platform and colon and name):
        return _problem(
            IdentifierKind.ACCOUNT, "the platform and the name are wanted, with a colon between (PLATFORM:NAME)"
        )
    account = f"{platform.casefold()}:{name.casefold()}"
    return Identifier(IdentifierKind.ACCOUNT, account, account, f"{name} on {platform}")
