"""Markers by the file: `POST /v1/markers/import`, and the cells that are read and written."""

import csv
import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_marker, from_number, on_address, on_circle, on_phone
from tests.scenarios.test_drill import POLYGON
from tests.world import CIRCLE, World, a_world
from web.api import imports
from web.bodies.cells import cells_of, with_apostrophe, without_apostrophe
from web.bodies.rows import COLUMNS, MORE, Header, Reading, row_of
from web.errors import BadHeader


def a_row(reference: str = "M-1", **more: str) -> dict[str, str]:
    row = {"reference": reference, "category": "stalking", "risk": "high", "instruction": "Treat as urgent."}
    return row | ({} if {"phones", "address", "uprn", "latitude"} & more.keys() else {"phones": "07700 900123"}) | more


def a_file(*rows: dict[str, str], columns: tuple[str, ...] | None = None) -> bytes:
    names = columns or tuple(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def bring(world: World, data: bytes, as_: str = "Owen", kind: str = "text/csv", **params: str) -> Any:
    headers = world.headers(as_) | {"Content-Type": kind}
    return world.client.post("/v1/markers/import", content=data, headers=headers, params=params)


def report(world: World, data: bytes, as_: str = "Owen", kind: str = "text/csv", **params: str) -> dict[str, Any]:
    answer = bring(world, data, as_, kind, **params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def counts(told: dict[str, Any]) -> tuple[int, int, int, int]:
    return told["placed"], told["amended"], told["unchanged"], told["refused"]


def markers(world: World, as_: str = "Owen") -> dict[str, dict[str, Any]]:
    return {item["reference"]: item for item in world.get("/v1/markers", as_, limit=200).json()["items"]}


@pytest.mark.parametrize("who", ["Priya", "Sam", "Tess", "Ada", "Alex"])
def test_nobody_but_officers_brings_markers_in(world: World, who: str) -> None:
    assert bring(world, a_file(a_row()), who).status_code == 403


def test_a_row_is_a_marker_with_all_that_its_columns_say_and_it_fires(world: World) -> None:
    row = a_row(
        phones="07700 900123; +44 7700 900124", address="Flat 2, 10 Bold Street, Liverpool", postcode="L1 4DS",
        uprn="38000000001", latitude="53.4", longitude="-2.98", radius_m="150", subject_role="victim", case="SPO-1",
        narrative="background", queue="pvpu", valid_from="2026-11-01", valid_until="2027-11-24",
        review_due="2027-02-24T09:00:00Z", response_call_back="never", sensitivity="restricted",
    )  # fmt: skip
    assert counts(report(world, a_file(row))) == (1, 0, 0, 0)
    [marker] = markers(world).values()
    assert marker["targets"] == [
        {"phone": {"number": "07700 900123"}},
        {"phone": {"number": "+44 7700 900124"}},
        {"address": {"text": "Flat 2, 10 Bold Street, Liverpool", "postcode": "L1 4DS", "uprn": "38000000001"}},
        {"area": {"circle": {"latitude": 53.4, "longitude": -2.98, "radius_m": 150.0}}},
    ]
    told = {name: marker[name] for name in ("subject_role", "case", "narrative", "queue", "sensitivity", "placed_by")}
    assert told == {
        "subject_role": "victim", "case": "SPO-1", "narrative": "background", "queue": "pvpu",
        "sensitivity": "restricted", "placed_by": "Owen",
    }  # fmt: skip
    assert (marker["valid_from"], marker["valid_until"]) == ("2026-11-01T00:00:00Z", "2027-11-24T23:59:59Z")
    assert marker["response"]["call_back"] == "never"
    assert world.happen(**from_number("07700 900124"))["alerts"][0]["queue"] == "pvpu"


def test_the_same_reference_again_amends_and_what_is_unchanged_is_left_alone(world: World) -> None:
    both = a_file(a_row("M-1"), a_row("M-2", phones="07700 900124"))
    assert counts(report(world, both)) == (2, 0, 0, 0)
    assert counts(report(world, both)) == (0, 0, 2, 0)
    assert [marker["version"] for marker in markers(world).values()] == [1, 1]
    changed = a_file(a_row("M-1", risk="medium"), a_row("M-2", phones="07700 900124"))
    assert counts(report(world, changed)) == (0, 1, 1, 0)
    assert (markers(world)["M-1"]["risk"], markers(world)["M-1"]["version"]) == ("medium", 2)


def test_a_reference_twice_in_one_file_is_refused_the_second_time_so_that_the_file_stays_idempotent(
    world: World,
) -> None:
    """Each run would have the second line undo the first, and the first the second."""
    bad = a_row("M-2", risk="huge")
    twice = a_file(a_row("M-1"), a_row("M-1", risk="medium"), bad, a_row("M-2"))
    for dry_run, placed, unchanged in (("true", 2, 0), ("false", 2, 0), ("false", 0, 2), ("true", 0, 2)):
        told = report(world, twice, dry_run=dry_run)
        assert counts(told) == (placed, 0, unchanged, 2)
        assert [(one["line"], one["errors"][0]["code"]) for one in told["refusals"]] == [
            (3, "reference_twice"), (4, "enum"),
        ]  # fmt: skip
    assert markers(world)["M-1"]["risk"] == "high"


def test_a_quote_that_is_never_closed_refuses_its_own_line_and_no_other(world: World) -> None:
    head = ",".join(a_row()).encode()
    lines = [
        b'M-0,stalking,high,"Treat urgent,07700 900125',
        *(f"M-{n},stalking,high,x,07700 900{n:03}".encode() for n in range(1, 31)),
    ]
    lines.insert(20, b'M-99,stalking,high,"a quoted, cell",07700 900123')
    told = report(world, b"\n".join([head, *lines, b""]))
    assert counts(told) == (31, 0, 0, 1)
    assert [one["line"] for one in told["refusals"]] == [2]
    assert markers(world)["M-99"]["instruction"] == "a quoted, cell"


def test_a_file_has_a_say_in_its_own_columns_only(world: World) -> None:
    world.place(on_phone(), on_address(), POLYGON, reference="M-1", narrative="kept", response={"code_word": "magpie"})
    assert counts(report(world, a_file(a_row("M-1", phones="07700 900199", response_grade="immediate")))) == (
        0,
        1,
        0,
        0,
    )
    marker = markers(world)["M-1"]
    assert [next(iter(target)) for target in marker["targets"]] == ["phone", "address", "area"]
    assert marker["targets"][0] == {"phone": {"number": "07700 900199"}}
    assert (marker["narrative"], marker["response"]["code_word"], marker["response"]["grade"]) == (
        "kept", "magpie", "immediate",
    )  # fmt: skip
    assert counts(report(world, a_file(a_row("M-1", phones="07700 900199", narrative="")))) == (0, 1, 0, 0)
    assert markers(world)["M-1"]["narrative"] is None


BAD = [
    (a_row("M-1", risk="huge"), "risk"),
    (a_row("M-1", phones="not a number"), "phones"),
    (a_row("M-1", address="New House, Ely"), "address"),
    (a_row("M-1", latitude="53.4"), "longitude"),
    (a_row("M-1", latitude="53.4", longitude="-2.98"), "radius_m"),
    (a_row("M-1", latitude="north", longitude="-2.98", radius_m="10"), "latitude"),
    (a_row("M-1", latitude="53.4", longitude="-2.98", radius_m="0"), "radius_m"),
    (a_row("M-1", valid_until="2020-01-01"), "valid_until"),
    (a_row("M-1", valid_until="soon"), "valid_until"),
    (a_row("M-1", phones=""), "phones"),
    (a_row(""), "reference"),
    (a_row("M-1", instruction=" "), "instruction"),
    (a_row("M-1", sensitivity="covert"), "queue"),
    (a_row("M-1", sensitivity="covert", queue=CIRCLE), "queue"),
    (a_row("M-1", status="withdrawn"), "status"),
    (a_row("M-1", more_targets="{"), "more_targets"),
    (a_row("M-1", more_targets='[{"phone": {"number": "x"}}]'), "more_targets"),
    (a_row("M-1", response_call_back="later"), "response_call_back"),
]


@pytest.mark.parametrize(("row", "column"), BAD, ids=[f"{number} {column}" for number, (_, column) in enumerate(BAD)])
def test_a_refused_row_is_named_by_line_and_column_and_the_others_are_kept(
    world: World, row: dict[str, str], column: str
) -> None:
    columns = tuple(dict.fromkeys([*a_row(), *row]))
    good = [a_row(f"G-{number}", phones=f"07700 90020{number}") for number in range(3)]
    told = report(world, a_file(good[0], good[1], row, good[2], columns=columns))
    assert counts(told) == (3, 0, 0, 1)
    [refused] = told["refusals"]
    assert refused["line"] == 4
    assert refused["errors"][0]["at"] == column, refused
    assert set(markers(world)) == {"G-0", "G-1", "G-2"}


def test_every_bad_row_of_a_large_file_is_found(world: World) -> None:
    rows = [a_row(f"M-{n}", phones=f"07700 900{n:03}") for n in range(100)]
    for number in (3, 4, 50, 99):
        rows[number] |= {"phones": "", "address": "New House, Ely"}
    told = report(world, a_file(*rows, columns=(*a_row(), "address")))
    assert counts(told) == (96, 0, 0, 4)
    assert [refused["line"] for refused in told["refusals"]] == [5, 6, 52, 101]


def test_lines_that_are_no_csv_or_have_too_few_cells_are_told_and_the_next_ones_read(world: World) -> None:
    head = ",".join(a_row()).encode()
    good = b"M-1,stalking,high,x,07700 900123"
    told = report(world, b"\xef\xbb\xbf" + b"\r\n".join([head, b"M-2,stalking", b'M-3,"a"b,high,x,1', b"", good, b""]))
    assert [(one["line"], one["errors"][0]["code"]) for one in told["refusals"]] == [
        (2, "wrong_number_of_cells"), (3, "not_csv"),
    ]  # fmt: skip
    assert set(markers(world)) == {"M-1"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "invalid-header"),
        (b"name,number\nx,07700 900123\n", "invalid-header"),
        (b"reference,category,risk,instruction\n", "invalid-header"),
        (b"reference,reference,category,risk,instruction,phones\n", "invalid-header"),
        (b"07700 900123,stalking,high\n", "invalid-header"),
        (a_file(a_row(instruction="caf\xe9")).replace("é".encode(), b"\xe9"), "invalid"),
    ],
)
def test_a_file_with_another_header_or_encoding_is_refused_whole(world: World, data: bytes, code: str) -> None:
    answer = bring(world, data)
    assert (answer.status_code, answer.json()["type"]) == (422, code)
    if code == "invalid-header":
        assert ",".join(COLUMNS) in answer.json()["detail"]
    assert "900123" not in answer.text
    assert markers(world) == {}


def test_too_many_lines_and_other_content_are_refused_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.api.imports.ROWS_AT_MOST", 2)
    assert bring(world, a_file(a_row("1"), a_row("2"), a_row("3"))).status_code == 413
    assert markers(world) == {}
    assert bring(world, b"{}", kind="application/json").status_code == 415


def test_a_dry_run_tells_the_same_and_keeps_nothing_but_that_it_was_tried(world: World) -> None:
    world.place(on_phone(), reference="M-1")
    data = a_file(a_row("M-1", risk="low"), a_row("M-1", risk="medium"), a_row("M-2"))
    tried = report(world, data, dry_run="true")
    assert (tried["dry_run"], counts(tried)) == (True, (1, 1, 0, 1))
    assert set(markers(world)) == {"M-1"}
    assert markers(world)["M-1"]["version"] == 1
    done = report(world, data)
    assert counts(done) == counts(tried)
    actions = [item["action"] for item in world.get("/v1/audit", "Ada", who="Owen").json()["items"]]
    assert actions.count("try_import") == 1
    assert actions.count("import_markers") == 2


def test_ndjson_takes_markers_as_the_api_does(world: World) -> None:
    lines = [
        json.dumps(a_marker(on_phone(), on_circle(), reference="M-1", response={"call_back": "never"})), "",
        json.dumps(a_marker(POLYGON)), "{", json.dumps(a_marker(reference="M-2", risk="x")),
    ]  # fmt: skip
    told = report(world, "\n".join(lines).encode(), kind="application/x-ndjson")
    assert counts(told) == (1, 0, 0, 3)
    assert [(one["line"], one["errors"][0]["at"]) for one in told["refusals"]] == [
        (3, "reference"), (4, "body"), (5, "risk"),
    ]  # fmt: skip
    again = report(world, lines[0].encode(), kind="application/x-ndjson")
    assert counts(again) == (0, 0, 1, 0)


def test_a_row_whose_marker_does_not_stand_here_is_not_told_as_taken(world: World) -> None:
    for reference in ("M-1", "M-2"):
        marker = world.place(on_phone(), reference=reference)
        world.post(
            f"/v1/markers/{marker['id']}/{'suspend' if reference == 'M-1' else 'withdraw'}", {"reason": "x"}, "Owen"
        )
    told = report(world, a_file(a_row("M-1"), a_row("M-2"), a_row("M-3")))
    assert counts(told) == (1, 0, 0, 2)
    assert [one["errors"][0]["code"] for one in told["refusals"]] == ["suspended", "withdrawn"]


def test_a_forces_own_word_stays_beside_ours_until_the_category_is_another(world: World) -> None:
    body = a_marker(reference="M-1", category_as_written="DV Flag")
    assert world.post("/v1/markers", body, "Owen").status_code == 201
    line = {name: value for name, value in body.items() if name != "category_as_written"}
    assert counts(report(world, json.dumps(line).encode(), kind="application/x-ndjson")) == (0, 0, 1, 0)
    assert counts(report(world, json.dumps(line | {"category": "other"}).encode(), kind="application/x-ndjson")) == (
        0,
        1,
        0,
        0,
    )
    assert markers(world)["M-1"]["category_as_written"] is None


def test_the_same_file_at_once_refuses_no_good_row(url: str) -> None:
    """Whoever comes second finds that the reference stands, and leaves it alone."""
    with a_world(url) as world:
        data = a_file(*(a_row(f"M-{number}") for number in range(120)))
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(lambda _: report(world, data), range(2)))
    assert [one["refused"] for one in told] == [0, 0]
    assert sum(one["placed"] for one in told) == 120


def test_a_hidden_markers_reference_is_neither_amended_nor_told(world: World) -> None:
    hidden = world.place(on_phone(), as_="Noor", sensitivity="covert", queue=CIRCLE, reference="M-1")
    assert counts(report(world, a_file(a_row("M-1", risk="medium")))) == (1, 0, 0, 0)
    assert world.get(f"/v1/markers/{hidden['id']}", "Noor").json()["version"] == 1
    row = a_row("M-1", sensitivity="covert", queue=CIRCLE, risk="medium")
    assert counts(report(world, a_file(row), "Noor")) == (0, 1, 0, 0)
    assert world.get(f"/v1/markers/{hidden['id']}", "Noor").json()["risk"] == "medium"
    assert markers(world)["M-1"]["version"] == 1


# Cells


@given(st.text(max_size=20))
def test_no_cell_becomes_a_formula_and_each_is_read_as_it_was_written(text: str) -> None:
    written = with_apostrophe(text)
    assert without_apostrophe(written) == text
    assert not written.strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


TARGETS = [
    on_phone("07700 900123"), on_phone("+44 7700 900124"), on_phone("07700 900125; 1"), on_address(),
    on_address("1 High Street, Anytown", None), {"address": {"uprn": "38000000001"}}, on_circle(radius_m=150.0), on_circle(51.5, 0.1, 5.0),
    on_address("2 High Street", "L1 4DS", point={"latitude": 53.4, "longitude": -2.98}),
    on_address("3 High Street", "L1 4DS", point={"latitude": 53.4, "longitude": -2.98, "uncertainty_m": 5.0}), POLYGON,
]  # fmt: skip


@given(st.lists(st.sampled_from(TARGETS), min_size=1, max_size=6), st.text("=+-' \nax", min_size=1, max_size=9))
def test_what_is_written_of_a_marker_is_read_as_the_same_marker(targets: list[dict[str, Any]], narrative: str) -> None:
    body = a_marker(*targets, reference="M-1", response={"call_back": "never"}) | {"narrative": narrative}
    cells = dict.fromkeys((*COLUMNS, *MORE), "") | cells_of(body, "active")
    read = row_of(2, {name: without_apostrophe(with_apostrophe(text)) for name, text in cells.items()}, Reading())
    draft: Any = read
    given_back = [json.dumps({target.kind.value: target.given}, sort_keys=True) for target in draft.draft.targets]
    assert sorted(given_back) == sorted(json.dumps(target, sort_keys=True) for target in targets)
    assert draft.draft.narrative == (narrative if narrative.strip() else None)


def test_columns_come_in_any_order_and_case_and_those_of_a_refused_file_may_stay() -> None:
    header = Header.read(["Line", " PHONES ", "instruction", "reason", "RISK", "category", "Reference"])
    assert header.names == ("line", "phones", "instruction", "reason", "risk", "category", "reference")
    with pytest.raises(BadHeader, match="lacks reference"):
        Header.read(["phones", "instruction", "risk", "category"])


def test_files_that_are_brought_in_at_once_leave_the_rooms_threads_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two at a time; who comes third is asked to come again, and a handler is answered all the while."""
    ends, begun = threading.Event(), threading.Semaphore(0)
    plain = imports._report

    def slow(*given: Any, **named: Any) -> Any:
        begun.release()
        ends.wait(20)
        return plain(*given, **named)

    monkeypatch.setattr(imports, "_report", slow)
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(bring, world, a_file(a_row(f"M-{number}"))) for number in range(2)]
        assert begun.acquire(timeout=20)
        assert begun.acquire(timeout=20)
        third = bring(world, a_file(a_row("M-3")))
        assert (third.status_code, third.headers["retry-after"]) == (503, "1")
        assert world.get("/v1/alerts", "Priya").status_code == 200
        ends.set()
        assert [one.result(20).status_code for one in running] == [200, 200]
    assert set(markers(world)) == {"M-0", "M-1"}
