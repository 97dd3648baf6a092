"""Models by name: rows are made once, and documents rest on the keyframe before them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import documents
from pricetrail.storage.database import Database
from pricetrail.storage.history.models import Model, known
from tests.support.histories import at, build, catalog, hourly, model, tokens

LONG = '{"id":"a","note":"' + "long enough to be worth a difference " * 3 + '%s"}'


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_a_row_is_made_once_for_each_source(database: Database) -> None:
    with database.write() as connection:
        one, other = (sources.open_source(connection, name, at("09:00")).id for name in "st")
        first = known(connection, one, ["a", "b"], {})
        again = known(connection, one, ["b", "c", "a"], {})
        elsewhere = known(connection, other, ["a"], {})
        number = connection.execute(select(func.count()).select_from(t.model)).scalar_one()
    assert {name: again[name] for name in first} == first
    assert elsewhere["a"].id not in {model.id for model in again.values()}
    assert number == 4


def test_what_is_remembered_is_not_looked_up(database: Database) -> None:
    remembered = {"a": Model(7, 3, b"kept")}
    with database.write() as connection:
        source = sources.open_source(connection, "s", at("09:00")).id
        assert known(connection, source, ["a"], remembered) == remembered


def test_a_model_comes_with_the_keyframe_of_its_newest_document(database: Database) -> None:
    prices = ["0.000003", "0.000004", "0.000005"]
    hours = [catalog(model("a", tokens(prompt, "0.1"))) for prompt in prices]
    build(database, "s", hourly("09:00", hours))
    with database.write() as connection:
        found = known(connection, sources.choose(connection, "s").id, ["a"], {})["a"]
    assert found.base == 1
    assert '"prompt":"0.000003"' in documents.decode(found.keyframe or b"")


@pytest.mark.parametrize(("text", "base"), [(LONG % "er", 4), ('{"id":"a"}', None)])
def test_a_document_rests_on_the_keyframe_where_it_is_like_it(text: str, base: int | None) -> None:
    before = Model(7, 4, documents.encode(LONG % ""))
    rests_on, stored = before.packed(text)
    assert rests_on == base
    keyframe = before.keyframe if base is not None else None
    assert documents.decode(stored, keyframe) == text
    assert before.after(5, rests_on, stored) == (before if base else Model(7, 5, stored))
