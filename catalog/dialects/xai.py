"""xAI's `/v1/models` and `/v1/language-models`: flat prices, whole numbers of 1e-10 USD each.

docs/dialects/xai.md says what becomes of which value.
"""

from collections.abc import Mapping

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.dialects.members import described, models_of, whole_number
from pricetrail.catalog.dialects.readings import (
    NATIVE,
    NOT_UNDERSTOOD,
    Field,
    ModelReader,
    Reading,
)
from pricetrail.catalog.pointers import join

VERSION = 1

# USD cents per 100 million tokens, images or searches: what `cost_in_usd_ticks` counts in.
_TICK = -10
_IMAGE = "image_price"
FIELDS = {
    "prompt_text_token_price": Field("text/prompt", _TICK),
    "completion_text_token_price": Field("text/completion", _TICK),
    "cached_prompt_text_token_price": Field("cache/read", _TICK, zero=False),
    "prompt_image_token_price": Field("multimodal/input_image", _TICK, zero=False),
    _IMAGE: Field("generation/image/per_image", _TICK, zero=False),
}
_OTHERS = Field(NATIVE, _TICK, zero=False)
_PRICE, _PRICING, _PER_IMAGE = "price", "pricing", "price_per_image"
_LONG, _THRESHOLD = "_long_context", "long_context_threshold"


def read(native: object) -> Reading:
    """Read a whole native list."""
    reading = Reading([], [])
    for model, entry in models_of(native, "xai"):
        reader = ModelReader(model)
        _read_prices(reader, entry)
        reading.add(reader, entry, described(reader, entry))
    return reading


def _read_prices(reader: ModelReader, entry: Mapping[str, object]) -> None:
    flat = {
        name: value for name, value in entry.items() if _PRICE in name and not name.endswith(_LONG)
    }
    reader.prices(FIELDS, "", flat, others=_OTHERS)
    _read_long(reader, entry)
    pricing = entry.get(_PRICING)
    rows = pricing if isinstance(pricing, list) else []
    if rows and all(isinstance(row, Mapping) and _PER_IMAGE in row for row in rows):
        _read_images(reader, rows, alone=not entry.get(_IMAGE))
    else:
        reader.prices({}, f"/{_PRICING}", pricing, others=_OTHERS)


def _read_long(reader: ModelReader, entry: Mapping[str, object]) -> None:
    """The prices above a length of prompt; 0 says that the usual one holds there too."""
    for name, value in entry.items():
        if not (_PRICE in name and name.endswith(_LONG)):
            continue
        threshold = whole_number(entry.get(_THRESHOLD)) or 0
        usual = name.removesuffix(_LONG)
        if 0 < threshold < 10**12:
            fields = {name: FIELDS[usual]._replace(zero=False)} if usual in FIELDS else {}
            condition = Condition(threshold=threshold)
        else:
            fields, condition = {}, ALWAYS
            if value:
                reader.remark(NOT_UNDERSTOOD, f"/{name}", f"no `{_THRESHOLD}` says from where on")
        reader.prices(fields, "", {name: value}, condition=condition, others=_OTHERS)


def _read_images(reader: ModelReader, rows: list[Mapping[str, object]], *, alone: bool) -> None:
    """Prices by quality and size, which give each its name; the only one is that of an image.

    Args:
        alone: whether no other price of an image is given.
    """
    for index, row in enumerate(rows):
        pointer = f"/{_PRICING}/{index}"
        prices = {name: value for name, value in row.items() if not _is_word(value)}
        if alone and len(rows) == 1:
            reader.prices({_PER_IMAGE: FIELDS[_IMAGE]}, pointer, prices, others=_OTHERS)
            continue
        words = "_".join(str(row[name]) for name in sorted(row.keys() - prices.keys()))
        for name, value in prices.items():
            path = (NATIVE, _PRICING, words or str(index), name)
            reader.tree(path, join(pointer, name), value, scale=_TICK, zero=False)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and parse_amount(value) is None
