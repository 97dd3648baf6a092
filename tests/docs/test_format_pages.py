"""Every format has a page, and its example is what the code makes."""

import tomllib
from pathlib import Path

import pytest

from pricetrail.alerts.channels import CHANNELS
from tests.alerts.examples import PAGES, batched, by_one_ratio, example, folded, retired, trial_text

DOCS = Path(__file__).resolve().parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / "formats" / f"{name}.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    parts = text.split(f"```{language}\n")[1:]
    return [part.partition("\n```")[0] for part in parts]


def test_every_format_has_a_page_with_a_picture() -> None:
    assert set(PAGES) == set(CHANNELS)
    for name in PAGES:
        assert f"]({name}.png)" in page(name)
        assert (DOCS / "formats" / f"{name}.png").is_file()


@pytest.mark.parametrize("name", PAGES)
def test_the_example_is_what_the_code_makes(name: str) -> None:
    shown = blocks(page(name), "text" if name == "apprise" else "json")
    assert shown == [example(name), *([batched(), retired()] if name == "json" else [])]


def test_what_is_folded_is_as_the_code_folds_it() -> None:
    assert blocks(page("messages"), "text") == [folded(), by_one_ratio(), trial_text()]


@pytest.mark.parametrize("name", PAGES)
def test_the_set_up_is_one_webhook_of_that_format(name: str) -> None:
    [text] = blocks(page(name), "toml")
    [settings] = tomllib.loads(text)["webhooks"].values()
    assert settings["format"] == name


def test_links_between_the_pages_lead_somewhere() -> None:
    assert "## What your answer means" in page("json")
    for name in set(PAGES) - {"json"}:
        assert "json.md#what-your-answer-means" in page(name)
