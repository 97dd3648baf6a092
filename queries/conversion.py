"""What does a gateway's list become: its models in the unified schema, and what is said of it?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pricetrail.catalog.dialects.readings import (
    ABSENT,
    APART,
    FLAGGED,
    NOT_UNDERSTOOD,
    SNAPPED,
    Entry,
    Remark,
)
from pricetrail.catalog.errors import CatalogError, InvalidInputError
from pricetrail.catalog.pointers import split
from pricetrail.catalog.prices import Price, prices_of
from pricetrail.catalog.readers import Reader
from pricetrail.catalog.strict_json import dumps, loads

# In the order in which they matter to whoever looks at a list for the first time.
KINDS = (NOT_UNDERSTOOD, FLAGGED, APART, ABSENT, SNAPPED)


@dataclass(frozen=True, slots=True)
class ConvertedModel:
    """A model as it would be kept."""

    id: str
    type_target: str | None
    prices: tuple[Price, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One native field of which the same is to be said of some models, in their order.

    `values` are the native values as JSON, one a model; `text` is what became of the first.
    """

    kind: str
    field: str
    text: str
    models: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConversionAnswer:
    """A list in the unified schema as JSON text, and all that is said about its fields.

    `read_by` is the dialect with its version.
    """

    read_by: str
    text: str
    models: tuple[ConvertedModel, ...]
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, object]:
        """The unified list: `object`, `data`, `total`."""
        listed: dict[str, object] = loads(self.text)
        return listed

    def of_kind(self, kind: str) -> tuple[Finding, ...]:
        """The findings of one of `KINDS`, those of most models first."""
        found = [finding for finding in self.findings if finding.kind == kind]
        return tuple(sorted(found, key=lambda finding: -len(finding.models)))


def ask(body: bytes, reader: Reader) -> ConversionAnswer:
    """What a body becomes; needs no database.

    Raises:
        InvalidInputError: it is no list of the reader's dialect, or none that a poll would take.
    """
    try:
        unified = reader.unified(body)
        catalog = reader.read(body)
    except CatalogError as error:
        raise InvalidInputError(f"no list of the dialect {reader.dialect}: {error}") from None
    documents = [catalog.document(model) for model in catalog.ids]
    models = tuple(
        ConvertedModel(document["id"], _text(document.get("type_target")), prices_of(document))
        for document in documents
    )
    findings = tuple(_findings(unified.entries, unified.remarks))
    return ConversionAnswer(str(reader.read_by), unified.text, models, findings)


def _findings(entries: Sequence[Entry], remarks: Sequence[Remark]) -> Iterator[Finding]:
    natives = {entry.document["id"]: entry.native for entry in entries}
    grouped: dict[tuple[str, str], list[Remark]] = {}
    for remark in remarks:
        grouped.setdefault((remark.kind, remark.path), []).append(remark)
    for (kind, field), some in grouped.items():
        values = tuple(_value(natives.get(remark.model, {}), field) for remark in some)
        yield Finding(kind, field, some[0].text, tuple(one.model for one in some), values)


def _value(native: Mapping[str, object], field: str) -> str:
    """What stands at a field, as JSON; "" where nothing does."""
    value: object = native
    for token in split(field):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return ""
    return dumps(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
