"""How the pages look, and to whom: axe on every page, themes, widths, a grey picture, no other host, no personal address."""

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from access import people, tokens
from access.roles import Role
from db.ids import new_ids
from db.session import Database
from markers import register
from markers.cases import casebook, orders
from markers.drafts import Desk
from markers.matcher import Reading
from tests import builders
from tests.builders import at_point, on_phone
from tests.served import Served
from tests.web.console.browsing import (
    HERS,
    HIS,
    OTHER,
    another,
    at,
    at_work,
    expect_live,
    move,
    place_markers,
    queue_of,
    ring,
    row,
)
from tests.web.console.screen import PASSWORD
from web.bodies.cases import CaseBody
from web.bodies.markers import MarkerBody
from web.bodies.orders import OrderBody
from web.body import validated

pytestmark = pytest.mark.browser
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}


@pytest.fixture
def marked(served: Served) -> Served:
    place_markers(served)
    return served


def no_violation(page: Page, told: str) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{told}\n{found.generate_report()}"


def some_alerts(served: Served) -> None:
    ring(served, HERS, silent_solution=True, incident="MP-1", **at_point(53.4030, -2.98, 25))
    taken = ring(served, HIS, call="T-1")
    move(served, taken["alerts"][0]["alert"], "acknowledge")
    put_away = ring(served, OTHER)
    move(served, put_away["alerts"][0]["alert"], "shelve", {"until": "2026-11-24T13:00:00Z", "reason": "r"})
    ring(served, HIS, call="T-2")
    ring(served, HIS, call="T-3")


def an_empty_queue(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/queue")


def a_queue(page: Page, served: Served) -> None:
    some_alerts(served)
    page.goto(f"{served.base_url}/queue")
    expect(page.locator("tr.row")).to_have_count(5)


def two_hundred_rows(page: Page, served: Served) -> None:
    for number in range(200):
        ring(served, OTHER, call=f"T-{number}")
    page.goto(f"{served.base_url}/queue")
    expect(page.locator("tr.row")).to_have_count(200)


def an_alert(page: Page, served: Served) -> None:
    some_alerts(served)
    page.goto(f"{served.base_url}/alerts/1")


def an_alert_with_an_error(page: Page, served: Served) -> None:
    an_alert(page, served)
    page.locator("summary", has_text="Resolve").click()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_dialog(page: Page, served: Served) -> None:
    an_empty_queue(page, served)
    expect_live(page)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def a_look_up(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/look-up")
    page.locator("#box").fill(HERS)
    page.keyboard.press("Enter")
    expect(page.locator("#results")).to_be_visible()


def a_marker_with_errors(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/markers/new")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_marker(page: Page, served: Served) -> None:
    found = served.get("/v1/markers", "Owen").json()["items"][0]["id"]
    page.goto(f"{served.base_url}/markers/{found}")


def a_sheet(page: Page, served: Served) -> None:
    some_alerts(served)
    alert = served.get("/v1/alerts", "Owen", state="raised").json()["items"][0]
    move(served, alert["id"], "acknowledge", as_="Owen")
    page.goto(f"{served.base_url}/hand-over")
    expect(page.get_by_label("To whom")).to_be_visible()


def at_as(name: str, path: str) -> Callable[[Page, Served], None]:
    """A page that is another role's: how to come there as that person."""

    def go(page: Page, served: Served) -> None:
        served.post("/v1/lookups", {"phones": [{"number": HERS}], "reason": "She rang."}, "Sam")
        at_work(page, served, name, path)

    return go


def some_reviews(page: Page, served: Served) -> None:
    """Two things to look at, and one form that was refused."""
    for number in (HERS, OTHER):
        marker = builders.a_marker(on_phone(number), case=f"SPO-{number[-3:]}")
        assert served.post("/v1/markers", marker, "Owen").status_code == 201
    page.goto(f"{served.base_url}/reviews")
    box = page.get_by_role("textbox").first
    box.evaluate("box => box.removeAttribute('maxlength')")
    box.fill("x" * 4001)
    page.get_by_role("button", name="It was looked at").first.click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def an_amended_marker(page: Page, served: Served) -> None:
    a_marker(page, served)
    page.get_by_role("link", name="Amend").click()
    address = page.url.removeprefix(served.base_url).removesuffix("/amend")
    suspended = served.post(f"/v1{address}/suspend", {"reason": "r"}, "Owen")
    assert suspended.status_code == 200
    page.get_by_label("What must the call handler do?").fill("Send three.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="It was changed while you wrote")).to_be_visible()


def a_refused_move(page: Page, served: Served) -> None:
    a_marker(page, served)
    page.locator("summary", has_text="Withdraw").click()
    page.get_by_role("button", name="End it for good").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_wrong_desk(page: Page, served: Served) -> None:
    some_alerts(served)
    at_work(page, served, "Sam", "/desks")
    page.get_by_role("button", name="Set it").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_verified_trail(page: Page, served: Served) -> None:
    at_work(page, served, "Ada", "/trail")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Intact.")).to_be_visible()


def a_case(page: Page, served: Served) -> None:
    some_work(served, 3)
    page.goto(f"{served.base_url}/cases/SPO-0")
    expect(page.get_by_role("heading", name="Case SPO-0")).to_be_visible()
    page.locator("summary", has_text="Grade the risk").click()


def a_case_with_errors(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/cases/new")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def an_order(page: Page, served: Served) -> None:
    some_work(served, 3)
    page.goto(f"{served.base_url}/orders/ORD-0")
    expect(page.get_by_text("◉ watched").first).to_be_visible()
    page.locator("summary", has_text="Another day").click()


def an_order_with_errors(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/orders/new")
    page.get_by_label("What it says").first.fill("Not to contact her.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_file_with_errors(page: Page, served: Served) -> None:
    page.goto(f"{served.base_url}/import")
    page.locator("#file").fill("reference,category,risk,instruction,phones\nA-1,b,hihg,c,12\nA-2,b,high")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("2 refused")).to_be_visible()


def a_drawn_area(page: Page, served: Served) -> None:
    some_alerts(served)
    page.goto(f"{served.base_url}/alerts/1")
    page.get_by_role("button", name="Place a marker on what it named").click()
    page.locator("#area summary").click()
    page.locator("#map").click()
    page.locator("#instruction").fill("treat as urgent")
    expect(page.locator("#instruction-so-far")).to_contain_text("no action")
    expect(page.locator("#map path.map-area")).to_have_count(2)


def a_wrong_rule(page: Page, served: Served) -> None:
    at_work(page, served, "Sam", "/routing")
    page.get_by_label("Name").fill("north")
    page.get_by_role("button", name="Set these rules").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_made_token(page: Page, served: Served) -> None:
    at_work(page, served, "Alex", "/tokens")
    page.get_by_label("Whose it is").fill("cad")
    page.get_by_label("What it is good for").select_option("integration")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("code.secret")).to_be_visible()


def a_refused_person(page: Page, served: Served) -> None:
    at_work(page, served, "Alex", "/people")
    page.get_by_role("button", name="Make them").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_person(page: Page, served: Served) -> None:
    at_work(page, served, "Alex", "/people")
    page.get_by_role("link", name="Owen").click()
    page.get_by_role("button", name="Disable them").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_dialog_at_work(page: Page, served: Served) -> None:
    some_work(served, 3)
    page.goto(f"{served.base_url}/cases")
    expect_live(page)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def the_sign_in_page(page: Page, served: Served) -> None:
    page.context.clear_cookies()
    page.goto(served.base_url)


def a_wrong_password(page: Page, served: Served) -> None:
    the_sign_in_page(page, served)
    page.get_by_label("Name").fill("Priya")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()


def a_lost_line(page: Page, served: Served) -> None:
    a_queue(page, served)
    expect_live(page)
    page.evaluate("""() => { const bar = document.getElementById('lost'); bar.textContent = 'NOT LIVE since 12:00:00.';
        bar.hidden = false; }""")


LONG = [pytest.mark.stress, pytest.mark.timeout(600)]
SHOWN = [
    the_sign_in_page, a_wrong_password, an_empty_queue, a_queue, a_lost_line, a_dialog, an_alert, an_alert_with_an_error,
    at("/look-up"), a_look_up, at("/concerns/new"), at("/markers/new"), a_marker_with_errors, a_marker, at("/me"), at("/help"),
    at("/nothing"), at("/kiosk/end"), a_sheet, at("/work"), at("/reviews"), some_reviews, at("/markers"), a_refused_move, an_amended_marker,
    at_as("Sam", "/desks"), a_wrong_desk, at_as("Sam", "/sources"), at_as("Sam", "/measures"), at_as("Ada", "/trail"), a_verified_trail,
    a_case, a_case_with_errors, an_order, an_order_with_errors, a_file_with_errors, a_drawn_area, a_wrong_rule, a_made_token,
    a_refused_person, a_person, a_dialog_at_work, at_as("Alex", "/settings"), at_as("Sam", "/categories"), two_hundred_rows,
]  # fmt: skip
NAMES = [
    "sign-in", "wrong password", "empty queue", "queue", "lost line", "dialog", "alert", "alert with an error", "look up",
    "looked up", "concern", "new marker", "new marker with errors", "marker", "me", "help", "error", "kiosk", "hand over", "work", "no reviews", "reviews with an error", "markers", "marker with an error", "amended twice",
    "desks", "desks with an error", "sources", "measures", "trail", "verified trail",
    "case", "case with errors", "order", "order with errors", "file with errors", "drawn area", "wrong rule", "made token",
    "person with errors", "person", "dialog at work", "settings", "categories", "200 rows",
]  # fmt: skip


EVERY_WAY = [
    (scheme, forced, width)
    for scheme, forced in (("light", "none"), ("dark", "none"), ("light", "active")) for width in (1280, 390)
]  # fmt: skip
SOME_WAYS = [EVERY_WAY[0], EVERY_WAY[3], EVERY_WAY[4]]
IN_TURN = EVERY_WAY[1:2]
"""Stands for one of the ways: the pages take turns in them; `make stress` looks at every page in every way."""


@pytest.mark.parametrize("ways", [IN_TURN, pytest.param(EVERY_WAY, marks=LONG)], ids=["in turn", "every way"])
@pytest.mark.parametrize("shown", [*SHOWN[:-1], pytest.param(SHOWN[-1], marks=LONG)], ids=NAMES)
def test_nothing_stands_in_the_way_of_who_sees_reads_or_clicks_otherwise(
    page: Page, marked: Served, shown: Callable[[Page, Served], None], ways: list[tuple[Any, Any, int]]
) -> None:
    queue_of(page, marked, "Owen")
    shown(page, marked)
    if ways is IN_TURN:
        ways = [EVERY_WAY[SHOWN.index(shown) % len(EVERY_WAY)]]
    # The page as it stands, in each theme and width: nothing is asked of the service again.
    for scheme, forced, width in ways:
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        page.set_viewport_size({"width": width, "height": 800})
        no_violation(page, f"{scheme}, forced colours {forced}, {width} wide")
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    # Text at twice its size, on an ordinary screen.
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280


def some_work(served: Served, count: int) -> None:
    """So many cases, each with a marker, an order and what is to be looked at; and as many people and tokens."""
    db, ids = Database(served.url, builders.KEYS), new_ids()  # type: ignore[attr-defined]
    reading = Reading()
    with db.transaction() as session:
        desk = Desk(caller=builders.a_caller("Owen", Role.OFFICER), now=served.clock.moment, ids=ids, reading=reading)
        for number in range(count):
            case, marker, order = bodies_of(number)
            opened = casebook.open_case(session, validated(CaseBody, case).draft(), desk)
            register.place(session, validated(MarkerBody, marker).draft(), desk)
            orders.record_order(session, validated(OrderBody, order).draft(), opened, desk)
    db.close()
    people_and_tokens(served, count)


def bodies_of(number: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    person = {"name": f"Anna {number}", "phones": [{"number": HERS}]}
    case = {"reference": f"SPO-{number}", "officer": "Owen", "deputy": "Noor", "team": "stalking",
            "people": [{"role": "victim"} | person], "risk": [{"grade": "high", "model": "S-DASH"}]}  # fmt: skip
    marker = builders.a_marker(on_phone(f"07700 9{number:05}"), case=f"SPO-{number}", reference=f"MRK-W{number}")
    conditions = [
        {"number": "1", "kind": "prohibition", "text": "No contact.", "means": "watched", "watch": {"contact": {}}},
        {"number": "2", "kind": "requirement", "text": "Devices.", "means": "task", "due_on": "2026-12-01"},
    ]
    order = {"reference": f"ORD-{number}", "case": f"SPO-{number}", "kind": "stalking_protection_order",
             "made_on": "2026-06-01", "expires_on": "2026-12-10", "respondent": {"name": f"Ben {number}"},
             "protected": [person], "conditions": conditions}  # fmt: skip
    return case, marker, order


def people_and_tokens(served: Served, count: int) -> None:
    db = Database(served.url, builders.KEYS)  # type: ignore[attr-defined]
    with db.transaction() as session:
        now, ids = served.clock.moment, new_ids()
        for number in range(count):
            person = people.NewPerson(name=f"Somebody {number}", role=Role.HANDLER, force="default")
            people.create(session, person, PASSWORD, now, ids)
            grant = tokens.Grant(name=f"feed-{number}", role=Role.INTEGRATION, force="default")
            tokens.create(session, grant, now, ids, secrets.token_bytes)
    db.close()


LISTS = {
    "Owen": ("/cases", "/orders", "/markers", "/reviews"), "Sam": ("/cases", "/waiting", "/reviews", "/measures"),
    "Alex": ("/people", "/tokens"), "Ada": ("/trail",),
}  # fmt: skip
FEW = 3
OF_ROWS = {0: EVERY_WAY[:1], FEW: SOME_WAYS[1:2], 200: SOME_WAYS[2:]}
"""By how many rows there are, the ways in which a list is looked at; `make stress` looks at each in every way."""


@pytest.mark.parametrize(
    ("count", "ways"),
    [
        *(pytest.param(count, ways, marks=LONG if count <= FEW else ()) for count, ways in OF_ROWS.items()),
        *(pytest.param(count, EVERY_WAY, marks=LONG) for count in OF_ROWS),
    ],
    ids=["0", "3", "200", "0 in every way", "3 in every way", "200 in every way"],
)
def test_every_list_of_work_can_be_read_empty_short_and_long(
    page: Page, served: Served, count: int, ways: list[tuple[Any, Any, int]]
) -> None:
    some_work(served, count)
    for name, paths in LISTS.items():
        at_work(page, served, name, "/work")
        for path in paths:
            page.goto(f"{served.base_url}{path}")
            for scheme, forced, width in ways:
                page.emulate_media(color_scheme=scheme, forced_colors=forced)
                page.set_viewport_size({"width": width, "height": 800})
                no_violation(page, f"{path} with {count} rows: {scheme}, forced colours {forced}, {width} wide")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_that_was_chosen_stands_against_the_machines(page: Page, marked: Served, theme: str) -> None:
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/me")
    page.locator(f"input[name=theme][value={theme}]").check()
    page.get_by_role("button", name="Keep these").click()
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    a_queue(page, marked)
    no_violation(page, theme)
    background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(242, 243, 244)", "dark": "rgb(21, 24, 27)"}[theme]


def test_the_wall_screen_is_dark_large_and_shows_no_moves(page: Page, marked: Served) -> None:
    some_alerts(marked)
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/me")
    page.get_by_role("button", name="Make it one").click()
    expect_live(page)
    no_violation(page, "kiosk")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 27)"
    expect(row(page, 1).get_by_role("button", name="Acknowledge")).to_be_hidden()
    ring(marked, HIS, call="T-9")
    expect(row(page, 6)).to_be_visible()


def test_a_grey_picture_can_still_be_read_and_calm_has_no_colour(page: Page, marked: Served) -> None:
    alert = ring(marked, HIS)["alerts"][0]["alert"]
    queue_of(page, marked)
    expect(row(page, 1).locator(".mark")).to_have_text("◆ URGENT")
    page.evaluate("() => { document.documentElement.style.filter = 'grayscale(1)'; }")
    no_violation(page, "grey")
    page.evaluate("() => { document.documentElement.style.filter = ''; }")
    move(marked, alert, "acknowledge")
    expect(row(page, 1)).to_have_attribute("data-state", "acknowledged")
    page.mouse.move(640, 700)
    assert saturated_share(page) < 0.005


def saturated_share(page: Page) -> float:
    """The share of the list's pixels that have a strong colour, counted by the browser from a picture of it."""
    picture = page.locator("#list").screenshot()
    counted = page.evaluate(
        """async bytes => {
            const blob = new Blob([new Uint8Array(bytes)], {type: 'image/png'}), map = await createImageBitmap(blob);
            const canvas = new OffscreenCanvas(map.width, map.height), ink = canvas.getContext('2d');
            ink.drawImage(map, 0, 0);
            const data = ink.getImageData(0, 0, map.width, map.height).data;
            let strong = 0;
            for (let at = 0; at < data.length; at += 4) {
                const most = Math.max(data[at], data[at + 1], data[at + 2]), least = Math.min(data[at], data[at + 1], data[at + 2]);
                if (most && (most - least) / most > 0.75) strong += 1;
            }
            return strong / (data.length / 4);
        }""",
        list(picture),
    )
    share: float = counted
    return share


def test_no_page_asks_another_host_and_no_address_holds_anything_personal(page: Page, marked: Served) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    queue_of(page, marked, "Owen")
    for shown in (
        a_queue, an_alert, a_look_up, a_marker, at("/me"), at("/help"), at("/docs"), at("/concerns/new"), a_drawn_area,
        a_case, an_order_with_errors, a_file_with_errors, at_as("Sam", "/measures"), at_as("Sam", "/waiting"),
    ):  # fmt: skip
        shown(page, marked)
        page.wait_for_timeout(300)
    expect(page.locator("h1")).to_be_visible()
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(marked.base_url).netloc}
    for url in asked:
        for personal in ("900123", "900201", "496", "Wood", "Send two", "Anna", "53.4"):
            # The port is the machine's choice, and may hold any figures.
            assert personal not in url.removeprefix(marked.base_url)
    assert [line for line in said if "Content Security Policy" in line] == []


def test_the_api_pages_work_under_the_policy(page: Page, marked: Served) -> None:
    queue_of(page, marked)
    page.goto(f"{marked.base_url}/docs")
    expect(page.get_by_text("/v1/events/batch")).to_be_visible()


def test_the_first_load_of_the_queue_is_light(browser: Browser, marked: Served) -> None:
    some_alerts(marked)
    with another(browser) as page:
        queue_of(page, marked)
        page.goto(f"{marked.base_url}/queue")
        sizes = page.evaluate(
            "() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
            ".map(one => one.encodedBodySize)"
        )
        assert 20_000 < sum(sizes) <= 120_000


def test_long_names_and_words_stay_in_their_place(page: Page, marked: Served) -> None:
    long: dict[str, Any] = {"instruction": "Sheisnottobespokentoonthisnumberunderanycircumstances" * 5}
    marker = {
        "reference": "M-L",
        "category": "stalking",
        "risk": "high",
        "targets": [{"phone": {"number": "07700 900999"}}],
    }
    assert marked.post("/v1/markers", marker | long, "Owen").status_code == 201
    ring(marked, "07700 900999", incident="X" * 100)
    queue_of(page, marked)
    for path in ("/queue", "/alerts/1"):
        page.goto(f"{marked.base_url}{path}")
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_sheet_prints_without_what_is_no_part_of_it(page: Page, marked: Served) -> None:
    queue_of(page, marked, "Owen")
    a_sheet(page, marked)
    assert page.locator("article.sheet").count() == 1
    page.emulate_media(media="print")
    for gone in (".bar", "form.stack", "#pressing"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator("article.sheet").first.is_visible()
    assert page.get_by_role("heading", level=1).is_visible()
