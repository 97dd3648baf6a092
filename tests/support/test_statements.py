"""Databases of one kind share what was compiled; others never do."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Dialect, Engine, create_engine, select
from sqlalchemy.sql.compiler import SQLCompiler

from pricetrail.storage import tables as t
from tests.support.statements import kind_of


@contextmanager
def compilations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are put into SQL meanwhile."""
    found: list[str] = []
    compiled = SQLCompiler.__init__

    def counting(compiler: SQLCompiler, *given: object, **named: object) -> None:
        compiled(compiler, *given, **named)  # type: ignore[arg-type]  # passed on
        found.append(compiler.string)

    with monkeypatch.context() as patch:
        patch.setattr(SQLCompiler, "__init__", counting)
        yield found


def dialect(url: str, **settings: object) -> Dialect:
    return create_engine(url, **settings).dialect


def read(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(select(t.model.c.id.label("for_this_test_alone"))).all()
    engine.dispose()


def test_a_second_database_compiles_nothing_anew(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with compilations(monkeypatch) as first:
        read(create_engine(database_url))
    with compilations(monkeypatch) as second:
        read(create_engine(database_url))
    assert [sql for sql in first if "for_this_test_alone" in sql]
    assert second == []


def test_dialects_that_differ_in_a_setting_are_of_different_kinds() -> None:
    usual = kind_of(dialect("sqlite://"))
    assert usual == kind_of(dialect("sqlite:///other.db"))
    assert usual != kind_of(dialect("sqlite://", label_length=20))
    assert usual != kind_of(dialect("postgresql+psycopg://h/x"))
    newer = dialect("sqlite://")
    newer.insert_returning = not newer.insert_returning
    assert usual != kind_of(newer)
