"""`make screenshots`: the pictures of the pages that the README and docs/pages show.

They need Debian's `chromium`, and the shared history beside the checkout.
"""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser

from tests.browser import chromium, scene

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pages"
_HEIGHT = 860


class Picture(NamedTuple):
    """One picture: its name, on which site, of what, and how."""

    name: str
    site: str
    path: str
    width: int = 1088
    theme: Literal["light", "dark"] = "light"


_MODEL = "/model/openai/gpt-oss-120b?source=openrouter"
PICTURES_TAKEN = (
    Picture("overview", "marketplace", "/"),
    Picture("overview-dark", "marketplace", "/", theme="dark"),
    Picture("needs-you", "troubled", "/"),
    Picture("catalog", "marketplace", "/catalog?source=openrouter"),
    Picture("model", "marketplace", _MODEL),
    Picture("model-phone", "marketplace", _MODEL, 390, "dark"),
    Picture("timeline", "marketplace", "/timeline?source=openrouter"),
    Picture("compare", "marketplace", "/compare?source=openrouter&a=latest~20&b=latest"),
    Picture("compare-sources", "marketplace", "/compare/sources"),
    Picture("coverage", "marketplace", "/coverage?source=openrouter"),
    Picture("deliveries", "troubled", "/deliveries"),
    Picture("quarantine", "troubled", "/quarantine/1"),
    Picture("proof", "marketplace", "/proof?source=openrouter"),
)


def main() -> None:
    """Start the sites, and take every picture."""
    data = Path(os.environ.get("PRICETRAIL_SHARED") or ROOT.parent / "shared") / "data"
    if chromium.path() is None or not data.is_dir():
        sys.exit(f"{chromium.MISSING}; and the shared history beside the checkout")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scene.record_marketplace(folder, data)
        sites = {
            "marketplace": stack.enter_context(scene.marketplace(folder)),
            "troubled": stack.enter_context(scene.troubled(folder)),
        }
        browser = stack.enter_context(chromium.launched())
        for picture in PICTURES_TAKEN:
            _take(browser, sites[picture.site], picture)
    print(f"pictures are in {PICTURES.relative_to(ROOT)}")


def _take(browser: Browser, address: str, picture: Picture) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": _HEIGHT},
        color_scheme=picture.theme,
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    # The pictures' today is the history's.
    page.clock.set_fixed_time(scene.NOW if picture.site == "marketplace" else scene.now())
    answer = page.goto(address + picture.path)
    if answer is None or answer.status != 200:
        sys.exit(f"{picture.path} is no page")
    page.screenshot(path=PICTURES / f"{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main()
