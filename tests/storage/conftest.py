"""A history that many tests look at, and that every one of them leaves as it was."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.storage.tampering import Kept, fifty_versions


@pytest.fixture(scope="module")
def kept(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A history on SQLite that every test leaves as it was, and its head."""
    path = tmp_path_factory.mktemp("kept") / "kept.db"
    shutil.copyfile(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield Kept(database, fifty_versions(database))
    database.close()
