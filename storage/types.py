"""Column types that keep times and identities exact on both databases."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Row,
    Select,
    String,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

from pricetrail.catalog import event_types as kinds
from pricetrail.catalog.amounts import plain
from pricetrail.storage.errors import TamperedError

# A row of any query.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
# A query of any columns.
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
# A generated id, and every reference to one: 64 bits. SQLite generates one of an INTEGER alone,
# which has as many.
Id = BigInteger().with_variant(Integer(), "sqlite")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _unreadable(kind: str, value: object) -> TamperedError:
    return TamperedError(f"a stored {kind} is none: {str(value)[:40]!r}")


class LogKey(PrimaryKeyConstraint):
    """A primary key of a generated number, and behind it what rows may be partitioned by.

    On SQLite, which has no partitions and generates no part of a key, the number alone.
    """


@compiles(LogKey, "sqlite")
def _number_alone(key: LogKey, compiler: DDLCompiler, **_options: object) -> str:
    number, *_ = (compiler.preparer.format_column(column) for column in key.columns)
    name = compiler.preparer.format_constraint(key)
    return f"CONSTRAINT {name} PRIMARY KEY ({number})"


@compiles(CreateTable)
def _kept_on_postgres(create: CreateTable, compiler: DDLCompiler, **options: object) -> str:
    """A table as it is; what its `info` says under `postgres` is how that keeps it.

    SQLAlchemy's own options for it load all that it knows of Postgres, as `PartialIndex` says.
    """
    made: str = compiler.visit_create_table(create, **options)  # type: ignore[no-untyped-call]  # theirs
    kept = create.element.info.get("postgres")
    return f"{made.rstrip()} {kept}" if kept and compiler.dialect.name == "postgresql" else made


class PartialIndex(Index):
    """An index of the rows alone for which a condition holds, on either database.

    SQLAlchemy's own `postgresql_where` loads all that it knows of Postgres, and a command on SQLite
    has no use for it.
    """

    def __init__(self, name: str, *columns: str, where: str) -> None:
        super().__init__(name, *columns)
        self.where = where


@compiles(CreateIndex)
def _with_condition(create: CreateIndex, compiler: DDLCompiler, **options: Any) -> str:
    made = compiler.visit_create_index(create, **options)  # type: ignore[no-untyped-call]  # theirs
    index = create.element
    return f"{made} WHERE {index.where}" if isinstance(index, PartialIndex) else made


class Utc(TypeDecorator[datetime]):
    """An aware UTC time to the millisecond: `timestamptz`; on SQLite milliseconds since 1970."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        try:
            if isinstance(value, datetime):
                return value.astimezone(UTC)
            moment: datetime = _EPOCH + value * _MILLISECOND
        except (TypeError, OverflowError):
            raise _unreadable("time", value) from None
        return moment


class Amount(TypeDecorator[Decimal]):
    """An exact amount: `NUMERIC` on Postgres, plain text on SQLite, whose numbers are floats."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(asdecimal=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return plain(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        try:
            return None if value is None else Decimal(value)
        except (TypeError, ValueError, ArithmeticError):
            raise _unreadable("amount", value) from None


class EventId(TypeDecorator[str]):
    """An event's id, `evt_` and 40 hex digits, in 20 bytes."""

    impl = LargeBinary(20)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value.removeprefix("evt_"))

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, bytes | memoryview):
            raise _unreadable("event's id", value)
        return None if value is None else "evt_" + bytes(value).hex()


class _Lettered(TypeDecorator[str]):
    """Words of which there are thousands, in a letter each; others stand as they are."""

    impl = String(24)
    cache_ok = True
    letters: ClassVar[Mapping[str, str]] = {}
    words: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.words = {letter: word for word, letter in cls.letters.items()}

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.letters.get(value, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, str):
            raise _unreadable("word", value)
        return None if value is None else self.words.get(value, value)


class EventType(_Lettered):
    """An event's type."""

    cache_ok = True
    letters: ClassVar = {
        kinds.ADDED: "a",
        kinds.REMOVED: "r",
        kinds.REPRICED: "p",
        kinds.UPDATED: "u",
    }


class Outcome(_Lettered):
    """What polls in a row came to."""

    cache_ok = True
    letters: ClassVar = {
        "good": "g",
        "failed": "f",
        "quarantined": "q",
        "missed": "m",
        "imported": "i",
    }
