"""Spark, on this machine or where the environment says: it reads a file's lines, and what is asked.

Every line of a text gets a number of Spark's own (`place`): its part of the file in the upper bits,
its number there in the lower ones. Only of the few rows that are left to the pricer it is asked
which one of the file they are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import accumulate
from pathlib import Path
from types import TracebackType

from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.spark_session import spark_errors, spark_session

DIALECT = "spark"
_PART = 33
_TOLD = 300
_TEXTS = ("written", "tier", "batch")
_OVERFLOW = re.compile(r"\[(?:NUMERIC_VALUE_OUT_OF_RANGE|ARITHMETIC_OVERFLOW)")
# `[CAST_INVALID_INPUT] The value …`; what comes after it is advice, and the stack of Java.
_CAUSE = re.compile(r"\[[A-Z][A-Z_.]+\] [^.\n]*")
# What Spark takes for a pattern, or hides.
_NOT_PLAIN = re.compile(r"[*?\[\]{}\\,:%]|^[._]")


class Spark:
    """A session, which ends with the `with`."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._session = self._stack.enter_context(spark_session())

    def __enter__(self) -> "Spark":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def view(self, path: Path, name: str, query: str) -> None:
        """Give a query about a file a name.

        Raises:
            UsageFileError: Spark cannot, as of all methods.
        """
        with _told(path):
            self._session.sql(query).createOrReplaceTempView(name)

    def rows(self, path: Path, query: str) -> Iterator[tuple[object, ...]]:
        """The records of a query about a file, a few in memory at a time."""
        with _told(path):
            for row in self._session.sql(query).toLocalIterator():
                yield tuple(row)

    def load(
        self, path: Path, name: str, columns: Sequence[str], records: Iterable[Sequence[object]]
    ) -> None:
        """Make a relation of texts (`written`, `tier`, `batch`) and whole numbers."""
        kinds = (f"{one} {'STRING' if one in _TEXTS else 'BIGINT'}" for one in columns)
        with _told(path):
            found = self._session.createDataFrame(list(map(tuple, records)), ", ".join(kinds))
            found.createOrReplaceTempView(name)

    def read_text(self, path: Path) -> None:
        """Make the relation `lines` of a text: `place` and `value`."""
        with _told(path):
            read = self._session.read.text(_address(path))
            read.selectExpr(
                "MONOTONICALLY_INCREASING_ID() AS place", "value"
            ).createOrReplaceTempView("lines")

    def read_parquet(self, path: Path) -> dict[str, str]:
        """Make `lines` of a Parquet file: `place` and `c0`, `c1` …; gives the types by name."""
        with _told(path):
            read = self._session.read.parquet(_address(path))
            named = read.toDF(*(f"c{number}" for number in range(len(read.columns))))
            numbered = named.selectExpr("MONOTONICALLY_INCREASING_ID() AS place", "*")
            numbered.createOrReplaceTempView("lines")
            return dict(read.dtypes)

    def placed(
        self, path: Path, columns: str, places: str
    ) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Records of `lines`, in order, each with its number from 0 on.

        Args:
            columns: what of them.
            places: the query for the places of those that are wanted.
        """
        count = f"SELECT SHIFTRIGHT(place, {_PART}), COUNT(*) FROM lines GROUP BY 1 ORDER BY 1"  # noqa: S608 - names of ours
        parts = [(int(str(part)), int(str(number))) for part, number in self.rows(path, count)]
        befores = accumulate((number for _, number in parts), initial=0)
        before = {part: number for (part, _), number in zip(parts, befores, strict=False)}
        query = f"SELECT place, {columns} FROM lines WHERE place IN ({places}) ORDER BY place"  # noqa: S608 - likewise
        for place, *values in self.rows(path, query):
            part, number = divmod(int(str(place)), 1 << _PART)
            yield before[part] + number, tuple(values)

    def find_repeated(self, path: Path, requests: Sequence[str]) -> None:
        """Make the relation `repeated`: of requests, by the names of their relations, those that
        are there twice."""
        every = " UNION ALL ".join(f"SELECT request FROM {name}" for name in requests)  # noqa: S608 - names of ours
        twice = f"SELECT request FROM ({every}) GROUP BY request HAVING COUNT(*) > 1"  # noqa: S608 - likewise
        with _told(path):
            # Else every query would look for them anew.
            self._session.sql(twice).cache().createOrReplaceTempView("repeated")


def _address(path: Path) -> str:
    """A file as Spark is told of it.

    Raises:
        UsageFileError: its name would mean something else.
    """
    if _NOT_PLAIN.search(path.name):
        raise refused(path, "has a name that Spark takes for a pattern, or hides: rename it, or")
    return f"file://{path.resolve()}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Spark's errors, without its advice, in our words."""
    try:
        yield
    except spark_errors() as error:
        words = str(error)
        if _OVERFLOW.search(words):
            raise refused(path, "has sums of more digits than Spark's 38") from None
        told = _CAUSE.search(words)
        cause = told[0] if told is not None else words.partition("\n")[0]
        raise refused(path, f"is not read by Spark ({cause[:_TOLD]})") from None
