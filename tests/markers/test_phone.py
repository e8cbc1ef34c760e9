"""Numbers as people, switches and SIP headers write them: `domain.md` no. 6, and more."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.matching.phone import understand_phone
from markers.matching.values import Numbering, Phone, Problem, Withheld
from tests.builders import GB

HERS = "+447700900123"

WRITTEN = [
    "07700 900123", "07700900123", "7700900123", "0044 7700 900123", "00447700900123", "447700900123",
    "+44 7700 900123", "+44 (0)7700 900123", "+44 07700 900123", "(07700) 900123", "07700-900-123", "07700.900.123",
    "sip:+447700900123@proxy.example;user=phone", '"Jane" <sip:07700900123@10.0.0.1:5060>;tag=a1',
    "sips:%2B447700900123@proxy.example", "tel:+44-7700-900123", "tel:07700900123",
    "tel:7700900123;phone-context=+44", "P-Asserted-Identity: <tel:+447700900123>",
    "14107700900123", "141 07700 900123", "1470 07700900123", "141+447700900123",
    "０７７００ ９００１２３", "٠٧٧٠٠٩٠٠١٢٣", "07700\u200b900\u00a0123", "07700\u2011900\u2011123",
    "+44\u00a0(0)\u202f7700\u2009900123", "\u202a07700 900123\u202c", "'07700900123",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_every_written_form_of_one_number_is_one_number(text: str) -> None:
    phone = understand_phone(text, GB)
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.national, phone.read_out_of_text) == (HERS, "07700 900123", False)


@pytest.mark.parametrize(
    "text",
    [None, "", "  ", "withheld", "Withheld", "WITHHELD NUMBER", "anonymous", "sip:anonymous@anonymous.invalid",
     "unavailable", "No caller ID", "private", "n/a", "not known"],
)  # fmt: skip
def test_a_withheld_number_is_a_fact_and_no_problem(text: str | None) -> None:
    assert understand_phone(text, GB) == Withheld()


@pytest.mark.parametrize("text", ["07700 900123 ext 45", "07700900123x45", "tel:+447700900123;ext=45"])
def test_an_extension_is_kept_and_is_no_part_of_the_number(text: str) -> None:
    phone = understand_phone(text, GB)
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.extension) == (HERS, "45")


@pytest.mark.parametrize("text", ["ring her on 07700 900123 please", "07700 900123 (Jane)", "mob: 07700900123"])
def test_a_number_among_other_words_is_used_and_says_so(text: str) -> None:
    phone = understand_phone(text, GB)
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.read_out_of_text) == (HERS, True)


@pytest.mark.parametrize("text", ["abc", "12345", "999", "07700 900 1234 5678", "0", "0800 FLOWERS", "x" * 300])
def test_what_is_no_number_is_a_problem_that_does_not_repeat_it(text: str) -> None:
    problem = understand_phone(text, GB)
    assert isinstance(problem, Problem)
    assert problem.code == "phone_not_understood"
    assert text[:20] not in problem.detail


def test_of_two_numbers_in_one_place_none_is_taken() -> None:
    problem = understand_phone("07700 900123 / 07700 900124", GB)
    assert isinstance(problem, Problem)
    assert "more than one" in problem.detail


def test_a_number_without_country_is_read_in_the_region_that_is_set() -> None:
    phone = understand_phone("02 9876 5432", Numbering("AU"))
    assert isinstance(phone, Phone)
    assert phone.e164 == "+61298765432"


def test_the_prefix_that_withholds_is_british_only() -> None:
    assert isinstance(understand_phone("141 07700 900123", Numbering("US")), Problem)


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
STYLES = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)


@pytest.mark.parametrize("region", REGIONS)
def test_each_regions_example_numbers_are_one_number_in_all_their_forms(region: str) -> None:
    """Of every kind of number that the region has, Italian zeros and Argentine mobiles among them."""
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in phonenumbers.PhoneNumberType.values()]
    for example in filter(None, examples):
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        forms = [phonenumbers.format_number(example, style) for style in STYLES]
        # As it is dialled from here, and as a switch writes it; and how people at home dial abroad.
        from_here = [(f"00{e164[1:]}", GB), (f"00 {forms[1][1:]}", GB), (f"sip:{e164}@switch.example", GB)]
        abroad = phonenumbers.format_out_of_country_calling_number(example, "GB")
        for form, numbering in [*((form, Numbering(region)) for form in forms), *from_here, (abroad, GB)]:
            phone = understand_phone(form, numbering)
            assert isinstance(phone, Phone), (region, form)
            assert phone.e164 == e164, (region, form)


@pytest.mark.parametrize("text", ["O7700 9OO123", "0770O 900l23", "+44 7700 900123#", "07700 900123*"])
def test_a_letter_that_was_typed_for_a_digit_is_read_as_one(text: str) -> None:
    phone = understand_phone(text, GB)
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.read_out_of_text) == (HERS, False)


@pytest.mark.parametrize("text", ["+44 7700 9001234", "07700 9001", "07700", "0770O 9001"])
def test_half_of_a_number_is_nobodys(text: str) -> None:
    problem = understand_phone(text, GB)
    assert isinstance(problem, Problem)
    assert problem.detail == "this could not be read as a telephone number"


@pytest.mark.parametrize("text", ["496 0123", "4960123", "960123", "7946 0123"])
def test_a_number_without_its_area_code_is_nobodys(text: str) -> None:
    problem = understand_phone(text, GB)
    assert isinstance(problem, Problem)
    assert "no area code" in problem.detail


@pytest.mark.parametrize("text", ["0800 1111", "800 1111", "08454647"])
def test_a_short_number_of_a_service_is_one(text: str) -> None:
    assert isinstance(understand_phone(text, GB), Phone)


@given(st.text(max_size=260))
def test_no_text_however_strange_raises(text: str) -> None:
    assert isinstance(understand_phone(text, GB), Phone | Withheld | Problem)


@given(st.sampled_from(WRITTEN))
def test_understanding_what_was_understood_changes_nothing(text: str) -> None:
    phone = understand_phone(text, GB)
    assert isinstance(phone, Phone)
    assert understand_phone(phone.e164, GB) == phone
    assert understand_phone(phone.national, GB) == phone
