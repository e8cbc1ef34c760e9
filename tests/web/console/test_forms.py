"""What forms are read as: days, keys, places, hours, people. What a line tells is read back as what it told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.measures import Measured, rates
from alerts.rules.words import Priority
from markers.cases.rules.words import Day
from markers.matching.values import Numbering
from tests.builders import NOON
from web.console.conditions_form import conditions_in, lines_of, place_in
from web.console.forms import Form, day_in, key_in
from web.console.measures import hours_of
from web.console.people_form import lines_of as person_lines
from web.console.people_form import person_in
from web.console.targets_form import is_typed_twice
from web.console.timeline import plot_of
from web.console.written import merge, opened_with


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 12 2026", date(2026, 12, 1)), ("01/12/2026", date(2026, 12, 1)), ("1 December 2026", date(2026, 12, 1)),
        ("1. Dec 2026", date(2026, 12, 1)), ("2026-12-01", date(2026, 12, 1)), ("  1-12-2026 ", date(2026, 12, 1)),
        ("31 2 2026", None), ("1.12.26", None), ("December", None), ("", None), ("1 12 2026 x", None), ("1 bad 2026", None),
        ("²  12 2026", None), ("0001-01-01", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_here_write_it(text: str, day: date | None) -> None:
    assert day_in(text) == day


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 12, 31)))
def test_every_day_is_read_in_each_of_its_spellings(day: date) -> None:
    spellings = (
        day.isoformat(),
        f"{day.day} {day.month} {day.year}",
        f"{day:%d/%m/%Y}",
        f"{day.day} {day:%B} {day.year}",
    )
    assert {day_in(one) for one in spellings} == {day}


@given(st.text(max_size=40))
def test_no_text_makes_a_day_or_a_key_fail(text: str) -> None:
    assert day_in(text) is None or isinstance(day_in(text), date)
    assert key_in(text) is None or len(key_in(text) or ()) == 2


def test_a_place_is_a_circle_where_it_says_so_and_an_address_else() -> None:
    circle = {"area": {"circle": {"latitude": 53.403, "longitude": -2.98, "radius_m": 150.0}}}
    assert place_in("53.4030, -2.9800, 150 m") == place_in("53.4030 -2.98 150") == circle
    assert place_in("10 Bold Street, L1 4DS") == {"address": {"text": "10 Bold Street, L1 4DS"}}
    assert place_in("53.4030, -2.9800") == {"address": {"text": "53.4030, -2.9800"}}


TIMES = st.times().map(lambda at: f"{at:%H:%M}")
PHONES = st.lists(st.from_regex(r"07700 900\d{3}", fullmatch=True), unique=True, max_size=4)
PLACES = st.one_of(
    st.builds(lambda text: {"address": {"text": text}}, st.from_regex(r"[1-9]\d? [A-Z][a-z]{3,8} Street", fullmatch=True)),
    st.builds(
        lambda lat, lon, m: {"area": {"circle": {"latitude": round(lat, 4), "longitude": round(lon, 4), "radius_m": m}}},
        st.floats(50.1, 58.9), st.floats(-7.9, -0.1), st.integers(1, 5000).map(float),
    ),
    st.just({"area": {"polygon": {"type": "Polygon", "coordinates": [[[-3, 53], [-2, 53], [-2, 54], [-3, 53]]]}}}),
)  # fmt: skip
WATCHES = st.one_of(
    st.builds(lambda phones: {"contact": {"phones": [{"number": one} for one in phones]}}, PHONES),
    st.builds(lambda place: {"zone": place}, PLACES), st.builds(lambda place: {"stay_in": place}, PLACES),
    st.builds(lambda one, two: {"contact": {"phones": []}, "zone": one, "stay_in": two}, PLACES, PLACES),
)  # fmt: skip
HOURS = st.lists(
    st.builds(lambda a, b, days: {"from": a, "until": b, "days": days}, TIMES, TIMES, st.lists(st.sampled_from([d.value for d in Day]), unique=True)),
    max_size=3,
)  # fmt: skip


@given(WATCHES, HOURS)
def test_a_condition_that_stands_in_a_form_is_read_back_as_it_was(
    watch: dict[str, object], hours: list[dict[str, object]]
) -> None:
    condition = {
        "number": "1",
        "kind": "prohibition",
        "text": "Not to.",
        "means": "watched",
        "watch": watch,
        "hours": hours,
    }
    wrong: dict[str, str] = {}
    pairs = list((lines_of(condition, "c0_") | {"c0_stood": "1"}).items())
    [back], _prefixes = conditions_in(Form(pairs), [condition], wrong)
    assert wrong == {}
    assert back["watch"] == watch
    assert back.get("hours", []) == hours


@given(
    PHONES,
    st.lists(
        PLACES.filter(lambda one: "address" in one).map(lambda one: one["address"]),
        max_size=3,
        unique_by=lambda one: one["text"],
    ),
)
def test_somebody_who_stands_in_a_form_is_read_back_as_they_were(
    phones: list[str], addresses: list[dict[str, str]]
) -> None:
    known = [one | {"uprn": "38000000001"} for one in addresses]
    person = {"name": "Anna", "phones": [{"number": one} for one in phones], "addresses": known,
              "identifiers": [{"kind": "account", "value": "tag:8841"}]}  # fmt: skip
    back = person_in(Form(list(person_lines(person, "p0_").items())), "p0_", person)
    assert back == {name: value for name, value in person.items() if value}


FIELDS = st.dictionaries(
    st.sampled_from(["officer", "team", "p0_name", "p0_numbers", "p1_name", "p2_name"]), st.sampled_from(["", "a", "b", "c"])
)  # fmt: skip


@given(FIELDS, FIELDS, FIELDS)
def test_what_one_left_alone_stands_as_the_other_left_it_and_what_either_wrote_is_never_lost(
    opened: dict[str, str], theirs: dict[str, str], mine: dict[str, str]
) -> None:
    now = opened | theirs
    form = opened | mine
    merged, written = merge(now, Form([*form.items(), ("opened", opened_with(opened))]))
    for name in form:
        if form[name] != opened.get(name, ""):
            assert form[name] in merged.values()
        elif name in now:
            assert merged[name] == now[name]
    for name, value in now.items():
        if not name.startswith("p") and form.get(name, "") == opened.get(name, ""):
            assert merged[name] == value
    added = {name for name in now if name.startswith("p") and not any(one.startswith(name[:3]) for one in opened)}
    assert all(merged[name] == now[name] for name in added)
    assert all(merged[name] == form.get(name, merged[name]) for name in written if name in form)


@pytest.mark.parametrize(
    ("number", "again", "same"),
    [("07700 900123", "+44 7700 900123", True), ("07700 900123", "07700 900124", False), ("07700 900123", "", False),
     ("07700 900123", "07700 900123 07700 900124", False)],
)  # fmt: skip
def test_two_spellings_of_one_number_are_the_same(number: str, again: str, *, same: bool) -> None:
    assert is_typed_twice(number, again, Numbering()) is same


def alerts(*minutes: int) -> list[Measured]:
    return [
        Measured(raised_at=NOON + timedelta(minutes=one), priority=Priority.URGENT, answered_by=frozenset({"Priya", "Sam"}),
                 acknowledged_at=None, resolved_at=None, event_count=1, escalations=0)
        for one in minutes
    ]  # fmt: skip


def test_rates_are_for_each_person_and_each_ten_minutes() -> None:
    span = (NOON, NOON + timedelta(minutes=120))
    told = rates(alerts(0, 1, 9, 10, 65), *span)
    assert (len(told), told[:2], told[6]) == (12, [1.5, 0.5], 0.5)
    hours = hours_of(told, NOON)
    assert hours == [(NOON, round(2 / 6, 2), 1.5), (NOON + timedelta(hours=1), round(0.5 / 6, 2), 0.5)]
    assert rates([], *span) == [0.0] * 12
    assert hours_of([0.0] * 12, NOON) == []


def test_a_picture_of_days_and_hours_shows_each_moment_once_and_counts_the_nights() -> None:
    zone = ZoneInfo("Europe/London")
    night = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    plot = plot_of([NOON, night, NOON - timedelta(days=90), NOON - timedelta(days=91)], NOON, zone)
    assert plot is not None
    assert plot.dots == [(543, 48), (543, 10), (3, 52)]
    assert plot.told.startswith("3 in 13 weeks, 1 of them between 22:00 and 6:00")
    assert plot_of([NOON], NOON, zone) is None
