"""models.dev's `api.json`: by provider and model, with costs in USD a million tokens.

`https://github.com/anomalyco/models.dev`, `packages/core/src/schema.ts` and `generate.ts`.
"""

from collections.abc import Iterator, Mapping

from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.members import whole_number
from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, Entry, ModelReader, Reading
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.pointers import join

VERSION = 1

_PLACES = {
    "input": "text/prompt",
    "output": "text/completion",
    "reasoning": "text/internal_reasoning",
    "cache_read": "cache/read",
    "cache_write": "cache/write",
    "input_audio": "native/input_audio",
    "output_audio": "native/output_audio",
}
_A_MILLION = -6
_TIERS, _LEGACY = "tiers", "context_over_200k"
_LEGACY_LIMIT = 200_000


def read(native: object) -> Reading:
    """Read a whole native list; a model's id is `provider/model`."""
    parts = native.values() if isinstance(native, dict) else ()
    if not any(isinstance(fields.members(part).get("models"), dict) for part in parts):
        raise CatalogError("not models.dev's file: no provider with `models` in it")
    return fields.gathered(_all(fields.members(native)))


def _models(provider: object) -> fields.Native:
    return fields.members(fields.members(provider).get("models"))


def _all(providers: Mapping[str, object]) -> Iterator[tuple[Entry, ModelReader]]:
    for provider, part in providers.items():
        for name, entry in _models(part).items():
            yield _model(f"{provider}/{name}", fields.members(entry))


def _model(name: str, entry: fields.Native) -> tuple[Entry, ModelReader]:
    reader = ModelReader(name)
    cost = entry.get("cost")
    if isinstance(cost, dict):
        _cost(reader, cost)
    elif cost is not None:
        fields.keep_native(reader, ("cost",), "/cost", cost)
    modes = fields.members(fields.members(entry.get("experimental")).get("modes"))
    for mode, told in modes.items():
        _mode(reader, mode, fields.members(told))
    limit = fields.members(entry.get("limit"))
    document = reader.document(
        display_name=fields.text(entry.get("name")),
        created_at=fields.day(reader, "/release_date", entry.get("release_date")),
        context_length=fields.tokens(limit.get("context")),
    )
    return Entry(document, entry), reader


def _cost(reader: ModelReader, cost: fields.Native) -> None:
    tiers = cost.get(_TIERS)
    known = tiers if isinstance(tiers, list) else []
    for index, tier in enumerate(known):
        _tier(reader, f"/cost/{_TIERS}/{index}", tier)
    for key, value in cost.items():
        field = join("/cost", key)
        if key == _LEGACY and isinstance(value, dict):
            # From before there was `tiers`: there it stands for the first tier of 200,000 or more,
            # which may well begin at 272,000.
            if not any(_without_tier(tier) == value for tier in known):
                _prices(reader, field, value, Condition(threshold=_LEGACY_LIMIT))
        elif key != _TIERS or not isinstance(value, list):
            _price(reader, key, field, value)


def _without_tier(tier: object) -> dict[str, object]:
    return {key: value for key, value in fields.members(tier).items() if key != "tier"}


def _tier(reader: ModelReader, field: str, tier: object) -> None:
    told = fields.members(fields.members(tier).get("tier"))
    size = whole_number(told.get("size"))
    if size is None or size <= 0 or told.get("type", "context") != "context":
        reader.remark(NOT_UNDERSTOOD, field, "a tier of another kind: kept under its own name")
        fields.keep_native(reader, (_TIERS, field.rpartition("/")[2]), field, tier)
        return
    _prices(reader, field, _without_tier(tier), Condition(threshold=size))


def _mode(reader: ModelReader, mode: str, told: fields.Native) -> None:
    """A mode is a service tier: the one that its requests ask for, else one of its own name."""
    body = fields.members(fields.members(told.get("provider")).get("body"))
    asked = fields.text(body.get("service_tier")) or mode
    field = join("/experimental/modes", mode) + "/cost"
    condition = fields.service(asked)
    if condition is not None and isinstance(told.get("cost"), dict):
        _prices(reader, field, fields.members(told["cost"]), condition)
    else:
        fields.keep_native(reader, ("modes", mode), field, told.get("cost"))


def _prices(reader: ModelReader, field: str, prices: fields.Native, condition: Condition) -> None:
    for key, value in prices.items():
        _price(reader, key, join(field, key), value, condition)


def _price(
    reader: ModelReader, key: str, field: str, value: object, condition: Condition = ALWAYS
) -> None:
    if key in _PLACES and not isinstance(value, dict | list):
        reader.price(_PLACES[key], field, value, scale=_A_MILLION, condition=condition)
    else:
        # What it is counted in is not known: as it is written.
        fields.keep_native(reader, (key,), field, value, condition=condition)
