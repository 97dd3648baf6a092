"""What the oracles share: fixtures alone, and nothing that runs unasked."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.acceptance.conftest import real_history, real_import  # noqa: F401 - fixtures
from tests.oracles.catalogs import PricedFile, file_of, made_up, native, public, real
from tests.oracles.serving import serving

_MAP = "model_prices_and_context_window_backup.json"
# Else the import of it asks the internet for prices.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


@pytest.fixture
def serve() -> Iterator[Callable[[str], str]]:
    """Serves a text on loopback until the test ends, and gives its address."""
    with ExitStack() as stack:
        yield lambda text: stack.enter_context(serving(text))


@pytest.fixture(scope="session", params=["made up", "real", "native", "public"])
def price_files(
    request: pytest.FixtureRequest, _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], list[PricedFile]]]:
    """Gives a format's files: of a made-up catalog, of real history, of public lists."""
    path = tmp_path_factory.mktemp("oracles") / "prices.db"
    shutil.copyfile(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    if request.param == "made up":
        times = made_up(database)
    elif request.param == "public":
        times = public(Path(str(files("litellm") / _MAP)), database)
    else:
        history = real if request.param == "real" else native
        times = history(request.getfixturevalue("shared_data"), database)
    yield lambda form: [file_of(database, form, at) for at in times]
    database.close()
