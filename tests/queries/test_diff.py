"""What lies between two versions, on both databases."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pricetrail.catalog.changes import Change
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries.diff import DiffAnswer, ask
from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, hourly, model, tokens

PROMPT = "/pricing/text/prompt"
HISTORY = [
    catalog(model("a"), model("b"), model("gone")),
    catalog(model("a", tokens("0.0000025", "0.00002"), display_name="A 2"), model("b")),
    catalog(model("a", tokens("0.0000025", "0.000015"), display_name="A 2"), model("new")),
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", HISTORY))
    yield opened
    opened.close()


def asked(database: Database, a: str, b: str) -> DiffAnswer:
    with database.read() as transaction:
        return ask(transaction, None, a, b)


def test_amounts_are_exact_and_a_model_may_be_repriced_and_updated(database: Database) -> None:
    found = asked(database, "1", "2")
    assert (found.added, found.removed) == ((), ("gone",))
    [repriced], [updated] = found.repriced, found.updated
    assert (repriced.model, repriced.direction) == ("a", "mixed")
    assert repriced.changes[1] == Change(PROMPT, Decimal("0.000003"), Decimal("0.0000025"))
    assert updated.changes == (Change("/display_name", "A", "A 2"),)


def test_its_json_is_the_contracts(database: Database) -> None:
    assert asked(database, "baseline", "latest").as_json() == {
        "from": {"version": 1},
        "to": {"version": 3},
        "added": ["new"],
        "removed": ["b", "gone"],
        "repriced": [
            {
                "model": "a",
                "direction": "decrease",
                "changes": [
                    {
                        "path": PROMPT,
                        "unit": "USD/token",
                        "old": "0.000003",
                        "new": "0.0000025",
                        "percent": "-16.67",
                    }
                ],
            }
        ],
        "updated": [
            {
                "model": "a",
                "changes": [
                    {
                        "path": "/display_name",
                        "unit": None,
                        "old": "A",
                        "new": "A 2",
                        "percent": None,
                    }
                ],
            }
        ],
    }


def test_it_goes_backwards_as_well_and_nothing_lies_between_a_version_and_itself(
    database: Database,
) -> None:
    back = asked(database, "latest", "2026-03-01T10:30:00Z")
    assert (back.a, back.b, back.added, back.removed) == (3, 1, ("b", "gone"), ("new",))
    assert back.repriced[0].direction == "increase"
    same = asked(database, "latest", "3")
    assert (same.added, same.removed, same.repriced, same.updated) == ((), (), (), ())


@pytest.mark.parametrize(
    ("revision", "error"), [("first", InvalidInputError), ("9", NotFoundError)]
)
def test_what_names_no_version_is_refused(
    database: Database, revision: str, error: type[Exception]
) -> None:
    for a, b in (("1", revision), (revision, "1")):
        with pytest.raises(error):
            asked(database, a, b)
