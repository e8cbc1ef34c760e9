"""What a written telephone number means.

Numbers reach a control room as people, switches and SIP headers write them (`domain.md` no. 6): with a country or
without, behind `141`, in brackets, in full-width digits, inside a sentence. All forms of one number give one E.164.
"""

import re
import unicodedata
from dataclasses import replace
from urllib.parse import unquote

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    Leniency,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    ValidationResult,
)

from markers.matching.values import Numbering, Phone, Problem, Withheld

LONGEST_TEXT = 250
"""Characters; a longer text is no number (phonenumbers itself reads no further)."""

WITHHELD_WORDS = frozenset(
    """
    anonymous|blocked|caller id withheld|caller withheld|cli withheld|hidden|id withheld|no caller id|no cli|no number
    none|not available|not known|number unavailable|number withheld|payphone|private|private number|restricted
    unavailable|unknown|unknown number|withheld|withheld number|na|n/a|null
    """.replace("\n", "|")
    .replace("    ", "")
    .strip("|")
    .split("|")
)
"""What switches and handlers write in the number's place when none was presented."""

_URI = re.compile(r"<?\s*(?:sips?|tel|callto)\s*:\s*([^>@;?\s]*)([^>]*)", re.IGNORECASE)
_EXTENSION_PARAMETER = re.compile(r";\s*ext=(\d{1,11})", re.IGNORECASE)
_PHONE_CONTEXT = re.compile(r";\s*phone-context=(\+\d{1,4})", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:[\s,;]*(?:ext(?:ension|n)?\.?|x|#)\s*[:.]?\s*)(\d{1,7})\s*$", re.IGNORECASE)
FEWEST_DIGITS = 7
"""Digits from which letters beside them may stand for others."""
_ALMOST_A_NUMBER = re.compile(r"[\d\s().+OoIl/-]*")
_AS_DIGITS = str.maketrans("OoIl", "0011")
_SEPARATOR = re.compile(r"[/;,|]| or | and ")
_LETTERS = re.compile(r"[^\W\d_]")
# 141 withholds the caller's number for one call and 1470 shows it (GB); a diverted call keeps them in front.
_CALL_PREFIX = {"GB": re.compile(r"^\D*(?:141|1470)(?=\D*(?:0|\+))")}
SEVERAL = Problem("", "several_numbers", "more than one telephone number in one place: give each its own")
_NOT_A_NUMBER = Problem("", "phone_not_understood", "this could not be read as a telephone number")
NO_AREA_CODE = Problem("", "phone_not_understood", "this number has no area code: nobody can say whose it is")


def understand_phone(text: str | None, numbering: Numbering) -> Phone | Withheld | Problem:
    """The number that `text` means in `numbering.region`, in E.164.

    `None`, an empty text and the words for it are `Withheld`. A number counts when it is possible in its region, so
    that Ofcom's drama numbers do. Found among other words it is used and says so.
    """
    if text is None:
        return Withheld()
    if len(text) > LONGEST_TEXT:
        return Problem("", "phone_not_understood", f"longer than {LONGEST_TEXT} characters: no telephone number")
    plain = _plain(text)
    if _says_withheld(plain):
        return Withheld()
    number, extension = _without_wrapping(plain)
    if _says_withheld(number):
        return Withheld()
    prefix = _CALL_PREFIX.get(numbering.region)
    if prefix:
        number = prefix.sub("", number)
    return _read(_with_digits(number), extension, numbering)


def _read(number: str, extension: str | None, numbering: Numbering) -> Phone | Problem:
    """A text that says more than that the number was withheld."""
    if _LETTERS.search(number):
        return _read_out_of(number, numbering, extension)
    found = _possible(number, numbering)
    if found is None:
        # What has no other words is a number or none: half of one would be somebody else's.
        return _read_out_of(number, numbering, extension) if _SEPARATOR.search(number) else _NOT_A_NUMBER
    if not _lacks_area_code(found, number):
        return _phone(found, extension)
    return _NOT_A_NUMBER if _has_trunk_prefix(found, number) else NO_AREA_CODE


def _with_digits(text: str) -> str:
    """`O7700 9OO123`: letters that were typed for digits, where all the rest is a number's."""
    plain = text.rstrip("#* ")
    if _ALMOST_A_NUMBER.fullmatch(plain) and sum(char.isdigit() for char in plain) >= FEWEST_DIGITS:
        return plain.translate(_AS_DIGITS)
    return plain


def within_areas(text: str, numbering: Numbering) -> list[Phone]:
    """What a number given without its area code may be: one for each of the configured areas in which it can lie."""
    number, extension = _without_wrapping(_plain(text[:LONGEST_TEXT]))
    found: dict[str, Phone] = {}
    for area in numbering.area_codes:
        parsed = _possible(f"{area}{number}", numbering)
        if parsed and _has_its_whole_length(parsed, numbering.region):
            phone = replace(_phone(parsed, extension), supposed_area=area)
            found.setdefault(phone.e164, phone)
    return list(found.values())


def _plain(text: str) -> str:
    """Compatibility forms folded (full-width digits, odd spaces), invisible characters taken out."""
    folded = unicodedata.normalize("NFKC", text)
    kept = (" " if char.isspace() else char for char in folded if unicodedata.category(char) != "Cf")
    return "".join(kept).strip()


def _says_withheld(text: str) -> bool:
    words = " ".join(re.sub(r"[^\w/ ]", " ", text.casefold()).split())
    return not words or words in WITHHELD_WORDS


def _without_wrapping(text: str) -> tuple[str, str | None]:
    """The number inside a SIP or tel URI (RFC 3261, RFC 3966) or header, and its extension."""
    found = _URI.search(text)
    if found:
        number, rest = unquote(found.group(1)), found.group(2)
        context = _PHONE_CONTEXT.search(rest)
        if context and not number.startswith("+"):
            number = context.group(1) + number
        parameter = _EXTENSION_PARAMETER.search(rest)
        # `sip:07700900123;phone-context=…@host` and `sip:anonymous@anonymous.invalid` alike end before the host.
        return number, parameter.group(1) if parameter else None
    extension = _EXTENSION.search(text)
    if extension and sum(char.isdigit() for char in text[: extension.start()]) >= FEWEST_DIGITS:
        return text[: extension.start()], extension.group(1)
    return text, None


def _possible(number: str, numbering: Numbering) -> phonenumbers.PhoneNumber | None:
    """The number, if it is possible in its region or in an area of it."""
    try:
        parsed = phonenumbers.parse(number, numbering.region, keep_raw_input=True)
    except NumberParseException:
        return None
    if parsed.italian_leading_zero and _has_trunk_prefix(parsed, number) and not phonenumbers.is_valid_number(parsed):
        return None  # `07700 9001` is one digit short, and no number that begins with a nought
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return parsed if reason in (ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY) else None


def _is_possible(parsed: phonenumbers.PhoneNumber) -> bool:
    return bool(phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE)


def _has_its_whole_length(parsed: phonenumbers.PhoneNumber, region: str) -> bool:
    """Is it valid, or, as drama numbers are, at least as long as most? A shorter one would be put in each area."""
    if phonenumbers.is_valid_number(parsed):
        return True
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    lengths = metadata.fixed_line.possible_length if metadata and metadata.fixed_line else ()
    return len(phonenumbers.national_significant_number(parsed)) == max(lengths, default=0)


def _lacks_area_code(parsed: phonenumbers.PhoneNumber, number: str) -> bool:
    """Is the number possible only inside its own area, or of such a one's length and no service's (`0800 1111`)?"""
    if phonenumbers.is_valid_number(parsed):
        return False
    if not _is_possible(parsed):
        return True
    if parsed.country_code_source != CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return False
    if _has_trunk_prefix(parsed, number):
        return False
    reason = phonenumbers.is_possible_number_for_type_with_reason(parsed, PhoneNumberType.FIXED_LINE)
    return bool(reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY)


def _has_trunk_prefix(parsed: phonenumbers.PhoneNumber, number: str) -> bool:
    region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    trunk = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True)
    return bool(trunk and phonenumbers.normalize_digits_only(number).startswith(trunk))


def numbers_in(text: str, numbering: Numbering) -> list[Phone]:
    """Every number that stands in `text`, each once, in their order: for a text that is more than one number."""
    found: dict[str, Phone] = {}
    for match in PhoneNumberMatcher(_plain(text[:LONGEST_TEXT]), numbering.region, leniency=Leniency.POSSIBLE):
        if _is_possible(match.number):
            phone = _phone(match.number, None)
            found.setdefault(phone.e164, replace(phone, read_out_of_text=True))
    return list(found.values())


def _read_out_of(text: str, numbering: Numbering, extension: str | None) -> Phone | Problem:
    """The number that stands among other words; of several different ones, none is *the* number."""
    found = numbers_in(text, numbering)
    if not found:
        return _NOT_A_NUMBER
    if len(found) > 1:
        return SEVERAL
    return replace(found[0], extension=extension or found[0].extension)


def _phone(parsed: phonenumbers.PhoneNumber, extension: str | None) -> Phone:
    return Phone(
        e164=phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        national=_as_read_out(parsed),
        extension=extension or parsed.extension,
    )


def _as_read_out(parsed: phonenumbers.PhoneNumber) -> str:
    bare = phonenumbers.PhoneNumber()
    bare.merge_from(parsed)
    bare.extension = None
    return phonenumbers.format_number(bare, PhoneNumberFormat.NATIONAL)
