"""DeepInfra's `/v1/openai/models`: prices below `metadata`, USD per million tokens or per unit.

docs/dialects/deepinfra.md says what becomes of which value.
"""

from collections.abc import Mapping

from pricetrail.catalog.dialects.members import described, models_of
from pricetrail.catalog.dialects.readings import Field, ModelReader, Reading

VERSION = 1

_MILLION = -6
FIELDS = {
    "input_tokens": Field("text/prompt", _MILLION),
    "output_tokens": Field("text/completion", _MILLION),
    "cache_read_tokens": Field("cache/read", _MILLION),
    "cache_write_tokens": Field("cache/write", _MILLION),
    "per_image_unit": Field("generation/image/per_image"),
    "input_seconds": Field("generation/audio/per_second"),
    "output_seconds": Field("generation/video/per_second"),
}
_METADATA, _DISCOUNT = "/metadata", "discount"


def read(native: object) -> Reading:
    """Read a whole native list."""
    reading = Reading([], [])
    for model, entry in models_of(native, "deepinfra"):
        reader = ModelReader(model)
        members = described(reader, entry)
        reader.prices(FIELDS, "/pricing", entry.get("pricing"))
        metadata = entry.get("metadata")
        if isinstance(metadata, Mapping):
            reader.prices(FIELDS, f"{_METADATA}/pricing", metadata.get("pricing"))
            discount = metadata.get(_DISCOUNT)
            pointer = f"{_METADATA}/{_DISCOUNT}"
            reader.tree(("native", _DISCOUNT), pointer, discount, zero=False)
            inner = described(reader, metadata, _METADATA)
            members = {name: inner[name] if own is None else own for name, own in members.items()}
        reading.add(reader, entry, members)
    return reading
