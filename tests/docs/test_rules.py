"""The page of the rules is written from the tables, and says what they say today."""

from tests.rules import FILE, written


def test_the_page_of_rules_says_what_the_tables_say() -> None:
    assert FILE.read_text() == written(), "run `make rules`"
