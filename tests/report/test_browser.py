"""The report in a real Chromium, opened from disk: text stays text, nothing is fetched, both languages, any width.

Skipped where there is no Chromium; a machine that sets KAM_REQUIRE_CHROMIUM=1 must have one.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kam_pipeline.report.words import CODES
from kam_pipeline.report.writing import write_report
from tests.report.hostile import NAMES, hostile_company
from tests.report.published_file import minimal
from tests.report.sample_company import sample_company

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
IS_REQUIRED = os.environ.get("KAM_REQUIRE_CHROMIUM") == "1"


@dataclass
class Visit:
    """A page that has been opened, with everything it did that a report must not do."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    refused: list[str | None] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def is_shown(self, code: str) -> bool:
        """Whether the text of a language can be seen."""
        return bool(self.page.locator(f".language-{code}").is_visible())


Open = Callable[..., Visit]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        if IS_REQUIRED:
            pytest.fail("KAM_REQUIRE_CHROMIUM is 1, and there is no chromium or no playwright")
        pytest.skip("needs Debian's chromium and the dev dependency playwright")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Open]:
    """Open a report in a window of its own, without a network."""
    contexts = []

    def visit(path: Path, width: int = 1400, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        contexts.append(context)
        found = Visit(context.new_page(), path.as_uri())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("requestfailed", lambda request: found.refused.append(request.failure))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.dialogs.append(dialog.message), dialog.dismiss()))
        found.page.goto(found.address)
        return found

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    path = folder / "report" / "index.html"
    write_report(sample_company(folder / "key_accounts.duckdb").path, path, CODES)
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    path = folder / "report" / "index.html"
    write_report(hostile_company(minimal(folder / "key_accounts.duckdb")).path, path, CODES)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company in billions, with intervals and remarks wherever there can be some."""
    folder = tmp_path_factory.mktemp("large")
    path = folder / "report" / "index.html"
    file = sample_company(folder / "key_accounts.duckdb")
    file.change("update kpi_snapshot set value = 10000 * value where unit = 'money'")
    file.change(
        "update kpi_snapshot set ci_low = 0.8 * value, ci_high = 1.2 * value, n = 1234567, numerator = 1e11, "
        "denominator = 2e11, reason = 'Costs are known for 85 % of revenue; the figure is for that part.', "
        "reason_da = 'Omkostningerne kendes for 85 % af omsætningen; tallet gælder den del.' where value is not null"
    )
    file.change("update kpi_snapshot set value = 1e11, status = 'measured' where kpi in ('nps', 'profit_amt')")
    file.change("update loss_reason set lost_amt = 123456789012, lost_cnt = 123456")
    file.change("update key_account_candidate set revenue_amt = 123456789012")
    file.change("update kpi_scorecard set bookings_amt = 123456789012, open_pipeline_amt = 123456789012")
    write_report(file.path, path, CODES)
    return path


@pytest.mark.parametrize("code", CODES)
def test_hostile_names_are_shown_as_the_text_they_are(visit, hostile, code):
    found = visit(hostile)
    found.page.check(f"#show-{code}", force=True)
    cells = found.page.locator(f".language-{code} table.candidates tbody th.name bdi")
    assert cells.all_text_contents() == list(NAMES)
    assert all(cell.is_visible() for cell in cells.all())
    shown = [cell.evaluate("cell => [...cell.children].length") for cell in cells.all()]
    assert shown == [0] * len(NAMES)


def test_hostile_names_run_nothing_and_change_nothing(visit, hostile):
    found = visit(hostile)
    found.page.wait_for_timeout(300)
    assert found.page.title() == "Key accounts as of 1\u00a0July\u00a02026"
    assert (found.dialogs, found.complaints) == ([], [])
    assert found.requests == [found.address]
    assert found.page.locator("script, img, iframe, b").count() == 0
    assert found.page.locator("table.candidates a").count() == 0


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_does_not_turn_what_stands_around_it(visit, hostile, name):
    page = visit(hostile).page
    place = NAMES.index(name)
    row = page.locator(".language-en table.candidates tbody tr").nth(place)
    edges = [cell.bounding_box()["x"] for cell in row.locator("th, td").all()]
    assert edges == sorted(edges)
    assert row.locator("td").nth(5).inner_text() == f"{1 - (place + 1) / 100:.2f}"


def test_nothing_but_the_file_itself_is_asked_for(visit, sample):
    found = visit(sample)
    found.page.wait_for_timeout(300)
    assert found.requests == [found.address]
    assert found.complaints == []


def test_the_policy_of_the_page_forbids_scripts_and_fetching(visit, sample):
    found = visit(sample)
    found.page.evaluate(
        """() => {
            const script = document.createElement('script'); script.textContent = "document.title = 'x'";
            document.body.append(script);
            const image = new Image(); image.src = 'https://evil.example/x.png'; document.body.append(image);
        }"""
    )
    found.page.wait_for_timeout(200)
    assert found.page.title() != "x"
    assert found.refused == ["csp"]  # before it went anywhere
    assert len(found.complaints) == 2  # the browser says that it refused both


def test_the_first_language_is_shown_and_the_keyboard_switches(visit, sample):
    found = visit(sample)
    assert (found.is_shown("en"), found.is_shown("da")) == (True, False)
    found.page.keyboard.press("Tab")
    assert found.page.evaluate("document.activeElement.id") == "show-en"
    outline = "getComputedStyle(document.querySelector('label[for=show-en]')).outlineStyle"
    assert found.page.evaluate(outline) == "solid"
    found.page.keyboard.press("ArrowRight")
    assert (found.is_shown("en"), found.is_shown("da")) == (False, True)
    found.page.keyboard.press("ArrowLeft")
    assert (found.is_shown("en"), found.is_shown("da")) == (True, False)


def test_a_click_on_the_name_of_a_language_switches(visit, sample):
    found = visit(sample)
    found.page.get_by_text("Dansk", exact=True).click()
    assert found.is_shown("da")
    assert found.page.get_by_role("heading", level=1).all_inner_texts() == ["Nøglekunder pr. 1.\u00a0juli\u00a02026"]


@pytest.mark.parametrize("width", [360, 768, 970, 1400])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("which", ["sample", "hostile", "large"])
def test_the_page_is_never_wider_than_its_window(visit, request, which, code, width):
    page = visit(request.getfixturevalue(which), width=width).page
    page.check(f"#show-{code}", force=True)
    page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert sizes == [width, width]
    outside = page.evaluate(
        f"""() => [...document.querySelectorAll('.language-{code} :is(p, li, dd, td, th, h1, h2, h3, text)')]
            .filter(element => !element.closest('.scroll') && element.getClientRects().length)
            .filter(element => element.getBoundingClientRect().right > {width} + 1)
            .map(element => element.textContent.trim().slice(0, 40))"""
    )
    assert outside == []


def test_every_link_of_the_contents_leads_to_a_heading(visit, sample):
    page = visit(sample).page
    for link in page.locator(".language-en nav a").all():
        target = link.get_attribute("href")
        assert page.locator(f".language-en h2{target}").is_visible(), target


def test_records_open_by_their_address(visit, sample):
    page = visit(sample).page
    link = page.get_by_role("link", name="Nordlys Energi").first
    assert link.get_attribute("href") == "https://crm.example/g01"
    assert link.get_attribute("rel") == "noreferrer"


def test_what_is_wider_than_the_window_can_be_scrolled_by_keyboard(visit, sample):
    page = visit(sample, width=360).page
    region = page.locator(".language-en .scroll")
    region.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    assert region.evaluate("region => region.scrollLeft") > 0


def test_on_paper_the_chosen_language_stands_alone_and_fits(visit, sample):
    found = visit(sample, width=690)
    found.page.check("#show-da", force=True)
    found.page.emulate_media(media="print")
    assert (found.is_shown("en"), found.is_shown("da")) == (False, True)
    assert not found.page.locator("label").first.is_visible()
    assert not found.page.locator(".language-da nav").is_visible()
    assert found.page.evaluate("document.documentElement.scrollWidth") == 690
    assert found.page.locator(".language-da .bar").first.is_visible()


def test_without_style_all_of_the_text_is_still_there(visit, sample):
    page = visit(sample).page
    page.evaluate("document.querySelectorAll('style').forEach(style => style.remove())")
    assert page.locator(".language-en").is_visible()
    assert page.locator(".language-da").is_visible()
