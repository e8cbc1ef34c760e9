"""A service behind a real socket, for what no in-process client can show: streams, signals, browsers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import FastAPI

from heed.app import create_app
from heed.serving import PLAIN, Wire, bind, make_server
from heed.settings import plain_settings
from tests.builders import KEYS, FixedClock
from tests.world import CAST, JSON, grant_tokens, written


@dataclass
class Message:
    """One Server-Sent Event."""

    event: str = ""
    id: str | None = None
    data: Any = None
    retry: int | None = None


@dataclass
class Stream:
    """A reader of a stream, in a thread of its own; it can be asked to wait for what it has seen."""

    messages: list[Message] = field(default_factory=list)
    status: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def read(self, lines: Iterator[str]) -> None:
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif not line and fields:
                self._take(fields)
                fields = {}

    def _take(self, fields: dict[str, str]) -> None:
        retry = int(fields["retry"]) if "retry" in fields else None
        message = Message(fields.get("event", ""), fields.get("id"), json.loads(fields.get("data", "null")), retry)
        with self.changed:
            self.messages.append(message)
            self.changed.notify_all()

    def wait_for(self, found: Callable[[list[Message]], bool], seconds: float = 20) -> list[Message]:
        """The messages so far, once `found` is true of them."""
        with self.changed:
            assert self.changed.wait_for(lambda: found(self.messages), seconds), self.messages
            return list(self.messages)

    def of(self, event: str) -> list[Message]:
        return [message for message in list(self.messages) if message.event == event]


class Served:
    """A running service at `base_url`."""

    def __init__(
        self, base_url: str, clock: FixedClock, secrets: dict[str, str], stop: Callable[[], None],
        app: FastAPI | None = None,
    ) -> None:  # fmt: skip
        self.app = app
        self.base_url = base_url
        self.clock = clock
        self.secrets = secrets
        self.stop = stop
        self.client = httpx2.Client(base_url=base_url, timeout=20)

    def headers(self, as_: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[as_]}"}

    def post(self, path: str, body: Any, as_: str = "Tess", **headers: str) -> Any:
        return self.client.post(path, content=written(body), headers=self.headers(as_) | JSON | headers)

    def get(self, path: str, as_: str = "Priya", **params: Any) -> Any:
        return self.client.get(path, headers=self.headers(as_), params=params)

    @contextmanager
    def stream(self, as_: str = "Priya", last: str | None = None, **params: str) -> Iterator[Stream]:
        """Read the live queue until the block ends."""
        reader = Stream()
        client = httpx2.Client(base_url=self.base_url, timeout=httpx2.Timeout(20, read=30))
        headers = self.headers(as_) | ({"Last-Event-ID": last} if last else {})
        begun = threading.Event()

        def follow() -> None:
            try:
                with client.stream("GET", "/v1/alerts/stream", headers=headers, params=params) as answer:
                    reader.status = answer.status_code
                    begun.set()
                    reader.read(answer.iter_lines())
            except (httpx2.HTTPError, httpx2.StreamError, OSError, RuntimeError):
                pass
            finally:
                begun.set()
                reader.ended.set()

        thread = threading.Thread(target=follow, daemon=True)
        thread.start()
        assert begun.wait(20)
        try:
            yield reader
        finally:
            client.close()


@contextmanager
def a_served(
    url: str, secrets: dict[str, str] | None = None, port: int = 0, clock: FixedClock | None = None,
    wire: Wire = PLAIN, **settings: Any,
) -> Iterator[Served]:  # fmt: skip
    """A service over the database at `url`; `secrets` are given where its cast has tokens already."""
    clock = clock or FixedClock()
    known = secrets or grant_tokens(url, clock, CAST)
    given = {"database_url": url, "intake_deadline_s": 30.0} | settings
    app = create_app(plain_settings(**given), clock, keys=KEYS)
    server = make_server(app, wire)
    bound = bind("127.0.0.1", port)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)

    def stop() -> None:
        server.should_exit = True
        thread.join(20)
        bound.close()

    served = Served(f"http://127.0.0.1:{bound.getsockname()[1]}", clock, known, stop, app)
    try:
        yield served
    finally:
        served.client.close()
        stop()
