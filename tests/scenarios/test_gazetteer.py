"""With a gazetteer loaded, an address has a property reference, a building and a place; without one all works as before."""

from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import func, select

from markers.models import ReferenceAddress, ReferenceKey, Target
from tests.builders import at_address, at_point, on_address, on_circle, on_phone
from tests.process import heed, settings_of
from tests.web.console.screen import at_screen, words_of
from tests.world import World

ROWS = """uprn,parent_uprn,address,postcode,latitude,longitude
100,,"10 BOLD STREET, LIVERPOOL",L1 4DS,53.4030,-2.9800
101,100,"FLAT 1, 10 BOLD STREET, LIVERPOOL",L1 4DS,53.4030,-2.9800
102,100,"FLAT 2, 10 BOLD STREET, LIVERPOOL",L1 4DS,53.4030,-2.9800
103,100,"THE COACH HOUSE, 10 BOLD STREET, LIVERPOOL",L1 4DS,53.4032,-2.9800
200,,"12 BOLD STREET, LIVERPOOL",L1 4DS,53.4031,-2.9801
300,,"ROSE COTTAGE, CHURCH LANE, LITTLE SNORING, FAKENHAM",NR21 0AA,52.8500,0.9000
400,,"10 BOLD STREET, WIGAN",WN1 1AA,53.5450,-2.6320
"""
CORE = """UPRN,PARENT_UPRN,UDPRN,USRN,TOID,CLASSIFICATION_CODE,EASTING,NORTHING,LATITUDE,LONGITUDE,RPC,LAST_UPDATE_DATE,SINGLE_LINE_ADDRESS,PO_BOX,ORGANISATION,SUB_BUILDING,BUILDING_NAME,BUILDING_NUMBER,STREET_NAME,LOCALITY,TOWN_NAME,POST_TOWN,ISLAND,POSTCODE,DELIVERY_POINT_SUFFIX,GSS_CODE,CHANGE_CODE
500,,1,2,osgb1,RD,334000,390000,53.4026774,-2.9941652,1,2026-01-01,"1, HOPE STREET, LIVERPOOL, L1 9BX",,,,,1,HOPE STREET,,LIVERPOOL,LIVERPOOL,,L1 9BX,1A,E08000012,I
501,,1,2,osgb1,RD,334000,390000,,,1,2026-01-01,,,,FLAT 3,,3,HOPE STREET,,LIVERPOOL,LIVERPOOL,,L1 9BX,1A,E08000012,I
502,,1,2,osgb1,RD,334000,390000,,,1,2026-01-01,,,,,,5,HOPE STREET,,LIVERPOOL,LIVERPOOL,,L1 9BX,1A,E08000012,D
"""


def load(world: World, tmp_path: Path, text: str = ROWS, *words: str) -> CompletedProcess[str]:
    (tmp_path / "gazetteer.csv").write_text(text, encoding="utf-8")
    return heed(tmp_path, "gazetteer", "import", "gazetteer.csv", *words, **settings_of(world.url, COLUMNS="200"))


def loaded(world: World, tmp_path: Path, text: str = ROWS, *words: str) -> None:
    done = load(world, tmp_path, text, *words)
    assert done.returncode == 0, done.stderr + done.stdout


def levels(world: World) -> list[str]:
    return [match["level"] for alert in world.queue() for match in alert["matches"]]


def resolve_all(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.queue()
    for alert in found:
        body = {"outcome": "advice_given", "note": "a test"}
        assert world.move(alert["id"], "acknowledge").status_code == 200
        assert world.move(alert["id"], "resolve", body).status_code == 200
    return found


def by_reference(uprn: str) -> dict[str, Any]:
    return {"locations": [{"role": "incident", "uprn": uprn}]}


def test_an_alert_tells_how_far_the_callers_address_is_from_what_is_marked(world: World, tmp_path: Path) -> None:
    loaded(world, tmp_path)
    world.place(on_phone(), {"address": {"uprn": "400"}}, case="SPO-1")
    phones = [{"number": "07700 900123", "role": "caller"}]
    world.happen(phones=phones, **at_address("10 Bold Street, Liverpool", "L1 4DS", role="caller"))
    said = words_of(at_screen(world).get("/alerts/1"))
    assert "Caller's address 10 Bold Street, Liverpool, L1 4DS" in said
    assert "no position is known" not in said


def test_text_and_reference_find_each_other_whichever_was_marked(world: World, tmp_path: Path) -> None:
    loaded(world, tmp_path)
    world.place({"address": {"uprn": "102"}})
    world.happen(**at_address("Flat 2, 10 Bold Street, Liverpool", None))
    [match] = resolve_all(world)[0]["matches"]
    assert match["level"] == "same_premises"
    assert match["evidence"][0] == "in the gazetteer both are one property (they have one UPRN)"
    assert match["evidence"][-1] == "read as the gazetteer writes it"
    world.place(on_address("12 Bold Street, Liverpool", None))
    world.happen(**by_reference("200"))
    assert levels(world) == ["same_premises"]


@pytest.mark.parametrize(
    ("told", "level"),
    [(by_reference("101"), "same_building"), (by_reference("100"), "same_building"), (by_reference("103"), "same_building"),
     (at_address("The Coach House, 10 Bold Street, Liverpool", None), "same_building"), (by_reference("200"), None),
     (by_reference("102"), "same_premises"), (by_reference("999"), None)],
)  # fmt: skip
def test_a_parent_reference_is_the_same_building(
    world: World, tmp_path: Path, told: dict[str, Any], level: str | None
) -> None:
    loaded(world, tmp_path)
    world.place({"address": {"uprn": "102"}})
    world.happen(**told)
    assert levels(world) == ([level] if level else [])


def test_a_point_finds_an_address_by_its_distance_and_an_address_an_area(world: World, tmp_path: Path) -> None:
    loaded(world, tmp_path)
    world.place(on_address("Rose Cottage, Church Lane, Little Snoring", "NR21 0AA"))
    world.happen(call="T-1", **at_point(52.8500, 0.9000, 10))
    assert levels(world) == ["inside"]
    # 67 m east of it: `near` raises nothing by itself, and stands on what else the call raises.
    world.happen(call="T-2", **at_point(52.8500, 0.9010))
    assert len(resolve_all(world)) == 1
    world.happen(call="T-2", type="concern", as_="Tess")
    [near] = [match for alert in resolve_all(world) for match in alert["matches"]]
    assert near["level"] == "near"
    assert near["evidence"] == ["the position is 52 m outside the marked address"]
    world.place(on_circle(53.4031, -2.9801, 50), risk="standard")
    assert (
        world.happen(abandoned=True, **at_address("12 Bold Street, Liverpool"))["alerts"][0]["priority"] == "immediate"
    )
    [inside] = world.alert()["matches"]
    assert inside["level"] == "inside"
    assert inside["evidence"][0].startswith("the address, where the gazetteer has it, is inside the marked area")


def test_the_house_next_door_is_not_marked_by_its_place(world: World, tmp_path: Path) -> None:
    """Doors of a terrace stand closer together than a position can tell."""
    loaded(world, tmp_path)
    world.place(on_address("10 Bold Street, Liverpool"))
    assert world.happen(**at_address("12 Bold Street, Liverpool"))["alerts"] == []


def test_markers_that_stood_before_are_resolved_when_a_gazetteer_is_loaded(world: World, tmp_path: Path) -> None:
    world.place(on_address("Rose Cottage, Church Lane, Little Snoring", "NR21 0AA"))
    assert world.happen(**by_reference("300"))["alerts"] == []
    loaded(world, tmp_path)
    assert len(world.happen(**by_reference("300"))["alerts"]) == 1


def test_what_could_be_two_addresses_is_resolved_to_none(world: World, tmp_path: Path) -> None:
    loaded(world, tmp_path)
    world.place({"address": {"uprn": "400"}})
    world.happen(**at_address("10 Bold Street", None))
    assert levels(world) == ["possible"]
    assert len(world.happen(**at_address("10 Bold Street, Wigan", None))["alerts"]) == 1


@pytest.mark.parametrize(
    "told",
    ["I am opposite 12 Bold Street", "12 Bold Street, next door", "Land adjacent to 12 Bold Street", "12 Bold Road, Liverpool",
     "Rear of 12 Bold Street", "Left hand flat, 12 Bold Street", "Flat One, 12 Bold Street", "12/3 Bold Street"],
)  # fmt: skip
def test_what_is_not_that_door_is_not_resolved_to_it(world: World, tmp_path: Path, told: str) -> None:
    loaded(world, tmp_path)
    world.place({"address": {"uprn": "200"}})
    world.happen(**at_address(told))
    said = [line for alert in world.queue() for match in alert["matches"] for line in match["evidence"]]
    assert not any("one property" in line for line in said)


@pytest.mark.parametrize("relation", ["opposite", "next door to", "behind"])
def test_a_place_beside_an_address_is_not_resolved_to_it(world: World, tmp_path: Path, relation: str) -> None:
    loaded(world, tmp_path)
    world.place({"address": {"uprn": "200"}})
    world.happen(**at_address(f"{relation} 12 Bold Street, Liverpool"))
    assert set(levels(world)) <= {"possible"}


def test_addressbase_core_is_read_by_its_published_columns(world: World, tmp_path: Path) -> None:
    done = load(world, tmp_path, CORE)
    assert (done.returncode, done.stdout) == (0, "done: 2 kept\n")
    with world.db.reading() as session:
        rows = {row.uprn: row for row in session.scalars(select(ReferenceAddress))}
    assert rows[501].address == "FLAT 3, 3, HOPE STREET, LIVERPOOL, LIVERPOOL"
    assert rows[501].latitude == pytest.approx(53.40268, abs=1e-4)
    world.place({"address": {"uprn": "501"}})
    assert len(world.happen(**at_address("Flat 3, 3 Hope Street, Liverpool", None))["alerts"]) == 1
    gone = load(world, tmp_path, CORE.replace(",E08000012,I", ",E08000012,D"))
    assert gone.stdout == "done: 2 removed\n"
    with world.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ReferenceKey)) == 0


def test_a_marker_by_its_reference_is_found_by_the_gazetteers_own_words_and_by_its_parts(
    world: World, tmp_path: Path
) -> None:
    more = '500,,"FLAT 3, ROSE COURT, HIGH STREET, LEEDS",LS1 2AA,53.8,-1.5\n501,,"FLAT 3, HIGH STREET, LEEDS",LS1 2AA,53.8,-1.5\n'
    loaded(world, tmp_path, ROWS + more)
    world.place({"address": {"uprn": "500"}})
    world.happen(**at_address("Flat 3, Rose Court, High Street, Leeds", "LS1 2AA"))
    assert "same_premises" in levels(world)
    resolve_all(world)
    world.place({"address": {"uprn": "200"}})
    for told, level in (("Flat 1, 12 Bold Street", "same_building"), ("next door to 12 Bold Street", "possible")):
        world.happen(**at_address(told))
        assert [match["level"] for alert in resolve_all(world) for match in alert["matches"]] == [level]


def test_a_reference_and_a_text_that_contradict_are_told(world: World, tmp_path: Path) -> None:
    loaded(world, tmp_path)
    world.place(on_address())
    world.happen(locations=[{"role": "incident", "uprn": "102", "address": "12 Bold Street", "postcode": "L1 4DS"}])
    [match] = world.alert()["matches"]
    assert (match["level"], match["evidence"]) == (
        "same_premises",
        ["in the gazetteer both are one property (they have one UPRN), though what was written of them differs"],
    )


def test_rows_that_can_not_be_used_are_named_by_line_and_the_others_kept(world: World, tmp_path: Path) -> None:
    bad = "x,,1 A Street,,,\n7,,,L1 4DS,,\n8,,2 B Street,NOWHERE,,\n9,,3 C Street,,91,0\n11,,4 D Street,,53.4,\n12,,\n"
    done = load(world, tmp_path, ROWS + bad)
    assert done.returncode == 1
    for line, at in ((9, "uprn"), (10, "address"), (11, "postcode"), (12, "latitude"), (13, "latitude"), (14, "row")):
        assert f"{line}" in done.stdout
        assert f"{at}: " in done.stdout
    assert done.stdout.endswith("done: 7 kept · 6 refused\n")


@pytest.mark.parametrize("header", ["uprn,postcode", "address,postcode", "name", "uprn,address,uprn"])
def test_a_header_that_is_none_does_nothing(world: World, tmp_path: Path, header: str) -> None:
    done = load(world, tmp_path, f"{header}\n1,2,3\n")
    assert (done.returncode, "header" in done.stderr) == (2, True)


def test_a_full_supply_takes_out_what_it_lacks_and_never_on_refused_rows(world: World, tmp_path: Path) -> None:
    loaded(world, tmp_path)
    kept = "\n".join(ROWS.splitlines()[:3]) + "\n"
    refused = load(world, tmp_path, kept + "x,,bad,,,\n", "--replace")
    assert (refused.returncode, "nothing was taken out" in refused.stderr) == (2, True)
    world.place({"address": {"uprn": "600"}})
    refused = load(world, tmp_path, kept + '600,,"6 HOPE STREET, LIVERPOOL",L1 9BX,,\nx,,bad,,,\n', "--replace")
    assert refused.returncode == 2
    # What was kept of it counts: the marker that was placed before is resolved.
    assert len(world.happen(**at_address("6 Hope Street, Liverpool", "L1 9BX"))["alerts"]) == 1
    assert load(world, tmp_path, "uprn,address,change_code\n600,,D\n").stdout == "done: 1 removed\n"
    empty = load(world, tmp_path, "uprn,address\n", "--replace")
    assert (empty.returncode, "nothing was taken out" in empty.stderr) == (2, True)
    done = load(world, tmp_path, kept, "--replace")
    assert done.stdout == "done: 2 kept · 5 removed\n"
    again = load(world, tmp_path, kept)
    assert again.stdout == "done: 2 kept\n"


def test_what_is_known_of_a_marker_is_sealed_and_a_resolver_that_fails_takes_nothing_away(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(world, tmp_path)
    world.place(on_address("12 Bold Street, Liverpool"))
    with world.db.reading() as session:
        [blob] = session.scalars(select(Target.known_sealed))
    assert blob is not None
    assert b"200" not in blob

    def broken(*_: Any) -> None:
        raise ValueError("SENTINEL")

    monkeypatch.setattr("markers.gazetteer.resolve", broken)
    assert len(world.happen(**at_address("12 Bold Street, Liverpool"))["alerts"]) == 1
