"""Where a Chromium is for the browser tests: one that is installed, else Playwright's own.

As a command (`python -m tests.browsers`) it exits 0 when there is one, 1 when not; `make test` then asks Playwright to fetch its own.
"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
"""Quiet ones: a browser under test calls nobody but the service."""


def chromium() -> str | None:
    """The path of a Chromium; `TEST_CHROMIUM` names one that is nowhere usual."""
    named = os.environ.get("TEST_CHROMIUM")
    installed = next((path for name in INSTALLED if (path := shutil.which(name))), None)
    return named or installed or _playwrights_own()


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def arguments() -> list[str]:
    """How it is started; root, as in a container, has no sandbox."""
    return [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS


if __name__ == "__main__":
    sys.exit(0 if chromium() else 1)
