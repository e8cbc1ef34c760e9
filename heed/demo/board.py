"""The live queue in the terminal, and the check of what was raised."""

import json
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import httpx2
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from heed.demo.player import Player
from heed.demo.story import CAST, Expected

_STYLE = {"immediate": "bold white on red", "urgent": "bold yellow", "routine": "cyan"}
_MARK = {"immediate": "▲ IMMEDIATE", "urgent": "◆ URGENT", "routine": "● ROUTINE"}


def cast_table(people: Mapping[str, str]) -> Table:
    """Who is there, and the token of each."""
    table = Table(title="The cast, and their tokens")
    for heading in ("name", "role", "desks"):
        table.add_column(heading)
    table.add_column("token", overflow="fold")
    for worker in CAST:
        table.add_row(worker.name, worker.role.value, ", ".join(worker.desks) or "all open ones", people[worker.name])
    return table


def queue_table(alerts: Iterable[Mapping[str, Any]]) -> Table:
    """The open alerts, the most pressing first."""
    table = Table(title="The queue", expand=True)
    for heading in ("no.", "priority", "state", "desk", "events"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what to do, and why", ratio=1)
    for alert in alerts:
        state = alert["state"] + (f" ↑{alert['escalation_level']}" if alert["escalation_level"] else "")
        table.add_row(
            alert["number"],
            Text(_MARK[alert["priority"]], style=_STYLE[alert["priority"]]),
            state,
            alert["queue"],
            str(alert["event_count"]),
            _words(alert),
        )
    return table


def _words(alert: Mapping[str, Any]) -> Text:
    text = Text()
    matches = alert["matches"]
    if matches:
        text.append(matches[0]["instruction"] or "", style="bold")
        named = ", ".join(dict.fromkeys(f"{match['reference']} {match['level']}" for match in matches[:3]))
        text.append(f"\n{named}: {'; '.join(matches[0]['evidence'])}")
    elif alert["events"]:
        text.append(str(alert["events"][0]["summary"] or ""), style="bold")
    text.append(f"\nbecause {'; '.join(alert['because'])}", style="dim")
    return text


class Board:
    """What a watcher sees: the latest scenes, and the queue as the stream tells it."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._alerts: dict[str, dict[str, Any]] = {}
        self._said: deque[str] = deque(maxlen=4)
        self._mutex = threading.Lock()
        self._beat = ""
        self.tell: Callable[[str], None] | None = None

    def say(self, line: str) -> None:
        """A scene begins."""
        with self._mutex:
            self._said.append(line)
        if self.tell:
            self.tell(f"» {line}")

    def follow(self, stop: threading.Event) -> None:
        """Read Kit's stream (she is of both desks) until told to stop, and resume it where it broke off."""
        position = "0"
        while not stop.is_set():
            try:
                position = self._read(position, stop)
            except httpx2.HTTPError:
                stop.wait(1)

    def _read(self, position: str, stop: threading.Event) -> str:
        url, headers = f"/v1/alerts/stream?after={position}", self._player.headers("Kit")
        with self._player.client.stream("GET", url, headers=headers, timeout=15) as answer:
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if stop.is_set():
                    break
                name, _, value = line.partition(": ")
                if line:
                    fields[name] = value
                    continue
                self._take(fields)
                position = fields.get("id", position)
                fields = {}
        return position

    def _take(self, fields: Mapping[str, str]) -> None:
        if fields.get("event") == "beat":
            self._beat = json.loads(fields["data"])["at"]
        if fields.get("event") != "alert":
            return
        alert = json.loads(fields["data"])
        with self._mutex:
            known = self._alerts.get(alert["id"])
            self._alerts[alert["id"]] = alert
        if self.tell and (known is None or known["version"] != alert["version"]):
            told = "; ".join(alert["because"])
            escalated = f", escalation level {alert['escalation_level']}" if alert["escalation_level"] else ""
            self.tell(f"  alert {alert['number']} {alert['priority'].upper()} ({told}){escalated}")

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """The board as it stands."""
        with self._mutex:
            alerts = [alert for alert in self._alerts.values() if alert["state"] != "resolved"]
            said = list(self._said)
        alerts.sort(key=lambda alert: (list(_MARK).index(alert["priority"]), alert["raised_at"]))
        fits = max(3, (options.max_height - 8) // 4)
        lines: list[Any] = [Text(line, style="italic" if line is not said[-1] else "bold italic") for line in said]
        lines.append(queue_table(alerts[:fits]))
        more = f"and {len(alerts) - fits} more · " if len(alerts) > fits else ""
        lines.append(Text(f"{more}live, last beat {self._beat}", style="dim"))
        yield Group(*lines)


def check(
    alerts: Sequence[Mapping[str, Any]], references: Mapping[str, str], expected: Iterable[Expected]
) -> list[str]:
    """What is missing, and what is there and should not be."""
    found = Counter(_of(alert, references) for alert in alerts)
    wanted = Counter((one.queue, one.priority, one.events, one.about, one.levels) for one in expected)
    missing = [f"missing: {_said(key)}" for key in (wanted - found).elements()]
    return missing + [f"not expected: {_said(key)}" for key in (found - wanted).elements()]


def _of(alert: Mapping[str, Any], references: Mapping[str, str]) -> tuple[Any, ...]:
    matches = alert["matches"]
    return (
        alert["queue"],
        alert["priority"],
        alert["event_count"],
        frozenset(references[match["marker"]] for match in matches),
        frozenset(match["level"] for match in matches),
    )


def _said(key: tuple[Any, ...]) -> str:
    queue, priority, events, about, levels = key
    named, how = ", ".join(sorted(about)) or "itself", ", ".join(sorted(levels))
    return f"{priority} at {queue} on {events} events about {named} ({how})"
