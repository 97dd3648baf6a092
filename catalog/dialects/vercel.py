"""Vercel's AI Gateway, `/v1/models`: USD a token, as strings; bands by the prompt's length.

A band `{"cost", "min", "max"}` is for prompts of `min` tokens and more, below `max`. Images,
video and speech have fields of their own, with the sizes and qualities that make their price.
"""

from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.members import described, models_of, whole_number
from pricetrail.catalog.dialects.readings import (
    APART,
    NOT_UNDERSTOOD,
    Entry,
    ModelReader,
    Reading,
)
from pricetrail.catalog.pointers import join

VERSION = 1

_PLACES = {
    "input": "text/prompt",
    "output": "text/completion",
    "input_cache_read": "cache/read",
    "input_cache_write": "cache/write",
    "image": "generation/image/per_image",
    "transcription_duration_cost_per_second": "generation/audio/per_second",
}
_TIERS = "_tiers"
_BAND = frozenset({"cost", "min", "max"})
# Prices of service tiers by name; above a length of the prompt within one; of the tier `fast`.
_SERVICES, _LONG, _FAST = "service_tiers", "long_context", "fast"
_VIDEO, _PER_SECOND = "video_duration_pricing", "cost_per_second"
_VARIES = "varies_by_provider"


def read(native: object) -> Reading:
    """Read a whole native list."""
    return fields.gathered(_model(name, entry) for name, entry in models_of(native, "vercel"))


def _model(name: str, entry: fields.Native) -> tuple[Entry, ModelReader]:
    reader = ModelReader(name)
    pricing = fields.members(entry.get("pricing"))
    banded = {
        key: bands
        for key, bands in pricing.items()
        if key.endswith(_TIERS) and isinstance(bands, list)
    }
    # Where its first band and the headline differ, the band is taken.
    for key in sorted(banded):
        _bands(reader, key.removesuffix(_TIERS), join("/pricing", key), banded[key])
    for key, value in pricing.items():
        if key not in banded:
            _field(reader, key, join("/pricing", key), value)
    document = reader.document(**described(reader, entry))
    return Entry(document, entry), reader


def _field(reader: ModelReader, key: str, field: str, value: object) -> None:
    if key == _VARIES:
        if value is True:
            reader.remark(APART, field, "its providers differ: these prices are a headline")
    elif key == _FAST and isinstance(value, dict):
        _service(reader, key, field, value)
    elif key == _SERVICES and isinstance(value, dict):
        for name, prices in value.items():
            _service(reader, name, join(field, name), prices)
    elif key == _VIDEO and isinstance(value, list):
        _clips(reader, field, value)
    else:
        _price(reader, key, field, value)


def _price(
    reader: ModelReader, key: str, field: str, value: object, condition: Condition = ALWAYS
) -> None:
    if key in _PLACES and not isinstance(value, dict | list):
        reader.price(_PLACES[key], field, value, condition=condition)
    else:
        fields.keep_native(reader, (key,), field, value, condition=condition)


def _bands(reader: ModelReader, key: str, field: str, bands: list[object]) -> None:
    for index, band in enumerate(bands):
        where = f"{field}/{index}"
        told = fields.members(band)
        least = whole_number(told.get("min", 0))
        if least is None or least < 0:
            reader.remark(NOT_UNDERSTOOD, where, "a band of prices that begins nowhere")
            fields.keep_native(reader, (key + _TIERS, str(index)), where, band)
            continue
        condition = Condition(threshold=fields.threshold(least))
        _price(reader, key, f"{where}/cost", told.get("cost"), condition)
        for name, value in told.items():
            if name not in _BAND:
                field_of = join(where, name)
                fields.keep_native(reader, (key, name), field_of, value, condition=condition)


def _service(reader: ModelReader, name: str, field: str, prices: object) -> None:
    tier = fields.service(name)
    if tier is None or not isinstance(prices, dict):
        reader.remark(NOT_UNDERSTOOD, field, "no service tier: kept under its own name")
        fields.keep_native(reader, (_SERVICES, name), field, prices)
        return
    for key, value in prices.items():
        if key != _LONG:
            _price(reader, key, join(field, key), value, tier)
            continue
        longer = dict(fields.members(value))
        limit = whole_number(longer.pop("threshold", None))
        if limit is None or limit <= 0:
            fields.keep_native(reader, (key,), join(field, key), value, condition=tier)
            continue
        condition = Condition(tier.service, threshold=limit)
        for leaf, amount in longer.items():
            _price(reader, leaf, join(join(field, key), leaf), amount, condition)


def _clips(reader: ModelReader, field: str, clips: list[object]) -> None:
    """The price of a second, where it depends on nothing but the sound; else all by their names."""
    places = [_place_of(clip) for clip in clips]
    if None in places or len(set(places)) < len(places):
        fields.keep_native(reader, (_VIDEO,), field, clips)
        return
    for index, place in enumerate(places):
        cost = fields.members(clips[index])[_PER_SECOND]
        reader.price(str(place), f"{field}/{index}/{_PER_SECOND}", cost)


def _place_of(clip: object) -> str | None:
    """Where a second of video has its price, unless that depends on more than the sound."""
    named = fields.members(clip)
    if named.keys() - {"audio"} != {_PER_SECOND}:
        return None
    with_audio = "_with_audio" if named.get("audio") is True else ""
    return f"generation/video/per_second{with_audio}"
