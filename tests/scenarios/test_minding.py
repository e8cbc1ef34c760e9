"""Looking after markers: the one that lapsed and would have fired, the officer who is gone, what no drill ever proved."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from alerts.case_rounds import look_over_cases
from alerts.marker_report import DEFINITIONS, keep_month, report, series
from db.ids import new_ids
from heed.nightly import Ground, drill_all
from markers.matcher import Reading
from markers.models import Target
from tests.builders import NOON, from_number, on_address, on_phone
from tests.scenarios.safeguarding import a_case, open_case, record_order, reviews
from tests.world import CIRCLE, World


def look_over(world: World, days: int = 0, times: int = 2) -> None:
    for _ in range(times):
        with world.db.transaction() as session:
            look_over_cases(session, new_ids(), world.clock.moment + timedelta(days=days))


def asked(world: World, kind: str, as_: str = "Owen", **more: Any) -> list[dict[str, Any]]:
    return [one for one in reviews(world, as_, limit=200, **more) if one["kind"] == kind]


def test_07_a_lapsed_marker_that_would_have_fired_says_so_to_its_keeper_once_a_day(world: World) -> None:
    marker = world.place(reference="MRK-7", valid_until="2026-11-25T00:00:00Z")
    world.clock.advance(days=3)
    for _ in range(3):
        told = world.happen(occurred_at=world.clock.moment.isoformat(), **from_number())
        assert told["alerts"] == []
    [missed] = asked(world, "would_have_fired")
    assert (missed["for"], missed["about"]) == ("Owen", {"marker": marker["id"]})
    assert missed["said"].startswith("marker MRK-7 ended on 2026-11-25, and would have fired today")
    world.clock.advance(days=1)
    world.happen(occurred_at=world.clock.moment.isoformat(), **from_number())
    assert len(asked(world, "would_have_fired")) == 2


def test_one_that_was_withdrawn_or_merely_lies_near_says_nothing(world: World) -> None:
    gone = world.place(valid_until="2026-11-25T00:00:00Z")
    world.post(f"/v1/markers/{gone['id']}/withdraw", {"reason": "moved"}, "Owen")
    world.place(on_address("Flat 2, 10 Bold Street, Liverpool"), valid_until="2026-11-25T00:00:00Z")
    world.clock.advance(days=3)
    moment = world.clock.moment.isoformat()
    world.happen(occurred_at=moment, **from_number())
    world.happen(
        occurred_at=moment,
        locations=[{"role": "incident", "address": "55 Bold Street, Liverpool", "postcode": "L1 4DS"}],
    )
    assert asked(world, "would_have_fired") == []


def test_a_circles_lapsed_marker_says_so_in_its_circle_alone(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, valid_until="2026-11-25T00:00:00Z")
    world.clock.advance(days=3)
    world.happen(occurred_at=world.clock.moment.isoformat(), **from_number())
    assert asked(world, "would_have_fired") == []
    assert len(asked(world, "would_have_fired", "Noor")) == 1


def test_an_officer_who_is_gone_leaves_nothing_without_a_keeper(world: World) -> None:
    open_case(world, officer="Owen", deputy="Dana")
    world.place(case="SPO-17")
    world.place(on_phone("07700 900300"))
    open_case(world, "Owen", reference="SPO-18", officer="Somebody elsewhere")
    look_over(world)
    assert asked(world, "officer_gone") == []
    world.grant("Ola", "officer")
    world.revoke("Owen")
    look_over(world)
    told = {one["for"]: one for one in asked(world, "officer_gone", "Ola")}
    assert set(told) == {"Dana", "an officer"}
    assert "its officer Owen is no longer here" in told["Dana"]["said"]
    assert "who placed it, is no longer here" in told["an officer"]["said"]
    look_over(world, days=4)
    assert {one["escalated_to"] for one in asked(world, "officer_gone", "Ola")} == {"pvpu", "an officer"}


def test_what_no_drill_has_proven_is_asked_about_and_a_drill_answers_it(world: World) -> None:
    marker = world.place(on_phone(), {"phone": {"number": "07700 900300"}, "out_of_use": {"reason": "in police hands"}})
    look_over(world, days=2)
    assert asked(world, "never_proven") == [], (
        "it was drilled when it was placed, and what is out of use is not asked about"
    )
    with world.db.transaction() as session:
        session.execute(update(Target).values(proven_at=None))
    look_over(world, days=2)
    [found] = asked(world, "never_proven")
    assert (found["for"], found["about"]) == ("Owen", {"marker": marker["id"]})
    assert held(world, "unproven") == 1
    world.post(f"/v1/markers/{marker['id']}/drill", {}, "Owen")
    assert held(world, "unproven") == 0


def test_the_nightly_drill_proves_them_too(world: World) -> None:
    world.place()
    with world.db.transaction() as session:
        session.execute(update(Target).values(proven_at=None))
    house = world.client.app.state.house  # type: ignore[attr-defined]
    drill_all(Ground(house.db, world.clock, house.intake, Reading(), "control-room", house.ids), pause=lambda _: None)
    assert held(world, "unproven") == 0


def held(world: World, name: str) -> int:
    with world.db.reading() as session:
        return report(session, "default", world.clock.moment).of(name)


def test_trigger_points_ask_the_officer_on_their_day(world: World) -> None:
    open_case(world)
    told = world.post("/v1/cases/SPO-17/triggers", {"kind": "release", "on": "2026-11-27"}, "Owen")
    assert told.status_code == 201, told.text
    assert told.json()["trigger_points"] == [
        {"kind": "release", "on": "2026-11-27", "due_at": "2026-11-30T00:00:00Z", "done_by": None, "done_at": None}
    ], "a Friday's release is told on Monday"
    world.post("/v1/cases/SPO-17/triggers", {"kind": "release", "on": "2026-11-27"}, "Owen")
    world.post("/v1/cases/SPO-17/triggers", {"kind": "trial", "on": "2027-02-01"}, "Owen")
    release, trial = asked(world, "trigger_point")
    assert "she is to be told within one working day" in release["said"]
    assert trial["due_at"] == "2027-02-01T00:00:00Z"
    world.post(f"/v1/reviews/{release['id']}/done", {"note": "told at nine"}, "Owen")
    assert world.get("/v1/cases/SPO-17", "Owen").json()["trigger_points"][0]["done_by"] == "Owen"
    for body, at in (
        ({"kind": "party", "on": "2027-02-01"}, "kind"),
        ({"kind": "trial", "on": "soon"}, "on"),
        ({}, "kind"),
    ):
        assert world.post("/v1/cases/SPO-17/triggers", body, "Owen").json()["errors"][0]["at"] == at
    assert world.post("/v1/cases/SPO-99/triggers", {"kind": "trial", "on": "2027-02-01"}, "Owen").status_code == 404
    assert world.post("/v1/cases/SPO-17/triggers", {"kind": "trial", "on": "2027-02-01"}, "Sam").status_code == 403


def test_an_order_that_was_just_made_is_a_trigger_point_and_an_old_one_is_none(world: World) -> None:
    open_case(world)
    record_order(world, made_on="2026-11-20", service={"state": "served", "on": "2026-11-21"})
    record_order(world, reference="ORD-OLD")
    [made] = asked(world, "trigger_point")
    assert "order made (ORD-2026-17) on 2026-11-20" in made["said"]


def test_the_report_counts_what_it_defines_and_keeps_each_month_once(world: World) -> None:
    open_case(world)
    world.place(case="SPO-17", review_due="2026-11-25T00:00:00Z")
    world.place(on_address(), on_address("Flat 3, 10 Bold Street, Liverpool"), risk="standard", category="violence")
    world.place(on_phone("07700 900300"), valid_until="2026-11-25T00:00:00Z")
    world.place(on_phone("07700 900301"), as_="Noor", sensitivity="covert", queue=CIRCLE)
    world.happen(**from_number())
    world.clock.advance(days=2)
    with world.db.reading() as session:
        found = report(session, "default", world.clock.moment)
    assert {name: found.of(name) for name in DEFINITIONS} == {
        "held": 2, "active": 2, "provisional": 0, "suspended": 0, "lapsed": 1, "overdue": 1, "unproven": 0,
        "out_of_use": 0, "never_matched": 1, "ownerless": 0, "targets": 3, "premises": 2, "buildings": 1,
    }  # fmt: skip
    assert found.share_at_the_top == 0.5
    by = {(one.category, one.risk): one.number for one in found.counts if one.of == "held"}
    assert by == {("stalking", "high"): 1, ("violence", "standard"): 1}
    for _ in range(2):
        with world.db.transaction() as session:
            keep_month(session, world.clock.moment)
    with world.db.transaction() as session:
        assert keep_month(session, world.clock.moment + timedelta(days=31)) == ["default"]
        told = series(session, "default", 12)
    assert list(told) == ["2026-11", "2026-12"]
    assert told["2026-11"]["held"] == 2


def test_two_cases_of_one_name_are_not_confused(world: World) -> None:
    """The reference of a trigger's order stands in its occasion: two orders on one day are two questions."""
    assert world.post("/v1/cases", a_case(), "Owen").status_code == 201
    for reference in ("ORD-1", "ORD-2"):
        record_order(world, reference=reference, made_on="2026-11-20", service={"state": "not_recorded"})
    assert len(asked(world, "trigger_point")) == 2
    assert world.clock.moment + timedelta(seconds=1) > NOON
