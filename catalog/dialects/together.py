"""Together's `/v1/models`: USD per million tokens as JSON numbers, and 0 for "not priced so".

docs/dialects/together.md says what becomes of which value.
"""

from collections.abc import Mapping

from pricetrail.catalog.dialects.members import described, models_of
from pricetrail.catalog.dialects.readings import ABSENT, NATIVE, Field, ModelReader, Reading

VERSION = 1

_MILLION = -6
FIELDS = {
    "input": Field("text/prompt", _MILLION, zero=False),
    "output": Field("text/completion", _MILLION, zero=False),
    "cached_input": Field("cache/read", _MILLION, zero=False),
}
# By the hour, by the image, an example in prose: as served, in whatever unit its name says.
_OTHERS = Field(NATIVE, zero=False)
_PIXELS, _STEPS = "image_pixel", "min_steps"


def read(native: object) -> Reading:
    """Read a whole native list."""
    reading = Reading([], [])
    for model, entry in models_of(native, "together"):
        reader = ModelReader(model)
        pricing = _without_steps(reader, entry.get("pricing"))
        reader.prices(FIELDS, "/pricing", pricing, others=_OTHERS)
        reading.add(reader, entry, described(reader, entry))
    return reading


def _without_steps(reader: ModelReader, pricing: object) -> object:
    """The pricing without a number among its prices that is none."""
    if not isinstance(pricing, Mapping):
        return pricing
    pixels = pricing.get(_PIXELS)
    if not isinstance(pixels, Mapping) or _STEPS not in pixels:
        return pricing
    said = "no price, but the steps that it is for: in the body alone"
    reader.remark(ABSENT, f"/pricing/{_PIXELS}/{_STEPS}", said)
    prices = {name: value for name, value in pixels.items() if name != _STEPS}
    return {**pricing, _PIXELS: prices}
