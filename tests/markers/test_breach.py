"""Signs in, findings out: what events show of a condition."""

from dataclasses import replace
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markers.cases.rules.breach import Present, Side, Sign, Thing, Watched, findings, shows_him
from markers.cases.rules.hours import Hours, applies, read_hours, told
from markers.cases.rules.words import Day, Finding, Service
from markers.matching.names import name_keys, same_name, understand_name
from markers.matching.values import PersonName, Role

NOON = datetime(2026, 11, 24, 12)  # a Tuesday  # noqa: DTZ001  a moment on the wall clock


def a_sign(side: Side, thing: Thing, role: Role, *, certain: bool = True, condition: str | None = None) -> Sign:
    return Sign(side=side, thing=thing, role=role, certain=certain, condition=condition, said=f"{side} {thing}")


CONTACT = Watched(number="1", sides=frozenset({Side.CONTACT}))
ZONE = Watched(number="2", sides=frozenset({Side.ZONE}))
HE_CALLS = a_sign(Side.RESPONDENT, Thing.PHONE, Role.CALLER)
SHE_IS_CALLED = a_sign(Side.CONTACT, Thing.PHONE, Role.CALLED, condition="1")
IN_ZONE = a_sign(Side.ZONE, Thing.PLACE, Role.INCIDENT, condition="2")


def found(condition: Watched, *signs: Sign, service: Service = Service.SERVED) -> list[Finding]:
    return [fit.finding for fit in findings([condition], signs, Present(), [NOON], service)]


def test_a_sign_of_another_condition_is_none_of_this_one() -> None:
    elsewhere = a_sign(Side.ZONE, Thing.PLACE, Role.INCIDENT, condition="9")
    assert found(ZONE, HE_CALLS, elsewhere) == []
    assert found(ZONE, HE_CALLS, IN_ZONE) == [Finding.POSSIBLE_BREACH]


@pytest.mark.parametrize(
    ("his", "hers", "expected"),
    [
        (Role.CALLER, Role.CALLED, Finding.POSSIBLE_BREACH),
        (Role.CALLER, Role.MENTIONED, Finding.WORTH_CHECKING),
        (Role.MENTIONED, Role.MENTIONED, Finding.WORTH_CHECKING),
        (Role.MENTIONED, Role.CALLER, Finding.WORTH_CHECKING),
        (Role.CALLED, Role.CALLER, None),
        (Role.CALLED, Role.MENTIONED, None),
    ],
)
def test_who_turns_to_whom(his: Role, hers: Role, expected: Finding | None) -> None:
    signs = (a_sign(Side.RESPONDENT, Thing.PHONE, his), a_sign(Side.CONTACT, Thing.PHONE, hers, condition="1"))
    assert found(CONTACT, *signs) == ([expected] if expected else [])


def in_event(event: str, sign: Sign) -> Sign:
    return replace(sign, event=event)


def test_who_calls_whom_is_said_by_one_event() -> None:
    """He rings the control room; the room rings her back."""
    assert found(CONTACT, in_event("a", HE_CALLS), in_event("b", SHE_IS_CALLED)) == [Finding.WORTH_CHECKING]
    assert found(CONTACT, in_event("a", HE_CALLS), in_event("a", SHE_IS_CALLED)) == [Finding.POSSIBLE_BREACH]


def test_a_condition_with_numbers_of_its_own_speaks_of_these_alone() -> None:
    mother = Watched(number="2", sides=frozenset({Side.CONTACT}), of_all=False)
    her_name = a_sign(Side.PROTECTED, Thing.NAME, Role.VICTIM)
    assert found(mother, HE_CALLS, SHE_IS_CALLED) == []
    assert found(mother, HE_CALLS, her_name) == []
    assert found(CONTACT, HE_CALLS, her_name) == [Finding.WORTH_CHECKING]


def test_an_incident_in_the_zone_while_his_call_is_elsewhere_is_worth_checking() -> None:
    away = a_sign(Side.ELSEWHERE, Thing.PLACE, Role.CALLER, condition="2")
    assert found(ZONE, HE_CALLS, IN_ZONE, away) == [Finding.WORTH_CHECKING]
    assert found(ZONE, a_sign(Side.RESPONDENT, Thing.NAME, Role.SUSPECT), IN_ZONE, away) == [Finding.POSSIBLE_BREACH]


CURFEW = Watched(number="3", sides=frozenset({Side.STAY_IN}))


@pytest.mark.parametrize(
    ("him", "where", "expected"),
    [
        (HE_CALLS, Role.CALLER, [Finding.POSSIBLE_BREACH]),
        (HE_CALLS, Role.INCIDENT, []),
        (a_sign(Side.RESPONDENT, Thing.IDENTIFIER, Role.MENTIONED), Role.INCIDENT, [Finding.POSSIBLE_BREACH]),
    ],
    ids=["his call is elsewhere", "a fire down the road", "his tag"],
)
def test_a_curfew_is_broken_by_where_he_is(him: Sign, where: Role, expected: list[Finding]) -> None:
    away = a_sign(Side.ELSEWHERE, Thing.PLACE, where, condition="3")
    assert found(CURFEW, him, away) == expected
    at_home = a_sign(Side.STAY_IN, Thing.PLACE, where, condition="3")
    assert found(CURFEW, him, away, at_home) == []


def test_hours_hold_at_any_event_of_the_happening() -> None:
    early = Watched(number="2", sides=frozenset({Side.ZONE}), hours=(Hours(time(3), time(4)),))
    moments = [NOON.replace(hour=3, minute=59), NOON.replace(hour=4, minute=1)]
    fits = findings([early], [HE_CALLS, IN_ZONE], Present(), moments, Service.SERVED)
    assert [fit.finding for fit in fits] == [Finding.POSSIBLE_BREACH]


def test_what_is_uncertain_is_worth_checking() -> None:
    perhaps = a_sign(Side.RESPONDENT, Thing.PHONE, Role.CALLER, certain=False)
    assert found(CONTACT, perhaps, SHE_IS_CALLED) == [Finding.WORTH_CHECKING]


def test_of_several_signs_the_most_telling_counts() -> None:
    mentioned = a_sign(Side.CONTACT, Thing.PHONE, Role.MENTIONED, condition="1")
    for signs in ((HE_CALLS, mentioned, SHE_IS_CALLED), (SHE_IS_CALLED, mentioned, HE_CALLS)):
        assert found(CONTACT, *signs) == [Finding.POSSIBLE_BREACH]


def test_without_service_recorded_it_is_worth_checking_and_asks() -> None:
    [fit] = findings([CONTACT], [HE_CALLS, SHE_IS_CALLED], Present(), [NOON], Service.NOT_RECORDED)
    assert (fit.finding, fit.certain) == (Finding.WORTH_CHECKING, True)
    assert "ask whether he knows of the order" in fit.evidence[-1]


def test_a_name_alone_shows_no_wanted_man() -> None:
    assert shows_him([a_sign(Side.RESPONDENT, Thing.NAME, Role.SUSPECT)]) is None
    assert shows_him([HE_CALLS]) == HE_CALLS
    assert shows_him([a_sign(Side.RESPONDENT, Thing.PHONE, Role.CALLED)]) is None


_SIGNS = st.builds(
    a_sign, st.sampled_from(list(Side)), st.sampled_from(list(Thing)), st.sampled_from(list(Role)),
    certain=st.booleans(), condition=st.sampled_from([None, "1", "2"]),
)  # fmt: skip


@given(st.lists(_SIGNS, max_size=6), st.booleans(), st.sampled_from(list(Service)))
def test_a_breach_takes_a_certain_sign_of_him_and_one_of_the_condition(
    signs: list[Sign],
    via: bool,  # noqa: FBT001
    service: Service,
) -> None:
    fits = findings([CONTACT, ZONE], signs, Present(via=via), [NOON], service)
    for fit in fits:
        assert any(one.side is Side.RESPONDENT for one in signs)
        if fit.finding is Finding.POSSIBLE_BREACH:
            assert service is not Service.NOT_RECORDED
            assert any(one.side is Side.RESPONDENT and one.certain for one in signs)
    if not any(one.side is Side.RESPONDENT for one in signs):
        assert fits == []


@given(st.lists(_SIGNS, max_size=5), st.lists(_SIGNS, max_size=3))
def test_more_signs_never_make_less_of_a_contact(some: list[Sign], more: list[Sign]) -> None:
    rank: list[Finding | None] = [None, Finding.WORTH_CHECKING, Finding.POSSIBLE_BREACH]
    fewer = next(iter(found(CONTACT, *some)), None)
    both = next(iter(found(CONTACT, *some, *more)), None)
    assert rank.index(both) >= rank.index(fewer)


def wall(day: int, clock: str) -> datetime:
    return datetime.combine(datetime(2026, 11, day).date(), time.fromisoformat(clock))  # noqa: DTZ001


def test_hours_over_midnight_belong_to_the_day_on_which_they_began() -> None:
    night = Hours(time(19), time(7), frozenset({Day.FRI}))
    assert [night.hold(wall(27, "18:59")), night.hold(wall(27, "19:00"))] == [False, True]
    assert [night.hold(wall(28, "06:59")), night.hold(wall(28, "07:00"))] == [True, False]
    assert not night.hold(wall(29, "06:00"))
    assert applies((), wall(1, "03:00"))
    assert told(read_hours('[{"from": "09:00", "until": "17:00"}]')) == "every day 09:00 to 17:00"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("John Smith", "SMITH, John", True), ("Mr John Paul Smith", "John Smith", True), ("J. Smith", "John Smith", None),
        ("John Smith", "John Smyth", None), ("John Smith", "Jane Smith", False), ("John Smith", "John Brown", False),
        ("Smith", "John Smith", None), ("Smith", "Brown", False), ("Smith John", "John Smith", True),
        ("O'Brien Sean", "Sean O’Brien", True), ("José García", "Jose Garcia", True), ("Żółć Müller", "zolc muller", True),
        ("ГЕННАДИЙ Иванов", "Иванов, Геннадий", True), ("Jon Smith", "John Smith", None),
    ],
)  # fmt: skip
def test_names(one: str, other: str, same: bool | None) -> None:  # noqa: FBT001
    first, second = understand_name(one), understand_name(other)
    assert first
    assert second
    assert same_name(first, second) is same
    assert same_name(second, first) is same
    if same is not False and len(first.words) == len(second.words):
        # A family name alone finds nobody: it is half the country's.
        assert name_keys(first) & name_keys(second)


@pytest.mark.parametrize("text", ["", "unknown male", "Mr", "N/A", "???", "12345"])
def test_no_name(text: str) -> None:
    found_in = understand_name(text)
    assert found_in is None or set(found_in.words) <= {"N", "A"}


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(text: str) -> None:
    name = understand_name(text)
    if name is not None:
        assert name.words
        assert same_name(name, name) is not False
        assert name_keys(name) == name_keys(PersonName(name.words))
