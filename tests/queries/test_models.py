"""Which models a source listed, on both databases."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.queries.models import ModelsAnswer, ask
from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, model, poll, tokens

FIRST = catalog(model("a"), model("b", tokens("0.000002", "free")))
SECOND = catalog(model("a", tokens("0.000001", "0.000015")), model("c"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def asked(database: Database, when: str | None = None) -> ModelsAnswer:
    with database.read() as transaction:
        return ask(transaction, None, at(when) if when else None)


def test_a_catalog_is_that_of_its_time(database: Database) -> None:
    build(database, "s", [("10:00", FIRST), ("12:00", SECOND)])
    now, then = asked(database), asked(database, "11:59")
    assert (now.source, now.version, now.first_seen) == ("s", 2, at("12:00"))
    assert (then.version, then.first_seen) == (1, at("10:00"))
    assert [listed.id for listed in now.models()] == ["a", "c"]
    assert now.as_json() == SECOND
    assert then.as_json() == FIRST


def test_prices_are_exact_and_what_is_none_is_told_apart(database: Database) -> None:
    build(database, "s", [("10:00", FIRST)])
    _, b = asked(database).models()
    completion, prompt = b.prices
    assert (prompt.amount, prompt.flagged) == (Decimal("0.000002"), None)
    assert (completion.amount, completion.flagged) == (None, "free")
    assert b.type_target == "openai"


def test_the_text_is_letter_for_letter_as_it_was_served(database: Database) -> None:
    served = '{"id": "a",  "pricing":{"kind":"token","text":{"prompt":3e-6}}, "n": 1.50}'
    body = f'{{"total": 1, "data": [ {served} ], "object": "list"}}'
    poll(database, "s", "10:00", body.encode())
    found = asked(database)
    assert found.as_text() == f'{{"object":"list","data":[{served}],"total":1}}'
    assert found.as_json() == loads(found.as_text())


def test_an_empty_catalog_is_an_answer_and_none_is_not(database: Database) -> None:
    with pytest.raises(NotFoundError, match="nothing recorded yet"):
        asked(database)
    build(database, "s", [("10:00", FIRST), ("11:00", catalog())])
    assert asked(database).as_json() == {"object": "list", "data": [], "total": 0}
    with pytest.raises(NotFoundError, match="the first is of 2026-03-01T10:00:00Z"):
        asked(database, "09:00")
