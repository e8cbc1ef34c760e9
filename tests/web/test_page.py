"""The plain page at `/`, in a real browser: a pasted token shows the live queue, and nothing of it stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.builders import a_marker, an_event, from_number, on_phone
from tests.served import Served, a_served

pytestmark = pytest.mark.browser
OTHERS_NUMBER = "07700 900201"


@pytest.fixture
def served(sqlite_files: Any) -> Iterator[Served]:
    with sqlite_files.fresh() as url, a_served(url) as running:
        running.post("/v1/markers", a_marker(on_phone(), reference="MRK-1", narrative="For officers only."), "Owen")
        running.post(
            "/v1/markers", a_marker(on_phone(OTHERS_NUMBER), risk="standard", instruction="Put through."), "Owen"
        )
        yield running


def ring(served: Served, number: str = "07700 900123", **more: Any) -> dict[str, Any]:
    answer = served.post("/v1/events", an_event(**from_number(number), **more))
    assert answer.status_code == 201
    receipt: dict[str, Any] = answer.json()
    return receipt


def sign_in(page: Page, served: Served, name: str = "Priya", token: str | None = None) -> None:
    page.goto(served.base_url)
    page.get_by_label("Token").fill(token or served.secrets[name])
    page.keyboard.press("Enter")


def queue_of(page: Page, served: Served, name: str = "Priya") -> Page:
    """The queue, seen by somebody, with its line live."""
    sign_in(page, served, name)
    expect(page.locator("#line")).to_contain_text("LIVE")
    return page


@contextmanager
def another_browser(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("token", "told"), [("heed_nonsense", "This token is not good."), (None, "does not read alerts")]
)
def test_a_token_that_is_not_good_is_told_and_the_box_keeps_the_focus(
    page: Page, served: Served, token: str | None, told: str
) -> None:
    sign_in(page, served, "Ada", token)
    expect(page.locator("#token-error")).to_contain_text(told)
    expect(page.get_by_label("Token")).to_be_focused()
    expect(page.locator("#queue")).to_be_hidden()


def test_an_alert_that_is_raised_appears_by_itself_with_the_instruction_first(page: Page, served: Served) -> None:
    queue_of(page, served)
    expect(page.locator("#empty")).to_have_text("No open alerts.")
    ring(served, silent_solution=True)
    row = page.locator("#alerts tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator(".mark")).to_have_text("▲ IMMEDIATE")
    expect(row.locator(".instruction")).to_have_text("Treat as urgent.")
    expect(row.locator(".why")).to_contain_text("the caller's number 07700 900123 is the marked one")
    expect(page.locator("#assertive")).to_have_text("New immediate alert 1")
    expect(page).to_have_title("(1) Queue – Heed")
    assert "For officers only" not in page.content()


def test_what_is_required_and_every_marker_that_fired_stand_on_the_row(page: Page, served: Served) -> None:
    response = {"grade": "immediate", "call_back": "never", "code_word": "marigold"}
    for number, instruction in (("07700 900301", "Send two."), ("07700 900302", "Tell the duty officer.")):
        marker = a_marker(on_phone(number), case="SPO-9", instruction=instruction, response=response)
        assert served.post("/v1/markers", marker, "Owen").status_code == 201
    queue_of(page, served)
    numbers = (("07700 900301", "caller"), ("07700 900302", "called"))
    served.post("/v1/events", an_event(phones=[{"number": number, "role": role} for number, role in numbers]))
    row = page.locator("#alerts tbody tr")
    expect(row.locator(".required")).to_have_text(
        "Required: immediate response · never ring back · code word: marigold"
    )
    expect(row.locator(".instruction")).to_have_text("Send two.")
    expect(row).to_contain_text("Also (exact number): Tell the duty officer.")


def test_the_most_pressing_stands_first_and_a_further_event_changes_its_row_in_place(
    page: Page, served: Served
) -> None:
    queue_of(page, served)
    ring(served, OTHERS_NUMBER, call="T-1")
    ring(served)
    marks = page.locator(".mark")
    expect(marks).to_have_text(["◆ URGENT", "● ROUTINE"])
    ring(served, OTHERS_NUMBER, call="T-1", abandoned=True)
    expect(marks).to_have_text(["▲ IMMEDIATE", "◆ URGENT"])
    expect(page.locator("#alerts tbody tr").first).to_contain_text("2 events")


def test_an_alert_is_answered_by_keyboard_alone(page: Page, served: Served) -> None:
    queue_of(page, served)
    ring(served)
    expect(page.locator("#alerts tbody tr")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    button = page.get_by_role("button", name="Acknowledge alert 1")
    while not button.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.locator("#alerts tbody tr")
    expect(row).to_contain_text("Priya")
    expect(page.locator("#polite")).to_have_text("Alert 1: acknowledged")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="No action needed alert 1").focus()
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(page.locator("#empty")).to_be_visible()


def test_who_comes_second_reads_who_has_it(page: Page, browser: Browser, served: Served) -> None:
    ring(served)
    queue_of(page, served)
    with another_browser(browser) as second:
        queue_of(second, served, "Sam")
        # Sam's screen is held back, so that both press on what they see.
        second.route("**/stream?*", lambda route: route.abort())
        expect(second.get_by_role("button", name="Acknowledge alert 1")).to_be_visible()
        second.evaluate("state.stop.abort()")
        page.get_by_role("button", name="Acknowledge alert 1").click()
        expect(page.locator("#alerts tbody tr")).to_contain_text("Priya")
        second.get_by_role("button", name="Acknowledge alert 1").click()
        expect(second.locator("#lost")).to_contain_text("Priya has it.")
        expect(second.locator("#alerts tbody tr")).to_contain_text("Priya")


def test_an_acknowledgment_elsewhere_shows_here(page: Page, served: Served) -> None:
    alert = ring(served)["alerts"][0]["alert"]
    queue_of(page, served)
    served.post(f"/v1/alerts/{alert}/acknowledge", {}, "Sam")
    expect(page.locator("#alerts tbody tr")).to_contain_text("Sam")


def test_a_line_that_breaks_is_said_and_what_came_meanwhile_is_there_afterwards(page: Page, sqlite_files: Any) -> None:
    page.clock.install()
    with sqlite_files.fresh() as url:
        with a_served(url) as first:
            first.post("/v1/markers", a_marker(on_phone()), "Owen")
            queue_of(page, first)
            port = int(first.base_url.rpartition(":")[2])
        page.clock.run_for(14_000)
        expect(page.locator("#line")).to_have_text("NOT LIVE")
        expect(page.locator("#lost")).to_contain_text("Not live since")
        with a_served(url, secrets=first.secrets, port=port) as second:
            ring(second)
            page.clock.run_for(10_000)
            expect(page.locator("#alerts tbody tr")).to_have_count(1)
            expect(page.locator("#line")).to_contain_text("LIVE ")
            expect(page.locator("#lost")).to_be_hidden()


def test_the_token_is_kept_nowhere_and_no_other_host_is_asked(page: Page, served: Served) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ring(served)
    queue_of(page, served)
    secret = served.secrets["Priya"]
    kept = page.evaluate("[document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join()")
    assert secret not in kept
    assert page.get_by_label("Token").input_value() == ""
    assert not any(secret in url or "900123" in url for url in asked)
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {
        served.base_url.partition("//")[2]
    }
    page.get_by_role("button", name="Forget the token").click()
    expect(page.get_by_label("Token")).to_be_focused()
    assert page.locator("#alerts tbody tr").count() == 0
    page.reload()
    expect(page.locator("#queue")).to_be_hidden()


def empty(page: Page, served: Served) -> None:
    queue_of(page, served)


def three_rows(page: Page, served: Served) -> None:
    for more in ({"abandoned": True}, {}, {"number": OTHERS_NUMBER}):
        ring(served, **more)
    queue_of(page, served)
    expect(page.locator("#alerts tbody tr")).to_have_count(3)


def an_error(page: Page, served: Served) -> None:
    sign_in(page, served, token="heed_nonsense")
    expect(page.locator("#token-error")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", [empty, three_rows, an_error])
def test_nothing_stands_in_the_way_of_who_sees_or_reads_otherwise(
    page: Page, served: Served, shown: Callable[[Page, Served], None], scheme: Any, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    shown(page, served)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_it_can_be_read_on_320_pixels_without_scrolling_sideways(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    three_rows(page, served)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
