"""A client of each history that the API is asked about."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.conftest import Recording
from tests.web.api.recordings import one_source, two_sources
from tests.web.conftest import MakeClient


@pytest.fixture
def recorded(_sqlite_histories: Callable[[Recording], Path]) -> Callable[[Recording], str]:
    """Gives the address of a database, `pricetrail.db` of this folder, with a history."""

    def copied(record: Recording) -> str:
        shutil.copyfile(_sqlite_histories(record), "pricetrail.db")
        return "sqlite:///pricetrail.db"

    return copied


@pytest.fixture
def client(site_client: MakeClient, recorded: Callable[[Recording], str]) -> TestClient:
    """A client of the history of one source."""
    return site_client(recorded(one_source))


@pytest.fixture
def both(site_client: MakeClient, recorded: Callable[[Recording], str]) -> TestClient:
    """A client of the history of two sources."""
    return site_client(recorded(two_sources))
