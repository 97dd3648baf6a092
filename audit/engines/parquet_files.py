"""Parquet for an engine: its columns as texts, and rows that it leaves to the streaming audit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

from pricetrail.audit.engines.csv_files import require_no_money, require_plain
from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.engines.stretches import SINCE_1970
from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage import shapes
from pricetrail.audit.usage.formats.format import ELSE
from pricetrail.audit.usage.objects import Objects
from pricetrail.audit.usage.quantities import DISJOINT, OPENAI, comes_whole
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import Row
from pricetrail.catalog import bills

_TEXT, _INSTANT, _DATE = "VARCHAR", "TIMESTAMP WITH TIME ZONE", "DATE"
_WHOLE = frozenset(
    {
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
    }
)
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_TIMES = frozenset({c.TIME, c.END})
# From 2000 to 2100, as times that are texts.
_FIRST, _LAST = 946_684_800_000_000, 4_102_444_800_000_000
_NESTED = ("STRUCT", "MAP", "LIST")


@dataclass
class ParquetFile:
    """A Parquet file of which an engine knows the columns, each by its name and type.

    The engine calls them `c0`, `c1` …, and instants (`instants`) microseconds since 1970.
    """

    path: Path
    reading: Reading
    types: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """What the engine is to call the columns."""
        return tuple(f"c{number}" for number in range(len(self.types)))

    @property
    def instants(self) -> frozenset[str]:
        """The names of columns that are instants."""
        return frozenset(name for name, kind in self.types.items() if kind == _INSTANT)

    def staging(
        self, labels: tuple[str, ...], first: Sequence[object], *, bounded: bool
    ) -> Staging:
        """How the engine reads a row's cells.

        Args:
            first: the first row.
            bounded: only rows of some time are asked for.

        Raises:
            UsageFileError: the columns mean nothing, or ask for more than an engine does.
        """
        # What is wrong with the columns is said of the first row, as by the streaming audit.
        probe = Objects(Reading(self.path, self.reading.options))
        for _ in probe.rows(1, self._document(first)):
            pass
        self.reading.recognise(self.types)
        require_plain(self.reading)
        roles = {name: self.reading.role(name) or c.IGNORED for name in self.types}
        require_no_money(self.reading, (name for name in self.types if roles[name]))
        self._require_flat(roles)
        for name, role in roles.items():
            self.reading.note(name, role)
        cells, odd = self._cells(roles)
        form = self.reading.form
        return Staging(
            cells,
            tuple(odd),
            labels,
            self.reading.style,
            tuple(self._proofs(roles)),
            told=bills.REQUESTS in cells,
            days=form is not None and form.days,
            local=self.reading.zone not in (None, UTC),
            typed=self._typed(roles),
            bounded=bounded,
        )

    def _typed(self, roles: Mapping[str, str]) -> dict[str, str]:
        """What is a number, or an instant, as it is; not where several columns say one thing."""
        found = [role.removesuffix(ELSE) for role in roles.values()]
        typed = {}
        for place, (name, kind) in enumerate(self.types.items()):
            role = roles[name]
            if found.count(role) > 1:
                continue
            if kind == _INSTANT and role in _TIMES:
                typed[role] = f"CASE WHEN c{place} BETWEEN {_FIRST} AND {_LAST} THEN c{place} END"
            elif kind in _WHOLE and (role == c.TOTAL or (role and role not in c.NO_QUANTITIES)):
                number = f"CAST(c{place} AS DECIMAL(18, {0 if comes_whole(role) else 6}))"
                most = 10**15 if comes_whole(role) else 10**9
                typed[role] = f"CASE WHEN c{place} >= 0 AND c{place} < {most} THEN {number} END"
        return typed

    def rest(self, rows: Iterable[tuple[int, Sequence[object]]]) -> Iterator[Row]:
        """The rows that an engine leaves, each by its place, read by the streaming audit."""
        objects = Objects(self.reading)
        for place, values in rows:
            yield from objects.rows(place + 1, self._document(values))

    def _document(self, values: Sequence[object]) -> dict[str, object]:
        instants = self.instants
        return {
            name: SINCE_1970 + timedelta(microseconds=value)
            if name in instants and isinstance(value, int)
            else value
            for name, value in zip(self.types, values, strict=True)
        }

    def _require_flat(self, roles: Mapping[str, str]) -> None:
        """Refuse columns of which nothing is read here as the streaming audit reads them."""
        for name, kind in self.types.items():
            nested = kind.startswith(_NESTED) or kind.endswith("]")
            held = c.holds_columns(name) or name in self.reading.options.inside
            if nested and (held or roles[name]):
                raise refused(self.path, f"has a nested column, {name!r}")
            if roles[name] and kind.startswith("TIMESTAMP_"):
                raise refused(self.path, f"has times of another precision, in {name!r}")

    def _cells(self, roles: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """The text of each role, and conditions on which it is not read here."""
        columns: dict[str, list[tuple[int, str, str]]] = {}
        odd: list[str] = []
        for place, (name, kind) in enumerate(self.types.items()):
            role = roles[name]
            if not role:
                continue
            text = _text(role.removesuffix(ELSE), f"c{place}", kind)
            if text is None:
                odd.append(f"c{place} IS NOT NULL")
            else:
                columns.setdefault(role, []).append((self.reading.rank(name), f"c{place}", text))
        cells: dict[str, str] = {}
        for role, found in columns.items():
            found.sort()
            texts = [text for _, _, text in found]
            if len(found) > 1:
                odd += _ambiguous([raw for _, raw, _ in found], texts, role)
            cells[role] = f"COALESCE({', '.join(texts)})" if len(texts) > 1 else texts[0]
        for role in [role for role in cells if role.endswith(ELSE)]:
            other, wanted = cells.pop(role), role.removesuffix(ELSE)
            cells[wanted] = (
                f"COALESCE(NULLIF({cells[wanted]}, ''), {other})" if wanted in cells else other
            )
        return cells, odd

    def _proofs(self, roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Which columns prove a style, where they have anything."""
        there = [(name, f"c{n} IS NOT NULL") for n, name in enumerate(self.types) if roles[name]]
        parts = " OR ".join(test for name, test in there if c.is_part(name))
        if parts:
            yield parts, OPENAI
        last = [(name.rpartition(".")[2], test) for name, test in there]
        wholes = " OR ".join(test for name, test in last if name == "input_tokens")
        apart = " OR ".join(test for name, test in last if name in shapes.ANTHROPIC)
        if self.reading.form is None and wholes and apart:
            yield f"({wholes}) AND ({apart})", DISJOINT


def _ambiguous(raws: Sequence[str], texts: Sequence[str], role: str) -> Iterator[str]:
    """When several columns of one role are not the plain first of them that has anything."""
    if role in c.REMARKS:
        yield from (f"{text} = ''" for text in texts)
    else:
        there = " + ".join(f"CASE WHEN {raw} IS NOT NULL THEN 1 ELSE 0 END" for raw in raws)
        yield f"({there}) > 1"


def _text(role: str, column: str, kind: str) -> str | None:
    """A column as a text that says what its Python object would; None where it cannot."""
    if kind == _TEXT:
        return column
    if role == c.MODEL or role == c.SERVICE:
        return None
    if (kind in _WHOLE and (role == c.TOTAL or role not in c.NO_QUANTITIES)) or (
        kind == _INSTANT and role in _TIMES
    ):
        # It is read as what it is (`typed`), where nothing else says the same.
        return f"CAST({column} AS VARCHAR)"
    if kind in _WHOLE or (kind == "BOOLEAN" and role == c.BATCH):
        return f"CAST({column} AS VARCHAR)"
    if role in _TIMES:
        return f"CAST({column} AS VARCHAR)" if kind in (_INSTANT, _DATE) else None
    if kind in _FLOATS and role not in c.NO_QUANTITIES:
        # Python takes the nearest double for a float, and NaN for an empty cell.
        text = f"REGEXP_REPLACE(CAST(CAST({column} AS DOUBLE) AS VARCHAR), '[.]0$', '')"
        return f"CASE WHEN NOT ISNAN({column}) THEN {text} END"
    return None
