"""The worked example of `docs/when-a-price-holds.md`: every file and every output on the page."""

import pytest

from tests.docs.worked import DOCS, play


@pytest.mark.usefixtures("_database")
def test_every_command_prints_what_the_page_says() -> None:
    assert play(DOCS / "when-a-price-holds.md") == 3
