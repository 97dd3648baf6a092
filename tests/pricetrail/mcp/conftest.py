"""Tools to ask in this process."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Recording
from tests.pricetrail.mcp.asking import Asked, restless


@pytest.fixture
def asked(
    _sqlite_histories: Callable[[Recording], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Asked]:
    """The restless history."""
    copied = shutil.copyfile(_sqlite_histories(restless), tmp_path / "restless.db")
    found = Asked(f"sqlite:///{copied}", monkeypatch)
    yield found
    found.app.close()


@pytest.fixture
def asked_on_both(
    with_history: Callable[[Recording], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Asked]:
    """The restless history, on SQLite and on Postgres."""
    found = Asked(with_history(restless), monkeypatch)
    yield found
    found.app.close()


@pytest.fixture
def asked_empty(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """A database of SQLite without any history."""
    found = Asked(sqlite_url, monkeypatch)
    yield found
    found.app.close()
