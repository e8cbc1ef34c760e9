"""What browser tests do again and again: sign in, ring, look at rows, and stand in for a service that is away."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.builders import a_marker, an_event, from_number, on_phone
from tests.served import Served
from tests.web.console.screen import PASSWORD

OPTIONS: dict[str, Any] = {
    "locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "reduce", "viewport": {"width": 1280, "height": 800},
}  # fmt: skip
HERS, HIS, OTHER = "07700 900123", "07700 900201", "0151 496 0107"


def place_markers(served: Served) -> None:
    """One that becomes immediate when nobody speaks, one that is urgent, one that is routine."""
    for number, risk, words in (
        (HERS, "high", "Send two. She may not be able to speak."), (HIS, "medium", "Treat as urgent."),
        (OTHER, "standard", "Put her through to the nurse."),
    ):  # fmt: skip
        marker = a_marker(on_phone(number), risk=risk, instruction=words, reference=f"MRK-{number[-3:]}")
        assert served.post("/v1/markers", marker, "Owen").status_code == 201


def ring(served: Served, number: str = HERS, **more: Any) -> dict[str, Any]:
    """A call; answers its receipt."""
    answer = served.post("/v1/events", an_event(**from_number(number), **more))
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def alert_in(receipt: dict[str, Any]) -> str:
    [alert] = receipt["alerts"]
    found: str = alert["alert"]
    return found


def sign_in(page: Page, served: Served, name: str = "Priya") -> None:
    """By keyboard, as everybody does."""
    page.goto(served.base_url)
    page.keyboard.press("Tab")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")


def queue_of(page: Page, served: Served, name: str = "Priya") -> Page:
    """Somebody's queue, live."""
    sign_in(page, served, name)
    expect_live(page)
    return page


def at_work(page: Page, served: Served, name: str, path: str) -> None:
    """A page beside the queue, as somebody else than who is signed in."""
    page.context.clear_cookies()
    page.goto(served.base_url)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    page.goto(f"{served.base_url}{path}")


def expect_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=20_000)


def row(page: Page, number: int | str) -> Locator:
    return page.locator(f"#alert-{number}")


def rows(page: Page, section: str) -> Locator:
    return page.locator(f'tbody[data-section="{section}"] tr.row')


def move(served: Served, alert_id: str, what: str, body: dict[str, Any] | None = None, as_: str = "Sam") -> None:
    answer = served.post(f"/v1/alerts/{alert_id}/{what}", body or {}, as_)
    assert answer.status_code == 200, answer.text


def at(path: str) -> Callable[[Page, Served], None]:
    """How to come to a page."""

    def go(page: Page, served: Served) -> None:
        page.goto(f"{served.base_url}{path}")

    return go


@contextmanager
def another(browser: Browser, **options: Any) -> Iterator[Page]:
    """Another browser, with cookies of its own."""
    context = browser.new_context(**OPTIONS | options)
    yield context.new_page()
    context.close()


class _Away(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def only_503_at(port: int) -> Iterator[None]:
    """A proxy whose service is away: every answer is 503."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Away)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
