"""What was used in the last month."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pricetrail.audit.monthly_usage import monthly_usage
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage_import import import_usage
from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage.database import Database

TEXT = """time,model,prompt_tokens,images
2026-01-30,a,5,
2026-01-31,a,7,
2026-03-01,b,1,2
"""


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    found = Database(sqlite_url)
    yield found
    found.close()


def test_a_month_is_the_last_30_days_up_to_the_latest_day(database: Database) -> None:
    Path("usage.csv").write_text(TEXT)
    import_usage(database, UsageTable(Path("usage.csv")), None)
    usage = monthly_usage(database)
    assert (usage.first, usage.last) == (date(2026, 1, 31), date(2026, 3, 1))
    prompt = {"path": "/pricing/text/prompt", "unit": "USD/token"}
    image = {"path": "/pricing/generation/image/per_image", "unit": "USD/image"}
    assert usage.as_json() == {
        "from": "2026-01-31",
        "until": "2026-03-01",
        "models": [
            {"model": "a", "quantities": [prompt | {"quantity": "7"}]},
            {
                "model": "b",
                "quantities": [image | {"quantity": "2"}, prompt | {"quantity": "1"}],
            },
        ],
    }
    assert set(monthly_usage(database, "b").quantities) == {"b"}


def test_nothing_to_answer_from_is_said(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no usage was imported yet"):
        monthly_usage(database)
    Path("usage.csv").write_text(TEXT)
    import_usage(database, UsageTable(Path("usage.csv")), None)
    with pytest.raises(NotFoundError, match="no usage of 'c' from 2026-01-31 to 2026-03-01"):
        monthly_usage(database, "c")
