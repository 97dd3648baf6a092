"""Requesty's `/v1/models`: USD a token, as numbers; bands by the prompt's length in `pricing`."""

from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.members import described, models_of, whole_number
from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, Entry, ModelReader, Reading
from pricetrail.catalog.pointers import join

VERSION = 1

_PLACES = {
    "input_price": "text/prompt",
    "output_price": "text/completion",
    # Read from the cache, and written to it.
    "cached_price": "cache/read",
    "caching_price": "cache/write",
}
# 0 says that the route does not charge for its cache, or has none.
_ABSENT_AT_ZERO = frozenset({"cached_price", "caching_price"})
_BANDS, _LIMIT = "pricing", "prompt_tokens_threshold"


def read(native: object) -> Reading:
    """Read a whole native list."""
    return fields.gathered(_model(name, entry) for name, entry in models_of(native, "requesty"))


def _model(name: str, entry: fields.Native) -> tuple[Entry, ModelReader]:
    reader = ModelReader(name)
    # Where its first band and a price beside it differ, the band is taken.
    bands = entry.get(_BANDS)
    for index, band in enumerate(bands if isinstance(bands, list) else ()):
        _band(reader, f"/{_BANDS}/{index}", band)
    for key, value in entry.items():
        if key in _PLACES:
            _price(reader, key, f"/{key}", value)
        elif key == _BANDS and isinstance(value, list):
            continue
        elif fields.is_priced(key):
            fields.keep_native(reader, (key,), join("", key), value)
    document = reader.document(**described(reader, entry))
    return Entry(document, entry), reader


def _band(reader: ModelReader, field: str, band: object) -> None:
    """Take a band over; the first, from 0 on, says the usual prices again."""
    prices = dict(fields.members(band))
    limit = whole_number(prices.pop(_LIMIT, None))
    if limit is None or limit < 0:
        reader.remark(NOT_UNDERSTOOD, field, f"a band of prices without its {_LIMIT}")
        fields.keep_native(reader, (_BANDS, field.rpartition("/")[2]), field, band)
        return
    condition = Condition(threshold=limit)
    for key, value in prices.items():
        if key not in _PLACES:
            fields.keep_native(reader, (key,), join(field, key), value, condition=condition)
            continue
        _price(reader, key, join(field, key), value, condition)


def _price(
    reader: ModelReader, key: str, field: str, value: object, condition: Condition = ALWAYS
) -> None:
    zero = key not in _ABSENT_AT_ZERO
    reader.price(_PLACES[key], field, value, condition=condition, zero=zero)
