"""Where the tests' files stand: in memory where there is room, for the suite else waits for the disk half of its time.

What is tried of durability is that a process ends at any moment, which is the same on both. `TMPDIR` decides otherwise.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Bytes that have to be free there: three workers fill less than one gibibyte (a container's default is 64 MiB)."""


def stand_in_memory() -> None:
    """From now on every temporary folder of this process and of those it starts is in memory, where that can be."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    space = os.statvfs(MEMORY)
    if space.f_bavail * space.f_frsize < ROOM:
        return
    folder = tempfile.mkdtemp(prefix="heed-tests-", dir=MEMORY)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
