"""What every test gets: a clean environment, no way out of this machine, and real databases."""

import gc
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import hypothesis
import pytest
from hypothesis.database import DirectoryBasedExampleDatabase

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.support import memory, migrations, postgres, statements
from tests.support.network import loopback_only
from tests.support.no_skips import in_ci, pytest_make_collect_report, pytest_runtest_makereport
from tests.support.sqlite_only import pytest_addoption, pytest_collection_modifyitems

__all__ = [  # hooks
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
]

ROOT = Path(__file__).resolve().parents[1]

# Read before the environment is cleaned.
_POSTGRES = os.environ.get("PRICETRAIL_TEST_POSTGRES", "")
_SHARED = Path(os.environ.get("PRICETRAIL_SHARED") or ROOT.parent / "shared")

# Writes a history into an empty database.
Recording: TypeAlias = Callable[[Database], object]

_TEMPLATE = "pricetrail_template"
_numbers = count(1)


# A loaded machine is no finding: no deadlines, no complaint about slow generation.
hypothesis.settings.register_profile(
    "local",
    deadline=None,
    max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("local"), derandomize=True, database=None
)
# The same inputs for each mutant, and none made smaller: only whether it fails is asked.
hypothesis.settings.register_profile(
    "mutants",
    hypothesis.settings.get_profile("ci"),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)
hypothesis.settings.register_profile(
    "quick", hypothesis.settings.get_profile("local"), max_examples=10
)
hypothesis.settings.register_profile(
    "thorough", hypothesis.settings.get_profile("local"), max_examples=5_000
)


def pytest_configure() -> None:
    memory.use()
    statements.share()
    migrations.share()
    chosen = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if in_ci() else "local")
    hypothesis.settings.load_profile(chosen)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: it is not worth looking through."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 100)
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> Iterator[None]:
    """What the person who runs the tests has set must not decide them."""
    ours = ("PRICETRAIL_", "PIPELLM_", "GIT_", "PG")
    terminal = {"COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"}
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(ours) or name.lower().endswith("_proxy") or name in terminal:
                patch.delenv(name)
        # Else each of the many processes that tests start would compile all of it anew.
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        # An output that is not buffered fails at other moments.
        patch.delenv("PYTHONUNBUFFERED", raising=False)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in an empty folder: no stray `pricetrail.toml`, no file left behind."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A real Postgres of this process; never skipped, the error says what is missing."""
    with postgres.running(_POSTGRES) as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: postgres.Postgres) -> str:
    postgres_server.create(_TEMPLATE)
    prepare(postgres_server.url(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def new_postgres(postgres_server: postgres.Postgres) -> Iterator[Callable[[str], str]]:
    """Makes a database from the template that is named, and gives its URL."""
    made = []

    def create(template: str) -> str:
        made.append(f"test_{next(_numbers)}")
        postgres_server.create(made[-1], template)
        return postgres_server.url(made[-1])

    yield create
    for database in made:
        postgres_server.drop(database)


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """An empty, migrated SQLite database."""
    path = tmp_path / "test.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(_postgres_template: str, new_postgres: Callable[[str], str]) -> str:
    """An empty, migrated Postgres database."""
    return new_postgres(_postgres_template)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database: the test runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def _sqlite_histories(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Recording], Path]:
    @cache
    def recorded(record: Recording) -> Path:
        path = tmp_path_factory.mktemp("history") / "history.db"
        shutil.copyfile(_sqlite_template, path)
        _write(f"sqlite:///{path}", record)
        return path

    return recorded


@pytest.fixture(scope="session")
def _postgres_histories(
    _postgres_template: str, postgres_server: postgres.Postgres
) -> Callable[[Recording], str]:
    @cache
    def recorded(record: Recording) -> str:
        name = f"history_{next(_numbers)}"
        postgres_server.create(name, _postgres_template)
        _write(postgres_server.url(name), record)
        return name

    return recorded


def _write(url: str, record: Recording) -> None:
    database = Database(url)
    record(database)
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def with_history(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Recording], str]:
    """Gives a database with a history that is recorded once and copied for each test of it."""
    recorded: Callable[[Recording], Any] = request.getfixturevalue(f"_{request.param}_histories")
    if request.param == "postgres":
        create: Callable[[str], str] = request.getfixturevalue("new_postgres")
        return lambda record: create(recorded(record))

    def copied(record: Recording) -> str:
        path = tmp_path / "test.db"
        shutil.copyfile(recorded(record), path)
        return f"sqlite:///{path}"

    return copied


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a single table (on SQLite: no file yet); the test runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    create: Callable[[str], str] = request.getfixturevalue("new_postgres")
    return create("template0")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real catalog history beside the checkout; PRICETRAIL_SHARED names another place."""
    folder = _SHARED / "data"
    if not folder.is_dir():
        pytest.skip(
            "no shared/data beside the checkout; set PRICETRAIL_SHARED to the folder with `data`"
        )
    return folder
