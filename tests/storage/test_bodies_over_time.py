"""Bodies over a long history: deltas, a full one every so often, and what pruning leaves."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import pruning, sources
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.bodies import body_of
from pricetrail.storage.database import Database
from pricetrail.storage.verification.verify import verify
from tests.support.histories import at, catalog, model, poll, tokens

pytestmark = pytest.mark.slow

VERSIONS = 600
START = at("2026-03-01")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    found = Database(sqlite_url)
    for number in range(1, VERSIONS + 1):
        poll(found, "s", START + timedelta(hours=number), served(number))
    yield found
    found.close()


def served(number: int) -> bytes:
    """A catalog whose spacing differs too, so that only the very bytes are the same."""
    models = [model(f"m-{n:02}", tokens("0.1", "0.2")) for n in range(20)]
    moving = model("moving", tokens(f"0.{number:06}", "0.1"))
    return b" " * (number % 5) + dumps(catalog(*models, moving)).encode() + b"\n"


def test_six_hundred_bodies_come_back_byte_for_byte(database: Database) -> None:
    with database.read() as connection:
        bases = list(
            connection.execute(
                select(t.snapshot.c.body_base).order_by(t.snapshot.c.version)
            ).scalars()
        )
        full = [place + 1 for place, base in enumerate(bases) if base is None]
        packed = connection.execute(select(func.sum(func.length(t.snapshot.c.body)))).scalar_one()
        for number in range(1, VERSIONS + 1):
            assert body_of(connection, 1, number) == served(number)
    assert full == [1, 513]
    assert [base for base in bases if base is not None] == [
        number - 1 for number in range(1, VERSIONS + 1) if number not in full
    ]
    assert packed * 20 < sum(len(served(number)) for number in range(1, VERSIONS + 1))


def test_after_pruning_the_others_still_come_back(database: Database) -> None:
    gone = 0
    for first_kept in (2, 257, 512, 513, 514, VERSIONS):
        with database.write() as connection:
            before = START + timedelta(hours=first_kept, minutes=1)
            gone += pruning.prune_bodies(connection, before)
        assert gone == first_kept - 1
        with database.read() as connection:
            for number in {first_kept, min(first_kept + 1, VERSIONS), VERSIONS}:
                assert body_of(connection, 1, number) == served(number)
            with pytest.raises(NotFoundError, match="was pruned; its hash is kept"):
                body_of(connection, 1, gone)
            found = verify(connection, sources.choose(connection, "s"))
        assert (found.ok, found.bodies_pruned) == (True, gone)
