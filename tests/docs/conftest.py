"""What the pages' commands work on."""

import pytest


@pytest.fixture
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of a page's own, where its commands look for one."""
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
