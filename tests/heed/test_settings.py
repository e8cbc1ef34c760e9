"""Settings and keys: what is misspelt, missing or another's is told, and never silent."""

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from db.keyring import BadKeys, KeyRing
from db.session import Database
from heed.keys import MissingKeys, find_keys, hold_against_database
from heed.settings import UnknownSetting, plain_settings, read_settings, told
from tests.builders import KEYS, FixedClock


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder and an environment without settings."""
    for name in list(os.environ):
        if name.startswith("HEED_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_processes_that_start_together_without_keys_all_have_the_same(tmp_path: Path) -> None:
    settings = plain_settings(database_url=f"sqlite:///{tmp_path / 'heed.sqlite'}")
    for _ in range(20):
        together = threading.Barrier(4)

        def start(gate: threading.Barrier = together) -> tuple[str, str]:
            gate.wait()
            return find_keys(settings, may_make=True).keys.written()

        with ThreadPoolExecutor(4) as pool:
            found = {future.result() for future in [pool.submit(start) for _ in range(4)]}
        assert len(found) == 1
        assert [file.name for file in tmp_path.iterdir()] == ["heed.keys"]
        (tmp_path / "heed.keys").unlink()


def test_settings_come_from_the_environment_and_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HEED_REGION=IE\nHEED_FORCE=garda\nHEED_ESCALATION_DESKS=a, b\n")
    monkeypatch.setenv("HEED_FORCE", "merseyside")
    settings = read_settings()
    assert (settings.region, settings.force, settings.escalation_desks) == ("IE", "merseyside", ("a", "b"))
    assert (settings.database_url, settings.default_queue) == ("sqlite:///heed.sqlite", "control-room")


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_misspelt_setting_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str) -> None:
    if where == "environment":
        monkeypatch.setenv("HEED_REGOIN", "IE")
    else:
        (tmp_path / ".env").write_text("HEED_REGOIN=IE\nOTHER=1\n")
    with pytest.raises(UnknownSetting, match="HEED_REGOIN"):
        read_settings()


def test_plain_settings_read_neither(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HEED_FORCE=elsewhere\n")
    monkeypatch.setenv("HEED_REGION", "FR")
    settings = plain_settings()
    assert (settings.force, settings.region) == ("default", "GB")


def a_file(tmp_path: Path, **more: Any) -> Any:
    return plain_settings(database_url=f"sqlite:///{tmp_path / 'heed.sqlite'}", **more)


def test_a_key_file_is_made_beside_the_database_for_its_owner_alone(tmp_path: Path) -> None:
    found = find_keys(a_file(tmp_path), may_make=True)
    assert found.made == tmp_path / "heed.keys"
    assert stat.S_IMODE(found.made.stat().st_mode) == 0o600
    again = find_keys(a_file(tmp_path), may_make=False)
    assert again.made is None
    assert again.keys.written() == found.keys.written()


def test_a_key_file_elsewhere_is_named_by_a_setting(tmp_path: Path) -> None:
    found = find_keys(a_file(tmp_path, key_file=tmp_path / "other.keys"), may_make=True)
    assert found.made == tmp_path / "other.keys"


def test_keys_of_the_settings_win_and_belong_together(tmp_path: Path) -> None:
    sealing, digest = KEYS.written()
    found = find_keys(a_file(tmp_path, sealing_keys=sealing, digest_key=digest), may_make=False)
    assert (found.keys.written(), found.made) == ((sealing, digest), None)
    with pytest.raises(BadKeys, match="one of them is missing"):
        find_keys(a_file(tmp_path, sealing_keys=sealing), may_make=True)


def test_off_loopback_keys_are_not_made(tmp_path: Path) -> None:
    with pytest.raises(MissingKeys, match="off loopback"):
        find_keys(a_file(tmp_path), may_make=False)
    assert not (tmp_path / "heed.keys").exists()


def test_new_keys_are_never_made_for_a_database_that_has_some(url: str, tmp_path: Path) -> None:
    db = Database(url, KEYS)
    hold_against_database(db, FixedClock())
    db.close()
    with pytest.raises(MissingKeys, match="keys that are not here"):
        find_keys(plain_settings(database_url=url, key_file=tmp_path / "new.keys"), may_make=True)
    assert not (tmp_path / "new.keys").exists()


def test_a_broken_key_file_is_told_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "heed.keys").write_text("HEED_SEALING_KEYS=k1:SENTINEL\nHEED_DIGEST_KEY=SENTINEL\n")
    with pytest.raises(BadKeys) as told:
        find_keys(a_file(tmp_path), may_make=True)
    assert "SENTINEL" not in str(told.value)


def test_settings_do_not_show_their_secrets() -> None:
    sealing, digest = KeyRing.new(os.urandom).written()
    settings = plain_settings(sealing_keys=sealing, digest_key=digest)
    assert digest not in f"{settings!r} {settings}"
    assert sealing not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h/db", "postgresql://…@h/db"), ("postgresql://u:SEC/RET@h/db", "postgresql://…@h/db"),
        ("postgresql://u:a@SECRET@h/db", "postgresql://…@h/db"), ("postgresql://h/db?user=u&password=SECRET", "postgresql://h/db?…"),
        ("sqlite:///heed.sqlite", "sqlite:///heed.sqlite"),
    ],
)  # fmt: skip
def test_no_password_is_told_however_it_is_written(url: str, shown: str) -> None:
    values = {name: value for name, value, _about in told(plain_settings(database_url=url))}
    assert values["HEED_DATABASE_URL"] == shown
    assert values["HEED_SEALING_KEYS"] in ("not set", "set, and not shown")
