"""Half a year of a real marketplace, read and imported once for all the tests of a process."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.inputs import from_paths
from pricetrail.jobs.imports.observations import Observation, Report
from pricetrail.storage.database import Database


class Imported(NamedTuple):
    """A SQLite file that nobody writes to, and the report of the import that made it."""

    file: Path
    report: Report

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"


@pytest.fixture(scope="session")
def real_history(shared_data: Path) -> list[Observation]:
    """What was observed, oldest first."""
    found = []
    for item in from_paths([shared_data / "openrouter-2026.jsonl.xz"]).read(lambda _: None):
        assert isinstance(item, Observation)
        found.append(item)
    return found


@pytest.fixture(scope="session")
def real_import(
    real_history: list[Observation],
    _sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Imported:
    """All of it, imported as the source `pipellm`; who writes to it takes a copy."""
    file = tmp_path_factory.mktemp("real") / "real.db"
    shutil.copyfile(_sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    report = run(database, "pipellm", real_history)
    database.close()
    return Imported(file, report)
