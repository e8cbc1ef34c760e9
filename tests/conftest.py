"""Fixtures that all rooms share."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.ground import stand_in_memory

stand_in_memory()

from db.engine import TimeOuts
from db.session import Database
from heed.courier import Courier
from heed.watch import Watch
from tests.browsers import arguments, chromium
from tests.builders import KEYS, FixedClock
from tests.engines import PostgresServer, SqliteFiles
from tests.world import World, a_world

hypothesis_settings.register_profile("heed", deadline=None, derandomize=True, max_examples=200)
hypothesis_settings.load_profile("heed")


HALVED = {
    "tests/web/test_odd_events.py", "tests/web/test_openapi.py", "tests/survival/test_parts.py",
    "tests/survival/test_places.py", "tests/survival/test_kills.py", "tests/web/test_markers.py",
    "tests/web/test_imports.py", "tests/web/test_lookups.py", "tests/web/test_audit.py",
    "tests/web/console/test_sessions.py", "tests/web/test_cases.py", "tests/scenarios/test_real_cases.py",
    "tests/scenarios/test_twenty_conditions.py", "tests/scenarios/test_patterns.py", "tests/scenarios/test_orders.py",
    "tests/scenarios/test_cases.py", "tests/scenarios/test_provisional.py", "tests/scenarios/test_sources.py",
    "tests/scenarios/test_hand_over.py", "tests/scenarios/test_second_person.py", "tests/scenarios/test_reviews.py",
    "tests/scenarios/test_false_matches.py", "tests/scenarios/test_desks.py", "tests/scenarios/test_raised_again.py",
    "tests/scenarios/test_together.py", "tests/scenarios/test_retention.py", "tests/scenarios/test_minding.py",
    "tests/web/console/test_hand_over.py", "tests/scenarios/test_partners.py",
    "tests/scenarios/test_twenty_two.py", "tests/scenarios/test_a_year.py", "tests/scenarios/test_a_day.py",
    "tests/web/test_events.py", "tests/web/test_alerts.py", "tests/scenarios/test_gazetteer.py",
    "tests/scenarios/test_joining.py", "tests/scenarios/test_looking_back.py",
    "tests/scenarios/test_what_has_gone_wrong.py", "tests/web/console/test_pages.py",
    "tests/scenarios/test_what_is_marked.py", "tests/web/console/test_work.py", "tests/web/console/test_register.py",
    "tests/web/console/test_amend.py", "tests/web/test_event_batch.py", "tests/web/test_stream.py",
    "tests/scenarios/test_drill.py", "tests/web/console/test_cases.py", "tests/web/console/test_targets.py",
    "tests/web/console/test_import.py", "tests/web/console/test_admin.py", "tests/web/console/test_waiting.py",
    "tests/docs/test_examples.py", "tests/heed/test_command.py", "tests/heed/test_bulk_commands.py",
    "tests/survival/test_outages.py", "tests/survival/test_clocks.py", "tests/scenarios/test_covert.py",
    "tests/scenarios/test_covert_joining.py", "tests/scenarios/test_no_echo.py", "tests/markers/test_listing.py",
}  # fmt: skip
"""Long tests whose every case runs on one engine in `make test`, half of them on each; `make stress` runs the others."""


QUARTERED = {"tests/web/test_odd_events.py"}
"""Of these, half of the halves."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which engine a halved case runs on goes by its name: the same always, on every machine."""
    for item in items:
        name, bracket, given = item.nodeid.partition("[")
        engine = next((engine for engine in ("sqlite", "postgres") if engine in given), None)
        if engine is None or name.partition("::")[0] not in HALVED:
            continue
        lot = crc32((name + bracket + given.replace(engine, "")).encode())
        is_left_out = name.partition("::")[0] in QUARTERED and lot % 4 > 1
        if engine != ("sqlite", "postgres")[lot % 2] or is_left_out:
            item.add_marker(pytest.mark.stress)
    # What takes seconds begins first, so that no worker is left alone with it at the end.
    items.sort(
        key=lambda item: (
            not item.nodeid.startswith(("tests/web/console/test_l", "tests/survival/", "tests/web/console/test_d"))
        )
    )


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with ExitStack() as stack:
        yield PostgresServer(stack)


@pytest.fixture(params=["sqlite", "postgres"])
def engines(request: pytest.FixtureRequest) -> Any:
    """Both engines, one after the other."""
    return request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_server")


@pytest.fixture
def url(engines: Any) -> Iterator[str]:
    """A migrated database of the test's own."""
    with engines.fresh() as fresh:
        yield fresh


@pytest.fixture(autouse=True)
def _listening_is_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its jitter draws from `random` in a thread of its own: Hypothesis, at work meanwhile, blames the strategy."""
    monkeypatch.setattr("heed.schedule.LISTEN_EVERY_S", 3600)
    monkeypatch.setattr("heed.schedule.MADE_UP_AFTER_S", 3600)


PATIENT = ("tests/web/", "tests/scenarios/", "tests/docs/", "tests/cases/")
"""Where the time-outs of the database are not what is tested: on a machine that does other things beside, a writer that
stands still for three seconds lost its transaction, and the test its first event (503, ask again).
"""


@pytest.fixture(autouse=True)
def _the_database_is_waited_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.nodeid.startswith(PATIENT):
        long = TimeOuts(statement_ms=30_000, lock_ms=20_000, idle_in_transaction_ms=30_000)
        monkeypatch.setattr("db.session.FOR_THE_WRITER", long)
        monkeypatch.setattr("db.session.FOR_REQUESTS", long)


@pytest.fixture
def no_other_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own watch does not look: where the clock jumps, it would be there before the test now and then."""

    def only_beats(self: Watch) -> None:
        while not self._stop.wait(self._every_s):
            self._beat = time.monotonic()

    monkeypatch.setattr(Watch, "_watch", only_beats)


@pytest.fixture
def no_other_courier(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's own courier carries nothing: the test says when."""

    def only_beats(self: Courier) -> None:
        while not self._stop.wait(1):
            self._beat = time.monotonic()

    monkeypatch.setattr(Courier, "_carry", only_beats)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    database = Database(url, KEYS)
    yield database
    database.close()


@pytest.fixture
def world(url: str) -> Iterator[World]:
    """The service with its cast."""
    with a_world(url) as made:
        yield made


@pytest.fixture
def make_world(url: str) -> Callable[..., AbstractContextManager[World]]:
    """The service with its cast, under settings of the test's own."""
    return partial(a_world, url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium; without one the test is skipped, and says so.

    It ends with its module: while it runs, no event loop of another test can run in this thread.
    """
    path = chromium()
    if path is None:
        pytest.skip("no Chromium was found: install one, or name it in TEST_CHROMIUM")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=arguments())
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser context of its own. It fails the test if the page's own scripts fail."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(15_000)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
