"""The site is built from every page, without a network, and no link of it leads nowhere."""

import tomllib
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest
from click import unstyle

from tests.docs import site

pytestmark = pytest.mark.slow


def test_every_page_is_in_the_site_and_no_link_leads_nowhere(tmp_path: Path) -> None:
    site.build(tmp_path)
    pages = {page.with_suffix(".html") for page in site.pages()}
    made = {page.relative_to(tmp_path / "site") for page in (tmp_path / "site").rglob("*.html")}
    assert made == pages | {Path("404.html")}


def test_every_page_is_in_the_menu() -> None:
    config = tomllib.loads((site.ROOT / "zensical.toml").read_text(encoding="utf-8"))
    assert sorted(_in_menu(config["project"]["nav"])) == sorted(map(str, site.pages()))


def _in_menu(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inner = entry.values() if isinstance(entry, dict) else entry
    return [page for each in inner for page in _in_menu(each)]


def test_a_link_that_leads_nowhere_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # All other pages are bare: it is they that take the time.
    texts = {str(page): "# A page" for page in site.pages()}
    with pytest.raises(CalledProcessError):
        site.build(tmp_path, texts | {"tutorial.md": "[Away](no-such-page.md)"})
    assert "no-such-page.md" in unstyle(capfd.readouterr().err)
