"""Text that came from speech: number words, `double`, `oh`, and postcodes in the radio alphabet."""

from collections.abc import Sequence

from markers.matching.postcode import understand_postcode

_DIGITS = {
    "ZERO": 0, "OH": 0, "NOUGHT": 0, "ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5, "SIX": 6, "SEVEN": 7,
    "EIGHT": 8, "NINE": 9, "NINER": 9,
}  # fmt: skip
_TEENS = {
    "TEN": 10, "ELEVEN": 11, "TWELVE": 12, "THIRTEEN": 13, "FOURTEEN": 14, "FIFTEEN": 15, "SIXTEEN": 16,
    "SEVENTEEN": 17, "EIGHTEEN": 18, "NINETEEN": 19,
}  # fmt: skip
_TENS = {
    "TWENTY": 20, "THIRTY": 30, "FORTY": 40, "FOURTY": 40, "FIFTY": 50, "SIXTY": 60, "SEVENTY": 70, "EIGHTY": 80,
    "NINETY": 90,
}  # fmt: skip
_TIMES = {"DOUBLE": 2, "TRIPLE": 3, "TREBLE": 3}
_ALPHABET = {
    "ALPHA": "A", "ALFA": "A", "BRAVO": "B", "CHARLIE": "C", "DELTA": "D", "ECHO": "E", "FOXTROT": "F", "GOLF": "G",
    "HOTEL": "H", "INDIA": "I", "JULIET": "J", "JULIETT": "J", "KILO": "K", "LIMA": "L", "MIKE": "M", "NOVEMBER": "N",
    "OSCAR": "O", "PAPA": "P", "QUEBEC": "Q", "ROMEO": "R", "SIERRA": "S", "TANGO": "T", "UNIFORM": "U", "VICTOR": "V",
    "WHISKEY": "W", "WHISKY": "W", "XRAY": "X", "YANKEE": "Y", "ZULU": "Z",
}  # fmt: skip
_NUMBER_WORDS = _DIGITS | _TEENS | _TENS
_LETTERED = frozenset({"FLAT", "APARTMENT", "UNIT", "BLOCK"})
"""What a letter is said behind: `flat bravo`."""
_LONGEST_POSTCODE = 9


def heard(tokens: Sequence[str]) -> list[str]:
    """`tokens` with spoken numbers as digits; the same where there are none."""
    kept: list[str] = []
    index = 0
    while index < len(tokens):
        number, after = _number(tokens, index)
        if tokens[index] in _ALPHABET and kept and kept[-1] in _LETTERED:
            number, after = _ALPHABET[tokens[index]], index + 1
        if number is None:
            kept.append(tokens[index])
            index += 1
        else:
            kept.append(number)
            index = after
    return kept


def _number(tokens: Sequence[str], start: int) -> tuple[str | None, int]:
    """The number that begins at `start`, and where it ends: `ONE HUNDRED AND FIVE`, `TWENTY FOUR`, `DOUBLE FIVE`."""
    written, index = "", start
    while index < len(tokens):
        part, after = _step(tokens, index)
        # A number of its own begins where the one before is complete: `FLAT TWO TWENTY FOUR` stays two numbers.
        is_doubled = tokens[index] in _TIMES
        if not part or len(written) + len(part) > 4 or (written and len(part) > 1 and not is_doubled):
            break
        written, index = written + part, after
    if written and index < len(tokens) and tokens[index] == "HUNDRED":
        more = index + 2 if index + 1 < len(tokens) and tokens[index + 1] == "AND" else index + 1
        rest, after = _step(tokens, more) if more < len(tokens) else ("", more)
        hundreds = int(written) * 100
        return (str(hundreds + int(rest)), after) if rest else (str(hundreds), index + 1)
    return (written or None), index


def _step(tokens: Sequence[str], index: int) -> tuple[str, int]:
    token = tokens[index]
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    if token in _TIMES and following in _DIGITS:
        return str(_DIGITS[following]) * _TIMES[token], index + 2
    if token in _TENS:
        if _DIGITS.get(following):
            return str(_TENS[token] + _DIGITS[following]), index + 2
        return str(_TENS[token]), index + 1
    if token in _TEENS:
        return str(_TEENS[token]), index + 1
    return (str(_DIGITS[token]), index + 1) if token in _DIGITS else ("", index)


def with_postcode_spelt(text: str) -> str:
    """`L ONE FOUR DELTA SIERRA` and `LIMA 1 4 DS` as the postcode that they spell; else `text` as it was."""
    tokens = text.split()
    if not any(token in _ALPHABET or token in _DIGITS for token in tokens):
        return text
    for start in range(len(tokens)):
        spelt = ""
        for end in range(start, min(len(tokens), start + _LONGEST_POSTCODE)):
            token = tokens[end]
            sign = _ALPHABET.get(token) or (str(_DIGITS[token]) if token in _DIGITS else token)
            spelt += sign if len(sign) <= 4 else "-"
            found = understand_postcode(spelt) if 5 <= len(spelt) <= 7 and "-" not in spelt else None
            words = tokens[start : end + 1]
            if found and found.is_full and sum(word in _ALPHABET or word in _DIGITS for word in words) > 1:
                return " ".join([*tokens[:start], str(found), *tokens[end + 1 :]])
    return text
