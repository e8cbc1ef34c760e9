"""`make vendor`: fetch what pages use of other people's, build the one stylesheet, and write down whose it is.

Needs npm; nothing of this is needed to run, test or build Heed. The files are kept as they come, but for the note of where
their source maps would be; `tests/web/console/test_vendored.py` holds them to the hashes in `LICENCES.md`.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "web" / "console" / "assets" / "vendor"


@dataclass(frozen=True)
class Taken:
    """A file of a package, and the name under which pages ask for it."""

    package: str
    version: str
    path: str
    name: str


TAKEN = (
    Taken("htmx.org", "2.0.11", "dist/htmx.min.js", "htmx.min.js"),
    Taken("idiomorph", "0.8.0", "dist/idiomorph.min.js", "idiomorph.min.js"),
    Taken("leaflet", "1.9.4", "dist/leaflet.js", "leaflet.js"),
    Taken("leaflet", "1.9.4", "dist/leaflet.css", "leaflet.css"),
    Taken("uplot", "1.6.32", "dist/uPlot.iife.min.js", "uplot.min.js"),
    Taken("uplot", "1.6.32", "dist/uPlot.min.css", "uplot.min.css"),
    Taken("swagger-ui-dist", "5.35.0", "swagger-ui-bundle.js", "swagger-ui-bundle.js"),
    Taken("swagger-ui-dist", "5.35.0", "swagger-ui.css", "swagger-ui.css"),
)
GOVUK, SASS = "6.3.0", "1.108.2"
COMPONENTS = (
    "button", "checkboxes", "details", "error-message", "error-summary", "fieldset", "hint", "input", "inset-text", "label",
    "notification-banner", "radios", "select", "skip-link", "summary-list", "table", "tag", "textarea", "warning-text",
)  # fmt: skip
"""What the macros of `govuk-frontend-jinja` need; neither the typeface nor the crown, which are GOV.UK's own."""


def stylesheet() -> str:
    """The source of our subset of govuk-frontend."""
    parts = [
        "base",
        "core/index",
        "objects/index",
        *(f"components/{one}/index" for one in COMPONENTS),
        "utilities/index",
    ]
    settings = (
        '$govuk-font-family: system-ui, "Segoe UI", Arial, sans-serif;\n'
        '$govuk-include-default-font-face: false;\n$govuk-assets-path: "";\n'
    )
    return settings + "".join(f'@import "govuk-frontend/dist/govuk/{part}";\n' for part in parts)


def fetch(folder: Path) -> None:
    """The packages, of exactly these versions, without running anything of theirs."""
    wanted = sorted({f"{one.package}@{one.version}" for one in TAKEN} | {f"govuk-frontend@{GOVUK}", f"sass@{SASS}"})
    (folder / "package.json").write_text("{}")
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted], cwd=folder, check=True)


def build(folder: Path) -> bytes:
    """Our subset, compressed."""
    (folder / "heed.scss").write_text(stylesheet())
    words = ["npx", "sass", "--no-source-map", "--style=compressed", "--load-path=node_modules", "--quiet-deps"]
    done = subprocess.run(
        [*words, "--silence-deprecation=import", "heed.scss"], cwd=folder, check=True, capture_output=True
    )
    return done.stdout


def refresh() -> None:
    """Put the files in their place, with `LICENCES.md` beside them."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        fetch(folder)
        modules = folder / "node_modules"
        rows = []
        for one in TAKEN:
            content = (modules / one.package / one.path).read_bytes()
            content = re.sub(rb"\n?(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$", b"\n", content)
            rows.append((one.name, one.package, one.version, put(one.name, content)))
        rows.append(("govuk.css", "govuk-frontend", GOVUK, put("govuk.css", build(folder))))
        licences = {
            package: json.loads((modules / package / "package.json").read_text())["license"]
            for _, package, _, _ in rows
        }
        words = texts(modules, sorted(licences))
        (FOLDER / "LICENCES.md").write_text(told(rows, licences) + words)
        shutil.rmtree(modules)


def put(name: str, content: bytes) -> str:
    """Write a file; answers its SHA-256."""
    (FOLDER / name).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def told(rows: list[tuple[str, str, str, str]], licences: dict[str, str]) -> str:
    """Whose the files are."""
    lines = [
        "# Other people's files", "",
        "Kept as they were built (`make vendor` fetches them anew); none is fetched or built to run Heed. Of govuk-frontend it is",
        "our own build of a subset, without the typeface and the crown, which are reserved to GOV.UK.", "",
        "| file | of | version | licence | SHA-256 |", "| --- | --- | --- | --- | --- |",
        *(f"| `{name}` | {package} | {version} | {licences[package]} | `{digest}` |" for name, package, version, digest in rows), "",
    ]  # fmt: skip
    return "\n".join(lines)


def texts(modules: Path, packages: list[str]) -> str:
    """What each licence wants to be kept beside the files; Apache-2.0's text is that of Heed's own `LICENSE`."""
    found = [
        (package, file.read_text().strip())
        for package in packages for pattern in ("LICEN[CS]E*", "NOTICE*") for file in sorted((modules / package).glob(pattern))
    ]  # fmt: skip
    return "".join(f"\n## {package}\n\n{text}\n" for package, text in found if "Apache License" not in text[:200])


if __name__ == "__main__":
    refresh()
