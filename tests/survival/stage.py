"""What every survival test begins with: a database, its cast, a record, services over it, and the end's questions."""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from db.session import Database
from tests.builders import KEYS, on_phone
from tests.process import HEED, Service, settings_of
from tests.survival.checker import Rows, check
from tests.survival.clients import MARKED, Load
from tests.survival.record import Record
from tests.survival.rows import read_rows, verify_with_what_was_left
from tests.world import a_world

FAULTY = [sys.executable, "-m", "tests.survival.faulty"]


@dataclass
class Stage:
    """One run: its services can be killed and started again on their ports."""

    url: str
    folder: Path
    record: Record
    secrets: dict[str, str]
    db: Database
    services: list[Service] = field(default_factory=list)

    def start(self, port: int = 0, **environment: str) -> Service:
        """A service; with a `SURVIVAL_…` of its own it has that fault."""
        program = FAULTY if environment else HEED
        settings = settings_of(self.url, **environment)
        service = Service(self.folder, settings, port=port, program=program)
        self.services.append(service)
        service.wait_until_it_serves()
        return service

    def start_again(self, service: Service) -> Service:
        """A whole one in the place of one that is gone."""
        service.close()
        return self.start(service.port)

    def wait_for_more(self, chance: random.Random, least: int = 10, most: int = 60, *, seconds: float = 30) -> None:
        """Until so many more were acknowledged, and then a moment that nobody chose."""
        wanted, deadline = len(self.record.acknowledged()) + chance.randrange(least, most), time.monotonic() + seconds
        while len(self.record.acknowledged()) < wanted:
            assert time.monotonic() < deadline, "nothing was acknowledged"
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)

    def wait_until(self, true: Callable[[], bool], seconds: float = 30) -> None:
        """Until something is so."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.02)

    def settle(self, load: Load) -> None:
        """No more is sent; the screens have been shown everything."""
        load.settle(lambda: not [found for found in check(self.record, read_rows(self.db)) if found.startswith("I6")])

    def end(self) -> tuple[list[str], Rows, int]:
        """End the services as a supervisor does; what is broken, what is stored, what was adopted into the trail."""
        for service in self.services:
            if service.process.poll() is None:
                service.end()
        verdict, adopted = verify_with_what_was_left(self.db)
        rows = read_rows(self.db)
        findings = check(self.record, rows)
        if not verdict.is_intact or verdict.pending or verdict.adopted != adopted:
            findings.append(f"I9 the trail does not verify: {verdict}")
        return findings, rows, adopted


@contextmanager
def a_stage(url: str, folder: Path) -> Iterator[Stage]:
    """A run whose processes end with it, whatever happens. The cast has its tokens, and the marked numbers a marker."""
    with a_world(url) as world:
        for number in MARKED:
            world.place(on_phone(number))
    stage = Stage(url, folder, Record(folder / "record.jsonl"), world.secrets, Database(url, KEYS))
    try:
        yield stage
    finally:
        for service in stage.services:
            service.close()
        stage.db.close()
