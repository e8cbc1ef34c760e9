"""One box for whatever a caller says: a number, an address, a postcode, a UPRN, coordinates, a mark or an account.

Several readings are kept where the text allows them: eleven digits may be a number and a property reference.
"""

import re

from markers.matching.parts import Location, Understood, understand_location, understand_number, understand_thing
from markers.matching.values import IdentifierKind, Numbering, Part, Problem, Role

LONGEST = 400
_DIGITS = re.compile(r"[\d\s()+\-./]+", re.ASCII)
_UPRN = re.compile(r"(?:uprn\s*:?\s*)?(\d{5,12})", re.ASCII | re.IGNORECASE)
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_ACCOUNT = re.compile(r"[a-z][\w.]{1,30}:\S+", re.IGNORECASE)
_PLATE = re.compile(r"[A-Z]{1,3}\s?\d{1,4}\s?[A-Z]{0,3}|\d{1,4}\s?[A-Z]{1,3}", re.IGNORECASE)

NOTHING = Problem("box", "not_understood", "neither a number nor a place nor anything else that a marker is on")


def understand_box(text: str, numbering: Numbering) -> Understood:
    """All that the text may be. Nothing at all: a problem, in words."""
    written = text.strip()[:LONGEST]
    parts: list[Part] = []
    told: list[Problem] = []
    if not written:
        return Understood(problems=(NOTHING,))
    for piece in _pieces(written, numbering):
        parts += piece.parts
        told += piece.problems
    known = {(part.value, part.role): part for part in parts}
    if known:
        # What one reading can't use is of no interest where another can.
        return Understood(tuple(known.values()), ())
    return Understood((), tuple(told[:1]) or (NOTHING,))


def _pieces(text: str, numbering: Numbering) -> list[Understood]:
    if _MAIL.fullmatch(text):
        return [understand_thing("box", IdentifierKind.EMAIL, text, Role.MENTIONED)]
    pieces = []
    uprn = _UPRN.fullmatch(text)
    if _ACCOUNT.fullmatch(text) and not uprn:
        pieces.append(understand_thing("box", IdentifierKind.ACCOUNT, text, Role.MENTIONED))
    if _PLATE.fullmatch(text):
        pieces.append(understand_thing("box", IdentifierKind.VEHICLE, text, Role.MENTIONED))
    if _DIGITS.fullmatch(text):
        pieces.append(understand_number("box", text, Role.CALLER, numbering))
    elif re.search(r"\d{5}", re.sub(r"[\s\-]", "", text)) and not uprn:
        # "he rang from 07700 900123": a number among words, beside whatever place they say.
        pieces.append(understand_number("box", text, Role.CALLER, numbering))
    if uprn:
        pieces.append(understand_location("box", Location(uprn=uprn.group(1)), Role.INCIDENT))
    if not _DIGITS.fullmatch(text) or "." in text or "," in text or not uprn:
        pieces.append(understand_location("box", Location(address=text), Role.INCIDENT))
    return pieces
