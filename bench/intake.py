"""How fast events are taken and the room's questions answered, beside what limits them, on both engines.

Events: beside a route of the same service that does nothing, by the same client, and on PostgreSQL beside `pgbench`
doing like statements. 20,000 and a million targets are stored; one event in twenty matches.
"""

import os
from collections.abc import Sequence
from typing import Any

import httpx2

from bench import peer, plot, profiling, streams
from bench.ground import Tokens, a_database, both_engines, fatten, load, serving
from bench.load import NUMBERS
from bench.page import table

CONNECTIONS = (1, 8, 32, 128)
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
MANY = int(os.environ.get("BENCH_MANY", "1000000"))
LINES = 100
Rows = list[list[str]]


def events(engine: str, stored: str, port: int, token: str, url: str) -> Rows:
    """Single posts at each number of connections, and batches."""
    rows = []
    for connections in CONNECTIONS:
        nothing = load(port, token, method="GET", path="/healthz", connections=connections, seconds=SECONDS / 2)
        posts = load(port, token, method="POST", path="/v1/events", connections=connections, seconds=SECONDS)
        peers, beside = "-", "-"
        if not url.startswith("sqlite"):
            tps = peer.transactions_a_second(url, connections, max(2, SECONDS / 2))
            peers, beside = f"{tps:,.0f}", f"{posts.a_second / tps:.2f}"
        no_op = f"{posts.a_second / nothing.a_second:.2f}"
        rows.append(
            [engine, stored, str(connections), *posts.cells(), f"{nothing.a_second:,.0f}", no_op, peers, beside]
        )
        print("  ".join(rows[-1]), flush=True)
    return rows


def batches(engine: str, stored: str, port: int, token: str) -> Rows:
    """NDJSON: so many lines a request."""
    rows = []
    for connections in (1, 4):
        told = load(
            port, token, method="POST", path="/v1/events/batch", connections=connections, lines=LINES, seconds=SECONDS
        )
        rows.append([engine, stored, str(connections), *told.cells()])
        print("batches", "  ".join(rows[-1]), flush=True)
    return rows


def questions(engine: str, stored: str, port: int, tokens: Tokens) -> Rows:
    """Look-ups, the list, one alert."""
    rows = []
    asked: dict[str, dict[str, Any]] = {
        "look-up": {"method": "POST", "path": "/v1/lookups", "look_up": True},
        "list of 50 alerts": {"method": "GET", "path": "/v1/alerts?limit=50"},
        "one alert": {"method": "GET", "path": f"/v1/alerts/{an_alert(port, tokens)}"},
    }
    for name, how in asked.items():
        for connections in (1, 8, 32):
            told = load(port, tokens.handler, connections=connections, seconds=SECONDS / 2, **how)
            rows.append([engine, stored, name, str(connections), *told.cells()])
            print("  ".join(rows[-1]), flush=True)
    return rows


def an_alert(port: int, tokens: Tokens) -> str:
    """The id of one that is open."""
    answer = httpx2.get(
        f"http://127.0.0.1:{port}/v1/alerts?limit=1", headers={"Authorization": f"Bearer {tokens.handler}"}
    )
    return str(answer.json()["items"][0]["id"])


def measure(engine: str, url: str, told: dict[str, Rows]) -> None:
    """All of one engine."""
    with a_database(url) as (db, tokens, keys):
        for stored in (NUMBERS, MANY):
            if stored == MANY:
                print(f"{engine}: storing {MANY:,} targets", flush=True)
                fatten(db, MANY - NUMBERS)
            size = f"{stored:,}"
            with serving(url, keys) as (port, process):
                load(port, tokens.admin, method="POST", path="/v1/events", connections=8)
                told["events"] += events(engine, size, port, tokens.admin, url)
                told["batches"] += batches(engine, size, port, tokens.admin)
                told["questions"] += questions(engine, size, port, tokens)
                if stored == NUMBERS:
                    told["streams"].append([engine, *streams.latency(port, tokens.admin, tokens.handler)])
                    print("  ".join(told["streams"][-1]), flush=True)
                    told["profile"] += profiling.shares(engine, process, port, tokens.admin)


def section() -> str:
    """Measure both engines; the section of the page."""
    told: dict[str, Rows] = {name: [] for name in ("events", "batches", "questions", "streams", "profile")}
    for engine, url in both_engines():
        measure(engine, url, told)
    plot.draw(told["events"])
    return _SECTION.format(
        events=table([*_HEAD, "events/s", *_TIMES, *_LIMITS], told["events"]),
        batches=table([*_HEAD, "events/s", *_TIMES], told["batches"]),
        questions=table(["engine", "targets", "question", "connections", "a second", *_TIMES], told["questions"]),
        streams=table(["engine", "streams", "messages", *_TIMES], told["streams"]),
        profile=table(["engine", "where", "of the time"], told["profile"]), seconds=f"{SECONDS:.0f}", lines=LINES,
    )  # fmt: skip


_HEAD: Sequence[str] = ("engine", "targets", "connections")
_LIMITS: Sequence[str] = ("no-op/s", "of no-op", "pgbench/s", "of pgbench")
_TIMES: Sequence[str] = ("p50 ms", "p99 ms")
_SECTION = """## Events

Single posts to `POST /v1/events`, one process, one event in 20 matching (each match raises an alert), each event with a
number and an address; beside `GET /healthz` of the same process by the same client, which does nothing; on PostgreSQL
beside `pgbench` with the statements of one event (key, match keys, happening, reference, event, audit entry), a
transaction each, in the same server (by 64 connections where 128 are asked for). {seconds} s each.

{events}

![Events a second by connections, beside a quarter of what limits them](performance.svg)

`POST /v1/events/batch`, {lines} lines a request:

{batches}

## Questions of the room

Each is answered once its entry in the audit trail is stored. A look-up asks for a number and an address.

{questions}

## From event to screen

From the moment when a call is posted to the moment when its alert has arrived, over all streams; the client takes its
part of the same cores.

{streams}

## Where the time goes

Of the service's own work at 32 connections, by `py-spy` (samples of threads that hold the interpreter's lock):

{profile}

One process is bound by Python, which runs one thread at a time: where its lock is held nearly always, nothing but less
work makes it faster, and no room stands out. An event costs about 0.3 ms to read (telephone number and address above
all), 0.4 ms for FastAPI, Starlette and the loop, 0.4 ms for uvicorn and h11, and 0.8 to 1.2 ms in the writer, the more
the fewer events share a transaction; beside a client on the same two cores each takes half as long again. `pgbench` is
a C program with a connection for each client, and spends none of this. So a quarter of the no-op route is reached where
many wait at once, and a quarter of `pgbench` is not, by one process; on PostgreSQL `heed serve --workers 4` runs four.
"""
