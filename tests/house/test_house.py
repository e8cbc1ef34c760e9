"""The house keeps itself: what its rules say is held here. The floors are import-linter's to hold (`make lint`)."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from heed.app import create_app
from heed.cli import make_command
from heed.settings import PREFIX, Settings, plain_settings
from tests.builders import KEYS
from web.caller import May
from web.problems import ANSWERS

ROOT = Path(__file__).parents[2]
PACKAGES = ("access", "alerts", "db", "heed", "markers", "web")
LONGEST_ROOM = 300
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 6
PUBLIC = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/sign-in", "/assets/{of_build}/{name}"}

TOLD_ELSEWHERE = {
    "BadKeys", "MissingKeys", "NotAtHead", "UnknownSetting", "UnusableDatabase", "WrongKeys", "DemoFailed", "FileNotTaken",
    "TokenNameTaken", "NoSuchToken", "BadSetting", "CannotListen", "UserNameTaken", "BadAddress", "BadServer", "NoSuchUser",
    "BadPassword", "NotAPersonsRole", "NoSuchOfficer", "OnANetwork", "ServedAlready", "BadFile", "NoSuchEvent", "CannotBeDone", "BadPair", "UnusableHeader", "InTheClear",  # the command tells these, in one line each
    "_Undone", "SealBroken", "NotMyTurn", "NotMatched", "NaiveTime", "BadKeysChosen",  # these never leave the rooms that raise them
    "DataRefused",  # told as its parent, or as what it means
}  # fmt: skip
"""Exceptions that never become an answer over HTTP, each with the reason."""


def rooms() -> list[Path]:
    return [
        path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "migrations/versions" not in str(path)
    ]  # fmt: skip


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions_in(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_the_rules_of_this_file_look_at_something() -> None:
    assert len(rooms()) > 80
    assert sum(1 for path in rooms() for _ in functions_in(path)) > 500


def test_no_room_is_longer_than_300_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in rooms()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_ROOM} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    wrong = [
        where(path, f)
        for path in rooms()
        for f in functions_in(path)
        if (f.end_lineno or 0) - f.lineno >= LONGEST_FUNCTION
    ]
    assert wrong == []


def test_no_function_takes_more_than_six_parameters() -> None:
    wrong = []
    for path in rooms():
        for function in functions_in(path):
            given = function.args
            names = [
                arg.arg
                for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)
                if arg.arg not in ("self", "cls")
            ]
            if len(names) > MOST_PARAMETERS:
                wrong.append(where(path, function))
    # A command's parameters are its options.
    assert [name for name in wrong if not name.startswith(("heed/cli.py", "heed/commands/"))] == []


def test_nothing_is_imported_inside_a_function() -> None:
    wrong = [
        where(path, node) for path in rooms() for function in functions_in(path) for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]  # fmt: skip
    assert wrong == []


def names_used(path: Path) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            yield node.attr, node
        elif isinstance(node, ast.Name):
            yield node.id, node


def test_nobody_commits_or_rolls_back_by_hand() -> None:
    """The one transaction's block does both: `db/session.py`."""
    assert [
        where(path, node) for path in rooms() for name, node in names_used(path) if name in ("commit", "rollback")
    ] == []


def test_the_dialect_is_asked_in_one_room() -> None:
    wrong = {
        str(path.relative_to(ROOT))
        for path in rooms()
        if re.search(
            r"\.dialect\b|get_backend_name|dialects\.(postgresql|sqlite)|\"(postgresql|sqlite)\"", path.read_text()
        )
    }
    assert wrong == {"db/engine.py"}


def test_the_environment_is_read_in_one_room() -> None:
    wrong = {
        str(path.relative_to(ROOT))
        for path in rooms()
        for name, node in names_used(path)
        if name in ("environ", "getenv", "dotenv_values") and not (name == "dotenv_values" and path.name == "keys.py")
    }
    assert wrong == {"heed/settings.py"}


def test_nothing_prints_but_what_talks_to_people() -> None:
    wrong = {str(path.relative_to(ROOT)) for path in rooms() for name, _ in names_used(path) if name == "print"}
    talk_to_people = ("heed/cli.py", "heed/commands/", "heed/demo/run.py")
    assert [name for name in wrong if not name.startswith(talk_to_people)] == []


def test_no_log_line_is_made_by_putting_values_into_its_words() -> None:
    """What varies goes into `extra`, whose keys are listed: so nothing personal passes by accident."""
    wrong = []
    for path in rooms():
        for node in ast.walk(tree_of(path)):
            is_log = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            )
            if is_log and node.func.value.id == "log" and not isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                wrong.append(where(path, node))
    assert wrong == []


def modules() -> Iterator[Any]:
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if "migrations" not in found.name:
                yield importlib.import_module(found.name)


def exceptions() -> set[type[Exception]]:
    return {
        thing
        for module in modules()
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if issubclass(thing, Exception) and thing.__module__.partition(".")[0] in PACKAGES
    }


def test_every_exception_has_its_problem_or_a_reason_why_not() -> None:
    told = {error for error in exceptions() if any(kind in ANSWERS for kind in error.__mro__)}
    assert {error.__name__ for error in exceptions() - told} | {"DataRefused"} == TOLD_ELSEWHERE


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[APIRoute]:
    url = f"sqlite:///{tmp_path_factory.mktemp('house') / 'heed.sqlite'}"
    app = create_app(plain_settings(database_url=url), keys=KEYS)
    found: list[APIRoute] = []

    def walk(router: Any) -> None:
        for route in router.routes:
            if isinstance(route, APIRoute):
                found.append(route)
            elif hasattr(route, "original_router"):
                walk(route.original_router)

    walk(app.router)
    return found


def permissions_of(dependant: Any) -> list[May]:
    own = [dependant.call] if isinstance(dependant.call, May) else []
    return own + [may for inner in dependant.dependencies for may in permissions_of(inner)]


def test_every_route_asks_for_a_permission_and_asks_for_it_first(routes: list[APIRoute]) -> None:
    assert len(routes) > 20
    without = []
    for route in routes:
        if route.path in PUBLIC:
            continue
        first = route.dependant.dependencies[0] if route.dependant.dependencies else None
        if (
            first is None
            or not isinstance(first.call, May)
            or len({may.permission for may in permissions_of(route.dependant)}) != 1
        ):
            without.append(route.path)
    assert without == []


def test_every_route_stands_in_the_reference(routes: list[APIRoute]) -> None:
    pages = (ROOT / "docs" / "reference" / name for name in ("api.md", "console.md"))
    reference = "".join(page.read_text() for page in pages)
    missing = [
        f"{method} {route.path}" for route in routes for method in sorted((route.methods or set()) - {"HEAD"})
        if f"{method} {route.path}" not in reference
    ]  # fmt: skip
    assert missing == []


def test_every_setting_stands_in_the_reference_with_its_default_and_what_it_means() -> None:
    reference = (ROOT / "docs" / "reference" / "settings.md").read_text()
    missing = []
    for name, field in Settings.model_fields.items():
        assert field.description, name
        line = next((line for line in reference.splitlines() if f"`{PREFIX}{name.upper()}`" in line), "")
        if field.description not in line:
            missing.append(name)
    assert missing == []


def commands(group: Any, prefix: str = "heed") -> Iterator[str]:
    for one in group.registered_commands:
        yield f"{prefix} {one.name or one.callback.__name__.replace('_', '-')}"
    for inner in group.registered_groups:
        yield from commands(inner.typer_instance, f"{prefix} {inner.name}" if inner.name else prefix)


def test_every_command_stands_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "command.md").read_text()
    assert [name for name in commands(make_command()) if f"`{name}" not in reference] == []


def test_every_problem_stands_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "problems.md").read_text()
    assert [
        answer.type for answer in ANSWERS.values() if f"| `{answer.type}` | {answer.status} |" not in reference
    ] == []


def test_what_is_installed_and_what_is_imported_are_the_same_libraries() -> None:
    """What is not used comes out of `pyproject.toml`."""
    project = (ROOT / "pyproject.toml").read_text()
    wanted = set(
        re.findall(r'^    "([a-z0-9-]+)', project.partition("dependencies = [")[2].partition("]")[0], re.MULTILINE)
    )
    imported = {
        (node.names[0].name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
        for path in rooms()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    spelt = {
        "argon2-cffi": "argon2",
        "python-dotenv": "dotenv",
        "prometheus-client": "prometheus_client",
        "pydantic-settings": "pydantic_settings",
    }
    assert {name for name in wanted if spelt.get(name, name.replace("-", "_")) not in imported} == set()


def test_no_path_of_a_machine_and_no_registry_stands_in_the_project() -> None:
    pattern = re.compile(
        r"(?<![\w.])/(?:work|tmp/bash_jobs|home/\w+|root)/|pypi\.org|pythonhosted|registry\.npmjs|deb\.debian"
    )
    found = []
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith(".") and part != ".ci" for part in relative.parts)
        if (
            path.is_file()
            and not hidden
            and path.suffix in {".py", ".md", ".toml", ".lock", ".ini", ".txt", ".js", ".html", ""}
        ):
            text = path.read_text(errors="ignore")
            if path.name != "test_house.py" and pattern.search(text):
                found.append(str(relative))
    assert found == []
