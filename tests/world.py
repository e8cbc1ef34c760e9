"""A service with its cast, in one process: requests go through the application, as they would over the wire."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient

from access import tokens
from access.roles import Role
from alerts.rules.ladder import Ladder
from db.ids import new_ids
from db.session import Database
from heed.app import create_app
from heed.keys import hold_against_database
from heed.settings import plain_settings
from heed.watch import Watch
from tests.builders import KEYS, FixedClock, a_marker, an_event

CIRCLE = "protected-persons"
CAST: dict[str, tuple[Role, tuple[str, ...]]] = {
    "Priya": (Role.HANDLER, ()),
    "Owen": (Role.OFFICER, ()),
    "Sam": (Role.SUPERVISOR, ()),
    "Tess": (Role.INTEGRATION, ()),
    "Ada": (Role.AUDITOR, ()),
    "Alex": (Role.ADMIN, ()),
    "Kit": (Role.HANDLER, (CIRCLE, "control-room")),
    "Noor": (Role.OFFICER, (CIRCLE, "control-room")),
    "Dee": (Role.HANDLER, ("dispatch",)),
}


JSON = {"Content-Type": "application/json"}


def written(body: Any) -> bytes:
    """A body as bytes; a lone surrogate goes out as JSON's own escape."""
    return json.dumps(body).encode()


class World:
    """The service under test. `as_` names who asks; answers are `httpx2` responses."""

    def __init__(self, url: str, clock: FixedClock, client: TestClient, secrets: dict[str, str]) -> None:
        self.url = url
        self.clock = clock
        self.client = client
        self.secrets = secrets
        self.db = Database(url, KEYS)

    def headers(self, as_: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[as_]}"}

    def get(self, path: str, as_: str = "Priya", **params: Any) -> Any:
        return self.client.get(path, params=params, headers=self.headers(as_))

    def post(self, path: str, body: Any = None, as_: str = "Priya", **headers: str) -> Any:
        return self.client.post(path, content=written(body), headers=self.headers(as_) | JSON | headers)

    def patch(self, path: str, body: Any, as_: str = "Owen", **headers: str) -> Any:
        return self.client.patch(path, content=written(body), headers=self.headers(as_) | JSON | headers)

    def place(self, *targets: dict[str, Any], as_: str = "Owen", **more: Any) -> dict[str, Any]:
        """Place a marker and answer it."""
        answer = self.post("/v1/markers", a_marker(*targets, **more), as_)
        assert answer.status_code == 201, answer.text
        placed: dict[str, Any] = answer.json()
        return placed

    def happen(self, as_: str = "Tess", **more: Any) -> dict[str, Any]:
        """Post an event and answer its receipt; what is unknown is asked again, as every sender must."""
        event = an_event(**more)
        answer = self.post("/v1/events", event, as_)
        for _ in range(4):
            if answer.status_code != 503:
                break
            answer = self.post("/v1/events", event, as_)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def queue(self, as_: str = "Priya", **params: Any) -> list[dict[str, Any]]:
        """The open alerts that somebody sees."""
        answer = self.get("/v1/alerts", as_, **params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def alert(self, as_: str = "Priya", **params: Any) -> dict[str, Any]:
        """The one open alert that somebody sees."""
        [found] = self.queue(as_, **params)
        return found

    def read(self, alert_id: str, as_: str = "Priya") -> dict[str, Any]:
        """One alert, whole."""
        answer = self.get(f"/v1/alerts/{alert_id}", as_)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def move(self, alert_id: str, move: str, body: Any = None, as_: str = "Priya", **headers: str) -> Any:
        """Ask for a move."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.post(f"/v1/alerts/{alert_id}/{move}", body if body is not None else {}, as_, **named)

    def look(self, *desks: str) -> None:
        """What the watch does each second, done now: the service's own may have been before."""
        Watch(self.db, self.clock, Ladder(desks=desks)).look()

    def grant(self, name: str, role: str, force: str = "default") -> None:
        """A token for somebody who is not of the cast."""
        grant = tokens.Grant(name=name, role=Role(role), force=force, desks=frozenset())
        with self.db.transaction() as session:
            self.secrets[name] = tokens.create(
                session, grant, self.clock.moment, new_ids(), random.Random(name).randbytes
            ).secret

    def revoke(self, name: str) -> None:
        """From now on this token is good for nothing."""
        with self.db.transaction() as session:
            tokens.revoke(session, name, "default", self.clock.moment)


def grant_tokens(url: str, clock: FixedClock, cast: dict[str, tuple[Role, tuple[str, ...]]]) -> dict[str, str]:
    """A token for each of the cast."""
    seeded = random.Random(7)
    db = Database(url, KEYS)
    secrets = {}
    try:
        hold_against_database(db, clock)
        with db.transaction() as session:
            for name, (role, desks) in cast.items():
                grant = tokens.Grant(name=name, role=role, force="default", desks=frozenset(desks))
                secrets[name] = tokens.create(session, grant, clock.moment, new_ids(), seeded.randbytes).secret
    finally:
        db.close()
    return secrets


@contextmanager
def a_world(url: str, **settings: Any) -> Iterator[World]:
    """A running service over the database at `url`."""
    clock = FixedClock()
    secrets = grant_tokens(url, clock, CAST)
    given = {"database_url": url, "intake_deadline_s": 30.0} | settings
    app = create_app(plain_settings(**given), clock, keys=KEYS)
    with TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50000)) as client:
        world = World(url, clock, client, secrets)
        yield world
        world.db.close()
