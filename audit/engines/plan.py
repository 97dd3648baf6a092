"""The relational plan of an audit, written once: every engine gets it in its own dialect.

An engine brings one relation, `usage`, whose columns stand below; `stretches.py` makes the other
one, `prices`. The plan joins them and adds up, and it multiplies nothing: for each class of rows
that are charged alike, it says how many there are and the exact sum of each quantity (`sums`), and
`classes.py` prices those. Rows that it cannot place come out one by one (`rest`), for the pricer.

`usage`, a row for each row of the files:

| column | type | what it is |
| --- | --- | --- |
| `place` | BIGINT | of the row in its file, from 0 on; only `rest` asks for it |
| `readable` | BOOLEAN, never NULL | it was read; if not, what follows means nothing |
| `model` | VARCHAR | as it is written |
| `began`, `ended` | BIGINT | microseconds since 1970: its first instant, and the first one after |
| `single` | BOOLEAN | it is one request; else it may be several |
| `prompt` | DECIMAL(18, 0) | tokens of all that was read, cached or not |
| `tier`, `batch` | VARCHAR | the cells of the service tier as they are written; NULL for none |
| `used_0`, `used_1` … | DECIMAL(18, s) | disjoint quantities, in the order of `Plan.quantities` |
| `by_team` … | VARCHAR | the labels that rows are added up by |

`prices`, of `price_rows`: `number`, `written`, `bucket`, `begins`, `ends`, `over_0`, `over_1` …
`refused`, of `classes.py`: `number`, `passed`, `tier`, `batch`, `used`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp, parse_one

from pricetrail.audit.engines.stretches import BUCKET, PriceStretch

# How usage finds its prices: by the last stretch that began before it, or by a range of times.
AS_OF, RANGE = "as of", "range"
# Instead of a stretch: the row is for the pricer, or outside of the time that was asked for.
REST, LEFT_OUT = -1, -2
DAY = 86_400_000_000
# The dialect that the plan is written in; `Plan.sums` and `Plan.rest` give any other.
_WRITTEN_IN = "duckdb"
_CLASS = ("number", "passed", "tier", "batch", "used")

# A stretch of prices: its number, the model, its bucket, both ends, and where tiers begin.
PriceRow = tuple[object, ...]


class RowClass(NamedTuple):
    """Rows that are charged alike.

    `number`: of their stretch, or `REST`, of which nothing else but `rows` is known, or `LEFT_OUT`,
    of which the cells of the service tier are, too. `passed`: how many of the stretch's thresholds
    their prompts are above. `used`: a bit for each quantity that is not zero. `labels`, `day` (its
    first microsecond): as the plan adds up. `sums`: of the quantities, in the plan's order.
    """

    number: int
    passed: int
    tier: str | None
    batch: str | None
    used: int
    labels: tuple[str | None, ...]
    day: int | None
    rows: int
    sums: tuple[Decimal, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """A row of the relation `refused`."""
        return self[:5]


@dataclass(frozen=True, slots=True)
class Plan:
    """An audit by an engine.

    Args:
        quantities: the names of the quantities that the usage has.
        labels: by which labels rows are added up: `team`, `key` …
        daily: rows are added up by day, too.
        thresholds: the length of the longest list of thresholds that a stretch has.
        since, until: the time that is asked for, in microseconds since 1970; None for no bound.
        join: `RANGE`, or `AS_OF` for engines that have it.
    """

    quantities: tuple[str, ...]
    labels: tuple[str, ...] = ()
    daily: bool = False
    thresholds: int = 0
    since: int | None = None
    until: int | None = None
    join: str = RANGE

    def with_thresholds(self, number: int) -> "Plan":
        """The same plan for stretches of which the longest list has so many thresholds."""
        return replace(self, thresholds=number)

    def models(self, dialect: str) -> str:
        """The query for the names of all models that the usage has, NULL for none among them."""
        return written_in(dialect, "SELECT DISTINCT model FROM usage")

    def sums(self, dialect: str) -> str:
        """The query for every class of rows; each record is read by `row_class`."""
        keys = ", ".join((*_CLASS, *self._labels, *self._days))
        sums = "".join(f", SUM({name})" for name in self._used)
        return written_in(
            dialect,
            f"{self._placed()} SELECT {keys}, COUNT(*){sums} FROM placed GROUP BY {keys}",  # noqa: S608 - names of ours
        )

    def rest(self, dialect: str) -> str:
        """The query for the places, in order, of rows that only the pricer can price.

        Those that no stretch holds, and those of the classes in the relation `refused`.
        """
        # NULL is the same as NULL here: a service tier that is not told.
        same = " AND ".join(f"placed.{name} IS NOT DISTINCT FROM refused.{name}" for name in _CLASS)
        is_refused = f"EXISTS (SELECT 1 FROM refused WHERE {same})"  # noqa: S608 - names of ours
        wanted = f"number = {REST} OR {is_refused}"
        places = f"SELECT place FROM placed WHERE {wanted}"  # noqa: S608 - names of ours
        return written_in(dialect, f"{self._placed()} {places} ORDER BY place")

    def row_class(self, record: Sequence[object]) -> RowClass:
        """Read a record of `sums`."""
        labels, days = len(self.labels), int(self.daily)
        head, rest = record[: len(_CLASS)], record[len(_CLASS) :]
        number, passed, tier, batch, used = head
        return RowClass(
            _whole(number),
            _whole(passed),
            None if tier is None else str(tier),
            None if batch is None else str(batch),
            _whole(used),
            tuple(None if label is None else str(label) for label in rest[:labels]),
            _whole(rest[labels]) if self.daily else None,
            _whole(rest[labels + days]),
            tuple(
                Decimal(0) if one is None else Decimal(str(one))
                for one in rest[labels + days + 1 :]
            ),
        )

    def price_rows(self, stretches: Iterable[PriceStretch]) -> Iterator[PriceRow]:
        """The rows of `prices`: of each stretch one, or one for each bucket that it touches."""
        for one in stretches:
            overs = (*one.thresholds, *(None,) * (self.thresholds - len(one.thresholds)))
            for bucket in one.buckets() if self.join == RANGE else (0,):
                yield (one.number, one.written, bucket, one.since, one.until, *overs)

    @property
    def price_columns(self) -> tuple[str, ...]:
        """The columns of `prices`; `written` is VARCHAR, all others are BIGINT."""
        return ("number", "written", "bucket", "begins", "ends", *self._overs)

    @property
    def _used(self) -> tuple[str, ...]:
        return tuple(f"used_{index}" for index in range(len(self.quantities)))

    @property
    def _overs(self) -> tuple[str, ...]:
        return tuple(f"over_{index}" for index in range(self.thresholds))

    @property
    def _labels(self) -> tuple[str, ...]:
        return tuple(f"by_{label}" for label in self.labels)

    @property
    def _days(self) -> tuple[str, ...]:
        return ("day",) if self.daily else ()

    def _placed(self) -> str:
        """Every row with its stretch, or why it has none, and what its class is told by."""
        bounds = [f"began < {self.since}"] if self.since is not None else []
        bounds += [f"began >= {self.until}"] if self.until is not None else []
        outside = f"WHEN {' OR '.join(bounds)} THEN {LEFT_OUT}" if bounds else ""
        names = [name for name in _CLASS[1:] if name not in ("passed", "used")]
        told = [f"CASE WHEN number >= 0 THEN {name} END AS {name}" for name in self._labels]
        # A row outside of the time is one that says a use, or else it is of any time.
        told += [f"CASE WHEN number <> {REST} THEN {name} END AS {name}" for name in names]
        told += [
            f"CASE WHEN number >= 0 THEN {name} ELSE 0 END AS {name}" for name in ("passed", "used")
        ]
        if self.daily:
            told.append(f"CASE WHEN number >= 0 THEN began - began % {DAY} ELSE 0 END AS day")
        return f"""
            WITH joined AS ({self._joined()}),
            numbered AS (
                SELECT *, CASE
                    WHEN NOT readable THEN {REST} {outside}
                    WHEN stretch IS NULL OR (NOT single AND passed > 0) THEN {REST}
                    ELSE stretch END AS number
                FROM joined),
            placed AS (SELECT {", ".join(("place", "number", *told, *self._used))} FROM numbered)"""  # noqa: S608 - names and numbers of ours

    def _joined(self) -> str:
        """Usage beside the stretch that holds all of a row's time, if any does."""
        columns = (
            "place",
            "readable",
            "began",
            "single",
            "tier",
            "batch",
            *self._labels,
            *self._used,
        )
        passed = [
            f"CASE WHEN usage.prompt > prices.{over} THEN 1 ELSE 0 END" for over in self._overs
        ]
        bits = [
            f"CASE WHEN usage.{name} <> 0 THEN {1 << bit} ELSE 0 END"
            for bit, name in enumerate(self._used)
        ]
        found = "usage.model = prices.written AND usage.began >= prices.begins"
        join = f"ASOF LEFT JOIN prices ON {found}"
        if self.join == RANGE:
            bucket = f"usage.began - usage.began % {BUCKET} = prices.bucket"
            join = f"LEFT JOIN prices ON {bucket} AND {found} AND usage.began < prices.ends"
        return f"""
            SELECT {", ".join(f"usage.{name}" for name in columns)},
                CASE WHEN usage.ended <= prices.ends THEN prices.number END AS stretch,
                {" + ".join(passed) or "0"} AS passed,
                {" + ".join(bits) or "0"} AS used
            FROM usage {join}"""  # noqa: S608 - names and numbers of ours


def written_in(dialect: str, text: str) -> str:
    """A query, as it is written here, in an engine's dialect."""
    return text if dialect == _WRITTEN_IN else parse_one(text, dialect=_WRITTEN_IN).sql(dialect)


def literal(text: str, dialect: str = _WRITTEN_IN) -> str:
    """A text as a query has it, whatever stands in it."""
    return exp.Literal.string(text).sql(dialect)


def identifier(name: str, dialect: str = _WRITTEN_IN) -> str:
    """A name as a query has it, whatever stands in it."""
    return exp.to_identifier(name, quoted=True).sql(dialect)


def _whole(value: object) -> int:
    return int(str(value))
