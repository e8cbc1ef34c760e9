"""The marker that lapsed in spring: its keeper is asked in time, then the deputy, then the team."""

from datetime import timedelta

from alerts.case_rounds import look_over_cases
from db.ids import new_ids
from tests.builders import NOON, a_marker, on_phone
from tests.scenarios.safeguarding import HERS, open_case, record_order, reviews
from tests.world import CIRCLE, World


def a_year(world: World, days: int = 366) -> None:
    """Every morning of a year, by two schedulers."""
    for day in range(days):
        for _ in range(2):
            with world.db.transaction() as session:
                look_over_cases(session, new_ids(), NOON + timedelta(days=day))


def test_a_lapse_is_told_at_28_7_1_days_and_on_the_day_once_each(world: World) -> None:
    world.place(
        on_phone(HERS), reference="MRK-1", valid_until="2027-06-01T09:00:00Z", review_due="2027-03-01T09:00:00Z"
    )
    a_year(world, 200)
    told = [one for one in reviews(world, limit=200) if one["kind"] == "lapse_coming"]
    assert [(one["made_at"][:10], one["said"].split("ends ")[1].split(":")[0]) for one in told] == [
        ("2027-05-04", "in 28 days"), ("2027-05-25", "in 7 days"), ("2027-05-31", "tomorrow"), ("2027-06-01", "today"),
    ]  # fmt: skip
    [due] = [one for one in reviews(world, limit=200) if one["kind"] == "review_due"]
    assert (due["for"], due["due_at"], due["made_at"][:10]) == ("Owen", "2027-03-01T09:00:00Z", "2027-03-01")


def test_what_is_withdrawn_or_renewed_is_asked_about_no_more(world: World) -> None:
    gone = world.place(on_phone(HERS), valid_until="2027-06-01T09:00:00Z")
    world.post(f"/v1/markers/{gone['id']}/withdraw", {"reason": "moved"}, "Owen")
    a_year(world, 200)
    assert reviews(world) == []


def test_late_it_goes_to_the_deputy_and_then_to_the_team(world: World) -> None:
    open_case(world)
    record_order(world, service={"state": "not_recorded"})
    seen = []
    for day in range(7):
        with world.db.transaction() as session:
            look_over_cases(session, new_ids(), NOON + timedelta(days=day))
        [asked] = [one for one in reviews(world) if one["kind"] == "service_not_recorded"]
        seen.append(asked["escalated_to"])
    assert seen == [None, None, "Dana", "Dana", "pvpu", "pvpu", "pvpu"]


def test_an_unconfirmed_marker_climbs_before_it_ends(world: World) -> None:
    open_case(world)
    world.post("/v1/markers", a_marker(provisional=True, case="SPO-17"), "Priya")
    a_year(world, 44)
    [asked] = [one for one in reviews(world) if one["kind"] == "confirmation_due"]
    assert (asked["for"], asked["escalated_to"]) == ("Owen", "pvpu")


def test_a_circles_reviews_stay_in_it(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, valid_until="2026-12-01T09:00:00Z")
    a_year(world, 9)
    assert reviews(world) == []
    assert {one["kind"] for one in reviews(world, "Noor")} == {"lapse_coming"}
