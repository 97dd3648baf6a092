"""Every format has a picture, and it shows what the body says."""

import pytest

from pricetrail.alerts.channels import CHANNELS
from tests.pictures.__main__ import page
from tests.pictures.channels import PAGES

pytestmark = pytest.mark.slow


def test_every_format_has_a_page() -> None:
    assert PAGES.keys() == CHANNELS.keys()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_message(name: str) -> None:
    shown = page(name)
    assert "<article" in shown
    words = {
        "json": "model.repriced",
        "cloudevents": "model.repriced",
        "alertmanager": "PricetrailModelRepriced",
    }
    assert words.get(name, "No longer visible to this key") in shown
    assert "<script" not in shown
