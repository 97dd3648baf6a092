"""Debian's chromium, driven by playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# None of these features asks its makers anything: the network here is closed.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "no chromium here: install Debian's `chromium`, as `make packages` does where it may"


def path() -> str | None:
    """Where the browser is; None where there is none."""
    return shutil.which("chromium")


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=_ARGUMENTS)
        yield browser
        browser.close()
