"""Every page at three widths and in both themes: whole, quiet, and for everybody."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Watched

MODEL = "/model/openai/gpt-oss-120b?source=openrouter"
# Path, on which site, and the heading that it begins with.
PAGES = (
    ("marketplace", "/", "Overview"),
    ("marketplace", "/?at=2026-05-01", "Overview"),
    ("marketplace", "/catalog?source=openrouter", "Catalog"),
    ("marketplace", MODEL, "openai/gpt-oss-120b"),
    ("marketplace", "/model/deepseek/deepseek-v4-flash?source=openrouter", "deepseek"),
    ("marketplace", "/timeline", "Timeline"),
    ("marketplace", "/snapshot/900?source=openrouter", "Version"),
    ("marketplace", "/compare?source=openrouter&a=latest~50&b=latest", "Compare"),
    ("marketplace", "/compare/sources", "Compare"),
    ("marketplace", "/coverage?source=openrouter", "Coverage"),
    ("marketplace", "/proof?source=openrouter", "Proof"),
    ("marketplace", "/proof/check", ""),
    ("marketplace", "/api/docs", ""),
    ("troubled", "/", "Overview"),
    ("troubled", "/deliveries", "Deliveries"),
    ("troubled", "/quarantine", "Quarantine"),
    ("troubled", "/quarantine/1", ""),
    ("troubled", "/coverage", "Coverage"),
    ("empty", "/", "Overview"),
    ("empty", "/timeline", "Timeline"),
    ("empty", "/deliveries", "Deliveries"),
    ("empty", "/quarantine", "Quarantine"),
)
SITES = sorted({name for name, _, _ in PAGES})
_THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# With too much of everything: many sources, long and hostile names, prices of any size.
CROWDED = (
    "/",
    "/catalog?source=main",
    "/model/rich?source=main",
    "/timeline",
    "/compare/sources",
    "/coverage?source=never-read",
)
# What says by itself what to do, where there is nothing yet.
NOTHING_YET = ("/catalog", "/coverage", "/compare", "/proof", "/model/gpt-5", "/snapshot/1")
# On a phone the cells of a `stack` stand below each other: then no text may be cut off.
_CUT_OFF = """[...document.querySelectorAll('.stack tr, dd, .line, .filters label')]
  .filter(one => matchMedia('(max-width: 560px)').matches && one.scrollWidth > one.clientWidth + 1)
  .map(one => one.innerText.slice(0, 80))"""


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Callable[[str], str]:
    return lambda name: str(request.getfixturevalue(name))


def pages_of(site: str) -> list[tuple[str, str]]:
    """Path and heading of each of its pages."""
    return [(path, heading) for name, path, heading in PAGES if name == site]


def require_whole(watched: Watched, width: int) -> None:
    """Nothing sticks out at the side, neither of the page nor of a table that fits itself."""
    page = watched.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(_CUT_OFF) == [], page.url


def require_accessible(watched: Watched) -> None:
    """No finding of axe that is serious or worse; what is tapped is large enough, or apart."""
    # What passes is not told in full: of a long page that takes longer than to look at it.
    options = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
    found = Axe().run(watched.page, options=options).response["violations"]
    serious = [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
    assert serious == [], watched.page.url


@pytest.mark.parametrize("name", SITES)
def test_a_page_is_whole_and_accessible(
    site: Callable[[str], str], tab: Callable[..., Watched], name: str
) -> None:
    watched = tab()
    page = watched.page
    for path, heading in pages_of(name):
        page.set_viewport_size({"width": 360, "height": 900})
        page.emulate_media(color_scheme="light")
        watched.open(site(name) + path)
        assert heading in page.locator("h1").first.inner_text(), path
        require_accessible(watched)
        for theme in _THEMES:
            page.emulate_media(color_scheme=theme)
            for width in (360, 768, 1440):
                page.set_viewport_size({"width": width, "height": 900})
                require_whole(watched, width)
        require_accessible(watched)


def test_a_crowd_still_fits(crowded: str, tab: Callable[..., Watched]) -> None:
    watched = tab(768)
    for path in CROWDED:
        watched.open(crowded + path)
        for width in (768, 360):
            watched.page.set_viewport_size({"width": width, "height": 900})
            require_whole(watched, width)


def test_where_nothing_is_yet_a_page_says_what_to_do(
    empty: str, tab: Callable[..., Watched]
) -> None:
    watched = tab(360)
    for path in NOTHING_YET:
        answer: Any = watched.page.goto(empty + path)
        assert answer.status in (200, 404), path
        assert "pricetrail " in watched.page.locator("main").inner_text(), path
        require_whole(watched, 360)
        require_accessible(watched)


@pytest.mark.parametrize("name", SITES)
def test_a_page_without_script_says_as_much(
    site: Callable[[str], str], tab: Callable[..., Watched], name: str
) -> None:
    watched = tab(360, script=False)
    for path, heading in pages_of(name):
        page = watched.open(site(name) + path)
        assert heading in page.locator("h1").first.inner_text(), path
        times = page.locator("main time").all_inner_texts()
        assert all("UTC" in text or ":" not in text for text in times), path
