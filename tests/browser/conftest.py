"""A real browser on real servers; each is started once a process."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium, scene
from tests.support.once import Once, once

__all__ = ["once"]  # a fixture


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.path() is None:
        pytest.skip(chromium.MISSING)
    with chromium.launched() as running:
        yield running


@pytest.fixture(scope="session")
def marketplace(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, shared_data: Path, once: Once
) -> Iterator[str]:
    """The address of the site with the shared history."""
    recorded = once("recorded", lambda folder: scene.record_marketplace(folder, shared_data))
    own = tmp_path_factory.mktemp("marketplace")
    shutil.copyfile(recorded / scene.MARKETPLACE, own / scene.MARKETPLACE)
    with scene.marketplace(own) as address:
        yield address


@pytest.fixture(scope="session")
def troubled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site that needs a person."""
    with scene.troubled(tmp_path_factory.mktemp("troubled")) as address:
        yield address


@pytest.fixture(scope="session")
def crowded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site with too much of everything."""
    with scene.crowded(tmp_path_factory.mktemp("crowded")) as address:
        yield address


@pytest.fixture(scope="session")
def empty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site without a history."""
    with scene.empty(tmp_path_factory.mktemp("empty")) as address:
        yield address


@pytest.fixture(scope="session")
def closed(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site behind a token."""
    with scene.closed(tmp_path_factory.mktemp("closed")) as address:
        yield address


@dataclass
class Watched:
    """A tab, and everything that it complained of or asked of others."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str, status: int = 200) -> Page:
        """Go there, and expect this status."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == status, address
        return self.page


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens tabs (`width`, `theme`, `script`); at the end none may have complained."""
    opened: list[tuple[BrowserContext, Watched]] = []

    def make(width: int = 1440, theme: Any = "light", *, script: bool = True) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        watched = Watched(context.new_page())
        _watch(watched)
        opened.append((context, watched))
        return watched

    yield make
    for context, watched in opened:
        context.close()
        assert watched.complaints == []


def _watch(watched: Watched) -> None:
    page, complaints = watched.page, watched.complaints
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("console", lambda said: _note_console(complaints, said.type, said.text))
    page.on(
        "request",
        lambda asked: (
            None
            if urlsplit(asked.url).hostname == "127.0.0.1" or asked.url.startswith("data:")
            else complaints.append(f"asked {asked.url}")
        ),
    )


def _note_console(complaints: list[str], kind: str, text: str) -> None:
    # A page that is an error is asked for on purpose.
    if kind in ("error", "warning") and "status of 4" not in text:
        complaints.append(f"console: {text}")
