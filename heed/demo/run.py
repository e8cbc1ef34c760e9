"""Putting the demonstration together, and taking it away again."""

import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket
from types import FrameType

import httpx2
from rich.console import Console
from rich.live import Live
from rich.progress import Progress

from access import tokens
from access.people import NewPerson
from access.people import create as create_person
from access.roles import CannotBeDone, Role
from db.clock import DatabaseClock
from db.ids import new_ids
from db.keyring import KeyRing
from db.session import Database
from heed.app import create_app
from heed.demo.board import Board, cast_table, check, queue_table
from heed.demo.player import FileNotTaken, Player
from heed.demo.story import CASES, CAST, EXPECTED, MARKERS, ORDERS, SCENES
from heed.keys import hold_against_database
from heed.schema import is_unused, migrate
from heed.serving import Server, bind, make_server
from heed.settings import Settings, plain_settings

BY_FILE = 12
"""So many of the markers, the last of the story, are brought in as a force brings in those that it has."""
PAUSE_BETWEEN_ROUNDS_S = 20.0
PIPED_WIDTH = 130
"""Characters of a line where nobody says how wide it is."""


class DemoFailed(CannotBeDone):
    """The demonstration could not run, or did not raise what it had to."""


def run_demo(*, port: int, once: bool, database_url: str | None, folder: Path | None) -> None:
    """Play the story into a service of its own; `once` checks the queue and ends, else it runs until Ctrl-C."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    stop = _stop_on_signals()
    with ExitStack() as stack:
        url = database_url or _throw_away(stack, folder)
        settings = plain_settings(database_url=url, force="example")
        password = f"demo-{secrets.token_hex(6)}"
        base_url, people = _prepare(settings, KeyRing.new(secrets.token_bytes), stack, (port, password))
        client = stack.enter_context(httpx2.Client(base_url=base_url, timeout=10))
        player = Player(client, people)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            for body in progress.track(MARKERS[:-BY_FILE], description="placing markers"):
                player.place(body)
            for case in CASES:
                player.record("/v1/cases", case)
            for order in ORDERS:
                player.record("/v1/orders", order)
            try:
                player.bring_in(MARKERS[-BY_FILE:])
            except FileNotTaken as error:
                raise DemoFailed(str(error)) from None
        console.print(f"{len(MARKERS)} example markers placed, {BY_FILE} of them brought in by a CSV file.")
        if once:
            _play_once(player, console)
        else:
            console.print(_invitation(base_url, password), highlight=False)
            _play_on(player, console, stop)


def _stop_on_signals() -> threading.Event:
    """Ctrl-C also when started in the background, where a shell has SIGINT ignored."""
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    return stop


def _throw_away(stack: ExitStack, folder: Path | None) -> str:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "heed-demo.sqlite"
        if file.exists():
            raise DemoFailed(f"{file.name} is there already: name another folder")
        return f"sqlite:///{file}"
    return f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory(prefix='heed-demo-'))}/heed-demo.sqlite"


def _prepare(settings: Settings, keys: KeyRing, stack: ExitStack, how: tuple[int, str]) -> tuple[str, dict[str, str]]:
    """A migrated, empty database, the cast with tokens and a password, and the service; its address and the tokens."""
    port, password = how
    if not is_unused(settings.database_url):
        raise DemoFailed("this database is not empty: the demonstration wants one of its own")
    migrate(settings.database_url)
    db = Database(settings.database_url, keys)
    hold_against_database(db, DatabaseClock())
    people: dict[str, str] = {}
    with db.transaction() as session:
        now = DatabaseClock().now(session)
        for worker in CAST:
            grant = tokens.Grant(
                name=worker.name, role=worker.role, force=settings.force, desks=frozenset(worker.desks),
                sources=frozenset(worker.sources),
            )  # fmt: skip
            people[worker.name] = tokens.create(session, grant, now, new_ids(), secrets.token_bytes).secret
            if worker.role is not Role.INTEGRATION:
                person = NewPerson(
                    name=worker.name, role=worker.role, force=settings.force, desks=frozenset(worker.desks)
                )
                create_person(session, person, password, now, new_ids())
    db.close()
    bound = bind("127.0.0.1", port)
    server = make_server(create_app(settings, keys=keys))
    stack.enter_context(_serving(server, bound))
    return f"http://127.0.0.1:{bound.getsockname()[1]}", people


@contextmanager
def _serving(server: Server, bound: socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="heed-demo-server", daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise DemoFailed("the service did not start")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(15)


def _play_once(player: Player, console: Console) -> None:
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for scene in progress.track(SCENES, description="playing the feed"):
            player.play(scene)
    alerts = player.queue()
    console.print(queue_table(alerts))
    wrong = check(alerts, player.references, EXPECTED)
    for line in wrong:
        console.print(line, style="bold")
    if wrong:
        raise DemoFailed(f"{len(wrong)} differences from the {len(EXPECTED)} alerts that were expected")
    console.print(f"{len(SCENES)} events raised the {len(EXPECTED)} alerts that were expected, and no other.")


def _invitation(base_url: str, password: str) -> str:
    """Where the console is, and as whom one may sign in."""
    return (
        f"\nThe console: {base_url}/\n"
        "Sign in as Priya (call handler), Owen (safeguarding officer), Sam (supervisor), Ada (auditor), Alex or Joan\n"
        f"(administrators), Noor or Kit (of a closed desk); the password is {password}\n"
        "The story plays while you watch. Ctrl-C ends it.\n"
    )


def _play_on(player: Player, console: Console, stop: threading.Event) -> None:
    console.print(cast_table(player.people))
    board = Board(player)
    follower = threading.Thread(target=board.follow, args=(stop,), name="heed-demo-board", daemon=True)
    follower.start()
    if console.is_terminal:
        with Live(board, console=console, refresh_per_second=2):
            _rounds(player, board, stop)
    else:
        board.tell = lambda line: print(line, file=sys.stdout, flush=True)  # noqa: T201  a log for who pipes it
        _rounds(player, board, stop)


def _rounds(player: Player, board: Board, stop: threading.Event) -> None:
    """The story, again and again with new calls, until somebody has seen enough."""
    while not stop.is_set():
        for scene in SCENES:
            if stop.is_set():
                return
            board.say(scene.told)
            player.play(scene)
            stop.wait(scene.wait_s)
        player.next_round()
        board.say("The story begins again, with new calls.")
        stop.wait(PAUSE_BETWEEN_ROUNDS_S)
