"""LiteLLM's price map (`model_prices_and_context_window.json`), and a proxy's `/model/info`.

`https://github.com/BerriAI/litellm`, `litellm_core_utils/llm_cost_calc/` reads both. The map is an
object of entries by model; a proxy gives `data`, a list of deployments with `model_info`.
"""

from collections.abc import Container, Iterator, Mapping

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.dialects import fields, litellm_costs
from pricetrail.catalog.dialects.members import whole_number
from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, Entry, ModelReader, Reading, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.pointers import join

VERSION = 1

# What stands among the models of the map and is none: its own explanation, and rules for names.
_NO_MODELS = frozenset({"sample_spec", "fallback_generalizations"})
_ALIAS = "alias_of"
# An alias has all that its model has: without bounds, a small map of them would fill any memory.
_MOST_ALIASES, _MOST_TAKEN = 8, 500_000
_PROVIDER, _MODE, _SUNSET = "litellm_provider", "mode", "deprecation_date"


def read(native: object) -> Reading:
    """Read a map, or a proxy's list."""
    deployments = fields.members(native).get("data", native)
    if isinstance(deployments, list):
        _check_whole(fields.members(native), deployments)
        return fields.gathered(_deployments(deployments))
    if not isinstance(native, dict) or not any(map(_is_model, native.values())):
        raise CatalogError("neither LiteLLM's price map nor a proxy's `/model/info`")
    reading = fields.gathered(_models(native))
    others = [name for name, entry in native.items() if not isinstance(entry, dict)]
    told = "no object, and so no model"
    return Reading(
        reading.entries,
        reading.remarks + [Remark(NOT_UNDERSTOOD, name, "", told) for name in others],
    )


def _check_whole(answer: fields.Native, deployments: list[object]) -> None:
    """Refuse a page of `/v2/model/info`: the models of the other pages would look removed."""
    total = whole_number(answer.get("total_count"))
    if total is not None and total > len(deployments):
        raise CatalogError(
            f"truncated: {len(deployments)} of {total} deployments; take `/model/info` as the `url`"
        )


def _is_model(entry: object) -> bool:
    """Whether it says something that a model's entry says: an error is an object too."""
    named = fields.members(entry)
    return _PROVIDER in named or _MODE in named or any(map(fields.is_priced, named))


def _models(native: Mapping[str, object]) -> Iterator[tuple[Entry, ModelReader]]:
    taken = 0
    for name, entry in native.items():
        if isinstance(entry, dict) and name not in _NO_MODELS:
            reader = ModelReader(name)
            told = _aliased(native, entry)
            if told is not entry:
                taken += fields.size(told)
            if taken > _MOST_TAKEN:
                raise CatalogError("its aliases stand for more fields than a list of prices has")
            yield Entry(_document(reader, told), entry), reader


def _aliased(native: Mapping[str, object], entry: fields.Native) -> fields.Native:
    """The entry, or that of the model which it is only another name of."""
    seen: set[str] = set()
    while isinstance(target := entry.get(_ALIAS), str) and target not in seen:
        seen.add(target)
        if target not in native or len(seen) > _MOST_ALIASES:
            break
        # What it says itself comes first.
        own = {key: value for key, value in entry.items() if key != _ALIAS}
        entry = {**fields.members(native[target]), **own}
    return entry


def _deployments(listed: list[object]) -> Iterator[tuple[Entry, ModelReader]]:
    """The first of several under one name has it; the others have their id behind it."""
    used: set[str] = {str(fields.members(entry).get("model_name")) for entry in listed}
    met: set[str] = set()
    numbers: dict[str, int] = {}
    for entry in listed:
        told = fields.members(entry)
        name, info = fields.text(told.get("model_name")), fields.members(told.get("model_info"))
        if name is None:
            raise CatalogError("a deployment without its `model_name`")
        known = name
        if name in met:
            known = _apart(f"{name}#{info.get('id') or len(met)}", used, numbers)
        met.add(name)
        used.add(known)
        reader = ModelReader(known)
        own = _own_prices(fields.members(told.get("litellm_params")))
        yield Entry(_document(reader, {**info, **own}, own), told), reader


def _own_prices(parameters: fields.Native) -> fields.Native:
    """The prices that the operator set, which go before the map's; no text of the rest is taken."""
    return {
        key: value
        for key, value in parameters.items()
        if fields.is_priced(key)
        and (isinstance(value, list | dict) or parse_amount(value) is not None)
    }


def _apart(name: str, used: set[str], numbers: dict[str, int]) -> str:
    """The name, with a number behind it where it is taken; `numbers`: the next one of each."""
    unique = name
    while unique in used:
        number = numbers.get(name, 2)
        unique, numbers[name] = f"{name}#{number}", number + 1
    return unique


def _document(
    reader: ModelReader, entry: fields.Native, own: Container[str] | None = None
) -> dict[str, object]:
    """A model's document.

    Args:
        own: of a deployment, which fields are from its parameters; the others are from its
            `model_info`. None for an entry of the map.
    """

    def pointer(key: str) -> str:
        above = "" if own is None else "/litellm_params" if key in own else "/model_info"
        return join(above, key)

    litellm_costs.take(reader, entry, pointer)
    sunset = entry.get(_SUNSET)
    return reader.document(
        type_target=fields.text(entry.get(_PROVIDER)),
        context_length=fields.tokens(entry.get("max_input_tokens")),
        sunset_at=fields.day(reader, pointer(_SUNSET), sunset),
    )
