"""Catalogs are read once a version, and never more of them are kept than may be."""

import shutil
from pathlib import Path

from pricetrail.queries import models
from pricetrail.storage.database import Database
from pricetrail.web.api.listings import Listings
from tests.support.histories import at, build, catalog, model

_HOURS = ("10:00", "11:00", "12:00")


def test_a_version_is_read_once_while_it_is_kept(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [(hour, catalog(model(hour))) for hour in _HOURS])
    with database.read() as transaction:
        found = [models.locate(transaction, "s", at(hour)) for hour in _HOURS]
        one = Listings().get(transaction, found[0])
        kept = Listings(most=2 * len(one))
        texts = [kept.get(transaction, version) for version in found]
        assert kept.get(transaction, found[2]) is texts[2]
        assert kept.get(transaction, found[1]) is texts[1]
        anew = kept.get(transaction, found[0])
        assert anew == texts[0] == one
        assert anew is not texts[0]
    database.close()


def test_one_that_is_too_long_is_not_kept(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("m")))])
    kept = Listings(most=10)
    with database.read() as transaction:
        found = models.locate(transaction)
        assert kept.get(transaction, found) is not kept.get(transaction, found)
    database.close()


def test_a_version_of_another_history_is_another_catalog(sqlite_url: str, tmp_path: Path) -> None:
    kept, texts = Listings(), []
    other = shutil.copy(sqlite_url.removeprefix("sqlite:///"), tmp_path / "other.db")
    for name, url in (("one", sqlite_url), ("two", f"sqlite:///{other}")):
        database = Database(url)
        build(database, "s", [("10:00", catalog(model(name)))])
        with database.read() as transaction:
            texts.append(kept.get(transaction, models.locate(transaction)))
        database.close()
    assert b"two" in texts[1]
