"""Price files that somebody has: read as the list of a gateway that writes like that."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.documents import Document
from pricetrail.catalog.errors import CatalogError, InvalidInputError
from pricetrail.catalog.strict_json import loads
from pricetrail.files.compression import opened

# The largest public one has some five megabytes.
_MOST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PriceMap:
    """A price file: each model's document in the unified schema, by its name there."""

    format: str
    models: Mapping[str, Document]


def read(path: Path, form: str) -> PriceMap:
    """A file, compressed or not, in one of `price_files.FORMATS`.

    Raises:
        InvalidInputError: it cannot be read, or is no price file of that format.
    """
    with opened(path) as stream:
        body = stream.read(_MOST + 1)
    if len(body) > _MOST:
        raise InvalidInputError(f"{path} has over {_MOST // 1024**2} MiB: it is no map of prices")
    try:
        entries = get_dialect(form).read(loads(body)).entries
    except CatalogError as error:
        raise InvalidInputError(
            f"{path} is no price file for {form}: {error}. Check --as, and the file"
        ) from None
    return PriceMap(form, {entry.document["id"]: entry.document for entry in entries})
