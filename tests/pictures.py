"""`make screenshots`: pictures of every page, in both themes, of a force that is busy; into `docs/pictures`.

The pages are real ones, in Chromium, over a service of its own with the demonstration's markers and calls.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from heed.demo.story import CASES, MARKERS, ORDERS, PROTECTED
from heed.schema import migrate
from tests.browsers import arguments, chromium
from tests.builders import FixedClock
from tests.served import Served, a_served
from tests.web.console.browsing import OPTIONS, at, at_work, expect_live, move, queue_of
from tests.web.console.screen import give_passwords_at
from tests.world import CAST, grant_tokens

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
EVENING = datetime(2026, 11, 24, 22, 14, 30, tzinfo=UTC)


def call(served: Served, number: int, **more: Any) -> str:
    """A call of the story, some time after the last."""
    served.clock.advance(seconds=int(more.pop("after", 20)))
    body = {
        "source": "telephony/999", "id": f"c-{number}", "type": "call", "channel": "999", "call": f"T-881{number:02}",
        "incident": f"MP-20261124-{1450 + number}", "occurred_at": served.clock.moment.isoformat(),
    }  # fmt: skip
    answer = served.post("/v1/events", body | more)
    assert answer.status_code == 201, answer.text
    alerts = answer.json()["alerts"]
    return str(alerts[0]["alert"]) if alerts else ""


def caller(number: str) -> list[dict[str, str]]:
    return [{"number": number, "role": "caller"}]


def a_busy_evening(served: Served) -> None:
    """Markers of the demonstration, and a few calls: some answered, one shelved, two that nobody has."""
    for body in MARKERS:
        by = "Noor" if body.get("queue") == PROTECTED else "Owen"
        if body.get("sensitivity") != "covert":
            assert served.post("/v1/markers", body, by).status_code == 201
    for path, bodies in (("/v1/cases", CASES), ("/v1/orders", ORDERS)):
        for body in bodies:
            assert served.post(path, body, "Owen").status_code == 201
    for number, hours in ((91, 130), (92, 60), (93, 20)):
        earlier = call(served, number, phones=[*caller("07700 900555"), HERS], after=0,
                       occurred_at=(EVENING - timedelta(hours=hours)).isoformat())  # fmt: skip
        answer = served.post(f"/v1/alerts/{earlier}/resolve", {"outcome": "attended", "breach": "confirmed"}, "Sam")
        assert answer.status_code == 200
    nurse = call(served, 1, phones=caller("0151 496 0107"))
    move(served, nurse, "acknowledge", as_="Sam")
    relay = call(served, 2, phones=caller("0151 496 0124"), after=90)
    until = (served.clock.moment + timedelta(minutes=30)).isoformat()
    move(served, relay, "shelve", {"until": until, "reason": "Unit on its way"}, "Sam")
    hers = call(served, 3, phones=caller("07700 900201"), after=60, locations=[
        {"role": "incident", "address": "36 Hope Street, Liverpool", "postcode": "L1 9BX"}])  # fmt: skip
    move(served, hers, "acknowledge", as_="Priya")
    move(served, hers, "note", {"note": "Children are upstairs. She is calm."}, "Priya")
    call(served, 4, phones=caller("07700 900412"), after=80)
    call(served, 5, phones=caller("07700 900412"), after=15)
    call(served, 6, phones=caller("07700 900310"), after=25)
    call(served, 7, phones=caller("07700 900123"), silent_solution=True, after=30, locations=[
        {"role": "caller", "address": "Flat 2, 88 Wood Street, Liverpool", "postcode": "L1 4DQ"},
        {"role": "caller", "point": {"latitude": 53.4030, "longitude": -2.9800, "uncertainty_m": 25}}])  # fmt: skip
    call(served, 8, phones=[*caller("07700 900555"), HERS], after=25, locations=[
        {"role": "caller", "point": {"latitude": 53.4041, "longitude": -2.9809, "uncertainty_m": 25}}])  # fmt: skip
    closed = call(served, 9, phones=caller("07700 900414"), line="silent", after=20)
    wanted = {"outcome": "no_action_needed", "note": "He rang back: the care home has him."}
    assert served.post(f"/v1/alerts/{closed}/resolve", wanted, "Sam").status_code == 202
    sam = served.headers("Sam")
    for source, seconds in (("telephony/999", 600), ("cad/incidents", 60)):
        expected = {"source": source, "expected_every_s": seconds}
        served.client.put("/v1/sources", json=expected, headers=sam).raise_for_status()
    fallback = {"desk": "control-room", "fallback": "supervisors"}
    served.client.put("/v1/desks", json=fallback, headers=sam).raise_for_status()
    served.clock.advance(seconds=18)


HERS = {"number": "07700 900123", "role": "called"}


def look_up(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/look-up")
    page.locator("#box").fill("flat 2 88 wood st liverpool l1 4dq")
    page.keyboard.press("Enter")
    page.locator("#results").wait_for()


def new_marker(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/markers/new")
    for field, words in (
        ("category", "stalking"), ("instruction", "Send two. He has a key to the old flat."), ("number", "07700 900500"), ("number_again", "07700 900500"),
        ("address", "Flat 7, 88 Wood Street, Liverpool"), ("postcode", "L1 4DQ"),
    ):  # fmt: skip
        page.locator(f"[name={field}]").fill(words)
    page.locator("#area summary").click()
    page.locator("[name=centre]").fill("53.4039, -2.9806")
    page.locator("[name=radius]").fill("120")
    page.locator("input[name=risk][value=high]").check()
    page.get_by_role("button", name="Drill it first").click()
    page.locator("#drill").wait_for()


def marker(page: Page, served: Served) -> None:
    items = served.get("/v1/markers", "Owen").json()["items"]
    found = next(one["id"] for one in items if one["reference"] == "MRK-0017")
    page.goto(f"{served.base_url}/markers/{found}")


def opened(name: str, path: str, link: str) -> Callable[[Page, Served], None]:
    """A page of somebody's work that a link of its list opens."""

    def come(page: Page, served: Served) -> None:
        at_work(page, served, name, path)
        page.get_by_role("link", name=link, exact=True).first.click()
        page.locator("h1").wait_for()

    return come


def a_file(page: Page, served: Served) -> None:
    """Three lines, two of which are refused."""
    at_work(page, served, "Owen", "/import")
    page.locator("#file").fill(
        "reference,category,risk,instruction,phones,address,postcode\nMRK-0901,stalking,high,Send two.,07700 900701,,\n"
        "MRK-0902,stalking,hihg,Send two.,07700 900702,,\nMRK-0903,stalking,high,Ring first.,,Flat 2,\n"
    )
    page.get_by_role("button", name="Try it").click()
    page.locator("#report-title").wait_for()


def a_token(page: Page, served: Served) -> None:
    """A token for the command-and-control system, just made."""
    at_work(page, served, "Alex", "/tokens")
    # A name is given once: there are two themes.
    page.get_by_label("Whose it is").fill(f"command and control {page.locator('tbody tr').count()}")
    page.get_by_label("What it is good for").select_option("integration")
    page.get_by_role("button", name="Make it").click()
    page.locator("code.secret").wait_for()


def lost(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/queue")
    expect_live(page)
    page.evaluate("""() => { const bar = document.getElementById('lost'); bar.hidden = false;
        bar.textContent = heed.word('lost', {since: '22:20:32', tries: 4}) + ' ' + heed.word('ring') + ': 2210'; }""")


WAITING = "tbody[data-section=waiting] tr.row:has(button.go)"


def handed_over(page: Page, served: Served) -> None:
    """Owen has two alerts, and goes home."""
    page.goto(f"{served.base_url}/queue")
    for _ in range(2):
        if page.locator("tbody[data-section=mine] tr.row").count() < 2 and page.locator(WAITING).count():
            page.locator(WAITING).first.get_by_role("button", name="Acknowledge").click()
            page.wait_for_timeout(500)
    page.goto(f"{served.base_url}/hand-over")


def as_somebody(name: str, path: str) -> Callable[[Page, Served], None]:
    return lambda page, served: at_work(page, served, name, path)


PAGES: dict[str, tuple[Callable[[Page, Served], None], bool]] = {
    "queue": (at("/queue"), False), "alert": (at("/alerts/10"), True), "order": (at("/alerts/12"), True),
    "second-person": (at("/alerts/13"), True), "look-up": (look_up, True),
    "new-marker": (new_marker, True), "marker": (marker, True), "concern": (at("/concerns/new"), True),
    "me": (at("/me"), True), "help": (at("/help"), True), "not-live": (lost, False), "error": (at("/alerts/999"), True),
    "hand-over": (handed_over, True), "work": (as_somebody("Sam", "/work"), True), "desks": (as_somebody("Sam", "/desks"), True),
    "sources": (as_somebody("Sam", "/sources"), True), "measures": (as_somebody("Sam", "/measures"), True),
    "trail": (as_somebody("Ada", "/trail"), False), "reviews": (as_somebody("Owen", "/reviews"), True), "markers": (as_somebody("Owen", "/markers"), False),
    "cases": (as_somebody("Owen", "/cases?whose=all"), False), "case": (opened("Owen", "/cases?whose=all", "SPO-17"), True),
    "orders": (as_somebody("Owen", "/orders"), False), "an-order": (opened("Owen", "/orders", "ORD-0017"), True),
    "import": (a_file, True), "waiting": (as_somebody("Sam", "/waiting"), True), "routing": (as_somebody("Alex", "/routing"), True),
    "people": (as_somebody("Alex", "/people"), True), "tokens": (a_token, True), "settings": (as_somebody("Alex", "/settings"), False),
    "categories": (as_somebody("Alex", "/categories"), True), "new-order": (as_somebody("Owen", "/orders/new"), False), "new-case": (as_somebody("Owen", "/cases/new"), False),
}  # fmt: skip
"""Name → how to come there, and whether the whole page is shown or what a screen holds of it."""


@contextlib.contextmanager
def a_force() -> Iterator[Served]:
    with tempfile.TemporaryDirectory() as folder:
        url, clock = f"sqlite:///{folder}/heed.sqlite", FixedClock(EVENING)
        migrate(url)
        secrets = grant_tokens(url, clock, CAST)
        give_passwords_at(url, clock, "Priya", "Owen", "Sam", "Ada", "Alex")
        with a_served(url, secrets, clock=clock, map_start="53.4039, -2.9806") as served:
            a_busy_evening(served)
            yield served


def take() -> None:
    """All of them."""
    FOLDER.mkdir(exist_ok=True)
    with a_force() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments())
        for theme in ("light", "dark"):
            options = OPTIONS | {"color_scheme": theme, "viewport": {"width": 1280, "height": 800}}
            outside = browser.new_page(**options)
            outside.goto(served.base_url)
            outside.screenshot(path=FOLDER / f"sign-in-{theme}.png")
            page = queue_of(browser.new_page(**options), served, "Owen")
            page.keyboard.press("Shift")
            for name, (come, is_whole) in PAGES.items():
                come(page, served)
                page.mouse.move(1, 1)
                time.sleep(1.2)
                page.screenshot(path=FOLDER / f"{name}-{theme}.png", full_page=is_whole)
            page.set_viewport_size({"width": 390, "height": 844})
            page.goto(f"{served.base_url}/queue")
            time.sleep(1.2)
            page.screenshot(path=FOLDER / f"queue-narrow-{theme}.png")
        browser.close()


if __name__ == "__main__":
    take()
