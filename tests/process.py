"""The command `heed` as a real process: run to its end, or serving on a port of its own."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests import warm
from tests.builders import KEYS

HEED = [sys.executable, "-m", "heed"]


def environment(tmp_path: Path, **settings: str) -> dict[str, str]:
    """Nothing of the caller's own settings; the project is found from any folder."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HEED_")}
    return plain | {"PYTHONPATH": str(Path(__file__).parents[1]), "HOME": str(tmp_path)} | settings


def settings_of(url: str, **more: str) -> dict[str, str]:
    """A database's settings, with the keys that all tests share."""
    sealing, digest = KEYS.written()
    return {"HEED_DATABASE_URL": url, "HEED_SEALING_KEYS": sealing, "HEED_DIGEST_KEY": digest} | more


def heed(tmp_path: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return warm.run(words, tmp_path, environment(tmp_path, **settings))


class Service:
    """`heed serve` as a process; its address is read from what it says, and all that it says is kept.

    `program` stands in for `python -m heed` where a test gives it a fault.
    """

    def __init__(
        self, tmp_path: Path, settings: dict[str, str], *words: str, port: int = 0, program: Sequence[str] = HEED
    ) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [*program, "serve", "--port", str(port), "--migrate", *words], cwd=tmp_path,
            env=environment(tmp_path, **settings), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.base_url = ""
        self._reader = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(self.process.stderr)

    def wait_until_it_serves(self) -> None:
        """It has said where it listens, and answers there."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"listens on (http://\S+)", line)
            if found:
                self.base_url = found.group(1)
                break
        else:
            raise AssertionError("".join(self.said))
        self._reader.start()
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, "".join(self.said)
            time.sleep(0.02)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.base_url.rpartition(":")[2])

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.base_url}/healthz").status_code == 200
        except httpx2.TransportError:
            return False

    def kill(self) -> None:
        """End it where it stands."""
        self.process.kill()
        self.close()

    def end(self) -> None:
        """Ask it to end, as a supervisor does; it has ten seconds."""
        self.process.terminate()
        self.process.wait(10)
        self.close()

    def close(self) -> None:
        """It has ended, or is ended now."""
        self.process.kill()
        self.process.wait()
        if self._reader.ident is not None:
            self._reader.join(5)
        if self.process.stderr:
            self.process.stderr.close()


@contextmanager
def a_service(
    tmp_path: Path, settings: dict[str, str], *words: str, port: int = 0, program: Sequence[str] = HEED
) -> Iterator[Service]:
    """A service that answers; it is ended with the block."""
    service = Service(tmp_path, settings, *words, port=port, program=program)
    try:
        service.wait_until_it_serves()
        yield service
    finally:
        service.close()


@contextmanager
def serving(tmp_path: Path, settings: dict[str, str], *words: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`a_service`, as its process and its address."""
    with a_service(tmp_path, settings, *words) as service:
        yield service.process, service.base_url
