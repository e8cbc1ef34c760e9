"""A person's name as it is said and typed: enough to find that two texts may mean one person, and never more.

Nobody is marked by name: names count only beside an order or a case that knows the person, and where he is named.
"""

import re
import unicodedata

from rapidfuzz.distance import OSA

from markers.matching.soundex import soundex
from markers.matching.values import PersonName

_TITLES = frozenset("MR MRS MS MISS MX DR SIR PC SGT PROF REV".split())
_NOT_A_NAME = frozenset("UNKNOWN ANON ANONYMOUS NONE NA MALE FEMALE MAN WOMAN PERSON CALLER SUSPECT VICTIM".split())
_LETTERS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SPELT_OUT = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "\u0131": "i", "\u2019": "'"})
"""Letters that lose their mark by hand, and not by decomposition."""
ONE_SLIP_FROM = 5
"""Letters that a name has at least for one of them to be a slip of the hand."""


def understand_name(text: str) -> PersonName | None:
    """The name that a text holds; `None` where there is none (`unknown male`). `SMITH, John` is John Smith."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).upper()
    before, comma, after = plain.partition(",")
    said = f"{after} {before}" if comma else plain
    words = [re.sub(r"[\W\d_]", "", word) for word in _LETTERS.findall(said)]
    names = tuple(word for word in words if word not in _TITLES)
    if not names or all(word in _NOT_A_NAME for word in names):
        return None
    return PersonName(names[:6])


def name_keys(name: PersonName) -> frozenset[str]:
    """Keys that two spellings of one name share: the sound of each two of its words."""
    if len(name.words) == 1:
        return frozenset({f"nm:{soundex(name.last)}"})
    sounds = [soundex(word) for word in name.words]
    pairs = {" ".join(sorted((sounds[0], other))) for other in sounds[1:]}
    pairs |= {" ".join(sorted((sounds[-1], other))) for other in sounds[:-1]}
    initial = name.words[0][:1]
    return frozenset({*(f"nm:{pair}" for pair in pairs), f"nm:{initial} {sounds[-1]}"})


def same_name(one: PersonName, other: PersonName) -> bool | None:
    """True: the same words; False: other people; `None`: it may be one person (an initial, a slip, a name left out)."""
    if len(one.words) > 1 and set(one.words) == set(other.words):
        return True
    if not _alike(one.last, other.last):
        # Family name first, as some forms want it.
        swapped = len(one.words) == len(other.words) == 2 and _alike(one.words[0], other.last)
        return None if swapped and _alike(one.last, other.words[0]) else False
    if len(one.words) == 1 or len(other.words) == 1:
        return None if one.last == other.last else False
    first, second = sorted((one.words[0], other.words[0]), key=len)
    if second.startswith(first) or _alike(first, second) or (len(first) > 2 and OSA.distance(first, second) == 1):
        exact = one.last == other.last and first == second
        return True if exact else None
    return False


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= ONE_SLIP_FROM and OSA.distance(one, other) == 1)
