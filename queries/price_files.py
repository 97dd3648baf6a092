"""What do other tools read: a source's prices at a time, in the format of a file of theirs?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial

from pricetrail.catalog.conditions import day_of
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.queries import models
from pricetrail.queries.formats import registry
from pricetrail.queries.formats.priced import LeftOut, Line, PricedCatalog, PricedModel
from pricetrail.queries.models import CatalogVersion
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import price_catalogs, versions
from pricetrail.storage.history.price_catalogs import Since
from pricetrail.storage.polls import coverage

FORMATS = registry.FORMATS


@dataclass(frozen=True, slots=True)
class PriceFileAnswer:
    """A price file: `document` is what it holds, its amounts as exact decimals.

    It is of the version that was last seen at the time that was asked for, on that day where its
    prices have days from which on they hold; by default when it was last seen. It was first seen at
    `first_seen`. `left_out` is what the format cannot carry, in order of models and paths.
    """

    source: str
    format: str
    version: int
    first_seen: datetime
    models: int
    left_out: tuple[LeftOut, ...]
    document: object
    levels: int

    def as_text(self) -> str:
        """The file, the same bytes for the same version and day: each line ends with a newline."""
        return "".join(_laid_out(self.document, self.levels)) + "\n"

    def as_json(self) -> object:
        """The file as values."""
        return self.document

    def left_out_in_words(self) -> list[str]:
        """What was left out, counted by price and reason, in order."""
        counts = Counter(
            ("models" if item.path is None else dotted(item.path), item.why)
            for item in self.left_out
        )
        return [f"{count:,} × {what}: {why}" for (what, why), count in sorted(counts.items())]


def ask(
    transaction: Transaction, source: str | None, form: str, at: datetime | None = None
) -> PriceFileAnswer:
    """The prices of a source as of a time, in a format; None for as they were last seen.

    Args:
        source: needed only where there are several.
        form: one of `FORMATS`.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        InvalidInputError: there is no such format.
        NotFoundError: no such source, or no snapshot then.
    """
    writer = registry.WRITERS.get(form)
    if writer is None:
        raise InvalidInputError(f"{form!r} is no format; it must be one of {', '.join(FORMATS)}")
    found = models.locate(transaction, source, at)
    first_seen = versions.get_version(transaction, found.source_id, found.version).not_after
    moment = at or coverage.last_seen(transaction, found.source_id) or first_seen
    catalog = _catalog(transaction, found, first_seen, moment)
    written = writer(catalog)
    return PriceFileAnswer(
        source=found.source,
        format=form,
        version=found.version,
        first_seen=first_seen,
        models=len(catalog.models),
        left_out=written.left_out,
        document=written.document,
        levels=written.levels,
    )


def _catalog(
    transaction: Transaction, found: CatalogVersion, first_seen: datetime, moment: datetime
) -> PricedCatalog:
    @cache
    def since() -> dict[str, Since]:
        return price_catalogs.since(transaction, found.source_id, found.version)

    def day(model: str) -> date:
        began = since().get(model)
        return (first_seen if began is None else began.not_after).date()

    priced = tuple(
        PricedModel(name, text, partial(day, name), day_of(moment))
        for name, text in models.texts_of(transaction, found).items()
    )
    return PricedCatalog(found.source, sources.url(transaction, found.source_id), priced)


def _laid_out(value: object, levels: int, indent: str = "") -> Iterator[str]:
    """JSON with a line for each member of the outer levels, and the rest on these lines."""
    if isinstance(value, Line):
        yield value.text
        return
    if levels == 0 or not value or not isinstance(value, dict | list):
        yield _written(value)
        return
    if isinstance(value, dict):
        named: Sequence[tuple[str, object]] = [(f"{_written(k)}: ", v) for k, v in value.items()]
        opening, closing = "{", "}"
    else:
        named, opening, closing = [("", member) for member in value], "[", "]"
    inner = indent + "  "
    before = opening
    for name, member in named:
        yield f"{before}\n{inner}{name}"
        yield from _laid_out(member, levels - 1, inner)
        before = ","
    yield f"\n{indent}{closing}"


def _written(value: object) -> str:
    return printable(dumps(value))
