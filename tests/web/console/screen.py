"""Somebody at a screen without scripts: forms and pages through the application, with the cookie that they hold."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import urlencode

from access import people
from access.people import NewPerson
from access.roles import Role
from db.ids import new_ids
from db.session import Database
from tests.builders import KEYS, FixedClock
from tests.world import CAST, World

PASSWORD = "correct horse battery"


def give_passwords(db: Database, clock: FixedClock, names: Iterable[str]) -> None:
    """Make these of the cast people who can sign in. One hash for all: it takes a tenth of a second."""
    with db.transaction() as session:
        for name in names:
            role, desks = CAST[name]
            person = NewPerson(name=name, role=role, force="default", desks=frozenset(desks))
            people.create(session, person, PASSWORD, clock.moment, new_ids())


def give_passwords_at(url: str, clock: FixedClock, *names: str) -> None:
    """The same for a service that runs elsewhere."""
    db = Database(url, KEYS)
    give_passwords(db, clock, names)
    db.close()


class Screen:
    """A browser with one cookie jar."""

    def __init__(self, world: World, name: str = "Priya") -> None:
        self.world = world
        self.name = name
        self.jar: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None, **headers: str) -> Any:
        """One request as a browser sends it; redirects are not followed."""
        given = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        given |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())} if self.jar else {}
        if form is not None:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = urlencode(form, doseq=True).encode() if form is not None else None
        answer = self.world.client.request(
            method, path, content=content, headers={k: v for k, v in given.items() if v}, follow_redirects=False
        )
        self.world.client.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.jar.pop(name, None)
            else:
                self.jar[name] = value
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, form: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.ask("POST", path, form if form is not None else {}, **headers)

    def sign_in(self, password: str = PASSWORD, **more: str) -> Any:
        return self.post("/sign-in", {"name": self.name, "password": password, **more})


def at_screen(world: World, name: str = "Priya") -> Screen:
    """Somebody who is signed in."""
    with world.db.reading() as session:
        is_known = people.who_is(session, "default", name) is not None
    if not is_known:
        give_passwords(world.db, world.clock, [name])
    screen = Screen(world, name)
    assert screen.sign_in().status_code == 303
    return screen


def words_of(answer: Any) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def somebody(world: World, name: str, *desks: str, role: Role = Role.HANDLER) -> Screen:
    """Somebody with a password and no token, signed in."""
    with world.db.transaction() as session:
        person = NewPerson(name=name, role=role, force="default", desks=frozenset(desks))
        people.create(session, person, PASSWORD, world.clock.moment, new_ids())
    screen = Screen(world, name)
    assert screen.sign_in().status_code == 303
    return screen


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    form = page.split('class="stack"', 1)[1].split("</form>", 1)[0]
    found = {}
    boxes = ('type="radio"', 'type="checkbox"')
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (not any(box in tag for box in boxes) or " checked" in tag):
            found[name[1]] = unescape(value[1]) if value else ""
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        found[name] = chosen[1] if chosen else ""
    areas = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    return found | {name: unescape(text) for name, text in areas}
