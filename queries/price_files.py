"""What do other tools read: a source's prices at a time, in the format of a file of theirs?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.strict_json import dumps, loads, printable
from pricetrail.queries import models
from pricetrail.queries.formats import genai_prices, litellm, models_dev
from pricetrail.queries.formats.priced import LeftOut, PricedCatalog, PricedModel, Writer
from pricetrail.queries.models import ModelsAnswer
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import price_catalogs

_WRITERS: dict[str, Writer] = {
    "litellm": litellm.write,
    "models.dev": models_dev.write,
    "genai-prices": genai_prices.write,
}
FORMATS = tuple(_WRITERS)


@dataclass(frozen=True, slots=True)
class PriceFileAnswer:
    """A price file: `document` is what it holds, its amounts as exact decimals.

    It is of the version that was last seen at the time that was asked for; that was first seen at
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
        """The file, the same bytes for the same version: a line a model, each ends with one."""
        return printable("".join(_laid_out(self.document, self.levels))) + "\n"

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
    writer = _WRITERS.get(form)
    if writer is None:
        raise InvalidInputError(f"{form!r} is no format; it must be one of {', '.join(FORMATS)}")
    listed = models.ask(transaction, source, at)
    catalog = _catalog(transaction, listed)
    written = writer(catalog)
    return PriceFileAnswer(
        source=listed.source,
        format=form,
        version=listed.version,
        first_seen=listed.first_seen,
        models=len(listed.states),
        left_out=written.left_out,
        document=written.document,
        levels=written.levels,
    )


def _catalog(transaction: Transaction, listed: ModelsAnswer) -> PricedCatalog:
    state = sources.choose(transaction, listed.source)
    since = price_catalogs.since(transaction, state.id, listed.version)
    seen = {model: began.not_after for model, began in since.items()}
    priced = tuple(
        PricedModel(loads(item.document), seen.get(item.model, listed.first_seen).date())
        for item in listed.states
    )
    return PricedCatalog(state.name, sources.url(transaction, state.id), priced)


def _laid_out(value: object, levels: int, indent: str = "") -> Iterator[str]:
    """JSON with a line for each member of the outer levels, and the rest on these lines."""
    if levels == 0 or not value or not isinstance(value, dict | list):
        yield dumps(value)
        return
    if isinstance(value, dict):
        named: Sequence[tuple[str, object]] = [(f"{dumps(k)}: ", v) for k, v in value.items()]
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
