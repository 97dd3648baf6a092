"""Names by one plain query: the same from a file as from any database."""

import sqlite3
from pathlib import Path

import pytest

from pricetrail.storage import plain_names
from pricetrail.storage.database import Database
from pricetrail.storage.names import names_in_database
from pricetrail.storage.schema import prepare
from tests.support.histories import build, catalog, model


def test_a_file_is_asked_as_a_database_is_and_never_made() -> None:
    database = Database("sqlite:///names.db")
    prepare("sqlite:///names.db")
    names = ["50%_off", "gpt-5", "gpt_5"]
    build(database, "s", [("10:00", catalog(*map(model, names)))])
    build(database, "t", [("10:00", catalog(model("gpt-5")))])
    database.close()
    for begin, found in (("", names), ("gpt_", ["gpt_5"]), ("50%_", ["50%_off"]), ("x", [])):
        wanted = {"begin": begin}
        assert plain_names.names_in_file("names.db", plain_names.MODELS, wanted) == found
        assert names_in_database("sqlite:///names.db", plain_names.MODELS, wanted) == found
    assert plain_names.names_in_file("names.db", plain_names.SOURCES, {"begin": ""}) == ["s", "t"]
    assert plain_names.names_in_file("names.db", plain_names.WEBHOOKS, {"begin": ""}) == []
    with pytest.raises(sqlite3.OperationalError):
        plain_names.names_in_file("gone.db", plain_names.SOURCES, {})
    assert not Path("gone.db").exists()
