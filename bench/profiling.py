"""Where a busy service spends its time: `py-spy` beside it, its samples gathered by room."""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.ground import load

SECONDS = 8
RATE = 200
"""Samples a second."""
THREADS = {"MainThread": "thread that reads and answers HTTP", "heed-intake": "thread that writes"}
ROOMS = (
    ("access/", "the trail and tokens"), ("markers/", "matching"), ("alerts/", "happenings, alerts, their rows"),
    ("web/", "reading requests, writing answers"), ("db/", "transactions, sealing"),
    ("heed/", "serving (FastAPI, uvicorn, the loop), metrics, logs"),
    ("phonenumbers", "phonenumbers"), ("sqlalchemy", "SQLAlchemy by itself"),
    ("uvicorn", "uvicorn and h11"), ("fastapi", "FastAPI and Starlette"), ("asyncio", "asyncio"),
)  # fmt: skip
"""The innermost frame of ours decides; where there is none, of these libraries."""


def program() -> str | None:
    """`py-spy`, of this environment."""
    return shutil.which("py-spy", path=str(Path(sys.executable).parent))


def shares(engine: str, process: int, port: int, token: str) -> list[list[str]]:
    """Rows of (engine, room, share); none, said aloud, where it can't look."""
    found = program()
    if found is None:
        print("no py-spy here: no profile", flush=True)
        return []
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as out:
        spying = [
            found, "record", "-p", str(process), "-d", str(SECONDS), "-f", "raw", "-o", out.name,
            "--gil", "--threads", "-r", str(RATE),
        ]  # fmt: skip
        with subprocess.Popen(spying, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as spy:
            load(port, token, method="POST", path="/v1/events", connections=32, seconds=float(SECONDS))
            spy.wait()
        raw = out.read()
    rooms, threads = _by_room(raw), _by_thread(raw)
    whole = rooms.total() or 1
    held = [["the interpreter's lock is held", f"{whole / (RATE * SECONDS):.0%}"]]
    shares = [[name, f"{count / whole:.0%}"] for name, count in threads.most_common(2)]
    shares += [[room, f"{count / whole:.0%}"] for room, count in rooms.most_common(12)]
    return [[engine, *row] for row in held + shares]


def _by_thread(raw: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        name = stack.partition(";")[0].rpartition(": ")[2].strip('"')
        counted[THREADS.get(name, f"thread {name}")] += int(count)
    return counted


def _by_room(raw: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        counted[_room_of(stack.split(";"))] += int(count)
    return counted


def _room_of(frames: list[str]) -> str:
    ours = [frame for frame in frames if "site-packages" not in frame]
    for frame in reversed(ours):
        for part, room in ROOMS[:6]:
            if f"({part}" in frame or f"/{part}" in frame:
                return room
    for frame in reversed(frames):
        for part, room in ROOMS[6:]:
            if part in frame:
                return room
    return "else"
