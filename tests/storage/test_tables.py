"""The tables by the rules that each of them keeps."""

import pytest
from sqlalchemy import BigInteger, Table
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateTable

from pricetrail.storage import tables as t

SQLITE, POSTGRES = (make_url(url).get_dialect()() for url in ("sqlite://", "postgresql+psycopg://"))
TABLES = t.metadata.sorted_tables
HISTORY = (t.snapshot, t.model_version, t.price, t.event)


def test_every_table_can_be_asked_for_by_its_name_and_nothing_else() -> None:
    assert {getattr(t, name).name for name in t.__all__ if isinstance(getattr(t, name), Table)} == {
        table.name for table in TABLES
    }
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        t.__getattr__("nothing")


@pytest.mark.parametrize("table", HISTORY, ids=lambda table: table.name)
def test_the_source_is_part_of_every_key_of_history(table: Table) -> None:
    assert t.source.primary_key.columns.keys() == ["id"]
    assert "source_id" in table.primary_key.columns
    for reference in table.foreign_key_constraints:
        if reference.referred_table in HISTORY:
            assert "source_id" in reference.column_keys


def test_an_event_is_numbered_by_itself_on_sqlite() -> None:
    keys = {
        dialect.name: str(CreateTable(t.event).compile(dialect=dialect))
        for dialect in (SQLITE, POSTGRES)
    }
    assert "PRIMARY KEY (number)," in keys["sqlite"]
    assert "PRIMARY KEY (number, source_id)," in keys["postgresql"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_ids_are_of_64_bits_and_nothing_is_unnamed(table: Table) -> None:
    for column in table.c:
        if column.name == "id" or column.name.endswith("_id"):
            narrow = str(column.type.compile(POSTGRES)) == "INTEGER"
            assert not narrow, f"{column} of {table.name}"
    assert isinstance(t.coverage.c.id.type, BigInteger)
    assert all(constraint.name for constraint in table.constraints)
