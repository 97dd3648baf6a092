"""A page that somebody keeps open: it says what is so now, or that it no longer knows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.site import Site
from tests.browser import scene
from tests.browser.conftest import Watched
from tests.support.histories import build, catalog, model, tokens

_A_MINUTE = 61_000
_START = scene.NOW - timedelta(hours=5)


@dataclass
class Growing:
    """A site whose gateway changes its price by the hour."""

    database: Database
    address: str
    server: ExitStack
    hours: int = 0

    def grow(self) -> None:
        """Record one more version."""
        self.hours += 1
        models = [model("alpha", tokens(f"0.00000{self.hours}", "0.00002")), model("beta")]
        build(self.database, "main", [(_START + timedelta(hours=self.hours), catalog(*models))])


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Growing]:
    with ExitStack() as stack:
        database = Database(f"sqlite:///{tmp_path / 'growing.db'}", clock=lambda: scene.NOW)
        stack.callback(database.close)
        schema.ensure(database)
        server = stack.enter_context(ExitStack())
        address = server.enter_context(scene.site(Site(database, Hosts("127.0.0.1"))))
        site = Growing(database, address, server)
        site.grow()
        yield site


def opened(watched: Watched, address: str) -> Page:
    """The page, with a clock that is put forward by hand."""
    watched.page.clock.install()
    return watched.open(address)


def asked_by(page: Page) -> list[str]:
    """The addresses that the page's script asks from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "fetch":
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_what_happens_meanwhile_comes_by_itself(
    growing: Growing, tab: Callable[..., Watched]
) -> None:
    page = opened(tab(), f"{growing.address}/")
    version = page.locator("main td[data-label=version]")
    for number in (2, 3):
        growing.grow()
        page.clock.run_for(_A_MINUTE)
        expect(version).to_have_text(str(number))
        expect(page.locator("main")).to_contain_text(f"${number}")
    # What came has the reader's own times, and can be copied.
    expect(page.locator("main [data-copy][role=button]").first).to_be_visible()
    assert "UTC" not in page.locator("main time").first.inner_text()


@pytest.mark.parametrize("path", ["/catalog?source=main", "/timeline?source=main"])
def test_what_somebody_is_writing_is_not_undone(
    growing: Growing, tab: Callable[..., Watched], path: str
) -> None:
    page = opened(tab(), growing.address + path)
    field = page.locator("main input:not([type=hidden])").first
    field.fill("alp")
    page.get_by_role("link", name="Feed").focus()
    before = page.locator("main").inner_html()
    growing.grow()
    page.clock.run_for(_A_MINUTE)
    assert field.input_value() == "alp"
    assert page.locator("main").inner_html() == before
    # Not so once it is taken back.
    field.fill("")
    page.get_by_role("link", name="Feed").focus()
    page.clock.run_for(_A_MINUTE)
    page.wait_for_function(
        "before => document.querySelector('main').innerHTML !== before", arg=before
    )


def test_the_past_and_what_cannot_change_ask_no_more(
    growing: Growing, tab: Callable[..., Watched]
) -> None:
    growing.grow()
    for path in ("/?at=2026-08-22", "/snapshot/1?source=main"):
        page = opened(tab(), growing.address + path)
        asked = asked_by(page)
        page.clock.run_for(3 * _A_MINUTE)
        page.evaluate("fetch('/healthz')")
        assert asked == [f"{growing.address}/healthz"], path


def test_one_that_is_no_longer_answered_says_since_when(
    growing: Growing, tab: Callable[..., Watched]
) -> None:
    watched = tab()
    page = opened(watched, f"{growing.address}/")
    expect(page.locator("#unanswered")).to_be_hidden()
    growing.server.close()
    page.clock.run_for(_A_MINUTE)
    expect(page.locator("#unanswered")).to_be_visible()
    expect(page.locator("#unanswered")).to_contain_text("No answer from pricetrail since")
    expect(page.locator("main")).to_contain_text("main")
    # The browser itself notes that nobody is there.
    assert all("ERR_CONNECTION_REFUSED" in one for one in watched.complaints)
    watched.complaints.clear()


def test_one_whose_session_is_over_leads_to_the_login(
    closed: str, tab: Callable[..., Watched]
) -> None:
    page = opened(tab(), f"{closed}/timeline")
    page.get_by_label("Token").fill(scene.TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url("**/timeline")
    page.context.clear_cookies()
    page.clock.run_for(_A_MINUTE)
    page.wait_for_url("**/login**")


def test_of_two_answers_at_once_the_page_keeps_no_older_one(
    growing: Growing, tab: Callable[..., Watched]
) -> None:
    page = opened(tab(), f"{growing.address}/")
    # Each answer waits until it is let through, in any order.
    page.evaluate(
        """() => {
            const ask = window.fetch;
            window.doors = [];
            window.fetch = async (...given) => {
                const answer = await ask(...given);
                await new Promise((open) => window.doors.push(open));
                return answer;
            };
        }"""
    )
    version = page.locator("main td[data-label=version]")
    page.clock.run_for(_A_MINUTE)
    page.wait_for_function("() => window.doors.length === 1")
    growing.grow()
    page.clock.run_for(_A_MINUTE)
    page.wait_for_function("() => window.doors.length === 2")
    page.evaluate("window.before = document.getElementById('main'); window.doors[0]()")
    page.wait_for_function("() => window.before !== document.getElementById('main')")
    expect(version).to_have_text("1")
    page.evaluate("window.doors[1]()")
    # What came second was of a page that is gone: the next one brings it.
    page.clock.run_for(_A_MINUTE)
    page.wait_for_function("() => window.doors.length === 3")
    page.evaluate("window.doors[2]()")
    expect(version).to_have_text("2")


def test_a_page_that_is_not_ours_takes_the_place_of_nothing(
    growing: Growing, tab: Callable[..., Watched]
) -> None:
    page = opened(tab(), f"{growing.address}/")
    page.evaluate("window.before = document.getElementById('main')")
    page.clock.run_for(_A_MINUTE)
    page.wait_for_function("() => window.before !== document.getElementById('main')")
    page.evaluate("window.fetch = async () => new Response('<h1>Back soon</h1>')")
    page.clock.run_for(_A_MINUTE)
    expect(page.locator("#unanswered")).to_be_visible()
    expect(page.locator("main td[data-label=version]")).to_have_text("1")
