"""The unit that an address names: a flat, a floor, a room, a Scottish flat; taken out of its words."""

import re
from collections.abc import Sequence
from dataclasses import replace

from markers.matching.readings import BREAK, HOUSE, LABEL
from markers.matching.values import Unit
from markers.matching.words import BARE_FLOORS, FLATS_BY_PLACE, FLOOR_NAMES, FLOORS, UNIT_WORDS, UNITS_WITHOUT_LABEL

_FLATS = ("FLAT", "APARTMENT", "MAISONETTE")
_SCOTTISH = re.compile(r"(\d{1,2})(?:/|F)(\d{1,2}|(?<=F)[LR])|([BGPT])F(\d{0,2}|[LR])")
_LEVELS = {"B": -1, "G": 0, "P": 0, "T": 99}
"""Basement, ground, platform (Edinburgh's word for the ground floor), top."""
_FLOOR = re.compile(rf"\b({'|'.join(sorted(map(re.escape, FLOORS), key=len, reverse=True))})\b(?=[\s,]|$)")


def take_unit(tokens: list[str]) -> tuple[Unit | None, list[str]]:
    """The unit that words name (`FLAT 2`, `GROUND FLOOR FLAT`, `2/1`), and the tokens without it."""
    floor, tokens = _take_floor(tokens)
    for index, token in enumerate(tokens):
        kind = UNIT_WORDS.get(token)
        if kind is None:
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else ""
        if (
            kind == "ROOM"
            and LABEL.fullmatch(after)
            and any(UNIT_WORDS.get(later) in _FLATS for later in tokens[index + 2 :])
        ):
            unit, rest = take_unit([*tokens[:index], *tokens[index + 2 :]])
            return unit and replace(unit, said=f"room {after} of {unit.said}", room=after), rest
        placed = tokens[index - 1] if index and kind in _FLATS and tokens[index - 1] in FLATS_BY_PLACE else ""
        bare = floor is not None or kind in UNITS_WITHOUT_LABEL or placed
        if placed and not (LABEL.fullmatch(after) and not _is_the_only_number(tokens, index + 1)):
            return _unit(kind, placed, floor), [*tokens[: index - 1], BREAK, *tokens[index + 1 :]]
        if LABEL.fullmatch(after) and not (bare and _is_the_only_number(tokens, index + 1)):
            return _unit(kind, after, floor), [*tokens[:index], BREAK, *tokens[index + 2 :]]
        if floor is not None or kind in UNITS_WITHOUT_LABEL:
            return _unit(kind, "", floor), [*tokens[:index], BREAK, *tokens[index + 1 :]]
    return _unit_without_its_word(tokens, floor)


def _unit_without_its_word(tokens: list[str], floor: int | None) -> tuple[Unit | None, list[str]]:
    """A letter or a Scottish flat in front of the house's number; else the floor alone, where one was said."""
    if len(tokens) > 2 and re.fullmatch(r"[A-Z]", tokens[0]) and floor is None:
        # `E, 28A HIGH STREET`: the flat's word left out.
        behind = 2 if tokens[1] == BREAK else 1
        if HOUSE.fullmatch(tokens[behind]):
            return _unit("FLAT", tokens[0], None), tokens[behind:]
    scottish = _SCOTTISH.fullmatch(tokens[0]) if tokens else None
    if scottish and any(char.isdigit() for token in tokens[1:] for char in token):
        level = int(scottish.group(1)) if scottish.group(1) else _LEVELS[scottish.group(3)]
        label = scottish.group(2) or scottish.group(4)
        return Unit(f"flat {tokens[0].lower()}", label, level, counts_by_floor=True), tokens[1:]
    return (_unit("FLOOR", "", floor), tokens) if floor is not None else (None, tokens)


def _is_the_only_number(tokens: Sequence[str], index: int) -> bool:
    """`GROUND FLOOR FLAT 12 HIGH STREET`: the number is the house's, as no other follows."""
    later = tokens[index + 1 :]
    return bool(HOUSE.fullmatch(tokens[index])) and bool(later) and not any(map(HOUSE.fullmatch, later))


def _take_floor(tokens: list[str]) -> tuple[int | None, list[str]]:
    text = " ".join(tokens)
    found = _FLOOR.search(text)
    # `GROUND` alone is a floor only before a unit's word: there are Recreation Grounds.
    if not found or (
        found.group(1) in BARE_FLOORS and not re.match(r" (?:FLAT|APARTMENT|FLT|,|$)", text[found.end() :] or " ,")
    ):
        return None, tokens
    return FLOORS[found.group(1)], (text[: found.start()] + " " + text[found.end() :]).split()


def _unit(kind: str, label: str, floor: int | None) -> Unit:
    said = " ".join(filter(None, (FLOOR_NAMES.get(floor, "") if floor is not None else "", _kind_said(kind), label)))
    scottish = _SCOTTISH.fullmatch(label)
    if scottish and scottish.group(1):
        return Unit(said, scottish.group(2), int(scottish.group(1)), counts_by_floor=True)
    return Unit(said, label.lstrip("0") or label, floor)


def _kind_said(kind: str) -> str:
    return "" if kind == "FLOOR" else kind.lower()
