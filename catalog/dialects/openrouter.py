"""OpenRouter's `/api/v1/models`, and Groq's that is written like it: USD per token, as text.

docs/dialects/openrouter.md says what becomes of which value.
"""

from collections.abc import Iterator, Mapping

from pricetrail.catalog.dialects import overrides
from pricetrail.catalog.dialects.members import described, models_of
from pricetrail.catalog.dialects.overrides import Override
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    NATIVE,
    NOT_UNDERSTOOD,
    Field,
    ModelReader,
    Reading,
)
from pricetrail.catalog.pointers import join

VERSION = 1

# Where 0 means "not priced so" (contract, section 7.6); elsewhere it means free.
_FIELDS = {
    "prompt": Field("text/prompt"),
    "completion": Field("text/completion"),
    "internal_reasoning": Field("text/internal_reasoning", zero=False),
    "input_cache_read": Field("cache/read"),
    "input_cache_write": Field("cache/write"),
    "input_cache_write_1h": Field("cache/write_1h"),
    "image_token": Field("multimodal/input_image", zero=False),
    "image_output": Field("multimodal/output_image", zero=False),
    "image": Field("native/image", zero=False),
    "request": Field("native/request", zero=False),
    "audio": Field("native/audio", zero=False),
    "audio_output": Field("native/audio_output", zero=False),
    "web_search": Field("native/web_search", zero=False),
    "discount": Field("native/discount", zero=False),
}
_OVERRIDES = "overrides"


def read(native: object) -> Reading:
    """Read a whole native list."""
    reading = Reading([], [])
    for model, entry in models_of(native, "openrouter"):
        reader = ModelReader(model)
        pricing = entry.get("pricing")
        conditional = pricing.get(_OVERRIDES) if isinstance(pricing, Mapping) else None
        if isinstance(pricing, Mapping) and isinstance(conditional, list):
            usual = {name: value for name, value in pricing.items() if name != _OVERRIDES}
            reader.prices(_FIELDS, "/pricing", usual)
            _read_overrides(reader, conditional, _FIELDS.keys() | usual.keys())
        else:
            reader.prices(_FIELDS, "/pricing", pricing)
        reading.add(reader, entry, described(reader, entry))
    return reading


def _read_overrides(reader: ModelReader, listed: list[object], names: set[str]) -> None:
    known, others = overrides.read(listed, names)
    taken = set()
    for condition, override in overrides.resolve(known):
        reader.prices(_FIELDS, override.pointer, override.prices, condition=condition)
        taken |= {(override.pointer, name) for name in override.prices}
    for override in known:
        for name, value in override.prices.items():
            if value is not None and (override.pointer, name) not in taken:
                said = "never in force, as later entries win: in the body alone"
                reader.remark(ABSENT, join(override.pointer, name), said)
    for override in _last(others):
        said = f"nobody knows when it holds ({override.name}): kept, and never charged by itself"
        reader.remark(NOT_UNDERSTOOD, override.pointer, said)
        for name, value in override.prices.items():
            path = (NATIVE, _OVERRIDES, name, override.name)
            reader.tree(path, join(override.pointer, name), value)


def _last(others: list[Override]) -> Iterator[Override]:
    """The overrides, less prices that a later one on the same condition has as well."""
    for index, override in enumerate(others):
        later = {
            name
            for other in others[index + 1 :]
            if other.name == override.name
            for name in other.prices
        }
        prices = {name: value for name, value in override.prices.items() if name not in later}
        yield override._replace(prices=prices)
