"""The rows of an audit by team, key, day, model, user or project: how many, and what they cost."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.audit.results import PricedRow, RowResult
from pricetrail.catalog.amounts import EXACT, plain
from pricetrail.catalog.errors import InvalidInputError

DAY, MODEL = "day", "model"
LABELS = ("team", "key", "user", "project")
WAYS = (*LABELS[:2], DAY, MODEL, *LABELS[2:])
_MANY = 1_000_000


def parse_ways(text: str) -> tuple[str, ...]:
    """Read `team,day`: by what rows are to be grouped.

    Raises:
        InvalidInputError: one of them is none that rows can be grouped by, or is there twice.
    """
    ways = tuple(word.strip().lower() for word in text.split(","))
    unknown = [way for way in ways if way not in WAYS]
    if unknown or len(set(ways)) < len(ways):
        problem = f"{unknown[0]!r} is none of" if unknown else "name each once of"
        raise InvalidInputError(f"--group-by {text}: {problem} {', '.join(WAYS)}")
    return ways


@dataclass
class Group:
    """Rows that are alike; `reported` is None where the file says of none what it cost."""

    by: Mapping[str, str | None]
    rows: int = 0
    total: Decimal = Decimal(0)
    reported: Decimal | None = None

    def add(self, row: PricedRow) -> None:
        """Add a row."""
        self.rows += 1
        self.total = EXACT.add(self.total, row.bill.cost)
        if row.row.reported is not None:
            self.reported = EXACT.add(self.reported or Decimal(0), row.row.reported)

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `groups`."""
        return {
            "by": dict(self.by),
            "rows": self.rows,
            "total": plain(self.total),
            "reported": None if self.reported is None else plain(self.reported),
        }


@dataclass
class Groups:
    """Sums as rows pass, of those that have a price; none without `ways`."""

    ways: tuple[str, ...]
    _groups: dict[tuple[str | None, ...], Group] = field(default_factory=dict)

    def watch(self, results: Iterable[RowResult]) -> Iterator[RowResult]:
        """Hand on every result, added up."""
        for result in results:
            if self.ways and isinstance(result, PricedRow):
                self.add(result)
            yield result

    def add(self, row: PricedRow) -> None:
        """Add a row.

        Raises:
            InvalidInputError: there are more groups than memory is to be spent on.
        """
        self._group(tuple(self._value(way, row) for way in self.ways)).add(row)

    def add_sum(self, values: tuple[str | None, ...], rows: int, cost: Decimal) -> None:
        """Add several rows that are alike in all ways; the file says of none what it cost.

        Raises:
            InvalidInputError: as of `add`.
        """
        group = self._group(values)
        group.rows += rows
        group.total = EXACT.add(group.total, cost)

    def _group(self, key: tuple[str | None, ...]) -> Group:
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= _MANY:
                raise InvalidInputError(
                    f"--group-by {','.join(self.ways)}: over {_MANY:,} groups: group by fewer"
                )
            group = self._groups[key] = Group(dict(zip(self.ways, key, strict=True)))
        return group

    def _value(self, way: str, row: PricedRow) -> str | None:
        if way == DAY:
            return row.row.at.date().isoformat()
        return row.row.model if way == MODEL else row.row.labels.get(way)

    @property
    def sorted(self) -> list[Group]:
        """The groups by their names, in the order of the ways; without a name last."""
        return [self._groups[key] for key in sorted(self._groups, key=_order)]


def _order(key: tuple[str | None, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((name is None, name or "") for name in key)
