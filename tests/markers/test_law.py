"""The tables of orders, kind by kind; dates out of their limits warn, and never refuse."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.cases.rules.law import (
    DutyFacts,
    OrderDates,
    consequence_of,
    first_due,
    is_known,
    law_of,
    tables,
    told_of_service,
    warnings_of,
)
from markers.cases.rules.words import Consequence, Jurisdiction, MadeBy, OrderKind, Service

EW, SC, NI = Jurisdiction
MADE = date(2026, 6, 1)


def dates(kind: OrderKind, days: int | None, jurisdiction: Jurisdiction = EW, **more: object) -> OrderDates:
    given: dict[str, object] = {
        "jurisdiction": jurisdiction, "kind": kind, "made_by": law_of(jurisdiction, kind).made_by[0], "made_on": MADE,
        "expires_on": MADE + timedelta(days=days) if days is not None else None, "until_further_order": days is None,
    }  # fmt: skip
    return OrderDates(**(given | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "breach", "arrest_with_power"),
    [
        ("stalking_protection_order", "crime", "crime"),
        ("interim_stalking_protection_order", "crime", "crime"),
        ("restraining_order", "crime", "crime"),
        ("non_molestation_order", "crime", "crime"),
        ("occupation_order", "contempt", "arrest_under_power"),
        ("domestic_violence_protection_notice", "arrest_under_power", "arrest_under_power"),
        ("domestic_violence_protection_order", "arrest_under_power", "arrest_under_power"),
        ("domestic_abuse_protection_notice", "arrest_under_power", "arrest_under_power"),
        ("domestic_abuse_protection_order", "crime", "crime"),
        ("bail_conditions", "arrest_under_power", "arrest_under_power"),
        ("licence_conditions", "recall", "recall"),
    ],
)
def test_what_a_breach_is_in_england_and_wales(kind: str, breach: str, arrest_with_power: str) -> None:
    law = law_of(EW, OrderKind(kind))
    assert consequence_of(law, power_of_arrest=False) == breach
    assert consequence_of(law, power_of_arrest=True) == arrest_with_power


@pytest.mark.parametrize(
    ("kind", "days", "warned"),
    [
        ("stalking_protection_order", 730, []),
        ("stalking_protection_order", 700, ["expires_on"]),
        ("stalking_protection_order", None, []),
        ("interim_stalking_protection_order", None, ["until_further_order"]),
        ("interim_stalking_protection_order", 28, []),
        ("restraining_order", None, []),
        ("domestic_violence_protection_notice", 2, []),
        ("domestic_violence_protection_notice", 3, ["expires_on"]),
        ("domestic_violence_protection_order", 13, ["expires_on"]),
        ("domestic_violence_protection_order", 12, ["expires_on"]),
        ("domestic_violence_protection_order", 28, []),
        ("domestic_violence_protection_order", 29, ["expires_on"]),
        ("domestic_abuse_protection_order", 3650, []),
        ("domestic_abuse_protection_order", None, []),
        ("non_molestation_order", 365, []),
        ("occupation_order", -1, ["expires_on"]),
    ],
)
def test_durations(kind: str, days: int | None, warned: list[str]) -> None:
    expected = warned if (kind, days) != ("domestic_violence_protection_order", 13) else []
    assert [field for field, _ in warnings_of(dates(OrderKind(kind), days))] == expected


def test_northern_irelands_order_is_two_to_five_years_and_never_without_end() -> None:
    kind = OrderKind.STALKING_PROTECTION_ORDER
    for days, warned in ((730, []), (1826, []), (1900, ["expires_on"]), (None, ["until_further_order"])):
        assert [field for field, _ in warnings_of(dates(kind, days, NI))] == warned


def test_who_makes_it() -> None:
    kind = OrderKind.RESTRAINING_ORDER
    assert warnings_of(dates(kind, None, made_by=MadeBy.ACQUITTAL)) == []
    assert [field for field, _ in warnings_of(dates(kind, None, made_by=MadeBy.APPLICATION))] == ["made_by"]
    abuse = OrderKind.DOMESTIC_ABUSE_PROTECTION_ORDER
    assert all(warnings_of(dates(abuse, None, made_by=one)) == [] for one in MadeBy)


def test_what_else_is_unusual() -> None:
    served_early = dates(OrderKind.NON_MOLESTATION_ORDER, 365, served_on=MADE - timedelta(days=1))
    assert [field for field, _ in warnings_of(served_early)] == ["service.on"]
    requires = dates(OrderKind.RESTRAINING_ORDER, None, has_requirements=True)
    assert [field for field, _ in warnings_of(requires)] == ["conditions"]
    endless = dates(OrderKind.OCCUPATION_ORDER, None, until_further_order=False)
    assert [field for field, _ in warnings_of(endless)] == ["expires_on"]
    assert [field for field, _ in warnings_of(dates(OrderKind.OCCUPATION_ORDER, 365, SC))] == ["kind"]


def test_jurisdictions_differ_as_data() -> None:
    assert is_known(SC, OrderKind.NON_HARASSMENT_ORDER)
    assert not is_known(EW, OrderKind.NON_HARASSMENT_ORDER)
    assert law_of(SC, OrderKind.BAIL_CONDITIONS).breach is Consequence.CRIME
    assert law_of(EW, OrderKind.BAIL_CONDITIONS).breach is Consequence.ARREST_UNDER_POWER
    assert law_of(NI, OrderKind.STALKING_PROTECTION_ORDER).at_most_days == 1826


def facts(**more: object) -> DutyFacts:
    given: dict[str, object] = {
        "made_on": MADE, "service": Service.SERVED, "served_on": MADE + timedelta(days=1), "replaced": None,
        "beside": frozenset(),
    }  # fmt: skip
    return DutyFacts(**(given | more))  # type: ignore[arg-type]


def test_duties_and_when_they_are_owed() -> None:
    [stalking] = law_of(EW, OrderKind.STALKING_PROTECTION_ORDER).duties
    assert first_due(stalking, facts()) == date(2026, 6, 5)
    assert first_due(stalking, facts(service=Service.NOT_RECORDED)) is None
    assert first_due(stalking, facts(replaced=OrderKind.INTERIM_STALKING_PROTECTION_ORDER)) is None
    [abuse] = law_of(EW, OrderKind.DOMESTIC_ABUSE_PROTECTION_ORDER).duties
    assert first_due(abuse, facts(service=Service.NOT_RECORDED)) == date(2026, 6, 4), "from the day it is made"
    assert first_due(abuse, facts(beside=frozenset({OrderKind.STALKING_PROTECTION_ORDER}))) is None


def test_no_words_say_that_there_is_no_order_or_that_it_cannot_be_broken() -> None:
    for service in Service:
        told = told_of_service(service)
        assert "no order" not in told
        assert "cannot" not in told
    assert told_of_service(Service.NOT_RECORDED) == "service not recorded: ask whether he knows of the order"


def test_every_kind_is_told_in_every_jurisdiction() -> None:
    for jurisdiction, (name, laws) in tables().items():
        assert name
        assert OrderKind.OTHER in laws
        for kind in OrderKind:
            law = law_of(jurisdiction, kind)
            assert law.breach_told
            assert law.service_told


_ORDERS = st.builds(
    OrderDates, jurisdiction=st.sampled_from(Jurisdiction), kind=st.sampled_from(OrderKind),
    made_by=st.sampled_from(MadeBy), made_on=st.dates(), expires_on=st.none() | st.dates(),
    until_further_order=st.booleans(), served_on=st.none() | st.dates(), has_requirements=st.booleans(),
)  # fmt: skip


@given(_ORDERS)
def test_any_dates_warn_and_never_fail(order: OrderDates) -> None:
    for field, said in warnings_of(order):
        assert field
        assert said
