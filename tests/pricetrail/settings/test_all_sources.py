"""The configuration's sources and the database's as one mapping, each read when asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.jobs.source import Source
from pricetrail.settings.all_sources import AllSources
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Database
from pricetrail.storage.kept_sources import Kept

OWN = Source(name="own", url="https://gw.example/v1", api_key="k")
KEPT = {"kept": '{"api_key":"env:AWAY","hold":"1h"}', "own": "{}", "faulty": '{"hold":"x"}'}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    with opened.write() as connection:
        kept = [Kept(name, text) for name, text in KEPT.items()]
        kept_sources.add(connection, kept, opened.now())
    yield opened
    opened.close()


def everything(database: Database, *, strict: bool = False) -> AllSources:
    raw = Raw("p.toml", {}, Path(), from_file=True)
    own = {"own": OWN}
    return AllSources(own, frozenset({"own", "bad"}), raw, {}, database.read, strict=strict)


def test_both_are_found_and_the_configurations_hold(database: Database) -> None:
    found = everything(database)
    assert found["own"] is OWN
    # No secret is needed for what is asked here.
    assert found["kept"].hold.total_seconds() == 3600
    assert list(found) == ["own", "faulty", "kept"]
    assert len(found) == 3
    for name in ("bad", "nobody", "faulty"):
        assert found.get(name) is None


def test_a_faulty_one_is_refused_where_defaults_will_not_do(database: Database) -> None:
    with pytest.raises(SettingsError, match="source faulty in the database: hold"):
        everything(database, strict=True)["faulty"]
