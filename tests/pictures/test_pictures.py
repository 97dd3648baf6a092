"""Every format has a picture, and each shows what the body says."""

from pathlib import Path

import pytest

from pricetrail.alerts.channels import CHANNELS
from tests.pictures.__main__ import PICTURES, page
from tests.pictures.channels import PAGES
from tests.pictures.scenes import Scene, scenes

pytestmark = pytest.mark.slow

# What each scene is there to show.
FACTS = {
    "json": "model.repriced",
    "cloudevents": "/pricetrail/pipellm",
    "alertmanager": "PricetrailModelRepriced",
    "one-change": "price cut for claude-sonnet-4.5",
    "rise": "In total about +$502 a month",
    "400-changes": "claude-001</code>, <code>claude-002</code>, <code>claude-003</code> and 297 more",
    "digest": "openrouter",
    "test-message": "made up",
}


def test_every_format_has_a_page() -> None:
    assert PAGES.keys() == CHANNELS.keys()
    assert {scene.format for scene in scenes()} == CHANNELS.keys()


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_a_page_shows_the_message(scene: Scene) -> None:
    shown = page(scene)
    assert "<article" in shown
    assert FACTS.get(scene.name, "No longer visible to this key") in shown
    assert "<script" not in shown


def test_every_picture_is_taken_and_shown() -> None:
    names = {scene.name for scene in scenes()}
    assert {path.stem for path in PICTURES.glob("*.png")} == names
    pages = "".join(path.read_text(encoding="utf-8") for path in Path(PICTURES).glob("*.md"))
    assert {name for name in names if f"]({name}.png)" in pages} == names
