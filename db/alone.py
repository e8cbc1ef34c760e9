"""An SQLite file is one service's, on a disk of its own machine.

Two services on one file would each wake only their own streams and take turns at the lock; over a network file system
locks and syncs are promised and not kept, and what was answered may be lost.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.engine import UnusableDatabase

NETWORK = frozenset(
    """
    9p afs beegfs ceph cifs fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs glusterfs lustre ncpfs nfs nfs4 smb3 smbfs
    """.split()
)
"""File systems on which locks and syncs are another machine's word."""
MOUNTS = Path("/proc/self/mountinfo")


class ServedAlready(UnusableDatabase):
    """Another `heed serve` has this file."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"another heed serves {file.name} already: one service for an SQLite file, or use PostgreSQL")


class OnANetwork(UnusableDatabase):
    """The file lies on a network file system."""

    def __init__(self, file: Path, kind: str) -> None:
        super().__init__(
            f"{file.name} lies on a network file system ({kind}), where SQLite can lose what was answered: "
            "use a disk of this machine, or PostgreSQL"
        )


@contextmanager
def alone_on(file: Path) -> Iterator[None]:
    """Hold the file for one service while the block lasts; the lock goes with the process, however that ends."""
    kind = filesystem_of(file, MOUNTS.read_text() if MOUNTS.exists() else "")
    if kind in NETWORK:
        raise OnANetwork(file, kind)
    descriptor = os.open(file.with_name(f"{file.name}.serving"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServedAlready(file) from None
        yield
    finally:
        os.close(descriptor)


def filesystem_of(file: Path, mountinfo: str) -> str:
    """The kind of file system that a file lies on, of the lines of `/proc/self/mountinfo`; empty where none tells."""
    found, longest = "", -1
    place = file.resolve()
    for line in mountinfo.splitlines():
        before, _, behind = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not behind:
            continue
        point = Path(fields[4].replace("\\040", " "))
        # The last of two mounts on one point hides the first.
        if place.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = behind.split()[0], len(point.parts)
    return found
