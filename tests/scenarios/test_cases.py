"""Cases: opened, amended, looked at; who sees what of them."""

from typing import Any

import pytest

from tests.builders import from_number, on_phone
from tests.scenarios.safeguarding import HERS, a_case, an_order, open_case, record_order, reviews
from tests.world import CIRCLE, World

PEOPLE = [{"role": "victim", "name": "Anna Jones", "phones": [{"number": HERS}]}]


def test_an_officers_marker_opens_the_case_that_it_names(world: World) -> None:
    world.place(on_phone(HERS), case="SPO-17")
    case = world.get("/v1/cases/SPO-17", "Owen").json()
    assert (case["officer"], case["deputy"], case["is_complete"]) == ("Owen", None, False)
    assert [one["kind"] for one in reviews(world)] == ["case_incomplete"]
    completed = open_case(world, people=PEOPLE)
    assert (completed["id"], completed["is_complete"]) == (case["id"], True)
    assert [one["risk"] for one in completed["markers"]] == ["high"]
    again = world.post("/v1/cases", a_case(), "Owen")
    assert (again.status_code, again.json()["type"]) == (409, "reference-taken")


def test_a_covert_marker_opens_none_that_others_see(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, case="SPO-17")
    assert world.get("/v1/cases/SPO-17", "Owen").status_code == 404
    assert world.get("/v1/cases/SPO-17", "Noor").status_code == 200
    assert open_case(world)["markers"] == []


def test_a_covert_marker_has_its_cases_officer_and_deputy_among_its_readers(world: World) -> None:
    marker = world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, case="HIDDEN")
    path = f"/v1/markers/{marker['id']}"
    assert world.get(path, "Owen").status_code == 404
    case = world.get("/v1/cases/HIDDEN", "Noor").json()
    named = world.patch(
        "/v1/cases/HIDDEN", {"deputy": "Owen", "team": "pvpu"}, "Noor", **{"If-Match": f'"{case["version"]}"'}
    )  # fmt: skip
    assert named.status_code == 200, named.text
    assert world.get(path, "Owen").status_code == world.get("/v1/cases/HIDDEN", "Owen").status_code == 200
    assert world.get(path, "Sam").status_code == 404
    open_case(world, reference="HIDDEN", officer="Sam", deputy="Sam")
    assert world.get("/v1/markers", "Sam").json()["items"] == [], "an open case of the same name opens nothing"


def test_officer_deputy_and_team_are_required(world: World) -> None:
    for missing in ("officer", "deputy", "team", "reference"):
        body = a_case()
        del body[missing]
        answer = world.post("/v1/cases", body, "Owen")
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, missing)


@pytest.mark.parametrize("who", ["Priya", "Sam", "Tess", "Ada", "Alex"])
def test_officers_keep_cases_and_supervisors_read_them(world: World, who: str) -> None:
    open_case(world, risk=[{"grade": "high", "reason": "He has a key."}])
    world.post("/v1/cases/SPO-17/notes", {"note": "Rang her."}, "Owen")
    for method, path, body in (
        ("post", "/v1/cases", a_case(reference="B")), ("post", "/v1/orders", an_order()),
        ("patch", "/v1/cases/SPO-17", {"team": "x"}), ("post", "/v1/cases/SPO-17/notes", {"note": "x"}),
    ):  # fmt: skip
        assert getattr(world, method)(path, body, who).status_code == 403
    read = world.get("/v1/cases/SPO-17", who)
    assert read.status_code == (200 if who == "Sam" else 403)
    if who == "Sam":
        assert (read.json()["notes"], read.json()["risk"][0]["reason"]) == (None, None)
        assert read.json()["risk"][0]["grade"] == "high"


def test_lowering_a_risk_says_who_set_it_and_why(world: World) -> None:
    """West Midlands, 2018: a risk grade lowered without asking why it had been given."""
    case = open_case(
        world, risk=[{"grade": "high", "as_written": "High", "model": "S-DASH", "version": "2009", "by": "Dana",
                      "reason": "Strangled her in May."}],
    )  # fmt: skip
    etag = {"If-Match": f'"{case["version"]}"'}
    lower = [*given(case["risk"]), {"grade": "medium"}]
    refused = world.patch("/v1/cases/SPO-17", {"risk": lower}, **etag)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["at"], error["code"]) == (422, "risk[1].reason", "reason_wanted")
    assert "Dana graded high" in error["detail"]
    assert "Strangled" not in refused.text
    lower[1]["reason"] = "He is in prison."
    done = world.patch("/v1/cases/SPO-17", {"risk": lower}, **etag)
    assert done.status_code == 200, done.text
    lowered = done.json()["risk"][1]["lowers"]
    assert (lowered["grade"], lowered["by"], lowered["reason"]) == ("high", "Dana", "Strangled her in May.")


def test_a_case_is_sent_back_as_it_was_read(world: World) -> None:
    case = open_case(world, risk=[{"grade": "high", "by": "Dana"}], people=PEOPLE)
    both = {"risk": [*case["risk"], {"grade": "high", "by": "Owen"}], "people": case["people"]}
    done = world.patch("/v1/cases/SPO-17", both, **{"If-Match": '"1"'})
    assert done.status_code == 200, done.text
    assert len(done.json()["risk"]) == 2


def given(risk: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("grade", "as_written", "model", "version", "assessed_at", "by", "reason")
    return [{name: one[name] for name in names if one[name] is not None} for one in risk]


def test_a_risk_history_is_only_added_to(world: World) -> None:
    case = open_case(world, risk=[{"grade": "high", "by": "Dana"}, {"grade": "high", "by": "Owen"}])
    etag = {"If-Match": f'"{case["version"]}"'}
    for changed in ([], given(case["risk"])[:1], [{"grade": "standard", "by": "Dana"}, *given(case["risk"])[1:]]):
        answer = world.patch("/v1/cases/SPO-17", {"risk": changed}, **etag)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "history_is_kept")


def test_a_new_address_asks_of_each_marker_and_order_whether_it_still_covers(world: World) -> None:
    case = open_case(world, people=PEOPLE)
    marker = world.place(on_phone(HERS), case="SPO-17", reference="MRK-1")
    order = record_order(world)
    moved = [PEOPLE[0] | {"addresses": [{"text": "4 High Street, Leeds", "postcode": "LS1 1AA"}]}]
    answer = world.patch("/v1/cases/SPO-17", {"people": moved}, **{"If-Match": f'"{case["version"]}"'})
    assert answer.status_code == 200, answer.text
    asked = [one for one in reviews(world) if one["kind"] == "still_covers"]
    assert {next(iter(one["about"].values())) for one in asked} == {marker["id"], order["id"]}
    assert all("Leeds" not in one["said"] for one in asked)
    version = answer.json()["version"]
    same = world.patch("/v1/cases/SPO-17", {"people": moved}, **{"If-Match": f'"{version}"'})
    assert same.status_code == 200
    assert len([one for one in reviews(world) if one["kind"] == "still_covers"]) == 2, "nothing changed"


def test_two_people_amending_one_case(world: World) -> None:
    open_case(world)
    assert world.patch("/v1/cases/SPO-17", {"team": "a"}).status_code == 428
    assert world.patch("/v1/cases/SPO-17", {"team": "a"}, **{"If-Match": '"1"'}).status_code == 200
    late = world.patch("/v1/cases/SPO-17", {"team": "b"}, **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["version"]) == (412, 2)


def test_listed_with_pages_and_filters(world: World) -> None:
    for number in range(3):
        open_case(world, reference=f"C-{number}", officer="Owen" if number else "Noor")
    first = world.get("/v1/cases", "Owen", limit=2).json()
    rest = world.get("/v1/cases", "Owen", limit=2, cursor=first["next_cursor"]).json()
    assert [one["reference"] for one in (*first["items"], *rest["items"])] == ["C-0", "C-1", "C-2"]
    assert rest["next_cursor"] is None
    assert [one["reference"] for one in world.get("/v1/cases", "Owen", officer="Noor").json()["items"]] == ["C-0"]
    record_order(world, case="C-1")
    assert [one["reference"] for one in world.get("/v1/orders", "Owen", case="C-1").json()["items"]] == ["ORD-2026-17"]
    assert world.get("/v1/orders", "Owen", case="none").json()["items"] == []
    assert world.get("/v1/reviews", "Owen", **{"for": "nobody"}).json()["items"] == []


def test_one_alert_however_many_markers_of_the_case_fire_the_strongest_first(world: World) -> None:
    world.place(on_phone(HERS), case="SPO-17", instruction="Ring the officer.")
    world.place({"address": {"text": "2 High Street, Leeds", "postcode": "LS1 1AA"}}, case="SPO-17")
    world.happen(
        **from_number(HERS), locations=[{"role": "incident", "address": "3 High Street, Leeds", "postcode": "LS1 1AA"}]
    )
    alert = world.alert()
    assert alert["matches"][0]["level"] == "exact_number"


def test_a_force_where_she_is_now_is_told_too(world: World) -> None:
    """Joanna Michael, 2009 and 2020: each of two forces said that breaches were the other's."""
    world.grant("Mersey", "handler", force="elsewhere")
    open_case(world, present_force="elsewhere")
    record_order(world)
    world.place(on_phone(HERS), case="SPO-17")
    world.happen(**from_number(HERS))
    [own], [there] = world.queue(), world.queue("Mersey")
    assert (own["case"], there["case"]) == ("SPO-17", "SPO-17")
    assert there["orders"][0]["reference"] == "ORD-2026-17"


def test_a_number_that_cannot_be_understood_is_named_and_nothing_is_stored(world: World) -> None:
    bad = world.post("/v1/cases", a_case(people=[{"role": "victim", "phones": [{"number": "12"}]}]), "Owen")
    assert (bad.status_code, bad.json()["errors"][0]["at"]) == (422, "people[0].phones[0].number")
    assert world.get("/v1/cases", "Owen").json()["items"] == []


def test_a_circles_case_is_completed_in_its_circle_and_what_its_people_open_there_stays_there(world: World) -> None:
    world.place(as_="Noor", sensitivity="covert", queue=CIRCLE, case="CV-1")
    whole = {"officer": "Noor", "deputy": "Kit", "team": "pp"}
    done = world.post("/v1/cases", {"reference": "CV-1", "queue": CIRCLE} | whole, "Noor")
    assert (done.status_code, done.json()["is_complete"]) == (201, True)
    assert world.post("/v1/cases", {"reference": "CV-2", "queue": CIRCLE} | whole, "Noor").status_code == 201
    for reference in ("CV-1", "CV-2"):
        assert world.get(f"/v1/cases/{reference}", "Owen").status_code == 404
        assert world.get(f"/v1/cases/{reference}", "Noor").status_code == 200
    assert world.get("/v1/cases", "Sam").json()["items"] == []
    assert world.post("/v1/cases", {"reference": "CV-1"} | whole, "Owen").status_code == 201, "its name is free outside"
    assert world.post("/v1/cases", {"reference": "SPO-9"} | whole, "Noor").status_code == 201
    assert world.get("/v1/cases/SPO-9", "Owen").status_code == 200, "what is no circle's is everybody's"
