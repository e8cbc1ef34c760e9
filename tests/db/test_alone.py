"""One service for an SQLite file, on a disk of this machine."""

from pathlib import Path

import pytest

from db import alone
from db.alone import OnANetwork, ServedAlready, alone_on, filesystem_of
from tests.process import a_service, heed, settings_of

MOUNTS = """22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /srv rw,relatime shared:20 - nfs4 files.example:/srv rw
41 40 0:36 / /srv/local rw,relatime - xfs /dev/sdb1 rw
42 22 0:37 / /mnt/with\\040blank rw - cifs //files/x rw
43 22 0:38 / /over rw - ext4 /dev/sdc1 rw
44 43 0:39 / /over rw - fuse.sshfs host:/x rw
broken line
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [("/var/heed.sqlite", "ext4"), ("/srv/heed.sqlite", "nfs4"), ("/srv/local/heed.sqlite", "xfs"),
     ("/srvs/heed.sqlite", "ext4"), ("/mnt/with blank/heed.sqlite", "cifs"), ("/over/heed.sqlite", "fuse.sshfs")],
)  # fmt: skip
def test_the_innermost_mount_tells_the_kind(file: str, kind: str) -> None:
    assert filesystem_of(Path(file), MOUNTS) == kind


def test_where_nothing_tells_it_is_taken_as_local() -> None:
    assert filesystem_of(Path("/x"), "") == ""


def test_s36_a_file_on_a_network_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"22 1 0:1 / {tmp_path} rw - nfs4 files.example:/x rw\n")
    monkeypatch.setattr(alone, "MOUNTS", mounts)
    with pytest.raises(OnANetwork, match=r"network file system \(nfs4\)"), alone_on(tmp_path / "heed.sqlite"):
        pass


def test_s36_a_file_is_held_by_one_and_free_when_it_is_let_go(tmp_path: Path) -> None:
    file = tmp_path / "heed.sqlite"
    with alone_on(file), pytest.raises(ServedAlready), alone_on(file):
        pass
    with alone_on(file):
        pass


def test_s36_a_second_service_on_one_file_is_refused_and_a_killed_ones_place_is_free(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite:///{tmp_path / 'heed.sqlite'}")
    with a_service(tmp_path, settings) as first:
        second = heed(tmp_path, "serve", "--port", "0", **settings)
        assert second.returncode == 2
        assert second.stderr.startswith("heed: another heed serves heed.sqlite already")
        assert heed(tmp_path, "doctor", **settings).returncode in (0, 1)
        first.kill()
    with a_service(tmp_path, settings):
        pass
