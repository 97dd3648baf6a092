"""`make pictures`: messages as pages in build/pictures, and as docs/formats/*.png.

The pictures need Debian's `chromium`; without it the pages alone are written.
"""

import json
from pathlib import Path

from playwright.sync_api import Browser

from pricetrail.alerts import channels
from tests.alerts.made import hook
from tests.browser import chromium
from tests.pictures.channels import PAGES, STYLE
from tests.pictures.scenes import Scene, scenes

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "pictures"
PICTURES = ROOT / "docs" / "formats"
_WIDTH = 800


def page(scene: Scene) -> str:
    """A scene's message as a whole HTML page."""
    messages = channels.render(hook(scene.format), scene.events, scene.context)
    shown = "".join(PAGES[scene.format](json.loads(message.body)) for message in messages)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{shown}"


def main() -> None:
    """Write all pages, then take their pictures."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for scene in scenes():
        _built(scene).write_text(page(scene), encoding="utf-8")
    print(f"pages are in {BUILD.relative_to(ROOT)}")
    if chromium.path() is None:
        print(f"{chromium.MISSING}; so no pictures")
        return
    with chromium.launched() as browser:
        for scene in scenes():
            _picture(browser, scene)
    print(f"pictures are in {PICTURES.relative_to(ROOT)}")


def _picture(browser: Browser, scene: Scene) -> None:
    """As tall as the message is, however long: no canvas is left blank."""
    tab = browser.new_page(viewport={"width": _WIDTH, "height": 1}, device_scale_factor=2)
    tab.goto(_built(scene).as_uri())
    tab.screenshot(path=PICTURES / f"{scene.name}.png", full_page=True)
    tab.close()


def _built(scene: Scene) -> Path:
    return BUILD / f"{scene.name}.html"


if __name__ == "__main__":
    main()
