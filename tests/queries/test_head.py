"""The chain's head, in the form that `verify --head` takes."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.saved_heads import saved_head
from pricetrail.queries.head import ask
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from pricetrail.storage.sources import SourceNeededError, choose
from tests.queries.documents import document
from tests.support.histories import build, catalog, failed, hourly, model


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_the_head_is_the_newest_versions_hash(database: Database) -> None:
    build(database, "s", hourly("10:00", [catalog(model("a")), catalog(model("b"))]))
    with database.read() as transaction:
        answer = ask(transaction)
        newest = versions.get_version(transaction, choose(transaction, "s").id, 2)
    assert answer.hash == newest.chain_hash
    assert document(answer) == {
        "source": "s",
        "version": 2,
        "head": f"sha256:{newest.chain_hash.hex()}",
    }
    assert saved_head(str(answer.saved)) == answer.saved
    assert str(answer.saved).startswith("2:sha256:")


def test_before_the_first_good_poll_there_is_none(database: Database) -> None:
    failed(database, "s", "10:00")
    with database.read() as transaction, pytest.raises(NotFoundError, match="no snapshot yet"):
        ask(transaction, "s")


def test_of_several_sources_one_has_to_be_named(database: Database) -> None:
    for name in ("one", "two"):
        build(database, name, [("10:00", catalog(model(name)))])
    with database.read() as transaction:
        assert ask(transaction, "two").source == "two"
        assert ask(transaction, "two").hash != ask(transaction, "one").hash
        with pytest.raises(SourceNeededError):
            ask(transaction)
