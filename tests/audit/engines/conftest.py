"""A small history, and a folder for files of usage."""

from pathlib import Path

import pytest

from tests.pricetrail.commands.audits import history


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the test's own, and the history of `audits`."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'audits.db'}"
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
    history(url)
