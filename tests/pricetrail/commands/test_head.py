"""`pricetrail head`: the newest version's hash, to be kept elsewhere."""

import pytest

from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import (
    URL,
    document,
    made_up_history,
    refused,
    shown,
)


@pytest.fixture
def history() -> str:
    """The made-up history; its head as it was saved elsewhere."""
    made_up_history()
    return shown("head").strip()


def test_the_head_is_printed_as_verify_takes_it(history: str) -> None:
    found = document("head")
    assert found == {"source": "s", "version": 3, "head": history.removeprefix("3:")}
    assert found["head"] == document("snapshots")["snapshots"][-1]["hash"]


def test_without_a_snapshot_there_is_no_head() -> None:
    prepare(URL)
    assert "nothing recorded yet" in refused(3, "head")
