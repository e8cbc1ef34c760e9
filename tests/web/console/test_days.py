"""The whole days of the officer, the supervisor, the auditor and the administrator, by keyboard alone."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.served import Served
from tests.web.console.browsing import HERS, HIS, OTHER, another, at_work, place_markers, queue_of, ring
from tests.web.console.screen import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
NAMED = """() => { const one = document.activeElement;
    return (one.getAttribute('aria-label') || [...(one.labels || [])].map(label => label.textContent).join(' ') || one.textContent || '')
        .replace(/\\s+/g, ' ').trim(); }"""
MOST_TABS = 250


@pytest.fixture
def page(page: Page) -> Page:
    """A page that fails its test when anything was done with a mouse."""
    page.add_init_script("addEventListener('mousedown', () => { document.title = 'A MOUSE'; }, true);")
    return page


@pytest.fixture
def marked(served: Served) -> Served:
    place_markers(served)
    return served


def tab_to(page: Page, name: str) -> None:
    """Tab on until what has the focus is called this, or begins so."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(NAMED).startswith(name):
            return
    raise AssertionError(f"no {name!r} is reached by the keyboard on {page.url}")


def press(page: Page, name: str) -> None:
    """What opens or changes something on the page itself."""
    tab_to(page, name)
    page.keyboard.press("Enter")


def follow(page: Page, name: str) -> None:
    """A link or a form's button: what leads to another page."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page: Page, **fields: str) -> None:
    """Fields by their labels (an underscore for a space), in the order in which they stand."""
    for label, text in fields.items():
        tab_to(page, label.replace("_", " "))
        page.keyboard.type(text)


def sign_in(page: Page, served: Served, name: str, home: str) -> None:
    page.goto(served.base_url)
    fill(page, Name=name, Password=PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{home}")


def test_an_officers_whole_day(page: Page, marked: Served, tmp_path: Path) -> None:
    sign_in(page, marked, "Owen", "/queue")
    opens_a_case(page)
    places_a_marker_with_an_area(page)
    records_an_order_and_its_service(page)
    renews_a_marker(page)
    brings_a_file_in(page, tmp_path)
    answers_a_review(page)
    assert page.title() != "A MOUSE"


def opens_a_case(page: Page) -> None:
    follow(page, "Work")
    follow(page, "Cases")
    follow(page, "Open a case")
    fill(page, Reference="SPO-17", Deputy="Noor", Team="stalking", Grade="high", By_which_model="S-DASH")
    fill(page, Name="Anna Jones", Numbers="07700 900500", Role="suspect")
    fill(page, Name="Martin Reeve", Numbers="07700 900555")
    follow(page, "Open the case")
    expect(page.locator("h1")).to_have_text("Case SPO-17")
    press(page, "Note")
    page.keyboard.press("Tab")
    page.keyboard.type("She was told.")
    follow(page, "Add the note")
    expect(page.get_by_text("She was told.")).to_be_visible()


def places_a_marker_with_an_area(page: Page) -> None:
    follow(page, "Place a marker")
    tab_to(page, "Category")
    page.keyboard.type("stalking")
    fill(page, What_must_the_call_handler_do="treat as urgent")
    expect(page.locator("#instruction-so-far")).to_contain_text("it names no action")
    page.keyboard.press("Control+a")
    page.keyboard.type("Send two. He has a key.")
    expect(page.locator("#instruction-so-far")).to_contain_text("characters left")
    tab_to(page, "High")
    page.keyboard.press("Space")
    fill(page, Telephone_number="07700 900500", The_same_once_more="07700900500")
    page.keyboard.press("Tab")
    expect(page.locator("#understood-number")).to_contain_text("No event")
    press(page, "An area")
    press(page, "Centre of the circle")
    tab_to(page, "Map")
    page.keyboard.press("Enter")
    expect(page.locator("#area-said")).to_contain_text("150 m around")
    follow(page, "Drill it first")
    expect(page.locator("#drill")).to_contain_text("inside the area")
    follow(page, "Save: it fires at once")
    expect(page.locator(".identity")).to_contain_text("ACTIVE")
    expect(page.locator("figure.plan")).to_be_visible()


def records_an_order_and_its_service(page: Page) -> None:
    follow(page, "Work")
    follow(page, "Orders")
    follow(page, "Record an order")
    fill(page, Reference="ORD-1", Case="SPO-17", Made_on="1 6 2026", Ends_on="1 6 2028")
    fill(page, Name="Martin Reeve", Numbers="07700 900555")
    tab_to(page, "Name")
    page.keyboard.type("Anna Jones")
    fill(page, Numbers="07700 900500", What_it_says="Not to contact her.")
    fill(page, How_a_breach="◉ Heed watches", If_watched="contact")
    follow(page, "Save: what is watched")
    expect(page.locator("h1")).to_contain_text("ORD-1")
    expect(page.get_by_role("cell", name="◉ watched")).to_be_visible()
    follow(page, "Served on him today")
    expect(page.get_by_text("Served on him, 24 November 2026")).to_be_visible()


def renews_a_marker(page: Page) -> None:
    follow(page, "Work")
    follow(page, "Markers")
    follow(page, "MRK-123")
    press(page, "Renew")
    fill(page, For_how_long="1 year", Why="She asked for it.")
    follow(page, "Renew it")
    expect(page.locator("details.fold[open]")).to_have_count(0)
    expect(page.get_by_text("24 Nov 2027")).to_be_visible()


def brings_a_file_in(page: Page, folder: Path) -> None:
    file = folder / "markers.csv"
    file.write_text(
        "reference,category,risk,instruction,phones\nA-1,stalking,high,Send two.,07700 900601\nA-2,stalking,hihg,Send two.,07700 900602\n"
    )
    follow(page, "Work")
    follow(page, "Bring markers in")
    tab_to(page, "A file")
    # The keyboard is at the field; the dialog that a key opens there is the browser's own.
    expect(page.locator("#chosen")).to_be_focused()
    page.locator("#chosen").set_input_files(file)
    expect(page.locator("#file")).to_have_value(re.compile("A-2"))
    follow(page, "Bring in what can be")
    expect(page.locator("#report-title")).to_have_text("Brought in")
    tab_to(page, "risk")
    page.keyboard.press("Control+a")
    page.keyboard.type("high")
    follow(page, "Bring in what can be")
    expect(page.get_by_text("All lines are in.")).to_be_visible()


def answers_a_review(page: Page) -> None:
    follow(page, "Work")
    follow(page, "Reviews")
    before = page.locator("tbody tr").count()
    assert before
    tab_to(page, "What was found")
    page.keyboard.type("Looked at: it stands.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if before > 1:
        expect(page.locator("tbody tr")).to_have_count(before - 1)
    else:
        expect(page.get_by_text("Nothing to look at here.")).to_be_visible()


def test_a_supervisors_whole_day(page: Page, browser: Browser, marked: Served) -> None:
    waits = ring(marked, HERS, silent_solution=True)["alerts"][0]["alert"]
    asked = marked.post(
        f"/v1/alerts/{waits}/resolve", {"outcome": "no_action_needed", "note": "He rang back."}, "Priya"
    )
    assert asked.status_code == 202
    shelved = ring(marked, OTHER)["alerts"][0]["alert"]
    until = (marked.clock.moment + timedelta(minutes=30)).isoformat()
    assert (
        marked.post(
            f"/v1/alerts/{shelved}/shelve", {"until": until, "reason": "The nurse is there"}, "Priya"
        ).status_code
        == 200
    )
    taken = ring(marked, HIS)["alerts"][0]["alert"]
    assert marked.post(f"/v1/alerts/{taken}/acknowledge", {}, "Sam").status_code == 200
    with another(browser) as priyas:
        queue_of(priyas, marked, "Priya")
        sign_in(page, marked, "Sam", "/queue")
        agrees_as_the_second_person(page)
        sees_a_source_fall_silent(page, marked)
        sees_a_flood(page, marked)
        hands_over(page)
    assert page.title() != "A MOUSE"


def agrees_as_the_second_person(page: Page) -> None:
    follow(page, "Work")
    follow(page, "Shelved and awaiting")
    expect(page.get_by_text("Their reason: He rang back.")).to_be_visible()
    expect(page.get_by_text("The nurse is there")).to_be_visible()
    fill(page, What_you_found="I rang him, too.")
    follow(page, "Agree")
    follow(page, "Work")
    follow(page, "Shelved and awaiting")
    expect(page.get_by_text("Nothing waits for a second person.")).to_be_visible()


def sees_a_source_fall_silent(page: Page, served: Served) -> None:
    follow(page, "Work")
    follow(page, "Sources")
    fill(page, Source="telephony/999", Every_how_many_seconds="60")
    follow(page, "Expect it")
    expect(page.get_by_role("cell", name="● speaks")).to_be_visible()
    served.clock.advance(minutes=3)
    follow(page, "Work")
    expect(page.get_by_text("▲ Silent: telephony/999.")).to_be_visible()
    follow(page, "Sources")
    expect(page.get_by_text("▲ SILENT")).to_be_visible()


def sees_a_flood(page: Page, served: Served) -> None:
    for number in range(40):
        ring(served, HIS, call=f"T-{number}")
    served.clock.advance(seconds=20)
    follow(page, "Work")
    follow(page, "Desks")
    expect(page.get_by_text("▲ FLOOD")).to_be_visible()
    follow(page, "Work")
    follow(page, "Measures")
    expect(page.locator(".plot canvas").first).to_be_visible()
    expect(page.get_by_text("▲ flood")).to_be_visible()


def hands_over(page: Page) -> None:
    page.keyboard.press("q")
    page.wait_for_url("**/queue")
    follow(page, "Hand over")
    fill(page, To_whom="Priya")
    tab_to(page, "What they have to know")
    page.keyboard.type("He is calm.")
    follow(page, "Hand over all")
    expect(page.get_by_text(re.compile("Handed over to Priya: [12]"))).to_be_visible()


def test_an_auditors_whole_day(page: Page, marked: Served) -> None:
    marker = marked.get("/v1/markers", "Owen").json()["items"][0]["id"]
    marked.get(f"/v1/markers/{marker}", "Priya")
    sign_in(page, marked, "Ada", "/work")
    follow(page, "Audit trail")
    fill(page, To_what=marker)
    follow(page, "Show")
    looked = page.locator("tbody tr", has_text="Priya")
    expect(looked).to_have_count(1)
    expect(looked).to_contain_text("read marker")
    assert marker not in page.url
    follow(page, "Verify the trail")
    expect(page.get_by_text("Intact.")).to_be_visible()
    follow(page, "Work")
    follow(page, "People")
    expect(page.get_by_role("row", name="Priya call handler")).to_be_visible()
    assert page.title() != "A MOUSE"


def test_an_administrators_whole_day(page: Page, marked: Served) -> None:
    sign_in(page, marked, "Alex", "/work")
    follow(page, "Desks")
    fill(page, Desk="dispatch", Passes_on_to="control-room")
    follow(page, "Set it")
    follow(page, "Change the rules")
    fill(page, Name="stalking", Desks_that_answer="dispatch", Categories="stalking")
    follow(page, "Set these rules")
    expect(page.get_by_text("stalking: dispatch")).to_be_visible()
    follow(page, "Work")
    follow(page, "Tokens")
    fill(page, Whose_it_is="cad", What_it_is_good_for="integration", Sources_that="cad/incidents")
    follow(page, "Make it")
    expect(page.locator("code.secret")).to_have_text(re.compile("^heed_"))
    follow(page, "Revoke the token of cad")
    expect(
        page.get_by_role("row", name="cad integration").get_by_role("cell", name="revoked", exact=True)
    ).to_be_visible()
    follow(page, "Work")
    follow(page, "Settings")
    expect(page.get_by_text("HEED_DEFAULT_QUEUE")).to_be_visible()
    assert page.title() != "A MOUSE"


def test_an_area_is_drawn_corner_by_corner_and_the_table_says_the_same(page: Page, marked: Served) -> None:
    at_work(page, marked, "Owen", "/markers/new")
    page.locator("#area summary").focus()
    page.keyboard.press("Enter")
    press(page, "Next corner")
    for x, y in ((200, 100), (420, 100), (420, 240), (200, 240)):
        page.locator("#map").click(position={"x": x, "y": y})
    expect(page.locator("#area-said")).to_have_text("corners: 4")
    filled = [page.locator(f"#lat_{n}").input_value() for n in range(4)]
    assert all(re.fullmatch(r"-?\d+\.\d{5}", one) for one in filled)
    assert filled[0] == filled[1] != filled[2] == filled[3]
    page.get_by_role("button", name="Take back the last corner").click()
    expect(page.locator("#area-said")).to_have_text("corners: 3")
    page.locator("#lat_0").fill("53.5")
    assert page.locator("#map path.map-area").count() == 4
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#map path.map-area")).to_have_count(0)
