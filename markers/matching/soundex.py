"""American Soundex (Knuth, The Art of Computer Programming 3, 6.4): one short code for words that sound alike."""

from functools import lru_cache

_CODES = {
    **dict.fromkeys("BFPV", "1"), **dict.fromkeys("CGJKQSXZ", "2"), **dict.fromkeys("DT", "3"),
    "L": "4", **dict.fromkeys("MN", "5"), "R": "6",
}  # fmt: skip


@lru_cache(maxsize=100_000)
def soundex(word: str) -> str:
    """The letter and three digits of `word` (capitals): `ROBERT` and `RUPERT` are `R163`."""
    code, last = word[:1], _CODES.get(word[:1], "")
    for letter in word[1:]:
        digit = _CODES.get(letter, "")
        if digit and digit != last:
            code += digit
        if letter not in "HW":
            last = digit
    return f"{code}000"[:4]
