"""A file of usage into the database, once."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage_import import ImportedFile, content_hash, import_usage
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Database
from pricetrail.storage.usage import monthly_quantities
from tests.support.histories import build, catalog, model, tokens

TEXT = "time,model,prompt_tokens,team\n2026-03-01,a,300000,x\n2026-03-01,b,x,y\n"


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    found = Database(sqlite_url)
    yield found
    found.close()


def table(name: str = "usage.csv", text: str = TEXT) -> UsageTable:
    Path(name).write_text(text, encoding="utf-8")
    return UsageTable(Path(name))


def test_a_file_is_imported_and_says_what_was_left_out(database: Database) -> None:
    read: list[int] = []
    imported = import_usage(database, table(), None, read.append)
    assert (imported.rows, imported.models, imported.refused) == (1, 1, 1)
    assert imported.reasons[0].startswith("line 3: prompt is 'x'")
    assert imported.ignored_columns == ("team",)
    assert sum(read) == len(TEXT)
    assert imported.as_json() == {
        "file": "usage.csv",
        "rows": 1,
        "models": 1,
        "refused": 1,
        "imported_before": None,
    }


def test_the_same_bytes_under_another_name_change_nothing(database: Database) -> None:
    import_usage(database, table(), None)
    again = import_usage(database, table("copy.csv"), None)
    assert again.before is not None
    assert again == ImportedFile("copy.csv", before=again.before)
    assert again.as_json()["imported_before"] == rfc3339(again.before)
    with database.read() as connection:
        assert monthly_quantities(connection) == {"a": {"/pricing/text/prompt": Decimal(300_000)}}


def test_the_prices_of_the_source_say_what_is_charged(database: Database) -> None:
    tiers = {"over_200k": {"text": {"prompt": "2"}}}
    priced = catalog(model("a", tokens("1", "1", tiers=tiers)))
    build(database, "pipellm", [("10:00", priced)])
    text = "time,model,prompt_tokens\n2026-03-01T10:00:00Z,a,300000\n"
    import_usage(database, table(text=text), None)
    with database.read() as connection:
        quantities = monthly_quantities(connection)
    assert quantities == {"a": {"/pricing/tiers/over_200k/text/prompt": Decimal(300_000)}}


def test_what_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(NotFoundError):
        import_usage(database, table(), "other")
    with pytest.raises(UsageFileError, match=r"cannot read nowhere\.csv"):
        content_hash(Path("nowhere.csv"))
