"""Plays the story through the real API, as the cast's tokens may."""

import csv
import io
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from heed.demo.story import PROTECTED, Scene
from web.bodies.cells import cells_of, with_apostrophe
from web.bodies.rows import COLUMNS, MORE

_TRIES = 5


class FileNotTaken(Exception):
    """Rows of the example file were refused."""

    def __init__(self, refused: int) -> None:
        super().__init__(f"{refused} rows of the example file were refused")


class Player:
    """Places markers, posts events and reads the queue; each round's calls are new ones."""

    def __init__(self, client: httpx2.Client, people: dict[str, str]) -> None:
        self.people = people
        self.references: dict[str, str] = {}
        self._client = client
        self._round = 1
        self._posted = 0

    def headers(self, name: str) -> dict[str, str]:
        """Who asks."""
        return {"Authorization": f"Bearer {self.people[name]}"}

    @property
    def client(self) -> httpx2.Client:
        """The client that all of them share."""
        return self._client

    def place(self, body: dict[str, Any]) -> None:
        """Place a marker: Owen's, or Noor's where it is covert."""
        by = "Noor" if body.get("queue") == PROTECTED else "Owen"
        answer = self._client.post("/v1/markers", json=body, headers=self.headers(by))
        answer.raise_for_status()
        self.references[answer.json()["id"]] = body["reference"]

    def record(self, path: str, body: dict[str, Any]) -> None:
        """Open a case or record an order: Owen's."""
        self._client.post(path, json=body, headers=self.headers("Owen")).raise_for_status()

    def bring_in(self, bodies: Sequence[dict[str, Any]]) -> None:
        """Bring markers in as a force does with those that it has: Owen's, by a CSV file."""
        file = io.StringIO()
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([*COLUMNS, *MORE])
        for body in bodies:
            cells = cells_of(body, "active")
            writer.writerow([with_apostrophe(cells.get(name, "")) for name in (*COLUMNS, *MORE)])
        headers = self.headers("Owen") | {"Content-Type": "text/csv"}
        answer = self._client.post("/v1/markers/import", content=file.getvalue().encode(), headers=headers)
        answer.raise_for_status()
        told = answer.json()
        if told["placed"] != len(bodies):
            raise FileNotTaken(told["refused"])
        listed = self._client.get("/v1/markers", params={"limit": 200}, headers=self.headers("Owen"))
        listed.raise_for_status()
        self.references |= {item["id"]: item["reference"] for item in listed.json()["items"]}

    def play(self, scene: Scene) -> dict[str, Any]:
        """Post a scene's event, as a platform would: again with the same id when the answer was 'unknown'."""
        self._posted += 1
        body = scene.body | {
            "id": f"demo-{self._round}-{self._posted}",
            "occurred_at": (datetime.now(UTC) - timedelta(hours=scene.hours_ago)).isoformat(),
        }
        for name in ("call", "incident"):
            if name in body:
                body[name] = f"{body[name]}-{self._round}"
        for attempt in range(_TRIES):
            answer = self._client.post("/v1/events", json=body, headers=self.headers(scene.by))
            if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.2 * (attempt + 1))
        answer.raise_for_status()
        receipt: dict[str, Any] = answer.json()
        return receipt

    def next_round(self) -> None:
        """From now on the same references mean other calls."""
        self._round += 1

    def queue(self) -> list[dict[str, Any]]:
        """All open alerts: those of the open audience, as Sam sees them, and the closed circle's, as Kit does."""
        alerts: dict[str, dict[str, Any]] = {}
        for name in ("Sam", "Kit"):
            cursor: str | None = None
            while True:
                wanted = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
                answer = self._client.get("/v1/alerts", params=wanted, headers=self.headers(name))
                answer.raise_for_status()
                page = answer.json()
                alerts |= {alert["id"]: alert for alert in page["items"]}
                cursor = page["next_cursor"]
                if cursor is None:
                    break
        return sorted(alerts.values(), key=lambda alert: (_RANK[alert["priority"]], alert["raised_at"]))


_RANK = {"immediate": 0, "urgent": 1, "routine": 2}
