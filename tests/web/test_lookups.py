"""`POST /v1/lookups`: what is known of a number or a place."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from access.models import Entry, Term
from access.trail import object_term
from db.keyring import Use
from db.sealed import Place, unseal
from tests.builders import HER_ADDRESS, HER_NUMBER, HER_POSTCODE, KEYS, on_address, on_circle, on_phone
from tests.world import World

HERS = {"address": HER_ADDRESS, "postcode": HER_POSTCODE}


@pytest.mark.parametrize("who", ["Tess", "Ada", "Alex"])
def test_integrations_auditors_and_admins_look_nothing_up(world: World, who: str) -> None:
    assert world.post("/v1/lookups", {"nonsense": 1}, who).status_code == 403


def test_matches_stand_best_first_one_per_marker_and_target(world: World) -> None:
    world.place(on_phone(), on_address(), reference="A")
    world.place(on_address("Flat 3, 10 Bold Street, Liverpool"), reference="B")
    world.place(on_circle(), reference="C")
    body = {
        "phones": [{"number": "0044 7700 900123"}, {"number": HER_NUMBER}],
        "locations": [HERS, {"point": {"latitude": 53.4, "longitude": -2.98, "uncertainty_m": 400}}],
    }
    answer = world.post("/v1/lookups", body).json()
    assert [(match["reference"], match["level"]) for match in answer["matches"]] == [
        ("A", "exact_number"), ("A", "same_premises"), ("B", "same_building"), ("C", "may_be_inside"),
    ]  # fmt: skip
    assert answer["understood"] == [
        {"at": "phones[0]", "as": "07700 900123"},
        {"at": "phones[1]", "as": "07700 900123"},
        {"at": "locations[0]", "as": "flat 2, 10 Bold Street, Liverpool, L1 4DS"},
        {"at": "locations[1]", "as": "latitude 53.40000, longitude -2.98000, give or take 400 m"},
    ]
    fields = {"marker", "reference", "level", "score", "category", "risk", "instruction", "evidence"}
    assert all(fields <= set(match) and 0 <= match["score"] <= 1 for match in answer["matches"])


def test_what_is_not_understood_is_named(world: World) -> None:
    answer = world.post("/v1/lookups", {"phones": [{"number": "SENTINEL"}], "locations": [{"postcode": "SENTINEL"}]})
    assert answer.status_code == 200
    assert [problem["at"] for problem in answer.json()["problems"]] == ["phones[0].number", "locations[0].postcode"]
    assert "SENTINEL" not in answer.text


def test_evidence_shows_nothing_of_targets_that_are_not_for_the_reader(world: World) -> None:
    plate = {"identifier": {"kind": "vehicle", "value": "SO10 OOI"}}
    world.place(on_address("Flat 7, 10 Secret Street, Liverpool"), plate, sensitivity="restricted")
    body = {
        "locations": [{"address": "10 Secret Street, Liverpool", "postcode": HER_POSTCODE}],
        "identifiers": [{"kind": "vehicle", "value": "S0IO 00I"}],
    }
    told = world.post("/v1/lookups", body).json()["matches"]
    assert [(match["level"], match["evidence"]) for match in told] == [
        ("same_building", ["the building is marked, or another part of it"]),
        ("possible", ["what is marked may be meant: it is not certain"]),
    ]
    assert "flat 7" in world.post("/v1/lookups", body, "Owen").text


def test_at_most_50_matches_are_told(world: World) -> None:
    for _ in range(53):
        world.place(on_phone())
    assert len(world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}).json()["matches"]) == 50


@pytest.mark.parametrize(("who", "instruction"), [("Priya", None), ("Sam", None), ("Owen", "Treat as urgent.")])
def test_a_restricted_instruction_is_null_but_for_officers(world: World, who: str, instruction: str | None) -> None:
    world.place(on_phone(), sensitivity="restricted")
    [match] = world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}, who).json()["matches"]
    assert match["instruction"] == instruction


def test_only_markers_that_would_fire_now_are_found(world: World) -> None:
    world.place(on_phone(), valid_from="2026-12-01T00:00:00Z")
    suspended = world.place(on_phone())
    world.post(f"/v1/markers/{suspended['id']}/suspend", {"reason": "x"}, "Owen")
    assert world.post("/v1/lookups", {"phones": [{"number": HER_NUMBER}]}).json()["matches"] == []


def test_a_lookup_is_a_consultation_with_its_reason_and_terms_sealed(world: World) -> None:
    marker = world.place(on_phone())
    body = {"phones": [{"number": "+44 7700 900123"}], "reason": "caller on the line", "incident": "MP-77"}
    world.post("/v1/lookups", body)
    with world.db.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.action == "look_up")).one()
        digests = set(session.scalars(select(Term.digest).where(Term.entry_id == entry.id)))
    assert (entry.who, entry.operation, entry.audience) == ("Priya", "consultation", "open")
    assert json.loads(entry.objects) == [["marker", marker["id"], marker["version"]]]
    assert entry.reason_sealed is not None
    assert b"caller on the line" not in entry.reason_sealed
    assert entry.in_hand_sealed is not None
    assert unseal(KEYS, Place("trail_entries", "in_hand", str(entry.id)), entry.in_hand_sealed) == "MP-77"
    spoken_of = ("tel:+447700900123", object_term(marker["id"]))
    assert digests == {KEYS.digest_of(Use.TRAIL_TERM, text) for text in spoken_of}


def test_what_could_not_be_read_is_kept_as_what_was_asked_for_too(world: World) -> None:
    body = {
        "phones": [{"number": "0770O 9001"}],
        "locations": [{"address": "?? Nowhere"}],
        "identifiers": [{"kind": "account", "value": "Nobody"}],
    }
    answer = world.post("/v1/lookups", body).json()
    assert [(p["at"], p["code"]) for p in answer["problems"]][-1] == ("identifiers[0].value", "account_not_understood")
    with world.db.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.action == "look_up")).one()
    assert entry.terms_sealed is not None
    assert json.loads(unseal(KEYS, Place("trail_entries", "terms", str(entry.id)), entry.terms_sealed)) == [
        "0770o 9001",
        "?? nowhere",
        "nobody",
    ]


@pytest.mark.parametrize(
    ("body", "at"),
    [({"phones": [{"number": 5}]}, "phones[0].number"), ({"phones": [{}] * 21}, "phones"), ({"SENTINEL": 1}, "body"),
     ({"locations": [{"point": {"latitude": 1}}]}, "locations[0].point.longitude"), ({"reason": "SENTINEL\x00"}, "reason"),
     ({"locations": [{"address": "x" * 5000}]}, "locations[0].address")],
)  # fmt: skip
def test_a_bad_body_names_its_part(world: World, body: dict[str, Any], at: str) -> None:
    answer = world.post("/v1/lookups", body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, at)
    assert "SENTINEL" not in answer.text


def test_a_lookup_of_nothing_finds_nothing(world: World) -> None:
    assert world.post("/v1/lookups", {}).json() == {"matches": [], "understood": [], "problems": []}
