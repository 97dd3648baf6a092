"""A model "m" that changes, goes and comes back, beside one that stays."""

from collections.abc import Iterator
from contextlib import contextmanager

from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import versions
from tests.support.histories import build, catalog, hourly, model, tokens


def priced(prompt: str, **more: str) -> dict[str, object]:
    """It, at a price."""
    return model("m", tokens(prompt, "2"), **more)


@contextmanager
def lived(database_url: str) -> Iterator[Database]:
    """A database of six versions: a price, a rise, a new name, gone, back, and "free"."""
    opened = Database(database_url)
    other = model("n")
    polls = [
        catalog(priced("1"), other),
        catalog(priced("3"), other),
        catalog(priced("3", display_name="Other"), other),
        catalog(other),
        catalog(priced("3"), other),
        catalog(priced("free"), other),
    ]
    build(opened, "s", hourly("10:00", polls))
    yield opened
    opened.close()


def ours(connection: Transaction) -> tuple[int, int]:
    """The ids of its source and of itself."""
    source = sources.choose(connection, None).id
    return source, versions.model_id(connection, source, "m")
