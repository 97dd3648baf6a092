"""Histories that are only asked: each is recorded once in each process of the tests."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.support.restless import recording


@pytest.fixture
def lived(
    request: pytest.FixtureRequest, tmp_path: Path, _sqlite_histories: Callable[..., Path]
) -> Iterator[Database]:
    """A copy of the restless history of a seed, whose last poll was at `LAST`."""
    copy = shutil.copyfile(_sqlite_histories(recording(request.param)), tmp_path / "lived.db")
    opened = Database(f"sqlite:///{copy}")
    yield opened
    opened.close()
