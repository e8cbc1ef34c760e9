"""`heed markers` and `heed user`, as a person at the command line uses them."""

import csv
import json
import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from access.models import Entry, User
from access.verify import verify
from db.session import Database
from markers.models import Marker
from tests import warm
from tests.builders import KEYS
from tests.process import HEED, environment, settings_of
from tests.web.test_imports import a_file, a_row

Heed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def engines(request: pytest.FixtureRequest) -> Any:
    """SQLite alone where a command is about files and words: each is a process, and takes its second."""
    wanted = getattr(request, "param", "sqlite")
    return request.getfixturevalue("postgres_server" if wanted == "postgres" else "sqlite_files")


on_both_engines = pytest.mark.parametrize("engines", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def heed(url: str, tmp_path: Path) -> Heed:
    """The command over a migrated database of the test's own."""
    settings = settings_of(url, COLUMNS="200")

    def run(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        return warm.run(words, tmp_path, environment(tmp_path, **settings), given)

    return run


def stored(db: Database, model: Any) -> list[Any]:
    with db.reading() as session:
        rows = list(session.scalars(select(model)))
        session.expunge_all()
    return rows


@on_both_engines
def test_markers_are_brought_in_and_refused_rows_can_be_mended_and_brought_in_again(
    heed: Heed, db: Database, tmp_path: Path
) -> None:
    rows = [a_row("M-1"), a_row("M-2", risk="huge"), a_row("M-3", phones="+44 7700 900124")]
    (tmp_path / "in.csv").write_bytes(a_file(*rows))
    first = heed("markers", "import", "in.csv")
    assert first.returncode == 1, first.stderr
    assert "done: 2 placed · 1 refused" in first.stdout
    assert re.search(r"3\s*│ risk: one of these is wanted: standard, medium or high", first.stdout)
    refused = tmp_path / "in.refused.csv"
    assert refused.stat().st_mode & 0o077 == 0
    [row] = csv.DictReader(refused.read_text().splitlines())
    assert (row["reference"], row["line"], row["reason"]) == (
        "M-2", "3", "risk: one of these is wanted: standard, medium or high",
    )  # fmt: skip
    refused.write_text(refused.read_text().replace("huge", "high"))
    again = heed("markers", "import", "in.refused.csv")
    assert (again.returncode, again.stdout) == (0, "done: 1 placed\n")
    assert heed("markers", "import", "in.csv", "--refused", "other.csv").stdout.splitlines()[-1] == (
        "done: 2 unchanged · 1 refused"
    )
    assert (tmp_path / "other.csv").exists()
    assert {marker.reference for marker in stored(db, Marker)} == {"M-1", "M-2", "M-3"}
    with db.reading() as session:
        assert verify(session).is_intact
        assert verify(session).pending == 0


def test_nothing_is_done_with_a_file_that_can_not_be_read_whole(heed: Heed, db: Database, tmp_path: Path) -> None:
    (tmp_path / "header.csv").write_text("name,number\nx,07700 900123\n")
    told = heed("markers", "import", "header.csv")
    assert told.returncode == 2
    assert "expected, in any order: reference,category,subject_role" in told.stderr
    latin = a_file(a_row(), a_row("M-2", instruction="Café")).decode().encode("cp1252")
    (tmp_path / "latin.csv").write_bytes(latin)
    told = heed("markers", "import", "latin.csv")
    assert (told.returncode, "not UTF-8" in told.stderr, "cp1252" in told.stderr) == (2, True, True)
    assert heed("markers", "import", "none.csv").returncode == 2
    assert heed("markers", "import", "latin.csv", "--officer", "Nobody").returncode == 2
    assert stored(db, Marker) == []
    assert heed("markers", "import", "latin.csv", "--encoding", "cp1252").returncode == 0
    assert {marker.reference for marker in stored(db, Marker)} == {"M-1", "M-2"}


def test_what_was_refused_is_written_down_whole_and_stays_refused_until_it_is_mended(
    heed: Heed, db: Database, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text(
        "reference,category,risk,phones,instruction\n"
        "D1,stalking,high,07700 900041,Treat as urgent, never ring this number back\n"
        'D2,stalking,high,07700 900042,"Treat" urgent\n'
        "D3,stalking,high\n"
    )
    assert heed("markers", "import", "in.csv").returncode == 1
    written = (tmp_path / "in.refused.csv").read_text()
    assert " never ring this number back" in written
    assert '"D2,stalking,high,07700 900042,""Treat"" urgent"' in written
    again = heed("markers", "import", "in.refused.csv")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (1, "done: 3 refused")
    assert stored(db, Marker) == []
    lines = written.splitlines()
    lines[1] = '"D1","stalking","high","07700 900041","Treat as urgent, never ring this number back","2",""'
    (tmp_path / "mended.csv").write_text("\n".join(lines))
    assert heed("markers", "import", "mended.csv").stdout.splitlines()[-1] == "done: 1 placed · 2 refused"


def test_refused_rows_are_written_over_nothing(heed: Heed, db: Database, tmp_path: Path) -> None:
    """Neither over the file that is read, nor over rows that somebody has mended."""
    (tmp_path / "in.csv").write_bytes(a_file(a_row("M-1", risk="huge")))
    before = (tmp_path / "in.csv").read_bytes()
    for name in ("in.csv", "nowhere/x.csv"):
        told = heed("markers", "import", "in.csv", "--refused", name, "--dry-run")
        assert told.returncode == 2, told.stderr
    assert (tmp_path / "in.csv").read_bytes() == before
    assert heed("markers", "import", "in.csv").returncode == 1
    (tmp_path / "in.refused.csv").write_text("mended by hand")
    told = heed("markers", "import", "in.csv", "--dry-run")
    assert "Mend them in in.refused.2.csv" in told.stdout
    assert (tmp_path / "in.refused.csv").read_text() == "mended by hand"
    assert stored(db, Marker) == []


def test_a_dry_run_keeps_nothing_and_exits_as_the_run_would(heed: Heed, db: Database, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(a_file(a_row("M-1"), a_row("M-2", risk="huge")))
    told = heed("markers", "import", "in.csv", "--dry-run")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (1, "dry run, nothing was kept: 1 placed · 1 refused")
    assert stored(db, Marker) == []


def test_a_forces_own_category_names_are_mapped_and_kept_beside_ours(heed: Heed, db: Database, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("as_written,category\nDV Flag,domestic_abuse\n")
    (tmp_path / "in.csv").write_bytes(a_file(a_row("M-1", category="dv flag"), a_row("M-2")))
    assert heed("markers", "import", "in.csv", "--categories", "names.csv").returncode == 0
    found = {marker.reference: (marker.category, marker.category_as_written) for marker in stored(db, Marker)}
    assert found == {"M-1": ("domestic_abuse", "dv flag"), "M-2": ("stalking", None)}
    again = heed("markers", "import", "in.csv", "--categories", "names.csv")
    assert again.stdout == "done: 2 unchanged\n"
    (tmp_path / "names.csv").write_bytes("Café,stalking".encode("latin-1"))
    told = heed("markers", "import", "in.csv", "--categories", "names.csv")
    assert (told.returncode, "names.csv is not UTF-8" in told.stderr) == (2, True)
    (tmp_path / "names.csv").write_text("DV Flag;domestic_abuse\n")
    assert heed("markers", "import", "in.csv", "--categories", "names.csv").returncode == 2


@on_both_engines
def test_what_is_written_out_is_recorded_as_disclosed_and_can_be_brought_in_again(
    heed: Heed, db: Database, tmp_path: Path
) -> None:
    rows = [a_row("M-1", instruction="=HYPERLINK()"), a_row("M-2", phones="+44 7700 900124")]
    (tmp_path / "in.csv").write_bytes(a_file(*rows))
    heed("markers", "import", "in.csv")
    (tmp_path / "out.csv").touch(mode=0o644)
    written = heed("markers", "export", "out.csv")
    assert (written.returncode, written.stdout) == (0, "")
    assert "written: 2 markers" in written.stderr
    text = (tmp_path / "out.csv").read_text()
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0
    assert """"'=HYPERLINK()""" in text
    assert """"'+44 7700 900124""" in text
    assert heed("markers", "export").stdout == text.replace("\r", "")
    [entry] = [entry for entry in stored(db, Entry) if entry.action == "export_markers"][:1]
    assert (entry.operation, entry.outcome, entry.objects.count("marker")) == ("disclosure", "shown", 2)
    assert heed("markers", "import", "out.csv").stdout == "done: 2 unchanged\n"


def test_an_officer_who_is_known_here_places_them(heed: Heed, db: Database, tmp_path: Path) -> None:
    assert heed("user", "create", "--role", "officer", "--name", "Owen", "--password-stdin",
                given="a long enough secret\n").returncode == 0  # fmt: skip
    (tmp_path / "in.csv").write_bytes(a_file(a_row("M-1")))
    assert heed("markers", "import", "in.csv", "--officer", "Owen").returncode == 0
    [marker] = stored(db, Marker)
    assert marker.placed_by == "Owen"


def test_a_progress_bar_is_shown_where_somebody_looks(heed: Heed, tmp_path: Path, url: str) -> None:
    (tmp_path / "in.csv").write_bytes(a_file(*(a_row(f"M-{n}", phones=f"07700 900{n:03}") for n in range(200))))
    sealing, digest = KEYS.written()
    settings = {"HEED_DATABASE_URL": url, "HEED_SEALING_KEYS": sealing, "HEED_DIGEST_KEY": digest, "TERM": "xterm"}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*HEED, "markers", "import", "in.csv"], cwd=tmp_path, env=environment(tmp_path, **settings),
        stdout=subprocess.PIPE, stderr=theirs, text=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 4096):
            shown += data
    except OSError:
        pass  # the terminal was closed: the command has ended
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert out == "done: 200 placed\n"
    assert b"bringing markers in" in shown
    assert b"200 placed" in shown


# People


@on_both_engines
def test_people_are_made_listed_and_disabled_and_their_password_is_kept_as_a_hash(heed: Heed, db: Database) -> None:
    made = heed("user", "create", "--role", "handler", "--name", "Priya", "--desk", "dispatch", "--password-stdin",
                given="correct horse battery\n")  # fmt: skip
    assert (made.returncode, made.stdout) == (0, "created: Priya\n")
    [user] = stored(db, User)
    assert user.password_hash.startswith("$argon2id$")
    assert PasswordHasher().verify(user.password_hash, "correct horse battery")
    again = heed("user", "create", "--role", "handler", "--name", "Priya", "--password-stdin", given="x" * 20)
    assert (again.returncode, again.stdout) == (1, "")
    listed = heed("user", "list").stdout
    assert re.search(r"Priya\s*│ handler.*dispatch.*enabled", listed)
    assert "argon2" not in listed
    changed = heed("user", "password", "Priya", "--password-stdin", given="three more words here\n")
    assert (changed.returncode, changed.stdout) == (0, "changed: Priya\n")
    [user] = stored(db, User)
    assert PasswordHasher().verify(user.password_hash, "three more words here")
    assert heed("user", "password", "Priya", "--password-stdin", given="short\n").returncode == 2
    assert heed("user", "password", "Nobody", "--password-stdin", given="x" * 20).returncode == 1
    assert heed("user", "disable", "Priya").stdout == "disabled: Priya\n"
    assert heed("user", "disable", "Priya").returncode == 1
    assert "disabled" in heed("user", "list").stdout
    assert heed("user", "create", "--role", "officer", "--name", "Priya", "--password-stdin",
                given="x" * 20).returncode == 0  # fmt: skip
    assert [entry.action for entry in sorted(stored(db, Entry), key=lambda entry: entry.at)] == [
        "create_user", "change_password", "disable_user", "create_user",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "password", "told"),
    [
        (["--role", "handler", "--name", "Priya"], "short", "12 to 128 characters"),
        (["--role", "handler", "--name", "Priya"], "priya-priya-1", "own name"),
        (["--role", "integration", "--name", "Tess"], "x" * 20, "no person"),
        (["--role", "handler", "--name", "\t"], "x" * 20, "printable"),
        (["--role", "handler", "--name", "Heed"], "x" * 20, "the service itself"),
        (["--role", "handler", "--name", "root (command)"], "x" * 20, "the service itself"),
    ],
)
def test_what_is_no_person_and_no_password_is_refused(
    heed: Heed, db: Database, words: list[str], password: str, told: str
) -> None:
    answer = heed("user", "create", *words, "--password-stdin", given=f"{password}\n")
    assert answer.returncode == 2
    assert told in answer.stderr
    assert password not in answer.stderr
    assert stored(db, User) == []


def test_the_report_and_the_reviews_are_shown_with_what_they_mean(heed: Heed, tmp_path: Path) -> None:
    rows = a_row(review_due="2026-01-01T00:00:00Z"), a_row("M-2")
    (tmp_path / "in.csv").write_bytes(a_file(*rows))
    assert heed("markers", "import", "in.csv").returncode == 0
    shown = heed("markers", "report")
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"held\s*│\s*2\s*│\s*markers that are active, scheduled or suspended", shown.stdout)
    told = json.loads(heed("markers", "report", "--json").stdout)
    assert set(told) == {"definitions", "counts", "share_at_the_top", "series"}
    assert {one["number"] for one in told["counts"] if one["of"] == "overdue"} == {1}
    listed = heed("review")
    assert (listed.returncode, listed.stdout.splitlines()[-1]) == (0, "0 to be looked at")
    assert heed("review", "--kind", "nothing").returncode == 2
