"""A pricer over a history that the test writes."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from pricetrail.audit.pricer import Pricer
from pricetrail.storage.database import Database
from pricetrail.storage.sources import choose
from tests.support.histories import Catalog, build

History: TypeAlias = list[tuple[str, Catalog | None]]
MakePricer: TypeAlias = Callable[[History], Pricer]


@pytest.fixture
def pricer_of(sqlite_url: str) -> Iterator[MakePricer]:
    """Records a history, and gives what prices rows by it."""
    database = Database(sqlite_url)

    def make(history: History) -> Pricer:
        build(database, "pipellm", history)
        with database.read() as connection:
            return Pricer(database, choose(connection, "pipellm"))

    yield make
    database.close()
