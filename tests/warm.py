"""The command `heed` run to its end many times, imported once: half of the suite's work was the same two seconds.

A process that has imported the command waits; for each run it forks, and the fork is the command: its own arguments,
folder, environment, streams and exit status. Services, and commands that are to be started as a person starts them, are
processes of their own (`tests/process.py`).
"""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

_FDS = 3
_STATUS = struct.Struct("!i")


class Warm:
    """The waiting process, and how it is asked."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self._lock = threading.Lock()
        root = str(Path(__file__).parents[1])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno())], pass_fds=[theirs.fileno()], cwd=root,
            start_new_session=True,
        )  # fmt: skip
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """It ends when nobody is at the other end."""
        self._ours.close()
        self._process.wait(10)

    def run(
        self, words: Sequence[str], folder: Path, environment: Mapping[str, str], given: str | None, timeout_s: float
    ) -> "subprocess.CompletedProcess[str]":
        """As `subprocess.run(["heed", *words])` with captured text would."""
        asked = json.dumps({"words": list(words), "folder": str(folder), "environment": dict(environment)}).encode()
        with (
            self._lock,
            tempfile.TemporaryFile("w+", encoding="utf-8") as said_in,
            tempfile.TemporaryFile("w+", encoding="utf-8") as out,
            tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        ):
            said_in.write(given or "")
            said_in.seek(0)
            self._ours.settimeout(timeout_s)
            socket.send_fds(self._ours, [struct.pack("!I", len(asked))], [one.fileno() for one in (said_in, out, err)])
            self._ours.sendall(asked)
            status = _STATUS.unpack(_exactly(self._ours, _STATUS.size))[0]
            for stream in (out, err):
                stream.seek(0)
            return subprocess.CompletedProcess(["heed", *words], status, out.read(), err.read())


_warm: Warm | None = None


def run(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], given: str | None = None, timeout_s: float = 90
) -> "subprocess.CompletedProcess[str]":
    """The command, run to its end by the process that waits; the first run starts it."""
    global _warm  # noqa: PLW0603  one for the whole process
    if _warm is None:
        _warm = Warm()
    return _warm.run(words, folder, environment, given, timeout_s)


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _wait(connection: socket.socket) -> None:
    while True:
        head, fds, _, _ = socket.recv_fds(connection, 4, _FDS)
        if not head:
            return
        asked = json.loads(_exactly(connection, struct.unpack("!I", head)[0]))
        child = os.fork()
        if child == 0:
            connection.close()
            _be_the_command(asked, fds)
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(child, 0)
        connection.sendall(_STATUS.pack(os.waitstatus_to_exitcode(status)))


def _be_the_command(asked: Mapping[str, Any], fds: Sequence[int]) -> None:
    status = 1
    try:
        for wanted, fd in enumerate(fds):
            os.dup2(fd, wanted)
            os.close(fd)
        os.environ.clear()
        os.environ.update(asked["environment"])
        tempfile.tempdir = None
        os.chdir(asked["folder"])
        sys.argv[:] = ["heed", *asked["words"]]
        main = import_module("heed.cli").main
        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  told as any process would tell it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _import_all() -> None:
    cli = import_module("heed.cli")
    for module in set(cli.COMMANDS.values()):
        import_module(f"heed.commands.{module}")
    # Imported by what runs, on its way.
    for module in ("psycopg", "sqlalchemy.dialects.sqlite.pysqlite", "sqlalchemy.dialects.postgresql.psycopg"):
        import_module(module)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _import_all()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with socket.socket(fileno=int(sys.argv[1])) as line:
        _wait(line)
