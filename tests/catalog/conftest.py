"""Bundles of evidence, made once for all tests that look at them, and a machine elsewhere."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.catalog.evidence.genuine import Genuine, genuine


@pytest.fixture(scope="session")
def made(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Genuine:
    path = tmp_path_factory.mktemp("evidence") / "evidence.db"
    shutil.copyfile(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    found = genuine(database)
    database.close()
    return found


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own zone is not UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()
