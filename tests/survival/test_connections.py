"""Time-outs stand on every connection; what a client does not read holds up nobody, and no end of the service."""

import json
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from db.engine import FOR_REQUESTS, FOR_THE_WRITER, bell_engine
from db.session import Database
from tests.builders import KEYS, an_event, from_number, on_phone
from tests.process import a_service, settings_of
from tests.world import a_world

EXPECTED = {
    "statement_timeout": ("3s", "5s"), "lock_timeout": ("1s", "2s"),
    "idle_in_transaction_session_timeout": ("5s", "3s"), "client_connection_check_interval": ("1s", "1s"),
    "tcp_keepalives_idle": ("5", "5"), "tcp_keepalives_interval": ("1", "1"), "tcp_keepalives_count": ("3", "3"),
    "tcp_user_timeout": ("5s", "5s"), "timezone": ("UTC", "UTC"),
}  # fmt: skip
"""Each setting for requests, and for the writer."""
OVER_A_SOCKET_FILE = {"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"}
"""What PostgreSQL tells as 0 where there is no TCP."""


def test_s38_the_time_outs_are_in_force_on_every_connection(postgres_server: Any) -> None:
    with postgres_server.fresh() as url:
        db = Database(url, KEYS)
        writer = db.for_writer()
        bell = bell_engine(db.url)
        assert bell is not None
        with ExitStack() as stack:
            # Several at once, so that they are several connections.
            sessions = [stack.enter_context(db.reading()) for _ in range(3)]
            sessions += [stack.enter_context(db.transaction()), stack.enter_context(writer.transaction())]
            shown = [{name: one.execute(text(f"SHOW {name}")).scalar_one() for name in EXPECTED} for one in sessions]
            heard = stack.enter_context(bell.connect())
            shown.append({name: heard.execute(text(f"SHOW {name}")).scalar_one() for name in EXPECTED})
            driver: Any = heard.connection.driver_connection
            told = driver.info.get_parameters()
        for place, found in enumerate(shown):
            for name, (for_requests, for_writer) in EXPECTED.items():
                expected = for_writer if place == 4 else for_requests
                assert found[name] == expected or (name in OVER_A_SOCKET_FILE and found[name] == "0"), (place, name)
        assert (told["connect_timeout"], told["tcp_user_timeout"], told["keepalives_count"]) == ("2", "4000", "3")
        writer.close()
        bell.dispose()
        db.close()
    assert (FOR_REQUESTS.statement_ms, FOR_THE_WRITER.statement_ms) == (3000, 5000)


@contextmanager
def stuck(base_url: str, token: str) -> Iterator[socket.socket]:
    """A reader that asks for the stream and then reads nothing; the kernel keeps little for it."""
    host, port = base_url.removeprefix("http://").split(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    line.sendall(f"GET /v1/alerts/stream?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    try:
        yield line
    finally:
        line.close()


@pytest.mark.timeout(120)
def test_s24_s26_readers_that_are_stuck_delay_nobody_and_do_not_hold_up_the_end(
    sqlite_files: Any, tmp_path: Path
) -> None:
    """Of the line and not of the database: on one engine."""
    with sqlite_files.fresh() as url:
        _readers_get_stuck(url, tmp_path)


def _readers_get_stuck(url: str, tmp_path: Path) -> None:
    with a_world(url) as world:
        world.place(on_phone(), instruction="x" * 4000)
        secrets = world.secrets
    heard: dict[int, list[str]] = {}
    with a_service(tmp_path, settings_of(url)) as service, ExitStack() as stack:
        client = stack.enter_context(httpx2.Client(base_url=service.base_url, timeout=20))

        def post() -> Any:
            headers = {"Authorization": f"Bearer {secrets['Tess']}", "Content-Type": "application/json"}
            answer = client.post("/v1/events", content=json.dumps(an_event(**from_number())), headers=headers)
            assert answer.status_code == 201
            return answer.json()["alerts"][0]["alert"]

        for _ in range(100):
            post()
        for _ in range(30):
            stack.enter_context(stuck(service.base_url, secrets["Priya"]))

        def follow(number: int) -> None:
            lines = heard.setdefault(number, [])
            with (
                httpx2.Client(base_url=service.base_url, timeout=30) as mine,
                mine.stream(
                    "GET", "/v1/alerts/stream", headers={"Authorization": f"Bearer {secrets['Priya']}"}
                ) as live,
            ):
                lines.extend(live.iter_lines())

        threads = [threading.Thread(target=follow, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        wait_until(lambda: sum(any("beat" in line for line in lines) for lines in heard.values()) == len(threads))
        last = [post() for _ in range(20)][-1]
        wait_until(lambda: all(any(last in line for line in lines) for lines in heard.values()))
        # Whoever reads nothing for some seconds is let go of by the kernel.
        wait_until(lambda: streams(client) == len(threads), 40)
        # And one that has just got stuck does not hold up the end.
        stack.enter_context(stuck(service.base_url, secrets["Priya"]))
        wait_until(lambda: streams(client) == len(threads) + 1)
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(10)
        for thread in threads:
            thread.join(10)
        assert all("event: bye" in lines for lines in heard.values())


def test_clients_that_go_are_no_errors(sqlite_files: Any, tmp_path: Path) -> None:
    """Screens reloaded while alerts come, and bodies broken off: an error line for each would wake people for nothing."""
    with sqlite_files.fresh() as url:
        with a_world(url) as world:
            world.place(on_phone())
            secrets = world.secrets
        with a_service(tmp_path, settings_of(url)) as service, httpx2.Client(base_url=service.base_url) as client:
            headers = {"Authorization": f"Bearer {secrets['Tess']}", "Content-Type": "application/json"}
            for number in range(150):
                with stuck(service.base_url, secrets["Priya"]) as line:
                    assert line.recv(100).startswith(b"HTTP/1.1 200")
                    if number % 2:
                        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if number % 3 == 0:
                    answer = client.post("/v1/events", content=json.dumps(an_event(**from_number())), headers=headers)
                    assert answer.status_code == 201
                if number % 10 == 0:
                    _break_off(service.base_url, secrets["Tess"])
            wait_until(lambda: streams(client) == 0)
            service.end()
        said = [json.loads(line) for line in service.said if line.startswith("{")]
        assert [line for line in said if line["level"] in ("error", "critical")] == []
        assert any(line["event"] == "client gone" for line in said)


def _break_off(base_url: str, token: str) -> None:
    host, port = base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 400\r\n"
        line.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
        time.sleep(0.02)


def streams(client: httpx2.Client) -> int:
    lines = client.get("/metrics").text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("heed_streams "))))


def wait_until(true: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
