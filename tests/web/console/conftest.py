"""A service behind a real socket with people who can sign in, for a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, expect

from access import people
from tests.builders import FixedClock
from tests.served import Served, a_served
from tests.web.console.browsing import OPTIONS
from tests.web.console.screen import Screen, at_screen, give_passwords_at
from tests.world import CAST, World, grant_tokens


@pytest.fixture(autouse=True)
def _passwords_are_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash costs a tenth of a second of a core: some hundred tests sign somebody in. One looks at the real cost."""
    monkeypatch.setattr(people, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    people._nobodys_hash.cache_clear()


# Patience is not what is tested: these machines do other things beside.
expect.set_options(timeout=15_000)


@pytest.fixture
def served(sqlite_files: Any) -> Iterator[Served]:
    with sqlite_files.fresh() as url:
        clock = FixedClock()
        secrets = grant_tokens(url, clock, CAST)
        give_passwords_at(url, clock, "Priya", "Sam", "Owen", "Kit", "Ada", "Alex")
        with a_served(url, secrets, clock=clock) as running:
            running.url = url  # type: ignore[attr-defined]
            yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, quiet and in the force's zone."""
    made = browser.new_context(**OPTIONS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def priya(world: World) -> Screen:
    return at_screen(world)
