"""What the acceptance tests have, too; and who repeats secrets."""

from collections.abc import Iterator

import pytest

from pricetrail.jobs.polls import gateway as polls_gateway
from pricetrail.jobs.polls import pings
from tests.acceptance.conftest import real_history, real_import  # noqa: F401 - fixtures
from tests.faults.canaries import KEY, PASSWORD, WEB, repeating, repeats
from tests.support import migrations
from tests.support.receivers import Receiver, receiving
from tests.support.sockets import RawServer, raw_server


@pytest.fixture(autouse=True, scope="module")
def _real_migrations() -> Iterator[None]:
    """What goes wrong here may go wrong in any of them."""
    with migrations.really():
        yield


@pytest.fixture
def repeating_gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """Who asks it asks again as often as ever, and does not wait for seconds before it does."""
    monkeypatch.setattr(polls_gateway, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(pings, "_PAUSE", 0.01)
    with raw_server(repeating("s")) as server:
        yield server


@pytest.fixture
def repeating_receiver() -> Iterator[Receiver]:
    with receiving() as found:
        found.always = repeats
        yield found


@pytest.fixture
def canary_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database, on Postgres with a password that its server does not ask for."""
    if database_url.startswith("postgresql"):
        database_url += f"&password={PASSWORD}"
    monkeypatch.setenv("DATABASE", database_url)
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.setenv("WEB", WEB)
    return database_url
