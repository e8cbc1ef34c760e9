"""What a long register costs an officer's pages: the list of markers with 100 and with 100,000 of them.

Asked as a browser asks, down to the page as text, in one process; of the markers one in twenty has ended, and a few
each are suspended, withdrawn and not begun. Forty are the officer's own.
"""

import re
import time
from urllib.parse import unquote

from sqlalchemy import text

from bench.ground import both_engines, share
from bench.page import table
from heed.schema import migrate
from tests.builders import on_phone
from tests.web.console.screen import Screen, at_screen
from tests.world import World, a_world

FEW, MANY, OWN, TIMES = 100, 100_000, 40, 30
PAGES = {
    "her own": "/markers", "everybody's": "/markers?whose=all", "suspended ones": "/markers?whose=all&status=suspended",
    "ended ones": "/markers?whose=all&status=lapsed", "of any standing": "/markers?whose=all&status=",
    "review soon": "/markers?whose=all&review=true",
}  # fmt: skip
COLUMNS = (
    "force audience category subject_role risk sensitivity instruction_sealed valid_from review_due placed_at "
    "changed_at version mark"
).split()


def fill(world: World, count: int, by: str) -> None:
    """So many markers like the first one, by somebody; told in SQL: what is measured is reading."""
    with world.db.transaction() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        last = session.execute(text("SELECT count(*) FROM markers")).scalar_one()
        numbers = (
            f"(WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < {count}) SELECT n FROM t) AS t"
            if is_sqlite
            else f"generate_series(1, {count}) AS n"
        )
        new_id = "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
        moment = "m.placed_at"
        standing = {
            "valid_until": f"CASE WHEN n % 20 = 0 THEN {moment} END",
            "suspended_at": f"CASE WHEN n % 500 = 1 THEN {moment} END",
            "withdrawn_at": f"CASE WHEN n % 50 = 2 THEN {moment} END",
        }
        names = ["id", "reference", "placed_by", "placed_ordinal", *COLUMNS, *standing]
        values = [
            new_id, f"'M-' || ({last} + n)", f"'{by}'", f"{last} + n", *(f"m.{name}" for name in COLUMNS),
            *standing.values(),
        ]  # fmt: skip
        # Names and numbers are this module's own.
        session.execute(
            text(
                f"INSERT INTO markers ({', '.join(names)}) SELECT {', '.join(values)} "
                f"FROM (SELECT * FROM markers ORDER BY placed_at LIMIT 1) m CROSS JOIN {numbers}"
            )
        )
    if not is_sqlite:
        # What autovacuum does by itself, some minutes later.
        with world.db.transaction() as session:
            session.execute(text("ANALYZE"))


def timed(screen: Screen, path: str) -> list[float]:
    """Milliseconds of each of so many."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = screen.get(path)
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, path
    return sorted(took)


def deep_in(screen: Screen, pages: int) -> str:
    """The address of a page some way down the list."""
    path = "/markers?whose=all&status="
    for _ in range(pages):
        found = re.search(r'href="(/markers\?[^"]*after=[^"]*)"', screen.get(path).text)
        path = unquote(found[1].replace("&amp;", "&")) if found else path
        path = path.replace("+00:00", "%2B00:00")
    return path


def measure(world: World) -> dict[str, tuple[list[float], list[float]]]:
    """What each page takes, of few and of many."""
    world.place(on_phone())
    screen = at_screen(world, "Owen")
    fill(world, OWN, "Owen")
    fill(world, FEW - OWN, "Else")
    few = {what: timed(screen, path) for what, path in PAGES.items()}
    few["the second page"] = timed(screen, deep_in(screen, 1))
    fill(world, MANY - FEW, "Others")
    many = {what: timed(screen, path) for what, path in PAGES.items()}
    many["the second page"] = timed(screen, deep_in(screen, 1))
    return {what: (few[what], many[what]) for what in few}


def section() -> str:
    """Measure both engines; the section of the page."""
    rows = []
    for engine, url in both_engines():
        migrate(url)
        with a_world(url) as world:
            for what, (few, many) in measure(world).items():
                cells = [f"{share(took, part):.1f}" for took in (few, many) for part in (0.5, 0.99)]
                rows.append([engine, what, *cells, f"{share(many, 0.5) / share(few, 0.5):.2f}"])
                print("  ".join(rows[-1]), flush=True)
    heads = [
        "engine", "markers", f"{FEW:,}: p50 ms", "p99 ms", f"{MANY:,}: p50 ms", "p99 ms", "ratio of p50",
    ]  # fmt: skip
    return _SECTION.format(table=table(heads, rows), times=TIMES)


_SECTION = """## A long register

A page of the list of markers, 50 of them with the counts of each standing, with 100 and with 100,000 stored; each
{times} times, by an officer at a screen, from her request to the page as text.

{table}
"""
