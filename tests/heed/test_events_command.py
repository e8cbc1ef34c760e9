"""`heed events unstored`: what the service failed to store can be seen, and that somebody looked is recorded."""

import json
import re
import subprocess
from pathlib import Path

from sqlalchemy import select

from access.models import Entry
from access.roles import Role
from alerts.unstored import keep_aside
from db.clock import DatabaseClock
from db.ids import new_ids
from db.session import Database
from tests.builders import GB, a_caller, an_event, from_number
from tests.process import heed, settings_of
from web.api.event_body import read_event


def test_s7_what_was_kept_aside_is_listed_named_by_doctor_and_shown_on_the_record(
    url: str, db: Database, tmp_path: Path
) -> None:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return heed(tmp_path, *words, **settings_of(url, COLUMNS="200"))

    assert "every event was stored" in run("events", "unstored").stdout
    event = read_event(an_event(**from_number()), a_caller("Tess", Role.INTEGRATION), GB)
    with db.transaction() as session:
        keep_aside(session, event, "RuntimeError", DatabaseClock().now(session), new_ids())
    listed = run("events", "unstored").stdout
    assert event.source in listed
    assert "RuntimeError" in listed
    assert event.id not in listed
    told = run("doctor")
    assert told.returncode == 1
    assert "1 could not be stored" in told.stdout
    [row_id] = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", listed)
    assert json.loads(run("events", "unstored", "--show", row_id).stdout) == json.loads(event.payload)
    with db.reading() as session:
        [entry] = session.scalars(select(Entry).where(Entry.operation == "disclosure"))
        assert (entry.action, "(command)" in (entry.who or "")) == ("show_unstored_event", True)
    missing = run("events", "unstored", "--show", str(new_ids()()))
    assert (missing.returncode, "no event of this id" in missing.stderr) == (1, True)
