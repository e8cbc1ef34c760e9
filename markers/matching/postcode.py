"""Postcodes of the United Kingdom: found anywhere in a text, with the slips of hand and eye put right.

Shape after Royal Mail's programmers' guide: outward `A9 A99 AA9 AA99 A9A AA9A`, inward `9AA`.
"""

import re

from markers.matching.values import Postcode
from markers.matching.words import UNIT_WORDS

_OUTWARD = r"(?:[A-Z]{1,2}[0-9OILS][0-9OIA-Z]?|GIR)"
_INWARD = r"[0-9OILS][ABD-HJLNP-UW-Z0-9]{2}"
_FULL = re.compile(rf"(?<![A-Z0-9])({_OUTWARD})[ ]{{0,3}}({_INWARD})(?![A-Z0-9])")
_OUTWARD_ALONE = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2}[0-9](?:[0-9]|[A-Z])?)(?![A-Z0-9])\s*$")
_SECTOR = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) +[0-9]")
"""`L1 4`: a sector is its district, and not L14."""
_AS_DIGIT = str.maketrans("OILS", "0115")
_AS_LETTER = str.maketrans("015", "OIS")
# The 124 postcode areas (Royal Mail), with Girobank's and the Crown dependencies'.
AREAS = frozenset(
    """
    AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G
    GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW
    OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD
    WF WN WR WS WV YO ZE
    """.split()
)


def understand_postcode(text: str) -> Postcode | None:
    """The postcode that the whole of `text` is, spaced or not, in any case; outward part only where that is all."""
    sector = _SECTOR.fullmatch(text.upper().strip())
    compact = re.sub(r"[^A-Z0-9]", "", sector.group(1) if sector else text.upper())
    found = _FULL.fullmatch(compact)
    if found:
        return _mended(found.group(1), found.group(2))
    return _mended(compact, "") if _OUTWARD_ALONE.fullmatch(compact) else None


def take_postcode(text: str) -> tuple[Postcode | None, str]:
    """The last postcode in `text` (in capitals), and the text without it; an outward part counts at its end only."""
    for found in reversed(list(_FULL.finditer(text))):
        postcode = _mended(found.group(1), found.group(2))
        if postcode:
            return postcode, f"{text[: found.start()]} {text[found.end() :]}"
    alone = _OUTWARD_ALONE.search(text)
    # `FLAT B2` and `UNIT E1` end like an outward part: it counts only behind a number and a word that is no unit's.
    before = re.search(r"\d.*?([A-Z]{3,})\W+$", text[: alone.start()]) if alone else None
    if alone and before and before.group(1) not in UNIT_WORDS:
        postcode = _mended(alone.group(1), "")
        if postcode:
            return postcode, text[: alone.start()]
    return None, text


def _mended(outward: str, inward: str) -> Postcode | None:
    """Letters and digits that look alike put right by their place; `None` when no such postcode area exists."""
    if inward and not (any(c.isdigit() for c in outward) or inward[0].isdigit()):
        return None  # `ESSEX` is no postcode: one of its two digits must really be one
    if inward and len(outward) > 3 and not any(c.isdigit() for c in outward):
        return None  # `WALK 2F1` is a street's type in front of a flat
    for letters in (2, 1):
        area = outward[:letters].translate(_AS_LETTER)
        district = outward[letters:]
        if area in AREAS and district[:1].translate(_AS_DIGIT).isdigit():
            # The last sign of a district may rightly be a letter (`EC1A`, `W1T`): only O and I after a digit are slips.
            head, tail = district[:1].translate(_AS_DIGIT), district[1:]
            tail = tail.translate(str.maketrans("OI", "01")) if tail in ("O", "I") else tail
            end = inward[:1].translate(_AS_DIGIT) + inward[1:].translate(_AS_LETTER) if inward else ""
            return Postcode(f"{area}{head}{tail}", end)
    return None
