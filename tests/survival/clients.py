"""Clients that record what they ask and are told: senders of events, people at the queue, screens that follow it.

Each is a thread with a seed of its own. A sender repeats what it has no certain answer to, as a relay would; some give
up, as one would that died. Where the service is gone, it is asked again.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2

from tests.builders import NOON
from tests.survival.record import Heard, Move, Post, Record, Told, told_by
from tests.survival.rows import content_of

MARKED = [f"+4477009{number:05}" for number in range(10)]
"""Numbers with a marker; all others have none."""
PAUSE_S = 0.05
"""Between two tries where nothing answers: a client is no hammer."""


class Load:
    """Clients at work against the processes at `urls`, until `stop`."""

    def __init__(self, urls: Sequence[str], secrets: dict[str, str], seed: int, record: Record) -> None:
        self.urls = urls
        self.secrets = secrets
        self.seed = seed
        self.record = record
        self.resting = threading.Event()
        self.stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failed: list[BaseException] = []

    def senders(self, count: int) -> None:
        """Start so many senders, each a source of its own."""
        for number in range(count):
            self._start(f"s{number}", self._send)

    def people(self, *names: str) -> None:
        """Start people who acknowledge what they see, all the same alerts."""
        for name in names:
            self._start(name, self._work_through)

    def screens(self, count: int) -> None:
        """Start so many screens."""
        for number in range(count):
            self._start(f"screen{number}", self._follow)

    def _start(self, name: str, work: Callable[[str, random.Random], None]) -> None:
        def run() -> None:
            try:
                work(name, random.Random(f"{self.seed} {name}"))
            except BaseException as error:  # a client that has died would record nothing, and all would be well
                self._failed.append(error)
                raise

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def settle(self, is_up_to_date: Callable[[], bool]) -> None:
        """End senders and people; the screens go on until they have been shown everything."""
        self.resting.set()
        self._join([thread for thread in self._threads if not thread.name.startswith("screen")])
        deadline = time.monotonic() + 20
        while not is_up_to_date():
            assert time.monotonic() < deadline, "the screens were not shown everything"
            time.sleep(0.05)

    def give_up(self) -> None:
        """No more is sent, and nothing that is under way is asked again."""
        self.resting.set()

    def stop(self) -> None:
        """Have every client end; one that failed by itself fails the test."""
        self.resting.set()
        self.stopping.set()
        self._join(self._threads)
        if self._failed:
            raise self._failed[0]

    def _join(self, threads: Sequence[threading.Thread]) -> None:
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), f"{thread.name} hangs"

    def _headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[who]}"}

    def _send(self, name: str, chance: random.Random) -> None:
        taken: list[dict[str, Any]] = []
        stories: list[tuple[str, str]] = []
        number = 0
        with httpx2.Client(timeout=10, headers=self._headers("Tess")) as client:
            while not self.resting.is_set():
                if taken and chance.random() < 0.1:
                    body = chance.choice(taken[-50:])
                else:
                    number += 1
                    body = _an_event(name, number, stories, chance)
                if self._send_until_sure(client, name, body, gives_up=chance.random() < 0.05):
                    taken.append(body)

    def _send_until_sure(self, client: httpx2.Client, name: str, body: dict[str, Any], *, gives_up: bool) -> bool:
        while True:
            for url in random.Random(body["id"]).sample(list(self.urls), len(self.urls)):
                post = post_event(client, url, name, body)
                self.record.post(post)
                if post.told is not Told.UNKNOWN:
                    return post.told is Told.OK
            if gives_up or self.resting.is_set():
                return False
            time.sleep(PAUSE_S)

    def _work_through(self, name: str, chance: random.Random) -> None:
        with httpx2.Client(timeout=10, headers=self._headers(name)) as client:
            while not self.resting.is_set():
                url = chance.choice(self.urls)
                try:
                    listed = client.get(f"{url}/v1/alerts", params={"state": "raised", "limit": 5})
                    alerts = listed.json()["items"] if listed.status_code == 200 else []
                    for alert in alerts[:2]:
                        self.record.move(acknowledge(client, url, name, alert))
                except httpx2.HTTPError:
                    pass  # a list that was not answered promises nothing
                time.sleep(PAUSE_S)

    def _follow(self, name: str, chance: random.Random) -> None:
        """Read the feed from its beginning, and after each break go on where it stood, at any process."""
        position = "0"
        with ExitStack() as stack:
            client = stack.enter_context(httpx2.Client(timeout=httpx2.Timeout(10, read=1.0)))
            while not self.stopping.is_set():
                headers = self._headers("Priya") | {"Last-Event-ID": position}
                try:
                    with client.stream(
                        "GET", f"{chance.choice(self.urls)}/v1/alerts/stream", headers=headers
                    ) as answer:
                        for message in _messages(answer.iter_lines()):
                            position = message.get("id", position)
                            self._hear(name, message)
                            if self.stopping.is_set():
                                return
                except (httpx2.HTTPError, OSError):
                    time.sleep(PAUSE_S)

    def _hear(self, name: str, message: dict[str, str]) -> None:
        if message.get("event") == "alert":
            alert = json.loads(message["data"])
            self.record.hear(Heard(name, alert["id"], alert["version"], message["id"]))


def _an_event(name: str, number: int, stories: list[tuple[str, str]], chance: random.Random) -> dict[str, Any]:
    """A call of its own, or a further event of a recent one."""
    if stories and chance.random() < 0.3:
        story, phone = chance.choice(stories[-20:])
    else:
        story = f"{name}-call-{number}"
        phone = chance.choice(MARKED) if chance.random() < 0.4 else f"+4477119{chance.randrange(100_000):05}"
        stories.append((story, phone))
    return {
        "source": f"relay/{name}", "id": f"{name}-{number:06}", "type": "call", "call": story,
        "occurred_at": NOON.isoformat(), "summary": f"word {chance.randrange(10**9)}",
        "phones": [{"number": phone, "role": "caller"}],
    }  # fmt: skip


def post_event(client: httpx2.Client, url: str, name: str, body: dict[str, Any]) -> Post:
    marked = any(phone["number"] in MARKED for phone in body["phones"])
    told, began, answer = Told.UNKNOWN, time.monotonic(), None
    try:
        answer = client.post(f"{url}/v1/events", json=body)
        told = told_by(answer.status_code)
    except httpx2.HTTPError:
        pass  # it may be stored, or not
    receipt = answer.json() if answer is not None and told is Told.OK else {}
    return Post(
        name, body["source"], body["id"], body["call"], marked, content_of(body), told,
        status=answer.status_code if answer is not None else 0, event=receipt.get("event"),
        alerts=tuple(alert["alert"] for alert in receipt.get("alerts", ())), replayed=receipt.get("replayed", False),
        began=began, ended=time.monotonic(), retry_after=answer is not None and "Retry-After" in answer.headers,
    )  # fmt: skip


def acknowledge(client: httpx2.Client, url: str, name: str, alert: dict[str, Any]) -> Move:
    told, status, body = Told.UNKNOWN, 0, {}
    try:
        answer = client.post(f"{url}/v1/alerts/{alert['id']}/acknowledge", json={})
        status, told = answer.status_code, told_by(answer.status_code)
        body = answer.json()
    except httpx2.HTTPError:
        pass
    return Move(name, "acknowledge", alert["id"], told, status, body.get("version", 0), body.get("acknowledged_by"))


def _messages(lines: Any) -> Any:
    fields: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(": ")
        if line and key:
            fields[key] = value
        elif not line and fields:
            yield fields
            fields = {}


@contextmanager
def a_load(urls: Sequence[str], secrets: dict[str, str], seed: int, record: Record) -> Any:
    """Clients that end with the block, whatever happens in it."""
    load = Load(urls, secrets, seed, record)
    try:
        yield load
    finally:
        load.resting.set()
        load.stopping.set()
    load.stop()
