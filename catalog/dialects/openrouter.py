"""OpenRouter's `/api/v1/models`, and Groq's that is written like it: USD per token, as text.

docs/dialects/openrouter.md says what becomes of which value.
"""

from collections.abc import Mapping

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
FIELDS = {
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
            _read_overridden(reader, usual, conditional)
        else:
            reader.prices(FIELDS, "/pricing", pricing)
        reading.add(reader, entry, described(reader, entry))
    return reading


def _read_overridden(
    reader: ModelReader, usual: Mapping[str, object], listed: list[object]
) -> None:
    known, others = overrides.read(listed, FIELDS.keys() | usual.keys())
    tiers = list(overrides.resolve(known))
    taken = {(override.pointer, name) for _, override in tiers for name in override.prices}
    # An entry without a condition holds always: its prices are the usual ones.
    replaced = {name for condition, one in tiers if not condition for name in one.prices}
    kept = {name: value for name, value in usual.items() if name not in replaced}
    reader.prices(FIELDS, "/pricing", kept)
    for condition, override in tiers:
        reader.prices(FIELDS, override.pointer, override.prices, condition=condition)
    unused = [("/pricing", name) for name in usual if name in replaced]
    for override in known:
        given = (name for name, value in override.prices.items() if value is not None)
        unused += [(override.pointer, name) for name in given]
    for pointer, name in unused:
        if (pointer, name) not in taken:
            said = "never in force, as other entries win: in the body alone"
            reader.remark(ABSENT, join(pointer, name), said)
    _keep(reader, others)


def _keep(reader: ModelReader, others: list[Override]) -> None:
    """Keep prices of which nobody knows when they hold where nothing is charged by them."""
    for override in _last(others):
        said = f"nobody knows when it holds ({override.name}): kept, and never charged by itself"
        reader.remark(NOT_UNDERSTOOD, override.pointer, said)
        for name, value in override.prices.items():
            path = (NATIVE, _OVERRIDES, name, override.name)
            reader.tree(path, join(override.pointer, name), value)


def _last(others: list[Override]) -> list[Override]:
    """The overrides, less prices that a later one on the same condition has as well."""
    seen: dict[str, set[str]] = {}
    last = []
    for override in reversed(others):
        later = seen.setdefault(override.name, set())
        prices = {name: value for name, value in override.prices.items() if name not in later}
        later.update(prices)
        last.append(override._replace(prices=prices))
    return last[::-1]
