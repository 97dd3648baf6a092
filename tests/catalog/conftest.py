"""Bundles of evidence, made once: they are the same for all tests that look at them."""

import shutil
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
