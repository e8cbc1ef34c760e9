"""A handler's whole day by keyboard alone, the keys' manners, and what becomes of what one types."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.served import Served
from tests.web.console.browsing import HERS, HIS, OTHER, another, expect_live, place_markers, queue_of, ring, row, rows
from tests.web.console.screen import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def marked(served: Served) -> Served:
    place_markers(served)
    return served


def test_a_handlers_whole_day_by_keyboard_alone(page: Page, browser: Browser, marked: Served) -> None:
    sign_in_by_keys(page, marked)
    ring(marked, HERS, silent_solution=True, incident="MP-1")
    expect(rows(page, "band")).to_have_count(1)
    read_acknowledge_and_note(page)
    look_up(page)
    resolve(page)
    ring(marked, OTHER)
    page.keyboard.press("u")
    expect(row(page, 2)).to_be_visible()
    shelve(page)
    ring(marked, HIS)
    page.keyboard.press("q")
    expect(row(page, 3)).to_be_visible()
    hand_on(page)
    with another(browser) as second:
        queue_of(second, marked, "Sam")
        expect(row(second, 3)).to_contain_text("for Sam")


def sign_in_by_keys(page: Page, served: Served) -> None:
    page.goto(served.base_url)
    while not page.locator("#name").evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("Priya")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    expect_live(page)


def read_acknowledge_and_note(page: Page) -> None:
    page.keyboard.press("i")
    expect(row(page, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".instruction__words")).to_have_text("Send two. She may not be able to speak.")
    expect_live(page)
    page.keyboard.press("a")
    expect(page.locator("#has-it")).to_have_text("You have it")
    page.keyboard.press("n")
    expect(page.locator("#note-in")).to_be_focused()
    page.keyboard.type("James rang back: all keys typed here are text")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#history-lines")).to_contain_text("James rang back")


def look_up(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type(HIS)
    expect(page.locator("#understood")).to_contain_text("Understood as number 07700 900201")
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_contain_text("Treat as urgent.")
    page.keyboard.press("q")
    page.wait_for_url("**/queue")
    expect_live(page)


def resolve(page: Page) -> None:
    page.keyboard.press("j")
    expect(row(page, 1)).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator("#outcome-in")).to_be_focused()
    page.keyboard.press("Space")
    while page.evaluate("() => document.activeElement.textContent").strip() != "Resolve":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".identity")).to_contain_text("resolved: Attended")


def shelve(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator("#minutes-in")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("The nurse is with her")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#history-lines")).to_contain_text("The nurse is with her")


def hand_on(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.locator("#to-in")).to_be_focused()
    page.keyboard.type("Sam")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#history-lines")).to_contain_text("Handed on Priya → Sam")


def test_a_row_is_acknowledged_by_its_key_and_keeps_the_focus(page: Page, marked: Served) -> None:
    ring(marked, HIS)
    ring(marked, OTHER)
    queue_of(page, marked)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(row(page, 1).locator(".who")).to_have_text("you")
    expect(row(page, 1)).to_be_focused()
    expect(page.locator("#said")).to_have_text("Acknowledged. You have alert 1")
    page.keyboard.press("j")
    expect(row(page, 2)).to_be_focused()
    page.keyboard.press("k")
    expect(row(page, 1)).to_be_focused()


def test_typing_is_typing_and_a_dialog_keeps_the_keys(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("q")
    page.keyboard.press("/")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Control+k")
    page.goto(f"{marked.base_url}/look-up")
    page.keyboard.type("aqju James / Hope Street ?")
    expect(page.locator("#box")).to_have_value("aqju James / Hope Street ?")
    expect(page.locator("#keys")).to_be_hidden()


def test_keys_can_be_turned_off_and_changed(page: Page, marked: Served) -> None:
    ring(marked, HIS)
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/me")
    page.locator("#key-acknowledge").fill("y")
    page.get_by_role("button", name="Keep these").click()
    page.goto(f"{marked.base_url}/queue")
    expect_live(page)
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(row(page, 1).locator(".who")).to_have_text("nobody yet")
    page.keyboard.press("y")
    expect(row(page, 1).locator(".who")).to_have_text("you")
    page.goto(f"{marked.base_url}/me")
    page.get_by_text("off: Ctrl K still opens the list").click()
    page.get_by_role("button", name="Keep these").click()
    for key in ("q", "/", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    assert page.url.endswith("/me")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.locator("#keys")).to_be_visible()


def test_a_look_up_becomes_a_concern_by_one_key(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.keyboard.press("/")
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type("07700 900555")
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_contain_text("No marker on this")
    expect(page.locator("#found")).to_be_focused()
    page.keyboard.press("w")
    expect(page.locator("#box")).to_have_value("07700 900555")
    page.locator("#summary").fill("He says he is outside her door.")
    page.get_by_role("button", name="Raise it").click()
    expect(page.locator(".instruction__words")).to_have_text("He says he is outside her door.")


def test_a_page_begins_at_its_heading_and_an_error_at_its_summary(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.goto(f"{marked.base_url}/concerns/new")
    page.get_by_role("button", name="Raise it").click()
    expect(page.locator("#summary").first).to_be_focused()
    expect(page.get_by_role("link", name="Say what the worry is")).to_be_visible()


def test_the_focused_row_is_never_hidden_under_the_band(page: Page, marked: Served) -> None:
    for number in range(20):
        ring(marked, OTHER, call=f"T-{number}")
    queue_of(page, marked)
    for _ in range(20):
        page.keyboard.press("j")
    for _ in range(10):
        page.keyboard.press("k")
        box = page.evaluate(
            "() => { const at = document.activeElement.getBoundingClientRect(); return [at.top, at.bottom]; }"
        )
        band = page.evaluate("() => document.getElementById('band').getBoundingClientRect().bottom")
        assert box[0] >= band - 1


def test_idling_is_warned_of_any_key_stays_and_nothing_typed_is_lost(page: Page, marked: Served) -> None:
    page.clock.install()
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/concerns/new")
    page.locator("textarea[name=summary]").fill("He is outside.")
    page.clock.run_for(18 * 60_000 + 5_000)
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#idle-left")).to_have_text(re.compile(r"1:\d\d"))
    page.keyboard.press("Shift")
    expect(page.locator("#idle")).to_be_hidden()
    marked.clock.advance(minutes=25)
    page.get_by_role("button", name="Raise it").click()
    expect(page.get_by_text("Your session ended. What you had typed is kept")).to_be_visible()
    page.get_by_label("Name").fill("Priya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Summary")).to_have_value("He is outside.")
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator(".instruction__words")).to_have_text("He is outside.")


def test_without_scripts_the_same_is_done_by_forms(browser: Browser, marked: Served) -> None:
    ring(marked, HIS)
    with another(browser, java_script_enabled=False) as page:
        page.goto(marked.base_url)
        page.get_by_label("Name").fill("Priya")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("noscript")).to_be_visible()
        page.get_by_role("button", name="Acknowledge alert 1").click()
        expect(rows(page, "mine")).to_have_count(1)
        page.get_by_role("link", name="Alert 1").click()
        page.locator("summary", has_text="Resolve").click()
        page.get_by_text("Attended").click()
        page.get_by_role("button", name="Resolve").click()
        expect(page.locator(".identity")).to_contain_text("resolved")


def test_esc_after_a_look_up_goes_back_to_the_row(page: Page, marked: Served) -> None:
    ring(marked, HIS)
    ring(marked, OTHER)
    queue_of(page, marked)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("/")
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type(HERS)
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url("**/queue#alert-2")
    expect(row(page, 2)).to_be_focused()


def test_the_key_that_says_i_am_here_says_nothing_else(page: Page, marked: Served) -> None:
    page.clock.install()
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/concerns/new")
    page.locator("textarea[name=summary]").fill("He is outside.")
    page.locator("h1").evaluate("heading => heading.focus()")
    page.clock.run_for(18 * 60_000 + 5_000)
    expect(page.locator("#idle")).to_be_visible()
    page.keyboard.press("q")
    expect(page.locator("#idle")).to_be_hidden()
    expect(page.locator("textarea[name=summary]")).to_have_value("He is outside.")


def test_a_half_filled_form_comes_back_also_when_it_was_never_sent(page: Page, marked: Served) -> None:
    page.clock.install()
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/concerns/new")
    page.locator("textarea[name=summary]").fill("He is outside.")
    page.clock.run_for(20 * 60_000)
    page.wait_for_timeout(500)
    marked.clock.advance(minutes=25)
    page.goto(f"{marked.base_url}/queue")
    expect(page.get_by_text("What you had typed is kept")).to_be_visible()
    page.get_by_label("Name").fill("Priya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Summary")).to_have_value("He is outside.")
