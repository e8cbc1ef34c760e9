"""The live queue in a real browser: nothing is missed, whatever the line does, and that it is not live is said."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from db.session import Database
from tests.builders import KEYS, FixedClock
from tests.process import a_service, settings_of
from tests.served import Served, a_served
from tests.web.console.browsing import (
    HERS,
    HIS,
    OTHER,
    alert_in,
    another,
    expect_live,
    move,
    only_503_at,
    place_markers,
    queue_of,
    ring,
    row,
    rows,
    sign_in,
)
from tests.web.console.screen import give_passwords_at
from tests.world import CAST, grant_tokens

pytestmark = pytest.mark.browser


@pytest.fixture
def marked(served: Served) -> Served:
    place_markers(served)
    return served


def test_an_alert_appears_by_itself_and_changes_in_place(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    receipt = ring(marked, HIS, call="T-1")
    expect(row(page, 1)).to_contain_text("Treat as urgent.")
    expect(row(page, 1).locator(".mark")).to_have_text("◆ URGENT")
    expect(page).to_have_title("(1) Queue – Heed")
    ring(marked, HIS, call="T-1", abandoned=True)
    expect(rows(page, "band")).to_have_count(1)
    expect(row(page, 1)).to_contain_text("2 events")
    expect(page).to_have_title("(1!) Queue – Heed")
    move(marked, alert_in(receipt), "acknowledge")
    expect(row(page, 1).locator(".who")).to_have_text("Sam")
    expect(rows(page, "others")).to_have_count(1, timeout=10_000)
    move(marked, alert_in(receipt), "resolve", {"outcome": "attended"})
    expect(row(page, 1)).to_have_count(0, timeout=10_000)
    expect(page.locator("#empty")).to_be_visible()


def test_an_alert_between_render_and_connect_is_shown(page: Page, marked: Served) -> None:
    sign_in(page, marked)
    # The page's script waits for the alert to be raised before it connects: the first connection says where it stands.
    page.route("**/feed.js", lambda route: (ring(marked), time.sleep(0.3), route.continue_()))  # type: ignore[func-returns-value]
    page.reload()
    expect(row(page, 1)).to_be_visible()


def test_scripts_that_come_late_miss_nothing(page: Page, marked: Served) -> None:
    for script in ("idiomorph.min.js", "hub.js", "sound.js"):
        page.route(f"**/{script}", lambda route: (time.sleep(0.4), route.continue_()))  # type: ignore[func-returns-value]
    queue_of(page, marked)
    ring(marked)
    expect(row(page, 1)).to_be_visible()


def test_eight_tabs_share_one_stream_and_all_are_live(context: BrowserContext, page: Page, marked: Served) -> None:
    queue_of(page, marked)
    pages = [page, *(context.new_page() for _ in range(7))]
    for one in pages[1:]:
        one.goto(f"{marked.base_url}/queue")
        expect_live(one)
    ring(marked, silent_solution=True)
    for one in pages:
        expect(rows(one, "band")).to_have_count(1)
    metrics = marked.client.get("/metrics").text
    assert "heed_streams 1.0" in metrics
    # And every one of them still answers to a click.
    pages[-1].get_by_role("link", name="Help").click()
    expect(pages[-1].get_by_role("heading", name="Help", exact=True)).to_be_visible()


def test_a_tab_that_joins_late_is_shown_what_came_before_it(
    context: BrowserContext, page: Page, marked: Served
) -> None:
    queue_of(page, marked)
    late = context.new_page()
    late.route("**/feed.js", lambda route: (ring(marked), time.sleep(0.5), route.continue_()))  # type: ignore[func-returns-value]
    late.goto(f"{marked.base_url}/queue")
    expect(row(late, 1)).to_be_visible()
    expect(row(page, 1)).to_be_visible()


def test_a_hidden_tab_is_kept_up_and_its_title_tells(context: BrowserContext, page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.evaluate("""() => { Object.defineProperty(document, 'hidden', {value: true});
        Object.defineProperty(document, 'visibilityState', {value: 'hidden'});
        document.dispatchEvent(new Event('visibilitychange')); }""")
    other = context.new_page()
    other.bring_to_front()
    ring(marked, silent_solution=True)
    expect(page).to_have_title("(1!) Queue – Heed")


def test_without_a_shared_worker_the_page_has_a_stream_of_its_own(context: BrowserContext, marked: Served) -> None:
    context.add_init_script("delete window.SharedWorker")
    page = context.new_page()
    queue_of(page, marked)
    ring(marked)
    expect(row(page, 1)).to_be_visible()
    expect(page.locator("#limit")).to_have_text("This browser can show Heed in five pages at most")


@pytest.mark.parametrize("hours", [-1, 1])
def test_times_go_by_the_servers_clock(context: BrowserContext, marked: Served, hours: int) -> None:
    context.add_init_script(f"const real = Date.now; Date.now = () => real() + {hours} * 3600000")
    page = context.new_page()
    ring(marked)
    queue_of(page, marked)
    # From the first moment, before any beat.
    page.route("**/hub.js", lambda route: route.abort())
    page.reload()
    expect(row(page, 1).locator(".wait")).to_have_text(re.compile(r"0:\d\d"))
    page.unroute("**/hub.js")
    page.reload()
    marked.clock.advance(seconds=90)
    expect(page.locator("#live")).to_contain_text("LIVE 12:01:", timeout=15_000)
    expect(row(page, 1).locator(".wait")).to_have_text(re.compile(r"1:[345]\d"))


@contextmanager
def a_line(sqlite_files: Any) -> Iterator[tuple[Callable[..., Any], Served]]:
    """A service that can be ended and begun again at its port."""
    with sqlite_files.fresh() as url:
        clock = FixedClock()
        secrets = grant_tokens(url, clock, CAST)
        give_passwords_at(url, clock, "Priya")
        with a_served(url, secrets, clock=clock) as first:
            port = int(first.base_url.rpartition(":")[2])
            place_markers(first)

            def again() -> Any:
                return a_served(url, secrets, port=port, clock=clock)

            yield again, first


def test_that_the_line_is_lost_is_said_within_twelve_seconds(page: Page, sqlite_files: Any) -> None:
    with a_line(sqlite_files) as (_, first):
        page.clock.install()
        queue_of(page, first)
        first.stop()
        page.clock.run_for(12_000)
        expect(page.locator("#lost")).to_be_visible()
        expect(page.locator("#live")).to_have_text("Not live")


@pytest.mark.parametrize("behind_503", [pytest.param(False, marks=pytest.mark.stress), True])
def test_after_a_restart_refused_or_behind_503_nothing_is_missing_and_both_are_said(
    page: Page, sqlite_files: Any, *, behind_503: bool
) -> None:
    with a_line(sqlite_files) as (again, first):
        queue_of(page, first)
        ring(first, OTHER)
        expect(row(page, 1)).to_be_visible()
        first.stop()
        port = int(first.base_url.rpartition(":")[2])
        if behind_503:
            with only_503_at(port):
                expect(page.locator("#lost")).to_be_visible(timeout=30_000)
        else:
            expect(page.locator("#lost")).to_be_visible(timeout=30_000)
        expect(page.locator("#lost")).to_contain_text("NOT LIVE since")
        expect(page.locator("#lost")).to_contain_text("ring the supervisor")
        expect(page.locator("#live")).to_have_text("Not live")
        with again() as second:
            for _ in range(3):
                ring(second)
            expect(page.locator("tr.row")).to_have_count(4, timeout=20_000)
            expect_live(page)
            expect(page.locator("#lost")).to_be_hidden()
            # A screen may be back before the last of them has rung: that one it saw live.
            expect(page.locator("#said")).to_have_text(re.compile(r"^Live again\. [0-3] arrived meanwhile$"))


def test_after_a_kill_and_a_restart_nothing_is_missing_in_any_tab(
    context: BrowserContext, page: Page, sqlite_files: Any, tmp_path: Path
) -> None:
    with sqlite_files.fresh() as url:
        clock = FixedClock(datetime.now(UTC))
        secrets = grant_tokens(url, clock, CAST)
        give_passwords_at(url, clock, "Priya")
        with a_service(tmp_path, settings_of(url)) as killed:
            first = Served(killed.base_url, clock, secrets, killed.kill)
            place_markers(first)
            queue_of(page, first)
            other = context.new_page()
            other.goto(f"{first.base_url}/queue")
            expect_live(other)
            port = killed.port
            killed.kill()
        with only_503_at(port):
            page.wait_for_timeout(1500)
        with a_service(tmp_path, settings_of(url), port=port):
            for _ in range(3):
                ring(first)
            for one in (page, other):
                expect(one.locator("tr.row")).to_have_count(3, timeout=20_000)
                expect_live(one)
        first.client.close()


def test_a_position_that_is_too_old_loads_the_list_again(page: Page, marked: Served) -> None:
    ring(marked)
    sign_in(page, marked)
    db = Database(marked.url, KEYS)  # type: ignore[attr-defined]

    def late(route: Any) -> None:
        for _ in range(3):
            ring(marked)
        with db.transaction() as session:
            session.execute(text("DELETE FROM feed_changes WHERE position < 4"))
        route.continue_()

    page.route("**/feed.js", late)
    page.reload()
    expect(page.locator("tr.row")).to_have_count(4)
    expect_live(page)
    db.close()


def test_a_list_that_is_not_whole_is_noticed_by_the_count_and_loaded_again(page: Page, marked: Served) -> None:
    ring(marked)
    ring(marked, HIS)
    queue_of(page, marked)
    page.evaluate("document.getElementById('alert-1').remove()")
    expect(row(page, 1)).to_have_count(1, timeout=15_000)
    expect(page.locator("#said")).to_have_text("The list was not whole: it has been loaded again")


def test_a_session_that_ends_is_said_and_signing_in_elsewhere_goes_on(
    context: BrowserContext, page: Page, marked: Served
) -> None:
    queue_of(page, marked)
    marked.clock.advance(hours=13)
    expect(page.locator("#lost")).to_contain_text("You were signed out at", timeout=20_000)
    ring(marked)
    other = context.new_page()
    sign_in(other, marked)
    expect(row(page, 1)).to_be_visible(timeout=15_000)
    expect(page.locator("#lost")).to_be_hidden(timeout=15_000)


def test_two_browsers_race_for_one_alert_and_the_loser_reads_who_has_it(
    page: Page, browser: Browser, marked: Served
) -> None:
    ring(marked)
    queue_of(page, marked)
    with another(browser) as second:
        queue_of(second, marked, "Sam")
        # Sam's page is held back, so that both press on what they see.
        second.evaluate("window.Idiomorph = { morph() {} }")
        row(page, 1).get_by_role("button", name="Acknowledge").click()
        expect(row(page, 1).locator(".who")).to_have_text("you")
        row(second, 1).get_by_role("button", name="Acknowledge").click()
        expect(second.locator("#said")).to_have_text("Priya has it")


def test_nothing_moves_under_the_pointer_and_what_is_new_waits_beside(page: Page, marked: Served) -> None:
    ring(marked, OTHER)
    ring(marked, OTHER)
    queue_of(page, marked)
    row(page, 2).hover()
    before = row(page, 2).bounding_box()
    ring(marked, HIS)
    ring(marked, HIS, call="T-2")
    expect(page.locator("#show-new")).to_have_text("2 new, 2 urgent  N")
    # An immediate one shows at once, in the place that is kept for it.
    ring(marked, HERS, silent_solution=True)
    expect(rows(page, "band")).to_have_count(1)
    assert row(page, 2).bounding_box() == before
    assert rows(page, "waiting").count() == 2
    page.keyboard.press("Shift+N")
    expect(rows(page, "waiting")).to_have_count(4)
    assert [found.get_attribute("data-number") for found in rows(page, "waiting").all()] == ["3", "4", "1", "2"]


def test_what_waits_takes_its_place_when_the_hand_is_gone(page: Page, marked: Served) -> None:
    ring(marked, OTHER)
    queue_of(page, marked)
    row(page, 1).hover()
    ring(marked, HIS)
    expect(page.locator("#show-new")).to_be_visible()
    page.mouse.move(5, 5)
    expect(row(page, 2)).to_be_visible()
    expect(page.locator("#show-new")).to_be_hidden()


def test_the_focus_stays_through_changes_and_moves(page: Page, marked: Served) -> None:
    receipt = ring(marked, HIS, call="T-1")
    ring(marked, OTHER)
    queue_of(page, marked)
    page.keyboard.press("j")
    button = row(page, 1).get_by_role("button", name="Acknowledge")
    button.focus()
    ring(marked, HIS, call="T-1")
    expect(row(page, 1)).to_contain_text("2 events")
    expect(button).to_be_focused()
    move(marked, alert_in(receipt), "note", {"note": "n"})
    page.wait_for_timeout(300)
    expect(button).to_be_focused()


def test_an_alert_open_in_front_of_somebody_is_not_changed_and_that_it_has_changed_is_said(
    page: Page, marked: Served
) -> None:
    receipt = ring(marked, HIS)
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/alerts/1")
    expect_live(page)
    move(marked, alert_in(receipt), "acknowledge")
    expect(page.locator("#changed")).to_be_visible()
    page.get_by_role("link", name="Show it as it is now").click()
    expect(page.locator("#has-it")).to_have_text("Sam has it")


def test_a_further_event_sounds_where_nobody_has_the_alert_or_it_becomes_more_pressing(
    page: Page, marked: Served
) -> None:
    queue_of(page, marked)
    played = page.locator("body")
    receipt = ring(marked, HIS, call="T-1")
    expect(played).to_have_attribute("data-played", "urgent 1")
    ring(marked, HIS, call="T-1")
    expect(played).to_have_attribute("data-played", "urgent 2")
    move(marked, alert_in(receipt), "acknowledge")
    ring(marked, HIS, call="T-1")
    expect(row(page, 1)).to_contain_text("3 events")
    expect(played).to_have_attribute("data-played", "urgent 2")
    # Nobody spoke: it becomes immediate, and whoever has it must hear that.
    ring(marked, HIS, call="T-1", abandoned=True)
    expect(played).to_have_attribute("data-played", "immediate 3")


HEARD = """() => { window.heard = []; for (const id of ['polite', 'assertive'])
    new MutationObserver(() => { const words = document.getElementById(id).textContent; if (words) window.heard.push([id, words]); })
        .observe(document.getElementById(id), {childList: true, characterData: true, subtree: true}); }"""


def heard(page: Page, count: int) -> list[list[str]]:
    """What was read aloud, once there are so many of them. (Waiting by a script's text is against the policy.)"""
    deadline = time.monotonic() + 15
    while len(found := page.evaluate("() => window.heard")) < count:
        assert time.monotonic() < deadline, found
        page.wait_for_timeout(100)
    told: list[list[str]] = found
    return told


def test_what_is_read_aloud_is_what_matters_and_no_more(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.evaluate(HEARD)
    ring(marked, HERS, silent_solution=True)
    ring(marked, HIS)
    ring(marked, OTHER)
    assert heard(page, 2) == [
        ["assertive", "Immediate: alert 1. 1 unacknowledged"],
        ["polite", "New urgent alert 2. New routine alert 3"],
    ]
    assert page.locator("#list [aria-live]").count() == 0
    row(page, 2).get_by_role("button", name="Acknowledge").click()
    assert heard(page, 3)[-1] == ["polite", "Acknowledged. You have alert 2"]


def test_sound_that_is_held_back_is_said_and_comes_with_the_first_key_in_one_tab(
    context: BrowserContext, page: Page, marked: Served
) -> None:
    queue_of(page, marked)
    page.reload()
    expect(page.locator("#sound")).to_have_text("Sound off: press a letter")
    page.keyboard.press("Shift")
    expect(page.locator("#sound")).to_have_text("Sound on")
    other = context.new_page()
    other.goto(f"{marked.base_url}/queue")
    expect_live(other)
    other.keyboard.press("Shift")
    ring(marked, HERS, silent_solution=True)
    expect(rows(other, "band")).to_have_count(1)
    expect(page.locator("body")).to_have_attribute("data-played", "immediate 1")
    assert other.locator("body").get_attribute("data-played") is None
    # Again every ten seconds until somebody has it.
    expect(page.locator("body")).to_have_attribute("data-played", "immediate 2", timeout=13_000)
    page.keyboard.press("m")
    expect(page.locator("#sound")).to_contain_text("Muted for 1:5")


# What a reviewer broke


def test_the_row_that_has_the_focus_is_drawn_anew(page: Page, marked: Served) -> None:
    receipt = ring(marked, HIS, call="T-1")
    queue_of(page, marked)
    page.keyboard.press("j")
    expect(row(page, 1)).to_be_focused()
    move(marked, alert_in(receipt), "acknowledge")
    expect(row(page, 1).locator(".who")).to_have_text("Sam")
    expect(row(page, 1).get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(row(page, 1)).to_be_focused()
    ring(marked, HIS, call="T-1", abandoned=True)
    expect(row(page, 1).locator(".mark")).to_have_text("▲ IMMEDIATE")
    expect(row(page, 1)).to_be_focused()


@pytest.mark.parametrize("only", ["mine", "urgent", "immediate"])
def test_no_filter_hides_an_immediate_alert_and_what_is_hidden_is_counted(
    page: Page, marked: Served, only: str
) -> None:
    ring(marked, OTHER)
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/queue?only={only}")
    expect(page.locator("#filtered")).to_contain_text("1 more are open and not shown.")
    ring(marked, HERS, silent_solution=True)
    expect(row(page, 2)).to_be_visible()


def test_more_than_fit_into_the_band_are_counted(page: Page, marked: Served) -> None:
    for number in range(4):
        ring(marked, HERS, call=f"T-{number}", silent_solution=True)
    queue_of(page, marked)
    expect(page.locator("#band-more")).to_have_text(re.compile(r"▼ [23] more below"))
    page.locator("#band").evaluate("band => { band.scrollTop = band.scrollHeight; }")
    expect(page.locator("#band-more")).to_have_text("")


def test_an_immediate_alert_shows_on_every_page(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/look-up")
    expect_live(page)
    ring(marked, HERS, silent_solution=True)
    expect(page.locator("#pressing")).to_contain_text("1 immediate waiting")
    expect(page).to_have_title("(1!) Look up – Heed")
    page.goto(f"{marked.base_url}/help")
    expect(page.locator("#pressing")).to_contain_text("1 immediate waiting")


def test_nothing_moves_in_the_band_under_the_pointer(page: Page, marked: Served) -> None:
    first = ring(marked, HERS, call="T-1", silent_solution=True)
    ring(marked, HIS, call="T-2", silent_solution=True)
    queue_of(page, marked)
    row(page, 2).hover()
    before = row(page, 2).bounding_box()
    move(marked, alert_in(first), "acknowledge")
    ring(marked, HERS, call="T-3", silent_solution=True)
    expect(row(page, 1).locator(".who")).to_have_text("Sam")
    expect(row(page, 3)).to_have_count(1)
    page.wait_for_timeout(6500)
    assert row(page, 2).bounding_box() == before


def test_only_what_is_new_or_more_pressing_is_read_aloud(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.evaluate(HEARD)
    receipt = ring(marked, HERS, silent_solution=True)
    heard(page, 1)
    for note in range(3):
        move(marked, alert_in(receipt), "note", {"note": str(note)})
    move(marked, alert_in(receipt), "escalate")
    page.wait_for_timeout(1500)
    assert [told for told in page.evaluate("() => window.heard") if told[0] == "assertive"] == [
        ["assertive", "Immediate: alert 1. 1 unacknowledged"]
    ]


def test_the_page_that_can_sound_does_and_all_are_muted_together(
    context: BrowserContext, page: Page, marked: Served
) -> None:
    queue_of(page, marked)
    page.reload()
    expect(page.locator("#sound")).to_contain_text("Sound off")
    other = context.new_page()
    other.goto(f"{marked.base_url}/queue")
    expect_live(other)
    other.keyboard.press("x")
    expect(other.locator("#sound")).to_have_text("Sound on")
    ring(marked, HERS, silent_solution=True)
    expect(other.locator("body")).to_have_attribute("data-played", "immediate 1")
    other.keyboard.press("m")
    page.keyboard.press("x")
    expect(page.locator("#sound")).to_contain_text("Muted for")
    other.reload()
    other.keyboard.press("x")
    expect(other.locator("#sound")).to_contain_text("Muted for")


def test_a_worker_that_is_gone_is_replaced(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.evaluate("() => { heed.post({ kind: 'bye' }); heed.post = () => {}; }")
    ring(marked, HERS)
    expect(page.locator("#lost")).to_be_visible(timeout=16_000)
    expect(row(page, 1)).to_be_visible(timeout=25_000)
    expect(page.locator("#lost")).to_be_hidden(timeout=10_000)


def test_where_somebody_else_signs_in_the_page_says_so_and_moves_nothing(
    context: BrowserContext, page: Page, marked: Served
) -> None:
    ring(marked, HIS)
    queue_of(page, marked)
    other = context.new_page()
    other.goto(f"{marked.base_url}/queue")
    other.get_by_role("button", name="Sign out").click()
    sign_in(other, marked, "Sam")
    expect(page.locator("#lost")).to_contain_text("Sam has signed in on this browser")
    row(page, 1).get_by_role("button", name="Acknowledge").click(force=True)
    page.wait_for_timeout(500)
    assert marked.get("/v1/alerts").json()["items"][0]["acknowledged_by"] is None
