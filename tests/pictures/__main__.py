"""`make pictures`: every format's message as a page in build/pictures, and as docs/formats/*.png.

The pictures need Debian's `chromium`; without it the pages alone are written.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from pricetrail.alerts import channels
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import PROGRAMS, Webhook
from tests.pictures.channels import PAGES, STYLE

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "pictures"
PICTURES = ROOT / "docs" / "formats"
_NO_NETWORK = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


def page(name: str) -> str:
    """The sample message of a format, as a whole HTML page."""
    hook = Webhook(name="sample", url="https://example.com/hook", format=name)
    events = sample_events()
    messages = channels.render(hook, events[:1] if name in PROGRAMS else events)
    shown = "".join(PAGES[name](json.loads(message.body)) for message in messages)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{shown}"


def main() -> None:
    """Write all pages, then take their pictures."""
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (BUILD / f"{name}.html").write_text(page(name), encoding="utf-8")
    print(f"pages are in {BUILD.relative_to(ROOT)}")
    browser = shutil.which("chromium")
    if browser is None:
        print("no chromium here, so no pictures: install Debian's `chromium`")
        return
    for name in PAGES:
        _picture(browser, name)
    print(f"pictures are in {PICTURES.relative_to(ROOT)}")


def _picture(browser: str, name: str) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                *_NO_NETWORK,
                "--no-first-run",
                f"--user-data-dir={profile}",
                "--hide-scrollbars",
                "--window-size=840,690",
                f"--screenshot={PICTURES / f'{name}.png'}",
                (BUILD / f"{name}.html").as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


if __name__ == "__main__":
    main()
