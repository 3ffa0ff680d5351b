"""The website in a real browser: `make test-site` builds it and runs this, with requirements-site.txt.

Nothing here imports the course, and `make test` leaves it out.
"""

import functools
import html.parser
import http.server
import json
import pathlib
import shutil
import threading
import urllib.parse

import pytest

pytestmark = pytest.mark.site

ROOT = pathlib.Path(__file__).parents[1]
SITE = ROOT / "runs" / "site"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
PAGES = [page for page in PAGES if not page.startswith("_static/")]  # templates of the theme
LESSONS = [page for page in PAGES if page.startswith("lessons/")]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PHONE, DESK = {"width": 400, "height": 800}, {"width": 1400, "height": 900}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="session")
def address():
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=SITE)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    from playwright import sync_api

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.exit(
            f"The site is built but not tested: none of {', '.join(BROWSERS)} is installed "
            "(Debian and Ubuntu: apt-get install chromium).",
            returncode=1,
        )
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """Open a page of the site in a window of its own; `page.problems` are what the console complains of."""
    contexts = []

    def open_page(name, size=DESK):
        contexts.append(browser.new_context(viewport=size))
        page = contexts[-1].new_page()
        page.problems = []
        page.on(
            "console", lambda message: page.problems.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("requestfailed", lambda request: page.problems.append(f"not loaded: {request.url}"))
        page.goto(f"{address}/{name}", wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_all_lessons_have_a_page():
    scripts = {path.stem for path in (ROOT / "solutions").glob("[0-9][0-9]_*.py")}
    assert scripts == {pathlib.Path(page).stem for page in LESSONS}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_comes_from_the_site_alone_and_its_pictures_have_words(visit, name):
    page = visit(name)
    assert page.problems == []
    requested = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    here = urllib.parse.urlsplit(page.url).netloc
    assert [url for url in requested if urllib.parse.urlsplit(url).netloc not in ("", here)] == []
    texts = page.evaluate(
        "[...document.querySelectorAll('img, [role=img]:not(svg)')]"
        ".map(image => image.getAttribute('alt') || image.getAttribute('aria-label') || '')"
    )
    assert [text for text in texts if len(text.split()) < 2] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_on_a_phone(visit, name):
    """Nothing sticks out sideways, and axe-core finds nothing serious, in light and in dark colors."""
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for colors in ("light", "dark"):
        page.emulate_media(color_scheme=colors)
        page.reload()
        found = Axe().run(page).response["violations"]
        serious = {
            finding["id"]: [node["html"][:200] for node in finding["nodes"]][:3]
            for finding in found
            if finding["impact"] in ("serious", "critical")
        }
        assert serious == {}, f"{colors}: {json.dumps(serious, indent=1)}"


@pytest.mark.parametrize("name", LESSONS)
def test_hints_answers_and_drawing_code_open_by_keyboard(visit, name):
    page = visit(name)
    closed = page.locator("article details:not([open]) > summary")
    assert closed.count() >= 3  # a hint or an answer, and code that draws
    for _ in range(closed.count()):
        closed.first.focus()
        page.keyboard.press("Enter")
    assert closed.count() == 0


def test_search_finds_cutmix(visit):
    page = visit("index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("CutMix")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a[href*='lessons/08_cutmix']")
    assert page.problems == []


def test_the_explorer_follows_the_controls(visit):
    page = visit("explorer.html")
    label, code = page.locator("figcaption").nth(1), page.locator("#explorer-code")
    page.locator("[name=operation]").select_option("rotate")
    page.locator("[name=breed]").select_option("paprikin")
    page.locator("[name=strength]").focus()
    page.keyboard.press("Home")
    assert (label.inner_text(), code.inner_text()) == (
        "paprikin",
        "augment.rotate(degrees=5)(images, seed=seed)",
    )
    page.locator("[name=operation]").select_option("mixup")
    page.keyboard.press("End")
    labels = set()
    for _ in range(3):
        labels.add(label.inner_text())
        page.get_by_role("button", name="Another draw").click()
    assert len(labels) == 3 and any(" paprikin" in text and "+" in text for text in labels)
    assert page.problems == []


class _Links(html.parser.HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.anchors = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.add(attributes.get("id"))
        if tag == "a" and attributes.get("href"):
            self.addresses.add(attributes["href"])


def test_no_link_within_the_site_is_broken():
    links = {SITE / page: _Links((SITE / page).read_text(encoding="utf-8")) for page in PAGES}
    broken = []
    for page, found in links.items():
        for link in found.addresses:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else page
            is_there = target.is_file() and (
                not parts.fragment or target not in links or parts.fragment in links[target].anchors
            )
            if not is_there:
                broken.append(f"{page.relative_to(SITE)}: {link}")
    assert broken == []
