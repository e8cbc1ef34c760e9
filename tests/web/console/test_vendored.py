"""Other people's files are those that `LICENCES.md` names, to the byte, and carry neither reserved face nor foreign host."""

import hashlib
import re

from tests.vendoring import COMPONENTS, FOLDER, GOVUK, TAKEN, stylesheet
from web.console.pages import environment

ROW = re.compile(r"^\| `([^`]+)` \| (\S+) \| (\S+) \| (\S+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
LIKED = {"MIT", "0BSD", "BSD-2-Clause", "Apache-2.0"}


def test_each_file_is_named_with_its_version_licence_and_hash() -> None:
    rows = ROW.findall((FOLDER / "LICENCES.md").read_text())
    assert {name for name, *_ in rows} == {path.name for path in FOLDER.iterdir()} - {"LICENCES.md"}
    assert {(name, package, version) for name, package, version, *_ in rows} == {
        (one.name, one.package, one.version) for one in TAKEN
    } | {("govuk.css", "govuk-frontend", GOVUK)}
    for name, _, _, licence, digest in rows:
        assert licence in LIKED
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name


def test_neither_the_reserved_typeface_nor_the_crown_is_there() -> None:
    css = (FOLDER / "govuk.css").read_text()
    assert "GDS Transport" not in css
    assert "url(" not in css
    assert "crown" not in css.lower()
    assert "header" not in COMPONENTS
    assert 'components/button/index"' in stylesheet()


def test_every_macro_that_a_page_uses_has_its_component() -> None:
    loader = environment().loader
    assert loader is not None
    used = set()
    for name in loader.list_templates():
        if name.startswith("ours/"):
            source = loader.get_source(environment(), name)[0]
            used |= set(re.findall(r"govuk_frontend_jinja/components/([\w-]+)/", source))
    assert used
    assert used <= set(COMPONENTS)
