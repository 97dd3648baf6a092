"""A file of usage while it is read: what it is, what its columns hold, what was left out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from pathlib import Path

from pricetrail.audit.usage import columns, costs, rows
from pricetrail.audit.usage.columns import IGNORED, MODEL, NO_QUANTITIES, TIME, UNUSED
from pricetrail.audit.usage.costs import MoneyCell
from pricetrail.audit.usage.formats import registry
from pricetrail.audit.usage.formats.counts import is_count
from pricetrail.audit.usage.formats.format import Format, key
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.catalog.amounts import parse_amount

# What the last line of a sheet begins with, and no model is called.
_TOTALS = {
    *("total", "totals", "grand_total", "grandtotal", "sub_total", "subtotal", "sum"),
    *("summe", "gesamt", "gesamtsumme", "zwischensumme", "totale", "totaal", "suma", "sous-total"),
    *("total_general", "total_général", "razem", "итого", "всего", "合计", "总计", "合計", "小計"),
}
TOTALS_AS_NAMES = _TOTALS | {word.title() for word in _TOTALS} | {word.upper() for word in _TOTALS}
_MIDNIGHT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z| ?UTC|[+-]00:?(?:00)?)?", re.ASCII
)
# What only a format's own columns say in its files.
_ITS_OWN = frozenset({columns.TIME, columns.END, columns.MODEL}) | columns.PAID


@dataclass
class Reading:
    """What is known of a file so far.

    `form` is the format that it is of, if any. `ignored`: the columns that nothing was charged
    by. `empty`: rows without any use, such as days; `totals`: lines that sum up others; both are
    left out. `unread`: rows whose cost in the file cannot be read.
    """

    path: Path
    options: ReadingOptions = DEFAULTS
    form: Format | None = None
    is_answers: bool = False
    ignored: set[str] = field(default_factory=set)
    empty: int = 0
    totals: int = 0
    unread: int = 0
    # Where the clock stood for times without an offset; None where nobody knows.
    zone: tzinfo | None = None

    @property
    def name(self) -> str | None:
        """What `--format` calls what it was read as; None where it has columns of our own."""
        if self.form is not None:
            return self.form.name
        return registry.ANSWERS if self.is_answers else None

    def recognise(self, names: Iterable[str]) -> None:
        """Take the format that was named, else the one that the columns are of, if any."""
        given = self.options.format
        self.form = registry.recognise(names) if given is None else self.options.known_format
        self.zone = self.options.zone
        if self.form is not None and not (self.form.local and self.zone is not None):
            self.zone = UTC

    @property
    def zone_unused(self) -> bool:
        """Whether a time zone was given that this format does not need: its times are UTC."""
        return self.options.zone is not None and self.zone is not self.options.zone

    @property
    def style(self) -> str:
        """How wholes stand to their parts where a row does not show it: as its format has it."""
        return self.options.style if self.form is None else self.form.style

    def role(self, name: str) -> str | None:
        """What a column holds; None for one that is not understood."""
        given = self.options.role(name)
        if given is not None:
            return given
        general = columns.find_role(name)
        if self.form is None:
            return general
        known = self.form.role(name)
        if known is not None:
            return known
        if general is not None:
            return IGNORED if general in _ITS_OWN else general
        # What exports add later must not be lost where it may have a price.
        return key(name).rpartition(".")[2] if is_count(name) else IGNORED

    def note(self, name: str, role: str) -> None:
        """Note a column that nothing is charged by, unless the format is known to have it."""
        if role in UNUSED and (self.form is None or self.form.role(name) is None):
            self.ignored.add(name)

    def rank(self, name: str) -> int:
        """The lower, the sooner a column is taken of several that say one thing."""
        own = () if self.form is None else tuple(self.form.columns)
        plain = key(name)
        return own.index(plain) if plain in own else len(own) + columns.rank(name)

    def cost(self, cells: Sequence[MoneyCell], line: int) -> Decimal | None:
        """The cost in USD that cells say.

        Raises:
            UsageFileError: it is in a currency without a rate.
        """
        found = costs.cost(cells, self.options.rates, self.where(line))
        self.unread += found.unread
        return found.reported

    def row(
        self, line: int, cells: dict[str, object], style: str, texts: Iterable[object]
    ) -> Row | None:
        """A row from its cells by their roles; None for one that is left out.

        Args:
            texts: all cells, those that are not understood among them.
        """
        form = self.form
        if form is not None:
            if form.days:
                _as_day(cells)
            why = form.prepare(cells) if form.prepare is not None else None
            if why is not None:
                return rows.bad(line, cells, why, self.zone)
        found = rows.row(line, cells, style, self.zone)
        if isinstance(found, BadRow):
            return self._refused(found, cells, texts)
        if found.model in TOTALS_AS_NAMES:
            self.totals += 1
            return None
        return (
            found._replace(model=self.options.model(found.model)) if self.options.models else found
        )

    def bad_line(self, line: int, texts: Iterable[object], why: str) -> Row | None:
        """A line that is no row; None for one that sums up others."""
        return self._refused(BadRow(line, None, None, why), None, texts)

    def where(self, line: int | None = None) -> str:
        """What messages about the file, or about one of its lines, begin with."""
        return str(self.path) if line is None else f"{self.path}:{line}"

    def _refused(
        self, found: BadRow, cells: dict[str, object] | None, texts: Iterable[object]
    ) -> Row | None:
        if any(isinstance(text, str) and _is_total(text) for text in texts):
            self.totals += 1
            return None
        if self.form is None or cells is None or cells.get(MODEL) not in (None, ""):
            return found
        if not any(_is_used(role, cell) for role, cell in cells.items()):
            self.empty += 1
            return None
        why = self.form.missing_model
        return rows.bad(found.line, cells, why, self.zone) if why and cells.get(TIME) else found


def _is_total(text: str) -> bool:
    return len(text) < 20 and text.strip().rstrip(":").lower().replace(" ", "_") in _TOTALS


def _is_used(role: str, cell: object) -> bool:
    if role in NO_QUANTITIES or cell is None or cell == "":
        return False
    return parse_amount(cell.strip() if isinstance(cell, str) else cell) != 0


def _as_day(cells: dict[str, object]) -> None:
    when = cells.get(TIME)
    match = _MIDNIGHT.fullmatch(when.strip()) if isinstance(when, str) else None
    if match is not None:
        cells[TIME] = match[1]
